"""``socpass measures``: what the holder of a pass may claim, where, by the catalogue of the pass's issuer."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.language import speaker, tr
from socpass_cli.commands.verify import at_option, on_stale_option, place_option
from socpass_cli.verdict import render
from socpass_cli.verdict.check import check_source
from socpass_cli.verdict.colours import worst_exit_code
from socpass_cli.verdict.inputs import find_sources
from socpass_cli.words.measures import measure_lines
from socpass_cli.words.names import check_place, name_book
from socpass_vc.errors import SocpassError
from socpass_vc.format.catalogue.measures import Measure
from socpass_vc.verifier.decide import FreshnessWarning, OnStale, Verified
from socpass_vc.verifier.grants import catalogue_of, measures_of, open_measures
from socpass_vc.verifier.verdict.json_object import verdict_as_dict
from socpass_vc.verifier.verdict.measure_words import measure_as_dict
from socpass_vc.verifier.verdict.till import Till
from socpass_vc.verifier.verdict.verdict import Verdict


@click.command(
    cls=click_classes.Command,
    help="cli.measures.help",
)
@click.argument("source", metavar="PASS")
@options.store_option
@place_option
@at_option
@on_stale_option
@options.json_option
@options.lang_option
def command(
    *, source: str, store_folder: Path | None, place: str | None, at: datetime | None, on_stale: OnStale | None, as_json: bool
) -> None:
    """Decide, list, and exit with the worst."""
    folder = store_folder or environment.user_folder("till")
    if place is not None:
        check_place(place, folder)
    now = at or clock.now()
    till = Till(folder, now=now, place=place, on_stale=on_stale)
    verdicts: list[Verdict] = []
    for found in find_sources([source]):
        for verdict in check_source(found, till):
            listed, measures = _measures_of(verdict, till, now)
            verdicts.append(listed)
            _show(listed, measures, till, now=now, as_json=as_json)
    sys.exit(worst_exit_code(verdicts))


def _measures_of(verdict: Verdict, till: Till, now: datetime) -> tuple[Verdict, tuple[Measure, ...]]:
    """Return what is open to the holder; without the catalogue, the verdict that this till cannot tell."""
    verified = verdict.verified
    if verified is None or till.policy.place is not None:
        return verdict, () if verified is None else verified.measures
    even_stale = till.policy.on_stale is OnStale.WARN
    try:
        catalogue = catalogue_of(verified.issuer, till.catalogues, now=now, even_stale=even_stale)
        measures = open_measures(measures_of(catalogue), verified.entitlements, today=verified.today)
    except SocpassError as error:
        error.add(issuer=verified.issuer, claims=verified.claims)
        return Verdict(source=verdict.source, error=error), ()
    if now >= catalogue.content.expires_at:
        return _warned(verdict, verified), measures
    return verdict, measures


def _warned(verdict: Verdict, verified: Verified) -> Verdict:
    return verdict._replace(verified=verified._replace(warnings=(*verified.warnings, FreshnessWarning.CATALOGUE_EXPIRED)))


def _show(verdict: Verdict, measures: tuple[Measure, ...], till: Till, *, now: datetime, as_json: bool) -> None:
    names = till.names_for(verdict)
    book = name_book(names)
    if as_json:
        said = verdict_as_dict(verdict, checked_at=now, speaker=speaker(), names=names)
        if verdict.verified is not None:
            said["measures"] = [measure_as_dict(measure, book, speaker()) for measure in measures]
        output.say(output.json_text(said))
        return
    for line in render.in_full(verdict, book, with_grants=False):
        output.say(line)
    if verdict.verified is None:
        return
    output.say()
    if not measures:
        output.say(tr("cli.measures.none"))
        return
    output.say(tr("cli.measures.open", number=len(measures)))
    for measure in measures:
        for line in measure_lines(measure, book, with_places=True):
            output.say(line)
