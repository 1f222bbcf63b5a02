"""The report of a register: as tables for people, as CSV for a spreadsheet, as JSON for a program (specs/cli.md).

It knows how figures are shown and counts nothing.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict

from socpass_cli.app.language import show_day, tr
from socpass_cli.app.output import printable
from socpass_cli.commands.issuer.people.statement_text import application_status
from socpass_cli.words.agency_names import AgencyNames
from socpass_cli.words.table import aligned, show_count
from socpass_vc.catalogue.names import show_category
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.reports.register_report import AGES, Grouping, RegisterReport, ReportRow

_AGE_KEYS = (f"up_to_{AGES[0]}_days", f"{AGES[0] + 1}_to_{AGES[1]}_days", f"over_{AGES[1]}_days")


def in_full(report: RegisterReport, names: AgencyNames) -> list[str]:
    """Return the lines of the report."""
    sections = (
        _heading(report, names),
        _people(report),
        _passes(report),
        _rows(report, names),
        _applications(report),
        _lists(report, names),
    )
    return [line for section in sections for line in (*section, "")][:-1]


def as_json(report: RegisterReport, names: AgencyNames) -> dict[str, object]:
    """Return the object of specs/cli.md."""
    return {
        "agency": names.agency.settings.id,
        "at": write_instant(report.at),
        "today": report.today.isoformat(),
        "renew_within_days": report.renew_within.days,
        "people": asdict(report.people),
        "passes": asdict(report.passes),
        "by": report.grouping.value,
        "rows": [
            {"code": _code(row, report), "name": _name(row, report, names)} | _figures(row, report.grouping)
            for row in report.rows
        ],
        "applications": [
            {
                "status": found.status,
                "all": found.all,
                **dict(zip(_AGE_KEYS, found.by_age, strict=True)),
                "oldest_on": found.oldest_on.isoformat(),
            }
            for found in report.applications
        ],
        "lists": [
            {
                "number": found.number,
                "entries": found.entries,
                "used": found.used,
                "signed_at": None if found.signed_at is None else write_instant(found.signed_at),
                "expires_at": None if found.expires_at is None else write_instant(found.expires_at),
            }
            for found in report.lists
        ],
    }


def as_csv(report: RegisterReport, names: AgencyNames) -> bytes:
    """Return one figure a line, for a spreadsheet's pivot table; it opens in Excel as it is."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, delimiter=";")
    writer.writerow(("section", "key", "name", "figure", "value"))
    for section, key, name, figure, value in _cells(report, names):
        writer.writerow((section, _harmless(key), _harmless(name), figure, value))
    return page.getvalue().encode("utf-8-sig")


def _cells(report: RegisterReport, names: AgencyNames) -> Iterator[tuple[str, str, str, str, object]]:
    yield "report", names.agency.settings.id, names.issuer(), "at", write_instant(report.at)
    for figure, value in asdict(report.people).items():
        yield "people", "", "", figure, value
    for figure, value in asdict(report.passes).items():
        yield "passes", "", "", figure, value
    for row in report.rows:
        for figure, value in list(_figures(row, report.grouping).items())[1:]:
            yield report.grouping.value, _code(row, report), _name(row, report, names), figure, value
    for found in report.applications:
        for figure, value in zip(_AGE_KEYS, found.by_age, strict=True):
            yield "applications", found.status, application_status(found.status), figure, value
        yield "applications", found.status, application_status(found.status), "oldest_on", found.oldest_on.isoformat()
    for filled in report.lists:
        yield "lists", str(filled.number), "", "entries", filled.entries
        yield "lists", str(filled.number), "", "used", filled.used


def _heading(report: RegisterReport, names: AgencyNames) -> list[str]:
    at = report.at.astimezone(names.agency.settings.zone)
    return [f"{printable(names.issuer())}: {tr('the register at', 'реестр на')} {show_day(at)} {at:%H:%M} (UTC{at:%z})"]


def _people(report: RegisterReport) -> list[str]:
    people = report.people
    return _figures_in_lines(
        tr("People", "Жители"),
        people.all,
        (
            (tr("with an entitlement that counts today", "с льготой, которая действует сегодня"), people.entitled),
            (tr("with a live pass", "с действующим пропуском"), people.with_pass),
            (tr("due: 'issuer issue' would look at them now", "ждут: их сейчас рассмотрит «issuer issue»"), people.due),
        ),
    )


def _passes(report: RegisterReport) -> list[str]:
    passes = report.passes
    days = report.renew_within.days
    total = passes.live + passes.suspended + passes.revoked + passes.superseded + passes.expired
    return _figures_in_lines(
        tr("Passes ever issued", "Пропусков выпущено всего"),
        total,
        (
            (tr("live", "действуют"), passes.live),
            (tr(f"  of them expiring within {days} days", f"  из них истекают в ближайшие {days} дн."), passes.expiring),
            (tr("suspended", "приостановлены"), passes.suspended),
            (tr("revoked by the agency", "отозваны ведомством"), passes.revoked),
            (
                tr("superseded by a newer one, or by the end of all benefits", "заменены новыми или льготы кончились"),
                passes.superseded,
            ),
            (tr("expired", "истекли"), passes.expired),
        ),
    )


def _figures_in_lines(title: str, total: int, figures: tuple[tuple[str, int], ...]) -> list[str]:
    rows = [(f"  {label}", show_count(count)) for label, count in figures]
    return aligned((title, show_count(total)), rows, texts=1)


def _rows(report: RegisterReport, names: AgencyNames) -> list[str]:
    by_category = report.grouping is Grouping.CATEGORY
    title = tr("By category", "По категориям") if by_category else tr("By region", "По регионам")
    if not report.rows:
        return [f"{title}: {tr('none', 'нет')}"]
    columns = (
        tr("Code", "Код"),
        tr("Name", "Название"),
        tr("People", "Жители"),
        tr("Due", "Ждут"),
        tr("Live", "Действ."),
        tr("Expiring", "Истекают"),
        tr("Suspended", "Приост."),
        tr("Revoked", "Отозв."),
        tr("Applied", "Заявл."),
    )
    cells = [
        (
            _code(row, report),
            printable(_name(row, report, names)),
            *(str(count) for count in (row.people, row.due, row.live, row.expiring, row.suspended, row.revoked, row.in_progress)),
        )
        for row in report.rows
    ]
    note = tr("whoever has several counts in each", "у кого их несколько, учтён в каждой")
    return [f"{title} ({note})", *aligned(columns, cells, texts=2, shortened=1)]


def _applications(report: RegisterReport) -> list[str]:
    title = tr("Applications", "Заявления")
    if not report.applications:
        return [f"{title}: {tr('none', 'нет')}"]
    young, older = AGES
    columns = (
        title,
        tr("All", "Всего"),
        tr(f"Up to {young} days", f"До {young} дней"),
        tr(f"{young + 1} to {older} days", f"{young + 1}–{older} дней"),
        tr("Older", "Старше"),
        tr("Oldest", "Самое старое"),
    )
    rows = [
        (application_status(found.status), *map(show_count, (found.all, *found.by_age)), show_day(found.oldest_on))
        for found in report.applications
    ]
    return aligned(columns, rows, texts=1)


def _lists(report: RegisterReport, names: AgencyNames) -> list[str]:
    title = tr("Status lists", "Списки статусов")
    if not report.lists:
        return [f"{title}: {tr('none', 'нет')}"]
    columns = (
        title,
        tr("Places", "Мест"),
        tr("Used", "Занято"),
        tr("Full", "Заполнен"),
        tr("Signed", "Подписан"),
        tr("Expires", "Истекает"),
    )
    zone = names.agency.settings.zone
    rows = [
        (
            str(found.number),
            show_count(found.entries),
            show_count(found.used),
            tr(f"{found.used / found.entries:.1%}", f"{found.used / found.entries:.1%}".replace(".", ",")),
            *("—" if moment is None else show_day(moment.astimezone(zone)) for moment in (found.signed_at, found.expires_at)),
        )
        for found in report.lists
    ]
    return aligned(columns, rows, texts=1)


def _code(row: ReportRow, report: RegisterReport) -> str:
    return show_category(row.key) if report.grouping is Grouping.CATEGORY else f"{row.key:02d}"


def _name(row: ReportRow, report: RegisterReport, names: AgencyNames) -> str:
    if report.grouping is Grouping.CATEGORY:
        return names.category(row.key)
    return tr("whole country", "вся страна") if row.key == 0 else ""


def _figures(row: ReportRow, grouping: Grouping) -> dict[str, int]:
    figures = asdict(row)
    return {grouping.value: figures.pop("key"), **figures}


def _harmless(cell: str) -> str:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@"} else cell
