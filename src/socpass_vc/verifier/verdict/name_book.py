"""What things are called in one language: by the issuer's own catalogue, else by the built-in names, else by a code.

It knows names and languages, and neither verdicts nor measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from socpass_vc.catalogue.names import builtin, show_category
from socpass_vc.errors import SocpassError
from socpass_vc.messages import DEFAULT_LANGUAGE

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.format.trust.issuers import Issuer
    from socpass_vc.verifier.store.till_store import Store

_NEXT_BEST = ("en", "ru")
"""Languages to fall back on, in this order."""


class NameBook:
    """The names of one issuer's catalogue in one language, and the built-in ones behind them.

    Args:
        own: the issuer's page of names, or None where no catalogue is at hand.
        language: such as "ru".
    """

    def __init__(self, own: NamesPage | None = None, language: str = DEFAULT_LANGUAGE) -> None:
        self.language = language
        self._own = own

    def category(self, code: int) -> str:
        """Return the name of a category, else its code as people write it, such as "02-545"."""
        own = self._own.categories.get(code) if self._own else None
        return self._choose(own, builtin().categories.get(code)) or show_category(code)

    def categories(self) -> dict[int, str]:
        """Return the names of all categories that have one."""
        codes = builtin().categories.keys() | (self._own.categories.keys() if self._own else set())
        return {code: self.category(code) for code in codes}

    def document_kind(self, kind: int) -> str:
        """Return the name of a kind of document, else its number."""
        own = self._own.document_kinds.get(kind) if self._own else None
        return self._choose(own, builtin().document_kinds.get(kind)) or str(kind)

    def place(self, key: str) -> str:
        """Return the name of a kind of place, else the word itself, such as "museum"."""
        own = self._own.places.get(key) if self._own else None
        return self._choose(own, builtin().places.get(key)) or key

    def _choose(self, own: Mapping[str, str] | None, built_in: Mapping[str, str] | None) -> str | None:
        in_language = (names[self.language] for names in (own, built_in) if names and self.language in names)
        return next(in_language, None) or name_in(own, self.language)


def name_in(names: Mapping[str, str] | None, language: str) -> str | None:
    """Return a name in *language*, else in English, else in Russian, else in the first language there is; None of none."""
    if not names:
        return None
    return next((names[known] for known in (language, *_NEXT_BEST) if known in names), None) or next(iter(names.values()))


def name_of_issuer(issuer: Issuer, language: str) -> str:
    """Return the name of *issuer* in *language*, else in Russian, else in the first language there is."""
    return issuer.names.get(language) or issuer.names.get("ru") or next(iter(issuer.names.values()))


def names_at_hand(issuer: Issuer, store: Store) -> NamesPage | None:
    """Return the names that the store's catalogue of *issuer* gives; None without one, or with a damaged one.

    A name helps a person to read a verdict and decides nothing, so a missing one is no reason to withhold the verdict.
    """
    try:
        found = store.catalogues.get(issuer.catalogue_uri) if store.has_catalogues else None
        return None if found is None else found.content.names()
    except SocpassError:
        return None
