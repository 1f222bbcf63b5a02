"""What categories open: the page of measures of a catalogue, and its bytes (specs/catalogue.md, section 2).

It knows nothing of signatures, of passes or of today's date.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from itertools import pairwise

from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor, characters, fields
from socpass_vc.format.catalogue.names import (
    MAX_CATEGORY,
    MAX_NAME_CHARACTERS,
    MAX_NAMED,
    MAX_PAGE_ITEMS,
    Names,
    check_texts,
    encode_page,
    encode_texts,
    is_place,
    read_texts,
)
from socpass_vc.format.cbor import Value
from socpass_vc.messages import Message

MAX_NOTE_CHARACTERS = 500
MAX_MEASURES = 4_096
MAX_PLACES = 64
"""Kinds of place of one measure."""
MAX_ID_CHARACTERS = 64
MAX_AMOUNT = 10**12
"""In hundredths: ten thousand million roubles."""
MAX_COMPANIONS = 99
MAX_REGION = 999

_ID, _NAMES, _CATEGORIES, _PLACES, _BENEFIT, _COMPANIONS, _REGION, _NOTES, _FIRST, _LAST = range(1, 11)
_MEASURE_KEYS = frozenset(range(1, 11))
_SMALL_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
_ID_CHARACTERS = _SMALL_LETTERS | _DIGITS | {"-"}
_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class BenefitKind(IntEnum):
    """What a measure grants."""

    FREE = 1
    DISCOUNT = 2
    MONEY = 3
    PRIORITY = 4
    SERVICE = 5


_LENGTHS = {
    BenefitKind.FREE: 1,
    BenefitKind.DISCOUNT: 2,
    BenefitKind.MONEY: 3,
    BenefitKind.PRIORITY: 1,
    BenefitKind.SERVICE: 1,
}
"""Items of a benefit on the wire, its kind among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """What a measure grants, and how much of it.

    Attributes:
        kind: free entry, a discount, money, no queue, or a service.
        percent: of a discount, 1 to 100; None otherwise.
        amount: of money, 1 to 10^12 hundredths of the currency (kopecks); None otherwise.
        currency: of money, three capital letters (ISO 4217); None otherwise.
    """

    kind: BenefitKind
    percent: int | None = None
    amount: int | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        if (self.percent is not None) != (self.kind is BenefitKind.DISCOUNT):
            raise ClaimsError("benefit_percent")
        if (self.amount is not None, self.currency is not None) != (self.kind is BenefitKind.MONEY,) * 2:
            raise ClaimsError("benefit_money")
        if self.percent is not None and not 1 <= self.percent <= 100:  # noqa: PLR2004 -- per cent
            raise _out_of_range("field.discount", self.percent, 1, 100)
        if self.amount is not None and not 1 <= self.amount <= MAX_AMOUNT:
            raise _out_of_range("field.amount", self.amount, 1, MAX_AMOUNT)
        if self.currency is not None and not is_currency(self.currency):
            raise ClaimsError("benefit_currency", currency=self.currency)

    def encode(self) -> list[Value]:
        """Return the array of the benefit."""
        more: tuple[int | str | None, ...] = (self.percent, self.amount, self.currency)
        return [int(self.kind), *(value for value in more if value is not None)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What one measure grants, to whom, where and when.

    Attributes:
        id: 1 to 64 of a-z, 0-9 and "-", beginning with a letter; the agency's own word, which stays when the name changes.
        names: language to name, at least one.
        categories: ascending; any of them opens the measure.
        places: kinds of place where it is granted, such as "museum", ascending.
        benefit: what is granted.
        companions: how many people may accompany the holder, 0 to 99.
        region: number of the region where it is granted, 0 for the whole country, or None where the agency does not say.
        notes: language to what else the cashier should know.
        first: the first day, or None for no beginning.
        last: the last day, included, or None for no end.
    """

    id: str
    names: Names
    categories: tuple[int, ...]
    places: tuple[str, ...]
    benefit: Benefit
    companions: int = 0
    region: int | None = None
    notes: Names = field(default_factory=dict)
    first: date | None = None
    last: date | None = None

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise ClaimsError("measure_id", id=self.id, longest=MAX_ID_CHARACTERS)
        check_texts("field.names_of_measure", self.id, self.names, MAX_NAME_CHARACTERS)
        if self.notes:
            check_texts("field.notes_of_measure", self.id, self.notes, MAX_NOTE_CHARACTERS, characters.check_text)
        if not 1 <= len(self.categories) <= MAX_NAMED or not _ascends(self.categories):
            raise ClaimsError("measure_categories", id=self.id, most=MAX_NAMED)
        if not 1 <= self.categories[0] <= self.categories[-1] <= MAX_CATEGORY:
            raise ClaimsError("measure_category", id=self.id, highest=MAX_CATEGORY)
        if not 1 <= len(self.places) <= MAX_PLACES or not _ascends(self.places) or not all(map(is_place, self.places)):
            raise ClaimsError("measure_places", id=self.id, most=MAX_PLACES)
        if not 0 <= self.companions <= MAX_COMPANIONS:
            raise _out_of_range("field.companions", self.companions, 0, MAX_COMPANIONS).at(_named(self.id))
        if self.region is not None and not 0 <= self.region <= MAX_REGION:
            raise _out_of_range("field.region", self.region, 0, MAX_REGION).at(_named(self.id))
        if self.first and self.last and self.last < self.first:
            raise ClaimsError("measure_ends_before_start", id=self.id, first=self.first, last=self.last)

    def covers(self, day: date) -> bool:
        """Tell whether *day* lies within the measure's days, which are the issuer's civil days."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


def encode_measures(measures: Iterable[Measure]) -> bytes:
    """Return the deterministic CBOR of a page of measures.

    Args:
        measures: at most 4,096; in any order.

    Raises:
        ClaimsError: two have one id, there are too many, or a day lies before 1800.
    """
    ordered = sorted(measures, key=lambda measure: measure.id)
    if len(ordered) > MAX_MEASURES or not _ascends([measure.id for measure in ordered]):
        raise ClaimsError("measures_too_many_or_twice", most=MAX_MEASURES)
    return encode_page([_encode_measure(measure) for measure in ordered])


def read_measures(page: bytes) -> tuple[Measure, ...]:
    """Return the measures that *page* encodes, ascending by id.

    Raises:
        Malformed: it is not a page of measures.
        Unsupported: it has a field, or a kind of benefit, that this program does not know.
    """
    entries = fields.read_list(cbor.decode(page, items=MAX_PAGE_ITEMS), "field.measures", 0, MAX_MEASURES)
    try:
        measures = tuple([_read_measure(entry) for entry in entries])
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error
    if not _ascends([measure.id for measure in measures]):
        raise Malformed("measures_out_of_order")
    return measures


def is_id(text: str) -> bool:
    """Tell whether *text* may be the id of a measure."""
    return 1 <= len(text) <= MAX_ID_CHARACTERS and text[0] in _SMALL_LETTERS and _ID_CHARACTERS.issuperset(text)


def is_currency(text: str) -> bool:
    """Tell whether *text* is three capital letters, as in "RUB" (ISO 4217)."""
    return len(text) == 3 and _CAPITALS.issuperset(text)  # noqa: PLR2004 -- said above


def _encode_measure(measure: Measure) -> dict[int | str, Value]:
    entry: dict[int | str, Value] = {
        _ID: measure.id,
        _NAMES: encode_texts(measure.names),
        _CATEGORIES: list(measure.categories),
        _PLACES: list(measure.places),
        _BENEFIT: measure.benefit.encode(),
    }
    optional: dict[int | str, Value] = {
        _COMPANIONS: measure.companions or None,
        _REGION: measure.region,
        _NOTES: encode_texts(measure.notes) or None,
        _FIRST: _to_day(measure.first),
        _LAST: _to_day(measure.last),
    }
    return entry | {key: value for key, value in optional.items() if value is not None}


def _to_day(day: date | None) -> int | None:
    try:
        return None if day is None else fields.to_day(day)
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError) from error


def _read_measure(value: Value) -> Measure:
    entry = fields.read_numbered_map(value, "field.measure", _MEASURE_KEYS)
    categories = fields.read_list(entry.get(_CATEGORIES), "field.measure_categories", 1, MAX_NAMED)
    places = fields.read_list(entry.get(_PLACES), "field.measure_places", 1, MAX_PLACES)
    return Measure(
        id=fields.read_text(entry.get(_ID), "field.measure_id"),
        names=read_texts(entry.get(_NAMES), "field.measure_names"),
        categories=tuple([fields.read_uint(category, "field.measure_category", 1, MAX_CATEGORY) for category in categories]),
        places=tuple([fields.read_text(place, "field.measure_place") for place in places]),
        benefit=_read_benefit(entry.get(_BENEFIT)),
        companions=fields.read_uint(entry[_COMPANIONS], "field.companions", 1, MAX_COMPANIONS) if _COMPANIONS in entry else 0,
        region=fields.read_uint(entry[_REGION], "field.region", 0, MAX_REGION) if _REGION in entry else None,
        notes=read_texts(entry[_NOTES], "field.measure_notes") if _NOTES in entry else {},
        first=fields.read_day(entry[_FIRST], "field.measure_first") if _FIRST in entry else None,
        last=fields.read_day(entry[_LAST], "field.measure_last") if _LAST in entry else None,
    )


def _read_benefit(value: Value) -> Benefit:
    benefit = fields.read_list(value, "field.benefit", 1, 3)
    number = fields.read_uint(benefit[0], "field.benefit_kind", 1, fields.FIRST_IGNORED_KEY - 1)
    if number not in _LENGTHS:
        raise Unsupported("newer_benefit", kind=number)
    kind = BenefitKind(number)
    if len(benefit) != _LENGTHS[kind]:
        raise Malformed("benefit_items", kind=number, given=len(benefit), needed=_LENGTHS[kind])
    return Benefit(
        kind=kind,
        percent=fields.read_uint(benefit[1], "field.discount", 1, 100) if kind is BenefitKind.DISCOUNT else None,
        amount=fields.read_uint(benefit[1], "field.amount", 1, MAX_AMOUNT) if kind is BenefitKind.MONEY else None,
        currency=fields.read_text(benefit[2], "field.currency") if kind is BenefitKind.MONEY else None,
    )


def _named(measure_id: str) -> Message:
    return Message("field.this_measure", id=measure_id)


def _out_of_range(field: str, number: int, lowest: int, highest: int) -> ClaimsError:
    return ClaimsError("number_out_of_range", given=number, lowest=lowest, highest=highest).at(Message(field))


def _ascends(values: Sequence[int] | Sequence[str]) -> bool:
    return all(low < high for low, high in pairwise(values))  # type: ignore[operator]  # all are numbers, or all are text
