"""A table of a TOML file, read strictly: options are taken one by one, and what is left over is an error.

It knows types and bounds, and how to name an option; what options mean is its caller's.
"""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from socpass_vc.errors import AgencyError, SocpassError

Kind = TypeVar("Kind")

_KIND_NAMES: dict[type, str] = {
    str: "text",
    int: "whole number",
    list: "list",
    dict: "table",
    datetime: "time such as 2026-12-31T00:00:00Z",
}


class Table:
    """One table of the file, from which options are taken until none is left over; what is wrong with it is an *error*."""

    def __init__(self, path: Path, name: str, entries: dict[str, object], *, error: type[SocpassError] = AgencyError) -> None:
        self._path = path
        self._error = error
        self._name = name
        self._entries = dict(entries)
        self._taken: list[str] = []

    def take(self, option: str, kind: type[Kind], default: Kind | None = None) -> Kind:
        """Return an option that must be there, or has a default."""
        found = self.maybe(option, kind)
        if found is not None:
            return found
        if default is None:
            meant = get_close_matches(option, self._entries, n=1)
            raise self.wrong(option, f"is missing; here stands {meant[0]!r}, is that meant?" if meant else "is missing")
        return default

    def maybe(self, option: str, kind: type[Kind]) -> Kind | None:
        """Return an option, or None if it is not there."""
        self._taken.append(option)
        value = self._entries.pop(option, None)
        if value is None:
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.wrong(option, f"is {value!r}, not a {_KIND_NAMES[kind]}")
        return value

    def number(self, option: str, default: int, lowest: int, highest: int) -> int:
        """Return a whole number within its bounds, both included."""
        value = self.take(option, int, default)
        if not lowest <= value <= highest:
            raise self.wrong(option, f"is {value}, not {lowest} to {highest}")
        return value

    def strings(self, option: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self.take(option, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(option, "is not a list of texts")
        return tuple(values)

    def table(self, option: str) -> Table:
        """Return the table within this one."""
        return Table(self._path, self.name_of(option), self.take(option, dict, {}), error=self._error)

    def finish(self) -> None:
        """Refuse whatever was not taken."""
        for option in self._entries:
            raise self.wrong(option, f"is not an option; possible here: {', '.join(self._taken)}")

    def name_of(self, option: str) -> str:
        """Return the option's name as the file would write it in full."""
        return f"{self._name}.{option}" if self._name else option

    def wrong(self, option: str, what: str) -> SocpassError:
        """Return the error that names the file and the option."""
        return self._error(f"{self._path}: {self.name_of(option)} {what}", path=str(self._path), option=self.name_of(option))
