"""``socpass issuer revoke``, ``suspend`` and ``reinstate``: one resident's passes, one pass, or all that a file names."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.people.import_residents import say_faults, say_skipped
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.row_errors import BadRows, RowError, WrongCellError
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.revocation.revocation_file import parse_pass_reference, read_orders
from socpass_vc.issuer.revocation.revoke import MAX_NOTE_CHARACTERS, RevocationReason, StatusAction, carry_out, change_status


def _parse_reference(_: click.Context, __: click.Parameter, text: str | None) -> StatusReference | None:
    if text is None:
        return None
    try:
        return parse_pass_reference(text)
    except WrongCellError as error:
        raise click.BadParameter(tr("row.no_place", cell=text)) from error


def _parse_note(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    text = options.parse_text(context, parameter, text)
    if text is not None and len(text) > MAX_NOTE_CHARACTERS:
        raise click.BadParameter(tr("row.long_text", length=len(text), longest=MAX_NOTE_CHARACTERS))
    return text


def add_commands(group: click.Group) -> None:
    """Add the three commands."""
    for act in StatusAction:
        _add(group, act)


def _add(group: click.Group, act: StatusAction) -> None:
    @group.command(act.value, help=f"cli.revoke.help.{act.value}")
    @click.argument("ref", metavar="[REF]", required=False, callback=options.parse_text)
    @options.option(
        "--credential",
        metavar="LIST/INDEX",
        callback=_parse_reference,
        help="cli.revoke.option_credential",
    )
    @options.option(
        "--file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="cli.revoke.option_file",
    )
    @options.option("--skip-bad", is_flag=True, help="cli.revoke.option_skip_bad")
    @options.option(
        "--reason",
        type=click.Choice([reason.value for reason in RevocationReason]),
        help="cli.revoke.option_reason",
    )
    @options.option("--note", callback=_parse_note, metavar="TEXT", help="cli.revoke.option_note")
    @options.agency_option
    @options.lang_option
    def change(
        *,
        ref: str | None,
        credential: StatusReference | None,
        file: Path | None,
        skip_bad: bool,
        reason: str | None,
        note: str | None,
        agency_folder: Path | None,
    ) -> None:
        if sum(given is not None for given in (ref, credential, file)) != 1:
            raise click.UsageError(tr("cli.revoke.whose"))
        if reason is None and file is None:
            raise click.UsageError(tr("cli.revoke.needs_reason"))
        agency = Agency.open(agency_folder or environment.user_folder("agency"))
        with agency.register() as register:
            if file is None:
                who = ref if credential is None else credential
                count = change_status(
                    register, who or "", act, reason=reason or "", note=note, now=clock.now(), actor=environment.actor()
                )
                named = ref if credential is None else f"{credential.list_number}/{credential.index}"
            else:
                count = _carry_out(register, file, act, reason, skip_bad=skip_bad)
                named = file.name
        output.say(tr(f"cli.revoke.done.{act.value}", who=output.printable(named or ""), count=count))
        output.say(tr("cli.revoke.publish_next"))


def _carry_out(register: Register, file: Path, act: StatusAction, reason: str | None, *, skip_bad: bool) -> int:
    """Carry out the orders in a file, all of them or none, and return how many passes changed."""
    orders, faults = read_orders(file, reason=None if reason is None else RevocationReason(reason))
    if faults and not skip_bad:
        say_faults(file, faults)
        raise BadRows(str(file), faults, len(orders))
    with output.progress(len(orders), label="cli.revoke.looking_up") as bar:
        done = carry_out(
            register, orders, act, now=clock.now(), actor=environment.actor(), skip_refused=skip_bad, looked_at=bar.update
        )
    faults.add_later(
        RowError(line=refusal.order.line or 0, column=None, code="not_carried_out", facts={"why": refusal.why})
        for refusal in done.refused
    )
    say_faults(file, faults)
    if done.refused and not skip_bad:
        raise BadRows(str(file), faults, len(orders) - len(done.refused))
    say_skipped(faults)
    return done.passes
