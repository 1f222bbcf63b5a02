"""Ascending positions as Golomb-Rice coded gaps, within 1 or 2 percent of the fewest bits (specs/status-delta.md, section 2).

It knows numbers and bits, and nothing of what is at a position. Like the CBOR reader, the reader accepts, by construction,
only what the writer writes: the parameter follows from the counts and is not in the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from socpass_vc.errors import Malformed

_MOST_LOW_BITS_IN_A_TABLE = 12
_WINDOW_BYTES = 2**13  # of a code that are read at once: as text, each bit takes a byte
_POSITIONS_AT_ONCE = 2**14


def parameter(count: int, span: int) -> int:
    """Return how many low bits of each gap are written as they are; the rest of the gap is written in unary.

    It is the smallest number for which the low bits reach half of the average gap: for evenly scattered positions the best
    choice, or one that costs less than 1/40 bit more per gap.

    Args:
        count: of positions, 1 or more.
        span: the positions lie below it.
    """
    low_bits = 0
    while count << low_bits + 1 < span - count:
        low_bits += 1
    return low_bits


def encode(sets: Iterable[Sequence[int]], span: int) -> bytes:
    """Return the code of several sets of positions, one after the other, padded to a byte with zeros.

    Args:
        sets: each strictly ascending, of integers from 0 to *span* - 1.
        span: how many positions there are.
    """
    bits = "".join([_write(positions, span) for positions in sets])
    size = -(-len(bits) // 8)
    return int(bits.ljust(8 * size, "0") or "0", 2).to_bytes(size, "big")


def _write(positions: Sequence[int], span: int) -> str:
    if not positions:
        return ""
    low_bits = parameter(len(positions), span)
    mask = (1 << low_bits) - 1
    form = f"0{low_bits}b" if low_bits else ""
    # The zero that ends the unary part, and the low bits; a table is faster and its size bounded.
    table = [f"0{low:{form}}" if form else "0" for low in range(1 << low_bits)] if low_bits <= _MOST_LOW_BITS_IN_A_TABLE else None
    words = []
    expected = 0
    for position in positions:
        gap = position - expected
        expected = position + 1
        words.append("1" * (gap >> low_bits))
        words.append(table[gap & mask] if table else f"0{gap & mask:{form}}")
    return "".join(words)


def decode(coded: bytes, counts: Iterable[int], span: int) -> Iterator[tuple[int, list[int]]]:
    """Yield the positions in *coded*, some thousands at a time: the number of their set, from 0, and they, ascending.

    As numbers of Python, the positions of the longest code would take a gigabyte. What was yielded may be believed once all was.

    Args:
        coded: all of the code; the caller bounds its size, and with it the work.
        counts: how many positions each set has, 0 to *span*.
        span: how many positions there are.

    Raises:
        Malformed: it is cut off or followed by more, a position lies beyond the span, or the padding is not zeros.
    """
    bits = _Bits(coded)
    for number, count in enumerate(counts):
        if count > bits.left:  # each takes at least one, so no count makes us work in vain
            raise Malformed("gaps_cut_off")
        low_bits = parameter(count, span) if count else 0
        position = -1
        for begin in range(0, count, _POSITIONS_AT_ONCE):
            positions = bits.positions(min(_POSITIONS_AT_ONCE, count - begin), low_bits, position)
            position = positions[-1]
            if position >= span:  # they ascend, so the last is the highest
                raise Malformed("gaps_beyond_span", position=position, span=span)
            yield number, positions
    bits.check_end()


class _Bits:
    """The bits of a code as text, of which a window is made at a time: in text, each takes a byte.

    Args:
        coded: all of the code.
    """

    def __init__(self, coded: bytes) -> None:
        self._coded = coded
        self._taken = 0  # bytes that the window has had so far
        self._window = ""
        self._at = 0

    @property
    def left(self) -> int:
        """How many bits were not read yet."""
        return len(self._window) - self._at + 8 * (len(self._coded) - self._taken)

    def positions(self, count: int, low_bits: int, position: int) -> list[int]:
        """Return the *count* positions that follow *position*."""
        found = []
        window, at = self._window, self._at
        for _ in range(count):
            ones = 0
            while (stop := window.find("0", at)) < 0 or stop + low_bits >= len(window):
                if stop < 0:
                    ones, at = ones + len(window) - at, len(window)
                window, at = self._further(window[at:]), 0
            position += 1 + (ones + stop - at << low_bits)
            at = stop + 1 + low_bits
            if low_bits:
                position += int(window[stop + 1 : at], 2)
            found.append(position)
        self._window, self._at = window, at
        return found

    def check_end(self) -> None:
        """Return if nothing is left but zeros that fill a byte."""
        if self.left >= 8 or "1" in self._window[self._at :]:  # noqa: PLR2004 -- bits of a byte
            raise Malformed("gaps_followed_by_more")

    def _further(self, rest: str) -> str:
        """Return the window that begins with the *rest* of the last one."""
        coded = self._coded[self._taken : self._taken + _WINDOW_BYTES]
        if not coded:
            raise Malformed("gaps_cut_off")
        self._taken += len(coded)
        return f"{rest}{int.from_bytes(coded, 'big'):0{8 * len(coded)}b}"
