"""The rows of a file, each checked: a person, and what is granted, applied for or decided.

A file holds residents, entitlements, applications or decisions; its columns tell which. It knows the agency's categories and
measures, and no register.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from functools import partial
from operator import getitem
from typing import NamedTuple

from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.imports.columns import DECISION_WORDS, PERSON, STATUS_WORDS, RowKind
from socpass_vc.issuer.imports.parsers import (
    PLAIN_LATIN_NAME,
    PLAIN_NAME,
    PLAIN_NUMBER,
    PLAIN_REF,
    ColumnParser,
    parse_birth,
    parse_category,
    parse_choice,
    parse_day,
    parse_document_kind,
    parse_document_number,
    parse_known_ref,
    parse_latin_name,
    parse_measure,
    parse_name,
    parse_past_day,
    parse_reason,
    parse_ref,
)
from socpass_vc.issuer.imports.readers import OneRecord, RecordReader
from socpass_vc.issuer.imports.row_errors import RowError, WrongCellError
from socpass_vc.issuer.register.applications import IN_PROGRESS, REFUSED


class ImportedPerson(NamedTuple):
    """Whom a row is about; days are text, as 2026-12-31."""

    ref: str
    name: str
    born_on: str | None
    born_in: int | None
    name_latin: str | None


Row = tuple[ImportedPerson, int, list[object]]
"""Whom a row is about, its line, and what it says: a value for each of the kind's fields, days as 2026-12-31.

The person is the very same object in rows that follow one another and are about the same one.
"""


class RowReader:
    """The rows of a file, checked one by one.

    Args:
        records: of the file.
        kind: what they are.
        issuer: whose categories are allowed.
        today: nobody is born later, and no application is submitted later.
        measures: those that may be applied for, or None for any.

    Attributes:
        kind: what they are.
    """

    def __init__(
        self,
        records: RecordReader | OneRecord,
        kind: RowKind,
        issuer: Issuer,
        *,
        today: date,
        measures: Collection[str] | None = None,
    ) -> None:
        self.kind = kind
        self._records = records
        self._columns = [_column(name, kind, issuer, today, measures, records.undo) for name in kind.columns]
        self._person_width = 1 if kind is RowKind.DECISIONS else len(PERSON)

    @property
    def given(self) -> frozenset[str]:
        """The columns that the file has, once all of it was read."""
        return frozenset(self._records.given)

    def __iter__(self) -> Iterator[Row | list[RowError]]:
        """Yield each row, or what is wrong with it.

        Raises:
            ImportRefused: the rest of the file cannot be read.
        """
        width = self._person_width
        person_columns, grant_columns = self._columns[:width], self._columns[width:]
        assemble = _ASSEMBLE.get(self.kind)
        wrong: Sequence[tuple[str, WrongCellError]] = ()
        person: ImportedPerson | None = None
        person_cells: Sequence[str] = ()
        for record in self._records.read(self.kind.columns):
            if isinstance(record, RowError):
                yield [record]
                continue
            line, cells = record
            try:
                if person is None or cells[:width] != person_cells:
                    person = None
                    person = _person(list(map(getitem, person_columns, cells)))
                    person_cells = cells[:width]
                found = list(map(getitem, grant_columns, cells[width:]))
            except WrongCellError:
                yield self._explain(line, cells)
                continue
            if assemble is not None:
                found = assemble(found)
                wrong = _contradictions(found)
            elif found:
                _, first, last, kind, number, issued_on = found
                # Most rows cannot contradict themselves, and are not asked.
                apart = (first is None or last is None) and (kind is None) is (number is None) and (kind or issued_on is None)
                wrong = () if apart else _contradictions(found)
            if wrong:
                yield [error.at(line, column) for column, error in wrong]
            else:
                yield person, line, found

    def _explain(self, line: int, cells: Sequence[str]) -> list[RowError]:
        """Return all that is wrong with the cells of a row."""
        faults = []
        days: dict[str, object] = {}
        for name, column, cell in zip(self.kind.columns, self._columns, cells, strict=True):
            try:
                days[name] = column[cell]
            except WrongCellError as error:
                faults.append(error.at(line, name))
        first, last = days.get("from"), days.get("until")
        if isinstance(first, str) and isinstance(last, str) and last < first:
            faults.append(_ends_before_it_begins(first, last).at(line, "until"))
        return faults


def _person(values: list[object]) -> ImportedPerson:
    if len(values) == 1:
        return ImportedPerson(values[0], "", None, None, None)  # type: ignore[arg-type]  # what the columns below make of cells
    ref, name, born, name_latin = values
    return ImportedPerson._make((ref, name, *born, name_latin))  # type: ignore[misc]  # likewise


def _application(values: list[object]) -> list[object]:
    category, measure, *rest = values
    subject = measure if category is None else str(category) if measure is None else None
    return [category, subject, *rest]


def _decision(values: list[object]) -> list[object]:
    return [*_application(values[:-2]), None, None, None]


_ASSEMBLE: dict[RowKind, Callable[[list[object]], list[object]]] = {
    RowKind.APPLICATIONS: _application,
    RowKind.DECISIONS: _decision,
}


def _contradictions(values: list[object]) -> Sequence[tuple[str, WrongCellError]]:
    """Return where one cell of a row contradicts another."""
    first, last, kind, number, issued_on = values[-5:]
    wrong = []
    if isinstance(first, str) and isinstance(last, str) and last < first:
        wrong.append(("until", _ends_before_it_begins(first, last)))
    if (kind is None) is not (number is None) or (kind is None and issued_on is not None):
        column = "document_kind" if kind is None else "document_number"
        wrong.append((column, WrongCellError("document_incomplete")))
    if len(values) == len(RowKind.APPLICATIONS.fields):
        _, subject, _, status, reason = values[:5]
        if subject is None:
            wrong.append(("category", WrongCellError("no_subject")))
        if status == REFUSED and reason is None:
            wrong.append(("reason", WrongCellError("no_reason")))
    return wrong


def _ends_before_it_begins(first: str, last: str) -> WrongCellError:
    return WrongCellError("until_before_from", first=date.fromisoformat(first), last=date.fromisoformat(last))


def _column(
    name: str, kind: RowKind, issuer: Issuer, today: date, measures: Collection[str] | None, undo: Callable[[str], str]
) -> ColumnParser:
    """Return what the cells of a column mean in a file of this kind."""
    required = name in kind.required
    if kind is RowKind.DECISIONS and name in {"name", "status"}:
        return ColumnParser(lambda _: None)
    if name == "ref" and kind is RowKind.DECISIONS:
        return ColumnParser(parse_known_ref, required=required, plain=PLAIN_REF, undo=undo)
    if name in _STREWN:
        parse, plain = _STREWN[name]
        return ColumnParser(parse, required=required, plain=plain, undo=undo)
    if name == "born":
        return ColumnParser(partial(parse_birth, today=today), empty=(None, None), undo=undo)
    alike: dict[str, Callable[[str], object]] = {
        "category": partial(parse_category, issuer=issuer),
        "measure": partial(parse_measure, known=measures),
        "submitted": partial(parse_past_day, today=today),
        "status": partial(parse_choice, words=STATUS_WORDS),
        "decision": partial(parse_choice, words=DECISION_WORDS),
        "reason": parse_reason,
        "document_kind": parse_document_kind,
    }
    empty = IN_PROGRESS if name == "status" else None
    return ColumnParser(alike.get(name, parse_day), required=required, empty=empty, undo=undo)


# Columns whose cells differ from row to row.
_STREWN: dict[str, tuple[Callable[[str], str], re.Pattern[str]]] = {
    "ref": (parse_ref, PLAIN_REF),
    "name": (parse_name, PLAIN_NAME),
    "name_latin": (parse_latin_name, PLAIN_LATIN_NAME),
    "document_number": (parse_document_number, PLAIN_NUMBER),
}
