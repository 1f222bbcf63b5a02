"""The till's store: the root that a person confirmed, the trust list, status lists, catalogues and the clock floor, in a folder.

Everything is checked again each time it is read, and a file only ever gives way to a newer one (specs/trust.md, section 3;
store_update.py). It knows files and no network; where newer files come from is the caller's.

    root.cbor          payload of the confirmed root, the anchor
    trust.spt          the trust bundle (trust_file.py)
    status/            the status lists (status_list_files.py)
    catalogue/         the catalogues (catalogue_files.py)
    clock              the newest iat seen, as text (clock_file.py)
    floors.cbor, lock  what was seen, below which nothing is taken (rollback_store.py)
    alarms/            what contradicted what is at hand (alarms.py)
    store.toml         what the till's owner wants; written by people (store_settings.py)
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_vc.errors import KEYS_WITHOUT_TYPE, SocpassError, StoreError, UntrustedRoot
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.keys import refuse_lax_library
from socpass_vc.format.trust.bundle import Trust, UnverifiedBundle, fingerprint
from socpass_vc.format.trust.issuers import Root
from socpass_vc.format.trust.issuers_reader import read_root
from socpass_vc.verifier.store.clock_file import read_clock
from socpass_vc.verifier.store.status_list_files import status_list_files
from socpass_vc.verifier.store.trust_file import TrustFile

if TYPE_CHECKING:
    from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, HeldStatusList
    from socpass_vc.verifier.store.alarms import Alarm
    from socpass_vc.verifier.store.file_kind import FileKind
    from socpass_vc.verifier.store.signed_files import SignedFiles
    from socpass_vc.verifier.store.store_settings import StoreSettings
    from socpass_vc.verifier.store.store_update import StoreUpdate

MAX_ROOT_BYTES = 131_072
"""Largest payload of a root: 64 keys of 1,312 bytes have less than 85,000 bytes; fields of later versions may add some."""


class UpdateOutcome(StrEnum):
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
        self._trust_file = TrustFile(folder / "trust.spt", anchor)
        self._lists = status_list_files(folder / "status", lambda: self.trust)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """Return the store in *folder*.

        Args:
            folder: as :meth:`create` or the command made it.

        Raises:
            StoreError: there is none, or its root is damaged.
            LaxLibrary: with this libsodium nothing can be decided.
        """
        path = folder / "root.cbor"
        if not _exists(path):
            raise StoreError("no_store_here").at(folder)
        refuse_lax_library()
        anchor = read_file(path, MAX_ROOT_BYTES, error=StoreError)
        try:
            read_root(anchor)
        except SocpassError as error:
            if error.reason == KEYS_WITHOUT_TYPE:
                raise StoreError("store_before_typed_keys").at(folder) from error
            raise StoreError("damaged_file", why=error).at(path) from error
        return cls(folder, anchor)

    @classmethod
    def create(cls, folder: Path, anchor: bytes) -> Store:
        """Make a store in *folder* that trusts the root with the payload *anchor*, which a person has confirmed.

        Args:
            folder: where it is to be; made where it is missing.
            anchor: the payload that :func:`read_root_file` or :func:`confirm_root` gave.

        Raises:
            Malformed, Unsupported: *anchor* is no root.
            StoreError: there is a store already, or the folder cannot be written.
        """
        read_root(anchor)
        if len(anchor) > MAX_ROOT_BYTES:
            raise StoreError("root_too_large", size_bytes=len(anchor), limit_bytes=MAX_ROOT_BYTES)
        if _exists(folder / "root.cbor"):
            raise StoreError("store_here_already").at(folder)
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

    @property
    def trust(self) -> Trust:
        """The trust list at hand, checked against the anchor.

        Raises:
            StoreError: there is none, or it is damaged.
        """
        return self._trust_file.get().trust

    @property
    def newest_fingerprint(self) -> str:
        """The fingerprint of the newest root, which signed the trust list at hand.

        Raises:
            StoreError: there is no trust list, or it is damaged.
        """
        return self._trust_file.get().parts.roots[-1].fingerprint

    def get(self, uri: str, /) -> AdmittedStatusList | None:
        """Return the status list with this URI, admitted under the trust list of now, or None: a ``StatusSource``.

        Raises:
            StoreError: the file of that list is damaged.
        """
        return self._lists.get(uri)

    def status_lists(self) -> Iterator[AdmittedStatusList]:
        """Return all status lists that the trust list of now stands behind, by URI, one in memory after the other.

        Raises:
            StoreError: a file is damaged.
        """
        uris = [held.content.uri for held in self.held_lists.all()]
        return filter(None, map(self._lists.get, uris))

    @cached_property
    def held_lists(self) -> SignedFiles[HeldStatusList]:
        """The same status lists without their entries, which are not inflated."""
        from socpass_vc.verifier.store.status_list_files import held_list_files  # noqa: PLC0415 -- not on the path of a verdict

        return held_list_files(self.folder / "status", lambda: self.trust)

    @cached_property
    def catalogues(self) -> SignedFiles[AdmittedCatalogue]:
        """The catalogues that the trust list of now stands behind: a ``CatalogueSource``."""
        from socpass_vc.verifier.store.catalogue_files import catalogue_files  # noqa: PLC0415 -- a till without a catalogue starts sooner

        return catalogue_files(self.folder / "catalogue", lambda: self.trust)

    @property
    def has_catalogues(self) -> bool:
        """Whether there may be one: what a till asks before it loads what reads them."""
        return _exists(self.folder / "catalogue")

    @property
    def clock_floor(self) -> datetime | None:
        """The newest iat that this store has seen, or None before the first.

        Raises:
            StoreError: the file is damaged.
        """
        return read_clock(self.folder)

    @property
    def settings(self) -> StoreSettings:
        """What the till's owner wrote into store.toml.

        Raises:
            StoreError: it is wrong.
        """
        from socpass_vc.verifier.store.store_settings import read_settings  # noqa: PLC0415 -- most tills have none

        return read_settings(self.folder)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms that nobody has removed yet."""
        from socpass_vc.verifier.store.alarms import kept_alarms  # noqa: PLC0415 -- not on the path of a verdict

        return kept_alarms(self.folder / "alarms")

    def check_notes(self) -> None:
        """Return if the notes of what was seen can be read: a verdict does not need them, the next file that is offered does.

        Raises:
            StoreError: floors.cbor is damaged.
        """
        self._update.check_notes()

    def offer(
        self, content: bytes, *, kind: FileKind | None = None, now: datetime | None = None, source: str = ""
    ) -> UpdateOutcome:
        """Keep the file with this *content* if it is good and newer than what is at hand; a bad one changes nothing.

        A status delta brings the lists that it speaks of up to date; lists that are as new, or newer, stay as they are. Each list
        changes as a whole. Where the power goes in between, some lists are older, and the delta may be offered again.

        Args:
            content: the bytes of trust.spt, of a .cwt, .delta or .gaps file, or what the QR codes of a bulletin carried.
            kind: as which it is offered; None: as what it calls itself.
            now: the time, aware; with it, what is signed later than now + 300 s is refused.
            source: the name of where it came from, kept for whoever asks later.

        Raises:
            Malformed, Unsupported: it is not one that this program can read.
            UntrustedRoot, ThresholdNotMet, Forged: a trust bundle is not good.
            UnknownIssuer, KeyCompromised, Forged, OutOfScope: another file is not good.
            NotYetValid: it was signed in the future.
            RolledBack: it is older than one that this till has seen.
            Contradicted: it is as old as one, and says something else.
            BaseMissing: a delta begins with another version of a list than the one at hand; the other lists were brought up to
                date.
            StoreError: the store is damaged or cannot be written.
        """
        from socpass_vc.verifier.store.file_kind import kind_of  # noqa: PLC0415 -- not on the path of a verdict

        is_new = self._update.offer(content, kind_of(content) if kind is None else kind, now=now, source=source)
        return UpdateOutcome.NEW if is_new else UpdateOutcome.SAME

    @cached_property
    def _update(self) -> StoreUpdate:
        from socpass_vc.verifier.store.store_update import StoreUpdate  # noqa: PLC0415 -- not on the path of a verdict

        return StoreUpdate(self.folder, self._trust_file, self._lists, self.catalogues)


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
    raise UntrustedRoot("no_root_with_fingerprint")


def same_digits(confirmed: str, found: str) -> bool:
    """Tell whether two fingerprints are one, however people group and capitalise them."""
    return _bare(confirmed) == _bare(found)


def _bare(typed: str) -> str:
    return "".join(character for character in typed if character not in " \t\r\n:-").lower()


def _exists(path: Path) -> bool:
    """Tell whether there is a file; a path that no file can have has none."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
