"""ML-DSA-44 by FIPS 204, deterministic, so that vectors are the same at each run; for vectors alone, since it keeps no secret.

It makes keys and signatures of an algorithm that today's readers do not know. interop/ has OpenSSL verify them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256, shake_128, shake_256
from itertools import count
from typing import Final

ALGORITHM: Final = -48  # RFC 9964
PUBLIC_KEY_BYTES: Final = 1312
SIGNATURE_BYTES: Final = 2420

# FIPS 204, table 1.
_Q, _D, _TAU, _LAMBDA = 8380417, 13, 39, 128
_GAMMA_1, _GAMMA_2 = 1 << 17, (_Q - 1) // 88
_K = _L = 4
_ETA, _OMEGA = 2, 80
_BETA: Final = _TAU * _ETA
_HALVES: Final = 15  # half bytes that stand for a coefficient; algorithm 15
_N: Final = 256

Polynomial = list[int]
Vector = list[Polynomial]


def _h(message: bytes, size: int) -> bytes:
    return shake_256(message).digest(size)


# --- Section 7.5: the number theoretic transform

_ZETAS: Final = [pow(1753, int(f"{number:08b}"[::-1], 2), _Q) for number in range(_N)]


def _ntt(polynomial: Polynomial) -> Polynomial:
    found, at, length = polynomial[:], 0, 128
    while length:
        for start in range(0, _N, 2 * length):
            at += 1
            for j in range(start, start + length):
                product = _ZETAS[at] * found[j + length] % _Q
                found[j + length], found[j] = (found[j] - product) % _Q, (found[j] + product) % _Q
        length //= 2
    return found


def _inverse_ntt(transformed: Polynomial) -> Polynomial:
    found, at, length = transformed[:], _N, 1
    while length < _N:
        for start in range(0, _N, 2 * length):
            at -= 1
            for j in range(start, start + length):
                before = found[j]
                found[j] = (before + found[j + length]) % _Q
                found[j + length] = -_ZETAS[at] * (before - found[j + length]) % _Q
        length *= 2
    return [coefficient * 8347681 % _Q for coefficient in found]


def _add(*polynomials: Polynomial) -> Polynomial:
    return [sum(coefficients) % _Q for coefficients in zip(*polynomials, strict=True)]


def _product(one: Polynomial, other: Polynomial) -> Polynomial:
    return [a * b % _Q for a, b in zip(one, other, strict=True)]


def _scaled(vector: Vector, by: Polynomial) -> Vector:
    """Return the product of each of *vector*, transformed, with *by*, transformed; not transformed."""
    return [_inverse_ntt(_product(polynomial, by)) for polynomial in vector]


def _matrix_product(matrix: Sequence[Vector], vector: Vector) -> Vector:
    transformed = [_ntt(polynomial) for polynomial in vector]
    return [_inverse_ntt(_add(*(_product(a, b) for a, b in zip(row, transformed, strict=True)))) for row in matrix]


# --- Section 7.3: sampling


def _coefficients(stream: bytes, read: Callable[[bytes], Iterator[int]], size: int) -> Polynomial:
    found = [*read(stream)][:size]
    if len(found) < size:
        raise ValueError("too few bytes were squeezed")
    return found


def _uniform(stream: bytes) -> Iterator[int]:
    for at in range(0, len(stream), 3):
        value = int.from_bytes(stream[at : at + 3], "little") & 0x7FFFFF
        if value < _Q:
            yield value


def _bounded(stream: bytes) -> Iterator[int]:
    for octet in stream:
        for half in (octet & 15, octet >> 4):
            if half < _HALVES:
                yield 2 - half % 5


def _expand_a(rho: bytes) -> list[Vector]:
    return [[_coefficients(shake_128(rho + bytes((s, r))).digest(1200), _uniform, _N) for s in range(_L)] for r in range(_K)]


def _expand_s(rho: bytes) -> tuple[Vector, Vector]:
    drawn = [_coefficients(_h(rho + number.to_bytes(2, "little"), 400), _bounded, _N) for number in range(_L + _K)]
    return drawn[:_L], drawn[_L:]


def _expand_mask(rho: bytes, kappa: int) -> Vector:
    width = 18
    streams = [int.from_bytes(_h(rho + (kappa + r).to_bytes(2, "little"), 32 * width), "little") for r in range(_L)]
    return [[_GAMMA_1 - (stream >> width * at & (1 << width) - 1) for at in range(_N)] for stream in streams]


def _sample_in_ball(seed: bytes) -> Polynomial:
    stream = iter(_h(seed, 1024))
    signs = int.from_bytes(bytes(next(stream) for _ in range(8)), "little")
    found = [0] * _N
    for i in range(_N - _TAU, _N):
        j = next(octet for octet in stream if octet <= i)
        found[i], found[j] = found[j], 1 - 2 * (signs >> i + _TAU - _N & 1)
    return found


# --- Section 7.4: high and low bits; section 7.1: packing


def _centred(value: int, modulus: int) -> int:
    rest = value % modulus
    return rest - modulus if rest > modulus // 2 else rest


def _decompose(value: int) -> tuple[int, int]:
    low = _centred(value % _Q, 2 * _GAMMA_2)
    if value % _Q - low == _Q - 1:
        return 0, low - 1
    return (value % _Q - low) // (2 * _GAMMA_2), low


def _packed(values: Iterable[int], width: int) -> bytes:
    whole = sum(value << width * at for at, value in enumerate(values))
    return whole.to_bytes(_N * width // 8, "little")


def _packed_hint(hint: Sequence[Sequence[int]]) -> bytes:
    places, ends = bytearray(), bytearray()
    for polynomial in hint:
        places += bytes(at for at, is_set in enumerate(polynomial) if is_set)
        ends.append(len(places))
    return bytes(places) + bytes(_OMEGA - len(places)) + bytes(ends)


def _norm(vector: Vector) -> int:
    return max(abs(_centred(coefficient, _Q)) for polynomial in vector for coefficient in polynomial)


@dataclass(frozen=True, slots=True)
class _Expanded:
    """A secret key in all its parts, those that are multiplied with transformed already."""

    public: bytes
    key: bytes
    matrix: list[Vector]
    s1: Vector
    s2: Vector
    t0: Vector


@cache
def _expanded(seed: bytes) -> _Expanded:
    """Return the key of a seed (algorithm 6)."""
    drawn = _h(seed + bytes((_K, _L)), 128)
    rho, matrix = drawn[:32], _expand_a(drawn[:32])
    s1, s2 = _expand_s(drawn[32:96])
    t = [_add(a, b) for a, b in zip(_matrix_product(matrix, s1), s2, strict=True)]
    low = [[_centred(value, 1 << _D) for value in polynomial] for polynomial in t]
    high = [[value - rest >> _D for value, rest in zip(*both, strict=True)] for both in zip(t, low, strict=True)]
    public = rho + b"".join(_packed(polynomial, 10) for polynomial in high)
    return _Expanded(public, drawn[96:], matrix, *([_ntt(polynomial) for polynomial in vector] for vector in (s1, s2, low)))


def public_key(seed: bytes) -> bytes:
    """Return the public key of a seed of 32 bytes (algorithm 6)."""
    return _expanded(seed).public


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the deterministic signature over *message* with an empty context (algorithms 2 and 7)."""
    key = _expanded(seed)
    mu = _h(_h(key.public, 64) + b"\0\0" + message, 64)
    private = _h(key.key + bytes(32) + mu, 64)
    for kappa in count(0, _L):
        y = _expand_mask(private, kappa)
        w = _matrix_product(key.matrix, y)
        high = [[_decompose(value)[0] for value in polynomial] for polynomial in w]
        challenge = _h(mu + b"".join(_packed(polynomial, 6) for polynomial in high), _LAMBDA // 4)
        c = _ntt(_sample_in_ball(challenge))
        z = [_add(a, b) for a, b in zip(y, _scaled(key.s1, c), strict=True)]
        minus_cs2 = [[-value for value in polynomial] for polynomial in _scaled(key.s2, c)]
        rest = [_add(a, b) for a, b in zip(w, minus_cs2, strict=True)]
        low = max(abs(_decompose(value)[1]) for polynomial in rest for value in polynomial)
        if _norm(z) >= _GAMMA_1 - _BETA or low >= _GAMMA_2 - _BETA:
            continue
        ct0 = _scaled(key.t0, c)
        with_ct0 = [_add(a, b) for a, b in zip(rest, ct0, strict=True)]
        hint = [
            [int(_decompose(a)[0] != _decompose(b)[0]) for a, b in zip(*both, strict=True)]
            for both in zip(rest, with_ct0, strict=True)
        ]
        if _norm(ct0) < _GAMMA_2 and sum(map(sum, hint)) <= _OMEGA:
            packed = (_packed((_GAMMA_1 - _centred(value, _Q) for value in polynomial), 18) for polynomial in z)
            return challenge + b"".join(packed) + _packed_hint(hint)
    raise AssertionError("a signature is found sooner or later")


def key_id(public: bytes) -> bytes:
    """Return the first 8 bytes of SHA-256 of the deterministic COSE_Key {1: 7, 3: -48, -1: public} (RFC 9964)."""
    return sha256(bytes.fromhex("a3010703382f20590520") + public).digest()[:8]
