"""``socpass verify``: passes from pictures and texts, decided offline against the till's store."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import speaker, tr
from socpass_cli.app.output import printable
from socpass_cli.verdict import render
from socpass_cli.verdict.check import check_source
from socpass_cli.verdict.colours import worst_exit_code
from socpass_cli.verdict.inputs import find_sources, paste_sources
from socpass_cli.words.names import check_place, name_book
from socpass_vc.catalogue.names import read_category
from socpass_vc.errors import CatalogueError, StoreError
from socpass_vc.verifier.decide import OnStale
from socpass_vc.verifier.verdict.till import Till
from socpass_vc.verifier.verdict.verdict import Verdict


def _parse_category(_: click.Context, __: click.Parameter, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return read_category(text)
    except CatalogueError as error:
        raise click.BadParameter(tr("cli.verify.no_category", text=printable(text[:40]))) from error


def _parse_moment(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    return None if text is None else clock.parse_moment(text)


def _parse_on_stale(_: click.Context, __: click.Parameter, text: str | None) -> OnStale | None:
    return None if text is None else OnStale(text)


category_option = options.option(
    "--category",
    metavar="CODE",
    callback=_parse_category,
    help="cli.verify.option_category",
)
place_option = options.option(
    "--place",
    metavar="PLACE",
    help="cli.verify.option_place",
)
at_option = options.option(
    "--at",
    metavar="TIME",
    callback=_parse_moment,
    help="cli.verify.option_at",
)
on_stale_option = options.option(
    "--on-stale",
    type=click.Choice([choice.value for choice in OnStale]),
    callback=_parse_on_stale,
    help="cli.verify.option_on_stale",
)


@click.command(
    cls=click_classes.Command,
    help="cli.verify.help",
)
@click.argument("sources", metavar="[SOURCE]...", nargs=-1)
@options.option(
    "--clipboard",
    is_flag=True,
    help="cli.verify.option_clipboard",
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
        raise click.UsageError(tr("cli.verify.no_source"))
    folder = store_folder or environment.user_folder("till")
    if place is not None:
        check_place(place, folder)
    now = at or clock.now()
    till = Till(folder, now=now, category=category, place=place, on_stale=on_stale)
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
        from socpass_vc.verifier.verdict.json_object import verdict_as_dict  # noqa: PLC0415 -- likewise

        found = verdict_as_dict(verdict, checked_at=now, speaker=speaker(), names=till.names_for(verdict))
        output.say(output.json_text(found))
    elif alone or isinstance(verdict.error, StoreError):
        output.say("\n".join(render.in_full(verdict, name_book(till.names_for(verdict)))))
    else:
        output.say(render.in_line(verdict))
