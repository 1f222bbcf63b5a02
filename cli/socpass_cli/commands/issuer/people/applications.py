"""``socpass issuer applications``: what residents applied for, listed and decided."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import show_day, tr
from socpass_cli.commands.issuer.people.import_residents import Bars, say_faults, say_skipped, show_subject
from socpass_vc.catalogue.names import read_category, show_category
from socpass_vc.errors import CatalogueError, RegisterError
from socpass_vc.format.fields import write_instant
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.application_decisions import Decision, DecisionSummary, decide_file, decide_one
from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.imports.row_errors import BadRows
from socpass_vc.issuer.register.applications import IN_PROGRESS, STATUSES, Application, find_applications
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.reports.csv_export import csv_line
from socpass_vc.messages import Message

COLUMNS = ("ref", "name", "category", "measure", "submitted", "status", "decision", "reason", "from", "until")
"""Of the list as CSV, which ``decide --file`` reads once the column decision is filled in."""

_DAY = click.DateTime(formats=["%Y-%m-%d", "%d.%m.%Y"])


@click.group(cls=click_classes.Group, name="applications", help="cli.applications.help")
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
        raise click.BadParameter(tr("cli.applications.no_subject", text=text)) from error


@applications.command("list", help="cli.applications.list_help")
@options.option("--status", type=click.Choice(STATUSES), help="cli.applications.option_status")
@options.option("--older-than", metavar="DAYS", type=click.IntRange(0, 36_500), help="cli.applications.option_older_than")
@options.option("--for", "subject", metavar="CATEGORY|MEASURE", callback=_parse_subject, help="cli.applications.option_for")
@options.option("--ref", metavar="REF", callback=options.parse_text, help="cli.applications.option_ref")
@options.option("--csv", "as_csv", is_flag=True, help="cli.applications.option_csv")
@options.option("--json", "as_json", is_flag=True, help="cli.applications.option_json")
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
    """Print applications as they are found."""
    if as_csv and as_json:
        raise click.UsageError(tr("cli.usage.csv_or_json"))
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
    output.say(csv_line(COLUMNS))
    for application in found:
        output.say(csv_line(cells_of(application)))


def cells_of(application: Application) -> tuple[object, ...]:
    """Return the cells of an application, one for each of :data:`COLUMNS`; its decision is still to be filled in."""
    category = None if application.category is None else show_category(application.category)
    measure = application.subject if category is None else None
    decision = (None, application.reason, application.first_day, application.last_day)
    return (application.ref, application.name, category, measure, application.submitted_on, application.status, *decision)


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
    return output.json_text(entry)


def _as_line(application: Application) -> str:
    reason = f" ({application.reason})" if application.reason else ""
    told = f"{tr(f'application_status.{application.status}')}{reason}"
    shown = f"{show_day(application.submitted_on)}  {application.ref}  {show_subject(application.subject)}  {told}"
    return output.printable(shown)


@applications.command("decide", help="cli.applications.decide_help")
@click.argument("ref", metavar="[REF", required=False, callback=options.parse_text)
@click.argument("subject", metavar="CATEGORY|MEASURE", required=False, callback=_parse_subject)
@click.argument("decision", metavar="grant|refuse]", required=False, type=click.Choice(["grant", "refuse"]))
@options.option(
    "--file",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=Message("cli.applications.option_file", columns=list(RowKind.DECISIONS.columns[:8])),
)
@options.option("--submitted", metavar="DAY", type=_DAY, help="cli.applications.option_submitted")
@options.option("--reason", callback=options.parse_text, help="cli.applications.option_reason")
@options.option("--from", "first", metavar="DAY", type=_DAY, help="cli.applications.option_from")
@options.option("--until", "last", metavar="DAY", type=_DAY, help="cli.applications.option_until")
@options.option("--again", is_flag=True, help="cli.applications.option_again")
@options.option("--skip-bad", is_flag=True, help="cli.applications.option_skip_bad")
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
    """Decide one application, or those in a file."""
    one = ref is not None and subject is not None and decision is not None
    if one is (file is not None) or (file is not None and any((ref, submitted, reason, first, last))):
        raise click.UsageError(tr("cli.applications.one_or_file"))
    if decision == "refuse" and not reason:
        raise click.UsageError(tr("cli.applications.refusal_needs_reason"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    with agency.register() as register:
        if file is not None:
            done = _decide_file(agency, register, file, again=again, skip_bad=skip_bad)
        else:
            days = [day and day.date() for day in (submitted, first, last)]
            found = _find_one(register, str(ref), str(subject), days[0], again=again)
            wanted = Decision(application=found, granted=decision == "grant", reason=reason, first=days[1], last=days[2])
            done = decide_one(register, wanted, agency.issuer, now=clock.now(), actor=environment.actor(), again=again)
    output.say(tr("cli.applications.done", granted=done.granted, refused=done.refused, unchanged=done.unchanged))
    say_skipped(done.faults)


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
        raise
    say_faults(file, done.faults)
    return done


def _find_one(register: Register, ref: str, subject: str, submitted_on: date | None, *, again: bool) -> Application:
    """Return the application that is meant; without its day, there must be exactly one."""
    found = [
        application
        for application in find_applications(register, ref=ref, subject=subject)
        if submitted_on in {None, application.submitted_on}
    ]
    open_ones = [application for application in found if application.status == IN_PROGRESS]
    meant = open_ones if open_ones and submitted_on is None and not again else found
    if not meant:
        raise RegisterError("cli.applications.none_such", ref=ref, subject=show_subject(subject))
    if len(meant) > 1:
        raise RegisterError("cli.applications.several_such", ref=ref, days=[application.submitted_on for application in meant])
    return meant[0]
