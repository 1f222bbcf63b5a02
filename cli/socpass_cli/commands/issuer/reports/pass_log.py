"""``socpass issuer log``: the log of passes that the agency cannot rewrite, seen by the agency itself."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, environment, options, output
from socpass_cli.app.language import tr
from socpass_vc.errors import AgencyError
from socpass_vc.files import write_file
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.transparency.checkpoint import log_origin
from socpass_vc.format.transparency.signed_note import verifier_key
from socpass_vc.format.trust.issuers import Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication.log_head import KEPT_NAME, prove_pass, read_own_head


@click.group(cls=click_classes.Group, name="log", help="cli.issuer.log.help")
@options.lang_option
def log() -> None:
    """Hold the commands."""


@log.command("proof", cls=click_classes.Command, help="cli.issuer.log.proof.help")
@click.argument("ref", metavar="REF", callback=options.parse_text)
@options.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default="-",
    show_default=True,
    help="cli.issuer.log.proof.option_out",
)
@options.agency_option
@options.lang_option
def proof(*, ref: str, out: Path, agency_folder: Path | None) -> None:
    """Write the proof; nothing in it is secret, and nothing in it is about its holder."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    with agency.register() as register:
        content = prove_pass(agency, register, ref)
    if str(out) == "-":
        output.say(content.decode().removesuffix("\n"))
        return
    write_file(out, content, error=AgencyError)
    output.say(tr("cli.issuer.log.proof.done", file=out))


@log.command("show", cls=click_classes.Command, help="cli.issuer.log.show.help")
@options.agency_option
@options.lang_option
def show(*, agency_folder: Path | None) -> None:
    """Print the last head, and the keys as a witness is told them."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    kept = agency.folder / KEPT_NAME
    if kept.exists():
        head = read_own_head(agency, kept)
        output.say(tr("cli.log.head", origin=head.origin, size=head.size, root=head.root.hex()))
    else:
        output.say(tr("cli.issuer.log.show.none"))
    origin = log_origin(agency.issuer.status_base)
    for key in agency.issuer.keys:
        if Use.CHECKPOINTS in key.uses and isinstance(key.public_key, PublicKey):
            output.say(verifier_key(origin, key.public_key))
