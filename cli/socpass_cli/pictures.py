"""A folder of pictures, a picture a pass, and the table that says whose each is; names of files tell nothing of a person.

It knows files and how they are shared out among folders. What a picture shows is its rendering's to know.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TextIO

from socpass_cli.shell import is_there
from socpass_vc.errors import AgencyError, CardError, CodeTooLarge, NotReadBack
from socpass_vc.files import make_folder, write_files
from socpass_vc.issuer.people import Issued, NotIssued
from socpass_vc.qr import bulk, readback, write
from socpass_vc.qr.sizes import PRINTED_MODULE_MM, Level

TABLE_NAME = "passes.csv"
COLUMNS = ("ref", "file", "list", "index", "issued_at_utc", "expires_at_utc")
FOLDER_MODE = 0o700
"""Who may read the table knows whose pass each picture is."""
PLACES_A_FOLDER = 4_096
"""Of a status list; so many files are the most in a folder, and a list of 2^20 places makes 256 folders."""
READ_BACK_EVERY = 100
"""One picture in so many is read back, the first of each batch among them."""
FILES_AT_ONCE = 100

PICTURE_FORMATS = ("png", "svg", "pdf", "eps")


class Rendering(Protocol):
    """Turns passes into the content of files, in whichever process; it can be pickled."""

    @property
    def suffix(self) -> str:
        """How the files' names end, without a dot."""

    def __call__(self, issued: Issued) -> bytes:
        """Return the content of the file of one pass.

        Raises:
            CodeTooLarge, CardError: the pass does not fit one code, or not what it is drawn on.
        """

    def as_seen(self, issued: Issued, content: bytes) -> bytes:
        """Return the picture in which the code of *content* is read back."""


@dataclass(frozen=True, slots=True)
class CodeRendering:
    """Draws the bare code.

    Attributes:
        suffix: one of PICTURE_FORMATS.
        level: of error correction.
    """

    suffix: str
    level: Level = Level.M

    def __call__(self, issued: Issued) -> bytes:
        """Return a picture of the code; PDF and EPS in the size in which it is best printed."""
        if self.suffix == "png":
            return bulk.draw(issued.text, level=self.level).png()
        code = write.encode(issued.text, level=self.level)
        width_mm = code.size * PRINTED_MODULE_MM
        if self.suffix == "svg":
            return code.svg().encode()
        return code.pdf(width_mm=width_mm) if self.suffix == "pdf" else code.eps(width_mm=width_mm)

    def as_seen(self, issued: Issued, content: bytes) -> bytes:
        """Return the PNG itself; of a drawing by lines, a PNG of the same modules."""
        return content if self.suffix == "png" else write.encode(issued.text, level=self.level).png()


@dataclass(frozen=True, slots=True)
class Drawing:
    """Draws passes into a folder, in whichever process; whose each is, the folder's table says.

    Attributes:
        folder: made already.
        rendering: of each pass.
        verify_all: read every picture back, not one in 100.
    """

    folder: Path
    rendering: Rendering
    verify_all: bool = False

    def __call__(self, passes: Sequence[Issued]) -> list[NotIssued]:
        """Draw *passes*, and return those that do not fit one code, or were not read back; there is no picture of them.

        Raises:
            AgencyError: the folder cannot be written.
        """
        failed: list[NotIssued] = []
        # by place, so that the files of one stretch fall into few folders, each of which is synced once
        numbered = enumerate(sorted(passes, key=lambda issued: (issued.status.list_number, issued.status.index)))
        while some := list(islice(numbered, FILES_AT_ONCE)):
            contents = {}
            for number, issued in some:
                try:
                    contents[self.folder / self.name(issued)] = self._draw(issued, number)
                except (CodeTooLarge, CardError, NotReadBack) as error:
                    failed.append(NotIssued(ref=issued.ref, why=str(error)))
            for folder in {path.parent for path in contents}:
                make_folder(folder, error=AgencyError)
            write_files(contents, error=AgencyError)
        return failed

    def name(self, issued: Issued) -> str:
        """Return the name of the file of one pass, below the folder."""
        number, index = issued.status.list_number, issued.status.index
        return f"{number}/{index // PLACES_A_FOLDER:04d}/{number}-{index}.{self.rendering.suffix}"

    def _draw(self, issued: Issued, number: int) -> bytes:
        content = self.rendering(issued)
        if self.verify_all or number % READ_BACK_EVERY == 0:
            readback.check(self.rendering.as_seen(issued, content), issued.text)
        return content


class PassFolder:
    """Writes a QR code a pass and a line a pass, for as long as it is open; what is there already is left as it is.

    Args:
        path: of the folder, which is made if it is not there.
        rendering: of each pass.
        verify_all: read every picture back.
    """

    def __init__(self, path: Path, rendering: Rendering, *, verify_all: bool = False) -> None:
        self.path = path
        self.drawing = Drawing(path, rendering, verify_all)
        self._table: TextIO | None = None
        self._listed: set[str] = set()

    def __enter__(self) -> PassFolder:  # noqa: PYI034 -- final by use, and clearer so
        _make_private(self.path)
        table = self.path / TABLE_NAME
        is_new = not is_there(table, error=AgencyError)
        try:
            if not is_new:
                self._listed = _read_names(table)
            # utf-8-sig and ';' open in Excel as they are; lines are added, for a second run is a continuation
            self._table = table.open("a", encoding="utf-8-sig" if is_new else "utf-8", newline="")
        except OSError as error:
            raise AgencyError(f"{table}: cannot be written: {error.strerror}") from error
        if is_new:
            self._write(COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._table is not None:
            self._table.close()

    def has(self, issued: Issued) -> bool:
        """Tell whether the code of *issued* is there, and its line."""
        name = self.drawing.name(issued)
        return name in self._listed and is_there(self.path / name, error=AgencyError)

    def add(self, passes: Sequence[Issued]) -> list[NotIssued]:
        """Draw *passes* and write their lines; return those of which there is no picture.

        Raises:
            AgencyError: the folder cannot be written.
        """
        failed = self.drawing(passes)
        undrawn = {refusal.ref for refusal in failed}
        for issued in passes:
            if issued.ref not in undrawn:
                self.note(issued)
        return failed

    def note(self, issued: Issued) -> None:
        """Write the line of *issued*, whose code was drawn, unless it is there.

        Raises:
            AgencyError: the folder cannot be written.
        """
        name = self.drawing.name(issued)
        if name not in self._listed:
            times = (f"{issued.issued_at:%Y-%m-%d %H:%M:%S}", f"{issued.expires_at:%Y-%m-%d %H:%M:%S}")
            self._write((issued.ref, name, str(issued.status.list_number), str(issued.status.index), *times))
            self._listed.add(name)

    def _write(self, cells: tuple[str, ...]) -> None:
        if self._table is not None:
            try:
                csv.writer(self._table, delimiter=";").writerow([harmless(cell) for cell in cells])
                self._table.flush()
            except OSError as error:
                raise AgencyError(f"{self.path}: {TABLE_NAME} cannot be written: {error.strerror}") from error


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
