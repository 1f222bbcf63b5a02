"""``socpass issuer statement``: one resident's statement in the terminal, as a page or as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.people.statement_html import to_html
from socpass_cli.commands.issuer.people.statement_text import CellTone, Sheet, SheetCell, SheetSection, lay_out
from socpass_cli.words.agency_names import AgencyNames, OpenMeasure
from socpass_cli.words.table import aligned
from socpass_vc.catalogue.names import show_category
from socpass_vc.errors import AgencyError
from socpass_vc.files import SECRET_MODE, write_file
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.reports.resident_statement import (
    StatedApplication,
    StatedEntitlement,
    StatedPass,
    Statement,
    read_statement,
)

_COLOURS = {CellTone.GOOD: "green", CellTone.WAITING: "yellow", CellTone.BAD: "red", CellTone.PAST: None}


@click.command(
    "statement",
    cls=click_classes.Command,
    help="cli.statement.help",
)
@click.argument("ref", metavar="REF", callback=options.parse_text)
@options.option(
    "--html",
    "html_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.statement.option_html",
)
@options.option("--full-numbers", is_flag=True, help="cli.statement.option_full_numbers")
@options.json_option
@options.agency_option
@options.lang_option
def statement(*, ref: str, html_file: Path | None, full_numbers: bool, as_json: bool, agency_folder: Path | None) -> None:
    """Read the statement, and show it in one form."""
    if html_file is not None and as_json:
        raise click.UsageError(tr("cli.usage.html_or_json"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    names = AgencyNames(agency)
    with agency.register() as register:
        found = read_statement(register, agency.settings, ref, now=clock.now(), full_numbers=full_numbers)
    if html_file is not None:
        write_file(html_file, to_html(lay_out(found, names)), error=AgencyError, mode=SECRET_MODE)
        output.say(tr("cli.written", path=str(html_file)))
    elif as_json:
        output.say(output.json_text(_as_json(found, names), indent=2))
    else:
        for line in _in_full(lay_out(found, names)):
            output.say(line)


def _in_full(sheet: Sheet) -> list[str]:
    """Return the lines for a terminal."""
    lines = [f"{sheet.issuer}: {sheet.title}", click.style(sheet.name, bold=True)]
    lines += [f"  {label}: {text}" for label, text in sheet.facts]
    for section in sheet.sections:
        lines += ["", click.style(section.heading, bold=True), *_table(section)]
    return [*lines, "", sheet.closing]


def _table(section: SheetSection) -> list[str]:
    """Return the lines of a table: the state first, since that is the question; notes stand below their rows."""
    if not section.rows:
        return [f"  {section.none}"]
    what, state, when = section.columns
    header, *lines = aligned((state, what, when), [(row[1].text, row[0].text, row[2].text) for row in section.rows], texts=3)
    width = max(len(row[1].text) for row in (*section.rows, (SheetCell(what), SheetCell(state))))
    found = [f"  {header}"]
    for line, row in zip(lines, section.rows, strict=True):
        tone = row[1].tone
        word, rest = line[:width], line[width:]
        found.append(f"  {click.style(word, fg=None if tone is None else _COLOURS[tone])}{rest}")
        notes = (row[0].note, row[2].note, row[1].note and f"{row[1].text} {row[1].note}")
        found += [f"  {'':<{width}}    {note}" for note in notes if note]
    return found


def _as_json(found: Statement, names: AgencyNames) -> dict[str, object]:
    """Return the object of specs/cli.md."""
    measures = names.open_measures(found.counting, found.today)
    whole: dict[str, object] = {
        "agency": {"id": names.agency.settings.id, "name": names.issuer()},
        "at": write_instant(found.at),
        "today": found.today.isoformat(),
        "ref": found.ref,
        "name": found.name,
    }
    optional = {
        "latin_name": found.latin_name,
        "born_on": None if found.born_on is None else found.born_on.isoformat(),
        "born_in": found.born_in,
    }
    whole |= {key: value for key, value in optional.items() if value is not None}
    whole["entitlements"] = [_entitlement(granted, names) for granted in found.entitlements]
    whole["passes"] = [_pass(issued) for issued in found.passes]
    whole["applications"] = [_application(applied, names) for applied in found.applications]
    if measures is not None:
        whole["measures"] = [_measure(measure) for measure in measures]
    return whole


def _entitlement(granted: StatedEntitlement, names: AgencyNames) -> dict[str, object]:
    document = granted.document
    return _category(granted.category, names) | {
        "standing": granted.state.value,
        "from": None if granted.first is None else granted.first.isoformat(),
        "until": None if granted.last is None else granted.last.isoformat(),
        "document": None
        if document is None
        else {
            "kind": document.kind,
            "name": names.document_kind(document.kind),
            "number": document.number,
            "issued_on": None if document.issued_on is None else document.issued_on.isoformat(),
        },
    }


def _pass(issued: StatedPass) -> dict[str, object]:
    return {
        "list": issued.list_number,
        "index": issued.index,
        "state": issued.state.value,
        "issued_at": write_instant(issued.issued_at),
        "expires_at": write_instant(issued.expires_at),
    }


def _application(applied: StatedApplication, names: AgencyNames) -> dict[str, object]:
    subject: dict[str, object]
    if applied.category is not None:
        subject = _category(applied.category, names)
    else:
        measure = applied.measure or ""
        subject = {"measure": measure, "name": names.measure(measure)}
    return {
        "subject": subject,
        "status": applied.status,
        "reason": applied.reason,
        "submitted_on": applied.submitted_on.isoformat(),
        "decided_at": None if applied.decided_at is None else write_instant(applied.decided_at),
    }


def _measure(measure: OpenMeasure) -> dict[str, object]:
    return {
        "measure": measure.id,
        "name": measure.name,
        "grants": measure.grants,
        "places": list(measure.places),
        "until": None if measure.until is None else measure.until.isoformat(),
    }


def _category(category: int, names: AgencyNames) -> dict[str, object]:
    return {"category": category, "code": show_category(category), "name": names.category(category)}
