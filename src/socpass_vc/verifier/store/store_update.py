"""Taking files into a till's store: each is checked, compared with what was seen, written and noted, under the store's lock.

It knows the order in which that is done (specs/trust.md, section 3). A file is written before it is noted: where the power goes
in between, the file itself says what was seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from socpass_vc.errors import BaseMissing, Contradicted, Malformed, NotYetValid, StoreError
from socpass_vc.format.status.list_change import Changes, ListChange, digest, widened
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, admit, admit_catalogue
from socpass_vc.verifier.admit_delta import AdmittedDelta, admit_delta, keep
from socpass_vc.verifier.decide import LEEWAY
from socpass_vc.verifier.store.alarms import keep_alarm
from socpass_vc.verifier.store.rollback_state import (
    RollbackState,
    SeenFile,
    catalogue_digest,
    delta_digest,
    seen_trust,
    status_digest,
)
from socpass_vc.verifier.store.rollback_store import RollbackStore
from socpass_vc.verifier.store.signed_files import SignedFiles
from socpass_vc.verifier.store.trust_file import TrustFile


class StoreUpdate:
    """What takes files into one till's folder; each method tells whether anything is new.

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
        self._lists = lists
        self._catalogues = catalogues
        self._ratchet = RollbackStore(folder)

    def check_notes(self) -> None:
        """Return if what was seen can be read, as :meth:`Store.check_notes` says."""
        self._ratchet.floors(RollbackState)

    def bundle(self, content: bytes, *, now: datetime | None, source: str) -> bool:
        """Take a trust bundle, as :meth:`Store.offer_bundle` says."""
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
            self._ratchet.note(floors.with_trust(seen), offered.trust, may_fall=is_news)
        return is_new

    def status_list(self, token: bytes, *, now: datetime | None, source: str) -> bool:
        """Take a status list, as :meth:`Store.offer_status_list` says."""
        with self._ratchet.held():
            trust = self._look_again()
            found = admit(token, trust=trust)
            content = found.content
            _check_not_ahead(content.issued_at, now, content.uri)
            have, path = self._lists.get(content.uri), self._lists.path(content.uri)
            floors = _with_list(self._floors(), have)
            seen = SeenFile(content.issued_at, status_digest(content), now, source)
            with self._alarming(path, token, path.suffix, now):
                floors.check_file("status list", content.uri, seen, trust)
            is_new = have is None or have.content.issued_at < content.issued_at
            if is_new:
                self._lists.write(content.uri, token)
            self._ratchet.note(floors.with_file(content.uri, found.key.public_key.raw, seen), trust)
        return is_new

    def delta(self, token: bytes, *, now: datetime | None, source: str) -> bool:
        """Take a status delta, as :meth:`Store.offer_delta` says."""
        with self._ratchet.held():
            trust = self._look_again()
            found = admit_delta(token, trust=trust)
            _check_not_ahead(found.content.issued_at, now, found.content.status_base)
            floors, at_hand = self._floors(), b""
            for entry in found.content.lists:
                have = self._lists.get(found.content.uri(entry.number))
                floors = _with_list(floors, have)
                at_hand += digest((widened(have.content) if have else None) or b"")
            found, changes = _opened(found, at_hand)
            delta = found.content
            for entry in delta.lists:
                path = self._lists.path(delta.uri(entry.number))
                with self._alarming(path, token, ".delta", now):
                    floors.check_delta(delta, entry, trust, taken_at=now, source=source)
            made, missing = self._bring_up_to_date(found, changes, token, lambda uri: floors.newest(uri, trust))
            for entry in made:
                seen = SeenFile(delta.issued_at, delta_digest(delta, entry), now, source)
                floors = floors.with_file(delta.uri(entry.number), found.key.public_key.raw, seen)
            self._ratchet.note(floors, trust)
        if missing is not None:
            raise missing
        return bool(made)

    def catalogue(self, token: bytes, *, now: datetime | None, source: str) -> bool:
        """Take a catalogue, as :meth:`Store.offer_catalogue` says."""
        with self._ratchet.held():
            trust = self._look_again()
            found = admit_catalogue(token, trust=trust)
            content, files = found.content, self._catalogues
            files.read_rest(found)
            _check_not_ahead(content.issued_at, now, content.uri)
            have, path = files.get(content.uri), files.path(content.uri)
            floors = _with_catalogue(self._floors(), have)
            seen = SeenFile(content.issued_at, catalogue_digest(content), now, source)
            with self._alarming(path, token, path.suffix, now):
                floors.check_file("catalogue", content.uri, seen, trust)
            is_new = have is None or have.content.issued_at < content.issued_at
            if is_new:
                files.write(content.uri, token)
            self._ratchet.note(floors.with_file(content.uri, found.key.public_key.raw, seen), trust)
        return is_new

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
        floors, have = RollbackState(), self._trust_file.look_again()
        if have is None:
            return floors
        for found in self._lists.all():
            floors = _with_list(floors, found)
        for catalogue in self._catalogues.all():
            floors = _with_catalogue(floors, catalogue)
        return floors

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
            StoreError: the folder is damaged or cannot be written.
        """
        delta = found.content
        at_hand = [(entry, self._lists.get(delta.uri(entry.number))) for entry in delta.lists]
        behind = [(entry, have) for entry, have in at_hand if have is None or have.content.issued_at < delta.issued_at]
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
            self._lists.write(uri, keep(token, delta, applied))
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


def _with_list(floors: RollbackState, have: AdmittedStatusList | None) -> RollbackState:
    if have is None:
        return floors
    content = have.content
    return floors.with_file(content.uri, have.key.public_key.raw, SeenFile(content.issued_at, status_digest(content)))


def _with_catalogue(floors: RollbackState, have: AdmittedCatalogue | None) -> RollbackState:
    if have is None:
        return floors
    content = have.content
    return floors.with_file(content.uri, have.key.public_key.raw, SeenFile(content.issued_at, catalogue_digest(content)))


def _check_not_ahead(issued_at: datetime, now: datetime | None, *where: str) -> None:
    """Refuse what was signed in the future: it would raise the clock floor above a right clock."""
    if now is not None and issued_at - now > LEEWAY:
        raise NotYetValid("signed_in_future", issued_at=issued_at).at(*where)
