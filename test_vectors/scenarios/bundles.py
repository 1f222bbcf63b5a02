"""Trust bundles: the pieces, the good ones that other scenarios build on, and how one becomes a scenario (specs/trust.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from scenarios.cbor import NO_CHANGE, Entries, Item, changed, encode
from scenarios.cose import endorse, sign
from scenarios.scenario import ACCEPTED, JsonValue, Scenario, octets
from scenarios.seeds import (
    BOTH_RU,
    CATALOGUE_BA,
    CHECKPOINT_BA,
    COMPROMISED_CATALOGUE_BA,
    COMPROMISED_CHECKPOINT_BA,
    COMPROMISED_STATUS_BA,
    ISSUED_AT,
    LIST_EXPIRES_AT,
    NEXT_BA,
    NEXT_CHECKPOINT_BA,
    NEXT_UPDATE_AT,
    OLD_RU,
    PASS_BA,
    PASS_KAM,
    PASS_KGD,
    RETIRED_BA,
    ROOT_A,
    ROOT_EXPIRES_AT,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_BA,
    STATUS_KAM,
    STATUS_KGD,
    VOUCHER_BA,
    Key,
    instant,
)

MAGIC: Final = "socpass-trust"
ROOT_TYPE: Final = "application/socpass-root+cbor"
LIST_TYPE: Final = "application/socpass-trust-list+cbor"
PASS, STATUS, VOUCHER, CATALOGUE, CHECKPOINT = 1, 2, 3, 4, 6  # uses of a key
ACTIVE, RETIRED, COMPROMISED = 0, 1, 2  # states of a key

OLD_RU_SIGNS_UNTIL: Final = instant("2025-12-15T00:00:00+00:00")  # inside the lifetime of everything else
ROOT_EXPIRES_FIRST_AT: Final = instant("2026-03-01T00:00:00+00:00")


def key_entry(
    key: "Key | Item", *uses: int, state: int = ACTIVE, sign_from: int = SIGN_FROM, sign_until: int = SIGN_UNTIL
) -> Entries:
    """Return one key of an issuer; anything but a key stands as it is in the place of one."""
    return {1: key.typed if isinstance(key, Key) else key, 2: uses, 3: sign_from, 4: sign_until, 5: state}


def by_public_key(*keys: Entries) -> list[Item]:
    """Put the keys of an issuer into their order."""
    return [*sorted(keys, key=lambda key: encode(key[1]))]


RU: Final[Entries] = {
    1: "RU",
    2: {"en": "Social Fund of Russia", "ru": "Социальный фонд России"},
    3: "Europe/Moscow",
    4: by_public_key(
        key_entry(BOTH_RU, PASS, STATUS),
        key_entry(OLD_RU, PASS, state=RETIRED, sign_until=OLD_RU_SIGNS_UNTIL),
    ),
    5: [(1, 999999)],
    6: "https://sfr.example.ru/status/",
}
RU_BA: Final[Entries] = {
    1: "RU-BA",
    2: {"en": "Ministry of Labour of Bashkortostan", "ru": "Министерство труда Республики Башкортостан"},
    3: "Asia/Yekaterinburg",
    4: by_public_key(key_entry(PASS_BA, PASS), key_entry(STATUS_BA, STATUS)),
    5: [(1, 999), (2000, 2999)],
    6: "https://pass.example.ru/status/",
}
RU_KAM: Final[Entries] = {
    1: "RU-KAM",
    2: {"ru": "Министерство социального благополучия Камчатского края"},
    3: "Asia/Kamchatka",
    4: by_public_key(key_entry(PASS_KAM, PASS), key_entry(STATUS_KAM, STATUS)),
    5: [(1, 999), (41000, 41999)],
    6: "https://kamchatka.example.ru/status/",
    7: "https://kamchatka.example.ru/documents/{list}/{index}",
}
RU_KGD: Final[Entries] = {
    1: "RU-KGD",
    2: {"ru": "Министерство социальной политики Калининградской области"},
    3: "Europe/Kaliningrad",
    4: by_public_key(key_entry(PASS_KGD, PASS), key_entry(STATUS_KGD, STATUS)),
    5: [(1, 999), (39000, 39999)],
    6: "https://kaliningrad.example.ru/status/",
}


def root_claims(
    keys: Sequence[Key], *, version: int = 1, threshold: int = 1, expires_at: int = ROOT_EXPIRES_AT
) -> dict[int | str, Item]:
    """Return the claims of a root."""
    return {1: version, 2: expires_at, 3: threshold, 4: sorted((key.typed for key in keys), key=encode)}


def list_claims(*issuers: Entries, version: int = 1) -> dict[int | str, Item]:
    """Return the claims of a trust list."""
    return {1: version, 2: ISSUED_AT, 3: NEXT_UPDATE_AT, 4: LIST_EXPIRES_AT, 5: issuers}


def signed(type_name: str, claims: Item, signers: Sequence[Key]) -> bytes:
    """Return a COSE_Sign whose signatures stand in ascending order of key id and then of signature."""
    body, payload = encode({16: type_name}), encode(claims)
    return sign(body, payload, [endorse(key, body, payload) for key in sorted(signers, key=lambda key: key.kid)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The claims of a root, and who signs them."""

    claims: Item
    signers: Sequence[Key]

    def encode(self) -> bytes:
        """Return the signed root."""
        return signed(ROOT_TYPE, self.claims, self.signers)

    def anchor(self) -> bytes:
        """Return the payload, which is what a till holds of a root that a person confirmed."""
        return encode(self.claims)


FIRST_ROOT: Final = Root(claims=root_claims([ROOT_A]), signers=[ROOT_A])


@dataclass(frozen=True, slots=True)
class TrustCase:
    """A scenario of trust/ in the making: by default one root with one key, and a list of one issuer that it signs."""

    name: str
    comment: str
    expect: str = ACCEPTED
    roots: Sequence[bytes] = (FIRST_ROOT.encode(),)
    trust_list: bytes | None = None
    bundle: bytes | None = None
    anchor: bytes = FIRST_ROOT.anchor()
    issuers: tuple[str, ...] = ("RU-BA",)
    root_version: int = 1
    list_version: int = 1

    def scenario(self) -> Scenario:
        """Return the scenario."""
        content = self.trust_list if self.trust_list is not None else whole(RU_BA)
        bundle = self.bundle if self.bundle is not None else encode((MAGIC, self.roots, content))
        fields: dict[str, JsonValue] = {"bundle": octets(bundle), "anchor": octets(self.anchor)}
        if self.expect == ACCEPTED:
            fields |= {"issuers": list(self.issuers), "root_version": self.root_version, "list_version": self.list_version}
        return Scenario(f"trust/{self.name}", self.comment, self.expect, fields)


def whole(*issuers: Entries, changes: Entries = NO_CHANGE, signers: Sequence[Key] = (ROOT_A,)) -> bytes:
    """Return a trust list of *issuers*, with *changes* to its claims."""
    return signed(LIST_TYPE, changed(list_claims(*issuers), changes), signers)


def issuer_changed(changes: Entries) -> bytes:
    """Return a trust list of the one issuer, changed."""
    return whole(changed(RU_BA, changes))


def keys_of_issuer(*keys: Entries) -> bytes:
    """Return a trust list of the one issuer with other keys."""
    return issuer_changed({4: by_public_key(*keys)})


EXPIRED_ROOT: Final = Root(claims=root_claims([ROOT_A], expires_at=ROOT_EXPIRES_FIRST_AT), signers=[ROOT_A])

# What scenarios of other folders build on.
OTHER_ZONES: Final = (
    ("localtime", "localtime"),
    ("posixrules", "posixrules"),
    ("factory", "Factory"),
    ("posix", "posix/Europe/Moscow"),
    ("right", "right/Europe/Moscow"),
)
"""Names of vectors, and names that the files of many machines have beside the zones of IANA."""

WORLDS: Final[tuple[TrustCase, ...]] = (
    TrustCase(
        "one_issuer",
        "Section 4, the worked example: one root with one key, one issuer, a key for passes, one for lists.",
    ),
    TrustCase(
        "several_issuers",
        "A federation: ids strictly ascending as bytes (RU before RU-BA), four time zones, a key with two uses, a retired key.",
        trust_list=whole(RU, RU_BA, RU_KAM, RU_KGD),
        issuers=("RU", "RU-BA", "RU-KAM", "RU-KGD"),
    ),
    TrustCase(
        "compromised_and_retired",
        "A compromised and a retired key stay in the list, so that tills know them; the bundle itself is good.",
        trust_list=keys_of_issuer(
            key_entry(PASS_BA, PASS, state=COMPROMISED),
            key_entry(RETIRED_BA, PASS, state=RETIRED),
            key_entry(NEXT_BA, PASS),
            key_entry(STATUS_BA, STATUS),
            key_entry(COMPROMISED_STATUS_BA, STATUS, state=COMPROMISED),
            key_entry(VOUCHER_BA, VOUCHER),
        ),
    ),
    TrustCase(
        "with_catalogue",
        "Two issuers that publish catalogues: one with a key for that alone and a stolen one, the other with one for lists too.",
        trust_list=whole(
            changed(
                RU_BA,
                {
                    4: by_public_key(
                        key_entry(PASS_BA, PASS),
                        key_entry(STATUS_BA, STATUS),
                        key_entry(CATALOGUE_BA, CATALOGUE),
                        key_entry(COMPROMISED_CATALOGUE_BA, CATALOGUE, state=COMPROMISED),
                    )
                },
            ),
            changed(RU_KAM, {4: by_public_key(key_entry(PASS_KAM, PASS), key_entry(STATUS_KAM, STATUS, CATALOGUE))}),
        ),
        issuers=("RU-BA", "RU-KAM"),
    ),
    TrustCase(
        "with_log",
        "An issuer that signs heads of its log of passes: with a key, with the next one, and once with a stolen one.",
        trust_list=keys_of_issuer(
            key_entry(PASS_BA, PASS),
            key_entry(STATUS_BA, STATUS),
            key_entry(CHECKPOINT_BA, CHECKPOINT),
            key_entry(NEXT_CHECKPOINT_BA, CHECKPOINT),
            key_entry(COMPROMISED_CHECKPOINT_BA, CHECKPOINT, state=COMPROMISED),
        ),
    ),
    TrustCase(
        "unknown_time_zone",
        "Section 1 asks for the shape of an IANA name only; a zone that a program does not know concerns passes, not the bundle.",
        trust_list=issuer_changed({3: "Asia/Ufa"}),
    ),
    TrustCase(
        "time_zone_of_a_folder",
        "Section 1 asks for the shape of a name only; in time zone data this one is a folder, not a zone.",
        trust_list=issuer_changed({3: "Europe"}),
    ),
    TrustCase(
        "time_zone_with_leading_slash",
        "Section 1 asks for the shape of a name only; this one looks like a path.",
        trust_list=issuer_changed({3: "/Europe/Moscow"}),
    ),
    TrustCase(
        "time_zone_of_another_file",
        "Section 1 asks for the shape of a name only; time zone data has a file of this name that is no zone.",
        trust_list=issuer_changed({3: "leapseconds"}),
    ),
    *(
        TrustCase(
            f"time_zone_{name}",
            "Section 1 asks for the shape of a name only; time zone data may have a file of this name, which is no zone of IANA.",
            trust_list=issuer_changed({3: zone}),
        )
        for name, zone in OTHER_ZONES
    ),
    TrustCase(
        "root_expires_first",
        "Section 2: expiry is not checked here. The root expires before the list does.",
        roots=[EXPIRED_ROOT.encode()],
        anchor=EXPIRED_ROOT.anchor(),
    ),
    TrustCase(
        "expired_list",
        "Section 2: expiry is not checked here but with each pass. This list expired before 2026.",
        trust_list=whole(
            RU_BA,
            changes={
                2: instant("2025-12-10T00:00:00+00:00"),
                3: instant("2025-12-20T00:00:00+00:00"),
                4: instant("2025-12-31T00:00:00+00:00"),
            },
        ),
    ),
)
