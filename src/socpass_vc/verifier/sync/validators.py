"""What servers said by which a file can be told from a newer one (ETag, Last-Modified), kept beside the store's files.

Nothing is believed because of it: a note counts only for the very version that the store holds, and a file of notes that is
lost or damaged costs one full download. It knows the file, and no network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from socpass_vc.errors import SocpassError, StoreError
from socpass_vc.files import read_file, write_file

FILE_NAME = "fetched.json"
MAX_FILE_BYTES = 2**23
MAX_NOTES = 10_000
"""More than a federation of a hundred issuers with eighteen lists each has files; the oldest go first."""
MAX_VALIDATOR_CHARACTERS = 256
"""Longest ETag or Last-Modified that is kept; a longer one is as none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server said of a file that the store took, or found to be the one that it holds.

    Attributes:
        version: which version of the file it was, as whoever asks tells versions apart.
        etag: its ETag, or None.
        modified: its Last-Modified, or None.
        size_bytes: of the file.
    """

    version: str
    etag: str | None
    modified: str | None
    size_bytes: int

    def headers(self) -> dict[str, str]:
        """Return what asks for the file only if it has changed since."""
        if self.etag is not None:
            return {"If-None-Match": self.etag}
        return {} if self.modified is None else {"If-Modified-Since": self.modified}


def usable(validator: str | None) -> str | None:
    """Return an ETag or a time as it may be sent again, or None."""
    is_good = validator is not None and 0 < len(validator) <= MAX_VALIDATOR_CHARACTERS
    return validator if is_good and validator and validator.isascii() and validator.isprintable() else None


class ValidatorCache:
    """The notes of one store, by URL.

    Args:
        folder: of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._notes = _read(self._path)
        self._is_changed = False

    def get(self, url: str, version: str | None) -> Validators | None:
        """Return the note of the file at *url*, if it is of the *version* that is at hand (None: there is none at hand)."""
        note = self._notes.get(url)
        return note if note is not None and note.version == version else None

    def size_bytes(self, url: str) -> int:
        """Return how long the file at *url* was when it was last seen, or 0."""
        note = self._notes.get(url)
        return 0 if note is None else note.size_bytes

    def put(self, url: str, note: Validators) -> None:
        """Keep *note*, in the place of an earlier one."""
        if self._notes.get(url) != note:
            self._notes.pop(url, None)
            self._notes[url] = note
            self._is_changed = True

    def drop(self, url: str) -> None:
        """Forget the note of the file at *url*, if there is one."""
        self._is_changed |= self._notes.pop(url, None) is not None

    def save(self) -> None:
        """Write the notes, if any has changed; that they cannot be written costs a later download and nothing else."""
        if not self._is_changed:
            return
        kept = list(self._notes.items())[-MAX_NOTES:]
        content = {url: [note.version, note.etag, note.modified, note.size_bytes] for url, note in kept}
        try:
            write_file(self._path, json.dumps(content, indent=0).encode("ascii"), error=StoreError)
        except StoreError:
            return
        self._is_changed = False


def _read(path: Path) -> dict[str, Validators]:
    """Return the notes in a file; those that are not as we write them are left out."""
    try:
        found = json.loads(read_file(path, MAX_FILE_BYTES, error=StoreError))
    except (SocpassError, ValueError, RecursionError):
        return {}
    notes: dict[str, Validators] = {}
    for url, entry in found.items() if isinstance(found, dict) else ():
        match entry:
            case [str(version), str() | None as etag, str() | None as modified, int(size_bytes)]:
                notes[url] = Validators(version=version, etag=usable(etag), modified=usable(modified), size_bytes=size_bytes)
    return notes
