"""Tables for a terminal: columns under each other, numbers to the right; knows widths and nothing of what they show."""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import combining, east_asian_width

from socpass_cli.app.language import speaker

MAX_WIDTH = 100
"""Characters of the widest table; what terminals and printed pages of a till or an office have room for."""

_GAP = "  "
_ELLIPSIS = "…"


def show_count(count: int) -> str:
    """Return a number with its thousands apart, as the language of this run writes it."""
    return speaker().show_count(count)


def aligned(columns: Sequence[str], rows: Sequence[Sequence[str]], *, texts: int, shortened: int | None = None) -> list[str]:
    """Return the lines of a table, its header first.

    Args:
        columns: headers.
        rows: cells, as many as there are headers.
        texts: how many columns, from the left, are text; the others are numbers.
        shortened: the column whose cells give way if the table would be wider than :data:`MAX_WIDTH`.
    """
    widths = [max(_width(row[at]) for row in (columns, *rows)) for at in range(len(columns))]
    if shortened is not None:
        others = sum(widths) - widths[shortened] + len(_GAP) * (len(widths) - 1)
        widths[shortened] = max(min(widths[shortened], MAX_WIDTH - others), _width(columns[shortened]))
    lines = []
    for row in (columns, *rows):
        cells = [
            _padded(_shortened(cell, width), width, right=at >= texts)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(_GAP.join(cells).rstrip())
    return lines


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


def _shortened(cell: str, width: int) -> str:
    if _width(cell) <= width:
        return cell
    kept = ""
    for character in cell:
        if _width(kept + character) >= width:
            break
        kept += character
    return kept + _ELLIPSIS


def _width(text: str) -> int:
    return sum(0 if combining(character) else 1 + (east_asian_width(character) in "WF") for character in text)
