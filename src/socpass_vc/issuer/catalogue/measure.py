"""One ``[[measures]]`` of catalogue.toml: who is granted what, where and when (specs/catalogue.md, section 6).

It knows the options of one measure. That an id is used once is checked where all measures are.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date

from socpass_vc.catalogue.names import read_category
from socpass_vc.errors import CatalogueError
from socpass_vc.format.catalogue.measures import (
    MAX_AMOUNT,
    MAX_COMPANIONS,
    MAX_ID_CHARACTERS,
    MAX_NOTE_CHARACTERS,
    MAX_PLACES,
    Benefit,
    BenefitKind,
    Measure,
    is_id,
)
from socpass_vc.format.catalogue.names import MAX_NAME_CHARACTERS, MAX_NAMED
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.catalogue.entry import CatalogueEntry, shown

BENEFITS = {
    "free": BenefitKind.FREE,
    "discount": BenefitKind.DISCOUNT,
    "money": BenefitKind.MONEY,
    "priority": BenefitKind.PRIORITY,
    "service": BenefitKind.SERVICE,
}

_AMOUNT = re.compile(r"([0-9]{1,11})(?:\.([0-9]{2}))? ([A-Z]{3})")
_FIRST_YEAR = 1800  # specs/credential.md, section 1
_REGION = re.compile("[0-9]{2}|[1-9][0-9]{2}")


def read_measure(
    entry: CatalogueEntry, issuer: Issuer, known_categories: Collection[int], known_places: Collection[str]
) -> Measure | None:
    """Return the measure in *entry*, or None where something was noted.

    Args:
        entry: the table.
        issuer: whose categories it may name.
        known_categories: those that have a name.
        known_places: those that have a name.
    """
    before = len(entry.notes)
    measure_id = entry.take("id", str)
    if measure_id is not None and not is_id(measure_id):
        entry.wrong("id", "id", value=shown(measure_id), longest=MAX_ID_CHARACTERS)
    names = entry.names("names", MAX_NAME_CHARACTERS)
    categories = _read_categories(entry, issuer, known_categories)
    places = _read_places(entry, known_places)
    benefit = _read_benefit(entry)
    companions = read_number(entry, "companions", 0, MAX_COMPANIONS)
    region = _read_region(entry)
    notes = entry.texts("note", MAX_NOTE_CHARACTERS)
    first, last = _read_days(entry)
    entry.finish()
    if len(entry.notes) > before or measure_id is None or benefit is None:
        return None
    return Measure(
        id=measure_id,
        names=names,
        categories=tuple(sorted(categories)),
        places=tuple(sorted(places)),
        benefit=benefit,
        companions=companions or 0,
        region=region,
        notes=notes,
        first=first,
        last=last,
    )


def read_code(entry: CatalogueEntry, option: str, written: str, issuer: Issuer) -> int | None:
    """Return the category that *written* means and *issuer* may grant; None, with a fault noted, if there is none."""
    try:
        category = read_category(written)
    except CatalogueError:
        entry.wrong(option, "no_category", value=shown(written))
        return None
    if not issuer.may_grant(category):
        scopes = ", ".join(f"{first}-{last}" for first, last in issuer.scopes)
        entry.wrong(option, "out_of_scope", value=shown(written), issuer=issuer.id, scopes=scopes)
        return None
    return category


def read_number(entry: CatalogueEntry, option: str, lowest: int, highest: int, *, required: bool = False) -> int | None:
    """Return a whole number within its bounds, both included; None if missing or, with a fault noted, if it is not that."""
    value = entry.take(option, int) if required else entry.maybe(option, int)
    if value is None or lowest <= value <= highest:
        return value
    entry.wrong(option, "range", value=shown(value), lowest=lowest, highest=highest)
    return None


def _read_categories(entry: CatalogueEntry, issuer: Issuer, known: Collection[int]) -> set[int]:
    found: set[int] = set()
    for written in entry.strings("categories", MAX_NAMED):
        category = read_code(entry, "categories", written, issuer)
        if category is None:
            continue
        if category not in known:
            entry.wrong("categories", "category_unnamed", value=shown(written))
        if category in found:
            entry.wrong("categories", "twice_in_list", value=shown(written))
        found.add(category)
    return found


def _read_places(entry: CatalogueEntry, known: Collection[str]) -> list[str]:
    places = entry.strings("places", MAX_PLACES)
    for place in places:
        if place not in known:
            entry.wrong("places", "place_unnamed", value=shown(place), known=sorted(known))
    return places


def _read_benefit(entry: CatalogueEntry) -> Benefit | None:
    written = entry.take("benefit", str)
    kind = BENEFITS.get(written) if written is not None else None
    if written is not None and kind is None:
        entry.wrong("benefit", "benefit", value=shown(written), possible=list(BENEFITS))
    percent = read_number(entry, "percent", 1, 100, required=kind is BenefitKind.DISCOUNT)
    amount = entry.take("amount", str) if kind is BenefitKind.MONEY else entry.maybe("amount", str)
    for option, value, owner in (("percent", percent, BenefitKind.DISCOUNT), ("amount", amount, BenefitKind.MONEY)):
        if value is not None and kind is not None and kind is not owner:
            entry.wrong(option, "not_with", benefit=shown(written))
    if kind is None or (kind is BenefitKind.DISCOUNT and percent is None):
        return None
    if kind is not BenefitKind.MONEY:
        return Benefit(kind=kind, percent=percent if kind is BenefitKind.DISCOUNT else None)
    return None if amount is None else _read_amount(entry, amount)


def _read_amount(entry: CatalogueEntry, written: str) -> Benefit | None:
    match = _AMOUNT.fullmatch(written)
    hundredths = int(match[1]) * 100 + int(match[2] or 0) if match else 0
    if match is None or not 1 <= hundredths <= MAX_AMOUNT:
        entry.wrong("amount", "amount", value=shown(written))
        return None
    return Benefit(kind=BenefitKind.MONEY, amount=hundredths, currency=match[3])


def _read_region(entry: CatalogueEntry) -> int | None:
    written = entry.maybe("region", str)
    if written is None:
        return None
    if _REGION.fullmatch(written) is None:
        entry.wrong("region", "region", value=shown(written))
        return None
    return int(written)


def _read_days(entry: CatalogueEntry) -> tuple[date | None, date | None]:
    first, last = entry.maybe("from", date), entry.maybe("until", date)
    for option, day in (("from", first), ("until", last)):
        if day is not None and day.year < _FIRST_YEAR:
            entry.wrong(option, "day", value=day, first=_FIRST_YEAR)
    if first is not None and last is not None and last < first:
        entry.wrong("until", "until_before_from", last=last, first=first)
    return first, last
