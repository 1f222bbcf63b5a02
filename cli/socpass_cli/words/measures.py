"""Measures in words for a cashier and as JSON: what to grant, with how many companions, and under which measure.

It knows measures and no passes; which of them are open is decided in the library.
"""

from __future__ import annotations

from socpass_cli.app.language import chosen, show_day, tr
from socpass_cli.words.names import NameBook, any_name
from socpass_vc.catalogue.names import show_category
from socpass_vc.format.catalogue.measures import Benefit, BenefitKind, Measure

_WORDS = {
    BenefitKind.FREE: ("free entry", "бесплатно"),
    BenefitKind.DISCOUNT: ("{percent} % off", "скидка {percent} %"),
    BenefitKind.MONEY: ("{amount}", "{amount}"),
    BenefitKind.PRIORITY: ("without a queue", "без очереди"),
    BenefitKind.SERVICE: ("a service", "услуга"),
}
_CURRENCIES_RU = {"RUB": "руб."}


def grant(measure: Measure) -> str:
    """Return what to grant: "free entry, with one companion"."""
    benefit = measure.benefit
    text = tr(*_WORDS[benefit.kind]).format(percent=benefit.percent, amount=_amount(benefit))
    if measure.companions == 1:
        text += tr(", with one companion", ", с одним сопровождающим")
    elif measure.companions:
        text += tr(f", with up to {measure.companions} companions", f", сопровождающих — до {measure.companions}")
    return text


def measure_lines(measure: Measure, book: NameBook, *, with_places: bool = False) -> list[str]:
    """Return the lines of one measure: what to grant, the measure's name, and what else the cashier should know."""
    details = []
    if with_places:
        details.append(", ".join(book.place(place) for place in measure.places))
    if measure.region is not None:
        region = f"{measure.region:02d}"
        whole = tr("the whole country", "вся страна")
        details.append(tr(f"region {region}", f"регион {region}") if measure.region else whole)
    if measure.first is not None:
        details.append(tr(f"from {show_day(measure.first)}", f"с {show_day(measure.first)}"))
    if measure.last is not None:
        details.append(tr(f"until {show_day(measure.last)}", f"по {show_day(measure.last)}"))
    lines = [f"  * {grant(measure)}: {any_name(measure.names)}" + (f" ({'; '.join(details)})" if details else "")]
    note = any_name(measure.notes)
    return lines if note is None else [*lines, f"    {note}"]


def measure_as_json(measure: Measure, book: NameBook) -> dict[str, object]:
    """Return the object of specs/cli.md; keys that do not apply are left out."""
    benefit = measure.benefit
    found: dict[str, object] = {
        "id": measure.id,
        "name": any_name(measure.names),
        "grant": grant(measure),
        "benefit": benefit.kind.name.lower(),
        "companions": measure.companions,
        "categories": [show_category(category) for category in measure.categories],
        "places": [{"key": place, "name": book.place(place)} for place in measure.places],
    }
    optional = {
        "percent": benefit.percent,
        "amount_hundredths": benefit.amount,
        "currency": benefit.currency,
        "region": None if measure.region is None else f"{measure.region:02d}",
        "note": any_name(measure.notes),
        "from": measure.first.isoformat() if measure.first else None,
        "until": measure.last.isoformat() if measure.last else None,
    }
    return found | {name: value for name, value in optional.items() if value is not None}


def _amount(benefit: Benefit) -> str:
    if benefit.amount is None or benefit.currency is None:
        return ""
    whole, hundredths = divmod(benefit.amount, 100)
    comma = tr(".", ",")
    number = f"{whole}{comma}{hundredths:02d}" if hundredths else str(whole)
    currency = _CURRENCIES_RU.get(benefit.currency, benefit.currency) if chosen() == "ru" else benefit.currency
    return f"{number} {currency}"
