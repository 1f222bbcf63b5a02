"""Ed25519 keys, specs/credential.md section 2."""

import json
import tomllib
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import cbor2
import nacl
import pytest
from nacl import bindings as sodium

import world
from said import refused
from socpass_vc.errors import BadKey, Forged, LaxLibrary
from socpass_vc.format import keys
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
    with refused(Forged, "signature_length", size=64, given=size):
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
    with refused(BadKey, "weak_public_key"):
        PublicKey(raw)


@pytest.mark.parametrize(
    "raw",
    [(PRIME + 1).to_bytes(32, "little"), PRIME.to_bytes(32, "little"), b"\xff" * 32, (2).to_bytes(32, "little")],
    ids=["the identity, not canonical", "y = p", "y beyond p", "not on the curve"],
)
def test_an_encoding_that_is_not_canonical_or_no_point_is_no_key(raw: bytes) -> None:
    with refused(BadKey, "weak_public_key"):
        PublicKey(raw)


def test_a_point_of_mixed_order_is_no_key() -> None:
    # given a good key with the point of order 2 added: (x, y) + (0, -1) = (-x, -y)
    raw = world.key("pass").public_key.raw
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    mixed = (PRIME - y) | ((1 - sign) << 255)

    # then
    with refused(BadKey, "weak_public_key"):
        PublicKey(mixed.to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with refused(BadKey, "public_key_length", given=size):
        PublicKey(bytes(size))
    with refused(BadKey, "secret_key_length", given=size):
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
    with refused(Forged, "weak_public_key"):
        PublicKey.imported_before(identity).check(forged, b"anything")
    with pytest.raises(BadKey):
        PublicKey.imported_before(identity[1:])


# --- A libsodium that accepts what can be forged ------------------------------------------------------------

BASE = bytes.fromhex("58" + "66" * 31)
"""The base point of Ed25519 (RFC 8032, section 5.1)."""


def plus_order_2(raw: bytes) -> bytes:
    """Return the point with that of order 2 added: (x, y) + (0, -1) = (-x, -y)."""
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    return ((PRIME - y) | ((1 - sign) << 255)).to_bytes(32, "little")


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """Let libsodium be asked again what it accepts, as in a new process."""
    keys.refuse_lax_library.cache_clear()
    yield
    keys.refuse_lax_library.cache_clear()


def lax_libraries() -> dict[str, tuple[str, Callable[..., object]]]:
    """Return functions of libsodium by what is wrong with them."""
    is_valid, check = sodium.crypto_core_ed25519_is_valid_point, sodium.crypto_sign_open
    return {
        "mixed order, as before PyNaCl 1.6.2": (
            "crypto_core_ed25519_is_valid_point",
            lambda raw: is_valid(raw) or raw == plus_order_2(BASE),
        ),
        "small order": ("crypto_core_ed25519_is_valid_point", lambda raw: is_valid(raw) or raw == SMALL_ORDER["the identity"]),
        "small order in signatures": (
            "crypto_sign_open",
            lambda signed, raw: signed[64:] if raw == signed[:32] == SMALL_ORDER["the identity"] else check(signed, raw),
        ),
    }


@pytest.mark.parametrize("wrong", lax_libraries())
@pytest.mark.usefixtures("asked_anew")
def test_with_a_lax_library_no_key_is_made_and_none_verifies(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    good = SecretKey(bytes(32))
    signature = good.sign(b"a")
    keys.refuse_lax_library.cache_clear()  # what follows is another process
    monkeypatch.setattr(sodium, *lax_libraries()[wrong])

    # then
    for _ in range(2):
        with refused(LaxLibrary, "libsodium_too_lax", needed="1.6.2", version=nacl.__version__):
            PublicKey(good.public_key.raw)
        with refused(LaxLibrary, "libsodium_too_lax"):
            PublicKey.imported_before(good.public_key.raw).check(signature, b"a")
        with refused(LaxLibrary, "libsodium_too_lax"):
            SecretKey(bytes(32))


@pytest.mark.usefixtures("asked_anew")
def test_the_library_is_asked_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    asked: list[bytes] = []
    is_valid = sodium.crypto_core_ed25519_is_valid_point

    def noting(raw: bytes) -> bool:
        asked.append(raw)
        return bool(is_valid(raw))

    monkeypatch.setattr(sodium, "crypto_core_ed25519_is_valid_point", noting)
    raw = world.key("pass").public_key.raw  # was made before

    # when
    for _ in range(3):
        PublicKey(raw)

    # then
    assert asked == [SMALL_ORDER["the identity"], plus_order_2(BASE), raw, raw, raw]


def test_the_least_version_of_pynacl_is_that_of_the_project() -> None:
    # given
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    # then
    assert any(line.startswith(f"pynacl>={keys.LEAST_PYNACL},") for line in project["dependencies"])
