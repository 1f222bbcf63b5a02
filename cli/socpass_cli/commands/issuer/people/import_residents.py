"""``socpass issuer import``: a file of residents, entitlements or applications into the register, and what came of it."""

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
from socpass_vc.errors import ImportRefused
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.imports.import_file import Imported, import_file
from socpass_vc.issuer.imports.import_summary import MAX_SHOWN_CHANGES, ChangedValue
from socpass_vc.issuer.imports.progress import ImportProgress
from socpass_vc.issuer.imports.row_errors import BadRows, RowErrors
from socpass_vc.issuer.publication.catalogue import known_measures

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar  # click exports what makes bars, and not their type

_STEPS = {"read": ("Checking", "Проверка"), "merge": ("Importing", "Загрузка")}


class Bars(ExitStack, ImportProgress):
    """A progress bar for each step of an import."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: ProgressBar[int] | None = None

    def begin(self, step: str, length: int) -> None:
        """Show a bar for the next step."""
        self.close()
        self._bar = self.enter_context(output.progress(length, *_STEPS[step]))

    def advance(self, rows: int) -> None:
        """Move it on."""
        if self._bar is not None:
            self._bar.update(rows)


@click.command(
    "import",
    cls=click_classes.Command,
    help_texts=(
        "Import the CSV or JSON Lines file FILE: residents, entitlements or applications, by its columns.\n\nOf residents: "
        f"{', '.join(RowKind.RESIDENTS.columns)}. Of entitlements, one a row, also: "
        f"{', '.join(RowKind.ENTITLEMENTS.columns[4:])}. "
        "Of applications, one a row, also: measure, submitted, status, reason. All rows are checked before anything is written, "
        "and all are taken or none.",
        "Загрузить файл FILE, CSV или JSON Lines: жители, льготы или заявления, смотря по столбцам.\n\nЖители: "
        f"{', '.join(RowKind.RESIDENTS.columns)}. Льготы, по строке на каждую, ещё: "
        f"{', '.join(RowKind.ENTITLEMENTS.columns[4:])}. "
        "Заявления, по строке на каждое, ещё: measure, submitted, status, reason. Все строки проверяются до записи и "
        "загружаются либо все, либо ни одной.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.option(
    "--skip-bad",
    is_flag=True,
    en="Import the good rows although others are bad.",
    ru="Загрузить верные строки, пропустив ошибочные.",
)
@options.option(
    "--dry-run",
    is_flag=True,
    en="Show what would change, value by value; write nothing.",
    ru="Показать, что изменилось бы, ничего не записывая.",
)
@options.agency_option
@options.lang_option
def import_(*, file: Path, skip_bad: bool, dry_run: bool, agency_folder: Path | None) -> None:
    """Import, and say what was new, changed and as it was."""
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
        raise ImportRefused(
            tr(
                f"{file}: {error.faults.rows} bad row(s), {error.good} good; nothing was imported. "
                "Correct them, or use --skip-bad.",
                f"{file}: ошибочных строк {error.faults.rows}, верных {error.good}; ничего не загружено. "
                "Исправьте или укажите --skip-bad.",
            )
        ) from error
    say_faults(file, done.faults)
    for change in done.taken.changes:
        output.say(output.printable(_describe(change)))
    if len(done.taken.changes) == MAX_SHOWN_CHANGES:
        output.say(tr("... and perhaps more.", "… и, возможно, ещё."))
    output.say(_summary(done))
    if done.faults:
        output.say(tr(f"Bad rows skipped: {done.faults.rows}.", f"Пропущено ошибочных строк: {done.faults.rows}."))
    if dry_run:
        output.say(tr("Nothing was written.", "Ничего не записано."))


def say_faults(file: Path, faults: RowErrors) -> None:
    """Write out what is wrong with a file, on standard error, and how much more there is."""
    for fault in faults.kept:
        output.complain(output.printable(f"{file.name}: {say_fault(fault)}"))
    if faults.count > len(faults.kept):
        output.complain(tr("and {} more", "и ещё {}").format(faults.count - len(faults.kept)))


def show_subject(subject: str) -> str:
    """Return what is applied for as people write it: a category with its dash, a measure by its name."""
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
    new_changed = "{} new, {} changed", "новых {}, изменено {}"
    parts = [("residents", "жители", taken.residents_new, taken.residents_changed)]
    if done.kind is RowKind.APPLICATIONS:
        parts.append(("entitlements", "льготы", taken.entitlements_new, taken.entitlements_changed))
        parts.append(("applications", "заявления", taken.applications_new, taken.applications_changed))
    elif done.kind is RowKind.ENTITLEMENTS:
        parts.append(("entitlements", "льготы", taken.entitlements_new, taken.entitlements_changed))
    said = "; ".join(f"{tr(en, ru)}: {tr(*new_changed).format(new, changed)}" for en, ru, new, changed in parts)
    return f"{said}, {tr(f'{taken.unchanged} as they were', f'без изменений {taken.unchanged}')}"
