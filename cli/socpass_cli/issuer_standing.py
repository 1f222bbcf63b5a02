"""``socpass issuer revoke``, ``suspend`` and ``reinstate``: of one resident, or of one pass."""

from __future__ import annotations

import re
from pathlib import Path

import click

from socpass_cli import shell
from socpass_cli.language import tr
from socpass_vc.errors import SocpassError
from socpass_vc.format.claims import StatusReference
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.standing import MAX_NOTE_CHARACTERS, Act, Reason, change_standing

_PLACE = re.compile("([0-9]{1,9})[/-]([0-9]{1,9})", re.ASCII)

_DONE = {
    Act.REVOKE: ("Passes of {who} revoked: {count}.", "Отозвано пропусков ({who}): {count}."),
    Act.SUSPEND: ("Passes of {who} suspended: {count}.", "Приостановлено пропусков ({who}): {count}."),
    Act.REINSTATE: ("Passes of {who} reinstated: {count}.", "Возобновлено пропусков ({who}): {count}."),
}


def _parse_place(_: click.Context, __: click.Parameter, text: str | None) -> StatusReference | None:
    if text is None:
        return None
    found = _PLACE.fullmatch(text)
    try:
        if found:
            return StatusReference(list_number=int(found[1]), index=int(found[2]))
    except SocpassError:
        pass
    raise click.BadParameter(
        tr(f"{text!r} is not a place in a status list such as 0/12345", f"{text!r} — не место в списке статусов вида 0/12345")
    )


def _parse_note(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    text = shell.parse_text(context, parameter, text)
    if text is not None and len(text) > MAX_NOTE_CHARACTERS:
        raise click.BadParameter(tr(f"more than {MAX_NOTE_CHARACTERS} characters", f"длиннее {MAX_NOTE_CHARACTERS} символов"))
    return text


def add_commands(group: click.Group) -> None:
    """Add the three commands."""
    _add(group, Act.REVOKE, "Revoke the passes of the resident REF, for good.", "Отозвать пропуска жителя REF навсегда.")
    _add(group, Act.SUSPEND, "Suspend the passes of the resident REF for now.", "Приостановить пропуска жителя REF.")
    _add(
        group,
        Act.REINSTATE,
        "Let the suspended passes of the resident REF count again.",
        "Возобновить приостановленные пропуска жителя REF.",
    )


def _add(group: click.Group, act: Act, en: str, ru: str) -> None:
    @group.command(act.value, help_texts=(en, ru))
    @click.argument("ref", metavar="[REF]", required=False, callback=shell.parse_text)
    @shell.option(
        "--credential",
        metavar="LIST/INDEX",
        callback=_parse_place,
        en="This one pass instead, by its place, which 'socpass show' and passes.csv name.",
        ru="Только этот пропуск, по его месту, которое называют «socpass show» и passes.csv.",
    )
    @shell.option(
        "--reason",
        required=True,
        type=click.Choice([reason.value for reason in Reason]),
        en="Why; stays in the register.",
        ru="Причина; остаётся в реестре.",
    )
    @shell.option(
        "--note",
        callback=_parse_note,
        metavar="TEXT",
        en="More about it, for the event log.",
        ru="Пояснение для журнала событий.",
    )
    @shell.agency_option
    @shell.lang_option
    def change(
        *, ref: str | None, credential: StatusReference | None, reason: str, note: str | None, agency_folder: Path | None
    ) -> None:
        if (ref is None) == (credential is None):
            raise click.UsageError(tr("say whose: REF, or --credential", "укажите, чей: REF или --credential"))
        who = credential if ref is None else ref
        agency = Agency.open(agency_folder or shell.user_folder("agency"))
        with agency.register() as register:
            count = change_standing(register, who or "", act, reason=reason, note=note, now=shell.now(), actor=shell.actor())
        named = ref if credential is None else f"{credential.list_number}/{credential.index}"
        shell.say(tr(*_DONE[act]).format(who=shell.printable(named or ""), count=count))
        shell.say(
            tr(
                "Tills learn of it after 'socpass issuer publish', when they next sync.",
                "Кассы узнают об этом после «socpass issuer publish», при следующем обновлении.",
            )
        )
