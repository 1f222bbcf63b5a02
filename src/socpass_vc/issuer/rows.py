"""A CSV file of entitlements: every field of every row checked, and all that is wrong said at once.

One row an entitlement, with the columns ref, name, born, category, from, until, document_kind, document_number, document_issued.
It knows the agency's categories and no register.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from unicodedata import normalize

from socpass_vc.catalogue.names import read_category
from socpass_vc.errors import ImportRefused, SocpassError
from socpass_vc.format import fields
from socpass_vc.format.claims import (
    FIRST_BIRTH_YEAR,
    MAX_DOCUMENT_KIND,
    MAX_DOCUMENT_NUMBER_CHARACTERS,
    MAX_NAME_CHARACTERS,
    Document,
    Entitlement,
)
from socpass_vc.format.issuers import Issuer

COLUMNS = ("ref", "name", "born", "category", "from", "until", "document_kind", "document_number", "document_issued")
REQUIRED = ("ref", "name", "category")
MAX_REF_CHARACTERS = 64
MAX_FIELD_CHARACTERS = 1_000
"""Longest field looked at; no column has longer values."""
MAX_COLUMNS = 100
MAX_FILE_BYTES = 2**30

Kind = TypeVar("Kind")

_SHOWN_CHARACTERS = 40
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a file.

    Attributes:
        line: of the file, from 1.
        column: its name, or None for the row as a whole.
        wrong: what is wrong, and what would be right.
    """

    line: int
    column: str | None
    wrong: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.column is None else f"line {self.line}, column {self.column}"
        return f"{place}: {self.wrong}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One good row: a resident and one entitlement."""

    line: int
    ref: str
    name: str
    born_on: date | None
    born_in: int | None
    entitlement: Entitlement


@dataclass(slots=True)
class Rows:
    """What a file holds: its good rows in order, and its faults."""

    good: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_rows(content: bytes, issuer: Issuer) -> Rows:
    """Return the rows of a CSV file and what is wrong with the others.

    Args:
        content: the file: UTF-8 with or without byte order mark, or cp1251; separated by ``;``, ``,`` or tab.
        issuer: whose categories are allowed.

    Raises:
        ImportRefused: the file as a whole cannot be read: not text, or without the columns that are needed.
    """
    text = _decode(content)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows = Rows()
    people: dict[str, Row] = {}
    seen: dict[tuple[str, int], int] = {}
    try:
        columns = _read_header(next(reader, []))
        for values in reader:
            if not any(value.strip() for value in values):
                continue
            cells = _Cells(reader.line_num, dict(zip(columns, values, strict=False)))
            if len(values) != len(columns):
                cells.wrong(None, f"{len(values)} fields; the header has {len(columns)}")
            row = None if cells.faults else _read_row(cells, issuer)
            rows.faults.extend(cells.faults)
            if row is not None and _fits(row, people, seen, rows.faults):
                rows.good.append(row)
    except csv.Error as error:
        raise ImportRefused(f"line {reader.line_num}: not CSV: {error}", line=reader.line_num) from error
    return rows


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise ImportRefused("the file holds NUL bytes: it is not CSV; save it from the spreadsheet as 'CSV UTF-8'")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1251")
    except UnicodeDecodeError as error:
        raise ImportRefused("the file is neither UTF-8 nor cp1251; save it from the spreadsheet as 'CSV UTF-8'") from error


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(";,\t", key=header.count)


def _read_header(cells: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in cells[: MAX_COLUMNS + 1]]
    if len(columns) > MAX_COLUMNS:
        raise ImportRefused(f"line 1: more than {MAX_COLUMNS} columns; there are {len(COLUMNS)}: {', '.join(COLUMNS)}")
    if not any(columns):
        raise ImportRefused(f"line 1: empty; it names the columns: {', '.join(COLUMNS)}")
    unknown = [column[:40] for column in columns if column not in COLUMNS]
    missing = [column for column in REQUIRED if column not in columns]
    twice = sorted({column for column in columns if columns.count(column) > 1 and column in COLUMNS})
    for kind, names in (("unknown", unknown), ("missing", missing), ("twice", twice)):
        if names:
            raise ImportRefused(f"line 1: columns {kind}: {', '.join(names)}; possible: {', '.join(COLUMNS)}")
    return columns


def _fits(row: Row, people: dict[str, Row], seen: dict[tuple[str, int], int], faults: list[Fault]) -> bool:
    """Tell whether *row* agrees with the rows before it, and say if not."""
    first = people.setdefault(row.ref, row)
    if (first.name, first.born_on, first.born_in) != (row.name, row.born_on, row.born_in):
        wrong = f"another name or birth than in line {first.line}, which has the same ref"
        faults.append(Fault(line=row.line, column="ref", wrong=wrong))
        return False
    before = seen.setdefault((row.ref, row.entitlement.category), row.line)
    if before != row.line:
        wrong = f"the same ref and category as in line {before}; one row an entitlement"
        faults.append(Fault(line=row.line, column="category", wrong=wrong))
        return False
    return True


class _Cells:
    """The cells of one row by column, and what turned out to be wrong with them."""

    def __init__(self, line: int, cells: Mapping[str, str]) -> None:
        self.line = line
        self.faults: list[Fault] = []
        self._cells = cells

    def wrong(self, column: str | None, what: str) -> None:
        self.faults.append(Fault(line=self.line, column=column, wrong=what))

    def read(self, column: str, parse: Callable[[str], Kind]) -> Kind | None:
        """Return what *parse* makes of a cell; None if it is empty or wrong."""
        text = normalize("NFC", self._cells.get(column, "").strip())
        if not text:
            if column in REQUIRED:
                self.wrong(column, "empty; it is needed in every row")
            return None
        if len(text) > MAX_FIELD_CHARACTERS:
            self.wrong(column, f"{len(text)} characters; no field has more than {MAX_FIELD_CHARACTERS}")
            return None
        try:
            return parse(text)
        except (ValueError, SocpassError) as error:
            self.wrong(column, str(error))
            return None


def _read_row(cells: _Cells, issuer: Issuer) -> Row | None:
    """Return the row, or None if something is wrong, which *cells* then holds."""
    ref = cells.read("ref", _text_of(MAX_REF_CHARACTERS))
    name = cells.read("name", _text_of(MAX_NAME_CHARACTERS))
    born = cells.read("born", _parse_birth)
    category = cells.read("category", lambda text: _parse_category(text, issuer))
    first = cells.read("from", _parse_day)
    last = cells.read("until", _parse_day)
    document = _read_document(cells)
    if first is not None and last is not None and last < first:
        cells.wrong("until", f"{last} lies before 'from', {first}")
    if cells.faults or ref is None or name is None or category is None:
        return None
    return Row(
        line=cells.line,
        ref=ref,
        name=name,
        born_on=born if isinstance(born, date) else None,
        born_in=born if isinstance(born, int) else None,
        entitlement=Entitlement(category=category, first=first, last=last, document=document),
    )


def _read_document(cells: _Cells) -> Document | None:
    kind = cells.read("document_kind", _parse_document_kind)
    number = cells.read("document_number", _text_of(MAX_DOCUMENT_NUMBER_CHARACTERS))
    issued_on = cells.read("document_issued", _parse_day)
    if cells.faults or (kind is None and number is None and issued_on is None):
        return None
    if kind is None or number is None:
        cells.wrong("document_kind" if kind is None else "document_number", "empty, though the row names a document")
        return None
    return Document(kind=kind, number=number, issued_on=issued_on)


def _text_of(longest: int) -> Callable[[str], str]:
    def parse(text: str) -> str:
        fields.check_text(text, longest)
        return text

    return parse


def _parse_day(text: str) -> date:
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif dotted:
        day, month, year = map(int, dotted.groups())
    else:
        raise ValueError(f"{_short(text)} is not a day; write it as 2026-12-31 or 31.12.2026")
    try:
        found = date(year, month, day)
        fields.to_day(found)
    except ValueError as error:
        raise ValueError(f"{_short(text)} is not a day that exists, from 1800 on: {error}") from error
    return found


def _parse_birth(text: str) -> date | int:
    if not _YEAR.fullmatch(text):
        return _parse_day(text)
    if int(text) < FIRST_BIRTH_YEAR:
        raise ValueError(f"{text} is before {FIRST_BIRTH_YEAR}")
    return int(text)


def _parse_category(text: str, issuer: Issuer) -> int:
    category = read_category(text)
    if not issuer.may_grant(category):
        scopes = ", ".join(f"{first}-{last}" for first, last in issuer.scopes)
        raise ValueError(f"{_short(text)} is not a category that {issuer.id} may grant: {scopes}")
    return category


def _parse_document_kind(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_DOCUMENT_KIND)) and 1 <= int(text) <= MAX_DOCUMENT_KIND:
        return int(text)
    raise ValueError(f"{_short(text)} is not a number of a document kind, 1 to {MAX_DOCUMENT_KIND}")


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "...")
