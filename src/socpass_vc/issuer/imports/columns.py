"""What a file may hold, residents, entitlements, applications or decisions, and which columns say so.

It knows columns and words, and no cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from socpass_vc.errors import ImportRefused
from socpass_vc.issuer.imports.readers import RecordReader
from socpass_vc.issuer.register.applications import GRANTED, IN_PROGRESS, REFUSED
from socpass_vc.messages import Message

STATUS_WORDS = {
    "in_progress": IN_PROGRESS,
    "granted": GRANTED,
    "refused": REFUSED,
    "в работе": IN_PROGRESS,
    "назначено": GRANTED,
    "отказано": REFUSED,
}
DECISION_WORDS = {
    "grant": GRANTED,
    "refuse": REFUSED,
    "granted": GRANTED,
    "refused": REFUSED,
    "назначить": GRANTED,
    "отказать": REFUSED,
    "назначено": GRANTED,
    "отказано": REFUSED,
}

PERSON = ("ref", "name", "born", "name_latin")
"""Columns of whom a row is about."""
_GRANT = ("from", "until", "document_kind", "document_number", "document_issued")
_FIELDS = ("first_day", "last_day", "document_kind", "document_number", "document_issued_on")


class RowKind(Enum):
    """What the rows of a file are, with its columns: those of the person first, then all others."""

    RESIDENTS = (PERSON, ("ref", "name"))
    ENTITLEMENTS = ((*PERSON, "category", *_GRANT), ("ref", "name", "category"))
    APPLICATIONS = (
        (*PERSON, "category", "measure", "submitted", "status", "reason", *_GRANT),
        ("ref", "name", "submitted"),
    )
    # A list of applications, filled in: its other columns are for people to read.
    DECISIONS = (
        ("ref", "category", "measure", "submitted", "decision", "reason", "from", "until", "name", "status"),
        ("ref", "submitted"),
    )

    @property
    def fields(self) -> tuple[str, ...]:
        """What a row of this kind says of its person, by the register's names."""
        if self is RowKind.RESIDENTS:
            return ()
        if self is RowKind.ENTITLEMENTS:
            return ("category", *_FIELDS)
        return ("category", "subject", "submitted_on", "status", "reason", *_FIELDS)

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, in the order in which rows are read."""
        columns: tuple[str, ...] = self.value[0]
        return columns

    @property
    def required(self) -> tuple[str, ...]:
        """Columns that must be there, and never empty."""
        columns: tuple[str, ...] = self.value[1]
        return columns


def kind_of(records: RecordReader) -> RowKind:
    """Return what the rows of a file to import are, by its columns.

    Raises:
        ImportRefused: a column is unknown, or one that is needed is missing.
    """
    if records.given & {"submitted", "status", "measure"}:
        kind = RowKind.APPLICATIONS
    elif records.given & {"category", *_GRANT}:
        kind = RowKind.ENTITLEMENTS
    else:
        kind = RowKind.RESIDENTS
    check_columns(records, kind)
    return kind


def check_columns(records: RecordReader, kind: RowKind) -> None:
    """Return if the file has the columns of its kind.

    Raises:
        ImportRefused: a column is unknown, or one that is needed is missing.
    """
    possible = RowKind.APPLICATIONS.columns if kind is RowKind.RESIDENTS else kind.columns
    unknown = [name[:40] for name in records.names if name not in kind.columns]
    missing: list[object] = [name for name in kind.required if name not in records.given]
    if kind in {RowKind.APPLICATIONS, RowKind.DECISIONS} and not records.given & {"category", "measure"}:
        missing.append(Message("row_file.either_column", one="category", other="measure"))
    if kind is RowKind.DECISIONS and "decision" not in records.given:
        missing.append("decision")
    refuse_columns(records, unknown, missing, possible)


def refuse_columns(records: RecordReader, unknown: Sequence[str], missing: Sequence[object], possible: Sequence[str]) -> None:
    """Return if no column is *unknown* and none is *missing*.

    Raises:
        ImportRefused: one is; the sentence names those that are *possible*.
    """
    for reason, names in (("row_file.columns_unknown", unknown), ("row_file.columns_missing", missing)):
        if names:
            raise ImportRefused(reason, names=list(names), possible=list(possible)).at(*records.file.at_line(1))
