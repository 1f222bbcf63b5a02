"""A resident's statement in words: headings, tables and cells in the language of this run, for a terminal or a page.

It knows words; :mod:`statement` knows the terminal, :mod:`statement_html` the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from socpass_cli.app.language import show_day, tr
from socpass_cli.app.output import printable
from socpass_cli.words.agency_names import AgencyNames, OpenMeasure
from socpass_vc.format.credential.claims import Document
from socpass_vc.issuer.register.applications import GRANTED, IN_PROGRESS, REFUSED, STATUSES
from socpass_vc.issuer.reports.resident_statement import (
    EntitlementState,
    PassState,
    StatedApplication,
    StatedEntitlement,
    StatedPass,
    Statement,
)


class CellTone(StrEnum):
    """What a cell means, for whoever sees colours; its words say it too."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    PAST = "past"


_ENTITLEMENT_TONES = {
    EntitlementState.COUNTS: CellTone.GOOD,
    EntitlementState.NOT_YET: CellTone.WAITING,
    EntitlementState.ENDED: CellTone.PAST,
}
_PASS_TONES = {
    PassState.LIVE: CellTone.GOOD,
    PassState.SUSPENDED: CellTone.WAITING,
    PassState.REVOKED: CellTone.BAD,
    PassState.SUPERSEDED: CellTone.PAST,
    PassState.EXPIRED: CellTone.PAST,
}
_APPLICATION_TONES = {GRANTED: CellTone.GOOD, REFUSED: CellTone.BAD, IN_PROGRESS: CellTone.WAITING}


class SheetCell(NamedTuple):
    """A cell of a table: its text, a note below that, and what it means."""

    text: str
    note: str = ""
    tone: CellTone | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSection:
    """A table with its heading.

    Attributes:
        heading: of the table.
        columns: headers of its columns.
        rows: cells, as many as there are headers.
        none: what is said in place of an empty table.
    """

    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[SheetCell, ...], ...]
    none: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A statement ready to be shown; every text is printable.

    Attributes:
        title: what it is.
        issuer: who says so.
        name: of the resident.
        facts: label and text: birth, reference, the time.
        sections: the tables.
        closing: what the reader should know of it.
    """

    title: str
    issuer: str
    name: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[SheetSection, ...]
    closing: str


def lay_out(statement: Statement, names: AgencyNames) -> Sheet:
    """Return the sheet for a statement."""
    zone = names.agency.settings.zone
    measures = names.open_measures(statement.counting, statement.today)
    sections = [
        _entitlements(statement.entitlements, names),
        _passes(statement.passes, zone),
        _applications(statement.applications, names, zone),
    ]
    if measures is not None:
        sections.insert(1, _measures(measures))
    return Sheet(
        title=tr("cli.statement.title"),
        issuer=printable(names.issuer()),
        name=printable(statement.name),
        facts=tuple(_facts(statement, zone)),
        sections=tuple(sections),
        closing=tr("cli.statement.closing"),
    )


def application_status(status: str) -> str:
    """Return the word for an application's status."""
    return tr(f"application_status.{status}") if status in STATUSES else printable(status)


def _facts(statement: Statement, zone: ZoneInfo) -> list[tuple[str, str]]:
    facts = []
    if statement.latin_name is not None:
        facts.append((tr("cli.statement.latin_name"), printable(statement.latin_name)))
    if statement.born_on is not None:
        facts.append((tr("cli.statement.born_on"), show_day(statement.born_on)))
    elif statement.born_in is not None:
        facts.append((tr("cli.statement.born_in"), str(statement.born_in)))
    at = statement.at.astimezone(zone)
    facts += [
        (tr("cli.statement.ref"), printable(statement.ref)),
        (tr("cli.statement.as_of"), f"{show_day(at)} {at:%H:%M}"),
    ]
    return facts


def _entitlements(entitlements: Sequence[StatedEntitlement], names: AgencyNames) -> SheetSection:
    rows = [
        (
            SheetCell(printable(names.labelled(granted.category)), _document(granted.document, names)),
            SheetCell(tr(f"cli.entitlement_state.{granted.state.value}"), tone=_ENTITLEMENT_TONES[granted.state]),
            SheetCell(
                tr("no_end") if granted.last is None else show_day(granted.last),
                "" if granted.first is None else tr("from_day", day=granted.first),
            ),
        )
        for granted in entitlements
    ]
    return SheetSection(
        heading=tr("cli.statement.entitlements"),
        columns=(tr("cli.statement.column_category"), tr("cli.statement.column_today"), tr("cli.statement.column_last_day")),
        rows=tuple(rows),
        none=tr("cli.statement.none"),
    )


def _document(document: Document | None, names: AgencyNames) -> str:
    if document is None:
        return ""
    text = f"{names.document_kind(document.kind)} {document.number}"
    if document.issued_on is not None:
        text = tr("cli.document_of_day", document=text, day=document.issued_on)
    return printable(text)


def _measures(measures: Sequence[OpenMeasure]) -> SheetSection:
    rows = [
        (
            SheetCell(printable(measure.name), "" if measure.until is None else tr("until_day", day=measure.until)),
            SheetCell(printable(measure.grants)),
            SheetCell(printable(", ".join(measure.places))),
        )
        for measure in measures
    ]
    return SheetSection(
        heading=tr("cli.statement.measures"),
        columns=(tr("cli.statement.column_measure"), tr("cli.statement.column_grants"), tr("cli.statement.column_where")),
        rows=tuple(rows),
        none=tr("cli.statement.no_measures"),
    )


def _passes(passes: Sequence[StatedPass], zone: ZoneInfo) -> SheetSection:
    rows = [
        (
            SheetCell(_moment(issued.issued_at, zone), f"№ {issued.list_number}/{issued.index}"),
            SheetCell(tr(f"cli.pass_state.{issued.state.value}"), tone=_PASS_TONES[issued.state]),
            SheetCell(_moment(issued.expires_at, zone)),
        )
        for issued in passes
    ]
    return SheetSection(
        heading=tr("cli.statement.passes"),
        columns=(tr("cli.statement.column_issued"), tr("cli.statement.column_state"), tr("cli.statement.column_ends")),
        rows=tuple(rows),
        none=tr("cli.statement.no_passes"),
    )


def _applications(applications: Sequence[StatedApplication], names: AgencyNames, zone: ZoneInfo) -> SheetSection:
    rows = []
    for applied in applications:
        what = names.labelled(applied.category) if applied.category is not None else names.measure(applied.measure or "")
        decided = "" if applied.decided_at is None else show_day(applied.decided_at.astimezone(zone))
        reason = "" if applied.reason is None else applied.reason
        rows.append(
            (
                SheetCell(printable(what), printable(reason)),
                SheetCell(application_status(applied.status), decided, _APPLICATION_TONES.get(applied.status)),
                SheetCell(show_day(applied.submitted_on)),
            )
        )
    return SheetSection(
        heading=tr("cli.statement.applications"),
        columns=(tr("cli.statement.column_subject"), tr("cli.statement.column_status"), tr("cli.statement.column_submitted")),
        rows=tuple(rows),
        none=tr("cli.statement.none"),
    )


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{show_day(local)} {local:%H:%M}"
