"""A file of orders to revoke, suspend or reinstate passes, CSV or JSON Lines: one order per row, each checked.

A row names a resident (ref) or one pass (credential, as LIST/INDEX), a reason and perhaps a note. It knows no register.
"""

from __future__ import annotations

import re
from operator import getitem
from pathlib import Path

from socpass_vc.errors import ClaimsError, ImportRefused
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.issuer.imports.columns import refuse_columns
from socpass_vc.issuer.imports.parsers import ColumnParser, masked, parse_choice, parse_known_ref, parse_text
from socpass_vc.issuer.imports.readers import RecordReader, open_records
from socpass_vc.issuer.imports.row_errors import RowError, RowErrors, WrongCellError
from socpass_vc.issuer.imports.text_file import survey
from socpass_vc.issuer.revocation.revoke import MAX_NOTE_CHARACTERS, RevocationOrder, RevocationReason
from socpass_vc.messages import Message

COLUMNS = ("ref", "credential", "reason", "note")
MAX_ORDERS = 1_000_000
"""Rows of one file: all of them are carried out, or none, and they are in memory until then."""

_REFERENCE = re.compile("([0-9]{1,9})[/-]([0-9]{1,9})", re.ASCII)
_REASONS = {reason.value: reason.value for reason in RevocationReason}


def read_orders(path: Path, *, reason: RevocationReason | None = None) -> tuple[list[RevocationOrder], RowErrors]:
    """Return the orders of a file, and what is wrong with its other rows.

    Args:
        path: CSV or JSON Lines, with the columns ref or credential, reason, note.
        reason: of rows that have none.

    Raises:
        ImportRefused: the file as a whole cannot be read, or lacks a column.
    """
    records = open_records(survey(path))
    _check_columns(records, reason)
    columns = [
        ColumnParser(parse_known_ref, undo=records.undo),
        ColumnParser(parse_pass_reference, undo=records.undo),
        ColumnParser(lambda text: parse_choice(text, _REASONS), empty=reason, required=reason is None, undo=records.undo),
        ColumnParser(lambda text: parse_text(text, MAX_NOTE_CHARACTERS), undo=records.undo),
    ]
    orders: list[RevocationOrder] = []
    faults = RowErrors()
    for record in records.read(COLUMNS):
        if isinstance(record, RowError):
            faults.add_row([record])
            continue
        line, cells = record
        found: dict[str, object] = {}
        wrong = []
        for name, column, cell in zip(COLUMNS, columns, cells, strict=True):
            try:
                found[name] = getitem(column, cell)
            except WrongCellError as error:
                wrong.append(error.at(line, name))
        if not wrong and (found["ref"] is None) == (found["credential"] is None):
            wrong.append(RowError(line=line, column=None, code="whose"))
        if not wrong and len(orders) >= MAX_ORDERS:
            raise ImportRefused("row_file.too_many_orders", most=MAX_ORDERS).at(*records.file.at_line(line))
        faults.add_row(wrong)
        if not wrong:
            orders.append(_order(found, line))
    return orders, faults


def parse_pass_reference(text: str) -> StatusReference:
    """Return the status list and index of a pass, written as LIST/INDEX or, like the name of its picture, LIST-INDEX.

    Raises:
        WrongCellError: it is neither.
    """
    found = _REFERENCE.fullmatch(text)
    if found:
        try:
            return StatusReference(list_number=int(found[1]), index=int(found[2]))
        except ClaimsError:
            pass
    raise WrongCellError("no_place", cell=masked(text))


def _order(found: dict[str, object], line: int) -> RevocationOrder:
    ref, reference, reason, note = (found[name] for name in COLUMNS)
    if isinstance(reference, StatusReference):
        return RevocationOrder(who=reference, reason=str(reason), note=None if note is None else str(note), line=line)
    return RevocationOrder(who=str(ref), reason=str(reason), note=None if note is None else str(note), line=line)


def _check_columns(records: RecordReader, reason: RevocationReason | None) -> None:
    unknown = [name[:40] for name in records.names if name not in COLUMNS]
    either = Message("row_file.either_column", one="ref", other="credential")
    missing: list[object] = [] if records.given & {"ref", "credential"} else [either]
    if reason is None and "reason" not in records.given:
        missing.append("reason")
    refuse_columns(records, unknown, missing, COLUMNS)
