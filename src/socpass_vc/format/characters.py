"""What a text of ours may hold, by one version of Unicode and not by the interpreter's (specs/credential.md, section 1).

Characters of the scripts that nearly all names are in are told by one look; all others by a table that is loaded for the first
of them. Normalization is the interpreter's: of the characters that the table lets pass every later version composes the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from itertools import accumulate
from unicodedata import is_normalized

from socpass_vc.format.fields import FieldError

# ASCII, Latin and Cyrillic letters, and the sign of numbers: assigned, visible, and nothing of them composes.
_COMMON = re.compile("[ -~\u00c0-\u02ff\u0400-\u04ff\u2116]*").fullmatch
_NOT_FIRST = " \u0483\u0484\u0485\u0486\u0487\u0488\u0489"  # the spaces and combining marks among them

_FORBIDDEN, _SPACE, _MARK, _LETTER = "xsml"


def check_text(text: str, longest: int) -> None:
    """Return if *text* may stand in a pass, a list or a catalogue.

    Args:
        text: any string.
        longest: in code points.

    Raises:
        FieldError: it is empty, too long, not NFC, has a space at an end, a character that nobody sees, or none that one sees.
    """
    if not 1 <= len(text) <= longest:
        raise FieldError("text_length", count=len(text), longest=longest)
    is_common = (text.isascii() and text.isprintable()) or _COMMON(text)
    if not (is_common and text[0] not in _NOT_FIRST and text[-1] != " "):
        _check_by_table(text)


def check_name(name: str, longest: int) -> None:
    """Return if *name* may be what somebody or something is called: a text with a letter in it.

    Args:
        name: any string.
        longest: in code points.

    Raises:
        FieldError: as for :func:`check_text`, or it has no letter.
    """
    if not 1 <= len(name) <= longest:
        raise FieldError("text_length", count=len(name), longest=longest)
    is_common = (name.isascii() and name.isprintable()) or _COMMON(name)
    if not (is_common and name[0].isalpha() and name[-1] != " ") and _LETTER not in _check_by_table(name):
        raise FieldError("name_without_letter")


def _check_by_table(text: str) -> str:
    """Return the kinds of the characters of a text, if it may be one."""
    starts, letters = _table()
    kinds = "".join([letters[bisect_right(starts, ord(character)) - 1] for character in text])
    if _FORBIDDEN in kinds:
        position = kinds.index(_FORBIDDEN)
        raise FieldError("text_character", character=f"U+{ord(text[position]):04X}", position=position + 1)
    if not is_normalized("NFC", text):
        raise FieldError("text_not_nfc")
    if _SPACE in (kinds[0], kinds[-1]):
        raise FieldError("text_outer_space")
    if not kinds.strip(_SPACE + _MARK):
        raise FieldError("text_invisible")
    return kinds


@cache
def _table() -> tuple[list[int], str]:
    """Return where each run of one kind of characters begins, and its kind."""
    from socpass_vc.format.unicode_table import RUNS  # noqa: PLC0415 -- most tills never meet a character outside of the common ones

    runs = re.findall("([a-z])([0-9]+)", RUNS)
    ends = accumulate(int(length) for _, length in runs)
    return [0, *ends][:-1], "".join(kind for kind, _ in runs)
