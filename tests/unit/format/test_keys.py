"""Ed25519 keys, specs/credential.md section 2."""

import json
from hashlib import sha256
from pathlib import Path

import cbor2
import pytest

import world
from socpass_vc.errors import BadKey, Forged
from socpass_vc.format.keys import PublicKey, SecretKey, generate

RFC_8032: list[dict[str, str]] = json.loads((Path(__file__).parent / "rfc8032.json").read_text())
"""RFC 8032, section 7.1: all vectors of Ed25519."""

ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of the prime-order group (RFC 8032, section 5.1)."""
PRIME = 2**255 - 19


@pytest.mark.parametrize("vector", RFC_8032, ids=lambda vector: vector["name"])
def test_the_vectors_of_rfc_8032_are_signed_to_the_byte_and_verify(vector: dict[str, str]) -> None:
    # given
    secret = SecretKey(bytes.fromhex(vector["seed"]))
    message, signature = bytes.fromhex(vector["message"]), bytes.fromhex(vector["signature"])

    # then
    assert secret.public_key.raw.hex() == vector["public_key"]
    assert secret.sign(message) == signature
    secret.public_key.check(signature, message)


def test_a_signature_over_another_message_is_forged() -> None:
    # given
    secret = world.key("pass")

    # then
    with pytest.raises(Forged):
        secret.public_key.check(secret.sign(b"a"), b"b")


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_a_signature_of_another_length_is_forged(size: int) -> None:
    # given
    secret = world.key("pass")

    # then
    with pytest.raises(Forged, match="64 bytes"):
        secret.public_key.check((secret.sign(b"a") * 2)[:size], b"a")


def test_the_same_signature_with_s_plus_the_order_is_forged() -> None:
    # given RFC 8032, section 5.1.7: S is checked to be below L
    secret = world.key("pass")
    signature = secret.sign(b"a")
    raised = int.from_bytes(signature[32:], "little") + ORDER

    # then
    with pytest.raises(Forged):
        secret.public_key.check(signature[:32] + raised.to_bytes(32, "little"), b"a")


SMALL_ORDER = {
    "the identity": (1).to_bytes(32, "little"),
    "order 2": (PRIME - 1).to_bytes(32, "little"),
    "order 4": bytes(32),
    "order 4, the other sign": bytes(31) + b"\x80",
    "order 8": bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    "order 8, another": bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
}


@pytest.mark.parametrize("raw", SMALL_ORDER.values(), ids=SMALL_ORDER.keys())
def test_a_point_of_small_order_is_no_key(raw: bytes) -> None:
    with pytest.raises(BadKey, match="prime-order"):
        PublicKey(raw)


@pytest.mark.parametrize(
    "raw",
    [(PRIME + 1).to_bytes(32, "little"), PRIME.to_bytes(32, "little"), b"\xff" * 32, (2).to_bytes(32, "little")],
    ids=["the identity, not canonical", "y = p", "y beyond p", "not on the curve"],
)
def test_an_encoding_that_is_not_canonical_or_no_point_is_no_key(raw: bytes) -> None:
    with pytest.raises(BadKey, match="prime-order"):
        PublicKey(raw)


def test_a_point_of_mixed_order_is_no_key() -> None:
    # given a good key with the point of order 2 added: (x, y) + (0, -1) = (-x, -y)
    raw = world.key("pass").public_key.raw
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    mixed = (PRIME - y) | ((1 - sign) << 255)

    # then
    with pytest.raises(BadKey, match="prime-order"):
        PublicKey(mixed.to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(BadKey, match=f"not {size}"):
        PublicKey(bytes(size))
    with pytest.raises(BadKey, match=f"not {size}"):
        SecretKey(bytes(size))


def test_the_thumbprint_is_sha_256_of_the_deterministic_cose_key() -> None:
    # given RFC 9679, section 4, encoded by another library
    public = world.key("pass").public_key
    cose_key = cbor2.dumps({1: 1, -1: 6, -2: public.raw}, canonical=True)

    # then
    assert public.thumbprint == sha256(cose_key).digest()
    assert public.key_id == public.thumbprint[:8]


def test_keys_with_the_same_bytes_are_the_same_key() -> None:
    # given
    public = world.key("pass").public_key

    # then
    assert PublicKey(bytes(public.raw)) == public
    assert len({PublicKey(bytes(public.raw)), public}) == 1
    assert public != world.key("status").public_key


def test_a_secret_key_does_not_show_its_secret() -> None:
    # given
    secret = world.key("pass")

    # then
    assert repr(secret.seed) not in repr(secret)
    assert secret.seed.hex() not in repr(secret)
    assert str(secret.sign(b"")) not in repr(secret)


def test_generated_keys_differ_and_sign() -> None:
    # when
    first, second = generate(), generate()

    # then
    assert first.seed != second.seed
    first.public_key.check(first.sign(b"a"), b"a")


# --- Keys of signed bytes that were imported before ---------------------------------------------------------


def test_a_key_that_was_imported_before_is_the_same_key() -> None:
    # given
    secret = SecretKey(bytes(range(32)))

    # when
    key = PublicKey.imported_before(secret.public_key.raw)

    # then
    assert (key, key.key_id, key.thumbprint) == (secret.public_key, secret.public_key.key_id, secret.public_key.thumbprint)
    for _ in range(2):
        key.check(secret.sign(b"a"), b"a")
    with pytest.raises(Forged):
        key.check(secret.sign(b"a"), b"b")


def test_a_key_that_was_imported_before_and_is_no_point_verifies_nothing() -> None:
    # given the neutral element, under which R = S * B verifies whatever the message
    identity = b"\x01" + bytes(31)
    forged = identity + bytes(32)

    # then
    with pytest.raises(Forged, match="prime-order"):
        PublicKey.imported_before(identity).check(forged, b"anything")
    with pytest.raises(BadKey):
        PublicKey.imported_before(identity[1:])
