"""A folder of QR codes and the table that says whose each is; names of files tell nothing of a person."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from socpass_cli.shell import is_there
from socpass_vc.errors import AgencyError, CodeTooLarge
from socpass_vc.files import make_folder, write_file
from socpass_vc.issuer.drafting import Issued, NotIssued
from socpass_vc.qr.write import encode

TABLE_NAME = "passes.csv"
COLUMNS = ("ref", "file", "list", "index", "issued_at_utc", "expires_at_utc")
FOLDER_MODE = 0o700
"""Who may read the table knows whose pass each picture is."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws passes into a folder, in whichever process; whose each is, the folder's table says.

    Attributes:
        folder: made already.
        picture_format: png or svg.
    """

    folder: Path
    picture_format: str

    def __call__(self, passes: Sequence[Issued]) -> list[NotIssued]:
        """Draw *passes*, and return those that do not fit one code.

        Raises:
            AgencyError: the folder cannot be written.
        """
        failed = []
        for issued in passes:
            try:
                self.draw(issued)
            except CodeTooLarge as error:
                failed.append(NotIssued(ref=issued.ref, why=str(error)))
        return failed

    def draw(self, issued: Issued) -> None:
        """Write the code of one pass.

        Raises:
            CodeTooLarge: the pass does not fit one code.
            AgencyError: the folder cannot be written.
        """
        code = encode(issued.text)
        content = code.png() if self.picture_format == "png" else code.svg().encode()
        write_file(self.folder / self.name(issued), content, error=AgencyError)

    def name(self, issued: Issued) -> str:
        """Return the name of the file of one pass."""
        return f"{issued.status.list_number}-{issued.status.index}.{self.picture_format}"


class PassFolder:
    """Writes a QR code a pass and a line a pass, for as long as it is open; what is there already is left as it is.

    Args:
        folder: made if it is not there; None writes nothing.
        picture_format: png or svg.
    """

    def __init__(self, folder: Path | None, picture_format: str) -> None:
        self._folder = folder
        self.drawing = None if folder is None else Drawing(folder, picture_format)
        self._table: TextIO | None = None
        self._listed: set[str] = set()

    def __enter__(self) -> PassFolder:  # noqa: PYI034 -- final by use, and clearer so
        if self._folder is not None:
            _make_private(self._folder)
            path = self._folder / TABLE_NAME
            is_new = not is_there(path, error=AgencyError)
            try:
                if not is_new:
                    self._listed = _read_names(path)
                # utf-8-sig and ';' open in Excel as they are; lines are added, for a second run is a continuation
                self._table = path.open("a", encoding="utf-8-sig" if is_new else "utf-8", newline="")
            except OSError as error:
                raise AgencyError(f"{path}: cannot be written: {error.strerror}") from error
            if is_new:
                self._write(COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._table is not None:
            self._table.close()

    def has(self, issued: Issued) -> bool:
        """Tell whether the code of *issued* is there, and its line."""
        if self.drawing is None:
            return True
        name = self.drawing.name(issued)
        return name in self._listed and is_there(self.drawing.folder / name, error=AgencyError)

    def add(self, issued: Issued) -> None:
        """Write the code of *issued*, then its line, unless they are there.

        Raises:
            CodeTooLarge: the pass does not fit one code.
            AgencyError: the folder cannot be written.
        """
        if self.drawing is not None and not self.has(issued):
            self.drawing.draw(issued)
            self.note(issued)

    def note(self, issued: Issued) -> None:
        """Write the line of *issued*, whose code was drawn, unless it is there.

        Raises:
            AgencyError: the folder cannot be written.
        """
        name = "" if self.drawing is None else self.drawing.name(issued)
        if self.drawing is not None and name not in self._listed:
            times = (f"{issued.issued_at:%Y-%m-%d %H:%M:%S}", f"{issued.expires_at:%Y-%m-%d %H:%M:%S}")
            self._write((issued.ref, name, str(issued.status.list_number), str(issued.status.index), *times))
            self._listed.add(name)

    def _write(self, cells: tuple[str, ...]) -> None:
        if self._table is not None:
            try:
                csv.writer(self._table, delimiter=";").writerow([harmless(cell) for cell in cells])
                self._table.flush()
            except OSError as error:
                raise AgencyError(f"{self._folder}: {TABLE_NAME} cannot be written: {error.strerror}") from error


def _make_private(folder: Path) -> None:
    """Make *folder* for its owner alone; one that is there already keeps the permissions that it has."""
    if not is_there(folder, error=AgencyError):
        make_folder(folder.parent, error=AgencyError)
        try:
            folder.mkdir(mode=FOLDER_MODE)
        except FileExistsError:
            pass
        except OSError as error:
            raise AgencyError(f"{folder}: cannot be made: {error.strerror}") from error


def _read_names(path: Path) -> set[str]:
    """Return the names of files in the table; what cannot be read as one counts as not there."""
    at = COLUMNS.index("file")
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as table:
        try:
            return {cells[at] for cells in csv.reader(table, delimiter=";") if len(cells) > at}
        except csv.Error as error:
            raise AgencyError(f"{path}: not a table of passes: {error}; choose another folder") from error


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell
