"""What to grant, in words and as an object."""

from __future__ import annotations

from datetime import date

import pytest

import world
from said import text
from socpass_vc import Benefit, BenefitKind, NameBook, Speaker
from socpass_vc.messages import Message
from socpass_vc.verifier.verdict.measure_words import measure_as_dict, say_grant

FREE = Benefit(kind=BenefitKind.FREE)
HALF = Benefit(kind=BenefitKind.DISCOUNT, percent=50)
ROUBLES = Message("measure.currency.rub")


def in_money(amount: int, currency: str) -> Benefit:
    return Benefit(kind=BenefitKind.MONEY, amount=amount, currency=currency)


@pytest.mark.parametrize(
    ("benefit", "companions", "words"),
    [
        (FREE, 0, Message("measure.benefit.free")),
        (FREE, 1, Message("measure.with_one_companion", granted=Message("measure.benefit.free"))),
        (FREE, 2, Message("measure.with_companions", granted=Message("measure.benefit.free"), most=2)),
        (HALF, 0, Message("measure.benefit.discount", percent=50)),
        (in_money(50_000, "RUB"), 0, Message("measure.whole_amount", whole=500, currency=ROUBLES)),
        (in_money(50_005, "RUB"), 0, Message("measure.amount", whole=500, hundredths="05", currency=ROUBLES)),
        (in_money(100, "KZT"), 0, Message("measure.whole_amount", whole=1, currency="KZT")),
        (Benefit(kind=BenefitKind.PRIORITY), 0, Message("measure.benefit.priority")),
        (Benefit(kind=BenefitKind.SERVICE), 0, Message("measure.benefit.service")),
    ],
)
def test_what_to_grant_is_said(benefit: Benefit, companions: int, words: Message) -> None:
    measure = world.measure(benefit=benefit, companions=companions)
    for speaker in (Speaker(), Speaker("ru")):
        assert say_grant(measure, speaker) == words.said_by(speaker)


def test_an_amount_is_written_as_in_its_country() -> None:
    measure = world.measure(benefit=in_money(50_005, "RUB"), companions=0)
    assert [say_grant(measure, Speaker(language)) for language in ("en", "ru")] == ["500.05 RUB", "500,05 руб."]


def test_the_object_has_all_that_a_program_needs() -> None:
    measure = world.measure(
        names={"ru": "Музеи", "en": "Museums"},
        categories=(2545,),
        places=("museum",),
        benefit=HALF,
        companions=1,
        region=2,
        notes={"ru": "по будням"},
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
    )
    assert measure_as_dict(measure, NameBook(language="ru"), Speaker("ru")) == {
        "id": measure.id,
        "name": "Музеи",
        "grant": text("measure.with_one_companion", "ru", granted=Message("measure.benefit.discount", percent=50)),
        "benefit": "discount",
        "companions": 1,
        "categories": ["02-545"],
        "places": [{"key": "museum", "name": "музей"}],
        "percent": 50,
        "region": "02",
        "note": "по будням",
        "from": "2026-01-01",
        "until": "2026-12-31",
    }


def test_what_does_not_apply_is_left_out() -> None:
    measure = world.measure(companions=0)
    found = measure_as_dict(measure, NameBook(), Speaker())
    assert found.keys() == {"id", "name", "grant", "benefit", "companions", "categories", "places"}
