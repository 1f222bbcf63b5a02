"""Bytes that are nearly right: wounds, as chance deals them, in bytes that were good for something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

MAX_FED_BYTES = 64 * 2**10
"""Longer than every seed; what is larger is for the benches of bombs."""

_INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\x18\x18",
    b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
    b"\x9a\x00\x01\x00\x00",
    b"\xa0",
    b"\x80",
    b"\xf6",
    b"\xf9\x7e\x00",
    b"\xd8\x3d",
    b"\xc2",
    b"\x9f",
    b"\xbf",
    b"\xa1\x00",
    "\u200b".encode(),
    "\u202e".encode(),
    "\u0663".encode(),
    "e\u0301".encode(),
    b"\xed\xa0\x80",
    b"\r\n",
    b'"',
    b"'",
    b";",
    b",",
    b"\\u0000",
    b"\\ud800",
    b"1e999",
    b"NaN",
    b"0x1F",
    b"9999-12-31",
    b"0001-01-01T00:00:00+24:00",
    b"99999999999999999999",
    b"-1",
    b"[[",
    b"{",
    b"%00",
    b"[::1]",
)


def _flip(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    if wounded:
        wounded[chance.randrange(len(wounded))] ^= 1 << chance.randrange(8)


def _set(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    if wounded:
        wounded[chance.randrange(len(wounded))] = chance.randrange(256)


def _count(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    if wounded:
        at = chance.randrange(len(wounded))
        wounded[at] = (wounded[at] + chance.choice((-1, 1, 16, -16))) % 256


def _cut(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    start = chance.randrange(len(wounded) + 1)
    del wounded[start : start + chance.choice((1, 2, 4, 8, 32, 256))]


def _end(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    del wounded[chance.randrange(len(wounded) + 1) :]


def _insert(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    at = chance.randrange(len(wounded) + 1)
    wounded[at:at] = chance.choice(_INTERESTING) if chance.randrange(3) else chance.randbytes(chance.randint(1, 8))


def _overwrite(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    put = chance.choice(_INTERESTING)
    at = chance.randrange(len(wounded) + 1)
    wounded[at : at + len(put)] = put


def _repeat(wounded: bytearray, chance: Random, _: Sequence[bytes]) -> None:
    start = chance.randrange(len(wounded) + 1)
    part = wounded[start : start + chance.choice((1, 4, 16, 64))]
    wounded[start:start] = part * chance.choice((1, 1, 2, 9, 300))


def _splice(wounded: bytearray, chance: Random, others: Sequence[bytes]) -> None:
    other = chance.choice(others)
    start = chance.randrange(len(other) + 1)
    part = other[start : start + chance.choice((2, 8, 32, 128))]
    at = chance.randrange(len(wounded) + 1)
    wounded[at : at + chance.choice((0, len(part)))] = part


_WOUNDS: tuple[Callable[[bytearray, Random, Sequence[bytes]], None], ...] = (
    _flip,
    _set,
    _count,
    _cut,
    _end,
    _insert,
    _overwrite,
    _repeat,
    _splice,
)


def wound(good: bytes, chance: Random, others: Sequence[bytes]) -> bytes:
    """Return *good* with one to eight wounds, few more often than many.

    Args:
        good: what to begin from.
        chance: decides; the same state gives the same bytes.
        others: whose parts may be put in.
    """
    wounded = bytearray(good)
    for _ in range(min(8, 1 + int(chance.expovariate(0.7)))):
        chance.choice(_WOUNDS)(wounded, chance, others)
    return bytes(wounded[:MAX_FED_BYTES])
