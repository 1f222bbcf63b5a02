"""What an agency calls its categories, documents and measures, and which measures are open to a resident.

It knows the agency's catalogue. How names are laid out is known to those who ask.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from socpass_cli.language import chosen
from socpass_vc.catalogue.names import builtin, show_category
from socpass_vc.issuer.agency import Agency


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


@dataclass(frozen=True, slots=True)
class AgencyNames:
    """The names that one agency uses, in the language of this run."""

    agency: Agency

    def category(self, code: int) -> str:
        """Return the name of a category, else the number as people write it."""
        return builtin().category(code, chosen())

    def labelled(self, code: int) -> str:
        """Return the name of a category and its number."""
        name, number = self.category(code), show_category(code)
        return name if name == number else f"{name} [{number}]"

    def document_kind(self, kind: int) -> str:
        """Return the name of a kind of document, else its number."""
        return builtin().document_kind(kind, chosen())

    def measure(self, measure_id: str) -> str:
        """Return the name of a measure, else its id."""
        return measure_id

    def issuer(self) -> str:
        """Return the agency's own name."""
        names = self.agency.settings.names
        return names.get(chosen()) or names.get("ru") or next(iter(names.values()))

    def open_measures(self, categories: Collection[int], day: date) -> tuple[OpenMeasure, ...] | None:  # noqa: ARG002 -- see below
        """Return the measures open on *day* to whoever has *categories*; None where the agency has no catalogue of measures.

        No agency has one yet.
        """
        return None
