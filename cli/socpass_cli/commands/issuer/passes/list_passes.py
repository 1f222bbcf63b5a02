"""``socpass issuer passes``: passes issued earlier, drawn or written again; and what it shares with ``issue``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.errors import say_error
from socpass_cli.app.language import tr
from socpass_vc.errors import AgencyError, RegisterError
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuance.live_passes import READ_AT_ONCE, count_live_passes, live_passes
from socpass_vc.issuer.register.person import IssuedPass, NotIssued

if TYPE_CHECKING:
    from socpass_cli.handout.qr_folder import PassFolder


def _parse_out(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """Accept a path whose suffix names a known form of the file."""
    if path is not None and path.suffix.lower() not in {".csv", ".jsonl"}:
        raise click.BadParameter(tr("cli.passes.out_suffix", file=path))
    return path


qr_option = options.option(
    "--qr",
    "qr_folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="cli.passes.option_qr",
)
format_option = options.option(
    "--format",
    "picture_format",
    type=click.Choice(["png", "svg", "pdf", "eps"]),
    default="png",
    show_default=True,
    help="cli.passes.option_format",
)
cards_option = options.option(
    "--cards",
    "cards_folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="cli.passes.option_cards",
)
card_format_option = options.option(
    "--card-format",
    type=click.Choice(["card", "sheet", "letter", "phone", "html"]),
    default="card",
    show_default=True,
    help="cli.passes.option_card_format",
)
level_option = options.option(
    "--level",
    type=click.Choice(["L", "M", "Q", "H"]),
    default="M",
    show_default=True,
    help="cli.passes.option_level",
)
verify_all_option = options.option(
    "--verify-all",
    is_flag=True,
    help="cli.passes.option_verify_all",
)
out_option = options.option(
    "--out",
    "out_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_parse_out,
    help="cli.passes.option_out",
)


def say_failed(failed: list[NotIssued]) -> None:
    """Name everybody who has no pass or no picture of it, and fail if there is anybody."""
    for refusal in failed:
        output.complain(output.printable(f"{refusal.ref}: {say_error(refusal.why)}"))
    if failed:
        raise AgencyError("cli.passes.some_failed", count=len(failed))


@click.command(
    "passes",
    cls=click_classes.Command,
    help="cli.passes.help",
)
@options.option("--ref", metavar="REF", callback=options.parse_text, help="cli.passes.option_ref")
@options.option("--show", is_flag=True, help="cli.passes.option_show")
@out_option
@qr_option
@format_option
@cards_option
@card_format_option
@level_option
@verify_all_option
@options.agency_option
@options.lang_option
def passes(
    *,
    ref: str | None,
    show: bool,
    out_file: Path | None,
    qr_folder: Path | None,
    picture_format: str,
    cards_folder: Path | None,
    card_format: str,
    level: str,
    verify_all: bool,
    agency_folder: Path | None,
) -> None:
    """Draw passes of the register again; nothing is signed."""
    if show and (ref is None or any(target is not None for target in (qr_folder, cards_folder, out_file))):
        raise click.UsageError(tr("cli.passes.show_alone"))
    if not show and qr_folder is None and cards_folder is None and out_file is None:
        raise click.UsageError(tr("cli.passes.no_target"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    with agency.register() as register:
        now = clock.now()
        found = live_passes(register, agency.settings, now=now, ref=ref)
        if show:
            _show_newest(list(found), str(ref))
        else:
            from socpass_cli.handout.output_folders import OutputRequest, folders_for  # noqa: PLC0415 -- QR codes only where they are asked for

            wanted = OutputRequest(
                qr_folder=qr_folder,
                picture_format=picture_format,
                cards_folder=cards_folder,
                card_format=card_format,
                level=level,
                verify_all=verify_all or ref is not None,
            )
            total = count_live_passes(register, now=now, ref=ref)
            _write_passes(found, total, out_file, folders_for(agency, wanted))


def _show_newest(found: list[IssuedPass], ref: str) -> None:
    from socpass_vc.qr.write import draw_code as draw  # noqa: PLC0415 -- only where a code is drawn

    if not found:
        raise RegisterError("no_valid_pass", ref=ref)
    output.say(draw(found[-1].text).terminal())


def _write_passes(found: Iterator[IssuedPass], total: int, out_file: Path | None, folders: Sequence[PassFolder]) -> None:
    from socpass_cli.handout.token_file import TokenFile  # noqa: PLC0415 -- as above

    written = 0
    drawn = dict.fromkeys(folders, 0)
    failed: list[NotIssued] = []
    with ExitStack() as stack:
        tokens = stack.enter_context(TokenFile(out_file, anew=True))
        for folder in folders:
            stack.enter_context(folder)
        bar = stack.enter_context(output.progress(total, label="cli.passes.progress"))
        while batch := list(islice(found, READ_AT_ONCE)):
            tokens.add(batch)
            written += len(batch)
            for folder in folders:
                missing = [issued for issued in batch if not folder.has(issued)]
                refused = folder.add(missing)
                drawn[folder] += len(missing) - len(refused)
                failed += refused
            bar.update(len(batch))
    if out_file is not None:
        output.say(tr("cli.passes.written", target=out_file, count=written))
    for folder, count in drawn.items():
        output.say(tr("cli.passes.written", target=folder.path, count=count))
    say_failed(failed)
