"""``socpass issuer publish``: the static site written, what changed beside it for tills with a slow link, or on paper."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.key_options import SigningSecrets, open_signer, secrets_options, signer_option
from socpass_cli.app.language import tr
from socpass_vc.errors import CatalogueError
from socpass_vc.format.keys import Signer
from socpass_vc.format.trust.issuers import Issuer, Use
from socpass_vc.hsm.uri import Pkcs11Uri
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication.publish import Published, publish
from socpass_vc.issuer.publication.status_deltas import MAX_KEPT, PublishedChanges
from socpass_vc.issuer.publication.status_lists import list_numbers


@click.command(
    "publish",
    cls=click_classes.Command,
    help_texts=(
        "Sign the status lists, and the catalogue if there is one, and write the static site: trust.spt and status/. SITE is by "
        "default site/ in the agency's folder.\n\nFor tills with a slow link: --delta and --compact write small files beside the "
        "lists. For tills with none: --delta-qr writes a page of QR codes into bulletin/. With any of them all lists are signed "
        "anew, and what changed is said since the last publication that had one of them.",
        "Подписать списки статусов и справочник, если он есть, и записать сайт: trust.spt и status/. SITE по умолчанию — site/ в "
        "папке ведомства.\n\nДля касс с медленной связью: --delta и --compact записывают рядом небольшие файлы. Для касс без "
        "связи: --delta-qr записывает страницу с QR-кодами в bulletin/. С любым из них все списки подписываются заново, а "
        "изменения считаются с последней публикации с одним из них.",
    ),
)
@click.argument("site", metavar="[SITE]", required=False, type=click.Path(path_type=Path, file_okay=False))
@options.option(
    "--delta",
    is_flag=True,
    en="Write what changed with each of the last publications (status/*.delta).",
    ru="Записать изменения каждой из последних публикаций (status/*.delta).",
)
@options.option(
    "--delta-last",
    "last",
    metavar="N",
    type=click.IntRange(1, MAX_KEPT),
    default=14,
    show_default=True,
    en="For --delta: how many publications.",
    ru="Для --delta: за сколько публикаций.",
)
@options.option(
    "--delta-qr",
    is_flag=True,
    en="Write what changed since the last publication as a page of QR codes (bulletin/).",
    ru="Записать изменения с последней публикации как страницу с QR-кодами (bulletin/).",
)
@options.option(
    "--compact",
    is_flag=True,
    en="Write the lists in their compact form too (status/*.gaps).",
    ru="Записать и сжатые списки (status/*.gaps).",
)
@signer_option
@options.agency_option
@secrets_options
@options.lang_option
def command(
    *,
    site: Path | None,
    delta: bool,
    last: int,
    delta_qr: bool,
    compact: bool,
    signer: Path | Pkcs11Uri | None,
    agency_folder: Path | None,
    secrets: SigningSecrets,
) -> None:
    """Publish, and say what was written."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    folder = site or agency.folder / "site"
    now = clock.now()
    newest: list[bytes] = []
    changes = (
        PublishedChanges(last=last if delta else 0, compact=compact, told=newest.extend) if delta or delta_qr or compact else None
    )

    def signer_for(use: Use) -> Signer:
        return open_signer(agency, use, secrets, now=now, named=signer if use is Use.STATUS else None)

    with agency.register() as register, output.progress(len(list_numbers(register)), "Publishing", "Публикация") as bar:
        try:
            done = publish(
                agency,
                register,
                folder,
                secrets.passphrase() if agency.settings.trust.root_keys else "",
                now=now,
                actor=environment.actor(),
                signer_for=signer_for,
                looked_at=bar.update,
                changes=changes,
            )
        except CatalogueError:
            output.complain(
                tr(
                    "trust.spt and the status lists were published; the catalogue is wrong, and the one published before stays.",
                    "trust.spt и списки статусов опубликованы; в справочнике ошибки, остаётся опубликованный ранее.",
                )
            )
            if delta_qr:  # the next bulletin goes on from this one
                _write_bulletin(folder, agency.issuer, newest)
            raise
    _say(done)
    if done.status_lists and not newest and (delta or delta_qr):
        output.say(
            tr(
                "What changed can be said from the next publication on: of an earlier one there is no copy.",
                "Изменения можно будет назвать со следующей публикации: копии предыдущей нет.",
            )
        )
    if delta_qr:
        _write_bulletin(folder, agency.issuer, newest)


def _write_bulletin(folder: Path, issuer: Issuer, newest: list[bytes]) -> None:
    if newest:
        from socpass_cli.handout.bulletin import write_bulletin  # noqa: PLC0415 -- QR codes and pages only where they are asked for

        for path in write_bulletin(folder, issuer, newest):
            output.say(str(path))


def _say(done: Published) -> None:
    """Say what was written, and what the operator should know of it."""
    signed = tr(" (signed anew)", " (подписан заново)") if done.list_signed else ""
    output.say(f"{done.bundle}: {tr('trust list', 'список доверия')} {done.version}{signed}")
    if done.awaits_root:
        output.complain(
            tr(
                "The federation's trust list has other keys than agency.toml: send its root what 'socpass issuer describe' "
                "writes.",
                "В списке доверия федерации не те ключи, что в agency.toml: отправьте её корню файл от «socpass issuer "
                "describe».",
            )
        )
    for path in (*done.status_lists, *done.deltas):
        output.say(str(path))
    if done.not_compact:
        numbers = ", ".join(map(str, done.not_compact))
        output.complain(
            tr(
                f"Status lists that revoke too much for the compact form, and are published in full alone: {numbers}.",
                f"Списки статусов, в которых отозвано слишком много для сжатого вида; опубликованы только полностью: {numbers}.",
            )
        )
    if done.unchanged:
        output.say(
            tr(
                f"Status lists left as they are, unchanged and recent: {done.unchanged}.",
                f"Списков статусов без изменений, достаточно свежих: {done.unchanged}.",
            )
        )
    if done.catalogue is not None:
        output.say(str(done.catalogue))
    output.say(tr(f"Passes revoked or suspended: {done.not_valid}.", f"Отозвано или приостановлено пропусков: {done.not_valid}."))
    if not done.status_lists and not done.unchanged:
        output.say(
            tr("No pass was issued yet, so there is no status list.", "Пропусков ещё нет, поэтому нет и списков статусов.")
        )
