"""A CSV file of entitlements: every field of every row checked, and all that is wrong said at once.

One row an entitlement, with the columns ref, name, born, category, from, until, document_kind, document_number, document_issued.
It knows the agency's categories and no register.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from socpass_vc.errors import ImportRefused
from socpass_vc.format.claims import MAX_DOCUMENT_NUMBER_CHARACTERS, MAX_NAME_CHARACTERS, Document, Entitlement
from socpass_vc.format.issuers import Issuer
from socpass_vc.issuer.cells import (
    Cells,
    Fault,
    parse_birth,
    parse_category,
    parse_day,
    parse_document_kind,
    parse_document_number,
    parse_name,
    parse_text,
)

COLUMNS = ("ref", "name", "born", "category", "from", "until", "document_kind", "document_number", "document_issued")
REQUIRED = ("ref", "name", "category")
MAX_REF_CHARACTERS = 64
MAX_COLUMNS = 100
MAX_FILE_BYTES = 2**30
MAX_CELL_CHARACTERS = 2**24
"""Longest field that is read at all, so that one is named as too long; an unclosed quote makes the rest of the file one field."""

_CYRILLIC_IN_UTF8 = re.compile(rb"[\xd0\xd1][\x80-\xbf]")


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


def read_rows(content: bytes, issuer: Issuer, *, today: date) -> Rows:
    """Return the rows of a CSV file and what is wrong with the others.

    Args:
        content: the file: UTF-8 with or without byte order mark, or cp1251; separated by ``;``, ``,`` or tab.
        issuer: whose categories are allowed.
        today: nobody is born later.

    Raises:
        ImportRefused: the file as a whole cannot be read: not text, or without the columns that are needed.
    """
    text = _decode(content)
    rows = Rows()
    people: dict[str, Row] = {}
    seen: dict[tuple[str, int], int] = {}
    columns: list[str] = []
    for line, values in _lines(text, rows.faults):
        if not columns:
            columns = _read_header(values)
            continue
        if not any(value.strip() for value in values):
            continue
        cells = Cells(line, dict(zip(columns, values, strict=False)), REQUIRED)
        if len(values) != len(columns):
            what = f"{len(values)} fields; the header has {len(columns)}"
            cells.wrong(None, "field_count", what, found=len(values), expected=len(columns))
        row = None if cells.faults else _read_row(cells, issuer, today)
        rows.faults.extend(cells.faults)
        if row is not None and _fits(row, people, seen, rows.faults):
            rows.good.append(row)
    if not columns:
        _read_header([])
    return rows


def _decode(content: bytes) -> str:
    if b"\0" in content:
        raise ImportRefused("the file holds NUL bytes: it is not CSV; save it from the spreadsheet as 'CSV UTF-8'")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(_CYRILLIC_IN_UTF8.findall(content)) > len(content) // 20:  # no cp1251 text holds so many of these pairs
            line = content.count(b"\n", 0, error.start) + 1
            what = f"line {line}: a damaged character in a file that is UTF-8 otherwise; correct it there"
            raise ImportRefused(what, line=line) from error
    try:
        return content.decode("cp1251")
    except UnicodeDecodeError as error:
        raise ImportRefused("the file is neither UTF-8 nor cp1251; save it from the spreadsheet as 'CSV UTF-8'") from error


def _lines(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows, each with the line on which it begins; one that is no CSV is a fault like any other."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    header = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=header.count), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            what = f"not CSV from here on: {error}; is a quote open?"
            faults.append(Fault(line=line, column=None, code="not_csv", wrong=what, facts={"why": str(error)}))
        else:
            yield line, values


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


def _read_row(cells: Cells, issuer: Issuer, today: date) -> Row | None:
    """Return the row, or None if something is wrong, which *cells* then holds."""
    ref = cells.read("ref", lambda text: parse_text(text, MAX_REF_CHARACTERS))
    name = cells.read("name", lambda text: parse_name(text, MAX_NAME_CHARACTERS))
    born = cells.read("born", lambda text: parse_birth(text, today))
    category = cells.read("category", lambda text: parse_category(text, issuer))
    first = cells.read("from", parse_day)
    last = cells.read("until", parse_day)
    document = _read_document(cells)
    if first is not None and last is not None and last < first:
        cells.wrong("until", "until_before_from", f"{last} lies before 'from', {first}", first=first, last=last)
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


def _read_document(cells: Cells) -> Document | None:
    kind = cells.read("document_kind", parse_document_kind)
    number = cells.read("document_number", lambda text: parse_document_number(text, MAX_DOCUMENT_NUMBER_CHARACTERS))
    issued_on = cells.read("document_issued", parse_day)
    if cells.faults or (kind is None and number is None and issued_on is None):
        return None
    if kind is None or number is None:
        column = "document_kind" if kind is None else "document_number"
        cells.wrong(column, "document_incomplete", "empty, though the row names a document")
        return None
    return Document(kind=kind, number=number, issued_on=issued_on)


def _fits(row: Row, people: dict[str, Row], seen: dict[tuple[str, int], int], faults: list[Fault]) -> bool:
    """Tell whether *row* agrees with the rows before it, and say if not."""
    first = people.setdefault(row.ref, row)
    if (first.name, first.born_on, first.born_in) != (row.name, row.born_on, row.born_in):
        wrong = f"another name or birth than in line {first.line}, which has the same ref"
        faults.append(Fault(line=row.line, column="ref", code="other_person", wrong=wrong, facts={"other": first.line}))
        return False
    before = seen.setdefault((row.ref, row.entitlement.category), row.line)
    if before != row.line:
        wrong = f"the same ref and category as in line {before}; one row an entitlement"
        faults.append(Fault(line=row.line, column="category", code="twice", wrong=wrong, facts={"other": before}))
        return False
    return True
