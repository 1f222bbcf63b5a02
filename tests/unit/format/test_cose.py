"""Signed envelopes, specs/credential.md section 2 and trust.md section 1; held against an independent encoder."""

from hashlib import sha512

import cbor2
import pytest
from nacl import bindings as sodium
from nacl.signing import SigningKey

import world
from said import refused
from socpass_vc.errors import Forged, Malformed, Unsupported
from socpass_vc.format import cbor, cose
from socpass_vc.format.keys import AnyPublicKey, SecretKey, UnknownKey
from socpass_vc.messages import Message

TYP = "application/example+cbor"
KEY, OTHER = world.key("pass"), world.key("other")
KID = KEY.public_key.key_id


def dumps(value: object) -> bytes:
    """Encode with another library; the maps of this file have the same order by length and by bytes."""
    return cbor2.dumps(value, canonical=True)


PROTECTED = dumps({1: -19, 4: KID})


def signed_elsewhere(structure: object) -> bytes:
    """Sign a Sig_structure with another library."""
    return SigningKey(KEY.seed).sign(dumps(structure)).signature


SIGNATURE = signed_elsewhere(["Signature1", PROTECTED, b"", b"payload"])


def sign1_of(*parts: object, tag: int = 18) -> bytes:
    """Return a tagged array."""
    return dumps(cbor2.CBORTag(tag, list(parts)))


def header(entries: object) -> bytes:
    """Return a COSE_Sign1 with another protected header, well signed."""
    protected = dumps(entries)
    return sign1_of(protected, {}, b"payload", signed_elsewhere(["Signature1", protected, b"", b"payload"]))


# --- COSE_Sign1 ---------------------------------------------------------------------------------------------


def test_a_sign1_is_to_the_byte_what_rfc_9052_says() -> None:
    # when
    token = cose.sign1(b"payload", KEY)

    # then
    assert token == sign1_of(PROTECTED, {}, b"payload", SIGNATURE)


def test_a_sign1_is_read_into_its_parts_and_checked_with_a_key() -> None:
    # when
    signed = cose.read_sign1(sign1_of(PROTECTED, {}, b"payload", SIGNATURE))

    # then
    assert (signed.key_id, signed.payload, signed.signature) == (KID, b"payload", SIGNATURE)
    assert signed.to_be_signed == dumps(["Signature1", PROTECTED, b"", b"payload"])
    signed.check(KEY.public_key)
    with pytest.raises(Forged):
        signed.check(OTHER.public_key)


def test_a_typ_is_part_of_what_is_signed_and_must_be_the_one_asked_for() -> None:
    # given
    token = cose.sign1(b"payload", KEY, typ=TYP)

    # then
    assert token == header({1: -19, 4: KID, 16: TYP})
    cose.read_sign1(token, typ=TYP).check(KEY.public_key)
    for asked in (None, TYP.upper(), "application/other+cbor"):
        with refused(Malformed, "not_cose_sign1"):
            cose.read_sign1(token, typ=asked)


def test_a_pass_where_a_typ_is_asked_for_is_malformed() -> None:
    with refused(Malformed, "not_cose_sign1", header=Message("cose_header_with_typ", algorithm=-19, size=8, typ=TYP)):
        cose.read_sign1(cose.sign1(b"payload", KEY), typ=TYP)


NO_SIGN1 = {
    "nothing": b"",
    "a tag alone": b"\xd2",
    "untagged": dumps([PROTECTED, {}, b"payload", SIGNATURE]),
    "another tag": sign1_of(PROTECTED, {}, b"payload", SIGNATURE, tag=17),
    "three parts": sign1_of(PROTECTED, {}, b"payload"),
    "five parts": sign1_of(PROTECTED, {}, b"payload", SIGNATURE, None),
    "the header not wrapped": sign1_of({1: -19, 4: KID}, {}, b"payload", SIGNATURE),
    "a note in the unprotected header": sign1_of(PROTECTED, {4: KID}, b"payload", SIGNATURE),
    "an unprotected header that is null": sign1_of(PROTECTED, None, b"payload", SIGNATURE),
    "a detached payload": sign1_of(PROTECTED, {}, None, SIGNATURE),
    "a payload of text": sign1_of(PROTECTED, {}, "payload", SIGNATURE),
    "a signature of 63 bytes": sign1_of(PROTECTED, {}, b"payload", SIGNATURE[1:]),
    "a signature of 65 bytes": sign1_of(PROTECTED, {}, b"payload", SIGNATURE + b"\0"),
    "a signature of text": sign1_of(PROTECTED, {}, b"payload", "s" * 64),
    "an empty header": sign1_of(b"", {}, b"payload", SIGNATURE),
    "our header, and the end before the payload": sign1_of(PROTECTED, {}, b"payload", SIGNATURE)[:18],
    "our header, and a payload that is cut off": sign1_of(PROTECTED, {}, b"payload", SIGNATURE)[:20],
    "an algorithm of text": header({1: "Ed25519", 4: KID}),
    "an algorithm that is true": header({1: True, 4: KID}),
    "our algorithm, not as short as can be": sign1_of(b"\xa2\x01\x38\x12" + PROTECTED[2:], {}, b"payload", SIGNATURE),
    "another algorithm and crit": header({1: -48, 2: [4], 4: KID}),
    "another algorithm and a typ": header({1: -48, 4: KID, 16: TYP}),
    "another algorithm and a key id of 7 bytes": header({1: -48, 4: KID[1:]}),
    "another algorithm and a long header": header({1: -48, 4: KID, 5: bytes(128)}),
    "another algorithm without a signature": sign1_of(dumps({1: -48, 4: KID}), {}, b"payload", b""),
    "another algorithm and 8,193 bytes of signature": sign1_of(dumps({1: -48, 4: KID}), {}, b"payload", bytes(8193)),
    "another algorithm, unprotected entries": sign1_of(dumps({1: -48, 4: KID}), {4: KID}, b"payload", SIGNATURE),
    "another algorithm and a trailing byte": header({1: -48, 4: KID}) + b"\0",
    "another algorithm, cut off": header({1: -48, 4: KID})[:-1],
    "another algorithm and a payload of text": sign1_of(dumps({1: -48, 4: KID}), {}, "payload", SIGNATURE),
    "another header of no CBOR": sign1_of(b"\xff", {}, b"payload", SIGNATURE),
    "no algorithm": header({4: KID}),
    "no key id": header({1: -19}),
    "a key id of 7 bytes": header({1: -19, 4: KID[1:]}),
    "a key id of 9 bytes": header({1: -19, 4: KID + b"\0"}),
    "a key id of text": header({1: -19, 4: "12345678"}),
    "crit": header({1: -19, 2: [4], 4: KID}),
    "a content type": header({1: -19, 3: 0, 4: KID}),
    "a header that is an array": header([1, -19, 4, KID]),
    "a trailing byte": sign1_of(PROTECTED, {}, b"payload", SIGNATURE) + b"\0",
}


@pytest.mark.parametrize("token", NO_SIGN1.values(), ids=NO_SIGN1.keys())
def test_what_is_not_a_sign1_of_the_one_shape_is_malformed(token: bytes) -> None:
    with pytest.raises(Malformed):
        cose.read_sign1(token)


@pytest.mark.parametrize("algorithm", [-8, -7, -48, -20, 0, 5, -(2**64), 2**64 - 1])
@pytest.mark.parametrize("size", [1, 64, 2420, 8192])
@pytest.mark.parametrize("typ", [None, TYP])
def test_a_sign1_of_another_algorithm_is_unsupported_and_not_malformed(algorithm: int, size: int, typ: str | None) -> None:
    # given
    entries: dict[int, object] = {1: algorithm, 4: KID} | ({} if typ is None else {16: typ})
    token = sign1_of(dumps(entries), {}, b"payload", bytes(size))

    # then
    with refused(Unsupported, "algorithm_unknown", algorithm=algorithm):
        cose.read_sign1(token, typ=typ)


def test_of_65536_tags_only_18_makes_a_sign1() -> None:
    # given
    untagged = dumps([PROTECTED, {}, b"payload", SIGNATURE])

    for number in range(65536):
        tagged = cbor.head(0xC0, number) + untagged
        # then
        if number == 18:
            cose.read_sign1(tagged).check(KEY.public_key)
        else:
            with pytest.raises(Malformed):
                cose.read_sign1(tagged)


# --- COSE_Sign ----------------------------------------------------------------------------------------------


BODY = dumps({16: TYP})


def one_signature(signer: SecretKey = KEY) -> list[object]:
    """Return one entry of a COSE_Sign, made elsewhere."""
    protected = dumps({1: -19, 4: signer.public_key.key_id})
    value = SigningKey(signer.seed).sign(dumps(["Signature", BODY, protected, b"", b"payload"])).signature
    return [protected, {}, value]


def sign_of(*entries: object, body: bytes = BODY, tag: int = 98) -> bytes:
    """Return a COSE_Sign."""
    return dumps(cbor2.CBORTag(tag, [body, {}, b"payload", list(entries)]))


def in_order(*entries: list[object]) -> list[list[object]]:
    """Return entries by key id and signature."""
    return sorted(entries, key=repr)


def test_a_sign_is_to_the_byte_what_rfc_9052_says() -> None:
    assert cose.sign_by_many(b"payload", [KEY], typ=TYP) == sign_of(one_signature())


def test_a_sign_by_several_has_their_signatures_in_order_whoever_signed_first() -> None:
    # when
    token = cose.sign_by_many(b"payload", [KEY, OTHER], typ=TYP)

    # then
    assert token == cose.sign_by_many(b"payload", [OTHER, KEY], typ=TYP)
    signed = cose.read_sign(token, typ=TYP)
    assert [signature.key_id for signature in signed.signatures] == sorted([KID, OTHER.public_key.key_id])
    assert signed.signers([KEY.public_key, OTHER.public_key]) == {KEY.public_key, OTHER.public_key}


def test_signing_twice_with_one_key_writes_one_signature() -> None:
    assert cose.sign_by_many(b"payload", [KEY, OTHER, KEY], typ=TYP) == cose.sign_by_many(b"payload", [OTHER, KEY], typ=TYP)


def test_a_signature_by_none_of_the_keys_is_forged() -> None:
    # given
    signed = cose.read_sign(cose.sign_by_many(b"payload", [KEY, OTHER], typ=TYP), typ=TYP)

    # then
    with pytest.raises(Forged):
        signed.signers([KEY.public_key])


def test_a_signature_that_names_another_key_than_it_is_by_is_forged() -> None:
    # given
    protected, unprotected, value = one_signature()
    named = [dumps({1: -19, 4: OTHER.public_key.key_id}), unprotected, value]
    signed = cose.read_sign(sign_of(named), typ=TYP)

    # then
    assert protected != named[0]
    with pytest.raises(Forged):
        signed.signers([KEY.public_key, OTHER.public_key])


def test_a_signature_that_stands_twice_is_malformed() -> None:
    with refused(Malformed, "signatures_out_of_order"):
        cose.read_sign(sign_of(one_signature(), one_signature()), typ=TYP)


def test_more_signatures_than_two_roots_have_keys_are_malformed_before_any_is_checked() -> None:
    # given
    many = sorted([dumps({1: -19, 4: KID}), {}, bytes([number]) * 64] for number in range(cose.MAX_SIGNATURES + 1))

    # then
    assert len(cose.read_sign(sign_of(*many[1:]), typ=TYP).signatures) == cose.MAX_SIGNATURES
    with pytest.raises(Malformed):
        cose.read_sign(sign_of(*many), typ=TYP)


def another_signature(secret: SecretKey, message: bytes) -> bytes:
    """Return a second good signature: RFC 8032, section 5.1.6 with a nonce of one's own choice."""
    digest = bytearray(sha512(secret.seed).digest()[:32])
    digest[0] &= 248
    digest[31] = digest[31] & 127 | 64
    scalar = sodium.crypto_core_ed25519_scalar_reduce(bytes(digest) + bytes(32))
    nonce = (12345).to_bytes(32, "little")
    point = sodium.crypto_scalarmult_ed25519_base_noclamp(nonce)
    challenge = sodium.crypto_core_ed25519_scalar_reduce(sha512(point + secret.public_key.raw + message).digest())
    return bytes(point + sodium.crypto_core_ed25519_scalar_add(nonce, sodium.crypto_core_ed25519_scalar_mul(challenge, scalar)))


def later_signature(key: UnknownKey, value: bytes = bytes(2420)) -> list[object]:
    """Return an entry of a COSE_Sign that names a key of another algorithm."""
    return [dumps({1: key.algorithm, 4: key.key_id}), {}, value]


LATER, LATER_TOO = world.later_key("a"), world.later_key("b")


def test_a_signature_of_another_algorithm_is_kept_and_skipped_whatever_its_bytes() -> None:
    # given
    keys: list[AnyPublicKey] = [KEY.public_key, LATER]

    for value in (b"\0", bytes(64), bytes(2420), bytes(8192)):
        token = sign_of(*sorted([one_signature(), later_signature(LATER, value)], key=lambda entry: entry[0][-8:]))  # type: ignore[index]  # bytes
        signed = cose.read_sign(token, typ=TYP)

        # then
        assert signed.signers(keys) == {KEY.public_key}
        assert [signature.value for signature in signed.unchecked(keys).values()] == [value]
        assert signed.encode() == token


def test_a_signature_of_another_algorithm_that_names_none_of_the_keys_is_forged() -> None:
    # given
    signed = cose.read_sign(sign_of(later_signature(LATER)), typ=TYP)
    same_id = UnknownKey(-49, LATER.raw)

    # then
    assert signed.signers([LATER, LATER_TOO]) == frozenset()
    for keys in ([], [KEY.public_key], [LATER_TOO], [same_id]):
        with refused(Forged, "signature_of_no_such_key"):
            signed.signers(keys)


def test_two_signatures_of_another_algorithm_need_two_keys_that_they_name() -> None:
    # given
    twice = [later_signature(LATER, bytes((number,))) for number in (1, 2)]
    both = sorted([later_signature(LATER), later_signature(LATER_TOO)], key=repr)

    # then
    assert set(cose.read_sign(sign_of(*both), typ=TYP).unchecked([LATER, LATER_TOO])) == {LATER, LATER_TOO}
    with refused(Forged, "signature_of_no_such_key"):
        cose.read_sign(sign_of(*twice), typ=TYP).signers([LATER, LATER_TOO])


def test_one_key_with_two_different_signatures_has_signed_twice_and_is_forged() -> None:
    # given a signer that draws its nonces, as RFC 8032 forbids and no verifier can see
    protected = dumps({1: -19, 4: KID})
    message = dumps(["Signature", BODY, protected, b"", b"payload"])
    second: list[object] = [protected, {}, another_signature(KEY, message)]
    KEY.public_key.check(another_signature(KEY, message), message)

    # when
    signed = cose.read_sign(sign_of(*in_order(one_signature(), second)), typ=TYP)

    # then
    with refused(Forged, "key_signed_twice"):
        signed.signers([KEY.public_key])


def test_a_key_id_is_a_hint_and_all_keys_that_share_it_are_tried() -> None:
    # given two keys, of which the first did not sign; their ids are made equal, which costs an attacker 2^64 tries
    message = b"message"
    other = SecretKey(OTHER.seed).public_key
    object.__setattr__(other, "key_id", KID)

    # when
    found = cose.first_that_verifies([other, KEY.public_key], KID, KEY.sign(message), message)

    # then
    assert found == KEY.public_key


NO_SIGN = {
    "nothing": b"",
    "a tag alone": b"\xd8\x62",
    "a sign1": cose.sign1(b"payload", KEY, typ=TYP),
    "another tag": sign_of(one_signature(), tag=97),
    "no signatures": sign_of(),
    "another typ": sign_of(one_signature(), body=dumps({16: TYP.upper()})),
    "no typ": sign_of(one_signature(), body=b""),
    "a typ and more": sign_of(one_signature(), body=dumps({3: 0, 16: TYP})),
    "signatures out of order": sign_of(*reversed(in_order(one_signature(KEY), one_signature(OTHER)))),
    "a signature of two": sign_of(one_signature()[:2]),
    "a signature of four": sign_of([*one_signature(), None]),
    "a signature that is no array": sign_of(b""),
    "a signature with an unprotected header": sign_of([one_signature()[0], {4: KID}, one_signature()[2]]),
    "a signature of 63 bytes": sign_of([one_signature()[0], {}, bytes(63)]),
    "a signature that is text": sign_of([one_signature()[0], {}, "s" * 64]),
    "a signature with a typ": sign_of([dumps({1: -19, 4: KID, 16: TYP}), {}, bytes(64)]),
    "a signature of an algorithm of text": sign_of([dumps({1: "Ed25519", 4: KID}), {}, bytes(64)]),
    "an empty signature of another algorithm": sign_of([dumps({1: -48, 4: KID}), {}, b""]),
    "a signature of another algorithm of 8,193 bytes": sign_of([dumps({1: -48, 4: KID}), {}, bytes(8193)]),
    "an unprotected header": dumps(cbor2.CBORTag(98, [BODY, {1: 1}, b"payload", [one_signature()]])),
    "a detached payload": dumps(cbor2.CBORTag(98, [BODY, {}, None, [one_signature()]])),
    "signatures in a map": dumps(cbor2.CBORTag(98, [BODY, {}, b"payload", {1: one_signature()}])),
    "a trailing byte": sign_of(one_signature()) + b"\0",
}


@pytest.mark.parametrize("token", NO_SIGN.values(), ids=NO_SIGN.keys())
def test_what_is_not_a_sign_of_the_one_shape_is_malformed(token: bytes) -> None:
    with pytest.raises(Malformed):
        cose.read_sign(token, typ=TYP)
