"""What ``sync`` does with the files that it found: offers them to the store, trust first, and tells what became of each.

It knows stores and offers. How that is said is :mod:`report`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from socpass_cli.app import clock
from socpass_cli.sync.local import SourceFile, find_offers
from socpass_vc.errors import BaseMissing, SocpassError, SourceError, StoreError
from socpass_vc.format.catalogue.signed_catalogue import read_catalogue
from socpass_vc.format.status.status_delta import read_delta
from socpass_vc.format.status.status_list import read_packed
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.store.file_kind import FileKind, kind_of
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.sync.issuer_files import FetchOutcome, came
from socpass_vc.verifier.sync.published_site import chosen_issuers, trust_at_hand


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedFile:
    """A file, and what became of it.

    Attributes:
        name: for people.
        outcome: whether the store took it, had it already or refused it, or that it could not be fetched.
        issuer: id of whose it is, where that was asked or is known.
        error: why it was refused or did not come.
    """

    name: str
    outcome: FetchOutcome
    issuer: str | None = None
    error: SocpassError | None = None


def offer_all(store: Store, sources: Sequence[str]) -> bool:
    """Offer every file of *sources* (folders, zips or files) to *store*, and tell whether it could use them all."""
    with ExitStack() as opened:
        every = list(take_all(store, find_offers(sources, opened)))
    return all(taken.error is None for taken in every)


def take_all(store: Store, offers: Sequence[SourceFile], issuers: Collection[str] = ()) -> Iterator[AppliedFile]:
    """Offer all *offers* to *store* and yield what became of each; deltas that go on from one another may stand in any order.

    Args:
        store: open.
        offers: trust first.
        issuers: ids of those whose files are wanted; none for all. Files of others are passed over.

    Raises:
        SourceError: the trust list names no such issuer.
        StoreError: the store is damaged or cannot be written.
    """
    for offer in offers:
        if offer.is_bundle:
            yield from _take(store, offer, ())
    trust = trust_at_hand(store)
    if trust is not None:
        chosen_issuers(trust, issuers)
    for offer in offers:
        if not offer.is_bundle and not offer.is_delta:
            yield from _take(store, offer, issuers)
    yield from _take_deltas(store, [offer for offer in offers if offer.is_delta], issuers)


def _take_deltas(store: Store, waiting: Sequence[SourceFile], issuers: Collection[str]) -> Iterator[AppliedFile]:
    while waiting:
        refused: list[tuple[SourceFile, BaseMissing]] = []
        for offer in waiting:
            try:
                yield from _take(store, offer, issuers)
            except BaseMissing as error:
                refused.append((offer, error))
        if len(refused) == len(waiting):  # nothing that came since can help them
            for offer, refusal in refused:
                yield AppliedFile(name=offer.name, outcome=FetchOutcome.REFUSED, error=refusal)
            return
        waiting = [offer for offer, _ in refused]


def _take(store: Store, offer: SourceFile, issuers: Collection[str]) -> Iterator[AppliedFile]:
    """Yield what became of *offer*, or nothing if it is of an issuer that is not wanted.

    Raises:
        BaseMissing: it is a delta that goes on from a list that is not at hand, perhaps not yet.
    """
    try:
        content = offer.read()
    except SourceError as error:
        yield AppliedFile(name=offer.name, outcome=FetchOutcome.MISSING if offer.is_remote else FetchOutcome.REFUSED, error=error)
        return
    try:
        kind = _kind_of(offer, content)
        issuer = _issuer_of(content, kind, store.trust) if issuers else None
        if issuers and issuer not in issuers:
            return
        outcome = store.offer(content, kind=kind, now=clock.now(), source=offer.name)
    except (StoreError, BaseMissing):
        raise
    except SocpassError as error:
        yield AppliedFile(name=offer.name, outcome=FetchOutcome.REFUSED, error=error)
    else:
        yield AppliedFile(name=offer.name, outcome=came(outcome), issuer=issuer)


def _kind_of(offer: SourceFile, content: bytes) -> FileKind:
    """Return what *offer* calls itself by its name, or of a .cwt by its content.

    Raises:
        Malformed: it is nothing that a till takes.
    """
    if offer.is_bundle:
        return FileKind.BUNDLE
    if offer.is_delta:
        return FileKind.STATUS_DELTA
    return FileKind.CATALOGUE if kind_of(content) is FileKind.CATALOGUE else FileKind.STATUS_LIST


def _issuer_of(content: bytes, kind: FileKind, trust: Trust) -> str | None:
    """Return the id of the issuer whose file this calls itself, unchecked; None if the trust list names none such.

    Raises:
        SocpassError: it is no file of any issuer.
    """
    if kind is FileKind.STATUS_DELTA:
        base = read_delta(content).content.status_base
        found = next((issuer for issuer in trust.list.issuers if issuer.status_base == base), None)
    elif kind is FileKind.CATALOGUE:
        found = trust.issuer_of_catalogue(read_catalogue(content).content.uri)
    else:
        found = trust.issuer_of_status_list(read_packed(content).terms.uri)
    return None if found is None else found.id
