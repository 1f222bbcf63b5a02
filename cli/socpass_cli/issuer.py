"""``socpass issuer``: an agency set up, residents imported, passes issued, revoked and published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli import shell
from socpass_cli.faults import say_fault
from socpass_cli.issuer_init import init
from socpass_cli.language import show_day, tr
from socpass_vc.errors import AgencyError, CodeTooLarge, ImportRefused, RegisterError, SocpassError
from socpass_vc.files import read_file, write_file
from socpass_vc.format.cbor import encode
from socpass_vc.format.issuers import Use, encode_issuer
from socpass_vc.issuer import rows as csv_rows
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.deltas import MAX_KEPT
from socpass_vc.issuer.issuing import RENEW_WITHIN, Issued, NotIssued, count_residents, issue_due, live_passes
from socpass_vc.issuer.publishing import publish
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.residents import take_rows
from socpass_vc.issuer.standing import Act, change_standing

if TYPE_CHECKING:
    from socpass_cli.pictures import PassFolder

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


_qr_option = shell.option(
    "--qr",
    "qr_folder",
    type=click.Path(path_type=Path, file_okay=False),
    en="Write the QR codes into this folder, and passes.csv that says whose is whose.",
    ru="Записать QR-коды в эту папку и passes.csv, где указано, какому жителю принадлежит каждый код.",
)
_format_option = shell.option(
    "--format",
    "picture_format",
    type=click.Choice(["png", "svg"]),
    default="png",
    show_default=True,
    en="Of the QR codes.",
    ru="Формат QR-кодов.",
)


@command.command(
    "issue",
    help_texts=(
        "Issue every pass that is due: new, changed, or about to end. With --ref, one resident's anew.",
        "Выпустить все нужные пропуска: новые, изменённые, истекающие. С --ref — одному жителю заново.",
    ),
)
@shell.option(
    "--ref",
    metavar="REF",
    callback=shell.parse_text,
    en="This resident alone, whether due or not.",
    ru="Только этому жителю, даже если не требуется.",
)
@shell.option(
    "--renew-within",
    metavar="DAYS",
    type=click.IntRange(0, 3650),
    default=RENEW_WITHIN.days,
    show_default=True,
    en="How many days before its end a pass is due again.",
    ru="За сколько дней до конца пропуск выпускается заново.",
)
@_qr_option
@_format_option
@shell.agency_option
@shell.passphrase_option
@shell.lang_option
def issue(
    *,
    ref: str | None,
    renew_within: int,
    qr_folder: Path | None,
    picture_format: str,
    agency_folder: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Issue in batches; what a batch kept stays, whatever happens next."""
    from socpass_cli.pictures import PassFolder  # noqa: PLC0415 -- QR codes only where they are asked for

    agency = _agency(agency_folder)
    now = shell.now()
    issued = 0
    failed: list[NotIssued] = []
    with agency.register() as register:
        total = count_residents(register)
        signer = agency.signer(Use.PASS, shell.passphrase(passphrase_file), now=now)
        with (
            PassFolder(qr_folder, picture_format) as folder,
            shell.progress(1 if ref else total, "Issuing", "Выпуск") as bar,
        ):
            try:
                due = issue_due(
                    register,
                    agency.settings,
                    signer,
                    now=now,
                    actor=shell.actor(),
                    ref=ref,
                    renew_within=timedelta(days=renew_within),
                    looked_at=bar.update,
                )
                for done in due:
                    if isinstance(done, NotIssued):
                        failed.append(done)
                        continue
                    issued += 1
                    try:
                        folder.add(done)
                    except CodeTooLarge as error:
                        failed.append(NotIssued(ref=done.ref, why=str(error)))
            except (SocpassError, KeyboardInterrupt):
                if qr_folder is not None:
                    _say_without_picture(register, agency, folder, qr_folder, picture_format)
                raise
    _say_issued(issued, failed, qr_folder)


def _say_without_picture(register: Register, agency: Agency, folder: PassFolder, qr_folder: Path, picture_format: str) -> None:
    """Say how many passes of the register have no picture in the folder, and which command writes them."""
    try:
        count = sum(not folder.has(found) for found in live_passes(register, agency.settings, now=shell.now()))
    except SocpassError:  # what stopped us stops this too, and is said by whoever called
        return
    again = f"socpass issuer passes --qr {qr_folder}" + ("" if picture_format == "png" else f" --format {picture_format}")
    if count:
        shell.complain(
            tr(
                f"Passes in the register without a picture in {qr_folder}: {count}. Write them with '{again}'.",
                f"Пропусков в реестре, для которых в {qr_folder} нет QR-кода: {count}. Записать их: «{again}».",
            )
        )


def _say_issued(issued: int, failed: list[NotIssued], qr_folder: Path | None) -> None:
    shell.say(tr(f"Passes issued: {issued}.", f"Выпущено пропусков: {issued}."))
    if issued and qr_folder is not None:
        shell.say(tr(f"QR codes and passes.csv are in {qr_folder}.", f"QR-коды и passes.csv — в {qr_folder}."))
    _say_failed(failed)


def _say_failed(failed: list[NotIssued]) -> None:
    for refusal in failed:
        shell.complain(shell.printable(f"{refusal.ref}: {refusal.why}"))
    if failed:
        raise AgencyError(
            tr(
                f"Passes that could not be issued, or drawn as a QR code: {len(failed)}.",
                f"Не удалось выпустить или записать как QR-код: {len(failed)}.",
            )
        )


@command.command(
    "passes",
    help_texts=(
        "Write the QR codes of passes issued before and still valid, those that are not in the folder yet. With --ref and "
        "--show, show the code of one resident's newest pass in the terminal.",
        "Записать QR-коды выпущенных ранее действующих пропусков, которых ещё нет в папке. С --ref и --show — показать "
        "в терминале код самого нового пропуска одного жителя.",
    ),
)
@shell.option("--ref", metavar="REF", callback=shell.parse_text, en="This resident's alone.", ru="Только этого жителя.")
@shell.option(
    "--show", is_flag=True, en="Show the code in the terminal; with --ref.", ru="Показать код в терминале; вместе с --ref."
)
@_qr_option
@_format_option
@shell.agency_option
@shell.lang_option
def passes(*, ref: str | None, show: bool, qr_folder: Path | None, picture_format: str, agency_folder: Path | None) -> None:
    """Draw again what the register holds; nothing is signed."""
    if show and (ref is None or qr_folder is not None):
        raise click.UsageError(tr("--show goes with --ref, and without --qr", "--show указывают с --ref и без --qr"))
    if not show and qr_folder is None:
        raise click.UsageError(tr("say where: --qr DIR", "укажите куда: --qr DIR"))
    agency = _agency(agency_folder)
    with agency.register() as register:
        found = live_passes(register, agency.settings, now=shell.now(), ref=ref)
        if show:
            _show_newest(list(found), str(ref))
        elif qr_folder is not None:
            _write_passes(found, qr_folder, picture_format)


def _show_newest(found: list[Issued], ref: str) -> None:
    from socpass_vc.qr.write import encode as draw  # noqa: PLC0415 -- as above

    if not found:
        raise RegisterError(tr(f"the resident {ref!r} has no valid pass", f"у жителя {ref!r} нет действующего пропуска"), ref=ref)
    shell.say(draw(found[-1].text).terminal())


def _write_passes(found: Iterable[Issued], qr_folder: Path, picture_format: str) -> None:
    from socpass_cli.pictures import PassFolder  # noqa: PLC0415 -- as above

    count = 0
    failed: list[NotIssued] = []
    with PassFolder(qr_folder, picture_format) as folder:
        for issued in found:
            if folder.has(issued):
                continue
            try:
                folder.add(issued)
                count += 1
            except CodeTooLarge as error:
                failed.append(NotIssued(ref=issued.ref, why=str(error)))
    shell.say(tr(f"Passes written to {qr_folder}: {count}.", f"Записано пропусков в {qr_folder}: {count}."))
    _say_failed(failed)


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
        "agency's folder.\n\nFor tills with a slow link: --delta and --compact write small files beside the lists. For tills "
        "with none: --delta-qr writes a page of QR codes into bulletin/.",
        "Подписать списки статусов и записать сайт: trust.spt и status/. SITE по умолчанию — site/ в папке ведомства."
        "\n\nДля касс с медленной связью: --delta и --compact записывают рядом небольшие файлы. Для касс без связи: --delta-qr "
        "записывает страницу с QR-кодами в bulletin/.",
    ),
)
@click.argument("site", metavar="[SITE]", required=False, type=click.Path(path_type=Path, file_okay=False))
@shell.option(
    "--delta",
    is_flag=True,
    en="Write what changed with each of the last publications (status/*.delta).",
    ru="Записать изменения каждой из последних публикаций (status/*.delta).",
)
@shell.option(
    "--delta-last",
    "last",
    metavar="N",
    type=click.IntRange(1, MAX_KEPT),
    default=14,
    show_default=True,
    en="For --delta: how many publications.",
    ru="Для --delta: за сколько публикаций.",
)
@shell.option(
    "--delta-qr",
    is_flag=True,
    en="Write what changed since the last publication as a page of QR codes (bulletin/).",
    ru="Записать изменения с последней публикации как страницу с QR-кодами (bulletin/).",
)
@shell.option(
    "--compact",
    is_flag=True,
    en="Write the lists in their compact form too (status/*.gaps).",
    ru="Записать и сжатые списки (status/*.gaps).",
)
@shell.agency_option
@shell.passphrase_option
@shell.lang_option
def publish_(
    *,
    site: Path | None,
    delta: bool,
    last: int,
    delta_qr: bool,
    compact: bool,
    agency_folder: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Publish, and say what was written."""
    agency = _agency(agency_folder)
    folder = site or agency.folder / "site"
    with agency.register() as register:
        done = publish(
            agency,
            register,
            folder,
            shell.passphrase(passphrase_file),
            now=shell.now(),
            actor=shell.actor(),
            deltas=last if delta else 0,
            compact=compact,
        )
    signed = tr(" (signed anew)", " (подписан заново)") if done.list_signed else ""
    shell.say(f"{done.bundle}: {tr('trust list', 'список доверия')} {done.version}{signed}")
    for path in (*done.status_lists, *done.deltas):
        shell.say(str(path))
    shell.say(tr(f"Passes revoked or suspended: {done.not_valid}.", f"Отозвано или приостановлено пропусков: {done.not_valid}."))
    if not done.status_lists:
        shell.say(tr("No pass was issued yet, so there is no status list.", "Пропусков ещё нет, поэтому нет и списков статусов."))
    elif not done.newest and (delta or delta_qr):
        shell.say(
            tr(
                "What changed can be said from the next publication on: of an earlier one there is no copy.",
                "Изменения можно будет назвать со следующей публикации: копии предыдущей нет.",
            )
        )
    if delta_qr and done.newest:
        from socpass_cli.bulletin import write_bulletin  # noqa: PLC0415 -- QR codes and pages only where they are asked for

        for path in write_bulletin(folder, agency.issuer, done.newest):
            shell.say(str(path))


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
