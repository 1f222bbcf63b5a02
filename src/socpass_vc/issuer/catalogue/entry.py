"""One table of catalogue.toml, from which options are taken one by one; what is wrong is noted, and the reading goes on.

It knows types, texts and names in several languages. What options mean is its callers'. (:mod:`strict_table` reads agency.toml,
where the first fault is enough: a person wrote twenty lines there, and three thousand here.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from datetime import date
from typing import NamedTuple, TypeVar

from socpass_vc.config.toml_lines import Path
from socpass_vc.format import fields
from socpass_vc.format.catalogue.names import MAX_LANGUAGES, is_language

Kind = TypeVar("Kind")

_SHOWN_CHARACTERS = 60
_KIND_NAMES: dict[type, str] = {
    str: 'text in quotes, as in "museum"',
    int: "a whole number",
    list: 'a list, as in ["museum", "park"]',
    dict: 'texts by language, as in names.ru = "..."',
    date: "a day such as 2026-12-31, without quotes",
}


class EntryFault(NamedTuple):
    """One fault, before its line is looked up.

    Attributes:
        path: of the option, or of the table.
        code: one word.
        wrong: the sentence, with ``{...}`` for facts.
        facts: its values, fit to be shown.
    """

    path: Path
    code: str
    wrong: str
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
        """Return an option that must be there, or None if it is not or is of another type; that is noted."""
        if option not in self._options:
            self._taken.append(option)
            self.wrong(option, "missing", "is missing")
            return None
        return self.maybe(option, kind)

    def maybe(self, option: str, kind: type[Kind]) -> Kind | None:
        """Return an option, or None if it is not there or is of another type; the latter is noted."""
        self._taken.append(option)
        value = self._options.pop(option, None)
        if isinstance(value, kind) and value.__class__ in _KIND_NAMES:  # a bool is an int to Python, and a time of day a date
            return value
        if value is not None:
            self.wrong(option, "kind", "is {value}, not {kind}", value=shown(value), kind=_KIND_NAMES[kind])
        return None

    def tables(self, option: str, most: int) -> Iterator[CatalogueEntry]:
        """Yield the tables of a list of tables, such as each ``[[measures]]``; there may be none, and *most* of them."""
        tables = self.maybe(option, list) or []
        self._check_count(option, tables, most)
        for position, table in enumerate(tables):
            path = (*self._path, option, position)
            if isinstance(table, dict):
                yield CatalogueEntry(path, table, self.notes)
            else:
                self.notes.append(
                    EntryFault(
                        path, "no_table", "is {value}, not a table [[{option}]]", {"value": shown(table), "option": option}
                    )
                )

    def strings(self, option: str, most: int) -> list[str]:
        """Return a list of 1 to *most* texts that must be there; one that is there twice is noted."""
        values = self.take(option, list)
        if values is None:
            return []
        if not values:
            self.wrong(option, "empty", "is empty")
        self._check_count(option, values, most)
        found: list[str] = []
        for value in values:
            if not isinstance(value, str):
                self.wrong(option, "kind", "holds {value}, not {kind}", value=shown(value), kind=_KIND_NAMES[str])
            elif value in found:
                self.wrong(option, "twice_in_list", "holds {value} twice", value=shown(value))
            else:
                found.append(value)
        return found

    def names(self, option: str, longest: int, *, required: bool = True) -> dict[str, str]:
        """Return texts by language; empty if there are none, or if they are wrong, which is noted."""
        found = self.take(option, dict) if required else self.maybe(option, dict)
        if found is None:
            return {}
        if not found:
            self.wrong(option, "empty", "is empty")
        self._check_count(option, found, MAX_LANGUAGES)
        good: dict[str, str] = {}
        for language, text in found.items():
            full = f"{option}.{language}"
            if not is_language(language):
                self.wrong(
                    option,
                    "language",
                    "has the language {value}; it is two or three small letters, as in ru",
                    value=shown(language),
                )
            elif not isinstance(text, str):
                self.wrong(full, "kind", "is {value}, not {kind}", value=shown(text), kind=_KIND_NAMES[str])
            elif self.is_text(full, text, longest):
                good[language] = text
        return good

    def is_text(self, option: str, text: str, longest: int) -> bool:
        """Tell whether *text* may be shown on every screen; if not, that is noted."""
        try:
            fields.check_text(text, longest)
        except ValueError as error:
            self.wrong(option, "bad_text", "{why}; 1 to {longest} characters are possible", why=str(error), longest=longest)
            return False
        return True

    def _check_count(self, option: str, values: Sized, most: int) -> None:
        if len(values) > most:
            self.wrong(option, "too_many", "has {count} entries; {most} are possible", count=len(values), most=most)

    def finish(self) -> None:
        """Note whatever was not taken."""
        for option in self._options:
            facts = {"possible": ", ".join(self._taken)}
            self.notes.append(EntryFault((*self._path, option), "unknown", "is not an option; possible here: {possible}", facts))

    def wrong(self, option: str, code: str, sentence: str, **facts: object) -> None:
        """Note that *option* is wrong; an empty one stands for the table as a whole, and dots lead inwards."""
        path = (*self._path, *(part for part in option.split(".") if part))
        self.notes.append(EntryFault(path, code, sentence, facts))


def shown(value: object) -> str:
    """Return a value of the file as a fault may show it."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    text = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}..."
