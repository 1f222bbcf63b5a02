"""Signed files in a till's store, in one folder by the SHA-256 of their URI, each checked again when it is read.

It knows the folder and the trust list of now; which kind of file, and how one is read, it is told. What was seen before, and
everything else of the store, are :mod:`till_store`'s.

    NAME.cwt    a file; NAME is the SHA-256 of its URI, so that no name comes from the data
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

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
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Issuer, IssuerKey

if TYPE_CHECKING:
    from typing import Protocol

    class _SignedContent(Protocol):
        @property
        def uri(self) -> str: ...
        @property
        def issued_at(self) -> datetime: ...

    class _Admitted(Protocol):
        @property
        def issuer(self) -> Issuer: ...
        @property
        def content(self) -> _SignedContent: ...
        @property
        def key(self) -> IssuerKey: ...


Admitted = TypeVar("Admitted", bound="_Admitted")
"""What stands behind a file once its signature was checked, such as an ``AdmittedStatusList``."""


class SignedFiles(Generic[Admitted]):
    """The folder of one kind of signed files; by URI it is a ``StatusSource`` or a ``CatalogueSource``.

    Args:
        folder: where they are; made when the first one is kept.
        trust: gives the trust list of now; asked when a file is read, so that where none is no trust list is needed.
        read: returns what a file holds, if the trust list stands behind it; also given where the file lies, by its URI.
        longest: of a file, in bytes.
        read_rest: reads what *read* leaves for later; raises Malformed or Unsupported.
    """

    def __init__(
        self,
        folder: Path,
        trust: Callable[[], Trust],
        *,
        read: Callable[[bytes, Trust, Callable[[str], bool]], Admitted],
        longest: int,
        read_rest: Callable[[Admitted], None] = lambda _: None,
    ) -> None:
        self._folder = folder
        self._trust = trust
        self._read = read
        self._longest = longest
        self.read_rest = read_rest

    def get(self, uri: str, /) -> Admitted | None:
        """Return the file with this URI, or None if there is none that the trust list of now stands behind.

        Raises:
            StoreError: it is damaged.
        """
        path = self.path(uri)
        is_there = os.path.exists(path)  # noqa: PTH110 -- unlike Path.exists, it takes what may not be entered for absent
        return self._admit(path) if is_there else None

    def all(self) -> Iterator[Admitted]:
        """Yield all files that the trust list of now stands behind, by URI, each read to its end.

        Raises:
            StoreError: a file is damaged.
        """
        uris = [found.content.uri for path in sorted(self._folder.glob("*.cwt")) if (found := self._admit(path))]
        for found in filter(None, map(self.get, sorted(uris))):  # read again: a thousand at once would fill a till's memory
            try:
                self.read_rest(found)
            except SocpassError as error:
                raise _damaged(self.path(found.content.uri), error) from error
            yield found

    def path(self, uri: str) -> Path:
        """Return where the file with this URI lies, or would."""
        return self._folder / f"{sha256(uri.encode()).hex()}.cwt"

    def size_bytes(self, uri: str) -> int:
        """Return how long the file with this URI is; 0 if there is none."""
        try:
            return self.path(uri).stat().st_size
        except OSError:  # none, or none that can be read either
            return 0

    def write(self, uri: str, content: bytes) -> None:
        """Write the file with this URI, whose content was admitted and read to its end.

        Raises:
            StoreError: it cannot be written.
        """
        make_folder(self._folder, error=StoreError)
        write_file(self.path(uri), content, error=StoreError)

    def _admit(self, path: Path) -> Admitted | None:
        """Return what a file of ours holds; None if the trust list no longer stands behind it."""
        content = read_file(path, self._longest, error=StoreError)
        try:
            found = self._read(content, self._trust(), lambda uri: self.path(uri) == path)
        except (UnknownIssuer, KeyCompromised, OutOfScope):
            return None
        except (Malformed, Unsupported, Forged) as error:
            raise _damaged(path, error) from error
        if path != self.path(found.content.uri):
            raise StoreError("file_of_another_uri", uri=found.content.uri).at(path)
        return found


def _damaged(path: Path, error: SocpassError) -> StoreError:
    return StoreError("damaged_file", why=error).at(path)
