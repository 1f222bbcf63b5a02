"""``socpass issuer``: sets up an agency, imports residents, issues, revokes and publishes passes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.init import init
from socpass_cli.commands.issuer.keys.rotate import compromise_key, lost_key, rotate_key
from socpass_cli.commands.issuer.passes.issue import issue
from socpass_cli.commands.issuer.passes.list_passes import passes
from socpass_cli.commands.issuer.passes.revoke import add_commands as add_status_commands
from socpass_cli.commands.issuer.people.applications import applications
from socpass_cli.commands.issuer.people.import_residents import import_
from socpass_cli.commands.issuer.people.statement import statement
from socpass_cli.commands.issuer.publishing.catalogue import catalogue
from socpass_cli.commands.issuer.publishing.publish import command as publish_command
from socpass_cli.commands.issuer.reports.events import audit, events
from socpass_cli.commands.issuer.reports.pass_log import log
from socpass_cli.commands.issuer.reports.report import report
from socpass_cli.words.fingerprint import fingerprint_lines
from socpass_vc.errors import AgencyError
from socpass_vc.files import write_file
from socpass_vc.format.cbor import encode
from socpass_vc.format.trust.issuers import encode_issuer
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.database import REVISIONS


@click.group(
    cls=click_classes.Group,
    name="issuer",
    help="cli.issuer.help",
)
@options.lang_option
def command() -> None:
    """Hold the commands."""


def _agency(folder: Path | None) -> Agency:
    return Agency.open(folder or environment.user_folder("agency"))


command.add_command(init)
command.add_command(catalogue)


@command.command(
    "migrate",
    help="cli.issuer.migrate.help",
)
@options.agency_option
@options.lang_option
def migrate(*, agency_folder: Path | None) -> None:
    """Migrate, and print from which version."""
    from socpass_vc.issuer.register.migrate import migrate_register  # noqa: PLC0415 -- alembic, which no other command needs

    before, copy = migrate_register(_agency(agency_folder).register_location)
    if before == REVISIONS[-1]:
        output.say(tr("cli.issuer.migrate.nothing_to_do", version=before))
        return
    output.say(tr("cli.issuer.migrate.done", before=before, after=REVISIONS[-1]))
    if copy is not None:
        output.say(tr("cli.issuer.migrate.copy", path=copy))


command.add_command(import_)
command.add_command(applications)
command.add_command(issue)
command.add_command(passes)

add_status_commands(command)
command.add_command(publish_command)


@command.command(
    "describe",
    help="cli.issuer.describe.help",
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@options.agency_option
@options.lang_option
def describe(*, file: Path, agency_folder: Path | None) -> None:
    """Write the issuer's entry of a trust list; nothing in it is secret."""
    agency = _agency(agency_folder)
    content = encode(encode_issuer(agency.issuer))
    write_file(file, content, error=AgencyError)
    output.say(tr("cli.issuer.describe.done", file=file, issuer_id=agency.issuer.id, today=clock.now().date()))
    output.say(tr("cli.issuer.describe.fingerprint"))
    for line in fingerprint_lines(sha256(content).hexdigest()):
        output.say(line)


for reading in (report, statement, events, audit, log):
    command.add_command(reading)
command.add_command(rotate_key)
command.add_command(compromise_key)
command.add_command(lost_key)
