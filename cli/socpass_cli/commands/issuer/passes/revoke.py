"""``socpass issuer revoke``, ``suspend`` and ``reinstate``: of one resident, of one pass, or of all that a file names."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import clock, environment, options, output
from socpass_cli.app.errors import say_error
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.people.import_residents import say_faults
from socpass_vc.errors import ImportRefused, RegisterError
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.row_errors import RowError, RowErrors, WrongCellError
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.revocation.revocation_file import parse_place, read_orders
from socpass_vc.issuer.revocation.revoke import MAX_NOTE_CHARACTERS, RevocationReason, StatusAction, carry_out, change_standing

_DONE = {
    StatusAction.REVOKE: ("Passes of {who} revoked: {count}.", "Отозвано пропусков ({who}): {count}."),
    StatusAction.SUSPEND: ("Passes of {who} suspended: {count}.", "Приостановлено пропусков ({who}): {count}."),
    StatusAction.REINSTATE: ("Passes of {who} reinstated: {count}.", "Возобновлено пропусков ({who}): {count}."),
}


def _parse_place(_: click.Context, __: click.Parameter, text: str | None) -> StatusReference | None:
    if text is None:
        return None
    try:
        return parse_place(text)
    except WrongCellError as error:
        raise click.BadParameter(
            tr(f"{text!r} is not a place in a status list such as 0/12345", f"{text!r} — не место в списке статусов вида 0/12345")
        ) from error


def _parse_note(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    text = options.parse_text(context, parameter, text)
    if text is not None and len(text) > MAX_NOTE_CHARACTERS:
        raise click.BadParameter(tr(f"more than {MAX_NOTE_CHARACTERS} characters", f"длиннее {MAX_NOTE_CHARACTERS} символов"))
    return text


def add_commands(group: click.Group) -> None:
    """Add the three commands."""
    _add(group, StatusAction.REVOKE, "Revoke the passes of the resident REF, for good.", "Отозвать пропуска жителя REF навсегда.")
    _add(group, StatusAction.SUSPEND, "Suspend the passes of the resident REF for now.", "Приостановить пропуска жителя REF.")
    _add(
        group,
        StatusAction.REINSTATE,
        "Let the suspended passes of the resident REF count again.",
        "Возобновить приостановленные пропуска жителя REF.",
    )


def _add(group: click.Group, act: StatusAction, en: str, ru: str) -> None:
    @group.command(act.value, help_texts=(en, ru))
    @click.argument("ref", metavar="[REF]", required=False, callback=options.parse_text)
    @options.option(
        "--credential",
        metavar="LIST/INDEX",
        callback=_parse_place,
        en="This one pass instead, by its place, which 'socpass show' and passes.csv name.",
        ru="Только этот пропуск, по его месту, которое называют «socpass show» и passes.csv.",
    )
    @options.option(
        "--file",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        en="All that this CSV or JSON Lines file names: ref or credential, reason, note.",
        ru="Все, кого называет этот файл, CSV или JSON Lines: ref или credential, reason, note.",
    )
    @options.option(
        "--skip-bad",
        is_flag=True,
        en="With --file: do the good rows although others are bad.",
        ru="С --file: выполнить верные строки, пропустив ошибочные.",
    )
    @options.option(
        "--reason",
        type=click.Choice([reason.value for reason in RevocationReason]),
        en="Why; stays in the register. With --file, of rows that have none.",
        ru="Причина; остаётся в реестре. С --file — для строк без причины.",
    )
    @options.option(
        "--note",
        callback=_parse_note,
        metavar="TEXT",
        en="More about it, for the event log.",
        ru="Пояснение для журнала событий.",
    )
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
            raise click.UsageError(tr("say whose: REF, --credential or --file", "укажите, чей: REF, --credential или --file"))
        if reason is None and file is None:
            raise click.UsageError(tr("say why: --reason", "укажите причину: --reason"))
        agency = Agency.open(agency_folder or environment.user_folder("agency"))
        with agency.register() as register:
            if file is None:
                who = ref if credential is None else credential
                count = change_standing(
                    register, who or "", act, reason=reason or "", note=note, now=clock.now(), actor=environment.actor()
                )
                named = ref if credential is None else f"{credential.list_number}/{credential.index}"
            else:
                count = _carry_out(register, file, act, reason, skip_bad=skip_bad)
                named = file.name
        output.say(tr(*_DONE[act]).format(who=output.printable(named or ""), count=count))
        output.say(
            tr(
                "Tills learn of it after 'socpass issuer publish', when they next sync.",
                "Кассы узнают об этом после «socpass issuer publish», при следующем обновлении.",
            )
        )


def _carry_out(register: Register, file: Path, act: StatusAction, reason: str | None, *, skip_bad: bool) -> int:
    """Carry out what a file says, all of it or nothing, and return how many passes changed."""
    orders, faults = read_orders(file, reason=None if reason is None else RevocationReason(reason))
    if faults and not skip_bad:
        raise _refusal(file, faults, len(orders))
    with output.progress(len(orders), "Looking", "Поиск") as bar:
        done = carry_out(
            register, orders, act, now=clock.now(), actor=environment.actor(), skip_refused=skip_bad, looked_at=bar.update
        )
    faults.add_later(
        RowError(
            line=refusal.order.line or 0,
            column=None,
            code="not_carried_out",
            wrong=refusal.why,
            facts={"why": say_error(RegisterError(refusal.why))},
        )
        for refusal in done.refused
    )
    if done.refused and not skip_bad:
        raise _refusal(file, faults, len(orders) - len(done.refused))
    say_faults(file, faults)
    if faults:
        output.say(tr(f"Bad rows skipped: {faults.rows}.", f"Пропущено ошибочных строк: {faults.rows}."))
    return done.passes


def _refusal(file: Path, faults: RowErrors, good: int) -> ImportRefused:
    say_faults(file, faults)
    return ImportRefused(
        tr(
            f"{file}: {faults.rows} bad row(s), {good} good; nothing was changed. Correct them, or use --skip-bad.",
            f"{file}: ошибочных строк {faults.rows}, верных {good}; ничего не изменено. Исправьте или укажите --skip-bad.",
        )
    )
