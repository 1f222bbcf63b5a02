"""The files in which a till's store keeps what it never goes below, and the lock under which they change (specs/trust.md).

It knows files. What the floors are, and when one is broken, is :mod:`rollback_state`'.

    floors.cbor        what was seen of roots, lists and catalogues
    clock              the clock floor that follows from them (clockfile.py)
    lock               empty; held by whoever changes the store
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from socpass_vc.errors import SocpassError, StoreError
from socpass_vc.files import locked, read_file, remove_partial_files, write_file
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.store.clock_file import read_clock, write_clock
from socpass_vc.verifier.store.rollback_state import EARLIER_BEGINNING, MAX_FLOORS_BYTES, RollbackState, read_floors


class RollbackStore:
    """What a till never goes below.

    Args:
        folder: of the store.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "floors.cbor"
        self._read: tuple[bytes, RollbackState] | None = None
        self._is_tidy = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the store's lock: what is compared with the floors must not change before they do.

        Raises:
            StoreError: the lock cannot be had.
        """
        with locked(self._folder / "lock", error=StoreError):
            if not self._is_tidy:
                for folder in (self._folder, self._folder / "status", self._folder / "catalogue"):
                    remove_partial_files(folder)
                self._is_tidy = True
            yield

    def floors(self, at_hand: Callable[[], RollbackState]) -> RollbackState:
        """Return what was seen.

        Args:
            at_hand: gives what the files at hand say, asked where the floors are lost or were never noted.

        Raises:
            StoreError: the file is damaged, or from before digests were whole.
        """
        if not self._path.exists():
            return at_hand()
        content = read_file(self._path, MAX_FLOORS_BYTES, error=StoreError)
        if content.startswith(EARLIER_BEGINNING):
            raise StoreError("store_of_earlier_version").at(self._folder)
        if self._read is None or content != self._read[0]:
            try:
                self._read = content, read_floors(content)
            except SocpassError as error:
                raise StoreError("damaged_file", why=error).at(self._path) from error
        return self._read[1]

    def note(self, floors: RollbackState, trust: Trust, *, may_fall: bool = False) -> None:
        """Write down what was seen, and the clock floor that follows from it.

        Args:
            floors: all of it.
            trust: the trust list of now.
            may_fall: whether the clock floor follows downwards too, as with a trust list that was not noted before, by which a
                root may withdraw what had raised it: a stolen key, or a root whose keys were stolen. Where the notes are lost it
                must not, for they no longer tell what had.

        Raises:
            StoreError: it cannot be written.
        """
        floors = floors.within(MAX_FLOORS_BYTES)
        content = floors.encode()
        if len(content) > MAX_FLOORS_BYTES:
            raise StoreError("seen_too_many_files", limit_bytes=MAX_FLOORS_BYTES).at(self._path)
        newest, before = floors.clock(trust), read_clock(self._folder)
        if before is not None and newest < before and may_fall:  # first: once the list is noted, it is news no more
            write_clock(self._folder, newest)
        if not self._path.exists() or self._read is None or content != self._read[0]:
            write_file(self._path, content, error=StoreError)
            self._read = content, floors
        if before is None or newest > before:
            write_clock(self._folder, newest)
