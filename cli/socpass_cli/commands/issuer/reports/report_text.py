"""The report of a register: as tables for people, as CSV for a spreadsheet, as JSON for a program (specs/cli.md).

It knows how figures are shown, and counts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from socpass_cli.app.language import show_day, tr
from socpass_cli.app.output import printable
from socpass_cli.commands.issuer.people.statement_text import application_status
from socpass_cli.words.agency_names import AgencyNames
from socpass_cli.words.table import aligned, show_count
from socpass_vc.catalogue.names import show_category
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.reports.csv_export import LINE_END, csv_line
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
    """Return one figure per line, for a spreadsheet's pivot table; it opens in Excel as it is."""
    lines = (("section", "key", "name", "figure", "value"), *_cells(report, names))
    return "".join(csv_line(cells) + LINE_END for cells in lines).encode("utf-8-sig")


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
    return [tr("cli.report.heading", issuer=printable(names.issuer()), moment=f"{show_day(at)} {at:%H:%M} (UTC{at:%z})")]


def _people(report: RegisterReport) -> list[str]:
    people = report.people
    return _figures_in_lines(
        tr("cli.report.people"),
        people.all,
        (
            (tr("cli.report.entitled"), people.entitled),
            (tr("cli.report.with_pass"), people.with_pass),
            (tr("cli.report.due"), people.due),
        ),
    )


def _passes(report: RegisterReport) -> list[str]:
    passes = report.passes
    total = passes.live + passes.suspended + passes.revoked + passes.superseded + passes.expired
    return _figures_in_lines(
        tr("cli.report.passes"),
        total,
        (
            (tr("cli.report.passes_live"), passes.live),
            ("  " + tr("cli.report.passes_expiring", count=report.renew_within.days), passes.expiring),
            (tr("cli.report.passes_suspended"), passes.suspended),
            (tr("cli.report.passes_revoked"), passes.revoked),
            (tr("cli.report.passes_superseded"), passes.superseded),
            (tr("cli.report.passes_expired"), passes.expired),
        ),
    )


def _figures_in_lines(title: str, total: int, figures: tuple[tuple[str, int], ...]) -> list[str]:
    rows = [(f"  {label}", show_count(count)) for label, count in figures]
    return aligned((title, show_count(total)), rows, texts=1)


def _rows(report: RegisterReport, names: AgencyNames) -> list[str]:
    by_category = report.grouping is Grouping.CATEGORY
    title = tr("cli.report.by_category") if by_category else tr("cli.report.by_region")
    if not report.rows:
        return [tr("cli.report.none", title=title)]
    columns = (
        tr("cli.report.column_code"),
        tr("cli.report.column_name"),
        tr("cli.report.people"),
        tr("cli.report.column_due"),
        tr("cli.report.column_live"),
        tr("cli.report.column_expiring"),
        tr("cli.report.column_suspended"),
        tr("cli.report.column_revoked"),
        tr("cli.report.column_in_progress"),
    )
    cells = [
        (
            _code(row, report),
            printable(_name(row, report, names)),
            *(str(count) for count in (row.people, row.due, row.live, row.expiring, row.suspended, row.revoked, row.in_progress)),
        )
        for row in report.rows
    ]
    return [tr("cli.report.rows_heading", title=title), *aligned(columns, cells, texts=2, shortened=1)]


def _applications(report: RegisterReport) -> list[str]:
    title = tr("cli.statement.applications")
    if not report.applications:
        return [tr("cli.report.none", title=title)]
    young, older = AGES
    columns = (
        title,
        tr("cli.report.column_all"),
        tr("cli.report.column_young", days=young),
        tr("cli.report.column_older", first=young + 1, last=older),
        tr("cli.report.column_old"),
        tr("cli.report.column_oldest"),
    )
    rows = [
        (application_status(found.status), *map(show_count, (found.all, *found.by_age)), show_day(found.oldest_on))
        for found in report.applications
    ]
    return aligned(columns, rows, texts=1)


def _lists(report: RegisterReport, names: AgencyNames) -> list[str]:
    title = tr("cli.report.lists")
    if not report.lists:
        return [tr("cli.report.none", title=title)]
    columns = (
        title,
        tr("cli.report.column_entries"),
        tr("cli.report.column_used"),
        tr("cli.report.column_full"),
        tr("cli.report.column_signed"),
        tr("cli.report.column_expires"),
    )
    zone = names.agency.settings.zone
    rows = [
        (
            str(found.number),
            show_count(found.entries),
            show_count(found.used),
            f"{found.used / found.entries:.1%}".replace(".", tr("format.decimal")),
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
    return tr("cli.report.whole_country") if row.key == 0 else ""


def _figures(row: ReportRow, grouping: Grouping) -> dict[str, int]:
    figures = asdict(row)
    return {grouping.value: figures.pop("key"), **figures}
