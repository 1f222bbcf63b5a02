"""The records of a file, CSV or JSON Lines, one by one: a line number, and the cells in the order of the columns asked for.

It knows how the two forms are written, and nothing of what a column means. A record that is not well formed is a fault of its
line and does not hide the others.
"""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from socpass_vc.errors import ImportRefused
from socpass_vc.issuer.imports.row_errors import RowError
from socpass_vc.issuer.imports.text_file import MAX_LINE_CHARACTERS, TextFile
from socpass_vc.issuer.reports.csv_export import undo_guard

if TYPE_CHECKING:
    import _csv  # csv exports what makes readers, and not their type

MAX_COLUMNS = 100
JSON_SUFFIXES = frozenset({".jsonl", ".ndjson"})

_MAX_SHOWN_NAME = 40
_LARGEST_NUMBER = 10**15  # what every JSON library keeps to the digit

Record = tuple[int, Sequence[str]]
"""A line number, and a cell for each column asked for."""


class RecordReader(ABC):
    """What the two forms share.

    Attributes:
        file: they are read from.
        names: the columns that the header, or the first object, names; of others the caller says what that means.
        given: the columns that the file has; of JSON Lines complete once all was read.
    """

    def __init__(self, file: TextFile, names: Sequence[str]) -> None:
        self.file = file
        self.names = tuple(names)
        self.given = set(names)

    def undo(self, cell: str) -> str:
        """Return a cell without what its form adds: in CSV the guard against formulas."""
        return cell

    @abstractmethod
    def read(self, columns: Sequence[str]) -> Iterator[Record | RowError]:
        """Yield the records, each with a cell for each of *columns*, empty where the file has none; or what is wrong with one.

        Raises:
            ImportRefused: the file cannot be read.
        """


def open_records(file: TextFile) -> RecordReader:
    """Return the records of *file*, after a look at its first line; JSON Lines are known by their suffix or their first sign.

    Raises:
        ImportRefused: the first line says nothing of columns.
    """
    if file.path.suffix.lower() in JSON_SUFFIXES or file.begins.lstrip("\ufeff \t\r\n").startswith("{"):
        return _JsonLines(file)
    return _Table(file)


class _Table(RecordReader):
    """Separated by ``;``, ``,`` or tab, whichever the first line has most of."""

    def __init__(self, file: TextFile) -> None:
        csv.field_size_limit(MAX_LINE_CHARACTERS)  # an unclosed quote makes the rest of a file one field
        with file.lines() as lines:
            header = next(lines, "")
            self._delimiter = max(";,\t", key=header.count)
            try:
                values = next(self._reader(iter([header])), [])
            except csv.Error as error:
                raise ImportRefused("row_file.not_csv").at(*file.at_line(1)) from error
        names = [value.strip().lower() for value in values[: MAX_COLUMNS + 1]]
        if len(names) > MAX_COLUMNS:
            raise ImportRefused("row_file.too_many_columns", most=MAX_COLUMNS).at(*file.at_line(1))
        if not any(names):
            raise ImportRefused("row_file.empty").at(*file.at_line(1))
        twice = sorted({name[:_MAX_SHOWN_NAME] for name in names if name and names.count(name) > 1})
        if twice:
            raise ImportRefused("row_file.columns_twice", names=twice).at(*file.at_line(1))
        super().__init__(file, names)

    def undo(self, cell: str) -> str:
        """Return a cell as it was before it was guarded."""
        return undo_guard(cell)

    def _reader(self, lines: Iterator[str]) -> _csv.Reader:
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def read(self, columns: Sequence[str]) -> Iterator[Record | RowError]:
        width = len(self.names)
        pick = itemgetter(*(self.names.index(name) if name in self.given else width for name in columns))
        with self.file.lines() as lines:
            next(lines)
            reader = self._reader(lines)
            while True:
                line = reader.line_num + 2
                try:
                    values = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield RowError(line=line, column=None, code="not_csv")
                    continue
                if not any(values) or (not values[0].strip() and not any(value.strip() for value in values)):
                    continue
                if len(values) != width:
                    facts = {"found": len(values), "expected": width}
                    yield RowError(line=line, column=None, code="field_count", facts=facts)
                    continue
                values.append("")  # the cell of every column that the file does not have
                yield line, pick(values)


class _JsonLines(RecordReader):
    """One object per line; numbers count as they are written, null and missing fields as empty."""

    def __init__(self, file: TextFile) -> None:
        with file.lines() as lines:
            first = next((line for line in lines if line.strip("\ufeff \t\r\n")), "")
        parsed = _parse_object(first, 1)
        if isinstance(parsed, RowError):
            raise ImportRefused(f"row.{parsed.code}", **parsed.facts).at(file.path, parsed.where)
        if not parsed:
            raise ImportRefused("row_file.empty").at(*file.at_line(1))
        super().__init__(file, list(parsed)[:MAX_COLUMNS])

    def read(self, columns: Sequence[str]) -> Iterator[Record | RowError]:
        known = frozenset(columns)
        with self.file.lines() as lines:
            for line, text in enumerate(lines, 1):
                if not text.strip():
                    continue
                cells = _parse_object(text, line)
                if isinstance(cells, RowError):
                    yield cells
                elif not known.issuperset(cells):
                    unknown = next(name for name in cells if name not in known)[:_MAX_SHOWN_NAME]
                    facts = {"name": unknown, "possible": list(columns)}
                    yield RowError(line=line, column=None, code="unknown_field", facts=facts)
                else:
                    self.given.update(cells)
                    yield line, [cells.get(name, "") for name in columns]


class OneRecord:
    """What somebody typed instead of writing a file: the cells of one record by column."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.given = set(cells)
        self._cells = cells

    def read(self, columns: Sequence[str]) -> Iterator[Record | RowError]:
        """Yield the one record."""
        yield 1, [self._cells.get(name, "") for name in columns]

    def undo(self, cell: str) -> str:
        """Return the cell."""
        return cell


def _parse_object(text: str, line: int) -> dict[str, str] | RowError:
    """Return the fields of one object as text, or what is wrong with it."""
    twice: list[str] = []

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice.append("")
        return found

    try:
        parsed = json.loads(text, object_pairs_hook=once, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return RowError(line=line, column=None, code="not_json", facts={"position": getattr(error, "colno", 1)})
    if not isinstance(parsed, dict):
        return RowError(line=line, column=None, code="no_object")
    if twice:
        return RowError(line=line, column=None, code="field_twice")
    cells = {}
    for name, value in parsed.items():
        cell = _as_cell(value)
        if cell is None:
            return RowError(line=line, column=name[:_MAX_SHOWN_NAME], code="json_type")
        cells[name] = cell
    return cells


def _as_cell(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LARGEST_NUMBER:
        return str(value)
    return None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")
