"""The curve of Ed25519 in whole numbers, for what no library does: a second signature of one message, keys that are no good keys.

Slow, and leaks secrets through time: the secrets here are published.
"""

import hashlib
from typing import Final, TypeAlias

FIELD: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493  # L of RFC 8032, section 5.1
_D: Final = -121665 * pow(121666, -1, FIELD) % FIELD
_BASE: Final = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
)
_SIGN_BIT: Final = 1 << 255

Point: TypeAlias = tuple[int, int]

# Encodings that are 32 bytes long and yet no public keys (specs/credential.md, section 2).
IDENTITY: Final = (1).to_bytes(32, "little")
SMALL_ORDER_2: Final = (FIELD - 1).to_bytes(32, "little")
SMALL_ORDER_4: Final = bytes(32)
SMALL_ORDER_8: Final = bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")
NON_CANONICAL: Final = (FIELD + 3).to_bytes(32, "little")  # y = 3 written as p + 3
IDENTITY_NON_CANONICAL: Final = (FIELD + 1).to_bytes(32, "little")  # y = 1 written as p + 1
IDENTITY_NEGATIVE: Final = (1 | _SIGN_BIT).to_bytes(32, "little")  # x = 0 has no sign
NOT_ON_CURVE: Final = (2).to_bytes(32, "little")


def mixed_order(public_key: bytes) -> bytes:
    """Return the key plus the point of order two, (0, -1): the sum of (x, y) and it is (-x, -y)."""
    number = int.from_bytes(public_key, "little")
    return (FIELD - (number & ~_SIGN_BIT) | (number & _SIGN_BIT) ^ _SIGN_BIT).to_bytes(32, "little")


def plus_order(signature: bytes) -> bytes:
    """Return the signature with L added to S: the same number modulo L, which RFC 8032, section 5.1.7 refuses."""
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + scalar.to_bytes(32, "little")


def sign_with_nonce(secret: bytes, public_key: bytes, message: bytes, nonce: int) -> bytes:
    """Return a valid signature that differs from the one of RFC 8032, because its nonce is chosen.

    Args:
        secret: the 32-byte seed.
        public_key: its public key.
        message: the bytes to sign.
        nonce: any number from 1 to L - 1, never used twice with one key outside of test vectors.
    """
    return sign_with_r(secret, public_key, message, nonce, commitment(nonce))


def commitment(nonce: int) -> bytes:
    """Return R of a signature with this nonce."""
    return _compress(_times(nonce, _BASE))


def sign_with_r(secret: bytes, public_key: bytes, message: bytes, nonce: int, r: bytes) -> bytes:
    """Return a signature whose R is *r*, whatever it is, and whose S fits the nonce: what a forger with the key could make.

    Args:
        secret: the 32-byte seed.
        public_key: its public key.
        message: the bytes to sign.
        nonce: any number from 0 to L - 1.
        r: 32 bytes; those of the nonce make the signature valid.
    """
    scalar = int.from_bytes(hashlib.sha512(secret).digest()[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    challenge = int.from_bytes(hashlib.sha512(r + public_key + message).digest(), "little") % ORDER
    return r + ((nonce + challenge * scalar) % ORDER).to_bytes(32, "little")


def _add(first: Point, second: Point) -> Point:
    (x1, y1), (x2, y2) = first, second
    product = _D * x1 * x2 * y1 * y2 % FIELD
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, FIELD) % FIELD
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, FIELD) % FIELD
    return x, y


def _times(factor: int, point: Point) -> Point:
    total = (0, 1)
    while factor:
        if factor & 1:
            total = _add(total, point)
        point = _add(point, point)
        factor >>= 1
    return total


def _compress(point: Point) -> bytes:
    x, y = point
    return (y | (x & 1) << 255).to_bytes(32, "little")
