"""``socpass issuer applications``: what residents applied for, listed and decided."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import show_day, tr
from socpass_cli.commands.issuer.people.import_residents import Bars, say_faults, show_subject
from socpass_vc.catalogue.names import read_category, show_category
from socpass_vc.errors import CatalogueError, ImportRefused, RegisterError
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.application_decisions import Decision, DecisionSummary, decide_file, decide_one
from socpass_vc.issuer.imports.columns import GRANTED, IN_PROGRESS, REFUSED, RowKind
from socpass_vc.issuer.imports.row_errors import BadRows
from socpass_vc.issuer.register.applications import Application, find_applications
from socpass_vc.issuer.register.database import Register

COLUMNS = ("ref", "name", "category", "measure", "submitted", "status", "decision", "reason", "from", "until")
"""Of the list as CSV, which is read again by ``decide --file`` once the column decision is filled in."""

_STATUSES = {IN_PROGRESS: ("in progress", "в работе"), GRANTED: ("granted", "назначено"), REFUSED: ("refused", "отказано")}
_DAY = click.DateTime(formats=["%Y-%m-%d", "%d.%m.%Y"])


@click.group(
    cls=click_classes.Group,
    name="applications",
    help_texts=("List applications, and decide them.", "Заявления: список и решения."),
)
@options.lang_option
def applications() -> None:
    """Hold the commands."""


def _parse_subject(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """Return a category as a decimal number, or the name of a measure as it is."""
    if text is None or (text[:1].isascii() and text[:1].isalpha()):
        return text
    try:
        return str(read_category(text))
    except CatalogueError as error:
        raise click.BadParameter(
            tr(
                f'{text!r} is neither a category such as "02-545" nor the name of a measure',
                f"{text!r} — не категория, например 02-545, и не название меры",
            )
        ) from error


@applications.command(
    "list",
    help_texts=(
        "List applications, the oldest first. As CSV the list can be filled in, in its column decision, and given to "
        "decide --file.",
        "Показать заявления, начиная со старых. Список в CSV можно заполнить, столбец decision, и передать в decide --file.",
    ),
)
@options.option(
    "--status", type=click.Choice([IN_PROGRESS, GRANTED, REFUSED]), en="Of this status alone.", ru="Только с этим статусом."
)
@options.option(
    "--older-than",
    metavar="DAYS",
    type=click.IntRange(0, 36_500),
    en="Submitted more than so many days ago.",
    ru="Поданные более чем столько дней назад.",
)
@options.option(
    "--for",
    "subject",
    metavar="CATEGORY|MEASURE",
    callback=_parse_subject,
    en="For this category or measure alone.",
    ru="Только на эту категорию или меру.",
)
@options.option("--ref", metavar="REF", callback=options.parse_text, en="Of this resident alone.", ru="Только этого жителя.")
@options.option("--csv", "as_csv", is_flag=True, en="As CSV.", ru="В виде CSV.")
@options.option(
    "--json", "as_json", is_flag=True, en="As JSON, an object a line (specs/cli.md).", ru="В JSON, по объекту в строке."
)
@options.agency_option
@options.lang_option
def list_(
    *,
    status: str | None,
    older_than: int | None,
    subject: str | None,
    ref: str | None,
    as_csv: bool,
    as_json: bool,
    agency_folder: Path | None,
) -> None:
    """Print what is found as it is found."""
    if as_csv and as_json:
        raise click.UsageError(tr("either --csv or --json", "либо --csv, либо --json"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    today = clock.now().astimezone(agency.settings.zone).date()
    before = None if older_than is None else today - timedelta(days=older_than)
    with agency.register() as register:
        found = find_applications(register, status=status, subject=subject, ref=ref, before=before)
        if as_csv:
            _print_csv(found)
        else:
            for application in found:
                output.say(_as_json(application) if as_json else _as_line(application))


def _print_csv(found: Iterable[Application]) -> None:
    line = io.StringIO()
    writer = csv.writer(line, delimiter=";", lineterminator="")
    writer.writerow(COLUMNS)
    output.say(line.getvalue())
    for application in found:
        line.seek(0)
        line.truncate()
        category = "" if application.category is None else show_category(application.category)
        measure = "" if category else application.subject
        days = (application.first_day or "", application.last_day or "")
        told = (application.submitted_on, application.status, "", application.reason or "", *days)
        writer.writerow([_harmless(str(cell)) for cell in (application.ref, application.name, category, measure, *told)])
        output.say(line.getvalue())


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _as_json(application: Application) -> str:
    decided_at = None if application.decided_at is None else datetime.fromtimestamp(application.decided_at, UTC)
    entry = {
        "ref": application.ref,
        "name": application.name,
        "category": None if application.category is None else show_category(application.category),
        "measure": application.subject if application.category is None else None,
        "submitted": application.submitted_on.isoformat(),
        "status": application.status,
        "reason": application.reason,
        "decided_at": None if decided_at is None else write_instant(decided_at),
        "from": None if application.first_day is None else application.first_day.isoformat(),
        "until": None if application.last_day is None else application.last_day.isoformat(),
    }
    return json.dumps(entry, ensure_ascii=False)


def _as_line(application: Application) -> str:
    reason = f" ({application.reason})" if application.reason else ""
    told = f"{tr(*_STATUSES[application.status])}{reason}"
    shown = f"{show_day(application.submitted_on)}  {application.ref}  {show_subject(application.subject)}  {told}"
    return output.printable(shown)


@applications.command(
    "decide",
    help_texts=(
        "Decide the application of the resident REF for CATEGORY or MEASURE, or all that --file names. Granting a category makes "
        "the entitlement.",
        "Решить по заявлению жителя REF на категорию или меру либо по всем, названным в --file. Назначение категории "
        "создаёт льготу.",
    ),
)
@click.argument("ref", metavar="[REF", required=False, callback=options.parse_text)
@click.argument("subject", metavar="CATEGORY|MEASURE", required=False, callback=_parse_subject)
@click.argument("decision", metavar="grant|refuse]", required=False, type=click.Choice(["grant", "refuse"]))
@options.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    en=f"CSV or JSON Lines of decisions: {', '.join(RowKind.DECISIONS.columns[:8])}.",
    ru=f"Решения в CSV или JSON Lines: {', '.join(RowKind.DECISIONS.columns[:8])}.",
)
@options.option(
    "--submitted", metavar="DAY", type=_DAY, en="Which of several, by its day.", ru="Какое из нескольких: день подачи."
)
@options.option("--reason", callback=options.parse_text, en="Why; a refusal needs it.", ru="Причина; для отказа обязательна.")
@options.option("--from", "first", metavar="DAY", type=_DAY, en="First day of the entitlement.", ru="Первый день льготы.")
@options.option("--until", "last", metavar="DAY", type=_DAY, en="Its last day.", ru="Последний день льготы.")
@options.option("--again", is_flag=True, en="Although it is decided already.", ru="Хотя решение уже есть.")
@options.option(
    "--skip-bad", is_flag=True, en="Of a file, decide the good rows although others are bad.", ru="Пропустить ошибочные строки."
)
@options.agency_option
@options.lang_option
def decide(
    *,
    ref: str | None,
    subject: str | None,
    decision: str | None,
    file: Path | None,
    submitted: datetime | None,
    reason: str | None,
    first: datetime | None,
    last: datetime | None,
    again: bool,
    skip_bad: bool,
    agency_folder: Path | None,
) -> None:
    """Decide one, or what a file says."""
    one = ref is not None and subject is not None and decision is not None
    if one is (file is not None) or (file is not None and any((ref, submitted, reason, first, last))):
        raise click.UsageError(
            tr(
                "say either REF, CATEGORY and grant or refuse, or --file",
                "укажите либо REF, CATEGORY и grant или refuse, либо --file",
            )
        )
    if decision == "refuse" and not reason:
        raise click.UsageError(tr("a refusal needs its --reason", "для отказа нужна причина: --reason"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    with agency.register() as register:
        if file is not None:
            done = _decide_file(agency, register, file, again=again, skip_bad=skip_bad)
        else:
            days = [day and day.date() for day in (submitted, first, last)]
            found = _find_one(register, str(ref), str(subject), days[0], again=again)
            wanted = Decision(application=found, granted=decision == "grant", reason=reason, first=days[1], last=days[2])
            done = decide_one(register, wanted, agency.issuer, now=clock.now(), actor=environment.actor(), again=again)
    output.say(
        tr(
            f"Granted: {done.granted}; refused: {done.refused}; as they were: {done.unchanged}.",
            f"Назначено: {done.granted}; отказано: {done.refused}; без изменений: {done.unchanged}.",
        )
    )
    if done.faults:
        output.say(tr(f"Bad rows skipped: {done.faults.rows}.", f"Пропущено ошибочных строк: {done.faults.rows}."))


def _decide_file(agency: Agency, register: Register, file: Path, *, again: bool, skip_bad: bool) -> DecisionSummary:
    try:
        with Bars() as bars:
            done = decide_file(
                register,
                file,
                agency.issuer,
                now=clock.now(),
                actor=environment.actor(),
                again=again,
                skip_bad=skip_bad,
                watch=bars,
            )
    except BadRows as error:
        say_faults(file, error.faults)
        raise ImportRefused(
            tr(
                f"{file}: {error.faults.rows} bad row(s), {error.good} good; nothing was decided. "
                "Correct them, or use --skip-bad.",
                f"{file}: ошибочных строк {error.faults.rows}, верных {error.good}; решения не записаны. "
                "Исправьте или укажите --skip-bad.",
            )
        ) from error
    say_faults(file, done.faults)
    return done


def _find_one(register: Register, ref: str, subject: str, submitted_on: date | None, *, again: bool) -> Application:
    """Return the application that is meant; without its day there must be one alone."""
    found = [
        application
        for application in find_applications(register, ref=ref, subject=subject)
        if submitted_on in {None, application.submitted_on}
    ]
    open_ones = [application for application in found if application.status == IN_PROGRESS]
    meant = open_ones if open_ones and submitted_on is None and not again else found
    if not meant:
        raise RegisterError(
            tr(
                f"the resident {ref!r} has no such application for {show_subject(subject)}",
                f"у жителя {ref!r} нет такого заявления на {show_subject(subject)}",
            ),
            ref=ref,
        )
    if len(meant) > 1:
        days = ", ".join(show_day(application.submitted_on) for application in meant)
        raise RegisterError(
            tr(
                f"the resident {ref!r} has several such applications; say which with --submitted: {days}",
                f"у жителя {ref!r} несколько таких заявлений; укажите --submitted: {days}",
            ),
            ref=ref,
        )
    return meant[0]
