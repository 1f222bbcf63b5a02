"""The till of one run: its store, opened at the first pass, and the decision with it.

It knows the store and the policy of the run. What is shown of a verdict is said elsewhere.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_cli.verdict.check import Verdict
from socpass_cli.verdict.render import of_pass
from socpass_cli.words.names import BUILT_IN, NameBook, names_of
from socpass_vc.format.credential.token import UnverifiedPass
from socpass_vc.verifier.decide import OnStale, Policy, Verified, verify_pass
from socpass_vc.verifier.store.till_store import Store

if TYPE_CHECKING:
    from socpass_vc.verifier.admit import AdmittedCatalogue


class Till:
    """The decision of one till, at one time; its store is opened at the first pass, so that an unreadable picture is called that.

    Args:
        folder: of the store.
        now: the time to decide for, aware.
        policy: what the till wants.
        on_stale: what expired lists do; None for what the till's owner wrote into store.toml.
    """

    def __init__(self, folder: Path, now: datetime, policy: Policy, *, on_stale: OnStale | None = None) -> None:
        self._policy = policy
        self._on_stale = on_stale
        self.catalogues = _Catalogues(self)
        self._folder = folder
        self.now = now
        self._store: Store | None = None
        self._books: dict[str, NameBook] = {}

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
        """Return the verified pass, or raise the reason why it does not count."""
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

    def book_of(self, verdict: Verdict) -> NameBook:
        """Return what the issuer of a pass calls things; the built-in names where that is not known."""
        _, issuer = of_pass(verdict)
        if issuer is None:
            return BUILT_IN
        if issuer.id not in self._books:
            self._books[issuer.id] = names_of(issuer, self.store)
        return self._books[issuer.id]


class _Catalogues:
    """The catalogues of a till's store, each checked once a run; a ``CatalogueSource``."""

    def __init__(self, till: Till) -> None:
        self._till = till
        self._found: dict[str, AdmittedCatalogue | None] = {}

    def get(self, uri: str, /) -> AdmittedCatalogue | None:
        """Return the catalogue with this URI, or None if it is not at hand."""
        if uri not in self._found:
            self._found[uri] = self._till.store.catalogues.get(uri)
        return self._found[uri]
