"""The fonts of cards and the letters they have; they are embedded, so that every printer has them.

DejaVu Sans Condensed has the letters of Russian, Tatar, Bashkir and Chuvash, and those of Europe. It knows nothing of cards.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

REGULAR = Path(__file__).with_name("DejaVuSansCondensed.ttf")
BOLD = Path(__file__).with_name("DejaVuSansCondensed-Bold.ttf")
_LEFT_TO_RIGHT = frozenset({"L", "EN", "ES", "ET", "CS", "NSM", "BN", "B", "S", "WS", "ON"})
"""Direction classes that need no reordering (Unicode Standard Annex 9, table 4); Arabic and Hebrew need it, and shaping too."""


@cache
def letters() -> frozenset[str]:
    """Return the characters that both weights have and that are written left to right, one by one."""
    from reportlab.pdfbase.ttfonts import TTFontFile  # noqa: PLC0415 -- a tenth of a second, and only cards need it

    found = [frozenset(TTFontFile(str(path)).charToGlyph) for path in (REGULAR, BOLD)]
    return frozenset(
        character
        for character in map(chr, frozenset.intersection(*found))
        if unicodedata.bidirectional(character) in _LEFT_TO_RIGHT and character.isprintable()
    )


def missing(text: str) -> str:
    """Return the characters of *text* that the fonts cannot show, each once."""
    return "".join(dict.fromkeys(character for character in text if character not in letters()))
