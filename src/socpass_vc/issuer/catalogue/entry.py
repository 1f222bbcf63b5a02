"""One table of catalogue.toml, from which options are taken one by one; faults are noted, and the reading goes on.

It knows types, texts and names in several languages, not what an option means. (:mod:`strict_table` reads agency.toml,
where the first fault is enough: a person wrote twenty lines there, and three thousand here.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sized
from datetime import date
from typing import NamedTuple, TypeVar

from socpass_vc.config.toml_lines import Path
from socpass_vc.format import characters, fields
from socpass_vc.format.catalogue.names import MAX_LANGUAGES, is_language
from socpass_vc.messages import Message

Kind = TypeVar("Kind")

_SHOWN_CHARACTERS = 60
_KIND_NAMES: dict[type, Message] = {
    str: Message("toml_kind.text"),
    int: Message("toml.kind.whole_number"),
    list: Message("toml_kind.list"),
    dict: Message("toml_kind.texts_by_language"),
    date: Message("toml_kind.day"),
}


class EntryFault(NamedTuple):
    """One fault, before its line is looked up.

    Attributes:
        path: of the option, or of the table.
        code: one word; ``catalogue_file.CODE`` is the key of its sentence.
        facts: its values, fit to be shown.
    """

    path: Path
    code: str
    facts: Mapping[str, object]

    @property
    def where(self) -> str:
        """The option as people write it: measures[2].names.ru."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text


class CatalogueEntry:
    """One table of the file.

    Args:
        path: of the table; empty for the file as a whole.
        options: what stands in it.
        notes: where faults go.
    """

    def __init__(self, path: Path, options: Mapping[str, object], notes: list[EntryFault]) -> None:
        self.notes = notes
        self._path = path
        self._options = dict(options)
        self._taken: list[str] = []

    def take(self, option: str, kind: type[Kind]) -> Kind | None:
        """Return a required option; None, with a fault noted, if it is missing or of another type."""
        if option not in self._options:
            self._taken.append(option)
            self.wrong(option, "missing")
            return None
        return self.maybe(option, kind)

    def maybe(self, option: str, kind: type[Kind]) -> Kind | None:
        """Return an option; None if it is missing, or, with a fault noted, of another type."""
        self._taken.append(option)
        value = self._options.pop(option, None)
        if isinstance(value, kind) and value.__class__ in _KIND_NAMES:  # a bool is an int to Python, and a time of day a date
            return value
        if value is not None:
            self.wrong(option, "kind", value=shown(value), kind=_KIND_NAMES[kind])
        return None

    def tables(self, option: str, most: int) -> Iterator[CatalogueEntry]:
        """Yield the tables of a list of tables, such as each ``[[measures]]``: from none to *most*."""
        tables = self.maybe(option, list) or []
        self._check_count(option, tables, most)
        for position, table in enumerate(tables):
            path = (*self._path, option, position)
            if isinstance(table, dict):
                yield CatalogueEntry(path, table, self.notes)
            else:
                self.notes.append(EntryFault(path, "no_table", {"value": shown(table), "option": option}))

    def strings(self, option: str, most: int) -> list[str]:
        """Return a required list of 1 to *most* texts; a repeated one is noted."""
        values = self.take(option, list)
        if values is None:
            return []
        if not values:
            self.wrong(option, "empty")
        self._check_count(option, values, most)
        found: list[str] = []
        for value in values:
            if not isinstance(value, str):
                self.wrong(option, "kind", value=shown(value), kind=_KIND_NAMES[str])
            elif value in found:
                self.wrong(option, "twice_in_list", value=shown(value))
            else:
                found.append(value)
        return found

    def names(self, option: str, longest: int) -> dict[str, str]:
        """Return what something is called, by language; empty if it has no name or, with a fault noted, if one is wrong."""
        return self._by_language(option, self.take(option, dict), longest, characters.check_name)

    def texts(self, option: str, longest: int) -> dict[str, str]:
        """Return texts by language; empty if there are none or, with a fault noted, if they are wrong."""
        return self._by_language(option, self.maybe(option, dict), longest, characters.check_text)

    def _by_language(
        self, option: str, found: dict[str, object] | None, longest: int, check: Callable[[str, int], None]
    ) -> dict[str, str]:
        if found is None:
            return {}
        if not found:
            self.wrong(option, "empty")
        self._check_count(option, found, MAX_LANGUAGES)
        good: dict[str, str] = {}
        for language, text in found.items():
            full = f"{option}.{language}"
            if not is_language(language):
                self.wrong(option, "language", value=shown(language))
            elif not isinstance(text, str):
                self.wrong(full, "kind", value=shown(text), kind=_KIND_NAMES[str])
            elif self._is_good(full, text, longest, check):
                good[language] = text
        return good

    def _is_good(self, option: str, text: str, longest: int, check: Callable[[str, int], None]) -> bool:
        """Tell whether *text* can be shown on every screen; if not, a fault is noted."""
        try:
            check(text, longest)
        except fields.FieldError as error:
            self.wrong(option, "bad_text", why=Message(error.reason, **error.facts))
            return False
        return True

    def _check_count(self, option: str, values: Sized, most: int) -> None:
        if len(values) > most:
            self.wrong(option, "too_many", found=len(values), most=most)

    def finish(self) -> None:
        """Note each option that was not taken."""
        for option in self._options:
            self.notes.append(EntryFault((*self._path, option), "unknown", {"possible": list(self._taken)}))

    def wrong(self, option: str, code: str, **facts: object) -> None:
        """Note that *option* is wrong; an empty one stands for the table as a whole, and dots lead inwards."""
        path = (*self._path, *(part for part in option.split(".") if part))
        self.notes.append(EntryFault(path, code, facts))


def shown(value: object) -> str:
    """Return a value of the file as a fault may show it."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
