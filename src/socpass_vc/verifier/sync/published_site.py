"""A published site at a URL, and what of it a till asks for: its trust list, then the files of the issuers that this list names.

Where an issuer's files lie is its signed status base, or a mirror under the site's own URL; no name in what comes is ever
followed. It knows stores and a client, and no HTTP (specs/cli.md, section "Sources of sync").
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from socpass_vc.errors import NotFound, SocpassError, SourceError, StoreError
from socpass_vc.format import cbor
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, Trust
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.sync.address import Address
from socpass_vc.verifier.sync.issuer_files import BEGINNING_BYTES, FetchedFile, FetchOutcome, IssuerFiles, came, list_url, note_of
from socpass_vc.verifier.sync.validators import ValidatorCache, Validators

if TYPE_CHECKING:
    from socpass_vc.verifier.sync.client import Client, ServerReply

BUNDLE_NAME = "trust.spt"
MAX_SHOWN = 10
"""How many issuers a message lists."""


class PublishedSite:
    """A site that publishes a trust list.

    Args:
        url: of the folder that holds trust.spt.
        client: that asks for files.

    Raises:
        SourceError: *url* is none.
    """

    def __init__(self, url: str, client: Client) -> None:
        address = Address.read(url)
        if "?" in address.path:
            raise SourceError("url.query_of_site").at(str(address))
        self.url = f"{address}/" if not address.path.endswith("/") else str(address)
        self._client = client
        self._is_unsure = False  # whether a mirror's folder may hold what did not come from there

    @property
    def bundle_url(self) -> str:
        """Where the trust list is."""
        return f"{self.url}{BUNDLE_NAME}"

    @cached_property
    def _bundle(self) -> ServerReply:
        return self._client.get(self.bundle_url, MAX_BUNDLE_BYTES)

    def bundle(self) -> bytes:
        """Return the trust list as it comes, unchecked: for a new store, whose root a person has yet to confirm.

        Raises:
            SourceError: it did not come.
        """
        return self._bundle.content or b""

    def bring(self, store: Store, *, clock: Callable[[], datetime], issuers: Collection[str] = ()) -> Iterator[FetchedFile]:
        """Bring *store* up to date, file by file, and yield what became of each; what is good is kept whatever else fails.

        Args:
            store: open.
            clock: gives the time, aware.
            issuers: ids of those whose files are wanted; none for all.

        Raises:
            SourceError: the trust list names no such issuer.
            StoreError: the store is damaged or cannot be written.
        """
        notes = ValidatorCache(store.folder)
        try:
            yield self._bring_bundle(store, notes, clock)
            trust = trust_at_hand(store)
            chosen = () if trust is None else chosen_issuers(trust, issuers)
            yield from self._in_turn([self._files_of(issuer, store, notes, clock) for issuer in chosen], notes)
        finally:
            notes.save()

    def _in_turn(self, waiting: Sequence[Iterator[FetchedFile]], notes: ValidatorCache) -> Iterator[FetchedFile]:
        """Yield the files of all issuers, always from the one that has cost least so far, in bytes and time.

        So an issuer whose files are long, or drip, uses up what the others have left over, and not what they need.
        """
        heap = [(0.0, number) for number in range(len(waiting))]
        while heap:
            cost, number = heappop(heap)
            before = self._client.spent
            fetched = next(waiting[number], None)
            if fetched is None:
                notes.save()
                continue
            heappush(heap, (cost + self._client.spent - before, number))
            yield fetched

    def _files_of(
        self, issuer: Issuer, store: Store, notes: ValidatorCache, clock: Callable[[], datetime]
    ) -> Iterator[FetchedFile]:
        folder_url = self._folder_of(issuer, notes)
        for fetched in IssuerFiles(issuer, folder_url, store=store, client=self._client, notes=notes, clock=clock).bring():
            if fetched.outcome is FetchOutcome.MISSING and fetched.url == list_url(folder_url, 0):
                notes.drop(self._folder_key(issuer))  # next time it is looked for anew
            yield fetched

    def _bring_bundle(self, store: Store, notes: ValidatorCache, clock: Callable[[], datetime]) -> FetchedFile:
        have = trust_at_hand(store)
        version = None if have is None else _version_of(have)
        note = notes.get(self.bundle_url, version)
        try:
            reply = self._bundle if note is None else self._client.get(self.bundle_url, MAX_BUNDLE_BYTES, known=note)
        except SourceError as error:
            return FetchedFile(url=self.bundle_url, outcome=FetchOutcome.MISSING, error=error)
        if reply.content is None:
            return FetchedFile(url=self.bundle_url, outcome=FetchOutcome.SAME)
        try:
            outcome = store.offer(reply.content, kind=FileKind.BUNDLE, now=clock(), source=self.bundle_url)
        except StoreError:
            raise
        except SocpassError as error:
            notes.drop(self.bundle_url)
            return FetchedFile(url=self.bundle_url, outcome=FetchOutcome.REFUSED, error=error)
        notes.put(self.bundle_url, note_of(reply, _version_of(store.trust)))
        return FetchedFile(url=self.bundle_url, outcome=came(outcome))

    def _folder_of(self, issuer: Issuer, notes: ValidatorCache) -> str:
        """Return the URL of the folder in which the files of *issuer* lie.

        A mirror holds them under the site's URL, in ``ID/status/``; a copy of one agency's site in ``status/``. Which of them is
        known from the last time, or else looked for; the status base, which the roots have signed, is the last that is left.
        """
        base = _normal(issuer.status_base)
        if base.startswith(self.url):
            return base
        mirrored, home = f"{self.url}{issuer.id}/status/", f"{self.url}status/"
        known = next((url for url in (mirrored, home, base) if notes.get(self._folder_key(issuer), url)), None)
        if known is None:
            uri = cbor.encode(issuer.status_uri(0))
            known = mirrored if uri in self._beginning(mirrored) else home if uri in self._home else base
            if known != base or not self._is_unsure:
                notes.put(self._folder_key(issuer), Validators(version=known, etag=None, modified=None, size_bytes=0))
        return known

    def _folder_key(self, issuer: Issuer) -> str:
        """Return the key under which the notes hold an issuer's folder; no URL of a file has a "#"."""
        return f"{self.url}#{issuer.id}"

    @cached_property
    def _home(self) -> bytes:
        """The beginning of the list 0 beside the trust list, whosever it is; of a copy of one agency's site."""
        return self._beginning(f"{self.url}status/")

    def _beginning(self, folder_url: str) -> bytes:
        try:
            reply = self._client.get(list_url(folder_url, 0), MAX_TOKEN_BYTES, first=BEGINNING_BYTES)
        except NotFound:
            return b""
        except SourceError:
            self._is_unsure = True
            return b""
        return (reply.content or b"")[:BEGINNING_BYTES]


def chosen_issuers(trust: Trust, ids: Collection[str]) -> tuple[Issuer, ...]:
    """Return the issuers of *trust* with these *ids*; without any, all of them.

    Raises:
        SourceError: it names no such issuer.
    """
    have = {issuer.id: issuer for issuer in trust.list.issuers}
    for wanted in ids:
        if wanted not in have:
            shown = [*list(have)[:MAX_SHOWN], *(["…"] if len(have) > MAX_SHOWN else [])]
            raise SourceError("trust_list_without_issuer", issuer=wanted, known=shown)
    return tuple(issuer for issuer in have.values() if not ids or issuer.id in ids)


def trust_at_hand(store: Store) -> Trust | None:
    """Return the trust list of *store*, or None if there is none that can be read."""
    try:
        return store.trust
    except StoreError:
        return None


def _normal(base: str) -> str:
    """Return a status base as addresses are written here; one that is none stays as it is, and is refused when asked for."""
    try:
        return str(Address.read(base))
    except SourceError:
        return base


def _version_of(trust: Trust) -> str:
    return f"{trust.root.version}.{trust.list.version}"
