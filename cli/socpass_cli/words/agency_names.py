"""What an agency calls its categories, documents and measures, and which measures are open to a resident.

It knows the agency's catalogue. How names are laid out is known to those who ask.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from socpass_cli.words.measures import grant
from socpass_cli.words.names import any_name, name_book
from socpass_vc.catalogue.names import show_category
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.catalogue.load import FILE_NAME, read_catalogue_file


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMeasure:
    """A measure that a resident may claim, in words.

    Attributes:
        id: the catalogue's word for it.
        name: for people.
        grants: what is granted, such as "free entry, with one companion".
        places: names of the kinds of place where it is.
        until: its last day, included, or None.
    """

    id: str
    name: str
    grants: str
    places: tuple[str, ...]
    until: date | None


class AgencyNames:
    """The names that one agency uses, in the language of this run: of its catalogue.toml, else those built in, else the code.

    Raises:
        CatalogueError: catalogue.toml is wrong.
    """

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        source = agency.folder / FILE_NAME
        draft = read_catalogue_file(source, agency.issuer) if source.exists() else None
        self._measures = None if draft is None else draft.measures
        self._book = name_book(None if draft is None else draft.names)

    def category(self, code: int) -> str:
        """Return the name of a category, else the number as people write it."""
        return self._book.category(code)

    def categories(self) -> dict[int, str]:
        """Return the names of all categories that have one."""
        return self._book.categories()

    def labelled(self, code: int) -> str:
        """Return the name of a category and its number."""
        name, number = self.category(code), show_category(code)
        return name if name == number else f"{name} [{number}]"

    def document_kind(self, kind: int) -> str:
        """Return the name of a kind of document, else its number."""
        return self._book.document_kind(kind)

    def measure(self, measure_id: str) -> str:
        """Return the name of a measure, else its id."""
        return next((any_name(found.names) or found.id for found in self._measures or () if found.id == measure_id), measure_id)

    def issuer(self) -> str:
        """Return the agency's own name."""
        return any_name(self.agency.settings.names) or self.agency.settings.id

    def open_measures(self, categories: Collection[int], day: date) -> tuple[OpenMeasure, ...] | None:
        """Return the measures open on *day* to whoever has *categories*; None where the agency has no catalogue of measures."""
        if self._measures is None:
            return None
        return tuple(
            OpenMeasure(
                id=found.id,
                name=any_name(found.names) or found.id,
                grants=grant(found),
                places=tuple(self._book.place(place) for place in found.places),
                until=found.last,
            )
            for found in self._measures
            if found.covers(day) and not set(found.categories).isdisjoint(categories)
        )
