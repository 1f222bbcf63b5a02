"""Catalogues that are refused, and why (specs/catalogue.md, section 3)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from scenarios.bundles import RU_BA, RU_KAM
from scenarios.catalogues import (
    DISCOUNT,
    FREE,
    MEASURES,
    MONEY,
    NAMES,
    PENSIONER,
    TODAY,
    TRUST,
    TYPE,
    base,
    catalogue_claims,
    catalogue_token,
    measure,
    names_page,
)
from scenarios.cbor import ABSENT, Change, Entries, Item, Pairs, Raw, changed, encode, float64, in_order
from scenarios.cose import sign1
from scenarios.edwards import plus_order
from scenarios.scenario import Scenario, octets
from scenarios.seeds import (
    CATALOGUE_BA,
    COMPROMISED_CATALOGUE_BA,
    ISSUED_AT,
    PASS_BA,
    SIGN_FROM,
    SIGN_UNTIL,
    STATUS_BA,
    STATUS_EXPIRES_AT,
    STATUS_KAM,
    STRANGER,
)

MALFORMED, UNSUPPORTED, UNKNOWN_ISSUER = "malformed", "unsupported", "unknown_issuer"
KEY_COMPROMISED, FORGED, OUT_OF_SCOPE = "key_compromised", "forged", "out_of_scope"

_URI: Final = base(RU_BA) + "catalogue"
_NAMES: Final = names_page({PENSIONER: {"ru": "Пенсионер"}}, {3: {"ru": "справка"}}, {"museum": {"ru": "музей"}})
_MEASURE: Final = measure("museum-free", [PENSIONER], ["museum"])
_CLAIMS: Final = catalogue_claims(_URI, _NAMES, [_MEASURE])
_GOOD: Final = sign1(CATALOGUE_BA, encode(_CLAIMS), header={16: TYPE})


@dataclass(frozen=True, slots=True)
class Refused:
    """A scenario of catalogue/ that is refused."""

    name: str
    comment: str
    expect: str
    cose: bytes
    trust: str = TRUST

    def scenario(self) -> Scenario:
        """Return the scenario."""
        return Scenario(f"catalogue/{self.name}", self.comment, self.expect, {"cose": octets(self.cose), "trust": self.trust})


def _replaced(**parts: Item) -> bytes:
    return replace(_GOOD, **parts).encode()


def _shapes() -> Iterator[Refused]:
    """Step 1: the encoding, the header, the algorithm."""
    good = _GOOD.encode()
    payload = encode(_CLAIMS)
    for name, comment, cose in (
        ("empty_file", "no bytes at all.", b""),
        ("untagged", "the tag 18 stands in front.", good[1:]),
        ("trailing_byte", "nothing stands after the token.", good + b"\0"),
        ("typ_missing", "the protected header holds typ.", catalogue_token(CATALOGUE_BA, _CLAIMS, header={16: ABSENT})),
        (
            "typ_of_status_list",
            "typ is that of a catalogue: no list can be passed off as one.",
            catalogue_token(CATALOGUE_BA, _CLAIMS, header={16: "application/statuslist+cwt"}),
        ),
        ("crit", "crit is refused like any other entry.", catalogue_token(CATALOGUE_BA, _CLAIMS, header={2: [16]})),
        ("unprotected", "nothing unsigned is read.", _replaced(unprotected={16: TYPE})),
        ("payload_trailing_byte", "nothing stands after the claims.", catalogue_token(CATALOGUE_BA, Raw(payload + b"\0"))),
        (
            "payload_unsorted",
            "map keys are in bytewise order, negative ones last.",
            catalogue_token(CATALOGUE_BA, in_order(_CLAIMS, NAMES, MEASURES, 2, 4, 6)),
        ),
    ):
        yield Refused(name, f"Step 1: {comment}", MALFORMED, cose)
    other = catalogue_token(CATALOGUE_BA, _CLAIMS, header={1: -8})
    yield Refused("algorithm_eddsa", "Step 1: -8 (EdDSA) is not the one algorithm, -19.", UNSUPPORTED, other)


def _claims() -> Iterator[Refused]:
    """Step 2: claims that are missing, unknown, or of another type or range."""
    rules: tuple[Change, ...] = (
        ("sub_missing", MALFORMED, "all five are required.", {2: ABSENT}),
        ("exp_missing", MALFORMED, "without exp a measure that has ended could be kept alive.", {4: ABSENT}),
        ("iat_missing", MALFORMED, "all five are required.", {6: ABSENT}),
        ("names_missing", MALFORMED, "all five are required.", {NAMES: ABSENT}),
        ("measures_missing", MALFORMED, "all five are required.", {MEASURES: ABSENT}),
        ("exp_at_iat", MALFORMED, "exp is after iat.", {4: ISSUED_AT}),
        ("exp_float", MALFORMED, "no floating-point number.", {4: float64(STATUS_EXPIRES_AT)}),
        ("iat_negative", MALFORMED, "a time is unsigned.", {6: -1}),
        ("sub_bytes", MALFORMED, "sub is text.", {2: _URI.encode()}),
        ("sub_not_ascii", MALFORMED, "sub is ASCII.", {2: _URI + "\u0435"}),
        ("sub_of_301", MALFORMED, "sub has at most 300 characters.", {2: base(RU_BA) + "a" * (301 - len(base(RU_BA)))}),
        ("names_empty", MALFORMED, "a page has 1 byte or more.", {NAMES: b""}),
        ("measures_empty", MALFORMED, "a page has 1 byte or more.", {MEASURES: b""}),
        ("names_not_wrapped", MALFORMED, "a page is a byte string that holds CBOR, not the map itself.", {NAMES: _NAMES}),
        ("measures_text", MALFORMED, "a page is a byte string.", {MEASURES: "[]"}),
        ("claim_iss", UNSUPPORTED, "a claim that is not in the table is unsupported.", {1: "https://pass.example.ru/"}),
        ("claim_100", UNSUPPORTED, "a claim that is not in the table is unsupported, whatever its number.", {100: 0}),
    )
    for name, expect, comment, changes in rules:
        yield Refused(name, f"Step 2: {comment}", expect, catalogue_token(CATALOGUE_BA, changed(_CLAIMS, changes)))
    yield Refused("claims_array", "Step 2: the claims are a map.", MALFORMED, catalogue_token(CATALOGUE_BA, [_URI]))


def _issuers() -> Iterator[Refused]:
    """Steps 3 to 6: whose catalogue it is, who signed, and whether that key may."""
    for name, comment, sub in (
        ("sub_of_nobody", "no issuer of the trust list has this status base.", "https://pass.example.com/status/catalogue"),
        ("sub_of_a_status_list", "a catalogue's sub does not end with a list number.", base(RU_BA) + "0"),
        ("sub_is_base", "`catalogue` follows the status base.", base(RU_BA)),
        ("sub_with_suffix", "nothing follows `catalogue`.", _URI + ".cwt"),
        ("sub_in_a_folder", "`catalogue` follows the status base at once.", base(RU_BA) + "a/catalogue"),
        ("sub_upper_case", "sub is compared byte for byte.", base(RU_BA) + "Catalogue"),
    ):
        yield Refused(name, f"Step 3: {comment}", UNKNOWN_ISSUER, catalogue_token(CATALOGUE_BA, changed(_CLAIMS, {2: sub})))
    other = changed(_CLAIMS, {2: base(RU_KAM) + "catalogue"})
    comment = (
        "Step 4: a key of that issuer has the key id; this catalogue speaks for another issuer than the one whose key signs."
    )
    yield Refused("sub_of_another_issuer", comment, UNKNOWN_ISSUER, catalogue_token(CATALOGUE_BA, other))
    comment = "Step 4: the catalogue of one issuer, signed by another issuer's key for catalogues."
    yield Refused("key_of_another_issuer", comment, UNKNOWN_ISSUER, catalogue_token(STATUS_KAM, _CLAIMS))
    comment = "Step 4: no key of the trust list has the key id."
    yield Refused("key_unknown", comment, UNKNOWN_ISSUER, catalogue_token(STRANGER, _CLAIMS))
    signature = _GOOD.signature if isinstance(_GOOD.signature, bytes) else b""
    richer = encode(changed(_CLAIMS, {MEASURES: encode([measure("museum-free", [30, PENSIONER], ["museum"])])}))
    for name, comment, cose in (
        ("signature_bit", "one bit of the signature differs.", _replaced(signature=bytes([signature[0] ^ 1]) + signature[1:])),
        ("signature_plus_l", "S + L in place of S (RFC 8032, section 5.1.7).", _replaced(signature=plus_order(signature))),
        ("measures_changed", "a category was added to a measure after signing.", _replaced(payload=richer)),
        (
            "signed_by_stranger",
            "the key id names a key that is not the signer's.",
            catalogue_token(STRANGER, _CLAIMS, header={4: CATALOGUE_BA.kid}),
        ),
    ):
        yield Refused(name, f"Step 5: {comment}", FORGED, cose)
    comment = "Step 5: a compromised key refuses everything it ever signed."
    yield Refused("key_compromised", comment, KEY_COMPROMISED, catalogue_token(COMPROMISED_CATALOGUE_BA, _CLAIMS))
    for name, key, use in (("key_for_passes", PASS_BA, "passes"), ("key_for_status_lists", STATUS_BA, "status lists")):
        comment = f"Step 6: the key may sign catalogues (use 4); this one may sign {use}."
        yield Refused(name, comment, OUT_OF_SCOPE, catalogue_token(key, _CLAIMS))
    windows: tuple[Change, ...] = (
        ("iat_before_sign_from", OUT_OF_SCOPE, "sign from <= iat; a second before.", {6: SIGN_FROM - 1}),
        ("iat_at_sign_until", OUT_OF_SCOPE, "iat < sign until; sign until itself.", {6: SIGN_UNTIL, 4: SIGN_UNTIL + 1}),
    )
    for name, expect, comment, changes in windows:
        yield Refused(name, f"Step 6: {comment}", expect, catalogue_token(CATALOGUE_BA, changed(_CLAIMS, changes)))


def _with_page(claim: int, page: Item) -> bytes:
    return catalogue_token(CATALOGUE_BA, changed(_CLAIMS, {claim: encode(page)}))


def _names() -> Iterator[Refused]:
    """Step 7: the page of names."""
    good: Entries = {"ru": "имя"}
    rules: tuple[Change, ...] = (
        ("names_section_missing", MALFORMED, "all three maps are required.", {3: ABSENT}),
        ("names_section_array", MALFORMED, "a section is a map.", {1: [[PENSIONER, good]]}),
        ("names_field_5", UNSUPPORTED, "a key below 64 is newer than this document.", {5: {}}),
        ("names_field_text", MALFORMED, "unknown keys are unsigned integers.", {"x": {}}),
        ("names_category_0", MALFORMED, "a category is 1 to 999999.", {1: {0: good}}),
        ("names_category_1000000", MALFORMED, "a category is 1 to 999999.", {1: {1000000: good}}),
        ("names_category_text", MALFORMED, "a category is an integer.", {1: {"02-545": good}}),
        ("names_kind_65536", MALFORMED, "a kind of document is 1 to 65535.", {2: {65536: good}}),
        ("names_place_number", MALFORMED, "a place is text.", {3: {1: good}}),
        ("names_place_upper_case", MALFORMED, "a place has small letters.", {3: {"Museum": good}}),
        ("names_place_digit_first", MALFORMED, "a place begins with a letter.", {3: {"2nd": good}}),
        ("names_place_empty", MALFORMED, "a place has 1 character or more.", {3: {"": good}}),
        ("names_place_of_33", MALFORMED, "a place has at most 32 characters.", {3: {"a" * 33: good}}),
        ("names_none", MALFORMED, "names are at least one.", {1: {PENSIONER: {}}}),
        ("names_of_17", MALFORMED, "names are at most 16.", {1: {PENSIONER: {f"a{chr(97 + n)}": "a" for n in range(17)}}}),
        ("names_text", MALFORMED, "names are a map.", {1: {PENSIONER: "Пенсионер"}}),
        ("names_language_upper_case", MALFORMED, "a language is small letters.", {1: {PENSIONER: {"RU": "a"}}}),
        ("names_language_of_1", MALFORMED, "a language has two or three letters.", {1: {PENSIONER: {"r": "a"}}}),
        ("names_language_number", MALFORMED, "a language is text.", {1: {PENSIONER: {1: "a"}}}),
        ("names_name_number", MALFORMED, "a name is text.", {1: {PENSIONER: {"ru": 1}}}),
        ("names_name_empty", MALFORMED, "text has 1 character at least.", {1: {PENSIONER: {"ru": ""}}}),
        ("names_name_of_201", MALFORMED, "a name has at most 200 characters.", {1: {PENSIONER: {"ru": "a" * 201}}}),
        ("names_name_not_nfc", MALFORMED, "text is NFC.", {1: {PENSIONER: {"ru": "Й".replace("Й", "И\u0306")}}}),
        ("names_name_reordered", MALFORMED, "text holds no bidirectional formatting.", {1: {PENSIONER: {"ru": "a\u202eb"}}}),
        ("names_name_invisible", MALFORMED, "text holds nothing that nobody sees.", {1: {PENSIONER: {"ru": "a\u00adb"}}}),
        ("names_name_without_letter", MALFORMED, "a name has a letter.", {2: {1: {"ru": "\u2116 1"}}}),
        ("names_place_without_letter", MALFORMED, "a name has a letter.", {3: {"museum": {"ru": "5"}}}),
        ("names_name_space", MALFORMED, "text has no space at an end.", {3: {"museum": {"ru": "музей "}}}),
    )
    for name, expect, comment, changes in rules:
        yield Refused(name, f"Step 7, names: {comment}", expect, _with_page(NAMES, changed(_NAMES, changes)))
    twice = Pairs(((2545, good), (2545, good)))
    for name, comment, page in (
        ("names_array", "the page is a map.", Raw(encode([_NAMES]))),
        ("names_trailing_byte", "nothing stands after the page.", Raw(encode(_NAMES) + b"\0")),
        ("names_cut", "the page is whole.", Raw(encode(_NAMES)[:-1])),
        ("names_category_twice", "a key stands once.", Raw(encode(changed(_NAMES, {1: twice})))),
    ):
        yield Refused(name, f"Step 7, names: {comment}", MALFORMED, _with_page(NAMES, page))


def _measures() -> Iterator[Refused]:
    """Step 7: the page of measures."""
    rules: tuple[Change, ...] = (
        ("measure_without_id", MALFORMED, "id is required.", {1: ABSENT}),
        ("measure_without_names", MALFORMED, "names are required.", {2: ABSENT}),
        ("measure_without_categories", MALFORMED, "categories are required.", {3: ABSENT}),
        ("measure_without_places", MALFORMED, "places are required.", {4: ABSENT}),
        ("measure_without_benefit", MALFORMED, "benefit is required.", {5: ABSENT}),
        ("measure_field_11", UNSUPPORTED, "a key below 64 is newer than this document.", {11: 0}),
        ("measure_field_negative", MALFORMED, "unknown keys are unsigned.", {-1: 0}),
        ("id_upper_case", MALFORMED, "an id has small letters.", {1: "Museum"}),
        ("id_dash_first", MALFORMED, "an id begins with a letter.", {1: "-museum"}),
        ("id_of_65", MALFORMED, "an id has at most 64 characters.", {1: "a" * 65}),
        ("id_empty", MALFORMED, "an id has 1 character or more.", {1: ""}),
        ("id_number", MALFORMED, "an id is text.", {1: 1}),
        ("measure_names_empty", MALFORMED, "names are at least one.", {2: {}}),
        ("measure_name_of_201", MALFORMED, "a name has at most 200 characters.", {2: {"ru": "a" * 201}}),
        ("measure_name_without_letter", MALFORMED, "a name has a letter.", {2: {"ru": "100 %"}}),
        ("categories_empty", MALFORMED, "at least one category opens it.", {3: []}),
        ("categories_unsorted", MALFORMED, "categories ascend.", {3: [2545, 2521]}),
        ("categories_twice", MALFORMED, "categories ascend strictly.", {3: [2545, 2545]}),
        ("category_0", MALFORMED, "a category is 1 to 999999.", {3: [0]}),
        ("category_1000000", MALFORMED, "a category is 1 to 999999.", {3: [1000000]}),
        ("category_true", MALFORMED, "true is no number.", {3: [True]}),
        ("categories_of_4097", MALFORMED, "at most 4,096 categories.", {3: list(range(1, 4098))}),
        ("places_empty", MALFORMED, "at least one place.", {4: []}),
        ("places_unsorted", MALFORMED, "places ascend.", {4: ["theatre", "museum"]}),
        ("places_twice", MALFORMED, "places ascend strictly.", {4: ["museum", "museum"]}),
        ("places_of_65", MALFORMED, "at most 64 places.", {4: [f"a{n:02d}" for n in range(65)]}),
        ("place_with_dash", MALFORMED, "a place has letters, digits and underscores.", {4: ["big-museum"]}),
        ("place_number", MALFORMED, "a place is text.", {4: [1]}),
        ("benefit_empty", MALFORMED, "a benefit has its kind.", {5: []}),
        ("benefit_number", MALFORMED, "a benefit is an array.", {5: FREE}),
        ("benefit_0", MALFORMED, "a kind is 1 or more.", {5: [0]}),
        ("benefit_6", UNSUPPORTED, "another kind from 6 to 63 is newer than this document.", {5: [6]}),
        ("benefit_63", UNSUPPORTED, "another kind from 6 to 63 is newer than this document.", {5: [63]}),
        ("benefit_64", MALFORMED, "a kind is at most 63.", {5: [64]}),
        ("free_with_percent", MALFORMED, "free entry has no more items.", {5: [FREE, 100]}),
        ("discount_without_percent", MALFORMED, "a discount has its percentage.", {5: [DISCOUNT]}),
        ("discount_0", MALFORMED, "a discount is 1 to 100.", {5: [DISCOUNT, 0]}),
        ("discount_101", MALFORMED, "a discount is 1 to 100.", {5: [DISCOUNT, 101]}),
        ("money_without_currency", MALFORMED, "money has its currency.", {5: [MONEY, 100]}),
        ("money_0", MALFORMED, "money is 1 or more.", {5: [MONEY, 0, "RUB"]}),
        ("money_too_much", MALFORMED, "money is at most 10^12.", {5: [MONEY, 10**12 + 1, "RUB"]}),
        ("money_float", MALFORMED, "no floating-point number.", {5: [MONEY, float64(1.5), "RUB"]}),
        ("currency_small", MALFORMED, "a currency has capital letters.", {5: [MONEY, 100, "rub"]}),
        ("currency_of_4", MALFORMED, "a currency has three letters.", {5: [MONEY, 100, "RUBL"]}),
        ("currency_number", MALFORMED, "a currency is text.", {5: [MONEY, 100, 643]}),
        ("companions_0", MALFORMED, "no companions are left out, not written as 0.", {6: 0}),
        ("companions_100", MALFORMED, "companions are at most 99.", {6: 100}),
        ("companions_null", MALFORMED, "what is not there is left out.", {6: None}),
        ("region_1000", MALFORMED, "a region is at most 999.", {7: 1000}),
        ("region_negative", MALFORMED, "a region is unsigned.", {7: -1}),
        ("note_empty", MALFORMED, "a note is left out or has names.", {8: {}}),
        ("note_of_501", MALFORMED, "a note has at most 500 characters.", {8: {"ru": "a" * 501}}),
        ("note_invisible", MALFORMED, "text holds nothing that nobody sees.", {8: {"ru": "a\u2060b"}}),
        ("note_text", MALFORMED, "a note is a map.", {8: "note"}),
        ("from_before_1800", MALFORMED, "a day is from 1800 on.", {9: -62092}),
        ("until_after_9999", MALFORMED, "a day is up to 9999.", {10: 2932897}),
        ("until_before_from", MALFORMED, "until is not before from.", {9: TODAY, 10: TODAY - 1}),
    )
    for name, expect, comment, changes in rules:
        yield Refused(name, f"Step 7, measures: {comment}", expect, _with_page(MEASURES, [changed(_MEASURE, changes)]))
    first, second = measure("a", [1], ["museum"]), measure("b", [1], ["museum"])
    for name, comment, page in (
        ("measures_map", "the page is an array.", Raw(encode(_MEASURE))),
        ("measures_trailing_byte", "nothing stands after the page.", Raw(encode([_MEASURE]) + b"\0")),
        ("measures_unsorted", "ids ascend.", [second, first]),
        ("measures_id_twice", "ids ascend strictly.", [first, first]),
        ("measure_array", "a measure is a map.", [[1]]),
    ):
        yield Refused(name, f"Step 7, measures: {comment}", MALFORMED, _with_page(MEASURES, page))
    comment = "Steps 5 and 7: a signature is checked before a page is read."
    forged = replace(sign1(STRANGER, encode(changed(_CLAIMS, {NAMES: b"\xff"})), header={4: CATALOGUE_BA.kid, 16: TYPE}))
    yield Refused("order_forged_before_page", comment, FORGED, forged.encode())


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_shapes, _claims, _issuers, _names, _measures) for case in maker()]
