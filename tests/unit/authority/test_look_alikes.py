"""Issuers that people would take for one another, specs/signing-request.md section 3: skeletons of UTS 39."""

import pytest

import world
from socpass_vc.authority.look_alikes import LookAlike, look_alikes, skeleton
from socpass_vc.format.trust.issuers import Issuer

ALIKE = [
    ("Министерство труда", "Mинистерство трудa"),
    ("RU-BO", "RU-B0"),
    ("RU-I1", "RU-1I"),
    ("Social Fund", "Sосiаl Fund"),
    ("Social Fund", "\uff33ocial\u00a0\u2003Fund"),
    ("Министерство труда", "МИНИСТЕРСТВО ТРУДА"),
    ("Фонд \u2013 область", "Фонд - область"),
    ("modern", "rnodern"),
    ("Ё", "\u00cb"),
]
APART = [("Министерство труда", "Министерство права"), ("RU-BA", "RU-BE"), ("Фонд 1", "Фонд 2"), ("Е", "Ё")]


def issuer(id_: str, name: str) -> Issuer:
    """Return an issuer."""
    return world.issuer(id=id_, names={"ru": name})


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_what_looks_alike_is_found(one: str, other: str) -> None:
    assert list(look_alikes([issuer("RU-A", one), issuer("RU-C", other)])) == [LookAlike("RU-A", "RU-C", one, other)]


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_people_tell_apart_is_not_named(one: str, other: str) -> None:
    assert list(look_alikes([issuer("RU-A", one), issuer("RU-C", other)])) == []


def test_ids_are_compared_with_ids_and_names_with_names_in_whatever_language() -> None:
    # given
    one = world.issuer(id="RU-B0", names={"en": "Office", "ru": "Фонд"})
    second = world.issuer(id="RU-BO", names={"kk": "Ведомство"})
    third = world.issuer(id="RU-C", names={"kk": "Оffice", "ru": "RU-BO"})

    # then
    by_id, by_name = LookAlike("RU-B0", "RU-BO", "RU-B0", "RU-BO"), LookAlike("RU-B0", "RU-C", "Office", "Оffice")
    assert list(look_alikes([one, second, third])) == [by_id, by_name]


def test_of_many_that_look_alike_each_is_named_beside_the_first_and_once() -> None:
    # given
    many = [world.issuer(id=f"RU-{number}", names={"en": "Office", "ru": "Фонд"}) for number in range(200, 203)]

    # then
    assert [(found.one, found.other) for found in look_alikes(many)] == [("RU-200", "RU-201"), ("RU-200", "RU-202")]


def test_a_skeleton_has_one_skeleton() -> None:
    for text, other in ALIKE:
        assert skeleton(skeleton(text)) == skeleton(text)
        assert skeleton(skeleton(other)) == skeleton(other)
