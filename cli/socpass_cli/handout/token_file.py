"""A file of passes as text, one per line: the content of each QR code, for whoever prints or sends them.

It knows two forms: CSV that opens in a spreadsheet, and JSON Lines. Whoever reads the file can present any of its passes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from socpass_vc.errors import AgencyError, system_reason
from socpass_vc.files import SECRET_MODE
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.issuer.reports.csv_export import LINE_END, csv_line

COLUMNS = ("ref", "list", "index", "issued_at_utc", "expires_at_utc", "text")


class TokenFile:
    """Writes one line per pass, batch by batch, while it is open.

    Lines are appended to an existing file, since a second run continues the first; each batch is on the disk before the next one
    is taken.

    Args:
        path: *.csv or *.jsonl; None writes nothing.
        anew: begin a new file, which replaces the old one when it is complete.
    """

    def __init__(self, path: Path | None, *, anew: bool = False) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.part") if path is not None and anew else None
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        if self._path is None:
            return self
        try:
            self._open(self._partial or self._path)
        except OSError as error:
            self._close()
            raise self._cannot(error) from error
        except AgencyError:
            self._close()
            raise
        return self

    def _open(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), SECRET_MODE)
        self._file = os.fdopen(descriptor, "r+b", buffering=0)
        size = self._file.seek(0, os.SEEK_END)
        if size:
            self._check_end(size)
        elif self._is_csv:
            self._write("\ufeff" + _csv_lines([COLUMNS]))

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._close()
        if self._path is None:
            return
        if self._partial is not None:
            try:
                if kind is None:
                    self._partial.replace(self._path)
                else:
                    self._partial.unlink(missing_ok=True)
            except OSError as error:
                raise self._cannot(error) from error

    def add(self, passes: Iterable[IssuedPass]) -> None:
        """Write the lines of *passes*.

        Raises:
            AgencyError: the file cannot be written; lines of this batch are taken back.
        """
        if self._file is None:
            return
        lines = _csv_lines(map(_cells, passes)) if self._is_csv else "".join(map(_json_line, passes))
        try:
            before = self._file.seek(0, os.SEEK_END)
            try:
                self._write(lines)
                os.fsync(self._file.fileno())
            except OSError:
                self._file.truncate(before)
                raise
        except OSError as error:
            raise self._cannot(error) from error

    @property
    def _is_csv(self) -> bool:
        return self._path is not None and self._path.suffix.lower() == ".csv"

    def _write(self, text: str) -> None:
        left = memoryview(text.encode())
        while left and self._file is not None:
            left = left[self._file.write(left) :]

    def _check_end(self, size: int) -> None:
        """Refuse to append after a line that a crash cut off."""
        assert self._file is not None  # noqa: S101 -- __enter__ opened it
        self._file.seek(size - 1)
        if self._file.read(1) != b"\n":
            raise AgencyError("cli.passes.last_line_cut_off", file=self._path).at(str(self._path))

    def _cannot(self, error: OSError) -> AgencyError:
        return AgencyError("cannot_be_written", why=system_reason(error)).at(str(self._path))


def _cells(issued: IssuedPass) -> tuple[str, ...]:
    times = (f"{issued.issued_at:%Y-%m-%d %H:%M:%S}", f"{issued.expires_at:%Y-%m-%d %H:%M:%S}")
    return issued.ref, str(issued.status.list_number), str(issued.status.index), *times, issued.text


def _csv_lines(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(csv_line(cells) + LINE_END for cells in rows)


def _json_line(issued: IssuedPass) -> str:
    content = {
        "ref": issued.ref,
        "list": issued.status.list_number,
        "index": issued.status.index,
        "issued_at": write_instant(issued.issued_at),
        "expires_at": write_instant(issued.expires_at),
        "text": issued.text,
    }
    return json.dumps(content, ensure_ascii=False) + "\n"
