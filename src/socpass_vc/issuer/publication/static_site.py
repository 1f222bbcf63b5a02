"""The published site as a folder: files are prepared beside it, then shown together.

It knows files and their order. What they say, and who signs them, is :mod:`publish`'s.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from socpass_vc.errors import AgencyError, system_reason
from socpass_vc.files import make_folder, remove_file, write_file

STAGE_NAME = ".publishing"
"""A folder within the site, so that a rename moves no bytes; it exists only while files are prepared."""


class Site:
    """A site that is being written: none of it is visible before :meth:`show`.

    Args:
        folder: of the site; created if it does not exist.

    Raises:
        AgencyError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._stage = folder / STAGE_NAME
        self._names: list[str] = []
        self._outdated: list[Path] = []
        self.close()
        make_folder(self._stage, error=AgencyError)

    def put(self, name: str, content: bytes) -> Path:
        """Prepare a file, and return where it will be.

        Args:
            name: relative to the site; all of its characters are ours.
            content: all of it.

        Raises:
            AgencyError: it cannot be written, for example to a full disk; the site stays as it was.
        """
        staged = self._stage / name
        for folder in (staged.parent, (self.folder / name).parent):
            make_folder(folder, error=AgencyError)
        write_file(staged, content, error=AgencyError)
        self._names.append(name)
        return self.folder / name

    def drop(self, path: Path) -> None:
        """Mark a file of the site to be removed once the others are shown."""
        self._outdated.append(path)

    def show(self) -> None:
        """Move all prepared files into place, in the order in which they were put.

        Every file is on the disk by now, so this takes moments, and a reader in between finds whole files of both publications.
        The trust list goes first: it knows the keys of the old lists and of the new ones. Outdated files go last.

        Raises:
            AgencyError: a file cannot be written or removed.
        """
        for name in self._names:
            target = self.folder / name
            try:
                (self._stage / name).replace(target)
            except OSError as error:
                raise AgencyError("cannot_be_written", why=system_reason(error)).at(target) from error
        self._names.clear()
        for target in self._outdated:
            remove_file(target, error=AgencyError)
        self._outdated.clear()

    def close(self) -> None:
        """Remove what was prepared and not shown, including by a publication that was killed."""
        shutil.rmtree(self._stage, ignore_errors=True)
