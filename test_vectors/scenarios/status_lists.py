"""Status lists: the pieces, and the good lists that scenarios of pass/ read (specs/status-list.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from scenarios.bundles import RU, RU_BA, RU_KAM, RU_KGD
from scenarios.cbor import NO_CHANGE, Entries, Item, changed, encode
from scenarios.cose import sign1
from scenarios.scenario import ACCEPTED, JsonValue, Scenario, octets
from scenarios.seeds import (
    BOTH_RU,
    DAY,
    ISSUED_AT,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_BA,
    STATUS_EXPIRES_AT,
    STATUS_KAM,
    STATUS_KGD,
    Key,
    instant,
)
from scenarios.streams import compressed

TYPE: Final = "application/statuslist+cwt"
VALID, INVALID, SUSPENDED = 0, 1, 2
STATUS_LIST, TTL = 65533, 65534  # claims
USUAL_LENGTH: Final = 1 << 20  # entries, section 1 rule 5
LONGEST: Final = 1 << 25  # entries, section 1 rule 2
LAST_LIST: Final = (1 << 32) - 1

REVOKED_INDEX, SUSPENDED_INDEX, RESERVED_INDEX = 5, 6, 7
MARKED: Final = MappingProxyType({REVOKED_INDEX: INVALID, SUSPENDED_INDEX: SUSPENDED, RESERVED_INDEX: 3, 123457: INVALID})

# The two examples of draft-ietf-oauth-status-list, section 4: the streams are somebody else's deflate.
IETF_1_BIT: Final = bytes.fromhex("78dadbb918000217015d")
IETF_1_BIT_ENTRIES: Final = MappingProxyType({0: 1, 3: 1, 4: 1, 5: 1, 7: 1, 8: 1, 9: 1, 13: 1, 15: 1})
IETF_2_BITS: Final = bytes.fromhex("78da3be9f2130003df0207")
IETF_2_BITS_ENTRIES: Final = MappingProxyType({0: 1, 1: 2, 3: 3, 5: 1, 7: 1, 8: 1, 9: 2, 10: 3, 11: 3})

# 2,048 entries of two bits, deflated for real (zlib 1.2.13, level 9): the bytes are a constant, because deflate output varies.
REAL_DEFLATE: Final = bytes.fromhex(
    "78da63601060800207068a0123100b608872c0a44080857ab6e1012cc81c0c1729e060e3f5170ed000269988d28d4d15076e"
    "43318100364105bc466105827016003577025a"
)
REAL_DEFLATE_ENTRIES: Final = MappingProxyType(
    {
        10: 1,
        47: 1,
        312: 1,
        330: 1,
        401: 2,
        420: 1,
        453: 1,
        487: 1,
        861: 1,
        914: 1,
        982: 2,
        1030: 2,
        1176: 1,
        1287: 2,
        1308: 2,
        1424: 1,
        1460: 2,
        1541: 2,
        1627: 2,
        1722: 1,
        1806: 2,
        1841: 2,
        2008: 1,
        2010: 1,
    }
)


def base(issuer: Entries) -> str:
    """Return the status base of an issuer."""
    return str(issuer[6])


def packed(length: int, entries: Mapping[int, int], bits: int = 2) -> bytes:
    """Return the bytes of a list, least significant bits first (section 1, rule 3)."""
    octets_of_list = bytearray(length * bits // 8)
    for index, value in entries.items():
        octets_of_list[index * bits // 8] |= value << index * bits % 8
    return bytes(octets_of_list)


def status_claims(uri: str, stream: Item, bits: int = 2) -> dict[int | str, Item]:
    """Return the claims of a status list."""
    return {2: uri, 4: STATUS_EXPIRES_AT, 6: ISSUED_AT, STATUS_LIST: {"lst": stream, "bits": bits}, TTL: DAY}


def status_token(key: Key, claims: Item, *, header: Entries = NO_CHANGE) -> bytes:
    """Return the signed list."""
    return sign1(key, encode(claims), header=changed({16: TYPE}, header)).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodList:
    """A list that is admitted."""

    name: str
    comment: str
    issuer: Entries = field(default_factory=lambda: RU_BA)
    key: Key = STATUS_BA
    number: int = 0
    trust: str = "trust/one_issuer"
    length: int = USUAL_LENGTH
    entries: Mapping[int, int] = field(default_factory=dict)
    bits: int = 2
    stream: bytes | None = None
    changes: Entries = field(default_factory=dict)

    def scenario(self) -> Scenario:
        """Return the scenario."""
        uri = base(self.issuer) + str(self.number)
        stream = self.stream if self.stream is not None else compressed(packed(self.length, self.entries, self.bits))
        token = status_token(self.key, changed(status_claims(uri, stream, self.bits), self.changes))
        entries: dict[str, JsonValue] = {str(index): value for index, value in sorted(self.entries.items())}
        fields: dict[str, JsonValue] = {
            "cose": octets(token),
            "trust": self.trust,
            "uri": uri,
            "entries": entries,
            "length": self.length,
        }
        return Scenario(f"status/{self.name}", self.comment, ACCEPTED, fields)


_LONG_LIVED: Final[Entries] = {4: instant("2027-01-01T00:00:00+00:00"), TTL: 365 * DAY}

GOOD: Final = (
    GoodList(
        name="fresh",
        comment="2^20 entries, the usual length: two revoked, one suspended, one of a value without a meaning.",
        entries=MARKED,
    ),
    GoodList(
        name="two_bits",
        comment="Section 4, the worked example: the two-bit list of draft-ietf-oauth-status-list, section 4.",
        stream=IETF_2_BITS,
        length=12,
        entries=IETF_2_BITS_ENTRIES,
    ),
    GoodList(
        name="one_bit",
        comment="The one-bit list of draft-ietf-oauth-status-list, section 4. Least significant bits first.",
        stream=IETF_1_BIT,
        length=16,
        entries=IETF_1_BIT_ENTRIES,
        bits=1,
    ),
    GoodList(name="four_bits", comment="Section 1: bits may be 4.", bits=4, length=64, entries={1: 1, 2: 2, 3: 3, 62: 15}),
    GoodList(name="eight_bits", comment="Section 1: bits may be 8.", bits=8, length=64, entries={1: 1, 2: 2, 3: 3, 63: 255}),
    GoodList(
        name="real_deflate",
        comment="Section 1, rule 2: one zlib stream (RFC 1950), here with dynamic Huffman codes as a common library writes them.",
        stream=REAL_DEFLATE,
        length=2048,
        entries=REAL_DEFLATE_ENTRIES,
    ),
    GoodList(
        name="one_byte", comment="Section 1, rule 2: a list is at least one byte when inflated.", length=4, entries={3: INVALID}
    ),
    GoodList(
        name="longest",
        comment="Section 1, rule 2: at most 2^25 entries. All are there.",
        number=7,
        length=LONGEST,
        entries={LONGEST - 2: 1},
    ),
    GoodList(
        name="longest_of_one_bit",
        comment="Section 1, rule 2: the bound counts entries, so that 2^25 of one bit are 4 MiB.",
        number=8,
        length=LONGEST,
        bits=1,
    ),
    GoodList(
        name="last_list_number",
        comment="credential.md, section 3: list numbers are below 2^32.",
        number=LAST_LIST,
        length=4096,
    ),
    GoodList(name="list_1", comment="The second list of the issuer.", number=1, length=4096, entries={1: INVALID}),
    GoodList(
        name="long_lived",
        comment="A list that outlives the trust list, for scenarios about other clocks.",
        number=2,
        length=4096,
        changes=_LONG_LIVED,
    ),
    GoodList(
        name="early",
        comment="A list signed before the trust list, for scenarios about a clock that is behind.",
        number=3,
        length=4096,
        changes={6: instant("2025-12-20T00:00:00+00:00"), **_LONG_LIVED},
    ),
    GoodList(
        name="sign_from",
        comment="Step 6: sign from <= iat; an iat at sign from itself.",
        number=4,
        length=4096,
        changes={6: SIGN_FROM},
    ),
    GoodList(
        name="sign_until_minus_1",
        comment="Step 6: iat < sign until; the last second that the key covers.",
        number=4,
        length=4096,
        changes={6: SIGN_UNTIL - 1, **_LONG_LIVED},
    ),
    GoodList(
        name="expired",
        comment="Section 2: an expired list is admitted; a revocation in it still counts.",
        length=4096,
        entries=MappingProxyType({REVOKED_INDEX: INVALID}),
        changes={4: ISSUED_AT - DAY, 6: SIGN_FROM},
    ),
    GoodList(
        name="ttl_longest",
        comment="Section 1: ttl is at most 2^31 - 1.",
        number=5,
        length=4096,
        changes={TTL: (1 << 31) - 1},
    ),
    GoodList(
        name="ttl_one_second",
        comment="Section 1: ttl is at least 1.",
        number=6,
        length=4096,
        changes={TTL: 1},
    ),
    GoodList(
        name="ru", comment="A key that signs passes and lists alike.", issuer=RU, key=BOTH_RU, trust="trust/several_issuers"
    ),
    GoodList(name="ru_ba", comment="The same issuer in a trust list of several.", trust="trust/several_issuers", entries=MARKED),
    GoodList(name="ru_kam", comment="Another issuer's list.", issuer=RU_KAM, key=STATUS_KAM, trust="trust/several_issuers"),
    GoodList(name="ru_kgd", comment="Another issuer's list.", issuer=RU_KGD, key=STATUS_KGD, trust="trust/several_issuers"),
)
