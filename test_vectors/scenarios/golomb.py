"""Gaps between ascending positions as specs/status-delta.md, section 2 codes them, bit by bit; and room to code them wrongly."""

from collections.abc import Sequence


def low_bits(count: int, span: int) -> int:
    """Return the smallest k for which 2^(k + 1) times *count* reaches *span* - *count*."""
    return next(k for k in range(64) if 2 ** (k + 1) * count >= span - count)


def bits(positions: Sequence[int], span: int, k: int | None = None) -> str:
    """Return the code of one set as a text of 0 and 1; *k* in place of the parameter that section 2 asks for."""
    if not positions:
        return ""
    width = low_bits(len(positions), span) if k is None else k
    code = ""
    for before, position in zip([-1, *positions], positions, strict=False):
        quotient, rest = divmod(position - before - 1, 2**width)
        code += "1" * quotient + "0"
        for place in reversed(range(width)):
            code += str(rest // 2**place % 2)
    return code


def octets(code: str, fill: str = "0") -> bytes:
    """Return the bytes of a text of 0 and 1, the first in the highest place, filled up with *fill*."""
    whole = code + fill * (-len(code) % 8)
    return bytes(int(whole[start : start + 8], 2) for start in range(0, len(whole), 8))
