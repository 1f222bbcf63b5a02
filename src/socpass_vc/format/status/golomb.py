"""Ascending positions as Golomb-Rice coded gaps, within 1 or 2 percent of the fewest bits (specs/status-delta.md, section 2).

It knows numbers and bits, and nothing of what is at a position. Like the CBOR reader, the reader accepts, by construction,
only what the writer writes: the parameter follows from the counts and is not in the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from socpass_vc.errors import Malformed

_MOST_LOW_BITS_IN_A_TABLE = 12


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


def decode(coded: bytes, counts: Iterable[int], span: int) -> list[list[int]]:
    """Return the sets of positions in *coded*.

    Args:
        coded: all of the code; the caller bounds its size, and with it the work.
        counts: how many positions each set has, 0 to *span*.
        span: how many positions there are.

    Raises:
        Malformed: it is cut off or followed by more, a position lies beyond the span, or the padding is not zeros.
    """
    bits = f"{int.from_bytes(coded, 'big'):0{8 * len(coded)}b}" if coded else ""
    at = 0
    sets = []
    for count in counts:
        positions, at = _read(bits, at, count, span)
        sets.append(positions)
    if len(bits) - at >= 8 or "1" in bits[at:]:  # noqa: PLR2004 -- bits of a byte
        raise Malformed("gaps_followed_by_more")
    return sets


def _read(bits: str, at: int, count: int, span: int) -> tuple[list[int], int]:
    """Return *count* positions and where the next set begins."""
    positions: list[int] = []
    if not count:
        return positions, at
    if count > len(bits) - at:  # each takes at least one bit, so no count makes us work in vain
        raise Malformed("gaps_cut_off")
    low_bits = parameter(count, span)
    position = -1
    find = bits.find
    for _ in range(count):
        stop = find("0", at)
        end = stop + 1 + low_bits
        if stop < 0 or end > len(bits):
            raise Malformed("gaps_cut_off")
        position += 1 + (stop - at << low_bits)
        if low_bits:
            position += int(bits[stop + 1 : end], 2)
        at = end
        positions.append(position)
    if position >= span:  # they ascend, so the last is the highest
        raise Malformed("gaps_beyond_span", position=position, span=span)
    return positions, at
