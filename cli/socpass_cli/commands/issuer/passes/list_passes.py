"""``socpass issuer passes``: passes issued before, drawn or written again; and what it shares with ``issue``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_vc.errors import AgencyError, RegisterError
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.issuance.live_passes import READ_AT_ONCE, count_live_passes, live_passes
from socpass_vc.issuer.register.person import IssuedPass, NotIssued

if TYPE_CHECKING:
    from socpass_cli.handout.qr_folder import PassFolder


def _parse_out(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    """Let a path through whose suffix says what form the file is to have."""
    if path is not None and path.suffix.lower() not in {".csv", ".jsonl"}:
        raise click.BadParameter(tr(f"{path}: name it *.csv or *.jsonl", f"{path}: имя должно кончаться на .csv или .jsonl"))
    return path


qr_option = options.option(
    "--qr",
    "qr_folder",
    type=click.Path(path_type=Path, file_okay=False),
    en="Write the QR codes into this folder, and passes.csv that says whose is whose.",
    ru="Записать QR-коды в эту папку и passes.csv, где указано, какому жителю принадлежит каждый код.",
)
format_option = options.option(
    "--format",
    "picture_format",
    type=click.Choice(["png", "svg", "pdf", "eps"]),
    default="png",
    show_default=True,
    en="Of the QR codes.",
    ru="Формат QR-кодов.",
)
cards_option = options.option(
    "--cards",
    "cards_folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    en="Write the cards into this folder, and passes.csv beside them.",
    ru="Записать в эту папку карточки и passes.csv.",
)
card_format_option = options.option(
    "--card-format",
    type=click.Choice(["card", "sheet", "letter", "phone", "html"]),
    default="card",
    show_default=True,
    en="Of the cards: a plastic card, a sheet of ten and a letter as PDF, a phone's picture, a page.",
    ru="Вид карточек: пластиковая карта, лист на десять карт и письмо в PDF, изображение для телефона, страница.",
)
level_option = options.option(
    "--level",
    type=click.Choice(["L", "M", "Q", "H"]),
    default="M",
    show_default=True,
    en="How much of a code may be damaged: Q for paper that will wear (docs/printing.md).",
    ru="Запас прочности кода: Q — для бумаги, которая изнашивается (docs/printing.md).",
)
verify_all_option = options.option(
    "--verify-all",
    is_flag=True,
    en="Read every picture back and compare, not one in 100.",
    ru="Прочитать и сверить каждое изображение, а не одно из 100.",
)
out_option = options.option(
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
        output.complain(output.printable(f"{refusal.ref}: {refusal.why}"))
    if failed:
        raise AgencyError(
            tr(
                f"Passes that could not be issued, or written as a picture: {len(failed)}.",
                f"Не удалось выпустить или записать как изображение: {len(failed)}.",
            )
        )


@click.command(
    "passes",
    cls=click_classes.Command,
    help_texts=(
        "Write the QR codes of passes issued before and still valid, those that are not in the folder yet; or, with --out, all "
        "of them as text, anew. With --ref and --show, show the code of one resident's newest pass in the terminal.",
        "Записать QR-коды выпущенных ранее действующих пропусков, которых ещё нет в папке; с --out — все пропуска текстом, "
        "заново. С --ref и --show — показать в терминале код самого нового пропуска одного жителя.",
    ),
)
@options.option("--ref", metavar="REF", callback=options.parse_text, en="This resident's alone.", ru="Только этого жителя.")
@options.option(
    "--show", is_flag=True, en="Show the code in the terminal; with --ref.", ru="Показать код в терминале; вместе с --ref."
)
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
    """Draw again what the register holds; nothing is signed."""
    if show and (ref is None or any(place is not None for place in (qr_folder, cards_folder, out_file))):
        raise click.UsageError(
            tr(
                "--show goes with --ref, and without --qr, --cards and --out",
                "--show указывают с --ref и без --qr, --cards и --out",
            )
        )
    if not show and qr_folder is None and cards_folder is None and out_file is None:
        raise click.UsageError(
            tr("say where: --qr DIR, --cards DIR or --out FILE", "укажите куда: --qr DIR, --cards DIR или --out FILE")
        )
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
    from socpass_vc.qr.write import encode as draw  # noqa: PLC0415 -- only where a code is drawn

    if not found:
        raise RegisterError(tr(f"the resident {ref!r} has no valid pass", f"у жителя {ref!r} нет действующего пропуска"), ref=ref)
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
        bar = stack.enter_context(output.progress(total, "Writing", "Запись"))
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
        output.say(tr(f"Passes written to {out_file}: {written}.", f"Записано пропусков в {out_file}: {written}."))
    for folder, count in drawn.items():
        output.say(tr(f"Passes written to {folder.path}: {count}.", f"Записано пропусков в {folder.path}: {count}."))
    say_failed(failed)
