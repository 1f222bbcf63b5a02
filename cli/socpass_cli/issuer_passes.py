"""``socpass issuer passes``: passes issued before, drawn or written again; and what it shares with ``issue``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli import shell
from socpass_cli.language import tr
from socpass_vc.errors import AgencyError, CodeTooLarge, RegisterError
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.drafting import Issued, NotIssued
from socpass_vc.issuer.passes import READ_AT_ONCE, live_passes

if TYPE_CHECKING:
    from socpass_cli.pictures import PassFolder


def _parse_out(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """Let a path through whose suffix says what form the file is to have."""
    if path is not None and path.suffix.lower() not in {".csv", ".jsonl"}:
        raise click.BadParameter(tr(f"{path}: name it *.csv or *.jsonl", f"{path}: имя должно кончаться на .csv или .jsonl"))
    return path


qr_option = shell.option(
    "--qr",
    "qr_folder",
    type=click.Path(path_type=Path, file_okay=False),
    en="Write the QR codes into this folder, and passes.csv that says whose is whose.",
    ru="Записать QR-коды в эту папку и passes.csv, где указано, какому жителю принадлежит каждый код.",
)
format_option = shell.option(
    "--format",
    "picture_format",
    type=click.Choice(["png", "svg"]),
    default="png",
    show_default=True,
    en="Of the QR codes.",
    ru="Формат QR-кодов.",
)
out_option = shell.option(
    "--out",
    "out_file",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=_parse_out,
    en="Write the text of each code into this file, *.csv or *.jsonl.",
    ru="Записать текст каждого кода в этот файл, *.csv или *.jsonl.",
)


def say_failed(failed: list[NotIssued]) -> None:
    """Name who has no pass, or no picture of it, and fail if there is anybody."""
    for refusal in failed:
        shell.complain(shell.printable(f"{refusal.ref}: {refusal.why}"))
    if failed:
        raise AgencyError(
            tr(
                f"Passes that could not be issued, or drawn as a QR code: {len(failed)}.",
                f"Не удалось выпустить или записать как QR-код: {len(failed)}.",
            )
        )


@click.command(
    "passes",
    cls=shell.Command,
    help_texts=(
        "Write the QR codes of passes issued before and still valid, those that are not in the folder yet; or, with --out, all "
        "of them as text, anew. With --ref and --show, show the code of one resident's newest pass in the terminal.",
        "Записать QR-коды выпущенных ранее действующих пропусков, которых ещё нет в папке; с --out — все пропуска текстом, "
        "заново. С --ref и --show — показать в терминале код самого нового пропуска одного жителя.",
    ),
)
@shell.option("--ref", metavar="REF", callback=shell.parse_text, en="This resident's alone.", ru="Только этого жителя.")
@shell.option(
    "--show", is_flag=True, en="Show the code in the terminal; with --ref.", ru="Показать код в терминале; вместе с --ref."
)
@out_option
@qr_option
@format_option
@shell.agency_option
@shell.lang_option
def passes(
    *,
    ref: str | None,
    show: bool,
    out_file: Path | None,
    qr_folder: Path | None,
    picture_format: str,
    agency_folder: Path | None,
) -> None:
    """Draw again what the register holds; nothing is signed."""
    if show and (ref is None or qr_folder is not None or out_file is not None):
        raise click.UsageError(
            tr("--show goes with --ref, and without --qr and --out", "--show указывают с --ref и без --qr и --out")
        )
    if not show and qr_folder is None and out_file is None:
        raise click.UsageError(tr("say where: --qr DIR or --out FILE", "укажите куда: --qr DIR или --out FILE"))
    agency = Agency.open(agency_folder or shell.user_folder("agency"))
    with agency.register() as register:
        found = live_passes(register, agency.settings, now=shell.now(), ref=ref)
        if show:
            _show_newest(list(found), str(ref))
        else:
            _write_passes(found, out_file, qr_folder, picture_format)


def _show_newest(found: list[Issued], ref: str) -> None:
    from socpass_vc.qr.write import encode as draw  # noqa: PLC0415 -- only where a code is drawn

    if not found:
        raise RegisterError(tr(f"the resident {ref!r} has no valid pass", f"у жителя {ref!r} нет действующего пропуска"), ref=ref)
    shell.say(draw(found[-1].text).terminal())


def _write_passes(found: Iterator[Issued], out_file: Path | None, qr_folder: Path | None, picture_format: str) -> None:
    from socpass_cli.pictures import PassFolder  # noqa: PLC0415 -- as above
    from socpass_cli.tokens import TokenFile  # noqa: PLC0415 -- as above

    written = drawn = 0
    failed: list[NotIssued] = []
    with TokenFile(out_file, anew=True) as tokens, PassFolder(qr_folder, picture_format) as folder:
        while batch := list(islice(found, READ_AT_ONCE)):
            tokens.add(batch)
            written += len(batch)
            drawn += _draw(batch, folder, failed)
    if out_file is not None:
        shell.say(tr(f"Passes written to {out_file}: {written}.", f"Записано пропусков в {out_file}: {written}."))
    if qr_folder is not None:
        shell.say(tr(f"Passes written to {qr_folder}: {drawn}.", f"Записано пропусков в {qr_folder}: {drawn}."))
    say_failed(failed)


def _draw(batch: Iterable[Issued], folder: PassFolder, failed: list[NotIssued]) -> int:
    count = 0
    for issued in batch:
        if folder.has(issued):
            continue
        try:
            folder.add(issued)
            count += 1
        except CodeTooLarge as error:
            failed.append(NotIssued(ref=issued.ref, why=str(error)))
    return count
