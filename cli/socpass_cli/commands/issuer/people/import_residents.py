"""``socpass issuer import``: a file of residents, entitlements or applications into the register, and what changed."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.errors import say_fault
from socpass_cli.app.language import show_day, tr
from socpass_vc.catalogue.names import show_category
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.imports.import_file import Imported, import_file
from socpass_vc.issuer.imports.import_summary import MAX_SHOWN_CHANGES, ChangedValue
from socpass_vc.issuer.imports.progress import ImportProgress
from socpass_vc.issuer.imports.row_errors import BadRows, RowErrors
from socpass_vc.issuer.publication.catalogue import known_measures
from socpass_vc.messages import Message

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar  # click exports what makes bars, and not their type


class Bars(ExitStack, ImportProgress):
    """A progress bar for each step of an import."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: ProgressBar[int] | None = None

    def begin(self, step: str, length: int) -> None:
        """Show a bar for the next step."""
        self.close()
        self._bar = self.enter_context(output.progress(length, label=f"cli.import.step.{step}"))

    def advance(self, rows: int) -> None:
        """Move it on."""
        if self._bar is not None:
            self._bar.update(rows)


@click.command(
    "import",
    cls=click_classes.Command,
    help=Message(
        "cli.import.help",
        residents=list(RowKind.RESIDENTS.columns),
        entitlements=list(RowKind.ENTITLEMENTS.columns[4:]),
        applications=["measure", "submitted", "status", "reason"],
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.option("--skip-bad", is_flag=True, help="cli.import.option_skip_bad")
@options.option("--dry-run", is_flag=True, help="cli.import.option_dry_run")
@options.agency_option
@options.lang_option
def import_(*, file: Path, skip_bad: bool, dry_run: bool, agency_folder: Path | None) -> None:
    """Import, and report what was new, changed and unchanged."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    try:
        with agency.register() as register, Bars() as bars:
            done = import_file(
                register,
                file,
                agency.issuer,
                now=clock.now(),
                actor=environment.actor(),
                skip_bad=skip_bad,
                dry_run=dry_run,
                watch=bars,
                measures=partial(known_measures, agency),
            )
    except BadRows as error:
        say_faults(file, error.faults)
        raise
    say_faults(file, done.faults)
    for change in done.taken.changes:
        output.say(output.printable(_describe(change)))
    if len(done.taken.changes) == MAX_SHOWN_CHANGES:
        output.say(tr("cli.import.perhaps_more"))
    output.say(_summary(done))
    say_skipped(done.faults)
    if dry_run:
        output.say(tr("cli.import.nothing_written"))


def say_faults(file: Path, faults: RowErrors) -> None:
    """Print what is wrong with a file on standard error, and how many more faults there are."""
    for fault in faults.kept:
        output.complain(output.printable(f"{file.name}: {say_fault(fault)}"))
    if faults.count > len(faults.kept):
        output.complain(tr("cli.import.more_faults", count=faults.count - len(faults.kept)))


def say_skipped(faults: RowErrors) -> None:
    """Say how many rows were skipped, if any."""
    if faults:
        output.say(tr("cli.import.rows_skipped", count=faults.rows))


def show_subject(subject: str) -> str:
    """Return what is applied for as people write it: a category with its dash, a measure by its id."""
    return show_category(int(subject)) if subject.isdigit() else subject


def _describe(change: ChangedValue) -> str:
    what = change.ref if change.subject is None else f"{change.ref} {show_subject(change.subject)}"
    before, after = (
        "-" if value is None else value if isinstance(value, str | int) else show_day(value)
        for value in (change.before, change.after)
    )
    return f"{what}: {change.column}: {before} -> {after}"


def _summary(done: Imported) -> str:
    taken = done.taken
    parts = [tr("cli.import.residents", new=taken.residents_new, changed=taken.residents_changed)]
    if done.kind is not RowKind.RESIDENTS:
        parts.append(tr("cli.import.entitlements", new=taken.entitlements_new, changed=taken.entitlements_changed))
    if done.kind is RowKind.APPLICATIONS:
        parts.append(tr("cli.import.applications", new=taken.applications_new, changed=taken.applications_changed))
    return f"{'; '.join(parts)}, {tr('cli.import.unchanged', count=taken.unchanged)}"
