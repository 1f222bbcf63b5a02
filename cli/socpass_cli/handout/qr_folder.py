"""A folder of pictures, and the table that says whose each is; names of files tell nothing of a person.

It knows files and how they are shared out among folders. What a picture shows is its rendering's to know.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, TextIO

from socpass_cli.app.environment import is_there
from socpass_vc.errors import AgencyError, CardError, CodeTooLarge, NotReadBack
from socpass_vc.files import make_folder, write_files
from socpass_vc.issuer.register.person import IssuedPass, NotIssued
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


class FileRenderer(Protocol):
    """Turns passes into the content of files, in whichever process; it can be pickled."""

    @property
    def suffix(self) -> str:
        """How the files' names end, without the dot before it."""

    @property
    def is_card(self) -> bool:
        """Whether more is drawn than the code."""

    @property
    def passes_a_file(self) -> int:
        """How many passes are in a file, at most."""

    def __call__(self, passes: Sequence[IssuedPass]) -> bytes:
        """Return the content of the file of some passes, one at least.

        Raises:
            CodeTooLarge, CardError: a pass does not fit one code, or not what it is drawn on.
        """

    def as_seen(self, issued: IssuedPass, content: bytes) -> bytes:
        """Return the picture in which the code of one of the passes in *content* is read back."""


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
        """It is the bare code."""
        return False

    @property
    def passes_a_file(self) -> int:
        """One."""
        return 1

    def __call__(self, passes: Sequence[IssuedPass]) -> bytes:
        """Return a picture of the code; PDF and EPS in the size in which it is best printed."""
        (issued,) = passes
        if self.suffix == "png":
            return bulk.draw(issued.text, level=self.level).png()
        code = write.encode(issued.text, level=self.level)
        width_mm = code.size * PRINTED_MODULE_MM
        if self.suffix == "svg":
            return code.svg().encode()
        return code.pdf(width_mm=width_mm) if self.suffix == "pdf" else code.eps(width_mm=width_mm)

    def as_seen(self, issued: IssuedPass, content: bytes) -> bytes:
        """Return the PNG itself; of a drawing by lines, a PNG of the same modules."""
        return content if self.suffix == "png" else write.encode(issued.text, level=self.level).png()


@dataclass(frozen=True, slots=True)
class FolderDrawing:
    """Draws passes into a folder, in whichever process; whose each is, the folder's table says.

    Attributes:
        folder: made already.
        rendering: of each pass.
        verify_all: read every picture back, not one in 100.
    """

    folder: Path
    rendering: FileRenderer
    verify_all: bool = False

    def __call__(self, passes: Sequence[IssuedPass]) -> list[NotIssued]:
        """Draw *passes*, and return those that do not fit one code, or were not read back; there is no picture of them.

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
        """Return which passes go into which file, by its name below the folder, that of the first of them.

        They are ordered by place: then the files of one stretch fall into few folders, each of which is synced once.
        """
        ordered = iter(sorted(passes, key=_place))
        found = {}
        while together := list(islice(ordered, self.rendering.passes_a_file)):
            number, index = _place(together[0])
            found[f"{number}/{index // PLACES_A_FOLDER:04d}/{number}-{index}.{self.rendering.suffix}"] = together
        return found

    def _file(self, passes: Sequence[tuple[int, IssuedPass]], failed: list[NotIssued]) -> bytes | None:
        """Return the content of a file, or None if none of its passes can be drawn; those that cannot be go into *failed*."""
        try:
            return self._draw(passes)
        except (CodeTooLarge, CardError, NotReadBack) as error:
            if len(passes) == 1:
                failed.append(NotIssued(ref=passes[0][1].ref, why=str(error)))
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
    """Writes pictures and a line a pass, for as long as it is open; what is there already is left as it is.

    Args:
        path: of the folder, which is made if it is not there.
        rendering: of each pass.
        verify_all: read every picture back.
    """

    def __init__(self, path: Path, rendering: FileRenderer, *, verify_all: bool = False) -> None:
        self.path = path
        self.drawing = FolderDrawing(path, rendering, verify_all)
        self._table: TextIO | None = None
        self._listed: dict[tuple[str, str], set[str]] = {}  # place in the status lists to names of files

    def __enter__(self) -> PassFolder:  # noqa: PYI034 -- final by use, and clearer so
        _make_private(self.path)
        table = self.path / TABLE_NAME
        is_new = not is_there(table, error=AgencyError)
        try:
            if not is_new:
                self._listed = _read_table(table)
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

    def has(self, issued: IssuedPass) -> bool:
        """Tell whether a picture of *issued* is there, and its line."""
        number, index = _place(issued)
        names = self._listed.get((str(number), str(index)), set())
        suffix = self.drawing.rendering.suffix
        return any(
            is_there(self.path / name, error=AgencyError) for name in names if name.rpartition("/")[2].partition(".")[2] == suffix
        )

    def add(self, passes: Sequence[IssuedPass]) -> list[NotIssued]:
        """Draw *passes* and write their lines; return those of which there is no picture.

        Raises:
            AgencyError: the folder cannot be written.
        """
        failed = self.drawing(passes)
        self.note(passes, failed)
        return failed

    def note(self, passes: Sequence[IssuedPass], failed: Sequence[NotIssued]) -> None:
        """Write the lines of *passes* that were drawn together, without those that *failed* and what is there.

        Raises:
            AgencyError: the folder cannot be written.
        """
        undrawn = {refusal.ref for refusal in failed}
        files = self.drawing.files(passes).items()
        name_at = {_place(issued): name for name, together in files for issued in together}
        for issued in passes:
            number, index = map(str, _place(issued))
            name, names = name_at[_place(issued)], self._listed.setdefault((number, index), set())
            if issued.ref not in undrawn and name not in names:
                times = (f"{issued.issued_at:%Y-%m-%d %H:%M:%S}", f"{issued.expires_at:%Y-%m-%d %H:%M:%S}")
                self._write((issued.ref, name, number, index, *times))
                names.add(name)

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


def _place(issued: IssuedPass) -> tuple[int, int]:
    return issued.status.list_number, issued.status.index


def _read_table(path: Path) -> dict[tuple[str, str], set[str]]:
    """Return the names of files by the places of their passes; what cannot be read as a line counts as not there."""
    name, number, index = (COLUMNS.index(column) for column in ("file", "list", "index"))
    found: dict[tuple[str, str], set[str]] = {}
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as table:
        try:
            for cells in csv.reader(table, delimiter=";"):
                if len(cells) > index:
                    found.setdefault((cells[number], cells[index]), set()).add(cells[name])
        except csv.Error as error:
            raise AgencyError(f"{path}: not a table of passes: {error}; choose another folder") from error
    return found


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell
