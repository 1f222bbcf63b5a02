"""The catalogues in a till's store, a file each, checked again when it is read.

It knows the folder and the trust list of now. What was seen before, and everything else of the store, are :mod:`till_store`'s.

    NAME.cwt    a catalogue; NAME is the SHA-256 of its URI, so that no name comes from the data
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import (
    Forged,
    KeyCompromised,
    Malformed,
    OutOfScope,
    SocpassError,
    StoreError,
    UnknownIssuer,
    Unsupported,
)
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.catalogue.signed_catalogue import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.admit import AdmittedCatalogue, admit_catalogue


class CatalogueFiles:
    """The folder of catalogues, under a trust list; a ``CatalogueSource``.

    Args:
        folder: where they are; made when the first one is kept.
        trust: the trust list of now.
    """

    def __init__(self, folder: Path, trust: Trust) -> None:
        self._folder = folder
        self._trust = trust

    def get(self, uri: str, /) -> AdmittedCatalogue | None:
        """Return the catalogue with this URI, or None if there is none that the trust list of now stands behind.

        Raises:
            StoreError: its file is damaged.
        """
        path = self.path(uri)
        is_there = os.path.exists(path)  # noqa: PTH110 -- unlike Path.exists, it takes what may not be entered for absent
        return self._admit(path) if is_there else None

    def all(self) -> Iterator[AdmittedCatalogue]:
        """Yield all catalogues that the trust list of now stands behind, by URI, each read to its last page.

        Raises:
            StoreError: a file is damaged.
        """
        admitted = [(path, self._admit(path)) for path in sorted(self._folder.glob("*.cwt"))]
        for path, found in sorted(((path, found) for path, found in admitted if found), key=lambda pair: pair[1].content.uri):
            try:
                read_pages(found)
            except SocpassError as error:
                raise _damaged(path, error) from error
            yield found

    def path(self, uri: str) -> Path:
        """Return where the catalogue with this URI lies, or would."""
        return self._folder / f"{sha256(uri.encode()).hex()}.cwt"

    def write(self, uri: str, token: bytes) -> None:
        """Write the catalogue with this URI, an admitted *token*, whose pages were read.

        Raises:
            StoreError: the folder cannot be written.
        """
        make_folder(self._folder, error=StoreError)
        write_file(self.path(uri), token, error=StoreError)

    def _admit(self, path: Path) -> AdmittedCatalogue | None:
        token = read_file(path, MAX_TOKEN_BYTES, error=StoreError)
        try:
            found = admit_catalogue(token, trust=self._trust)
        except (UnknownIssuer, KeyCompromised, OutOfScope):
            return None
        except (Malformed, Unsupported, Forged) as error:
            raise _damaged(path, error) from error
        if path != self.path(found.content.uri):
            raise StoreError("file_of_another_uri", uri=found.content.uri).at(path)
        return found


def read_pages(found: AdmittedCatalogue) -> None:
    """Read both pages, so that a till never keeps a catalogue that it could not use.

    Raises:
        Malformed, Unsupported: one of them is none that this program can read.
    """
    found.content.names()
    found.content.measures()


def _damaged(path: Path, error: SocpassError) -> StoreError:
    return StoreError("damaged_file", why=error).at(path)
