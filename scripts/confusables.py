"""Writes authority/confusables_table.py: characters that look like another one, for the scripts that issuers' names are in.

Its source is ``confusables.json`` of the package confusable-homoglyphs 3.3.1 from PyPI, which holds confusables.txt of UTS 39 as
pairs, both ways: ``python scripts/confusables.py FILE``. There a character has the one that it looks like beside it, and that
one has all those that look like it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "socpass_vc" / "authority" / "confusables_table.py"
# Latin, Greek, Cyrillic, Armenian and Georgian letters, digits and punctuation; compatibility forms of these are decomposed.
RANGES = (
    (0x0020, 0x02FF),
    (0x0370, 0x03FF),
    (0x0400, 0x058F),
    (0x10A0, 0x10FF),
    (0x1C80, 0x1C8F),
    (0x1C90, 0x1CBF),
    (0x1E00, 0x1FFF),
    (0x2010, 0x205E),
    (0x2D00, 0x2D2F),
    (0xA640, 0xA69F),
    (0xA720, 0xA7FF),
    (0xAB30, 0xAB6F),
)
WIDTH = 118


def prototypes(pairs: Mapping[str, list[dict[str, str]]]) -> dict[str, str]:
    """Return what each character of the ranges looks like, in the words of UTS 39 its prototype."""
    others = {character: sorted({pair["c"] for pair in like}) for character, like in pairs.items()}
    found: dict[str, str] = {}
    for character, like in others.items():
        if len(character) != 1 or len(like) != 1 or not any(first <= ord(character) <= last for first, last in RANGES):
            continue
        (other,) = like
        if len(other) > 1 or len(others.get(other, [])) > 1 or other < character:
            found[character] = other
    return found


def lines(found: Mapping[str, str]) -> list[str]:
    """Return the lines of the table: a character and its prototype in hexadecimal, as ``0430=61``."""
    made, line = [], ""
    for character, prototype in sorted(found.items()):
        word = f"{ord(character):x}={'+'.join(f'{ord(each):x}' for each in prototype)} "
        if len(line) + len(word) > WIDTH:
            made.append(line)
            line = ""
        line += word
    return [*made, line]


def main() -> int:
    """Write the module; return the exit code."""
    found = prototypes(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    table = "\n".join(f'    "{line}"' for line in lines(found))
    TARGET.write_text(
        f'''"""Characters that look like another, by UTS 39; written by scripts/confusables.py, not by hand.

Data: confusables.txt of Unicode 15.1, copyright Unicode, Inc., under the Unicode License (https://www.unicode.org/license.txt).
"""

PAIRS = (  # in hexadecimal: a character, and one or several that look like it, the same for all that look alike
{table}
)
''',
        encoding="utf-8",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
