"""``socpass show``: what is inside a pass, unchecked, and saying so."""

from __future__ import annotations

import sys

import click

from socpass_cli.app import click_classes, options, output
from socpass_cli.app.language import tr
from socpass_cli.verdict.check import read_frames
from socpass_cli.verdict.colours import COLOURS
from socpass_cli.verdict.inputs import find_sources
from socpass_cli.verdict.render import in_full, pass_lines
from socpass_cli.words.names import name_book
from socpass_vc.errors import SocpassError
from socpass_vc.format.credential.proof import read_proof
from socpass_vc.format.credential.token import UnverifiedPass, read_frame
from socpass_vc.verifier.verdict.json_object import claims_as_dict, seen_as_dict
from socpass_vc.verifier.verdict.verdict import Verdict


@click.command(
    cls=click_classes.Command,
    help="cli.show.help",
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
        said = {"source": name, "code": error.code, "detail": str(error)} | seen_as_dict(error)
        output.say(output.json_text(said))
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
            "pass": claims_as_dict(claims, name_book()),
        }
        output.say(output.json_text(said))
        return
    title = click.style(f" {tr('cli.show.not_checked')} ", fg="black", bg="white", bold=True)
    output.say(f"{title}  {output.printable(name)}: {tr('cli.show.warning')}")
    for line in pass_lines(claims):
        output.say(line)
    output.say(f"  {tr('cli.show.key', key_id=key_id, size=len(unverified.token))}")
    if unverified.proof is not None:
        output.say(f"  {tr('cli.show.proof', at=read_proof(unverified.proof).issued_at)}")
