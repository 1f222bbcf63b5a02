"""What things are called in the language of this run: the issuer's own catalogue first, then the built-in names, then the code.

It knows names and kinds of place, and neither verdicts nor measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app.language import chosen, tr
from socpass_cli.app.output import printable
from socpass_vc.catalogue.names import builtin, show_category
from socpass_vc.errors import SocpassError
from socpass_vc.format.trust.issuers import Issuer

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.verifier.store.till_store import Store


class NameBook:
    """Names of one issuer's catalogue, and the built-in ones behind them.

    Args:
        own: the page of names, or None where no catalogue is at hand.
    """

    def __init__(self, own: NamesPage | None = None) -> None:
        self._own = own

    def category(self, code: int) -> str:
        """Return the name of a category, or its code as people write it."""
        own = self._own.categories.get(code) if self._own else None
        return pick_name(own) or pick_name(builtin().categories.get(code)) or any_name(own) or show_category(code)

    def categories(self) -> dict[int, str]:
        """Return the names of all categories that have one."""
        codes = builtin().categories.keys() | (self._own.categories.keys() if self._own else set())
        return {code: self.category(code) for code in codes}

    def document_kind(self, kind: int) -> str:
        """Return the name of a kind of document, or its number."""
        own = self._own.document_kinds.get(kind) if self._own else None
        return pick_name(own) or pick_name(builtin().document_kinds.get(kind)) or any_name(own) or str(kind)

    def place(self, key: str) -> str:
        """Return the name of a kind of place, or the word itself."""
        own = self._own.places.get(key) if self._own else None
        return pick_name(own) or pick_name(builtin().places.get(key)) or any_name(own) or key


BUILT_IN = NameBook()


def pick_name(names: Mapping[str, str] | None) -> str | None:
    """Return the name in the language of this run, or None."""
    return names.get(chosen()) if names else None


def any_name(names: Mapping[str, str] | None) -> str | None:
    """Return a name in the language of this run, else in English, else in Russian, else in the first there is."""
    return (names.get(chosen()) or names.get("en") or names.get("ru") or next(iter(names.values()))) if names else None


def names_of(issuer: Issuer, store: Store) -> NameBook:
    """Return the names that the store's catalogue of *issuer* gives; without one, or with a damaged one, the built-in ones.

    A name helps a person to read a verdict and decides nothing, so a missing one is no reason to withhold the verdict.
    """
    try:
        found = store.catalogues.get(issuer.catalogue_uri) if store.has_catalogues else None
        return BUILT_IN if found is None else NameBook(found.content.names())
    except SocpassError:
        return BUILT_IN


def check_place(place: str, store_folder: Path) -> None:
    """Return if *place* is a kind of place that this till knows.

    Raises:
        click.UsageError: it is not; those that are known are named.
    """
    known = set(builtin().places)
    if place in known:
        return
    from socpass_vc.verifier.store.till_store import Store  # noqa: PLC0415 -- 'socpass show' has no use for it

    try:
        for found in Store.open(store_folder).catalogues.all():
            known.update(found.content.names().places)
            known.update(word for measure in found.content.measures() for word in measure.places)
    except SocpassError:  # what is wrong with the store is said where it is needed
        pass
    if place not in known:
        listed = ", ".join(sorted(known))
        raise click.UsageError(
            tr(
                f"{printable(place)!r} is no kind of place that this till knows; known: {listed}",
                f"{printable(place)!r} — не вид места, известный этой кассе; известны: {listed}",
            )
        )
