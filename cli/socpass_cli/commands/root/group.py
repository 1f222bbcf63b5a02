"""``socpass root``: the keys above the issuers. Its commands are in the modules beside this one."""

from __future__ import annotations

import click

from socpass_cli.app import click_classes, options
from socpass_cli.commands.root.init import init
from socpass_cli.commands.root.members import add_issuer, add_key, drop_issuer, drop_key, mark_key
from socpass_cli.commands.root.show import check, show
from socpass_cli.commands.root.sign import collect, draft, rotate, sign


@click.group(
    cls=click_classes.Group,
    name="root",
    help="cli.root.help",
)
@options.lang_option
def command() -> None:
    """Hold the commands."""


for _part in (init, add_key, drop_key, add_issuer, drop_issuer, mark_key, draft, rotate, sign, collect, show, check):
    command.add_command(_part)
