"""Taking files into a till's store: each is checked, compared with what was seen, written and noted, under the store's lock.

It knows the order in which that is done (specs/trust.md, section 3). A file is written before it is noted: where the power goes
in between, the file itself says what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic

from socpass_vc.errors import BaseMissing, Contradicted, Malformed, NotYetValid, StoreError
from socpass_vc.format.status.list_change import Changes, ListChange, digest, widened
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, admit, admit_catalogue
from socpass_vc.verifier.admit_delta import AdmittedDelta, admit_delta, keep, kept_bytes
from socpass_vc.verifier.decide import LEEWAY
from socpass_vc.verifier.store.alarms import keep_alarm
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.rollback_state import (
    RollbackState,
    SeenFile,
    catalogue_digest,
    delta_digest,
    seen_trust,
    status_digest,
)
from socpass_vc.verifier.store.rollback_store import RollbackStore
from socpass_vc.verifier.store.signed_files import Admitted, SignedFiles
from socpass_vc.verifier.store.status_list_files import ListQuota, number_of
from socpass_vc.verifier.store.trust_file import TrustFile


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept(Generic[Admitted]):
    """One kind of signed files, and how a file of it is taken.

    Attributes:
        kind: which.
        files: those at hand.
        admit: returns what a token holds, if the trust list stands behind it.
        digest: of what a file says (specs/trust.md, section 3).
    """

    kind: FileKind
    files: SignedFiles[Admitted]
    admit: Callable[[bytes, Trust], Admitted]
    digest: Callable[[Admitted], bytes]

    def raise_floors(self, floors: RollbackState, have: Admitted | None) -> RollbackState:
        """Return the floors once what is at hand counts as seen."""
        if have is None:
            return floors
        seen = SeenFile(have.content.issued_at, self.digest(have))
        return floors.with_file(have.content.uri, have.key.public_key.raw, seen)

    def raise_by_all(self, floors: RollbackState) -> RollbackState:
        """Return the floors once all that is at hand counts as seen."""
        for found in self.files.all():
            floors = self.raise_floors(floors, found)
        return floors


class StoreUpdate:
    """What takes files into one till's folder.

    Args:
        folder: of the store.
        trust_file: the bundle at hand.
        lists: the status lists at hand.
        catalogues: the catalogues at hand.
    """

    def __init__(
        self,
        folder: Path,
        trust_file: TrustFile,
        lists: SignedFiles[AdmittedStatusList],
        catalogues: SignedFiles[AdmittedCatalogue],
    ) -> None:
        self._folder = folder
        self._trust_file = trust_file
        self._lists = _Kept(
            kind=FileKind.STATUS_LIST,
            files=lists,
            admit=lambda token, trust: admit(token, trust=trust),
            digest=lambda found: status_digest(found.content),
        )
        self._catalogues = _Kept(
            kind=FileKind.CATALOGUE,
            files=catalogues,
            admit=lambda token, trust: admit_catalogue(token, trust=trust),
            digest=lambda found: catalogue_digest(found.content),
        )
        self._ratchet = RollbackStore(folder)
        self._quota = ListQuota(lists)

    def check_notes(self) -> None:
        """Return if what was seen can be read, as :meth:`Store.check_notes` says."""
        self._ratchet.floors(RollbackState)

    def offer(self, content: bytes, kind: FileKind, *, now: datetime | None, source: str) -> bool:
        """Take a file of a *kind*, as :meth:`Store.offer` says."""
        if kind is FileKind.BUNDLE:
            return self._take_bundle(content, now, source)
        if kind is FileKind.STATUS_DELTA:
            return self._take_delta(content, now, source)
        if kind is FileKind.CATALOGUE:
            return self._take_signed(self._catalogues, content, now, source)
        return self._take_signed(self._lists, content, now, source)

    def _take_bundle(self, content: bytes, now: datetime | None, source: str) -> bool:
        offered = self._trust_file.check(content)
        _check_not_ahead(offered.trust.list.issued_at, now)
        with self._ratchet.held():
            have, floors = self._trust_file.look_again(), self._floors()
            seen = seen_trust(offered.parts, taken_at=now, source=source)
            with self._alarming(self._trust_file.path, content, ".spt", now):
                floors.check_trust(offered.parts, seen)
            is_new = have is None or seen_trust(have.parts).order < seen.order
            if is_new:
                self._trust_file.write(offered)
            noted = self._ratchet.floors(RollbackState).trust
            is_news = noted is not None and noted.order < seen.order  # the one at hand is, if the power went before it was noted
            self._ratchet.note(floors.with_trust(seen).under(offered.trust), offered.trust, may_fall=is_news)
        return is_new

    def _take_signed(self, kept: _Kept[Admitted], token: bytes, now: datetime | None, source: str) -> bool:
        """Take a status list or a catalogue: what one key of an issuer signed, under a URI of its own."""
        with self._ratchet.held():
            trust, files = self._look_again(), kept.files
            found = kept.admit(token, trust)
            files.read_rest(found)
            uri, issued_at = found.content.uri, found.content.issued_at
            _check_not_ahead(issued_at, now, uri)
            have, path = files.get(uri), files.path(uri)
            floors = kept.raise_floors(self._floors(), have)
            seen = SeenFile(issued_at, kept.digest(found), now, source)
            at_hand = None if have is None else (have.content.issued_at, kept.digest(have))
            with self._alarming(path, token, path.suffix, now):
                floors.check_file(kept.kind, uri, seen, trust, at_hand=at_hand)
            is_new = have is None or have.content.issued_at < issued_at
            if is_new:
                if kept.kind is FileKind.STATUS_LIST:
                    self._quota.check(found.issuer, {number_of(uri): len(token)})
                files.write(uri, token)
            self._ratchet.note(floors.with_file(uri, found.key.public_key.raw, seen), trust)
        return is_new

    def _take_delta(self, token: bytes, now: datetime | None, source: str) -> bool:
        lists = self._lists.files
        with self._ratchet.held():
            trust = self._look_again()
            found = admit_delta(token, trust=trust)
            _check_not_ahead(found.content.issued_at, now, found.content.status_base)
            floors, at_hand = self._floors(), b""
            for entry in found.content.lists:
                have = lists.get(found.content.uri(entry.number))
                floors = self._lists.raise_floors(floors, have)
                at_hand += digest((widened(have.content) if have else None) or b"")
            found, changes = _opened(found, at_hand)
            delta = found.content
            for entry in delta.lists:
                with self._alarming(lists.path(delta.uri(entry.number)), token, ".delta", now):
                    floors.check_delta(delta, entry, trust, taken_at=now, source=source)
            made, missing = self._bring_up_to_date(found, changes, token, lambda uri: floors.newest(uri, trust))
            for entry in made:
                seen = SeenFile(delta.issued_at, delta_digest(delta, entry), now, source)
                floors = floors.with_file(delta.uri(entry.number), found.key.public_key.raw, seen)
            self._ratchet.note(floors, trust)
        if missing is not None:
            raise missing
        return bool(made)

    def _look_again(self) -> Trust:
        """Return the trust list of now, which another process may have brought; without one, say so."""
        have = self._trust_file.look_again()
        return self._trust_file.get().trust if have is None else have.trust

    def _floors(self) -> RollbackState:
        """Return what was seen, the trust list at hand included."""
        floors, have = self._ratchet.floors(self._all_at_hand), self._trust_file.look_again()
        return floors if have is None else floors.with_trust(seen_trust(have.parts))

    def _all_at_hand(self) -> RollbackState:
        """Return what all files at hand say: what is left where the floors are lost."""
        if self._trust_file.look_again() is None:
            return RollbackState()
        return self._catalogues.raise_by_all(self._lists.raise_by_all(RollbackState()))

    def _bring_up_to_date(
        self, found: AdmittedDelta, changes: Changes | None, token: bytes, newest: Callable[[str], datetime | None]
    ) -> tuple[list[ListChange], BaseMissing | None]:
        """Apply the delta *found* in *token* to the lists that are older; return which, and what else was missing.

        A list changes as a whole: it is what the issuer signed before or what it signed now. Where the power goes in between,
        some lists are older, and the delta may be applied again.

        Args:
            found: admitted and opened; it contradicts no list that was seen.
            changes: what it says, where that was decoded to open it.
            token: its bytes.
            newest: gives when the newest list with a URI was signed that was ever seen, which may no longer be at hand.

        Raises:
            Malformed: its code is not what a writer writes, or a change changes nothing.
            OverQuota: with the lists that it makes, the issuer would have more than a till keeps of one.
            StoreError: the folder is damaged or cannot be written.
        """
        delta = found.content
        at_hand = [(entry, self._lists.files.get(delta.uri(entry.number))) for entry in delta.lists]
        behind = [(entry, have) for entry, have in at_hand if have is None or have.content.issued_at < delta.issued_at]
        self._quota.check(found.issuer, {entry.number: kept_bytes(token, delta, entry) for entry, _ in behind})
        if changes is None:
            changes = delta.changes() if behind else {}
        made: list[ListChange] = []
        missing: BaseMissing | None = None
        for entry, have in behind:
            uri = delta.uri(entry.number)
            try:
                _check_not_passed(uri, delta.issued_at, newest(uri))
                applied = delta.apply(entry, None if have is None else have.content, changes[entry.number])
            except BaseMissing as error:
                missing = missing or error
                continue
            self._lists.files.write(uri, keep(token, delta, applied))
            made.append(entry)
        return made, missing

    @contextmanager
    def _alarming(self, at_hand: Path, offered: bytes, ending: str, now: datetime | None) -> Iterator[None]:
        """Keep both sides of a contradiction; where they cannot be kept, the contradiction is still raised."""
        try:
            yield
        except Contradicted as alarm:
            with suppress(StoreError):
                keep_alarm(self._folder / "alarms", alarm, at_hand=at_hand, offered=offered, ending=ending, found_at=now)
            raise


def _opened(found: AdmittedDelta, at_hand: bytes) -> tuple[AdmittedDelta, Changes | None]:
    """Return a delta with a digest for each list, and the changes if they were decoded for that.

    Of one list a full form says nothing before all are made, unless they are those whose digests are *at_hand*.
    """
    if not found.content.is_full:
        return found, None
    with suppress(Malformed):
        return found._replace(content=found.content.with_digests(at_hand)), None
    changes = found.content.changes()
    return found._replace(content=found.content.opened(changes)), changes


def _check_not_passed(uri: str, issued_at: datetime, newest: datetime | None) -> None:
    """Refuse to make a list that is older than one that was seen and is no longer at hand."""
    if newest is not None and newest > issued_at:
        raise BaseMissing("delta_behind_what_was_seen", uri=uri, issued_at=issued_at, newest_at=newest).at(uri)


def _check_not_ahead(issued_at: datetime, now: datetime | None, *where: str) -> None:
    """Refuse what was signed in the future: it would raise the clock floor above a right clock."""
    if now is not None and issued_at - now > LEEWAY:
        raise NotYetValid("signed_in_future", issued_at=issued_at).at(*where)
