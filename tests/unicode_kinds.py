"""What the tests know of Unicode 14.0: the interpreter's categories; where it knows a later version, the table."""

import re
import unicodedata

from socpass_vc.format.unicode_table import RUNS, VERSION

# Default_Ignorable_Code_Point that is neither Cf nor unassigned, and the blank pattern of Braille.
BLANK = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180F, 0x3164, 0xFFA0, 0x2800}
BLANK |= {*range(0x180B, 0x180E), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
KINDS = "".join(kind * int(length) for kind, length in re.findall("([a-z])([0-9]+)", RUNS))
"""The table's letter for each code point."""


def category(character: str) -> str:
    """Return the general category of a character in Unicode 14.0."""
    found = unicodedata.category(character)
    is_later = unicodedata.unidata_version != VERSION and KINDS[ord(character)] == "x" and ord(character) not in BLANK
    return "Cn" if is_later and found[0] != "C" else found


def is_seen(character: str) -> bool:
    """Tell whether text may hold a character."""
    return category(character)[0] != "C" and category(character) not in ("Zl", "Zp") and ord(character) not in BLANK
