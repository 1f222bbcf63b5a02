"""Ed25519 keys: public ones checked on import, secret ones that sign, and the thumbprint that names them.

Public keys of other algorithms are kept as they are: they have a name and no use. It knows nothing of files, passphrases or
owners of keys. The curve is libsodium's, through PyNaCl (specs/credential.md, section 2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import NoReturn, Protocol, TypeAlias

import nacl
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from socpass_vc.errors import BadKey, Forged, LaxLibrary, Unsupported
from socpass_vc.format import cbor

ALGORITHM = -19
"""Ed25519, fully specified (RFC 9864, section 2.2): the one algorithm that this program signs and verifies with."""
PUBLIC_KEY_BYTES = 32
SEED_BYTES = 32
"""The secret key of RFC 8032, section 5.1.5; libsodium's 64 bytes are this and the public key."""
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 8
MAX_KEY_BYTES = 4_096
"""Longest public key of another algorithm (specs/trust.md, section 1); one of ML-DSA-87 has 2,592 (FIPS 204, table 2)."""

# The deterministic COSE_Key {1: 1, -1: 6, -2: x} up to x (RFC 9053, section 7.2; RFC 9679, section 4).
_COSE_KEY_HEAD = bytes.fromhex("a301012006215820")
# The same of an Algorithm Key Pair, {1: 7, 3: alg, -1: pub}, up to alg (RFC 9964).
_AKP_HEAD = bytes.fromhex("a3010703")
# [-19, x] up to x.
_TYPED_HEAD = bytes.fromhex("82325820")

LEAST_PYNACL = "1.6.2"
"""The first PyNaCl whose libsodium refuses every point outside of the prime-order group (CVE-2025-69277)."""
_IDENTITY = b"\x01" + bytes(31)
_BASE_PLUS_ORDER_2 = bytes.fromhex("95" + "99" * 31)
"""The base point B with the point of order 2 added: (x, y) + (0, -1) = (-x, -y)."""


@cache
def refuse_lax_library() -> None:
    """Return if libsodium refuses what it must; asked once per process, before the first key is used.

    A PyNaCl built on the system's libsodium may have an older one than its version promises. Whoever takes any error for a
    damaged file asks this before opening files with keys in them.

    Raises:
        LaxLibrary: it takes a point of small or mixed order for a key, or a signature that anyone can make for a good one.
    """
    if any(map(sodium.crypto_core_ed25519_is_valid_point, (_IDENTITY, _BASE_PLUS_ORDER_2))) or _verifies_anything():
        raise LaxLibrary("libsodium_too_lax", version=nacl.__version__, needed=LEAST_PYNACL)


def _verifies_anything() -> bool:
    """Tell whether R = S * B = identity verifies under the identity, as it does for every message by the bare equation."""
    try:
        sodium.crypto_sign_open(_IDENTITY + bytes(SIGNATURE_BYTES - len(_IDENTITY)), _IDENTITY)
    except CryptoError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key that libsodium accepts as a point of the prime-order group.

    Args:
        raw: 32 bytes (RFC 8032, section 5.1.5).

    Raises:
        BadKey: another length, or a small-order, mixed-order or non-canonical point.
        LaxLibrary: libsodium itself accepts such points.
    """

    raw: bytes
    thumbprint: bytes = field(init=False, repr=False, compare=False)
    """SHA-256 of the deterministic COSE_Key (RFC 9679)."""
    key_id: bytes = field(init=False, repr=False, compare=False)
    """First 8 bytes of the thumbprint: a hint, never an identity."""
    _is_checked: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._name()
        self._check_point()

    @classmethod
    def imported_before(cls, raw: bytes) -> PublicKey:
        """Return the key *raw*, read from signed bytes that were imported before; its point is checked again at first use.

        The check takes half as long as a verification, and of the thousand keys in its bundle a till uses one.

        Raises:
            BadKey: another length.
        """
        key = cls.__new__(cls)
        object.__setattr__(key, "raw", raw)
        object.__setattr__(key, "_is_checked", False)
        key._name()  # noqa: SLF001 -- of this class
        return key

    def _name(self) -> None:
        if len(self.raw) != PUBLIC_KEY_BYTES:
            raise BadKey("public_key_length", size=PUBLIC_KEY_BYTES, given=len(self.raw))
        thumbprint = sodium.crypto_hash_sha256(_COSE_KEY_HEAD + self.raw)
        object.__setattr__(self, "thumbprint", thumbprint)
        object.__setattr__(self, "key_id", thumbprint[:KEY_ID_BYTES])

    def _check_point(self) -> None:
        refuse_lax_library()
        if not sodium.crypto_core_ed25519_is_valid_point(self.raw):
            raise BadKey("weak_public_key")
        object.__setattr__(self, "_is_checked", True)

    @property
    def algorithm(self) -> int:
        """Its number in COSE."""
        return ALGORITHM

    @property
    def encoded(self) -> bytes:
        """The key with its type, as roots and issuers have it: ``[-19, raw]`` (specs/trust.md, section 1)."""
        return _TYPED_HEAD + self.raw

    def check(self, signature: bytes, message: bytes) -> None:
        """Return if *signature* (64 bytes) over *message* is by this key (RFC 8032, section 5.1.7).

        Raises:
            Forged: it is not.
            LaxLibrary: libsodium would verify what can be forged.
        """
        if not self._is_checked:
            try:
                self._check_point()
            except BadKey as error:
                raise error.as_kind(Forged) from error
        if len(signature) != SIGNATURE_BYTES:
            raise Forged("signature_length", size=SIGNATURE_BYTES, given=len(signature))
        try:
            sodium.crypto_sign_open(signature + message, self.raw)
        except CryptoError as error:
            raise Forged("signature_does_not_verify") from error


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A public key of an algorithm that this program does not know: it is kept and passed on, and nothing is verified with it.

    Args:
        algorithm: its number in COSE; any but :data:`ALGORITHM`.
        raw: 1 to 4,096 bytes.

    Raises:
        BadKey: another length, or Ed25519 after all.
    """

    algorithm: int
    raw: bytes
    thumbprint: bytes = field(init=False, repr=False, compare=False)
    """SHA-256 of the deterministic COSE_Key, an Algorithm Key Pair (RFC 9679; RFC 9964)."""
    key_id: bytes = field(init=False, repr=False, compare=False)
    """First 8 bytes of the thumbprint: a hint, never an identity."""

    def __post_init__(self) -> None:
        if self.algorithm == ALGORITHM:
            raise BadKey("public_key_length", size=PUBLIC_KEY_BYTES, found=len(self.raw))
        if not -(1 << 64) <= self.algorithm < 1 << 64:
            raise BadKey("unknown_key_algorithm", algorithm=self.algorithm)
        if not 1 <= len(self.raw) <= MAX_KEY_BYTES:
            raise BadKey("unknown_key_length", longest=MAX_KEY_BYTES, found=len(self.raw))
        named = _AKP_HEAD + cbor.integer(self.algorithm) + b"\x20" + cbor.byte_string(self.raw)
        thumbprint = sodium.crypto_hash_sha256(named)
        object.__setattr__(self, "thumbprint", thumbprint)
        object.__setattr__(self, "key_id", thumbprint[:KEY_ID_BYTES])

    @property
    def encoded(self) -> bytes:
        """The key with its type, as roots and issuers have it: ``[algorithm, raw]`` (specs/trust.md, section 1)."""
        return b"\x82" + cbor.integer(self.algorithm) + cbor.byte_string(self.raw)

    def check(self, signature: bytes, message: bytes) -> NoReturn:
        """Raise Unsupported: whether *signature* over *message* is by this key, this program cannot tell."""
        del signature, message
        raise Unsupported("key_algorithm_unknown", key_id=self.key_id.hex(), algorithm=self.algorithm)


AnyPublicKey: TypeAlias = "PublicKey | UnknownKey"


class Signer(Protocol):
    """Anything that signs with Ed25519: a key from a file, or one that never leaves its hardware."""

    @property
    def public_key(self) -> PublicKey:
        """The public key that verifies what :meth:`sign` returns."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over *message* (RFC 8032, section 5.1.6)."""


@dataclass(frozen=True, slots=True)
class SecretKey:
    """A secret key in memory; a :class:`Signer`.

    Args:
        seed: 32 secret bytes (RFC 8032, section 5.1.5).

    Raises:
        BadKey: another length.
    """

    seed: bytes = field(repr=False)
    public_key: PublicKey = field(init=False)
    _expanded: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise BadKey("secret_key_length", size=SEED_BYTES, given=len(self.seed))
        raw, expanded = sodium.crypto_sign_seed_keypair(self.seed)
        object.__setattr__(self, "public_key", PublicKey(raw))
        object.__setattr__(self, "_expanded", expanded)

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over *message*."""
        signed: bytes = sodium.crypto_sign(message, self._expanded)
        return signed[:SIGNATURE_BYTES]


def generate() -> SecretKey:
    """Return a new secret key from the operating system's randomness, by libsodium."""
    return SecretKey(sodium.randombytes(SEED_BYTES))
