"""Measures as lines for a cashier, in the language of this run; what to grant is worded in the library."""

from __future__ import annotations

from socpass_cli.app.language import speaker, tr
from socpass_cli.words.names import any_name
from socpass_vc.format.catalogue.measures import Measure
from socpass_vc.verifier.verdict.measure_words import say_grant
from socpass_vc.verifier.verdict.name_book import NameBook


def grant(measure: Measure) -> str:
    """Return what to grant: "free entry, with one companion"."""
    return say_grant(measure, speaker())


def measure_lines(measure: Measure, book: NameBook, *, with_places: bool = False) -> list[str]:
    """Return the lines of one measure: what to grant, the measure's name, and what else the cashier should know."""
    details = []
    if with_places:
        details.append(", ".join(book.place(place) for place in measure.places))
    if measure.region is not None:
        region = f"{measure.region:02d}"
        details.append(tr("cli.measure.region", region=region) if measure.region else tr("cli.measure.whole_country"))
    if measure.first is not None:
        details.append(tr("from_day", day=measure.first))
    if measure.last is not None:
        details.append(tr("until_day", day=measure.last))
    lines = [f"  * {grant(measure)}: {any_name(measure.names)}" + (f" ({'; '.join(details)})" if details else "")]
    note = any_name(measure.notes)
    return lines if note is None else [*lines, f"    {note}"]
