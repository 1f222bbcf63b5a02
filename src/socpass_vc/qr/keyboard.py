"""Undo what a scanner that types like a keyboard, and the keyboard's settings, did to the text of a code: pure text to text.

Such a scanner presses the keys of an American keyboard, and the machine reads them by the layout that is chosen. The digits of a
pass come through every layout here; its prefix does not. It knows prefixes and layouts, and nothing of what the digits mean.
"""

from __future__ import annotations

import re

# What each key of an American keyboard types under a Russian layout; large and small letters alike, for Caps Lock takes the
# difference. Of two signs on a key, the one that may stand in a prefix (QR's alphanumeric ones and '#'). A sign that a layout
# types for one that may not, or not at all, is there too, so that it is not taken for itself under the wrong layout.
_LETTERS = dict(zip("йцукенгшщзхъфывапролджэячсмитьбю", "QWERTYUIOP[]ASDFGHJKL:'ZXCVBNM,.", strict=True))
WINDOWS = _LETTERS | {".": "/", "№": "#", ";": "$", "/": "|", ":": "^", "#": "\ufffd"}
"""Windows' "Russian", macOS's "Russian - PC" and XKB's ru(winkeys), which is the default of Linux."""
MACOS = _LETTERS | {"№": "#", "%": "$", ":": "%", ";": "*", ".": "&", "#": "\ufffd"}
"""macOS's "Russian" and XKB's ru(mac)."""
XKB_LEGACY = _LETTERS | {"*": "$", ":": "%", ";": "*", ".": "&", "№": "\ufffd"}
"""XKB's ru(legacy)."""

_LAYOUTS = tuple(str.maketrans(layout) for layout in (WINDOWS, MACOS, XKB_LEGACY))
_BEGINNING = re.compile(r"(SOCPASS|HTTPS?(?=[:;]//))[:;]")  # ';' is ':' with its Shift lost
_AIM = re.compile(r"[\]ъЪ][QqЙй][0-6]")  # ISO/IEC 15424: Q is a QR code
_DIGITS = "0123456789"
_FEW_DIGITS = 100  # a link that is no pass may end in so many; a pass has 157 at least
_AROUND = "".join(map(chr, range(33))) + "\x7f\ufeff"  # line endings, STX, ETX, a byte order mark


def as_coded(text: str) -> str:
    """Return *text* as the code holds it, as far as that can be told.

    What surrounds it goes: control characters, spaces, the AIM identifier of QR codes. A prefix ``SOCPASS:`` or ``HTTPS://``
    that came through a Russian layout or Caps Lock comes back, in capitals, as codes of passes have it. All else stays as it is.

    Args:
        text: one scan, as it was typed.
    """
    bare = text.strip(_AROUND)
    bare = _AIM.sub("", bare, count=1) if _AIM.match(bare) else bare
    head = bare.rstrip(_DIGITS)  # nothing stands behind the digits of a pass, and no layout changes them
    digits = bare[len(head) :]
    undone = [head.upper(), *(head.lower().translate(layout).upper() for layout in _LAYOUTS)]
    known = [candidate for candidate in undone if _BEGINNING.match(candidate)]
    if not known:
        return bare
    found = next((candidate for candidate in known if "#" in candidate), known[0])
    prefix = _BEGINNING.sub(r"\1:", found, count=1)
    return prefix + digits if _is_typed_well(head) else _with_shift(prefix, digits)


def _is_typed_well(head: str) -> bool:
    """Tell whether the prefix came as it is printed, but for its case."""
    found = _BEGINNING.match(head.upper())
    return found is not None and found[0].endswith(":")


def _with_shift(prefix: str, digits: str) -> str:
    """Return the text with the '#' back that was typed as 3, its Shift lost, so that the 3 does not count among the digits.

    Where the address itself ends in digits with a 3 among them this cuts too early, and the code is misread, never another's.
    """
    at = digits.find("3")
    if "#" in prefix or not prefix.startswith("HTTP") or at < 0 or len(digits) - at <= _FEW_DIGITS:
        return prefix + digits
    return f"{prefix}{digits[:at]}#{digits[at + 1 :]}"
