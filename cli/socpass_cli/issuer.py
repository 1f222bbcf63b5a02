"""``socpass issuer``: an agency set up, residents imported, passes issued, revoked and published."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli import shell
from socpass_cli.issuer_applications import applications
from socpass_cli.issuer_catalogue import catalogue
from socpass_cli.issuer_events import audit, events
from socpass_cli.issuer_import import import_
from socpass_cli.issuer_init import init
from socpass_cli.issuer_keys import compromise_key, rotate_key
from socpass_cli.issuer_report import report
from socpass_cli.issuer_standing import add_commands as add_standing_commands
from socpass_cli.issuer_statement import statement
from socpass_cli.language import show_day, tr
from socpass_cli.signers import Secrets, open_signer, secrets_options, signer_option
from socpass_vc.errors import AgencyError, CatalogueError, CodeTooLarge, RegisterError, SocpassError
from socpass_vc.files import write_file
from socpass_vc.format.cbor import encode
from socpass_vc.format.issuers import Use, encode_issuer
from socpass_vc.format.keys import Signer
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuing import RENEW_WITHIN, Issued, NotIssued, count_residents, issue_due, live_passes
from socpass_vc.issuer.listing import list_numbers
from socpass_vc.issuer.pkcs11_uri import Pkcs11Uri
from socpass_vc.issuer.publishing import publish
from socpass_vc.issuer.register import REVISIONS, Register

if TYPE_CHECKING:
    from socpass_cli.pictures import PassFolder


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
command.add_command(catalogue)


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


command.add_command(import_)
command.add_command(applications)


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
@signer_option
@shell.agency_option
@secrets_options
@shell.lang_option
def issue(
    *,
    ref: str | None,
    renew_within: int,
    qr_folder: Path | None,
    picture_format: str,
    signer: Path | Pkcs11Uri | None,
    agency_folder: Path | None,
    secrets: Secrets,
) -> None:
    """Issue in batches; what a batch kept stays, whatever happens next."""
    from socpass_cli.pictures import PassFolder  # noqa: PLC0415 -- QR codes only where they are asked for

    agency = _agency(agency_folder)
    now = shell.now()
    issued = 0
    failed: list[NotIssued] = []
    with agency.register() as register:
        total = count_residents(register)
        opened = open_signer(agency, Use.PASS, secrets, now=now, named=signer)
        with (
            PassFolder(qr_folder, picture_format) as folder,
            shell.progress(1 if ref else total, "Issuing", "Выпуск") as bar,
        ):
            try:
                due = issue_due(
                    register,
                    agency.settings,
                    opened,
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


add_standing_commands(command)


@command.command(
    "publish",
    help_texts=(
        "Sign the status lists, and the catalogue if there is one, and write the static site: trust.spt and status/. SITE is by "
        "default site/ in the agency's folder.",
        "Подписать списки статусов и справочник, если он есть, и записать сайт: trust.spt и status/. SITE по умолчанию — site/ в "
        "папке ведомства.",
    ),
)
@click.argument("site", metavar="[SITE]", required=False, type=click.Path(path_type=Path, file_okay=False))
@signer_option
@shell.agency_option
@secrets_options
@shell.lang_option
def publish_(
    *,
    site: Path | None,
    signer: Path | Pkcs11Uri | None,
    agency_folder: Path | None,
    secrets: Secrets,
) -> None:
    """Publish, and say what was written."""
    agency = _agency(agency_folder)
    now = shell.now()

    def signer_for(use: Use) -> Signer:
        return open_signer(agency, use, secrets, now=now, named=signer if use is Use.STATUS else None)

    with agency.register() as register, shell.progress(len(list_numbers(register)), "Publishing", "Публикация") as bar:
        try:
            done = publish(
                agency,
                register,
                site or agency.folder / "site",
                secrets.passphrase() if agency.settings.trust.root_keys else "",
                now=now,
                actor=shell.actor(),
                signer_for=signer_for,
                looked_at=bar.update,
            )
        except CatalogueError:
            shell.complain(
                tr(
                    "trust.spt and the status lists were published; the catalogue is wrong, and the one published before stays.",
                    "trust.spt и списки статусов опубликованы; в справочнике ошибки, остаётся опубликованный ранее.",
                )
            )
            raise
    signed = tr(" (signed anew)", " (подписан заново)") if done.list_signed else ""
    shell.say(f"{done.bundle}: {tr('trust list', 'список доверия')} {done.version}{signed}")
    if done.awaits_root:
        shell.complain(
            tr(
                "The federation's trust list has other keys than agency.toml: send its root what 'socpass issuer describe' "
                "writes.",
                "В списке доверия федерации не те ключи, что в agency.toml: отправьте её корню файл от «socpass issuer "
                "describe».",
            )
        )
    for path in done.status_lists:
        shell.say(str(path))
    if done.unchanged:
        shell.say(
            tr(
                f"Status lists left as they are, unchanged and recent: {done.unchanged}.",
                f"Списков статусов без изменений, достаточно свежих: {done.unchanged}.",
            )
        )
    if done.catalogue is not None:
        shell.say(str(done.catalogue))
    shell.say(tr(f"Passes revoked or suspended: {done.not_valid}.", f"Отозвано или приостановлено пропусков: {done.not_valid}."))
    if not done.status_lists and not done.unchanged:
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


for reading in (report, statement, events, audit):
    command.add_command(reading)
command.add_command(rotate_key)
command.add_command(compromise_key)
