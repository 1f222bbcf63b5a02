"""The published site as a folder: files made ready beside it, then shown together.

It knows files and their order. What they say, and who signs them, is :mod:`publish`'s.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from socpass_vc.errors import AgencyError
from socpass_vc.files import make_folder, write_file

STAGE_NAME = ".publishing"
"""Folder within the site, so that a rename moves no bytes; it is there only while files are made ready."""


class Site:
    """A site that is being written: nothing of it is seen before :meth:`show`.

    Args:
        folder: of the site; made if it is not there.

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
        """Make a file ready, and return where it will be.

        Args:
            name: relative to the site; all of its characters are ours.
            content: all of it.

        Raises:
            AgencyError: it cannot be written, such as to a full disk; the site is as it was.
        """
        staged = self._stage / name
        for folder in (staged.parent, (self.folder / name).parent):
            make_folder(folder, error=AgencyError)
        write_file(staged, content, error=AgencyError)
        self._names.append(name)
        return self.folder / name

    def drop(self, path: Path) -> None:
        """Note a file of the site that is to go once the others are shown."""
        self._outdated.append(path)

    def show(self) -> None:
        """Move all that is ready into its place, in the order in which it was put there.

        Every file is on the disk by now, so this takes moments, and a reader in between finds whole files of both publications.
        The trust list goes first: it knows the keys of the old lists and of the new ones alike. What is outdated goes last.

        Raises:
            AgencyError: a file cannot be written or removed.
        """
        for name in self._names:
            target = self.folder / name
            try:
                (self._stage / name).replace(target)
            except OSError as error:
                raise AgencyError(f"{target}: cannot be written: {error.strerror}", path=str(target)) from error
        self._names.clear()
        for target in self._outdated:
            try:
                target.unlink(missing_ok=True)
            except OSError as error:
                raise AgencyError(f"{target}: cannot be removed: {error.strerror}", path=str(target)) from error
        self._outdated.clear()

    def close(self) -> None:
        """Take away what was made ready and not shown, also by a publication that was killed."""
        shutil.rmtree(self._stage, ignore_errors=True)
