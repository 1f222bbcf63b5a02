"""``socpass show``: what is inside a pass, unchecked, and saying so."""

from __future__ import annotations

import json
import sys

import click

from socpass_cli.app import click_classes, options, output
from socpass_cli.app.language import show_moment, tr
from socpass_cli.verdict.check import Verdict, read_frames
from socpass_cli.verdict.inputs import find_sources
from socpass_cli.verdict.render import claims_as_json, in_full, pass_lines, seen_as_json
from socpass_cli.verdict.words import COLOURS
from socpass_vc.errors import SocpassError
from socpass_vc.format.credential.proof import read_proof
from socpass_vc.format.credential.token import UnverifiedPass, read_frame


@click.command(
    cls=click_classes.Command,
    help_texts=(
        "Show what is inside the pass in SOURCE, without checking anything: it may be forged, expired or revoked.\n\n"
        "SOURCE is a picture, a text file, a folder of them, the text of a code, or '-' for standard input.",
        "Показать, что внутри пропуска из SOURCE, ничего не проверяя: он может быть подделан, просрочен или отозван.\n\n"
        "SOURCE — изображение, текстовый файл, папка с ними, текст кода или «-» для стандартного ввода.",
    ),
)
@click.argument("source", metavar="SOURCE")
@options.json_option
@options.lang_option
def command(*, source: str, as_json: bool) -> None:
    """Read and show; exit 3 if something could not be read."""
    failed = False
    for found in find_sources([source]):
        try:
            frames, errors = read_frames(found)
        except SocpassError as error:
            frames, errors = [], [error]
        for frame in frames:
            try:
                _show(found.name, read_frame(frame), as_json=as_json)
            except SocpassError as error:
                errors.append(error)
        for reason in errors:
            failed = True
            _show_error(found.name, reason, as_json=as_json)
    if failed:
        sys.exit(COLOURS["unreadable"].exit_code)


def _show_error(name: str, error: SocpassError, *, as_json: bool) -> None:
    if as_json:
        said = {"source": name, "code": error.code, "detail": str(error)} | seen_as_json(error)
        output.say(json.dumps(said, ensure_ascii=False))
    else:
        output.say("\n".join(in_full(Verdict(source=name, error=error))))


def _show(name: str, unverified: UnverifiedPass, *, as_json: bool) -> None:
    claims = unverified.claims()
    key_id = unverified.signed.key_id.hex()
    if as_json:
        said = {
            "source": name,
            "checked": False,
            "key_id": key_id,
            "bytes": len(unverified.token),
            "pass": claims_as_json(claims),
        }
        output.say(json.dumps(said, ensure_ascii=False))
        return
    title = tr(" NOT CHECKED ", " НЕ ПРОВЕРЕНО ")
    warning = tr("anyone could have made this; use 'socpass verify'", "это мог составить кто угодно; проверьте: «socpass verify»")
    output.say(f"{click.style(title, fg='black', bg='white', bold=True)}  {output.printable(name)}: {warning}")
    for line in pass_lines(claims):
        output.say(line)
    output.say(f"  {tr('Key id', 'Идентификатор ключа')}: {key_id}; {len(unverified.token)} {tr('bytes', 'Б')}")
    if unverified.proof is not None:
        made_at = show_moment(read_proof(unverified.proof).issued_at)
        output.say(f"  {tr('With a proof of its holder, made', 'С подтверждением владельца от')} {made_at}")
