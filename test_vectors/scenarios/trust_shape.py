"""Bundles whose encoding, types or ranges are wrong, and their good neighbours (specs/trust.md, section 1 and steps 1 and 2)."""

from collections.abc import Iterator
from typing import Final

from scenarios.bundles import (
    FIRST_ROOT,
    LIST_TYPE,
    MAGIC,
    PASS,
    RU,
    RU_BA,
    RU_KAM,
    STATUS,
    Root,
    TrustCase,
    by_public_key,
    issuer_changed,
    key_entry,
    keys_of_issuer,
    list_claims,
    root_claims,
    signed,
    whole,
)
from scenarios.cbor import ABSENT, Change, Entries, Item, Raw, Tagged, changed, encode, in_order, with_items
from scenarios.cose import endorse, sign, sign1
from scenarios.edwards import (
    IDENTITY,
    IDENTITY_NEGATIVE,
    IDENTITY_NON_CANONICAL,
    NON_CANONICAL,
    NOT_ON_CURVE,
    SMALL_ORDER_2,
    SMALL_ORDER_4,
    SMALL_ORDER_8,
    mixed_order,
)
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import DAY, ISSUED_AT, NEXT_UPDATE_AT, PASS_BA, ROOT_A, ROOT_B, SIGN_FROM, STATUS_BA

MALFORMED, UNSUPPORTED = "malformed", "unsupported"
LAST_TIME: Final = 253402300799
STEP_1: Final = "Step 1: "

_ROOT: Final = FIRST_ROOT.encode()
_LIST: Final = whole(RU_BA)
_LIST_PAYLOAD: Final = encode(list_claims(RU_BA))
_LIST_BODY: Final = encode({16: LIST_TYPE})
_GOOD: Final = endorse(ROOT_A, _LIST_BODY, _LIST_PAYLOAD)


def _bundles() -> Iterator[TrustCase]:
    """Wrong around the roots and the list."""
    good = encode((MAGIC, [_ROOT], _LIST))
    for name, comment, bundle in (
        ("empty_file", "no bytes at all.", b""),
        ("trailing_byte", "a byte after the bundle.", good + b"\0"),
        ("tagged", "a tag before the bundle; only a COSE message has one.", encode(Tagged(18, Raw(good)))),
        ("other_magic", "the first element is the text socpass-trust.", encode(("socpass-trust2", [_ROOT], _LIST))),
        ("no_roots", "there is at least one root.", encode((MAGIC, [], _LIST))),
        ("two_elements", "the list is missing.", encode((MAGIC, [_ROOT]))),
        ("four_elements", "an element after the list.", encode((MAGIC, [_ROOT], _LIST, None))),
        (
            "roots_not_in_byte_strings",
            "a root is a byte string of a COSE_Sign, not the COSE_Sign itself.",
            encode((MAGIC, [Raw(_ROOT)], _LIST)),
        ),
        (
            "indefinite_roots",
            "definite lengths only.",
            b"\x83" + encode(MAGIC) + b"\x9f" + encode(_ROOT) + b"\xff" + encode(_LIST),
        ),
        ("root_in_place_of_list", "the typ of the list is checked.", encode((MAGIC, [_ROOT], _ROOT))),
        ("list_in_place_of_root", "the typ of a root is checked.", encode((MAGIC, [_LIST], _LIST))),
        ("trailing_byte_in_list", "a byte after the list, inside its byte string.", encode((MAGIC, [_ROOT], _LIST + b"\0"))),
    ):
        yield TrustCase(name, STEP_1 + comment, MALFORMED, bundle=bundle)


def _signatures() -> Iterator[TrustCase]:
    """Wrong in the COSE_Sign of the list."""
    both = sorted((ROOT_A, ROOT_B), key=lambda key: key.kid, reverse=True)
    two = Root(claims=root_claims([ROOT_A, ROOT_B]), signers=[ROOT_A])
    wrong_order = sign(_LIST_BODY, _LIST_PAYLOAD, [endorse(key, _LIST_BODY, _LIST_PAYLOAD) for key in both])
    yield TrustCase(
        "signatures_not_in_order",
        "Section 1: signatures stand in ascending order of kid.",
        MALFORMED,
        roots=[two.encode()],
        trust_list=wrong_order,
        anchor=two.anchor(),
    )
    own = encode({1: -19, 4: ROOT_A.kid})
    for name, comment, trust_list in (
        ("no_signatures", "a COSE_Sign has at least one signature.", sign(_LIST_BODY, _LIST_PAYLOAD, [])),
        (
            "sign1",
            "COSE_Sign (tag 98) belongs here, not COSE_Sign1.",
            sign1(ROOT_A, _LIST_PAYLOAD, header={16: LIST_TYPE}).encode(),
        ),
        ("untagged", "the tag 98 stands in front.", sign(_LIST_BODY, _LIST_PAYLOAD, [_GOOD])[2:]),
        ("typ_missing", "the body's protected header holds typ.", _over(encode({}))),
        (
            "typ_unprotected",
            "typ stands in the protected header.",
            sign(encode({}), _LIST_PAYLOAD, [_GOOD], unprotected={16: LIST_TYPE}),
        ),
        (
            "body_with_algorithm",
            "the body's protected header holds typ and nothing else.",
            _over(encode({1: -19, 16: LIST_TYPE})),
        ),
        ("body_unprotected", "the unprotected header is empty.", sign(_LIST_BODY, _LIST_PAYLOAD, [_GOOD], unprotected={1: -19})),
        ("signature_algorithm_text", "an algorithm is a number.", _endorsed({1: "Ed25519"})),
        ("signature_algorithm_missing", "a signature names its algorithm.", _endorsed({1: ABSENT})),
        ("signature_without_kid", "a signature names its key.", _endorsed({4: ABSENT})),
        ("signature_with_crit", "crit is refused like any other entry.", _endorsed({2: [1]})),
        ("signature_unprotected", "nothing unsigned is read.", _with_parts(own, {4: ROOT_A.kid}, _GOOD.signature)),
        ("signature_of_63_bytes", "a signature has 64 bytes.", _with_parts(own, {}, bytes(63))),
        ("signature_of_two_elements", "a signature has three elements.", _raw_signatures([(own, {})])),
    ):
        yield TrustCase(f"list_{name}", STEP_1 + comment, MALFORMED, trust_list=trust_list)


def _over(body: bytes) -> bytes:
    return sign(body, _LIST_PAYLOAD, [endorse(ROOT_A, body, _LIST_PAYLOAD)])


def _endorsed(header: Entries) -> bytes:
    return sign(_LIST_BODY, _LIST_PAYLOAD, [endorse(ROOT_A, _LIST_BODY, _LIST_PAYLOAD, header=header)])


def _with_parts(own: Item, unprotected: Item, signature: Item) -> bytes:
    return _raw_signatures([(own, unprotected, signature)])


def _raw_signatures(signatures: Item) -> bytes:
    return encode(Tagged(98, (_LIST_BODY, {}, _LIST_PAYLOAD, signatures)))


def _roots() -> Iterator[TrustCase]:
    """Wrong in a root."""
    ascending = sorted((ROOT_A.typed, ROOT_B.typed), key=encode)
    claims = root_claims([ROOT_A])
    rules: tuple[Change, ...] = (
        ("version_0", MALFORMED, "versions start at 1.", {1: 0}),
        ("version_2_to_the_32", MALFORMED, "a version is at most 2^32 - 1.", {1: 1 << 32}),
        ("threshold_0", MALFORMED, "a threshold is at least 1.", {3: 0}),
        ("threshold_above_keys", MALFORMED, "a threshold is at most the number of keys.", {3: 2}),
        ("no_keys", MALFORMED, "a root has 1 to 64 keys.", {4: []}),
        ("keys_not_in_order", MALFORMED, "keys are bytewise ascending.", {4: ascending[::-1]}),
        ("key_twice", MALFORMED, "each key stands once.", {4: [ROOT_A.typed, ROOT_A.typed]}),
        (
            "key_of_small_order",
            MALFORMED,
            "a key is a point of the prime-order group (credential.md, section 2).",
            {4: [(-19, SMALL_ORDER_4), ROOT_A.typed]},
        ),
        ("exp_missing", MALFORMED, "all four entries are required.", {2: ABSENT}),
        ("exp_after_9999", MALFORMED, "a time is at most 253402300799.", {2: LAST_TIME + 1}),
        ("version_float", MALFORMED, "no floating-point number.", {1: Raw(b"\xf9\x3c\x00")}),
        ("unknown_key_5", UNSUPPORTED, "an unknown key below 64 is newer than this document.", {5: 1}),
        ("unknown_key_negative", MALFORMED, "an unknown key that is negative is malformed.", {-1: 1}),
        ("exp_at_last_second_of_9999", ACCEPTED, "a time is at most 253402300799, the last second of year 9999.", {2: LAST_TIME}),
        ("unknown_key_64", ACCEPTED, "an unknown key of 64 and above is ignored.", {64: ["a later version"]}),
        ("4096_items", ACCEPTED, "a root has at most 4,096 items (credential.md, section 1).", with_items(claims, 64, 4_096)),
        ("4097_items", MALFORMED, "a root has at most 4,096 items (credential.md, section 1).", with_items(claims, 64, 4_097)),
    )
    for name, expect, comment, changes in rules:
        root = Root(claims=changed(claims, changes), signers=[ROOT_A])
        yield TrustCase(f"root_{name}", STEP_1 + comment, expect, roots=[root.encode()], anchor=root.anchor())
    last = Root(claims=root_claims([ROOT_A], version=(1 << 32) - 1), signers=[ROOT_A])
    yield TrustCase(
        "root_version_2_to_the_32_minus_1",
        "Step 1: a version is at most 2^32 - 1.",
        roots=[last.encode()],
        anchor=last.anchor(),
        root_version=(1 << 32) - 1,
    )


def _lists() -> Iterator[TrustCase]:
    """Wrong in the list around its issuers."""
    rules: tuple[Change, ...] = (
        ("version_0", MALFORMED, "versions start at 1.", {1: 0}),
        ("next_update_before_iat", MALFORMED, "next update is iat or later.", {3: ISSUED_AT - 1}),
        ("exp_before_next_update", MALFORMED, "exp is next update or later.", {4: NEXT_UPDATE_AT - 1}),
        ("exp_at_iat", MALFORMED, "exp is after iat.", {3: ISSUED_AT, 4: ISSUED_AT}),
        ("exp_missing", MALFORMED, "all five entries are required.", {4: ABSENT}),
        ("iat_text", MALFORMED, "a time is an unsigned integer.", {2: "2026-01-01"}),
        ("no_issuers", MALFORMED, "a list has 1 to 1,000 issuers.", {5: []}),
        ("unknown_key_6", UNSUPPORTED, "an unknown key below 64 is newer than this document.", {6: None}),
        ("unknown_key_text", MALFORMED, "an unknown key that is text is malformed.", {"6": None}),
        ("next_update_at_iat", ACCEPTED, "next update is iat or later.", {3: ISSUED_AT}),
        ("exp_at_next_update", ACCEPTED, "exp is next update or later.", {4: NEXT_UPDATE_AT}),
        ("unknown_key_64", ACCEPTED, "an unknown key of 64 and above is ignored.", {64: {"later": [1, 2]}}),
    )
    for name, expect, comment, changes in rules:
        yield TrustCase(f"list_{name}", STEP_1 + comment, expect, trust_list=whole(RU_BA, changes=changes))
    yield TrustCase(
        "list_keys_unsorted",
        "Step 1: map keys stand in the bytewise order of their encodings.",
        MALFORMED,
        trust_list=signed(LIST_TYPE, in_order(list_claims(RU_BA), 1, 2, 3, 5, 4), [ROOT_A]),
    )
    yield TrustCase(
        "list_version_2_to_the_32_minus_1",
        "Step 1: a version is at most 2^32 - 1.",
        trust_list=whole(RU_BA, changes={1: (1 << 32) - 1}),
        list_version=(1 << 32) - 1,
    )


def _issuers() -> Iterator[TrustCase]:
    """Issuers beside each other."""
    twin = changed(RU_KAM, {1: "RU-BA"})
    for name, comment, issuers in (
        ("issuers_not_in_order", "ids are strictly ascending as bytes.", (RU_BA, RU)),
        ("issuer_id_twice", "ids are strictly ascending, so none stands twice.", (RU_BA, twin)),
        ("status_base_shared", "no two issuers share a status base.", (RU_BA, changed(RU_KAM, {6: RU_BA[6]}))),
    ):
        yield TrustCase(name, "Section 1: " + comment, MALFORMED, trust_list=whole(*issuers))
    shared = by_public_key(key_entry(PASS_BA, PASS), key_entry(STATUS_BA, STATUS))
    yield TrustCase(
        "same_key_under_two_issuers",
        "Step 2: no public key stands twice, under one issuer or two: it would not tell whose pass it is.",
        MALFORMED,
        trust_list=whole(RU_BA, changed(RU_KAM, {4: shared})),
    )
    twice = [key_entry(PASS_BA, PASS), key_entry(PASS_BA, STATUS)]
    yield TrustCase(
        "same_key_twice_under_one_issuer",
        "Step 2: no public key stands twice, under one issuer or two.",
        MALFORMED,
        trust_list=issuer_changed({4: twice}),
    )


def _keys() -> Iterator[TrustCase]:
    """Keys of an issuer, one of them wrong."""
    status = key_entry(STATUS_BA, STATUS)
    for name, public in (
        ("identity", IDENTITY),
        ("identity_non_canonical", IDENTITY_NON_CANONICAL),
        ("identity_negative", IDENTITY_NEGATIVE),
        ("small_order_2", SMALL_ORDER_2),
        ("small_order_4", SMALL_ORDER_4),
        ("small_order_8", SMALL_ORDER_8),
        ("non_canonical", NON_CANONICAL),
        ("mixed_order", mixed_order(PASS_BA.public)),
        ("not_on_curve", NOT_ON_CURVE),
        ("31_bytes", PASS_BA.public[:31]),
        ("33_bytes", PASS_BA.public + b"\0"),
    ):
        comment = (
            "credential.md, section 2: a public key is 32 bytes of a point of the prime-order group, canonical, not the identity."
        )
        yield TrustCase(f"key_{name}", comment, MALFORMED, trust_list=keys_of_issuer(key_entry((-19, public), PASS), status))
    rules: tuple[Change, ...] = (
        ("state_3", MALFORMED, "states are 0, 1 and 2.", {5: 3}),
        ("state_missing", MALFORMED, "all five entries are required.", {5: ABSENT}),
        ("uses_empty", MALFORMED, "a key has 1 to 16 uses.", {2: []}),
        ("uses_not_in_order", MALFORMED, "uses are ascending.", {2: [2, 1]}),
        ("use_0", MALFORMED, "uses are 1 to 63.", {2: [0]}),
        ("use_64", MALFORMED, "uses are 1 to 63.", {2: [1, 64]}),
        ("sign_until_at_sign_from", MALFORMED, "sign until is after sign from.", {4: SIGN_FROM}),
        ("sign_from_negative", MALFORMED, "a time is unsigned.", {3: -1}),
        ("unknown_key_6", UNSUPPORTED, "an unknown key below 64 is newer than this document.", {6: "later"}),
        ("unknown_key_63", UNSUPPORTED, "63 is the last key that is not ignored.", {63: "later"}),
        ("use_63", ACCEPTED, "7 to 63 may occur and mean nothing yet.", {2: [1, 7, 63]}),
        ("sign_until_a_second_later", ACCEPTED, "sign until is after sign from.", {4: SIGN_FROM + 1}),
        ("unknown_key_64", ACCEPTED, "an unknown key of 64 and above is ignored.", {64: DAY}),
    )
    for name, expect, comment, changes in rules:
        key = changed(key_entry(PASS_BA, PASS), changes)
        yield TrustCase(f"key_{name}", STEP_1 + comment, expect, trust_list=keys_of_issuer(key, status))
    ascending = by_public_key(key_entry(PASS_BA, PASS), status)
    yield TrustCase(
        "keys_not_in_order",
        "Section 1: keys of an issuer are bytewise ascending by public key.",
        MALFORMED,
        trust_list=issuer_changed({4: ascending[::-1]}),
    )


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    makers = (_bundles, _signatures, _roots, _lists, _issuers, _keys)
    return [case.scenario() for maker in makers for case in maker()]
