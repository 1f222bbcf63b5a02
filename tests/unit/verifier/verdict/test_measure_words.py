"""What to grant, in words and as an object."""

from __future__ import annotations

from datetime import date

import pytest

import world
from socpass_vc import Benefit, BenefitKind, NameBook, Speaker
from socpass_vc.verifier.verdict.measure_words import measure_as_dict, say_grant

FREE = Benefit(kind=BenefitKind.FREE)


@pytest.mark.parametrize(
    ("benefit", "companions", "english", "russian"),
    [
        (FREE, 0, "free entry", "бесплатно"),
        (FREE, 1, "free entry, with one companion", "бесплатно, с одним сопровождающим"),
        (FREE, 2, "free entry, with up to 2 companions", "бесплатно, сопровождающих — до 2"),
        (Benefit(kind=BenefitKind.DISCOUNT, percent=50), 0, "50 % off", "скидка 50 %"),
        (Benefit(kind=BenefitKind.MONEY, amount=50_000, currency="RUB"), 0, "500 RUB", "500 руб."),
        (Benefit(kind=BenefitKind.MONEY, amount=50_005, currency="RUB"), 0, "500.05 RUB", "500,05 руб."),
        (Benefit(kind=BenefitKind.MONEY, amount=100, currency="KZT"), 0, "1 KZT", "1 KZT"),
        (Benefit(kind=BenefitKind.PRIORITY), 0, "without a queue", "без очереди"),
        (Benefit(kind=BenefitKind.SERVICE), 0, "a service", "услуга"),
    ],
)
def test_what_to_grant_is_said(benefit: Benefit, companions: int, english: str, russian: str) -> None:
    measure = world.measure(benefit=benefit, companions=companions)
    assert (say_grant(measure, Speaker()), say_grant(measure, Speaker("ru"))) == (english, russian)


def test_the_object_has_all_that_a_program_needs() -> None:
    measure = world.measure(
        names={"ru": "Музеи", "en": "Museums"},
        categories=(2545,),
        places=("museum",),
        benefit=Benefit(kind=BenefitKind.DISCOUNT, percent=50),
        companions=1,
        region=2,
        notes={"ru": "по будням"},
        first=date(2026, 1, 1),
        last=date(2026, 12, 31),
    )
    assert measure_as_dict(measure, NameBook(language="ru"), Speaker("ru")) == {
        "id": measure.id,
        "name": "Музеи",
        "grant": "скидка 50 %, с одним сопровождающим",
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
