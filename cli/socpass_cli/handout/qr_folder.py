"""A folder of pictures, and a table that says whose each is; file names say nothing about a person.

It knows files and how they are spread over folders. The rendering knows what a picture shows.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TextIO

from socpass_cli.app.environment import is_there
from socpass_vc.errors import AgencyError, CardError, CodeTooLarge, NotReadBack, system_reason
from socpass_vc.files import make_folder, write_files
from socpass_vc.issuer.register.person import IssuedPass, NotIssued
from socpass_vc.issuer.reports.csv_export import DELIMITER, LINE_END, csv_line, undo_guard
from socpass_vc.qr import bulk, readback, write
from socpass_vc.qr.sizes import PRINTED_MODULE_MM, Level

TABLE_NAME = "passes.csv"
COLUMNS = ("ref", "file", "list", "index", "issued_at_utc", "expires_at_utc")
FOLDER_MODE = 0o700
"""Whoever can read the table knows whose pass each picture is."""
INDEXES_PER_FOLDER = 4_096
"""Of a status list; a folder has at most so many files, and a list of 2^20 entries makes 256 folders."""
READ_BACK_EVERY = 100
"""One picture in so many is read back, always including the first of each batch."""
FILES_AT_ONCE = 100

PICTURE_FORMATS = ("png", "svg", "pdf", "eps")


class FileRenderer(Protocol):
    """Turns passes into the content of files, in whichever process; it can be pickled."""

    @property
    def suffix(self) -> str:
        """The ending of file names, without its dot."""

    @property
    def is_card(self) -> bool:
        """Whether more than the code is drawn."""

    @property
    def passes_per_file(self) -> int:
        """The most passes that one file holds."""

    def __call__(self, passes: Sequence[IssuedPass]) -> bytes:
        """Return the content of a file of one pass or more.

        Raises:
            CodeTooLarge, CardError: a pass does not fit one code, or not the card.
        """

    def as_seen(self, issued: IssuedPass, content: bytes) -> bytes:
        """Return the picture from which the code of a pass in *content* is read back."""


@dataclass(frozen=True, slots=True)
class CodeRendering:
    """Draws the bare code.

    Attributes:
        suffix: one of PICTURE_FORMATS.
        level: of error correction.
    """

    suffix: str
    level: Level = Level.M

    @property
    def is_card(self) -> bool:
        """It is not."""
        return False

    @property
    def passes_per_file(self) -> int:
        """One."""
        return 1

    def __call__(self, passes: Sequence[IssuedPass]) -> bytes:
        """Return a picture of the code; PDF and EPS in the best size for printing."""
        (issued,) = passes
        if self.suffix == "png":
            return bulk.draw(issued.text, level=self.level).png()
        code = write.draw_code(issued.text, level=self.level)
        width_mm = code.size * PRINTED_MODULE_MM
        if self.suffix == "svg":
            return code.svg().encode()
        return code.pdf(width_mm=width_mm) if self.suffix == "pdf" else code.eps(width_mm=width_mm)

    def as_seen(self, issued: IssuedPass, content: bytes) -> bytes:
        """Return the PNG itself; for a vector format, a PNG of the same modules."""
        return content if self.suffix == "png" else write.draw_code(issued.text, level=self.level).png()


@dataclass(frozen=True, slots=True)
class FolderDrawing:
    """Draws passes into a folder, in any process; the folder's table says whose each is.

    Attributes:
        folder: exists already.
        rendering: of each pass.
        verify_all: read every picture back, not one in 100.
    """

    folder: Path
    rendering: FileRenderer
    verify_all: bool = False

    def __call__(self, passes: Sequence[IssuedPass]) -> list[NotIssued]:
        """Draw *passes*, and return those that do not fit one code or were not read back; they get no picture.

        Raises:
            AgencyError: the folder cannot be written.
        """
        failed: list[NotIssued] = []
        files = iter(self.files(passes).items())
        number = 0
        while some := list(islice(files, FILES_AT_ONCE)):
            contents = {}
            for name, together in some:
                content = self._file(list(enumerate(together, number)), failed)
                number += len(together)
                if content is not None:
                    contents[self.folder / name] = content
            for folder in {path.parent for path in contents}:
                make_folder(folder, error=AgencyError)
            write_files(contents, error=AgencyError)
        return failed

    def files(self, passes: Sequence[IssuedPass]) -> dict[str, list[IssuedPass]]:
        """Return the passes of each file, by its path below the folder, which names the first of them.

        They are ordered by index, so that the files of one run fall into few folders, each of which is synced once.
        """
        ordered = iter(sorted(passes, key=_reference))
        found = {}
        while together := list(islice(ordered, self.rendering.passes_per_file)):
            number, index = _reference(together[0])
            found[f"{number}/{index // INDEXES_PER_FOLDER:04d}/{number}-{index}.{self.rendering.suffix}"] = together
        return found

    def _file(self, passes: Sequence[tuple[int, IssuedPass]], failed: list[NotIssued]) -> bytes | None:
        """Return the content of a file, or None if none of its passes can be drawn; failures are added to *failed*."""
        try:
            return self._draw(passes)
        except (CodeTooLarge, CardError, NotReadBack) as error:
            if len(passes) == 1:
                failed.append(NotIssued(ref=passes[0][1].ref, why=error))
                return None
        drawn = [numbered for numbered in passes if self._file([numbered], failed) is not None]
        return self._draw(drawn) if drawn else None

    def _draw(self, passes: Sequence[tuple[int, IssuedPass]]) -> bytes:
        content = self.rendering([issued for _, issued in passes])
        for number, issued in passes:
            if self.verify_all or number % READ_BACK_EVERY == 0:
                readback.check(self.rendering.as_seen(issued, content), issued.text)
        return content


class PassFolder:
    """Writes pictures, and a line of the table for each pass, while it is open; what is there already stays as it is.

    Args:
        path: of the folder, which is created if it does not exist.
        rendering: of each pass.
        verify_all: read every picture back.
    """

    def __init__(self, path: Path, rendering: FileRenderer, *, verify_all: bool = False) -> None:
        self.path = path
        self.drawing = FolderDrawing(path, rendering, verify_all)
        self._table: TextIO | None = None
        self._listed: dict[tuple[str, str], set[str]] = {}  # list and index to file names

    def __enter__(self) -> PassFolder:  # noqa: PYI034 -- final by use, and clearer so
        _make_private(self.path)
        table = self.path / TABLE_NAME
        is_new = not is_there(table, error=AgencyError)
        try:
            if not is_new:
                self._listed = _read_table(table)
            # utf-8-sig and ';' open in Excel as they are; lines are appended, since a second run continues the first
            self._table = table.open("a", encoding="utf-8-sig" if is_new else "utf-8", newline="")
        except OSError as error:
            raise AgencyError("cannot_be_written", why=system_reason(error)).at(table) from error
        if is_new:
            self._write(COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._table is not None:
            self._table.close()

    def has(self, issued: IssuedPass) -> bool:
        """Tell whether there are a picture of *issued* and its line in the table."""
        number, index = _reference(issued)
        names = self._listed.get((str(number), str(index)), set())
        suffix = self.drawing.rendering.suffix
        return any(
            is_there(self.path / name, error=AgencyError) for name in names if name.rpartition("/")[2].partition(".")[2] == suffix
        )

    def add(self, passes: Sequence[IssuedPass]) -> list[NotIssued]:
        """Draw *passes* and write their lines; return those that got no picture.

        Raises:
            AgencyError: the folder cannot be written.
        """
        failed = self.drawing(passes)
        self.note(passes, failed)
        return failed

    def note(self, passes: Sequence[IssuedPass], failed: Sequence[NotIssued]) -> None:
        """Write the lines of *passes* that were drawn together, except for those that *failed* or have a line already.

        Raises:
            AgencyError: the folder cannot be written.
        """
        undrawn = {refusal.ref for refusal in failed}
        files = self.drawing.files(passes).items()
        name_at = {_reference(issued): name for name, together in files for issued in together}
        for issued in passes:
            number, index = map(str, _reference(issued))
            name, names = name_at[_reference(issued)], self._listed.setdefault((number, index), set())
            if issued.ref not in undrawn and name not in names:
                times = (f"{issued.issued_at:%Y-%m-%d %H:%M:%S}", f"{issued.expires_at:%Y-%m-%d %H:%M:%S}")
                self._write((issued.ref, name, number, index, *times))
                names.add(name)

    def _write(self, cells: tuple[str, ...]) -> None:
        if self._table is not None:
            try:
                self._table.write(csv_line(cells) + LINE_END)
                self._table.flush()
            except OSError as error:
                raise AgencyError("cannot_be_written", why=system_reason(error)).at(self.path / TABLE_NAME) from error


def _make_private(folder: Path) -> None:
    """Create *folder* for its owner alone; an existing one keeps its permissions."""
    if not is_there(folder, error=AgencyError):
        make_folder(folder.parent, error=AgencyError)
        try:
            folder.mkdir(mode=FOLDER_MODE)
        except FileExistsError:
            pass
        except OSError as error:
            raise AgencyError("folder_cannot_be_made", why=system_reason(error)).at(folder) from error


def _reference(issued: IssuedPass) -> tuple[int, int]:
    return issued.status.list_number, issued.status.index


def _read_table(path: Path) -> dict[tuple[str, str], set[str]]:
    """Return file names by the list and index of their passes; lines that cannot be read are ignored."""
    name, number, index = (COLUMNS.index(column) for column in ("file", "list", "index"))
    found: dict[tuple[str, str], set[str]] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as table:
        try:
            for cells in csv.reader(table, delimiter=DELIMITER):
                if len(cells) > index:
                    found.setdefault((cells[number], cells[index]), set()).add(undo_guard(cells[name]))
        except csv.Error as error:
            raise AgencyError("cli.passes.not_a_table").at(path) from error
    return found
