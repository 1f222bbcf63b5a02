"""Passes whose claims are missing, unknown, of another type or beyond a bound (specs/credential.md, step 5 and section 3)."""

from collections.abc import Iterator
from typing import Final

from scenarios.cbor import ABSENT, Change, Entries, Item, Raw, Tagged, Value, encode, float64, in_order
from scenarios.passes import (
    BODY,
    BORN_IN,
    BORN_ON,
    CNF,
    ENTITLEMENTS,
    EXP,
    IAT,
    LATIN_NAME,
    NAME,
    STATUS,
    Made,
    PassCase,
    claims,
    from_claims,
    granting,
)
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import HOLDER, ISSUED_AT, NOW, PASS_EXPIRES_AT

MALFORMED, UNSUPPORTED = "malformed", "unsupported"
LAST_TIME: Final = 253402300799
FIRST_DAY, LAST_DAY = -62091, 2932896
_CLAIMS: Final = claims()
_PAYLOAD: Final = encode(_CLAIMS)


def _step(name: str, expect: str, comment: str, item: Item) -> PassCase:
    return PassCase(name, f"Step 5: {comment}", expect, from_claims(item))


def _encodings() -> Iterator[PassCase]:
    """The payload as CBOR."""
    body, exp = _CLAIMS[BODY], encode(PASS_EXPIRES_AT)
    entries = _PAYLOAD[1:]
    far = (1 << 32) + 1  # nine bytes as a key, where -65537 takes five
    later = {**_CLAIMS, far: 0}
    for name, expect, comment, item in (
        ("payload_empty", MALFORMED, "no bytes are no item.", Raw(b"")),
        ("payload_array", MALFORMED, "a claims set is a map.", [_CLAIMS]),
        ("payload_trailing_byte", MALFORMED, "nothing stands after the claims.", Raw(_PAYLOAD + b"\0")),
        ("payload_truncated", MALFORMED, "the claims end before the map does.", Raw(_PAYLOAD[:-1])),
        ("payload_tagged", MALFORMED, "no tag but at the very beginning of a token.", Tagged(61, _CLAIMS)),
        ("payload_indefinite", MALFORMED, "definite lengths only.", Raw(b"\xbf" + entries + b"\xff")),
        ("claims_unsorted", MALFORMED, "map keys are in bytewise order.", in_order(_CLAIMS, IAT, EXP, BODY)),
        (
            "claims_far_key",
            UNSUPPORTED,
            "a nine-byte key before -65537, as the bytewise order puts it; the claim is unknown.",
            later,
        ),
        (
            "claims_length_first",
            MALFORMED,
            "the order of RFC 7049, shorter keys first, is not the bytewise one.",
            in_order(later, EXP, IAT, BODY, far),
        ),
        ("exp_twice", MALFORMED, "no key twice.", Raw(b"\xa4\x04" + exp + entries)),
        (
            "exp_twice_with_another_value",
            MALFORMED,
            "no key twice; a lax reader takes the later one.",
            Raw(b"\xa4\x04" + encode(NOW - 1) + entries),
        ),
        ("exp_not_shortest", MALFORMED, "shortest heads.", claims({EXP: Raw(b"\x1b" + bytes(4) + exp[1:])})),
        ("exp_bignum", MALFORMED, "no tag: an integer is not spelled as a bignum (tag 2).", claims({EXP: Tagged(2, exp[1:])})),
        (
            "exp_datetime",
            MALFORMED,
            "no tag: a time is not spelled as an epoch time (tag 1).",
            claims({EXP: Tagged(1, PASS_EXPIRES_AT)}),
        ),
        ("exp_undefined", MALFORMED, "undefined is not among the items.", claims({EXP: Raw(b"\xf7")})),
        ("body_duplicate_name", MALFORMED, "no key twice.", claims({BODY: Raw(b"\xa5\x01\x61\x61" + encode(body)[1:])})),
        ("body_indefinite", MALFORMED, "definite lengths only.", claims({BODY: Raw(b"\xbf" + encode(body)[1:] + b"\xff")})),
        ("body_wrapped", MALFORMED, "the body is a map, not a byte string of one.", claims({BODY: encode(body)})),
        ("name_indefinite", MALFORMED, "definite lengths only.", _named(Raw(b"\x7f\x62\xd0\x98\x62\xd0\xb2\xff"))),
        ("name_not_utf_8", MALFORMED, "text is UTF-8.", _named(Raw(b"\x62\xff\xfe"))),
        ("name_surrogate", MALFORMED, "a surrogate is no character.", _named(Raw(b"\x63\xed\xa0\x80"))),
        ("name_overlong", MALFORMED, "an overlong form is no UTF-8.", _named(Raw(b"\x62\xc1\x81"))),
        (
            "name_regexp",
            MALFORMED,
            "no tag: a regular expression (tag 35) that some readers would compile.",
            _named(Tagged(35, "(a+)+$")),
        ),
        ("name_shared", MALFORMED, "no tag: a shared reference (tags 28 and 29).", _shared()),
        (
            "entitlements_indefinite",
            MALFORMED,
            "definite lengths only.",
            claims(body={ENTITLEMENTS: Raw(b"\x9f\x82\x18\x52\xf6\xff")}),
        ),
        ("nested_tag_18", MALFORMED, "no tag but at the very beginning of a token.", claims(body={64: Tagged(18, [])})),
        (
            "float_in_ignored_entry",
            MALFORMED,
            "no floating-point number, even where the value is ignored.",
            claims(body={64: float64(1.5)}),
        ),
        ("simple_value", MALFORMED, "no other simple value, even where the value is ignored.", claims(body={64: Raw(b"\xe0")})),
        (
            "depth_9",
            MALFORMED,
            "at most 8 deep: claims 1, body 2, then six arrays 3 to 8, and an item at 9.",
            claims(body={64: _nested(6, 0)}),
        ),
        (
            "depth_8",
            ACCEPTED,
            "at most 8 deep: claims 1, body 2, then five arrays 3 to 7, and an item at 8.",
            claims(body={64: _nested(5, 0)}),
        ),
    ):
        yield _step(name, expect, comment, item)


def _named(name: Item) -> dict[int | str, Item]:
    return claims(body={NAME: name})


def _shared() -> dict[int | str, Item]:
    return claims(body={NAME: Tagged(28, "A"), LATIN_NAME: Tagged(29, 0)})


def _nested(arrays: int, innermost: Item) -> Item:
    for _ in range(arrays):
        innermost = [innermost]
    return innermost


def _keys() -> Iterator[PassCase]:
    """Claims and entries that this document does not have."""
    rules: tuple[Change, ...] = (
        ("exp_missing", MALFORMED, "exp is required: without it a pass would never end.", {EXP: ABSENT}),
        ("iat_missing", MALFORMED, "iat is required.", {IAT: ABSENT}),
        ("body_missing", MALFORMED, "the body is required.", {BODY: ABSENT}),
        ("claim_iss", UNSUPPORTED, "there is no iss; the key that verifies belongs to one issuer.", {1: "RU-BA"}),
        (
            "claim_nbf",
            UNSUPPORTED,
            "nbf is not among the four claims, and ignoring it would accept a pass too early.",
            {5: ISSUED_AT},
        ),
        ("claim_cti", UNSUPPORTED, "a claim that is not among the four is unsupported.", {7: b"\0"}),
        ("claim_100", UNSUPPORTED, "a claim that is not among the four is unsupported, of 64 and above too.", {100: None}),
        ("claim_negative", UNSUPPORTED, "a claim that is not among the four is unsupported, a negative one too.", {-1: None}),
        (
            "claim_text",
            UNSUPPORTED,
            "a claim that is not among the four is unsupported, a text one too.",
            {"exp": PASS_EXPIRES_AT},
        ),
    )
    for name, expect, comment, changes in rules:
        yield _step(name, expect, comment, claims(changes))
    bodies: tuple[Change, ...] = (
        ("body_key_0", UNSUPPORTED, "an unknown key below 64 means a pass newer than this document.", {0: None}),
        ("body_key_8", UNSUPPORTED, "an unknown key below 64 means a pass newer than this document.", {8: "later"}),
        ("body_key_63", UNSUPPORTED, "63 is the last key that is not ignored.", {63: "later"}),
        ("body_key_64", ACCEPTED, "64 is the first key that is ignored.", {64: "later"}),
        (
            "body_key_1000",
            ACCEPTED,
            "a key of 64 and above is ignored, whatever its value.",
            {1000: {"later": [None, True, -5, b"x"]}},
        ),
        ("body_key_negative", MALFORMED, "unknown keys are unsigned integers.", {-1: None}),
        ("body_key_text", MALFORMED, "unknown keys are unsigned integers.", {"name": "A"}),
    )
    for name, expect, comment, body in bodies:
        yield _step(name, expect, comment, claims(body=body))
    comment = "Step 5: unknown keys are looked for before types and ranges: key 8 beside a name of 121 characters."
    yield PassCase("order_unknown_key_before_range", comment, UNSUPPORTED, from_claims(claims(body={8: 0, NAME: "a" * 121})))


def _times() -> Iterator[PassCase]:
    """Exp, iat and the reference to a status list."""
    rules: tuple[Change, ...] = (
        ("exp_float", MALFORMED, "a time is an unsigned integer.", {EXP: float64(PASS_EXPIRES_AT)}),
        ("exp_half_float", MALFORMED, "a time is an unsigned integer; this one is infinity.", {EXP: Raw(b"\xf9\x7c\x00")}),
        ("exp_text", MALFORMED, "a time is an unsigned integer.", {EXP: "2028-01-01"}),
        ("exp_null", MALFORMED, "a time is an unsigned integer.", {EXP: None}),
        ("exp_true", MALFORMED, "true is no number.", {EXP: True}),
        ("exp_negative", MALFORMED, "a time is unsigned.", {EXP: -1}),
        ("exp_at_end_of_9999", ACCEPTED, "a time is at most 253402300799.", {EXP: LAST_TIME}),
        ("exp_after_9999", MALFORMED, "a time is at most 253402300799.", {EXP: LAST_TIME + 1}),
        ("exp_of_64_bits", MALFORMED, "a time is at most 253402300799.", {EXP: (1 << 64) - 1}),
        ("iat_text", MALFORMED, "a time is an unsigned integer.", {IAT: "now"}),
        ("iat_false", MALFORMED, "false is no number.", {IAT: False}),
        ("iat_at_exp", MALFORMED, "iat is before exp.", {IAT: ISSUED_AT, EXP: ISSUED_AT}),
    )
    for name, expect, comment, changes in rules:
        yield _step(name, expect, comment, claims(changes))
    references: tuple[Value, ...] = (
        ("status_missing", "status is required.", ABSENT),
        ("status_of_one", "status is a pair.", [0]),
        ("status_of_three", "status is a pair.", [0, 1, 2]),
        ("status_map", "status is an array.", {0: 0, 1: 1}),
        ("status_number_2_to_the_32", "a list number is below 2^32.", [1 << 32, 0]),
        ("status_number_negative", "a list number is unsigned.", [-1, 0]),
        ("status_index_2_to_the_25", "an index is below 2^25.", [0, 1 << 25]),
        ("status_index_negative", "an index is unsigned.", [0, -1]),
        ("status_index_true", "true is no number.", [0, True]),
        ("status_index_text", "an index is an unsigned integer.", [0, "1"]),
    )
    for name, comment, status in references:
        yield _step(name, MALFORMED, comment, claims(body={STATUS: status}))


def _births() -> Iterator[PassCase]:
    year: Entries = {BORN_ON: ABSENT}
    rules: tuple[Change, ...] = (
        ("birth_absent", ACCEPTED, "a date and a year of birth are both optional.", {BORN_ON: ABSENT}),
        ("birth_date_and_year", MALFORMED, "at most one of 2 and 3.", {BORN_IN: 1958}),
        ("birth_date_1800_01_01", ACCEPTED, "days are from -62091, 1800-01-01.", {BORN_ON: FIRST_DAY}),
        ("birth_date_1799_12_31", MALFORMED, "days are from -62091, 1800-01-01.", {BORN_ON: FIRST_DAY - 1}),
        ("birth_date_9999_12_31", ACCEPTED, "days are to 2932896, 9999-12-31.", {BORN_ON: LAST_DAY}),
        ("birth_date_10000_01_01", MALFORMED, "days are to 2932896, 9999-12-31.", {BORN_ON: LAST_DAY + 1}),
        ("birth_date_text", MALFORMED, "a day is an integer.", {BORN_ON: "1958-03-14"}),
        ("birth_date_null", MALFORMED, "an entry that is not there is left out.", {BORN_ON: None}),
        ("birth_date_tagged", MALFORMED, "no tag: a day is not spelled with tag 100 (RFC 8943).", {BORN_ON: Tagged(100, -4310)}),
        ("birth_year_1800", ACCEPTED, "a year of birth is 1800 to 9999.", {**year, BORN_IN: 1800}),
        ("birth_year_1799", MALFORMED, "a year of birth is 1800 to 9999.", {**year, BORN_IN: 1799}),
        ("birth_year_9999", ACCEPTED, "a year of birth is 1800 to 9999.", {**year, BORN_IN: 9999}),
        ("birth_year_10000", MALFORMED, "a year of birth is 1800 to 9999.", {**year, BORN_IN: 10000}),
    )
    for name, expect, comment, body in rules:
        yield _step(name, expect, comment, claims(body=body))


def _holders() -> Iterator[PassCase]:
    """What cnf may look like; what it means is step 11."""
    key: Entries = {1: 1, -1: 6, -2: HOLDER.public}
    keys: tuple[Value, ...] = (
        ("cnf_null", "cnf is a map.", None),
        ("cnf_empty", "cnf holds a key.", {}),
        ("cnf_key_id", "cnf holds a COSE_Key (1), not a key id (3).", {3: HOLDER.kid}),
        ("cnf_with_key_id", "cnf holds a COSE_Key (1) and nothing else.", {1: key, 3: HOLDER.kid}),
        ("cnf_key_of_ec2", "the key is an octet key pair (1: 1).", {1: {**key, 1: 2}}),
        ("cnf_key_of_x25519", "the curve is Ed25519 (-1: 6).", {1: {**key, -1: 4}}),
        ("cnf_key_with_algorithm", "the key has three entries.", {1: {**key, 3: -19}}),
        ("cnf_key_with_secret", "the key has three entries, and no secret one.", {1: {**key, -4: HOLDER.seed}}),
        ("cnf_key_of_31_bytes", "a public key has 32 bytes.", {1: {**key, -2: HOLDER.public[:31]}}),
        ("cnf_key_unsorted", "map keys are in bytewise order.", {1: in_order(key, -2, -1, 1)}),
    )
    for name, comment, cnf in keys:
        yield _step(name, MALFORMED, comment, claims({CNF: cnf}))


def _ordinary() -> Iterator[PassCase]:
    item = granting([2545, None])
    yield PassCase(
        "one_entitlement", "Section 3: the shortest entitlement, [category, until].", made=from_claims(item), counts=(2545,)
    )
    comment = "Section 3: a year of birth in place of a date."
    made: Made = from_claims(claims(body={BORN_ON: ABSENT, BORN_IN: 1958}))
    yield PassCase("birth_year", comment, made=made)


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    makers = (_encodings, _keys, _times, _births, _holders, _ordinary)
    return [case.scenario() for maker in makers for case in maker()]
