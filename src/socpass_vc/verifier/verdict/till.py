"""A till at one time: its store, opened at the first pass, and the decision with it.

It knows the store and what the till wants. What a verdict says to people is :mod:`sentences`'.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_vc.format.credential.token import UnverifiedPass
from socpass_vc.verifier.decide import OnStale, Policy, Verified, verify_pass
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.verdict.name_book import names_at_hand

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.verifier.admit import AdmittedCatalogue
    from socpass_vc.verifier.verdict.verdict import Verdict


class Till:
    """The decision of one till at one time, to be given to :func:`check_picture` or :func:`check_texts`.

    Make one for each scan: a sync may have come between. Its store is opened at the first pass, so that a picture that cannot be
    read is called that, whatever the state of the store.

    Args:
        folder: of the store.
        now: the time to decide for, aware.
        category: the category that is asked for, such as 2545; None for any.
        place: the kind of place that asks what to grant, such as "museum"; None for a verdict without it.
        on_stale: what expired lists do; None for what the till's owner wrote into store.toml.

    Raises:
        ValueError, TypeError: as of :class:`Policy`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        now: datetime,
        category: int | None = None,
        place: str | None = None,
        on_stale: OnStale | None = None,
    ) -> None:
        self.catalogues = _CataloguesOfTill(self)
        self.now = now
        self._folder = folder
        self._policy = Policy(category=category, place=place)
        self._on_stale = on_stale
        self._store: Store | None = None
        self._names: dict[str, NamesPage | None] = {}

    @property
    def store(self) -> Store:
        """The store.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        if self._store is None:
            self._store = Store.open(self._folder)
        return self._store

    @property
    def policy(self) -> Policy:
        """What the till wants.

        Raises:
            StoreError: store.toml is wrong.
        """
        if self._on_stale is None:
            self._on_stale = self.store.settings.on_stale
        if self._policy.on_stale is not self._on_stale:
            self._policy = replace(self._policy, on_stale=self._on_stale)
        return self._policy

    def __call__(self, unverified: UnverifiedPass) -> Verified:
        """Return the verified pass, or raise the reason why it does not count.

        Raises:
            Undecided, Rejected: as of :func:`verify`; a damaged store is a StoreError, which is Undecided.
        """
        store = self.store
        return verify_pass(
            unverified,
            trust=store.trust,
            status=store,
            now=self.now,
            policy=self.policy,
            clock_floor=store.clock_floor,
            catalogues=self.catalogues,
        )

    def names_for(self, verdict: Verdict) -> NamesPage | None:
        """Return what the issuer of a pass calls things; None where that is not known, and the built-in names do."""
        issuer = verdict.issuer
        if issuer is None:
            return None
        if issuer.id not in self._names:
            self._names[issuer.id] = names_at_hand(issuer, self.store)
        return self._names[issuer.id]


class _CataloguesOfTill:
    """The catalogues of a till's store, each checked once; a ``CatalogueSource``."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._found: dict[str, AdmittedCatalogue | None] = {}

    def get(self, uri: str, /) -> AdmittedCatalogue | None:
        """Return the catalogue with this URI, or None if it is not at hand."""
        if uri not in self._found:
            self._found[uri] = self._till.store.catalogues.get(uri)
        return self._found[uri]
