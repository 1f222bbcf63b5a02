"""What things are called in the language of this run; and whether a kind of place is one that this till knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app.language import chosen, tr
from socpass_cli.app.output import printable
from socpass_vc.catalogue.names import builtin
from socpass_vc.errors import SocpassError
from socpass_vc.verifier.verdict.name_book import NameBook, name_in, names_at_hand

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.format.trust.issuers import Issuer
    from socpass_vc.verifier.store.till_store import Store


def name_book(own: NamesPage | None = None) -> NameBook:
    """Return the names of a page, else the built-in ones, in the language of this run."""
    return NameBook(own, chosen())


def any_name(names: Mapping[str, str] | None) -> str | None:
    """Return a name in the language of this run, else in English, else in Russian, else in the first there is."""
    return name_in(names, chosen())


def names_of(issuer: Issuer, store: Store) -> NameBook:
    """Return the names that the store's catalogue of *issuer* gives; without one, or with a damaged one, the built-in ones."""
    return name_book(names_at_hand(issuer, store))


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
        raise click.UsageError(tr("cli.verify.unknown_place", place=printable(place), known=sorted(known)))
