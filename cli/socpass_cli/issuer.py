"""``socpass issuer``: an agency set up, residents imported, passes issued, revoked and published."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli import shell
from socpass_cli.faults import say_fault
from socpass_cli.issuer_init import init
from socpass_cli.issuer_issue import issue
from socpass_cli.issuer_passes import passes
from socpass_cli.language import show_day, tr
from socpass_vc.errors import AgencyError, ImportRefused
from socpass_vc.files import read_file, write_file
from socpass_vc.format.cbor import encode
from socpass_vc.format.issuers import encode_issuer
from socpass_vc.issuer import rows as csv_rows
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publishing import publish
from socpass_vc.issuer.register import REVISIONS
from socpass_vc.issuer.residents import take_rows
from socpass_vc.issuer.standing import Act, change_standing

MAX_SHOWN_FAULTS = 1_000
"""Faults of a file that are written out; of more, only how many there are."""


@click.group(
    cls=shell.Group,
    name="issuer",
    help_texts=(
        "Run an agency: set it up, import residents, issue passes, revoke them, publish.",
        "Ведомство: создание, загрузка жителей, выпуск, отзыв, публикация.",
    ),
)
@shell.lang_option
def command() -> None:
    """Hold the commands."""


def _agency(folder: Path | None) -> Agency:
    return Agency.open(folder or shell.user_folder("agency"))


command.add_command(init)


@command.command(
    "migrate",
    help_texts=(
        "Bring a register written by an older version to this one. Of an SQLite file a copy is kept; of a PostgreSQL database "
        "make one first, and stop all other commands.",
        "Обновить реестр, записанный прежней версией. Для файла SQLite сохраняется копия; для базы PostgreSQL сделайте её "
        "сами и остановите прочие команды.",
    ),
)
@shell.agency_option
@shell.lang_option
def migrate(*, agency_folder: Path | None) -> None:
    """Migrate, and say from what."""
    from socpass_vc.issuer.migrating import migrate_register  # noqa: PLC0415 -- alembic, which no other command needs

    before, copy = migrate_register(_agency(agency_folder).register_location)
    if before == REVISIONS[-1]:
        shell.say(tr(f"The register is of this version already: {before}.", f"Реестр уже этой версии: {before}."))
        return
    shell.say(tr(f"Migrated: {before} -> {REVISIONS[-1]}.", f"Реестр обновлён: {before} → {REVISIONS[-1]}."))
    if copy is not None:
        shell.say(f"{tr('Copy of the old one', 'Копия прежнего')}: {copy}")


@command.command(
    "import",
    help_texts=(
        "Import residents and entitlements from the CSV file FILE, one row an entitlement.\n\nColumns: "
        f"{', '.join(csv_rows.COLUMNS)}. All rows are checked before anything is written.",
        "Загрузить жителей и льготы из CSV-файла FILE, по строке на каждую льготу.\n\nСтолбцы: "
        f"{', '.join(csv_rows.COLUMNS)}. Все строки проверяются до записи.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shell.option(
    "--skip-bad",
    is_flag=True,
    en="Import the good rows although others are bad.",
    ru="Загрузить верные строки, пропустив ошибочные.",
)
@shell.option("--dry-run", is_flag=True, en="Check the file, write nothing.", ru="Проверить файл, ничего не записывая.")
@shell.agency_option
@shell.lang_option
def import_(*, file: Path, skip_bad: bool, dry_run: bool, agency_folder: Path | None) -> None:
    """Check every row, then take all of them or none."""
    agency = _agency(agency_folder)
    found = csv_rows.read_rows(
        read_file(file, csv_rows.MAX_FILE_BYTES, error=ImportRefused), agency.issuer, today=shell.now().date()
    )
    for fault in found.faults[:MAX_SHOWN_FAULTS]:
        shell.complain(shell.printable(f"{file.name}: {say_fault(fault)}"))
    if len(found.faults) > MAX_SHOWN_FAULTS:
        click.echo(tr("and {} more", "и ещё {}").format(len(found.faults) - MAX_SHOWN_FAULTS), err=True)
    bad_rows = len({fault.line for fault in found.faults})
    if found.faults and not skip_bad:
        raise ImportRefused(
            tr(
                f"{file}: {bad_rows} bad row(s), {len(found.good)} good; nothing was imported. Correct them, or use --skip-bad.",
                f"{file}: ошибочных строк {bad_rows}, верных {len(found.good)}; ничего не загружено. "
                "Исправьте или укажите --skip-bad.",
            )
        )
    if dry_run:
        shell.say(
            tr(f"Good rows: {len(found.good)}; nothing was written.", f"Верных строк: {len(found.good)}; ничего не записано.")
        )
        return
    with agency.register() as register, shell.progress(len(found.good), "Importing", "Загрузка") as bar:
        taken = take_rows(
            register, found.good, now=shell.now(), actor=shell.actor(), source=shell.printable(file.name), looked_at=bar.update
        )
    shell.say(
        tr(
            f"residents: {taken.residents_new} new, {taken.residents_changed} changed; "
            f"entitlements: {taken.entitlements_new} new, {taken.entitlements_changed} changed, {taken.unchanged} as they were",
            f"жители: новых {taken.residents_new}, изменено {taken.residents_changed}; "
            f"льготы: новых {taken.entitlements_new}, изменено {taken.entitlements_changed}, без изменений {taken.unchanged}",
        )
    )
    if bad_rows:
        shell.say(tr(f"Bad rows skipped: {bad_rows}.", f"Пропущено ошибочных строк: {bad_rows}."))


command.add_command(issue)
command.add_command(passes)

_STANDING_DONE = {
    Act.REVOKE: ("Passes of {ref} revoked: {count}.", "Отозвано пропусков жителя {ref}: {count}."),
    Act.SUSPEND: ("Passes of {ref} suspended: {count}.", "Приостановлено пропусков жителя {ref}: {count}."),
    Act.REINSTATE: ("Passes of {ref} reinstated: {count}.", "Возобновлено пропусков жителя {ref}: {count}."),
}


def _add_standing(act: Act, en: str, ru: str) -> None:
    @command.command(act.value, help_texts=(en, ru))
    @click.argument("ref", metavar="REF", callback=shell.parse_text)
    @shell.option(
        "--reason", required=True, callback=shell.parse_text, en="Why; stays in the register.", ru="Причина; остаётся в реестре."
    )
    @shell.agency_option
    @shell.lang_option
    def change(*, ref: str, reason: str, agency_folder: Path | None) -> None:
        agency = _agency(agency_folder)
        with agency.register() as register:
            count = change_standing(register, ref, act, reason=reason, now=shell.now(), actor=shell.actor())
        shell.say(tr(*_STANDING_DONE[act]).format(ref=shell.printable(ref), count=count))
        shell.say(
            tr(
                "Tills learn of it after 'socpass issuer publish', when they next sync.",
                "Кассы узнают об этом после «socpass issuer publish», при следующем обновлении.",
            )
        )


_add_standing(Act.REVOKE, "Revoke the passes of the resident REF, for good.", "Отозвать пропуска жителя REF навсегда.")
_add_standing(Act.SUSPEND, "Suspend the passes of the resident REF for now.", "Приостановить пропуска жителя REF.")
_add_standing(
    Act.REINSTATE,
    "Let the suspended passes of the resident REF count again.",
    "Возобновить приостановленные пропуска жителя REF.",
)


@command.command(
    "publish",
    help_texts=(
        "Sign the status lists and write the static site: trust.spt and status/. SITE is by default site/ in the "
        "agency's folder.",
        "Подписать списки статусов и записать сайт: trust.spt и status/. SITE по умолчанию — site/ в папке ведомства.",
    ),
)
@click.argument("site", metavar="[SITE]", required=False, type=click.Path(path_type=Path, file_okay=False))
@shell.agency_option
@shell.passphrase_option
@shell.lang_option
def publish_(*, site: Path | None, agency_folder: Path | None, passphrase_file: Path | None) -> None:
    """Publish, and say what was written."""
    agency = _agency(agency_folder)
    with agency.register() as register:
        done = publish(
            agency,
            register,
            site or agency.folder / "site",
            shell.passphrase(passphrase_file),
            now=shell.now(),
            actor=shell.actor(),
        )
    signed = tr(" (signed anew)", " (подписан заново)") if done.list_signed else ""
    shell.say(f"{done.bundle}: {tr('trust list', 'список доверия')} {done.version}{signed}")
    for path in done.status_lists:
        shell.say(str(path))
    shell.say(tr(f"Passes revoked or suspended: {done.not_valid}.", f"Отозвано или приостановлено пропусков: {done.not_valid}."))
    if not done.status_lists:
        shell.say(tr("No pass was issued yet, so there is no status list.", "Пропусков ещё нет, поэтому нет и списков статусов."))


@command.command(
    "describe",
    help_texts=(
        "Write the agency's public description to FILE, for a federation's root to sign.",
        "Записать открытое описание ведомства в FILE, чтобы его подписал корень федерации.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@shell.agency_option
@shell.lang_option
def describe(*, file: Path, agency_folder: Path | None) -> None:
    """Write the issuer's entry of a trust list; nothing in it is secret."""
    agency = _agency(agency_folder)
    write_file(file, encode(encode_issuer(agency.issuer)), error=AgencyError)
    shell.say(f"{file}: {agency.issuer.id}, {tr('as of', 'на')} {show_day(shell.now())}")
