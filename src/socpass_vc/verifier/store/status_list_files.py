"""The status lists in a till's store, a file each, checked again when it is read.

It knows the folder and the trust list of now. What was seen before, and everything else of the store, are :mod:`till_store`'s.

    NAME.cwt    a status list, its token or what a delta made of it; NAME is the SHA-256 of its URI, so that no name comes from
                the data
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import (
    BaseMissing,
    Forged,
    KeyCompromised,
    Malformed,
    OutOfScope,
    StoreError,
    UnknownIssuer,
    Unsupported,
)
from socpass_vc.files import read_file, write_file
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.admit import AdmittedStatusList, admit

if TYPE_CHECKING:
    from socpass_vc.format.status.list_change import Changes, ListChange
    from socpass_vc.verifier.admit_delta import AdmittedDelta

MAX_KEPT_BYTES = 2**22 + 2**16 + MAX_TOKEN_BYTES + 2**14
"""Largest file of a status list: a delta (specs/status-delta.md, section 1), the list that it made, and 1,000 digests."""

_MADE_BY_DELTA = (b"\x82", b"\x83")  # the array of a delta, a list, perhaps digests; a list's own token begins with the tag 18


class StatusListFiles:
    """The folder of status lists, under a trust list; a ``StatusSource``.

    Args:
        folder: where they are.
        trust: gives the trust list of now; asked when a list is read, so that where none is no trust list is needed.
    """

    def __init__(self, folder: Path, trust: Callable[[], Trust]) -> None:
        self._folder = folder
        self._trust = trust

    def get(self, uri: str, /) -> AdmittedStatusList | None:
        """Return the status list with this URI, or None if there is none that the trust list of now stands behind.

        Raises:
            StoreError: its file is damaged.
        """
        path = self.path(uri)
        is_there = os.path.exists(path)  # noqa: PTH110 -- unlike Path.exists, it takes what may not be entered for absent
        return self._admit(path) if is_there else None

    def all(self) -> Iterator[AdmittedStatusList]:
        """Yield all status lists that the trust list of now stands behind, by URI.

        Raises:
            StoreError: a file is damaged.
        """
        admitted = [self._admit(path) for path in sorted(self._folder.glob("*.cwt"))]
        yield from sorted((found for found in admitted if found), key=lambda found: found.content.uri)

    def path(self, uri: str) -> Path:
        """Return where the list with this URI lies, or would."""
        return self._folder / f"{sha256(uri.encode()).hex()}.cwt"

    def write(self, uri: str, token: bytes) -> None:
        """Write the list with this URI, an admitted *token*.

        Raises:
            StoreError: the folder cannot be written.
        """
        write_file(self.path(uri), token, error=StoreError)

    def bring_up_to_date(
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
        from socpass_vc.verifier.admit_delta import keep  # noqa: PLC0415 -- not on the path of a verdict

        delta = found.content
        at_hand = [(entry, self.get(delta.uri(entry.number))) for entry in delta.lists]
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
            self.write(uri, keep(token, delta, applied))
            made.append(entry)
        return made, missing

    def _admit(self, path: Path) -> AdmittedStatusList | None:
        """Return the list in a file of ours; None if the trust list no longer stands behind it."""
        kept = read_file(path, MAX_KEPT_BYTES, error=StoreError)
        try:
            if kept[:1] in _MADE_BY_DELTA:
                from socpass_vc.verifier.admit_delta import admit_kept  # noqa: PLC0415 -- only a till that met a delta

                found = admit_kept(kept, lambda uri: self.path(uri) == path, trust=self._trust())
            else:
                found = admit(kept, trust=self._trust())
        except (UnknownIssuer, KeyCompromised, OutOfScope):
            return None
        except (Malformed, Unsupported, Forged) as error:
            raise StoreError("damaged_file", why=error).at(path) from error
        if path != self.path(found.content.uri):
            raise StoreError("file_of_another_uri", uri=found.content.uri).at(path)
        return found


def _check_not_passed(uri: str, issued_at: datetime, newest: datetime | None) -> None:
    """Refuse to make a list that is older than one that was seen and is no longer at hand."""
    if newest is not None and newest > issued_at:
        raise BaseMissing("delta_behind_what_was_seen", uri=uri, issued_at=issued_at, newest_at=newest).at(uri)
