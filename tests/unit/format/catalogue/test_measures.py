"""The two pages of a catalogue, specs/catalogue.md section 2: what they may hold, and what comes back."""

from datetime import date
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.catalogue.measures import (
    MAX_MEASURES,
    Benefit,
    BenefitKind,
    encode_measures,
    is_currency,
    is_id,
    read_measures,
)
from socpass_vc.format.catalogue.names import MAX_NAMED, NamesPage, is_language, is_place, read_names

EVERYTHING = world.measure(
    benefit=Benefit(kind=BenefitKind.MONEY, amount=50050, currency="RUB"),
    companions=2,
    region=0,
    notes={"ru": "По будням"},
    first=date(2026, 1, 1),
    last=date(2026, 12, 31),
)


def test_a_page_of_names_comes_back() -> None:
    assert read_names(world.names_page().encode()) == world.names_page()


@pytest.mark.parametrize(
    "benefit",
    [
        Benefit(kind=BenefitKind.FREE),
        Benefit(kind=BenefitKind.DISCOUNT, percent=100),
        Benefit(kind=BenefitKind.MONEY, amount=1, currency="RUB"),
        Benefit(kind=BenefitKind.PRIORITY),
        Benefit(kind=BenefitKind.SERVICE),
    ],
    ids=lambda benefit: str(benefit.kind.name),
)
def test_a_page_of_measures_comes_back_in_the_order_of_ids(benefit: Benefit) -> None:
    # given
    measures = (world.measure(id="z", benefit=benefit), EVERYTHING, world.measure(id="a", companions=0))

    # when
    page = encode_measures(measures)

    # then
    assert read_measures(page) == (measures[2], measures[1], measures[0])
    assert encode_measures(reversed(measures)) == page


def test_an_empty_page_of_measures_is_one() -> None:
    assert read_measures(encode_measures(())) == ()


@pytest.mark.parametrize(
    ("day", "covered"),
    [(date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 12, 31), True), (date(2027, 1, 1), False)],
)
def test_a_measure_covers_its_days_both_ends_included(day: date, covered: bool) -> None:
    assert EVERYTHING.covers(day) is covered
    assert world.measure().covers(day)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": BenefitKind.DISCOUNT},
        {"kind": BenefitKind.FREE, "percent": 5},
        {"kind": BenefitKind.DISCOUNT, "percent": 0},
        {"kind": BenefitKind.DISCOUNT, "percent": 101},
        {"kind": BenefitKind.MONEY, "amount": 1},
        {"kind": BenefitKind.MONEY, "currency": "RUB"},
        {"kind": BenefitKind.SERVICE, "amount": 1, "currency": "RUB"},
        {"kind": BenefitKind.MONEY, "amount": 0, "currency": "RUB"},
        {"kind": BenefitKind.MONEY, "amount": 10**12 + 1, "currency": "RUB"},
        {"kind": BenefitKind.MONEY, "amount": 1, "currency": "rub"},
    ],
    ids=str,
)
def test_a_benefit_cannot_contradict_itself(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        Benefit(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "Museum"},
        {"names": {}},
        {"names": {"ru": ""}},
        {"names": {"RU": "a"}},
        {"notes": {"ru": "a" * 501}},
        {"categories": ()},
        {"categories": (2, 1)},
        {"categories": (0,)},
        {"categories": (1_000_000,)},
        {"places": ()},
        {"places": ("park", "museum")},
        {"places": ("Museum",)},
        {"companions": -1},
        {"companions": 100},
        {"region": -1},
        {"region": 1000},
        {"first": date(2026, 1, 2), "last": date(2026, 1, 1)},
    ],
    ids=str,
)
def test_a_measure_cannot_be_made_wrong(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.measure(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"categories": {0: {"ru": "a"}}},
        {"categories": {1_000_000: {"ru": "a"}}},
        {"document_kinds": {65_536: {"ru": "a"}}},
        {"places": {"Zoo": {"ru": "a"}}},
        {"places": {"zoo": {}}},
        {"categories": {code: {"ru": "a"} for code in range(1, MAX_NAMED + 2)}},
    ],
    ids=["category 0", "category 1000000", "kind 65536", "place Zoo", "no names", "4097 categories"],
)
def test_a_page_of_names_cannot_be_made_wrong(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        world.names_page(**changes)


def test_two_measures_with_one_id_or_too_many_make_no_page() -> None:
    for measures in (
        [world.measure(), world.measure()],
        [world.measure(id=f"m{number}") for number in range(MAX_MEASURES + 1)],
    ):
        with refused(ClaimsError, "measures_too_many_or_twice"):
            encode_measures(measures)


def test_a_day_before_1800_makes_no_page() -> None:
    with refused(ClaimsError, "day_before_1800", day=date(1799, 12, 31)):
        encode_measures([world.measure(first=date(1799, 12, 31))])


def test_a_page_with_fields_of_a_later_version_is_unsupported_and_with_ones_to_ignore_is_read() -> None:
    # given
    page = cbor.decode(world.names_page().encode())
    measures = cbor.decode(encode_measures([world.measure()]))
    assert isinstance(measures, list)
    measure = measures[0]

    # then
    assert isinstance(page, dict)
    assert isinstance(measure, dict)
    assert read_names(cbor.encode({**page, 64: 1})) == world.names_page()
    assert read_measures(cbor.encode([{**measure, 64: 1}])) == (world.measure(),)
    with pytest.raises(Unsupported):
        read_names(cbor.encode({**page, 63: 1}))
    with pytest.raises(Unsupported):
        read_measures(cbor.encode([{**measure, 63: 1}]))
    with pytest.raises(Unsupported):
        read_measures(cbor.encode([{**measure, 5: [6]}]))


def test_pages_that_are_none_are_malformed() -> None:
    for reader in (read_names, read_measures):
        for page in (b"", b"\xff", b"\x01"):
            with pytest.raises(Malformed):
                reader(page)


def test_words_are_told_from_other_text() -> None:
    assert [is_place(word) for word in ("museum", "zoo_2", "a" * 32, "", "2zoo", "a" * 33, "Zoo", "zoo-2")] == [True] * 3 + [
        False
    ] * 5
    assert [is_id(word) for word in ("museum-1", "a" * 64, "", "-a", "a" * 65, "a_b")] == [True] * 2 + [False] * 4
    assert [is_language(word) for word in ("ru", "bak", "r", "russ", "RU")] == [True] * 2 + [False] * 3
    assert [is_currency(word) for word in ("RUB", "RU", "rub", "RUBL")] == [True] + [False] * 3


def test_a_page_of_names_may_be_empty() -> None:
    # given
    empty = NamesPage(categories={}, document_kinds={}, places={})

    # then
    assert read_names(empty.encode()) == empty
