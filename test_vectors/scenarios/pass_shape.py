"""Passes that break below the claims: text, frame, COSE, signature (specs/credential.md, steps 1, 2 and 4)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from scenarios.armor import armor, parts
from scenarios.cbor import ABSENT, ARRAY, BYTES, Entries, Item, Raw, Tagged, encode, head, in_order
from scenarios.cose import Sign1, sign1, to_be_signed
from scenarios.edwards import (
    IDENTITY,
    IDENTITY_NEGATIVE,
    IDENTITY_NON_CANONICAL,
    ORDER,
    SMALL_ORDER_2,
    SMALL_ORDER_8,
    commitment,
    mixed_order,
    plus_order,
    sign_with_r,
)
from scenarios.passes import Made, PassCase, claims, from_claims, from_token
from scenarios.scenario import Scenario
from scenarios.seeds import PASS_BA, PASS_KAM, STRANGER

MALFORMED, FORGED = "malformed", "forged"
LONGEST_TOKEN: Final = 4096  # bytes, section 2, rule 4
LONGEST_TEXT: Final = 12000  # characters, section 5, rule 4

_PAYLOAD: Final = encode(claims())
_GOOD: Final = sign1(PASS_BA, _PAYLOAD)
_SIGNATURE: Final = PASS_BA.sign(to_be_signed(encode({1: -19, 4: PASS_BA.kid}), _PAYLOAD))
_MADE: Final = from_claims(claims())
_NONCE: Final = 0x50C9A55  # of a signature that is made by hand
_FRAME: Final = b"\x01" + _GOOD.encode()


def _texts() -> Iterator[PassCase]:
    """Step 1."""
    digits = _MADE.text.partition(":")[2]
    for name, comment, text in (
        (
            "prefix_of_an_agency",
            "Section 5, rule 3: a prefix may be the agency's own address.",
            "HTTPS://PASS.EXAMPLE.RU/P#" + digits,
        ),
        (
            "prefix_typed_under_russian_layout",
            "Section 5: a scanner that types under a Russian layout; the digits arrive right.",
            "ЫЩСЗФЫЫЖ" + digits,
        ),
        (
            "text_around",
            "Section 5, rule 3: whatever stands before and after the last run of digits.",
            f"See https://a.example/2026 {_MADE.text}\r\n",
        ),
        ("text_of_12000", "Section 5, rule 4: a text of 12,000 characters.", "X" * (LONGEST_TEXT - len(digits)) + digits),
    ):
        yield PassCase(name, comment, made=replace(_MADE, text=text))
    swap = next(i for i in range(20, 60) if digits[i] != digits[i + 1])
    for name, expect, comment, text in (
        ("text_empty", "not_a_pass", "Step 1: a run of digits is there.", ""),
        (
            "text_of_12001",
            "not_a_pass",
            "Section 5, rule 4: a text longer than 12,000 characters.",
            "X" * (LONGEST_TEXT + 1 - len(digits)) + digits,
        ),
        (
            "text_of_another_code",
            "not_a_pass",
            "Section 5, rule 4: a run of fewer than 157 digits cannot hold a signature.",
            "https://shop.example/p/4601234567893",
        ),
        (
            "digit_changed",
            "misread",
            "Section 5, rule 2: every single wrong digit shows.",
            f"{digits[:50]}{(int(digits[50]) + 1) % 10}{digits[51:]}",
        ),
        ("digit_dropped", "misread", "Section 5, rule 2: the check digits no longer fit.", digits[:50] + digits[51:]),
        ("digits_swapped", "misread", "Section 5, rule 2: every swap of neighbours shows.", _swapped(digits, swap)),
        ("part_alone", "incomplete", "Section 5, rule 5: a part alone is incomplete.", armor(parts(_FRAME, 2)[0])),
        (
            "frame_byte_unknown",
            "misread",
            "Section 5, rule 4: a run that carries another frame byte.",
            armor(b"\x05" + _FRAME[1:]),
        ),
        (
            "delta_in_place_of_a_pass",
            "not_a_pass",
            "Section 5, rule 6: a bulletin of status changes is no pass.",
            armor(b"\x04" + _FRAME[1:]),
        ),
    ):
        yield PassCase(name, comment, expect, Made(text=text))
    yield PassCase("token_of_4096", "Section 2, rule 4: a token is at most 4,096 bytes.", made=sized(LONGEST_TOKEN))
    oversize = Made(text=sized(LONGEST_TOKEN + 1).text)
    yield PassCase("token_of_4097", "Section 5, rule 4: more bytes than the limits allow are misread.", "misread", oversize)


def _swapped(digits: str, at: int) -> str:
    return digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]


def sized(size: int) -> Made:
    """Return a pass whose token has *size* bytes: a photo of the greatest size, and an entry of a later version for the rest."""
    photo = b"RIFF\xa4\x0d\x00\x00WEBP" + bytes(3488)
    spare = size - len(sign1(PASS_BA, encode(claims(body={6: photo, 64: bytes(256)}))).encode()) + 256
    return from_claims(claims(body={6: photo, 64: bytes(spare)}))


def _envelopes() -> Iterator[PassCase]:
    """Step 2: the tag, the array and what stands in it."""
    token = _GOOD.encode()
    body = token[1:]
    protected, unprotected, payload, signature = _GOOD.parts()
    attached = head(BYTES, len(_PAYLOAD), width=4) + _PAYLOAD
    chunked = b"\x5f" + encode(_PAYLOAD[:20]) + encode(_PAYLOAD[20:]) + b"\xff"
    for name, comment, broken in (
        ("untagged", "the tag 18 stands in front.", body),
        ("tag_98", "COSE_Sign (98) where COSE_Sign1 (18) belongs.", _tagged(98)),
        ("tag_17", "a COSE_Mac0 is no pass.", _tagged(17)),
        (
            "tag_61",
            "the CWT tag of RFC 8392 in front of the tag 18; a tag stands at the very beginning, and only 18 or 98.",
            b"\xd8\x3d" + token,
        ),
        ("tag_55799", "the tag of self-described CBOR in front.", b"\xd9\xd9\xf7" + token),
        ("tag_18_twice", "a tag stands only at the very beginning.", b"\xd2" + token),
        ("tag_not_shortest", "shortest heads: the tag 18 in two bytes.", b"\xd8\x12" + body),
        ("cose_sign_of_one_signature", "a complete COSE_Sign is no pass.", _cose_sign()),
        ("trailing_byte", "nothing stands after the token.", token + b"\0"),
        ("trailing_null", "nothing stands after the token, not even an item.", token + b"\xf6"),
        ("truncated", "the token ends before its signature does.", token[:-1]),
        ("three_elements", "four elements.", encode(Tagged(18, _GOOD.parts()[:3]))),
        ("five_elements", "four elements.", encode(Tagged(18, (*_GOOD.parts(), None)))),
        ("array_indefinite", "definite lengths only.", b"\xd2\x9f" + body[1:] + b"\xff"),
        ("array_not_shortest", "shortest heads: an array of four in two bytes.", b"\xd2" + head(ARRAY, 4, width=1) + body[1:]),
        (
            "map_in_place_of_array",
            "an array of four, not a map.",
            encode(Tagged(18, {1: protected, 2: unprotected, 3: payload, 4: signature})),
        ),
        ("payload_nil", "the payload is attached.", _with(payload=None)),
        ("payload_not_wrapped", "the payload is a byte string.", _with(payload=Raw(_PAYLOAD))),
        ("payload_length_not_shortest", "shortest heads: the payload's length in four bytes.", _with(payload=Raw(attached))),
        ("payload_in_chunks", "definite lengths only.", _with(payload=Raw(chunked))),
        ("signature_of_63_bytes", "a signature has 64 bytes.", _with(signature=_SIGNATURE[:63])),
        ("signature_of_65_bytes", "a signature has 64 bytes.", _with(signature=_SIGNATURE + b"\0")),
        ("signature_empty", "a signature has 64 bytes.", _with(signature=b"")),
        ("signature_text", "a signature is a byte string.", _with(signature="a" * 64)),
        ("unprotected_kid", "the unprotected header is empty: nothing unsigned is read.", _with(unprotected={4: PASS_BA.kid})),
        ("unprotected_note", "the unprotected header is empty, even of what nobody knows.", _with(unprotected={1000: None})),
        ("unprotected_null", "the unprotected header is a map.", _with(unprotected=None)),
    ):
        yield PassCase(name, f"Step 2: {comment}", MALFORMED, from_token(broken))


def _tagged(tag: int) -> bytes:
    return encode(Tagged(tag, _GOOD.parts()))


def _with(**changes: Item) -> bytes:
    return replace(_GOOD, **changes).encode()


def _cose_sign() -> bytes:
    own = encode({1: -19, 4: PASS_BA.kid})
    signature = PASS_BA.sign(encode(("Signature", b"", own, b"", _PAYLOAD)))
    return encode(Tagged(98, (b"", {}, _PAYLOAD, [(own, {}, signature)])))


def _headers() -> Iterator[PassCase]:
    """Step 2: the protected header. Each is signed as it stands, so nothing but the header is wrong."""
    usual: Entries = {1: -19, 4: PASS_BA.kid}
    encoded = encode(usual)
    for name, comment, algorithm in (
        ("algorithm_eddsa", "-8 (EdDSA), which RFC 9864 deprecates, is not the one algorithm.", -8),
        ("algorithm_es256", "-7 (ES256) beside an Ed25519 signature; the header never chooses what is done.", -7),
        ("algorithm_hs256", "5 (HS256): a public key is no secret.", 5),
        ("algorithm_0", "0 is no algorithm, and none that is known.", 0),
    ):
        token = sign1(PASS_BA, _PAYLOAD, header={1: algorithm}).encode()
        yield PassCase(name, f"Step 2: {comment}", "unsupported", from_token(token))
    for name, comment, size in (
        ("algorithm_unknown_signature_empty", "a signature of another algorithm has 1 to 8,192 bytes.", 0),
        ("algorithm_unknown_signature_short", "a signature of another algorithm has 1 to 8,192 bytes.", 1),
    ):
        token = replace(sign1(PASS_BA, _PAYLOAD, header={1: -48}), signature=bytes(size)).encode()
        yield PassCase(name, f"Step 2: {comment}", "unsupported" if size else MALFORMED, from_token(token))
    changes: tuple[tuple[str, str, Entries], ...] = (
        ("algorithm_true", "the algorithm is a number.", {1: True}),
        ("algorithm_unknown_with_crit", "the protected header holds two entries and no other.", {1: -48, 2: [1000], 1000: True}),
        ("algorithm_unknown_kid_of_7_bytes", "a key id has 8 bytes.", {1: -48, 4: PASS_BA.kid[:7]}),
        ("algorithm_text", "the algorithm is a number.", {1: "Ed25519"}),
        ("algorithm_missing", "the algorithm is named.", {1: ABSENT}),
        ("kid_missing", "the key is named.", {4: ABSENT}),
        ("kid_of_7_bytes", "a key id has 8 bytes.", {4: PASS_BA.kid[:7]}),
        ("kid_of_9_bytes", "a key id has 8 bytes.", {4: PASS_BA.kid + b"\0"}),
        ("kid_text", "a key id is a byte string.", {4: PASS_BA.kid.hex()[:8]}),
        ("crit", "crit is refused like any other entry.", {2: [1000], 1000: True}),
        ("header_content_type", "the protected header holds two entries and no other.", {3: "application/cwt"}),
        ("header_typ", "the protected header holds two entries and no other.", {16: "application/cwt"}),
        ("header_unknown", "the protected header holds two entries and no other.", {1000: None}),
    )
    for name, comment, header in changes:
        yield PassCase(name, f"Step 2: {comment}", MALFORMED, from_token(sign1(PASS_BA, _PAYLOAD, header=header).encode()))
    moved = replace(sign1(PASS_BA, _PAYLOAD, header={1: ABSENT}), unprotected={1: -19})
    comment = "Step 2: the algorithm stands in the unprotected header only."
    yield PassCase("algorithm_unprotected", comment, MALFORMED, from_token(moved.encode()))
    for name, comment, protected in (
        ("header_empty", "an empty protected header names neither algorithm nor key.", b""),
        ("header_unsorted", "map keys are in bytewise order.", encode(in_order(usual, 4, 1))),
        ("header_trailing_byte", "nothing stands after the header in its byte string.", encoded + b"\0"),
        ("header_algorithm_not_shortest", "shortest heads: -19 in two bytes.", b"\xa2\x01\x38\x12" + encoded[3:]),
        ("header_duplicate_algorithm", "no key twice.", b"\xa3\x01\x32\x01\x32" + encoded[3:]),
        ("header_indefinite", "definite lengths only.", b"\xbf" + encoded[1:] + b"\xff"),
        ("header_array", "the protected header is a map.", encode([1, -19, 4, PASS_BA.kid])),
    ):
        yield PassCase(name, f"Step 2: {comment}", MALFORMED, from_token(sign1(PASS_BA, _PAYLOAD, protected=protected).encode()))
    bare = Sign1(protected=usual, unprotected={}, payload=_PAYLOAD, signature=_SIGNATURE)
    yield PassCase("header_not_wrapped", "Step 2: the protected header is a byte string.", MALFORMED, from_token(bare.encode()))


def _signatures() -> Iterator[PassCase]:
    """Step 4."""
    protected = encode({1: -19, 4: PASS_BA.kid})
    promoted = encode(claims(body={5: (0, 123455)}))
    for name, comment, token in (
        ("signature_bit_of_r", "one bit of R differs.", _with(signature=bytes([_SIGNATURE[0] ^ 1]) + _SIGNATURE[1:])),
        (
            "signature_bit_of_s",
            "one bit of S differs.",
            _with(signature=_SIGNATURE[:32] + bytes([_SIGNATURE[32] ^ 1]) + _SIGNATURE[33:]),
        ),
        (
            "signature_plus_l",
            "S + L in place of S: the same number modulo L (RFC 8032, section 5.1.7).",
            _with(signature=plus_order(_SIGNATURE)),
        ),
        ("signature_of_zeros", "R of small order, and S = 0.", _with(signature=bytes(64))),
        (
            "signature_r_identity",
            "R is the identity, which is of small order; with the nonce 0 the equation holds.",
            _with_r(0, IDENTITY),
        ),
        (
            "signature_r_identity_non_canonical",
            "R is the identity, its y written as p + 1; read leniently, the equation holds.",
            _with_r(0, IDENTITY_NON_CANONICAL),
        ),
        (
            "signature_r_identity_negative",
            "R is the identity, with the sign of a negative x; read leniently, the equation holds.",
            _with_r(0, IDENTITY_NEGATIVE),
        ),
        ("signature_r_order_2", "R is of order 2; the equation with the cofactor holds.", _with_r(0, SMALL_ORDER_2)),
        ("signature_r_order_8", "R is of order 8; the equation with the cofactor holds.", _with_r(0, SMALL_ORDER_8)),
        (
            "signature_r_mixed_order",
            "R has the point of order 2 added; the equation with the cofactor holds, and the one without does not.",
            _with_r(_NONCE, mixed_order(commitment(_NONCE))),
        ),
        ("signature_s_l_minus_1", "S is L - 1, the greatest that may stand, and of another signature.", _with_s(ORDER - 1)),
        ("signature_s_l", "S is L: 0 modulo L, in a second spelling.", _with_s(ORDER)),
        ("signature_s_l_plus_1", "S is L + 1: 1 modulo L, in a second spelling.", _with_s(ORDER + 1)),
        ("signature_s_greatest", "S is 2^256 - 1.", _with_s((1 << 256) - 1)),
        (
            "signed_by_stranger",
            "the key id matches a key of the list that is not the signer: a hint is no proof.",
            _by_stranger(),
        ),
        ("signed_without_structure", "the signature is over the bare payload.", _with(signature=PASS_BA.sign(_PAYLOAD))),
        ("signed_as_signature", 'the context is "Signature1", not "Signature".', _signed(protected, context="Signature")),
        ("signed_with_external_aad", "external_aad is empty.", _signed(protected, external=b"till")),
        ("signed_without_header", "the protected header is signed.", _signed(b"")),
    ):
        yield PassCase(name, f"Step 4: {comment}", FORGED, from_token(token, _PAYLOAD))
    other_kid = sign1(PASS_BA, _PAYLOAD, header={4: PASS_KAM.kid}).encode()
    comment = "Step 4: the key id names a key of another issuer, under which the signature does not verify."
    made = from_token(other_kid, _PAYLOAD)
    yield PassCase("kid_of_another_key", comment, FORGED, made, trust="several_issuers", status=("ru_ba", "ru_kam"))
    for name, kid in (
        ("first", bytes([PASS_BA.kid[0] ^ 1]) + PASS_BA.kid[1:]),
        ("last", PASS_BA.kid[:7] + bytes([PASS_BA.kid[7] ^ 1])),
    ):
        comment = f"Step 3: a key id of which one bit of the {name} byte differs is that of no key of the list."
        token = sign1(PASS_BA, _PAYLOAD, header={4: kid}).encode()
        yield PassCase(f"kid_{name}_byte", comment, "unknown_issuer", from_token(token, _PAYLOAD))
    comment = "Step 4: a good pass with one claim changed: its index in the status list, to one that nobody revoked."
    yield PassCase("claim_changed", comment, FORGED, from_token(_with(payload=promoted), promoted))


def _with_r(nonce: int, r: bytes) -> bytes:
    message = to_be_signed(encode({1: -19, 4: PASS_BA.kid}), _PAYLOAD)
    return _with(signature=sign_with_r(PASS_BA.seed, PASS_BA.public, message, nonce, r))


def _with_s(scalar: int) -> bytes:
    return _with(signature=_SIGNATURE[:32] + scalar.to_bytes(32, "little"))


def _by_stranger() -> bytes:
    return sign1(STRANGER, _PAYLOAD, header={4: PASS_BA.kid}).encode()


def _signed(protected: bytes, *, context: str = "Signature1", external: bytes = b"") -> bytes:
    return _with(signature=PASS_BA.sign(to_be_signed(protected, _PAYLOAD, context=context, external=external)))


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    comment = "Section 8, the worked example: three categories, a full name, a date of birth. Every step passes."
    first = PassCase("accepted", comment).scenario()
    return [first, *(case.scenario() for maker in (_texts, _envelopes, _headers, _signatures) for case in maker())]
