"""A resident's statement in words: headings, tables and cells in the language of this run, whatever they are shown on.

It knows words. The terminal is :mod:`statement`'s, the page :mod:`statement_html`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from socpass_cli.app.language import show_day, tr
from socpass_cli.app.output import printable
from socpass_cli.words.agency_names import AgencyNames, OpenMeasure
from socpass_vc.format.credential.claims import Document
from socpass_vc.issuer.reports.resident_statement import (
    EntitlementState,
    PassState,
    StatedApplication,
    StatedEntitlement,
    StatedPass,
    Statement,
)


class CellTone(StrEnum):
    """How a cell is meant, for whoever sees colours; its words say it too."""

    GOOD = "good"
    WAITING = "waiting"
    BAD = "bad"
    PAST = "past"


class SheetCell(NamedTuple):
    """A cell of a table: what it says, what it says below that, and how it is meant."""

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
        title=tr("Statement of benefits", "Сведения о льготах"),
        issuer=printable(names.issuer()),
        name=printable(statement.name),
        facts=tuple(_facts(statement, zone)),
        sections=tuple(sections),
        closing=tr(
            "A statement from the agency's register for information. It is not a pass: tills check the QR code of a pass.",
            "Справочные сведения из реестра ведомства. Это не пропуск: кассы проверяют QR-код пропуска.",
        ),
    )


def application_status(status: str) -> str:
    """Return the word for an application's status."""
    words = {
        "in_progress": tr("in progress", "в работе"),
        "granted": tr("granted", "назначено"),
        "refused": tr("refused", "отказано"),
    }
    return words.get(status, printable(status))


def _facts(statement: Statement, zone: ZoneInfo) -> list[tuple[str, str]]:
    facts = []
    if statement.latin_name is not None:
        facts.append((tr("In Latin letters", "Латиницей"), printable(statement.latin_name)))
    if statement.born_on is not None:
        facts.append((tr("Born", "Дата рождения"), show_day(statement.born_on)))
    elif statement.born_in is not None:
        facts.append((tr("Born in", "Год рождения"), str(statement.born_in)))
    at = statement.at.astimezone(zone)
    facts += [
        (tr("Reference", "Номер в реестре"), printable(statement.ref)),
        (tr("As of", "По состоянию на"), f"{show_day(at)} {at:%H:%M}"),
    ]
    return facts


def _entitlements(entitlements: Sequence[StatedEntitlement], names: AgencyNames) -> SheetSection:
    standing = {
        EntitlementState.COUNTS: (tr("counts today", "действует"), CellTone.GOOD),
        EntitlementState.NOT_YET: (tr("not yet", "ещё не действует"), CellTone.WAITING),
        EntitlementState.ENDED: (tr("has ended", "закончилась"), CellTone.PAST),
    }
    rows = []
    for granted in entitlements:
        word, tone = standing[granted.standing]
        rows.append(
            (
                SheetCell(printable(names.labelled(granted.category)), _document(granted.document, names)),
                SheetCell(word, tone=tone),
                SheetCell(
                    _last_day(granted.last), "" if granted.first is None else f"{tr('from', 'с')} {show_day(granted.first)}"
                ),
            )
        )
    return SheetSection(
        heading=tr("Granted categories", "Назначенные льготные категории"),
        columns=(tr("Category and document", "Категория и документ"), tr("Today", "Сегодня"), tr("Last day", "Последний день")),
        rows=tuple(rows),
        none=tr("None.", "Нет."),
    )


def _document(document: Document | None, names: AgencyNames) -> str:
    if document is None:
        return ""
    text = f"{names.document_kind(document.kind)} {document.number}"
    if document.issued_on is not None:
        text += tr(f", issued {show_day(document.issued_on)}", f" от {show_day(document.issued_on)}")
    return printable(text)


def _last_day(last: date | None) -> str:
    return tr("no end", "бессрочно") if last is None else show_day(last)


def _measures(measures: Sequence[OpenMeasure]) -> SheetSection:
    rows = [
        (
            SheetCell(printable(measure.name), "" if measure.until is None else f"{tr('until', 'по')} {show_day(measure.until)}"),
            SheetCell(printable(measure.grants)),
            SheetCell(printable(", ".join(measure.places))),
        )
        for measure in measures
    ]
    return SheetSection(
        heading=tr("Open to you today", "Доступные меры поддержки"),
        columns=(tr("Measure", "Мера"), tr("What is granted", "Что предоставляется"), tr("Where", "Где")),
        rows=tuple(rows),
        none=tr("None today.", "Сегодня нет."),
    )


def _passes(passes: Sequence[StatedPass], zone: ZoneInfo) -> SheetSection:
    states = {
        PassState.LIVE: (tr("live", "действует"), CellTone.GOOD),
        PassState.SUSPENDED: (tr("suspended", "приостановлен"), CellTone.WAITING),
        PassState.REVOKED: (tr("revoked", "отозван"), CellTone.BAD),
        PassState.SUPERSEDED: (tr("superseded", "заменён"), CellTone.PAST),
        PassState.EXPIRED: (tr("expired", "истёк"), CellTone.PAST),
    }
    rows = []
    for issued in passes:
        word, tone = states[issued.state]
        rows.append(
            (
                SheetCell(_moment(issued.issued_at, zone), f"№ {issued.list_number}/{issued.index}"),
                SheetCell(word, tone=tone),
                SheetCell(_moment(issued.expires_at, zone)),
            )
        )
    return SheetSection(
        heading=tr("Passes", "Пропуска"),
        columns=(tr("Issued", "Выдан"), tr("State", "Состояние"), tr("Ends", "Действует до")),
        rows=tuple(rows),
        none=tr("None was issued.", "Не выдавались."),
    )


def _applications(applications: Sequence[StatedApplication], names: AgencyNames, zone: ZoneInfo) -> SheetSection:
    tones = {"granted": CellTone.GOOD, "refused": CellTone.BAD, "in_progress": CellTone.WAITING}
    rows = []
    for applied in applications:
        what = names.labelled(applied.category) if applied.category is not None else names.measure(applied.measure or "")
        decided = "" if applied.decided_at is None else show_day(applied.decided_at.astimezone(zone))
        reason = "" if applied.reason is None else applied.reason
        rows.append(
            (
                SheetCell(printable(what), printable(reason)),
                SheetCell(application_status(applied.status), decided, tones.get(applied.status)),
                SheetCell(show_day(applied.submitted_on)),
            )
        )
    return SheetSection(
        heading=tr("Applications", "Заявления"),
        columns=(tr("For, and why refused", "О чём; причина отказа"), tr("Status", "Статус"), tr("Submitted", "Подано")),
        rows=tuple(rows),
        none=tr("None.", "Нет."),
    )


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{show_day(local)} {local:%H:%M}"
