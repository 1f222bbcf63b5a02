"""The files of one issuer in a folder at a URL: its status lists, by deltas where that is cheaper, and its catalogue.

How many lists there are is not written anywhere: a till asks for those that it has, and on until the server has no more. The
name of a delta is the time of the lists that it goes on from (specs/cli.md, section 10), which the till knows from its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import takewhile
from typing import TYPE_CHECKING

from socpass_vc.errors import BaseMissing, NotFound, SocpassError, SourceError, StoreError
from socpass_vc.format import cbor
from socpass_vc.format.catalogue.signed_catalogue import MAX_TOKEN_BYTES as MAX_CATALOGUE_BYTES
from socpass_vc.format.catalogue.signed_catalogue import Catalogue, read_catalogue
from socpass_vc.format.fields import to_seconds
from socpass_vc.format.status import status_delta
from socpass_vc.format.status.status_delta import MAX_LISTS
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES, ListTerms, read_packed
from socpass_vc.format.trust.issuers import CATALOGUE_NAME, Issuer
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome
from socpass_vc.verifier.sync.address import without_password
from socpass_vc.verifier.sync.validators import ValidatorCache, Validators

if TYPE_CHECKING:
    from socpass_vc.verifier.sync.client import Client, ServerReply

BEGINNING_BYTES = 512
"""Of a status list: enough for the header, sub and iat of any (specs/status-list.md, section 1)."""
LEAST_WORTH_BYTES = 16_384
"""What all lists must take for deltas to be asked for: below, their own questions and answers cost as much."""


class FetchOutcome(StrEnum):
    """What became of a file that a till asked for."""

    NEW = "new"
    SAME = "same"
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFile:
    """A file that a till asked for.

    Attributes:
        url: where it was asked for.
        outcome: whether the store took it, had it already, or refused it; or that it did not come.
        issuer: id of the issuer whose it is; None for the trust list.
        error: why it was refused or did not come; None if it is in the store.
    """

    url: str
    outcome: FetchOutcome
    issuer: str | None = None
    error: SocpassError | None = None


class IssuerFiles:
    """What an issuer publishes, as a till brings it.

    Args:
        issuer: of the trust list.
        folder_url: of the folder that holds them; ends with "/".
        store: that is brought up to date.
        client: that asks.
        notes: of what was asked before.
        clock: gives the time, aware.
    """

    def __init__(
        self,
        issuer: Issuer,
        folder_url: str,
        *,
        store: Store,
        client: Client,
        notes: ValidatorCache,
        clock: Callable[[], datetime],
    ) -> None:
        self._issuer = issuer
        self._folder_url = folder_url
        self._store = store
        self._client = client
        self._notes = notes
        self._clock = clock
        self._came_early: dict[int, ServerReply] = {}
        self._went_by_deltas = False

    def bring(self) -> Iterator[FetchedFile]:
        """Bring the store up to date, and yield what became of each file; a server that is given up ends it.

        Raises:
            StoreError: the store is damaged or cannot be written.
        """
        for fetched in self._bring_all():
            yield fetched
            if fetched.outcome is FetchOutcome.MISSING and self._client.gave_up_on(fetched.url):
                return

    def _bring_all(self) -> Iterator[FetchedFile]:
        yield from self._bring_deltas()
        for number in range(MAX_LISTS):
            have = self._at_hand(number)
            fetched = self._bring_list(number, have)
            if fetched is None:
                break
            yield fetched
            if have is None and fetched.error is not None:
                break
        yield from self._bring_catalogue()

    # --- Status lists -----------------------------------------------------------------------------------------------

    def _bring_list(self, number: int, have: ListTerms | None) -> FetchedFile | None:
        """Return what became of a list, or None if there is none of this number, which the till does not have either."""
        url = list_url(self._folder_url, number)
        try:
            if have is not None and self._went_by_deltas and self._is_newest(number, have):
                return self._fetched(url, FetchOutcome.SAME)
            reply = self._came_early.get(number) or self._client.get(url, MAX_TOKEN_BYTES, known=self._note(url, have))
        except NotFound as error:
            self._notes.drop(url)
            return None if have is None and number else self._fetched(url, FetchOutcome.MISSING, error)
        except SourceError as error:
            return self._fetched(url, FetchOutcome.MISSING, error)
        return self._take(url, reply, lambda token: self._offer_list(url, token, number))

    def _offer_list(self, url: str, token: bytes, number: int) -> tuple[UpdateOutcome, str]:
        expected, found = self._issuer.status_uri(number), read_packed(token).terms
        _check_name(url, found.uri, expected)
        return self._store.offer(token, kind=FileKind.STATUS_LIST, now=self._clock(), source=url), _version(found)

    def _is_newest(self, number: int, have: ListTerms) -> bool:
        """Tell whether the list is the one that a delta just made, from its beginning alone."""
        url = list_url(self._folder_url, number)
        reply = self._client.get(url, MAX_TOKEN_BYTES, first=BEGINNING_BYTES)
        is_newest = _issued_at(reply.content or b"", have.uri) == have.issued_at
        if is_newest:
            self._notes.put(url, note_of(reply, _version(have)))
        elif reply.is_whole:
            self._came_early[number] = reply
        return is_newest

    # --- Deltas -----------------------------------------------------------------------------------------------------

    def _bring_deltas(self) -> Iterator[FetchedFile]:
        """Apply the chain of deltas from the lists at hand on, as long as it is shorter than the lists themselves."""
        have, worth = self._base()
        while have is not None and worth > 0:
            url = f"{self._folder_url}{to_seconds(have.issued_at)}-0.delta"
            try:
                reply = self._client.get(url, min(worth, status_delta.MAX_TOKEN_BYTES))
            except SourceError:  # there is none, or it costs more: the lists themselves are asked for next
                return
            worth -= reply.size_bytes
            token = reply.content or b""
            try:
                _check_name(url, status_delta.read_delta(token).content.status_base, self._issuer.status_base)
                outcome = self._store.offer(token, kind=FileKind.STATUS_DELTA, now=self._clock(), source=url)
            except BaseMissing:
                return
            except StoreError:
                raise
            except SocpassError as error:
                yield self._fetched(url, FetchOutcome.REFUSED, error)
                return
            yield self._fetched(url, came(outcome))
            before, have = have, self._at_hand(0)
            if have is None or have.issued_at <= before.issued_at:
                return
            self._went_by_deltas = True

    def _base(self) -> tuple[ListTerms | None, int]:
        """Return the list 0 at hand and what the lists cost, if there is news and a delta may go on from all of them."""
        worth = sum(takewhile(bool, (self._notes.size_bytes(list_url(self._folder_url, number)) for number in range(MAX_LISTS))))
        lists = self._lists_at_hand() if worth >= LEAST_WORTH_BYTES else []
        if len({have.issued_at for have in lists}) != 1:
            return None, 0
        url = list_url(self._folder_url, 0)
        try:
            reply = self._client.get(url, MAX_TOKEN_BYTES, known=self._note(url, lists[0]), first=BEGINNING_BYTES)
        except SourceError:
            return None, 0
        if reply.content is None or reply.is_whole:
            self._came_early[0] = reply
            return None, 0
        is_news = _issued_at(reply.content, lists[0].uri) != lists[0].issued_at
        return (lists[0], worth) if is_news else (None, 0)

    def _lists_at_hand(self) -> list[ListTerms]:
        lists: list[ListTerms] = []
        while len(lists) < MAX_LISTS and (have := self._at_hand(len(lists))) is not None:
            lists.append(have)
        return lists

    # --- The catalogue ----------------------------------------------------------------------------------------------

    def _bring_catalogue(self) -> Iterator[FetchedFile]:
        url, have = f"{self._folder_url}{CATALOGUE_NAME}.cwt", self._catalogue_at_hand()
        try:
            reply = self._client.get(url, MAX_CATALOGUE_BYTES, known=self._note(url, have))
        except NotFound as error:
            self._notes.drop(url)
            if have is not None and have.expires_at > self._clock():  # else the agency has none, or none any more
                yield self._fetched(url, FetchOutcome.MISSING, error)
        except SourceError as error:
            yield self._fetched(url, FetchOutcome.MISSING, error)
        else:
            yield self._take(url, reply, lambda token: self._offer_catalogue(url, token))

    def _offer_catalogue(self, url: str, token: bytes) -> tuple[UpdateOutcome, str]:
        found = read_catalogue(token).content
        _check_name(url, found.uri, self._issuer.catalogue_uri)
        return self._store.offer(token, kind=FileKind.CATALOGUE, now=self._clock(), source=url), _version(found)

    # --- What all have in common ------------------------------------------------------------------------------------

    def _take(self, url: str, reply: ServerReply, offer: Callable[[bytes], tuple[UpdateOutcome, str]]) -> FetchedFile:
        if reply.content is None:
            return self._fetched(url, FetchOutcome.SAME)
        try:
            outcome, version = offer(reply.content)
        except StoreError:
            raise
        except SocpassError as error:
            self._notes.drop(url)
            return self._fetched(url, FetchOutcome.REFUSED, error)
        self._notes.put(url, note_of(reply, version))
        return self._fetched(url, came(outcome))

    def _fetched(self, url: str, outcome: FetchOutcome, error: SocpassError | None = None) -> FetchedFile:
        return FetchedFile(url=without_password(url), outcome=outcome, issuer=self._issuer.id, error=error)

    def _at_hand(self, number: int) -> ListTerms | None:
        found = self._store.held_lists.get(self._issuer.status_uri(number))
        return None if found is None else found.content

    def _catalogue_at_hand(self) -> Catalogue | None:
        found = self._store.catalogues.get(self._issuer.catalogue_uri) if self._store.has_catalogues else None
        return None if found is None else found.content

    def _note(self, url: str, have: ListTerms | Catalogue | None) -> Validators | None:
        return self._notes.get(url, None if have is None else _version(have))


def _check_name(url: str, found: str, expected: str) -> None:
    """Refuse a file that lies under the name of another: a server that swaps them must not have one list kept for two.

    Raises:
        SourceError: it is another.
    """
    if found != expected:
        raise SourceError("server.another_file", found=found[:300], expected=expected).at(url)


def _version(have: ListTerms | Catalogue) -> str:
    return str(to_seconds(have.issued_at))


def _issued_at(beginning: bytes, uri: str) -> datetime | None:
    """Return the iat that the *beginning* of a list's token shows, or None: a hint on what to ask for, and not a claim."""
    _, _, rest = beginning.partition(b"\x02" + cbor.encode(uri) + b"\x04\x1a")
    exp_bytes, head, tail = rest[:4], rest[4:6], rest[6:10]
    if len(exp_bytes) + len(tail) < 8 or head != b"\x06\x1a":  # noqa: PLR2004 -- two times of four bytes
        return None
    return datetime.fromtimestamp(int.from_bytes(tail), UTC)


def list_url(folder_url: str, number: int) -> str:
    """Return where a status list lies in the folder at *folder_url*."""
    return f"{folder_url}{number}.cwt"


def note_of(reply: ServerReply, version: str) -> Validators:
    """Return what to remember of a file that is now at hand."""
    return Validators(version=version, etag=reply.etag, modified=reply.modified, size_bytes=reply.size_bytes)


def came(outcome: UpdateOutcome) -> FetchOutcome:
    """Return what became of a file that the store took or had."""
    return FetchOutcome.NEW if outcome is UpdateOutcome.NEW else FetchOutcome.SAME
