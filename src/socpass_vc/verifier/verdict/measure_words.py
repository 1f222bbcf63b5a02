"""Measures in words for a cashier and as JSON: what to grant, with how many companions, and under which measure.

It knows measures and no passes; which of them are open is decided in :mod:`socpass_vc.verifier.grants`.
"""

from __future__ import annotations

from socpass_vc.catalogue.names import show_category
from socpass_vc.format.catalogue.measures import Benefit, Measure
from socpass_vc.messages import Speaker, has_sentence
from socpass_vc.verifier.verdict.name_book import NameBook, name_in


def say_grant(measure: Measure, speaker: Speaker) -> str:
    """Return what to grant: "free entry, with one companion"."""
    benefit = measure.benefit
    granted = speaker.say(
        f"measure.benefit.{benefit.kind.name.lower()}", percent=benefit.percent, amount=_say_amount(benefit, speaker)
    )
    if measure.companions == 1:
        return speaker.say("measure.with_one_companion", granted=granted)
    if measure.companions:
        return speaker.say("measure.with_companions", granted=granted, most=measure.companions)
    return granted


def measure_as_dict(measure: Measure, names: NameBook, speaker: Speaker) -> dict[str, object]:
    """Return the object of specs/cli.md, section 4; keys that do not apply are left out.

    Args:
        measure: of a catalogue.
        names: what its issuer calls places.
        speaker: of the language.
    """
    benefit = measure.benefit
    found: dict[str, object] = {
        "id": measure.id,
        "name": name_in(measure.names, speaker.language),
        "grant": say_grant(measure, speaker),
        "benefit": benefit.kind.name.lower(),
        "companions": measure.companions,
        "categories": [show_category(category) for category in measure.categories],
        "places": [{"key": place, "name": names.place(place)} for place in measure.places],
    }
    optional = {
        "percent": benefit.percent,
        "amount_hundredths": benefit.amount,
        "currency": benefit.currency,
        "region": None if measure.region is None else f"{measure.region:02d}",
        "note": name_in(measure.notes, speaker.language),
        "from": measure.first.isoformat() if measure.first else None,
        "until": measure.last.isoformat() if measure.last else None,
    }
    return found | {name: value for name, value in optional.items() if value is not None}


def _say_amount(benefit: Benefit, speaker: Speaker) -> str:
    if benefit.amount is None or benefit.currency is None:
        return ""
    key = f"measure.currency.{benefit.currency.lower()}"
    currency = speaker.say(key) if has_sentence(key, speaker.language) else benefit.currency
    whole, hundredths = divmod(benefit.amount, 100)
    if not hundredths:
        return speaker.say("measure.whole_amount", whole=whole, currency=currency)
    return speaker.say("measure.amount", whole=whole, hundredths=f"{hundredths:02d}", currency=currency)
