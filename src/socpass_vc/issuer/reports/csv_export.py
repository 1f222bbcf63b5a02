"""CSV files that people open in a spreadsheet: no cell is taken for a formula, and each reads back as it was.

A spreadsheet computes a cell that begins with ``=``, ``+``, ``-`` or ``@``, plain or full-width, a tab, a CR or an LF (OWASP, CSV
injection). The middle of a text can become the beginning of a cell, too, where a program separates at another character than
ours. An apostrophe before such a beginning makes it text. It knows cells and lines, not what they say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

DELIMITER = ";"
"""What Excel separates at where the comma is the decimal sign, and our readers everywhere."""
LINE_END = "\r\n"

_FORMULA = "=+@\\-\uff1d\uff0b\uff0d\uff20"
_SPACE = "\t\r\n"
# Where a cell may begin: at the text's own beginning, and behind whatever any program separates or quotes with.
_BEGINNING = f'(?:\\A|(?<=[;,"{_SPACE}]))'
_RISK = f"'*[{_FORMULA}]"
_RISK_AT_FIRST = f"'*[{_SPACE}]"
_UNGUARDED = re.compile(f"{_BEGINNING}(?={_RISK})|\\A(?={_RISK_AT_FIRST})")
_GUARDED = re.compile(f"{_BEGINNING}'(?={_RISK})|\\A'(?={_RISK_AT_FIRST})")
_RISKY = re.compile(f"[{_FORMULA}{_SPACE}]")  # found fast, and most cells have none
_NEEDS_QUOTES = re.compile(f'[;,"{_SPACE}]')


def guard_cell(text: str) -> str:
    """Return *text* with an apostrophe wherever a spreadsheet would find a formula begin; :func:`undo_guard` takes it away.

    Apostrophes that stand before such a beginning get one more, so that every text reads back as it was.
    """
    return _UNGUARDED.sub("'", text) if _RISKY.search(text) else text


def undo_guard(text: str) -> str:
    """Return the text that :func:`guard_cell` made *text* of; what it cannot have made is returned as it is."""
    if "'" not in text:
        return text
    undone = _GUARDED.sub("", text)
    return undone if guard_cell(undone) == text else text


def csv_line(cells: Iterable[object]) -> str:
    """Return one line of a CSV file, without its end: each cell guarded, and quoted where it holds what might separate cells.

    Args:
        cells: texts and numbers; None is an empty cell. Numbers are written as they are.
    """
    return DELIMITER.join(_written(cell) for cell in cells)


def _written(cell: object) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return str(cell)
    text = guard_cell(cell)
    if _NEEDS_QUOTES.search(text):
        doubled = text.replace('"', '""')
        return f'"{doubled}"'
    return text
