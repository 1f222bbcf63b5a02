"""The status lists in a till's store, a file each: checked again when read, and a list only gives way to a newer one.

It knows the folder and the trust list of now. The clock floor and everything else of the store are :mod:`store`'s.

    NAME.cwt    a status list, its token or what a delta made of it; NAME is the SHA-256 of its URI, so that no name comes from
                the data
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import (
    BaseMissing,
    Forged,
    KeyCompromised,
    Malformed,
    OutOfScope,
    RolledBack,
    StoreError,
    UnknownIssuer,
    Unsupported,
)
from socpass_vc.files import read_file, write_file
from socpass_vc.format.statuslist import MAX_TOKEN_BYTES, StatusList
from socpass_vc.format.trust import Trust
from socpass_vc.verifier.admit import AdmittedStatusList, admit

if TYPE_CHECKING:
    from socpass_vc.verifier.admit_delta import AdmittedDelta

MAX_KEPT_BYTES = 2**22 + 2**16 + MAX_TOKEN_BYTES
"""Largest file of a status list: a delta (specs/status-delta.md, section 1), and the list that it made."""

_MADE_BY_DELTA = b"\x82"  # the array of a delta and a list; a list's own token begins with the tag 18


class StatusLists:
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
        path = self._path(uri)
        is_there = os.path.exists(path)  # noqa: PTH110 -- unlike Path.exists, it takes what may not be entered for absent
        return self._admit(path) if is_there else None

    def all(self) -> Iterator[AdmittedStatusList]:
        """Yield all status lists that the trust list of now stands behind, by URI.

        Raises:
            StoreError: a file is damaged.
        """
        admitted = [self._admit(path) for path in sorted(self._folder.glob("*.cwt"))]
        yield from sorted((found for found in admitted if found), key=lambda found: found.content.uri)

    def keep(self, found: AdmittedStatusList, token: bytes) -> bool:
        """Keep the list *found* in *token* if it is newer than the one at hand, and tell whether it was.

        Raises:
            RolledBack: it is older than the one at hand, or as old and different.
            StoreError: the folder is damaged or cannot be written.
        """
        content, path = found.content, self._path(found.content.uri)
        have = self.get(content.uri)
        if have is not None:
            before = have.content.issued_at
            if content.issued_at < before:
                raise RolledBack(f"the status list {content.uri} of {content.issued_at} is older than that of {before}")
            if content.issued_at == before:
                kept = read_file(path, MAX_KEPT_BYTES, error=StoreError)
                if kept != token and not (kept[:1] == _MADE_BY_DELTA and _same_list(have.content, content)):
                    raise RolledBack(f"two different status lists {content.uri} were signed at {content.issued_at}")
                return False
        write_file(path, token, error=StoreError)
        return True

    def bring_up_to_date(self, found: AdmittedDelta, token: bytes) -> bool:
        """Apply the delta *found* in *token* to the lists that are older, and tell whether there was any.

        A list changes as a whole: it is what the issuer signed before or what it signed now. Where the power goes in between,
        some lists are older, and the delta may be applied again.

        Raises:
            Malformed: its code is not what a writer writes, or a change changes nothing.
            RolledBack: it contradicts a list at hand that was signed at the same time; nothing changed.
            BaseMissing: it begins with another version of a list than the one at hand; the other lists were brought up to date.
            StoreError: the folder is damaged or cannot be written.
        """
        from socpass_vc.verifier.admit_delta import keep  # noqa: PLC0415 -- not on the path of a verdict

        delta = found.content
        behind = [(entry, self.get(delta.uri(entry.number))) for entry in delta.lists]
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
            write_file(self._path(made.uri), keep(token, made), error=StoreError)
        if missing is not None:
            raise missing
        return bool(behind)

    def _path(self, uri: str) -> Path:
        return self._folder / f"{sha256(uri.encode()).hex()}.cwt"

    def _admit(self, path: Path) -> AdmittedStatusList | None:
        """Return the list in a file of ours; None if the trust list no longer stands behind it."""
        kept = read_file(path, MAX_KEPT_BYTES, error=StoreError)
        try:
            if kept[:1] == _MADE_BY_DELTA:
                from socpass_vc.verifier.admit_delta import admit_kept  # noqa: PLC0415 -- only a till that met a delta

                found = admit_kept(kept, lambda uri: self._path(uri) == path, trust=self._trust())
            else:
                found = admit(kept, trust=self._trust())
        except (UnknownIssuer, KeyCompromised, OutOfScope):
            return None
        except (Malformed, Unsupported, Forged) as error:
            raise StoreError(f"{path}: damaged: {error}; remove it and sync again", path=str(path)) from error
        if path != self._path(found.content.uri):
            raise StoreError(f"{path}: damaged: it holds another list, {found.content.uri}; remove it", path=str(path))
        return found


def _same_list(one: StatusList, other: StatusList) -> bool:
    """Tell whether two lists say the same until the same time, as the token and the delta of one publication do."""
    from socpass_vc.format.statusdelta import widened  # noqa: PLC0415 -- not on the path of a verdict

    wide = widened(one)
    times = (one.issued_at, one.expires_at, one.ttl) == (other.issued_at, other.expires_at, other.ttl)
    return times and wide is not None and wide == widened(other)
