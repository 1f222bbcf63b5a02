"""Status lists that are refused, and why (specs/status-list.md, section 2)."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from scenarios.bundles import RU_BA, RU_KAM
from scenarios.cbor import ABSENT, BYTES, Change, Entries, Item, Raw, changed, encode, float64, head, in_order
from scenarios.cose import sign1
from scenarios.edwards import plus_order
from scenarios.scenario import Scenario, octets
from scenarios.seeds import (
    COMPROMISED_STATUS_BA,
    ISSUED_AT,
    PASS_BA,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_BA,
    STATUS_EXPIRES_AT,
    STATUS_KAM,
    STRANGER,
    VOUCHER_BA,
)
from scenarios.status_lists import LAST_LIST, LONGEST, STATUS_LIST, TTL, TYPE, base, packed, status_claims, status_token
from scenarios.streams import HEADER, compressed, deflated

MALFORMED, UNSUPPORTED, UNKNOWN_ISSUER = "malformed", "unsupported", "unknown_issuer"
KEY_COMPROMISED, FORGED, OUT_OF_SCOPE = "key_compromised", "forged", "out_of_scope"

_URI: Final = base(RU_BA) + "0"
_LIST: Final = packed(64, {5: 1})
_STREAM: Final = compressed(_LIST)
_CLAIMS: Final = status_claims(_URI, _STREAM)
_GOOD: Final = sign1(STATUS_BA, encode(_CLAIMS), header={16: TYPE})


@dataclass(frozen=True, slots=True)
class Refused:
    """A scenario of status/ that is refused."""

    name: str
    comment: str
    expect: str
    cose: bytes
    trust: str = "trust/one_issuer"

    def scenario(self) -> Scenario:
        """Return the scenario."""
        return Scenario(f"status/{self.name}", self.comment, self.expect, {"cose": octets(self.cose), "trust": self.trust})


def _shapes() -> Iterator[Refused]:
    """Step 1: the encoding, the header, the algorithm."""
    good = _GOOD.encode()
    signature = _GOOD.signature if isinstance(_GOOD.signature, bytes) else b""
    payload = encode(_CLAIMS)
    for name, comment, cose in (
        ("empty", "no bytes at all.", b""),
        ("untagged", "the tag 18 stands in front.", good[1:]),
        (
            "cwt_tag",
            "a tag stands at the very beginning, and only 18 or 98; the CWT tag 61 of RFC 8392 is refused.",
            b"\xd8\x3d" + good,
        ),
        ("trailing_byte", "nothing stands after the token.", good + b"\0"),
        ("typ_missing", "the protected header holds typ.", status_token(STATUS_BA, _CLAIMS, header={16: ABSENT})),
        (
            "typ_of_jwt",
            "typ is application/statuslist+cwt.",
            status_token(STATUS_BA, _CLAIMS, header={16: "application/statuslist+jwt"}),
        ),
        (
            "typ_upper_case",
            "typ is compared byte for byte.",
            status_token(STATUS_BA, _CLAIMS, header={16: "application/StatusList+cwt"}),
        ),
        ("typ_unprotected", "nothing unsigned is read.", _replaced(unprotected={16: TYPE})),
        ("crit", "crit is refused like any other entry.", status_token(STATUS_BA, _CLAIMS, header={2: [16]})),
        ("kid_of_7_bytes", "a key id has 8 bytes.", status_token(STATUS_BA, _CLAIMS, header={4: STATUS_BA.kid[:7]})),
        ("signature_of_65_bytes", "a signature has 64 bytes.", _replaced(signature=signature + b"\0")),
        ("payload_nil", "the payload is attached.", _replaced(payload=None)),
        ("payload_trailing_byte", "nothing stands after the claims.", status_token(STATUS_BA, Raw(payload + b"\0"))),
        (
            "payload_unsorted",
            "map keys are in bytewise order.",
            status_token(STATUS_BA, in_order(_CLAIMS, 2, 6, 4, STATUS_LIST, TTL)),
        ),
        ("payload_indefinite", "definite lengths only.", status_token(STATUS_BA, Raw(b"\xbf" + payload[1:] + b"\xff"))),
    ):
        yield Refused(name, f"Step 1: {comment}", MALFORMED, cose)
    other = status_token(STATUS_BA, _CLAIMS, header={1: -8})
    yield Refused("algorithm_eddsa", "Step 1: -8 (EdDSA) is not the one algorithm, -19.", UNSUPPORTED, other)


def _replaced(**parts: Item) -> bytes:
    return replace(_GOOD, **parts).encode()


def _claims() -> Iterator[Refused]:
    """Step 2: claims that are missing, unknown, or of another type or range."""
    exp = encode(STATUS_EXPIRES_AT)
    rules: tuple[Change, ...] = (
        ("sub_missing", MALFORMED, "all five are required.", {2: ABSENT}),
        ("exp_missing", MALFORMED, "without exp a thief of the network could serve yesterday's list for ever.", {4: ABSENT}),
        ("iat_missing", MALFORMED, "all five are required.", {6: ABSENT}),
        ("status_list_missing", MALFORMED, "all five are required.", {STATUS_LIST: ABSENT}),
        ("ttl_missing", MALFORMED, "all five are required.", {TTL: ABSENT}),
        ("exp_at_iat", MALFORMED, "exp is after iat.", {4: ISSUED_AT}),
        ("exp_float", MALFORMED, "no floating-point number.", {4: float64(STATUS_EXPIRES_AT)}),
        ("exp_not_shortest", MALFORMED, "shortest heads.", {4: Raw(b"\x1b" + bytes(4) + exp[1:])}),
        ("exp_after_9999", MALFORMED, "a time is at most 253402300799.", {4: 253402300800}),
        ("iat_negative", MALFORMED, "a time is unsigned.", {6: -1}),
        ("ttl_0", MALFORMED, "ttl is at least 1.", {TTL: 0}),
        ("ttl_2_to_the_31", MALFORMED, "ttl is at most 2^31 - 1.", {TTL: 1 << 31}),
        ("ttl_text", MALFORMED, "ttl is an unsigned integer.", {TTL: "86400"}),
        ("sub_bytes", MALFORMED, "sub is text.", {2: _URI.encode()}),
        ("sub_not_ascii", MALFORMED, "sub is ASCII; these digits are Arabic-Indic.", {2: base(RU_BA) + "\u0660"}),
        ("sub_of_301", MALFORMED, "sub has at most 300 characters.", {2: base(RU_BA) + "0" * (301 - len(base(RU_BA)))}),
        ("claim_iss", UNSUPPORTED, "a claim that is not in the table is unsupported.", {1: "https://pass.example.ru/"}),
        ("claim_100", UNSUPPORTED, "a claim that is not in the table is unsupported, whatever its number.", {100: 0}),
        ("claim_text", UNSUPPORTED, "a claim that is not in the table is unsupported, whatever its type.", {"note": 0}),
    )
    for name, expect, comment, changes in rules:
        yield Refused(name, f"Step 2: {comment}", expect, status_token(STATUS_BA, changed(_CLAIMS, changes)))
    entries: tuple[Change, ...] = (
        ("bits_0", MALFORMED, "bits is 1, 2, 4 or 8.", {"bits": 0}),
        ("bits_3", MALFORMED, "bits is 1, 2, 4 or 8.", {"bits": 3}),
        ("bits_16", MALFORMED, "bits is 1, 2, 4 or 8.", {"bits": 16}),
        ("bits_true", MALFORMED, "true is no number.", {"bits": True}),
        ("bits_missing", MALFORMED, "lst and bits are both required.", {"bits": ABSENT}),
        ("lst_missing", MALFORMED, "lst and bits are both required.", {"lst": ABSENT}),
        ("lst_text", MALFORMED, "lst is a byte string; text is what the JWT form has.", {"lst": "eNo76fITAAPfAgc"}),
        (
            "aggregation_uri",
            UNSUPPORTED,
            "an entry of status_list that is not in the table is unsupported.",
            {"aggregation_uri": _URI},
        ),
    )
    for name, expect, comment, entry in entries:
        yield Refused(name, f"Step 2: {comment}", expect, _with_list(entry))
    unsorted = in_order({"lst": _STREAM, "bits": 2}, "bits", "lst")
    yield Refused(
        "bits_before_lst",
        "Step 2: bytewise order puts lst, the shorter text, first.",
        MALFORMED,
        _with_claim(STATUS_LIST, unsorted),
    )
    yield Refused("status_list_array", "Step 2: status_list is a map.", MALFORMED, _with_claim(STATUS_LIST, [2, _STREAM]))


def _with_claim(claim: int, value: Item) -> bytes:
    return status_token(STATUS_BA, changed(_CLAIMS, {claim: value}))


def _with_list(changes: Entries) -> bytes:
    return _with_claim(STATUS_LIST, changed({"lst": _STREAM, "bits": 2}, changes))


def _streams() -> Iterator[Refused]:
    """Step 7: streams that do not inflate to a list, and whose they must be before anybody tries."""
    middle = len(_STREAM) // 2
    for name, comment, stream in (
        ("lst_empty", "lst is a complete zlib stream; no bytes are none.", b""),
        ("lst_of_no_bytes", "a list is at least one byte when inflated.", compressed(b"")),
        ("stream_truncated", "a truncated stream is malformed; here the checksum is cut off.", _STREAM[:-4]),
        ("stream_cut_in_the_middle", "a truncated stream is malformed.", _STREAM[:middle]),
        ("stream_header_only", "a truncated stream is malformed.", HEADER),
        ("stream_trailing_byte", "nothing stands after the stream.", _STREAM + b"\0"),
        ("stream_twice", "nothing stands after the stream, not even another one.", _STREAM + _STREAM),
        ("stream_wrong_checksum", "the stream is complete, its Adler-32 included.", _STREAM[:-1] + bytes([_STREAM[-1] ^ 1])),
        ("stream_without_header", "a zlib stream (RFC 1950), not a bare deflate stream (RFC 1951).", deflated(_LIST)),
        ("stream_gzip", "a zlib stream (RFC 1950), not gzip (RFC 1952).", _gzip(_LIST)),
        (
            "stream_with_dictionary",
            "a stream that asks for a preset dictionary cannot be inflated.",
            b"\x78\xf9" + bytes(4) + deflated(_LIST) + _STREAM[-4:],
        ),
        ("stream_not_packed", "lst is a stream, not the list itself.", _LIST),
        ("stream_bomb", "at most 2^25 entries when inflated; this one has 4 more.", compressed(bytes(LONGEST * 2 // 8 + 1))),
        ("stream_bomb_16_mib", "at most 2^25 entries when inflated; this one has 2^26.", compressed(bytes(1 << 24))),
    ):
        yield Refused(name, f"Section 1, rule 2: {comment}", MALFORMED, _with_list({"lst": stream}))
    yield Refused(
        "stream_bomb_of_one_bit",
        "Section 1, rule 2: the bound counts entries, so that one byte above 4 MiB is too long a list of one bit.",
        MALFORMED,
        _with_list({"lst": compressed(bytes(LONGEST // 8 + 1)), "bits": 1}),
    )
    bomb = changed(_CLAIMS, {STATUS_LIST: {"lst": compressed(bytes(LONGEST * 2 // 8 + 1)), "bits": 2}})
    for name, comment, expect, cose in (
        (
            "stream_bomb_of_a_stranger",
            "Step 4 comes before step 7: nothing is inflated",
            UNKNOWN_ISSUER,
            status_token(STRANGER, bomb),
        ),
        (
            "stream_bomb_with_a_false_signature",
            "Step 5 comes before step 7: nothing is inflated",
            FORGED,
            status_token(STRANGER, bomb, header={4: STATUS_BA.kid}),
        ),
    ):
        yield Refused(name, f"{comment} that no key of the issuer has signed.", expect, cose)
    lying = Raw(head(BYTES, (1 << 63) - 1) + _STREAM)
    comment = "Step 1: a byte string that claims 2^63 - 1 bytes; a reader refuses before it makes room."
    yield Refused("lst_length_lies", comment, MALFORMED, _with_list({"lst": lying}))


def _gzip(octets_of_list: bytes) -> bytes:
    trailer = zlib.crc32(octets_of_list).to_bytes(4, "little") + len(octets_of_list).to_bytes(4, "little")
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + deflated(octets_of_list) + trailer


def _issuers() -> Iterator[Refused]:
    """Steps 3 and 4: whose list it is."""
    for name, comment, sub in (
        ("sub_of_nobody", "no issuer of the trust list has this status base.", "https://pass.example.com/status/0"),
        ("sub_leading_zero", "a list number is written without leading zeros.", base(RU_BA) + "00"),
        ("sub_without_number", "a list number follows the status base.", base(RU_BA)),
        ("sub_with_sign", "a list number is decimal digits.", base(RU_BA) + "+1"),
        ("sub_with_suffix", "nothing follows the list number.", base(RU_BA) + "0.cwt"),
        ("sub_in_a_folder", "a list number follows the status base at once.", base(RU_BA) + "a/0"),
        ("sub_without_slash", "the status base ends with a slash.", base(RU_BA)[:-1] + "0"),
        ("sub_number_2_to_the_32", "list numbers are below 2^32 (credential.md, section 3).", base(RU_BA) + str(LAST_LIST + 1)),
    ):
        yield Refused(name, f"Step 3: {comment}", UNKNOWN_ISSUER, status_token(STATUS_BA, changed(_CLAIMS, {2: sub})))
    trailed = changed(_CLAIMS, {2: base(RU_BA) + "0\n"})
    comment = "Step 2: sub is printable ASCII, without a line end."
    yield Refused("sub_with_line_end", comment, MALFORMED, status_token(STATUS_BA, trailed))
    other = changed(_CLAIMS, {2: base(RU_KAM) + "0"})
    comment = "Step 4: a key of that issuer has the key id; this list speaks for another issuer than the one whose key signs."
    yield Refused("sub_of_another_issuer", comment, UNKNOWN_ISSUER, status_token(STATUS_BA, other), "trust/several_issuers")
    comment = "Step 4: the list of one issuer, signed by another issuer's status key."
    yield Refused("key_of_another_issuer", comment, UNKNOWN_ISSUER, status_token(STATUS_KAM, _CLAIMS), "trust/several_issuers")
    yield Refused(
        "key_unknown", "Step 4: no key of the trust list has the key id.", UNKNOWN_ISSUER, status_token(STRANGER, _CLAIMS)
    )


def _signatures() -> Iterator[Refused]:
    """Steps 5 and 6: who signed, and whether that key may."""
    signature = _GOOD.signature if isinstance(_GOOD.signature, bytes) else b""
    revived = encode(changed(_CLAIMS, {STATUS_LIST: {"lst": compressed(bytes(len(_LIST))), "bits": 2}}))
    for name, comment, cose in (
        ("signature_bit", "one bit of the signature differs.", _replaced(signature=bytes([signature[0] ^ 1]) + signature[1:])),
        ("signature_plus_l", "S + L in place of S (RFC 8032, section 5.1.7).", _replaced(signature=plus_order(signature))),
        ("list_changed", "a revoked pass was made valid after signing.", _replaced(payload=revived)),
        (
            "signed_by_stranger",
            "the key id names a key that is not the signer's.",
            status_token(STRANGER, _CLAIMS, header={4: STATUS_BA.kid}),
        ),
    ):
        yield Refused(name, f"Step 5: {comment}", FORGED, cose)
    world = "trust/compromised_and_retired"
    comment = "Step 5: a compromised key refuses everything it ever signed."
    yield Refused("key_compromised", comment, KEY_COMPROMISED, status_token(COMPROMISED_STATUS_BA, _CLAIMS), world)
    comment = "Step 6: the key may sign status lists (use 2); this one may sign passes."
    yield Refused("key_for_passes", comment, OUT_OF_SCOPE, status_token(PASS_BA, _CLAIMS))
    comment = "Step 6: the key may sign status lists (use 2); this one may sign vouchers."
    yield Refused("key_for_vouchers", comment, OUT_OF_SCOPE, status_token(VOUCHER_BA, _CLAIMS), world)
    windows: tuple[Change, ...] = (
        ("iat_before_sign_from", OUT_OF_SCOPE, "sign from <= iat; a second before.", {6: SIGN_FROM - 1}),
        ("iat_at_sign_until", OUT_OF_SCOPE, "iat < sign until; sign until itself.", {6: SIGN_UNTIL, 4: SIGN_UNTIL + 1}),
    )
    for name, expect, comment, changes in windows:
        yield Refused(name, f"Step 6: {comment}", expect, status_token(STATUS_BA, changed(_CLAIMS, changes)))


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    makers = (_shapes, _claims, _streams, _issuers, _signatures)
    return [case.scenario() for maker in makers for case in maker()]
