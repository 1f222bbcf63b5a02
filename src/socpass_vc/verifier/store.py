"""The till's store: the root that a person confirmed, the trust list, the status lists and the clock floor, as files in a folder.

Everything is checked again each time it is read, and a file only ever gives way to a newer one (specs/trust.md, section 3). It
knows files and no network; where newer files come from is the caller's.

    root.cbor          payload of the confirmed root, the anchor
    trust.spt          the trust bundle
    status/NAME.cwt    a status list, its token or what a delta made of it; NAME is the SHA-256 of its URI, so that no name comes
                       from the data
    clock              the newest iat seen, as text
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import (
    BaseMissing,
    Forged,
    KeyCompromised,
    Malformed,
    NotYetValid,
    OutOfScope,
    RolledBack,
    SocpassError,
    StoreError,
    UnknownIssuer,
    Unsupported,
    UntrustedRoot,
)
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.issuers import Root, read_root
from socpass_vc.format.statuslist import MAX_TOKEN_BYTES, StatusList
from socpass_vc.format.trust import MAX_BUNDLE_BYTES, Trust, UnverifiedBundle, fingerprint, read_bundle
from socpass_vc.verifier.admit import AdmittedStatusList, admit
from socpass_vc.verifier.decide import LEEWAY

MAX_ROOT_BYTES = 8_192
"""Largest payload of a root: 64 keys and three numbers have less than 2,400 bytes; fields of later versions may add some."""
MAX_CLOCK_BYTES = 64
MAX_KEPT_BYTES = 2**22 + 2**16 + MAX_TOKEN_BYTES
"""Largest file of a status list: a delta (specs/status-delta.md, section 1), and the list that it made."""

_MADE_BY_DELTA = b"\x82"  # the array of a delta and a list; a list's own token begins with the tag 18


class Outcome(StrEnum):
    """What offering a file to the store did."""

    NEW = "new"
    SAME = "same"


class Store:
    """One till's folder; open it with :meth:`open` or make it with :meth:`create`.

    Args:
        folder: where it is.
        anchor: the payload of the confirmed root.
    """

    def __init__(self, folder: Path, anchor: bytes) -> None:
        self.folder = folder
        self.anchor = anchor

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Return the store in *folder*.

        Raises:
            StoreError: there is none, or its root is damaged.
        """
        path = folder / "root.cbor"
        if not _exists(path):
            raise StoreError(
                f"{folder}: there is no store here; make one with 'socpass sync SOURCE --root FILE'", path=str(folder)
            )
        anchor = read_file(path, MAX_ROOT_BYTES, error=StoreError)
        try:
            read_root(anchor)
        except SocpassError as error:
            raise StoreError(f"{path}: damaged: {error}; remove it and sync again", path=str(path)) from error
        return cls(folder, anchor)

    @classmethod
    def create(cls, folder: Path, anchor: bytes) -> Store:
        """Make a store in *folder* that trusts the root with the payload *anchor*, which a person has confirmed.

        Raises:
            Malformed, Unsupported: *anchor* is no root.
            StoreError: there is a store already, or the folder cannot be written.
        """
        read_root(anchor)
        if len(anchor) > MAX_ROOT_BYTES:
            raise StoreError(f"the root has {len(anchor)} bytes; {MAX_ROOT_BYTES} are possible")
        if _exists(folder / "root.cbor"):
            raise StoreError(f"{folder}: there is a store already", path=str(folder))
        make_folder(folder / "status", error=StoreError)
        write_file(folder / "root.cbor", anchor, error=StoreError)
        return cls(folder, anchor)

    @property
    def root(self) -> Root:
        """The confirmed root."""
        return read_root(self.anchor)

    @property
    def fingerprint(self) -> str:
        """The confirmed root's fingerprint, in groups of four."""
        return fingerprint(self.anchor)

    @cached_property
    def trust(self) -> Trust:
        """The trust list at hand, checked against the anchor.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        path = self.folder / "trust.spt"
        content = read_file(path, MAX_BUNDLE_BYTES, error=StoreError)
        try:
            return read_bundle(content).check(self.anchor)
        except SocpassError as error:
            raise StoreError(f"{path}: damaged: {error}; remove it and sync again", path=str(path)) from error

    def get(self, uri: str, /) -> AdmittedStatusList | None:
        """Return the status list with this URI, admitted under the trust list of now, or None: a ``StatusSource``.

        Raises:
            StoreError: the file of that list is damaged.
        """
        return self._at_hand(uri)

    def status_lists(self) -> Iterator[AdmittedStatusList]:
        """Yield all status lists that the trust list of now stands behind, by URI.

        Raises:
            StoreError: a file is damaged.
        """
        admitted = [self._admit(path) for path in sorted((self.folder / "status").glob("*.cwt"))]
        yield from sorted((found for found in admitted if found), key=lambda found: found.content.uri)

    @property
    def clock_floor(self) -> datetime | None:
        """The newest iat that this store has seen, or None before the first.

        Raises:
            StoreError: the file is damaged.
        """
        path = self.folder / "clock"
        if not _exists(path):
            return None
        content = read_file(path, MAX_CLOCK_BYTES, error=StoreError)
        try:
            floor = datetime.fromisoformat(content.decode("ascii").strip())
        except ValueError as error:
            raise StoreError(f"{path}: damaged: not a time; remove it and sync again", path=str(path)) from error
        if floor.tzinfo is None:
            raise StoreError(f"{path}: damaged: a time without its zone; remove it and sync again", path=str(path))
        return floor

    def offer_bundle(self, content: bytes, *, now: datetime | None = None) -> Outcome:
        """Keep the trust bundle *content* if it is good and newer.

        Args:
            content: the bytes of trust.spt.
            now: the time, aware; with it, what is signed later than now + 300 s is refused.

        Raises:
            Malformed, Unsupported, UntrustedRoot, ThresholdNotMet, Forged: it is not good.
            NotYetValid: it was signed in the future.
            RolledBack: it is older than the one at hand, or as old and different.
            StoreError: the store is damaged or cannot be written.
        """
        bundle = read_bundle(content)
        trust = bundle.check(self.anchor)
        _check_not_ahead("the trust list", trust.list.issued_at, now)
        path = self.folder / "trust.spt"
        if _exists(path):
            have = self.trust
            order = (trust.root.version, trust.list.version)
            at_hand = (have.root.version, have.list.version)
            if order < at_hand:
                raise RolledBack(f"the trust list {_shown(order)} is older than {_shown(at_hand)}, which is at hand")
            if order == at_hand:
                if read_file(path, MAX_BUNDLE_BYTES, error=StoreError) != content:
                    raise RolledBack(f"two different trust lists call themselves {_shown(order)}; ask the issuer whom to believe")
                self._raise_floor(trust.list.issued_at)  # in case the power went before it was noted
                return Outcome.SAME
        write_file(path, content, error=StoreError)
        self.__dict__["trust"] = trust
        self._raise_floor(trust.list.issued_at)
        return Outcome.NEW

    def offer_status_list(self, token: bytes, *, now: datetime | None = None) -> Outcome:
        """Keep the status list in *token* if it is good and newer.

        Args:
            token: the bytes of a .cwt file.
            now: as for :meth:`offer_bundle`.

        Raises:
            Malformed, Unsupported, UnknownIssuer, KeyCompromised, Forged, OutOfScope: it is not good.
            NotYetValid: it was signed in the future.
            RolledBack: it is older than the one at hand, or as old and different.
            StoreError: the store is damaged or cannot be written.
        """
        content = admit(token, trust=self.trust).content
        _check_not_ahead(f"the status list {content.uri}", content.issued_at, now)
        path = self._status_path(content.uri)
        have = self._at_hand(content.uri)
        if have is not None:
            if content.issued_at < have.content.issued_at:
                raise RolledBack(
                    f"the status list {content.uri} of {content.issued_at} is older than that of {have.content.issued_at}"
                )
            if content.issued_at == have.content.issued_at:
                kept = read_file(path, MAX_KEPT_BYTES, error=StoreError)
                if kept != token and not (kept[:1] == _MADE_BY_DELTA and _same_list(have.content, content)):
                    raise RolledBack(f"two different status lists {content.uri} were signed at {content.issued_at}")
                self._raise_floor(content.issued_at)  # as above
                return Outcome.SAME
        write_file(path, token, error=StoreError)
        self._raise_floor(content.issued_at)
        return Outcome.NEW

    def offer_delta(self, token: bytes, *, now: datetime | None = None) -> Outcome:
        """Bring the lists that the delta in *token* speaks of up to date; those that are as new, or newer, stay as they are.

        A list changes as a whole: it is what the issuer signed before or what it signed now. Where the power goes in between,
        some lists are older, and the delta may be offered again.

        Args:
            token: the bytes of a .delta or .gaps file, or what the QR codes of a bulletin carried.
            now: as for :meth:`offer_bundle`.

        Raises:
            Malformed, Unsupported, UnknownIssuer, KeyCompromised, Forged, OutOfScope: it is not good; nothing changed.
            NotYetValid: it was signed in the future.
            RolledBack: it contradicts a list at hand that was signed at the same time.
            BaseMissing: it begins with another version of a list than the one at hand; the other lists were brought up to date.
            StoreError: the store is damaged or cannot be written.
        """
        from socpass_vc.verifier.admit_delta import admit_delta, keep  # noqa: PLC0415 -- not on the path of a verdict

        admitted = admit_delta(token, trust=self.trust)
        delta = admitted.content
        _check_not_ahead(f"the delta of {delta.status_base}", delta.issued_at, now)
        behind = [(entry, self._at_hand(delta.uri(entry.number))) for entry in delta.lists]
        for entry, have in behind:
            if have is not None and have.content.issued_at == delta.issued_at and not delta.agrees(entry, have.content):
                raise RolledBack(f"two different status lists {have.content.uri} were signed at {delta.issued_at}")
        behind = [(entry, have) for entry, have in behind if have is None or have.content.issued_at < delta.issued_at]
        changes = delta.changes() if behind else {}
        missing: BaseMissing | None = None
        for entry, have in behind:
            try:
                made = delta.apply(entry, None if have is None else have.content, changes[entry.number])
            except BaseMissing as error:
                missing = missing or error
                continue
            write_file(self._status_path(made.uri), keep(token, made), error=StoreError)
        self._raise_floor(delta.issued_at)
        if missing is not None:
            raise missing
        return Outcome.NEW if behind else Outcome.SAME

    def _at_hand(self, uri: str) -> AdmittedStatusList | None:
        path = self._status_path(uri)
        return self._admit(path) if _exists(path) else None

    def _status_path(self, uri: str) -> Path:
        return self.folder / "status" / f"{sha256(uri.encode()).hex()}.cwt"

    def _admit(self, path: Path) -> AdmittedStatusList | None:
        """Return the list in a file of ours; None if the trust list no longer stands behind it."""
        kept = read_file(path, MAX_KEPT_BYTES, error=StoreError)
        try:
            if kept[:1] == _MADE_BY_DELTA:
                from socpass_vc.verifier.admit_delta import admit_kept  # noqa: PLC0415 -- only a till that met a delta

                found = admit_kept(kept, lambda uri: self._status_path(uri) == path, trust=self.trust)
            else:
                found = admit(kept, trust=self.trust)
        except (UnknownIssuer, KeyCompromised, OutOfScope):
            return None
        except (Malformed, Unsupported, Forged) as error:
            raise StoreError(f"{path}: damaged: {error}; remove it and sync again", path=str(path)) from error
        if path != self._status_path(found.content.uri):
            raise StoreError(f"{path}: damaged: it holds another list, {found.content.uri}; remove it", path=str(path))
        return found

    def _raise_floor(self, seen: datetime) -> None:
        floor = self.clock_floor
        if floor is None or seen > floor:
            write_file(self.folder / "clock", f"{seen.astimezone(UTC).isoformat()}\n".encode(), error=StoreError)


def confirm_root(bundle: UnverifiedBundle, confirmed: str) -> bytes:
    """Return the payload of the root of *bundle* whose fingerprint a person gave.

    Args:
        bundle: unchecked.
        confirmed: 64 hexadecimal digits, with or without spaces, colons or dashes, in any case.

    Raises:
        UntrustedRoot: no root of the bundle has that fingerprint.
    """
    for signed in bundle.roots:
        if same_digits(confirmed, signed.fingerprint):
            return signed.signed.payload
    raise UntrustedRoot("none of the bundle's roots has the fingerprint that was given")


def same_digits(confirmed: str, found: str) -> bool:
    """Tell whether two fingerprints are one, however people group and capitalise them."""
    return _bare(confirmed) == _bare(found)


def _bare(typed: str) -> str:
    return "".join(character for character in typed if character not in " \t\r\n:-").lower()


def _check_not_ahead(what: str, issued_at: datetime, now: datetime | None) -> None:
    """Refuse what was signed in the future: it would raise the clock floor above a right clock."""
    if now is not None and issued_at - now > LEEWAY:
        raise NotYetValid(f"{what} was signed at {issued_at}, which is still to come: the issuer's clock or this one is wrong")


def _same_list(one: StatusList, other: StatusList) -> bool:
    """Tell whether two lists say the same until the same time, as the token and the delta of one publication do."""
    from socpass_vc.format.statusdelta import widened  # noqa: PLC0415 -- not on the path of a verdict

    wide = widened(one)
    times = (one.issued_at, one.expires_at, one.ttl) == (other.issued_at, other.expires_at, other.ttl)
    return times and wide is not None and wide == widened(other)


def _exists(path: Path) -> bool:
    """Tell whether there is a file; a path that no file can have has none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _shown(order: tuple[int, int]) -> str:
    return f"version {order[1]} under root {order[0]}"
