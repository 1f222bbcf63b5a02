"""zlib streams whose bytes never depend on a zlib build: runs of zeros are matches, all else is stored.

A run of zeros is a block of dynamic Huffman codes with three symbols, so that 258 zeros take two bits; a list of 2^25 entries
takes 8 kB. Knows RFC 1950 and RFC 1951 and nothing of status lists.
"""

import itertools
import zlib
from typing import Final

HEADER: Final = b"\x78\xda"  # deflate, a window of 32 KiB, no dictionary
_STORED, _DYNAMIC = 0, 2  # block types, RFC 1951, section 3.2.3
_LONGEST_MATCH: Final = 258
_LONGEST_STORED: Final = 0xFFFF
_SHORTEST_RUN: Final = 64  # below it a block of its own does not pay

# Code lengths as RFC 1951, section 3.2.7 has them, as (value, bits). Literal 0: two bits; end of block: two; length 258: one; the
# only distance, 1: one bit. The code length alphabet uses 18 (one bit: 0), 1 (two bits: 10) and 2 (two bits: 11).
_ORDER: Final = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1)
_RUN_HEADER: Final = (
    *((286 - 257, 5), (1 - 1, 5), (len(_ORDER) - 4, 4)),
    *(({18: 1, 1: 2, 2: 2}.get(symbol, 0), 3) for symbol in _ORDER),
    *((0b11, 2), (0, 1), (138 - 11, 7), (0, 1), (117 - 11, 7), (0b11, 2), (0, 1), (28 - 11, 7), (0b01, 2), (0b01, 2)),
)
_LITERAL_ZERO: Final = (0b01, 2)  # code 10, the first bit in the lowest place
_END: Final = (0b11, 2)  # code 11
_MATCH: Final = (0b00, 2)  # length 258 (code 0) at distance 1 (code 0)


class _Bits:
    """Bits from the lowest place up, as RFC 1951 packs them."""

    def __init__(self) -> None:
        self.number = 0
        self.count = 0

    def put(self, value: int, bits: int) -> None:
        self.number |= value << self.count
        self.count += bits

    def octets(self) -> bytes:
        return self.number.to_bytes((self.count + 7) // 8, "little")


def compressed(octets: bytes) -> bytes:
    """Return the zlib stream of *octets* (RFC 1950)."""
    return HEADER + deflated(octets) + zlib.adler32(octets).to_bytes(4, "big")


def deflated(octets: bytes) -> bytes:
    """Return the bare deflate stream of *octets* (RFC 1951)."""
    pieces = [(zero, b"".join(run)) for zero, run in itertools.groupby(_chunks(octets), key=lambda chunk: not any(chunk))]
    bits = _Bits()
    for position, (zero, piece) in enumerate(pieces):
        last = position == len(pieces) - 1
        if zero and len(piece) >= _SHORTEST_RUN:
            _put_zeros(bits, len(piece), last=last)
        else:
            _put_stored(bits, piece, last=last)
    return bits.octets()


def _chunks(octets: bytes) -> list[bytes]:
    """Cut into pieces of 64 bytes, so that a few scattered bytes cost a few short stored blocks."""
    return [octets[start : start + _SHORTEST_RUN] for start in range(0, len(octets), _SHORTEST_RUN)]


def _put_stored(bits: _Bits, piece: bytes, *, last: bool) -> None:
    for start in range(0, len(piece), _LONGEST_STORED):
        part = piece[start : start + _LONGEST_STORED]
        bits.put(int(last and start + len(part) == len(piece)), 1)
        bits.put(_STORED, 2)
        bits.put(0, -bits.count % 8)
        bits.put(len(part), 16)
        bits.put(len(part) ^ 0xFFFF, 16)
        bits.put(int.from_bytes(part, "little"), 8 * len(part))


def _put_zeros(bits: _Bits, length: int, *, last: bool) -> None:
    bits.put(int(last), 1)
    bits.put(_DYNAMIC, 2)
    for value, width in _RUN_HEADER:
        bits.put(value, width)
    matches, literals = divmod(length - 1, _LONGEST_MATCH)
    for _ in range(1 + literals):
        bits.put(*_LITERAL_ZERO)
    bits.put(0, matches * _MATCH[1])
    bits.put(*_END)
