"""The curve of Ed25519 in plain integers (RFC 8032, section 5.1), independent of libsodium; slow, and for tests alone.

It multiplies points and knows those of small order in every encoding. It judges no signature strictly: :func:`holds` is the
bare equation, with the cofactor or without.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha512
from typing import NamedTuple

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of the prime-order group."""
_D = -121665 * pow(121666, -1, PRIME) % PRIME
_ROOT_OF_MINUS_1 = pow(2, (PRIME - 1) // 4, PRIME)
_SIGN_BIT = 1 << 255


class Point(NamedTuple):
    """A point in extended coordinates: x = X / Z, y = Y / Z, x * y = T / Z."""

    X: int
    Y: int
    Z: int
    T: int

    def plus(self, other: Point) -> Point:
        """Return the sum (RFC 8032, section 5.1.4)."""
        a, b = (self.Y - self.X) * (other.Y - other.X), (self.Y + self.X) * (other.Y + other.X)
        c, d = 2 * self.T * other.T * _D, 2 * self.Z * other.Z
        e, f, g, h = (b - a) % PRIME, (d - c) % PRIME, (d + c) % PRIME, (b + a) % PRIME
        return Point(e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)

    def times(self, factor: int) -> Point:
        """Return the point added *factor* times."""
        result, power = IDENTITY, self
        while factor:
            if factor & 1:
                result = result.plus(power)
            power = power.plus(power)
            factor >>= 1
        return result

    def encode(self) -> bytes:
        """Return the canonical 32 bytes (RFC 8032, section 5.1.2)."""
        inverse = pow(self.Z, -1, PRIME)
        x, y = self.X * inverse % PRIME, self.Y * inverse % PRIME
        return (y | (x & 1) << 255).to_bytes(32, "little")


IDENTITY = Point(0, 1, 1, 0)


def decode(raw: bytes) -> Point:
    """Return the point of 32 bytes; leniently: y may be p or more, and the sign of x = 0 may be set.

    Raises:
        ValueError: no point of the curve has this y.
    """
    number = int.from_bytes(raw, "little")
    y, sign = (number & _SIGN_BIT - 1) % PRIME, number >> 255
    square = (y * y - 1) * pow(_D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * _ROOT_OF_MINUS_1 % PRIME
    if (x * x - square) % PRIME:
        raise ValueError("no point of the curve")
    if x & 1 != sign:
        x = -x % PRIME
    return Point(x, y, 1, x * y % PRIME)


BASE = decode((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))


@cache
def torsion() -> tuple[Point, ...]:
    """Return the eight points of small order, each the sum of the first two before it: the n-th is n times one of order 8."""
    one = next(point for y in range(2, 100) for point in _of_order_8(y))
    return tuple(one.times(number) for number in range(8))


def _of_order_8(y: int) -> tuple[Point, ...]:
    try:
        point = decode(y.to_bytes(32, "little")).times(ORDER)
    except ValueError:
        return ()
    return (point,) if point.times(4).encode() != IDENTITY.encode() else ()


@cache
def small_order_encodings() -> dict[bytes, int]:
    """Return all 14 encodings of points of small order, canonical or not, with the number of the point in :func:`torsion`."""
    numbers = {point.encode(): number for number, point in enumerate(torsion())}
    found = dict(numbers)
    for y in range(2**255 - PRIME):  # those that y + p still fits below 2^255
        for raw in (y + PRIME, y + PRIME | _SIGN_BIT, y | _SIGN_BIT):
            encoded = raw.to_bytes(32, "little")
            try:
                canonical = decode(encoded).encode()
            except ValueError:
                continue
            if canonical in numbers:
                found.setdefault(encoded, numbers[canonical])
    minus_1 = PRIME - 1
    found.setdefault((minus_1 | _SIGN_BIT).to_bytes(32, "little"), numbers[minus_1.to_bytes(32, "little")])
    return found


def challenge(r: bytes, key: bytes, message: bytes) -> int:
    """Return k, the hash that binds R, the key and the message (RFC 8032, section 5.1.7)."""
    return int.from_bytes(sha512(r + key + message).digest(), "little") % ORDER


def holds(key: bytes, message: bytes, signature: bytes, *, cofactor: bool) -> bool:
    """Tell whether S * B = R + k * A, or the same times 8; encodings are read leniently, S is not bounded."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    try:
        right = decode(r).plus(decode(key).times(challenge(r, key, message)))
    except ValueError:
        return False
    left = BASE.times(s)
    if cofactor:
        left, right = left.times(8), right.times(8)
    return left.encode() == right.encode()
