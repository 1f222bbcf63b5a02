"""Writes format/unicode_table.py: what each code point is to text of ours, by one version of Unicode; --check compares.

General categories come from the interpreter's unicodedata, so it must be of that version; with another, nothing is written and
``--check`` says that it cannot tell. What the interpreter does not know, Default_Ignorable_Code_Point, stands below.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

VERSION = "14.0.0"
"""That of the oldest Python that socpass runs on: newer ones know all of its characters, and normalize them alike."""
TARGET = Path(__file__).parents[1] / "src" / "socpass_vc" / "format" / "unicode_table.py"

FORBIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
# DerivedCoreProperties-14.0.0.txt, Default_Ignorable_Code_Point, without what is refused by its category anyway.
DEFAULT_IGNORABLE = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180D),  # Mongolian variation selectors
    (0x180F, 0x180F),
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFFA0, 0xFFA0),  # half-width Hangul filler
    (0xE0100, 0xE01EF),  # variation selectors supplement
)
BRAILLE_BLANK = 0x2800
"""A symbol by its category, and a blank on every screen."""
WIDTH = 118


def kind(point: int) -> str:
    """Return the letter by which the table calls a code point's kind."""
    category = unicodedata.category(chr(point))
    ignorable = any(first <= point <= last for first, last in DEFAULT_IGNORABLE)
    if category in FORBIDDEN or ignorable or point == BRAILLE_BLANK:
        return "x"
    if category == "Zs":
        return "s"
    return {"L": "l", "M": "m"}.get(category[0], "v")


def lines(words: list[str]) -> Iterator[str]:
    """Yield *words* as the lines of a string of the module."""
    line = ""
    for word in words:
        if len(line) + len(word) > WIDTH:
            yield line
            line = ""
        line += word
    yield line


def module() -> str:
    """Return the source of the module."""
    runs = [f"{letter}{len(list(run))}" for letter, run in groupby(map(kind, range(sys.maxunicode + 1)))]
    table = "\n".join(f'    "{line}"' for line in lines(runs))
    return f'''"""What each code point is to text of ours, by Unicode {VERSION}; scripts/unicode_table.py writes it."""

VERSION = "{VERSION}"
"""Of Unicode, whose general categories these are."""
RUNS = (  # from U+0000 on: x no text holds it, s space, m combining mark, l letter, v another that is seen; and how many
{table}
)
'''


def main() -> int:
    """Write, or compare; return the exit code."""
    if unicodedata.unidata_version != VERSION:
        print(f"this Python knows Unicode {unicodedata.unidata_version}, the table is of {VERSION}: not compared")  # noqa: T201 -- a script's message
        return 0 if "--check" in sys.argv else 1
    content = module()
    if "--check" not in sys.argv:
        TARGET.write_text(content, encoding="utf-8")
        return 0
    is_same = TARGET.read_text(encoding="utf-8") == content
    if not is_same:
        print(f"{TARGET.name} is not what {Path(__file__).name} writes")  # noqa: T201 -- a script's message
    return 0 if is_same else 1


if __name__ == "__main__":
    sys.exit(main())
