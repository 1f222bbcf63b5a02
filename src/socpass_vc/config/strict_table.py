"""A table of a TOML file, read strictly: options are taken one by one, and what is left over is an error.

It knows types and bounds, and how to name an option; what options mean is its caller's.
"""

from __future__ import annotations

import json
import tomllib
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from socpass_vc.errors import AgencyError, SocpassError
from socpass_vc.messages import Message

Kind = TypeVar("Kind")

_KINDS: dict[type, Message] = {
    str: Message("toml.kind.text"),
    int: Message("toml.kind.whole_number"),
    list: Message("toml.kind.list"),
    dict: Message("toml.kind.table"),
    datetime: Message("toml.kind.time"),
}
_MAX_SHOWN_CHARACTERS = 80


def read_toml(content: bytes, path: Path, *, error: type[SocpassError]) -> dict[str, object]:
    """Return what a TOML file holds.

    Args:
        content: of the file.
        path: for messages alone.
        error: what to raise.

    Raises:
        SocpassError: of the kind *error*: it is not TOML in UTF-8.
    """
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as reason:  # among them what is not UTF-8, and a number of 5,000 digits
        raise error("toml.unreadable", why=Message("system.other", said=str(reason))).at(path) from reason


class Table:
    """One table of the file, from which options are taken until none is left over; what is wrong with it is an *error*."""

    def __init__(self, path: Path, name: str, entries: dict[str, object], *, error: type[SocpassError] = AgencyError) -> None:
        self._path = path
        self._error = error
        self._name = name
        self._entries = dict(entries)
        self._taken: list[str] = []

    @classmethod
    def of_list(cls, path: Path, name: str, entry: object, *, error: type[SocpassError] = AgencyError) -> Table:
        """Return an entry of a list of tables, such as ``keys[0]``; what is no table is refused."""
        if not isinstance(entry, dict):
            raise error("toml.entry_not_a_table", option=name).at(path)
        return cls(path, name, entry, error=error)

    def take(self, option: str, kind: type[Kind], default: Kind | None = None) -> Kind:
        """Return an option that must be there, or has a default."""
        found = self.maybe(option, kind)
        if found is not None:
            return found
        if default is None:
            meant = get_close_matches(option, self._entries, n=1)
            if meant:
                raise self.error("toml.option_misspelt", option, found=meant[0])
            raise self.error("toml.option_missing", option)
        return default

    def maybe(self, option: str, kind: type[Kind]) -> Kind | None:
        """Return an option, or None if it is not there."""
        self._taken.append(option)
        value = self._entries.pop(option, None)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error("toml.wrong_type", option, found=shown(value), wanted=_KINDS[kind])
        return value

    def number(self, option: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number within its bounds, both included."""
        value = self.take(option, int, default)
        if not lowest <= value <= highest:
            raise self.error("toml.out_of_range", option, found=value, lowest=lowest, highest=highest)
        return value

    def strings(self, option: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.take(option, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.error("toml.not_a_list_of_texts", option, found=shown(values))
        return tuple(values)

    def table(self, option: str) -> Table:
        """Return the table within this one."""
        return Table(self._path, self.name_of(option), self.take(option, dict, {}), error=self._error)

    def finish(self) -> None:
        """Refuse whatever was not taken."""
        for option in self._entries:
            raise self.error("toml.option_unknown", option, possible=tuple(self._taken))

    def name_of(self, option: str) -> str:
        """Return the option's name as the file would write it in full."""
        return f"{self._name}.{option}" if self._name else option

    def error(self, reason: str, option: str, **facts: object) -> SocpassError:
        """Return the refusal of an option; its sentence may name the option in full, and the file stands in front of it."""
        return self._error(reason, option=self.name_of(option), **facts).at(self._path)


def shown(value: object) -> str:
    """Return a value about as TOML writes it, for a message; a long one is cut off."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else f"{text[: _MAX_SHOWN_CHARACTERS - 1]}…"
