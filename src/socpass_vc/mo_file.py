"""A compiled message catalogue of gettext (a .mo file), looked up without decoding what is not asked for.

The standard library's reader decodes every entry when it opens a file: a fiftieth of the time that a verdict takes, for the ten
sentences that it needs. Keys in such a file are sorted, so one is found by halving (GNU gettext's manual, "The Format of GNU
MO Files"). Plural forms are chosen by gettext's own reading of the rule. It knows nothing of what the sentences say.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

_MAGIC = b"\xde\x12\x04\x95"  # little-endian, as our script writes it on any machine
_KEYS_AT, _TEXTS_AT, _COUNT_AT = 12, 16, 8
_ENTRY_BYTES = 8  # length and offset of a string


class MoFile:
    """The content of one file.

    Args:
        content: all of it.

    Raises:
        ValueError: it is no compiled catalogue.
    """

    def __init__(self, content: bytes) -> None:
        if not content.startswith(_MAGIC):
            raise ValueError("no compiled message catalogue")
        self._content = content
        self._count, self._keys_at, self._texts_at = (self._number(at) for at in (_COUNT_AT, _KEYS_AT, _TEXTS_AT))

    def find(self, key: str, number: int) -> str | None:
        """Return the sentence of *key*, in the form for *number* if it has plural forms; None if there is none."""
        forms = self._text_of(f"{key}\0{key}".encode())
        if forms is not None:
            return forms.split(b"\0")[self._form_for(number)].decode()
        text = self._text_of(key.encode())
        return None if text is None else text.decode()

    @cached_property
    def _form_for(self) -> Callable[[int], int]:
        from gettext import c2py  # noqa: PLC0415 -- what gettext itself reads the rule with

        header = self._text_of(b"") or b""
        rule = next(line for line in header.decode().splitlines() if line.lower().startswith("plural-forms:"))
        made: Callable[[int], int] = c2py(rule.partition("plural=")[2].strip().rstrip(";"))
        return made

    def _text_of(self, key: bytes) -> bytes | None:
        low, high = 0, self._count
        while low < high:
            middle = (low + high) // 2
            if self._string(self._keys_at, middle) < key:
                low = middle + 1
            else:
                high = middle
        if low == self._count or self._string(self._keys_at, low) != key:
            return None
        return self._string(self._texts_at, low)

    def _string(self, table_at: int, index: int) -> bytes:
        entry = table_at + index * _ENTRY_BYTES
        start = self._number(entry + 4)
        return self._content[start : start + self._number(entry)]

    def _number(self, at: int) -> int:
        return int.from_bytes(self._content[at : at + 4], "little")
