"""A folder of QR codes and the table that says whose each is; names of files tell nothing of a person."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from socpass_vc.errors import AgencyError
from socpass_vc.files import make_folder, write_file
from socpass_vc.issuer.issuing import Issued
from socpass_vc.qr.write import encode

TABLE_NAME = "passes.csv"
COLUMNS = ("ref", "file", "list", "index", "issued_at", "expires_at")


class PassFolder:
    """Writes a QR code a pass and a line a pass, for as long as it is open.

    Args:
        folder: made if it is not there; None writes nothing.
        picture_format: png or svg.
    """

    def __init__(self, folder: Path | None, picture_format: str) -> None:
        self._folder = folder
        self._format = picture_format
        self._table: TextIO | None = None

    def __enter__(self) -> PassFolder:  # noqa: PYI034 -- final by use, and clearer so
        if self._folder is not None:
            make_folder(self._folder, error=AgencyError)
            path = self._folder / TABLE_NAME
            is_new = not path.exists()
            try:
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

    def add(self, issued: Issued) -> None:
        """Write the code of *issued*, then its line.

        Raises:
            CodeTooLarge: the pass does not fit one code.
            AgencyError: the folder cannot be written.
        """
        if self._folder is None:
            return
        claims = issued.claims
        name = f"{claims.status.list_number}-{claims.status.index}.{self._format}"
        code = encode(issued.text)
        content = code.png() if self._format == "png" else code.svg().encode()
        write_file(self._folder / name, content, error=AgencyError)
        times = (f"{claims.issued_at:%Y-%m-%d %H:%M:%S}", f"{claims.expires_at:%Y-%m-%d %H:%M:%S}")
        self._write((issued.ref, name, str(claims.status.list_number), str(claims.status.index), *times))

    def _write(self, cells: tuple[str, ...]) -> None:
        if self._table is not None:
            try:
                csv.writer(self._table, delimiter=";").writerow([_harmless(cell) for cell in cells])
                self._table.flush()
            except OSError as error:
                raise AgencyError(f"{self._folder}: {TABLE_NAME} cannot be written: {error.strerror}") from error


def _harmless(cell: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell
