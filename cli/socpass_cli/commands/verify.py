"""``socpass verify``: passes from pictures and texts, decided offline against the till's store."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import tr
from socpass_cli.verdict import render
from socpass_cli.verdict.check import Verdict, check_source, worst_exit_code
from socpass_cli.verdict.inputs import find_sources, paste_sources
from socpass_cli.verdict.till import Till
from socpass_cli.words.names import check_place
from socpass_vc.catalogue.names import read_category
from socpass_vc.errors import CatalogueError, StoreError
from socpass_vc.verifier.decide import OnStale, Policy


def _parse_category(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return read_category(text)
    except CatalogueError as error:
        raise click.BadParameter(
            tr(str(error), f"{text[:40]!r} — не категория; пишите 02-545 или 2545"),
        ) from error


def _parse_moment(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    return None if text is None else clock.parse_moment(text)


def _parse_on_stale(_: click.Context, __: click.Parameter, text: str | None) -> OnStale | None:
    return None if text is None else OnStale(text)


category_option = options.option(
    "--category",
    metavar="CODE",
    callback=_parse_category,
    en="Accept only if this category counts today, such as 02-545.",
    ru="Принять, только если сегодня действует эта категория, например 02-545.",
)
place_option = options.option(
    "--place",
    metavar="PLACE",
    en="Say what to grant at this kind of place, such as museum; accept only if something is granted there today.",
    ru="Сказать, что предоставить в месте этого вида, например museum; принять, только если сегодня там что-то положено.",
)
at_option = options.option(
    "--at",
    metavar="TIME",
    callback=_parse_moment,
    en="Decide as of this time, such as 2026-12-31T10:00 (for tests and disputes).",
    ru="Проверить на указанный момент времени, например 2026-12-31T10:00 (для проверок и споров).",
)
on_stale_option = options.option(
    "--on-stale",
    type=click.Choice([choice.value for choice in OnStale]),
    callback=_parse_on_stale,
    en="What to do on expired trust lists, status lists and catalogues; by default what store.toml says, else refuse.",
    ru="Что делать, если списки доверия, статусов или справочники истекли; по умолчанию — как в store.toml, иначе refuse.",
)


@click.command(
    cls=click_classes.Command,
    help_texts=(
        "Check the passes in SOURCE, offline.\n\nSOURCE is a picture, a text file, a folder of them, the text of a code, or '-' "
        "for standard input. With several, each gets a line, and the exit code is that of the worst: 1 rejected, 4 undecided, "
        "3 unreadable, 0 accepted.",
        "Проверить пропуска из SOURCE без сети.\n\nSOURCE — изображение, текстовый файл, папка с ними, текст кода или «-» для "
        "стандартного ввода. Если их несколько, о каждом — строка; код выхода — по худшему результату: 1 отказ, 4 не определено, "
        "3 не прочитано, 0 принято.",
    ),
)
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@options.option(
    "--clipboard",
    is_flag=True,
    en="Check the picture, or the files, that were copied last.",
    ru="Проверить скопированное изображение или файлы из буфера обмена.",
)
@options.store_option
@category_option
@place_option
@at_option
@on_stale_option
@options.json_option
@options.lang_option
def command(
    *,
    sources: tuple[str, ...],
    clipboard: bool,
    store_folder: Path | None,
    category: int | None,
    place: str | None,
    at: datetime | None,
    on_stale: OnStale | None,
    as_json: bool,
) -> None:
    """Decide, show, and exit with the worst."""
    if not sources and not clipboard:
        raise click.UsageError(
            tr("name a SOURCE, '-' for standard input, or --clipboard", "укажите SOURCE, «-» (стандартный ввод) или --clipboard")
        )
    folder = store_folder or environment.user_folder("till")
    if place is not None:
        check_place(place, folder)
    now = at or clock.now()
    till = Till(folder, now, Policy(category=category, place=place), on_stale=on_stale)
    found = [*find_sources(sources), *(paste_sources() if clipboard else ())]
    verdicts: list[Verdict] = []
    for source in found:
        verdicts_of_source = check_source(source, till)
        verdicts += verdicts_of_source
        for verdict in verdicts_of_source:
            _show(verdict, till, now=now, as_json=as_json, alone=len(found) == 1 and len(verdicts_of_source) == 1)
    sys.exit(worst_exit_code(verdicts))


def _show(verdict: Verdict, till: Till, *, now: datetime, as_json: bool, alone: bool) -> None:
    if as_json:
        import json  # noqa: PLC0415 -- a cashier's picture does not need it

        output.say(json.dumps(render.as_json(verdict, till.book_of(verdict), checked_at=now), ensure_ascii=False))
    elif alone or isinstance(verdict.error, StoreError):
        output.say("\n".join(render.in_full(verdict, till.book_of(verdict))))
    else:
        output.say(render.in_line(verdict))
