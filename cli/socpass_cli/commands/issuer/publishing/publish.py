"""``socpass issuer publish``: write the static site, and the changes for tills with a slow link, or on paper."""

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
    help="cli.publish.help",
)
@click.argument("site", metavar="[SITE]", required=False, type=click.Path(path_type=Path, file_okay=False))
@options.option(
    "--delta",
    is_flag=True,
    help="cli.publish.option_delta",
)
@options.option(
    "--delta-last",
    "last",
    metavar="N",
    type=click.IntRange(1, MAX_KEPT),
    default=14,
    show_default=True,
    help="cli.publish.option_delta_last",
)
@options.option(
    "--delta-qr",
    is_flag=True,
    help="cli.publish.option_delta_qr",
)
@options.option(
    "--compact",
    is_flag=True,
    help="cli.publish.option_compact",
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
    """Publish, and print what was written."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    folder = site or agency.folder / "site"
    now = clock.now()
    newest: list[bytes] = []
    changes = (
        PublishedChanges(last=last if delta else 0, compact=compact, told=newest.extend) if delta or delta_qr or compact else None
    )

    def signer_for(use: Use) -> Signer:
        return open_signer(agency, use, secrets, now=now, named=signer if use is Use.STATUS else None)

    with agency.register() as register, output.progress(len(list_numbers(register)), label="cli.publish.progress") as bar:
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
            output.complain(tr("cli.publish.catalogue_wrong"))
            if delta_qr:  # the next bulletin starts from this one
                _write_bulletin(folder, agency.issuer, newest)
            raise
    _say(done)
    if done.status_lists and not newest and (delta or delta_qr):
        output.say(tr("cli.publish.first_with_deltas"))
    if delta_qr:
        _write_bulletin(folder, agency.issuer, newest)


def _write_bulletin(folder: Path, issuer: Issuer, newest: list[bytes]) -> None:
    if newest:
        from socpass_cli.handout.bulletin import write_bulletin  # noqa: PLC0415 -- QR codes and pages only where they are asked for

        for path in write_bulletin(folder, issuer, newest):
            output.say(str(path))


def _say(done: Published) -> None:
    """Print what was written, and what the operator should know about it."""
    key = "cli.publish.trust_list_signed" if done.list_signed else "cli.publish.trust_list"
    output.say(tr(key, file=done.bundle, version=done.version))
    if done.awaits_root:
        output.complain(tr("cli.publish.awaits_root"))
    for path in (*done.status_lists, *done.deltas):
        output.say(str(path))
    if done.not_compact:
        output.complain(tr("cli.publish.not_compact", numbers=done.not_compact))
    if done.unchanged:
        output.say(tr("cli.publish.unchanged", count=done.unchanged))
    if done.catalogue is not None:
        output.say(str(done.catalogue))
    if done.log_head is not None:
        output.say(str(done.log_head))
    elif not done.has_log_key:
        output.say(tr("cli.publish.no_log_key"))
    output.say(tr("cli.publish.not_valid", count=done.not_valid))
    if not done.status_lists and not done.unchanged:
        output.say(tr("cli.publish.no_pass_yet"))
