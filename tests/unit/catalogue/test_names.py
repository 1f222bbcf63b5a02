"""Names are found in the language asked for, or something that still helps; a wrong catalogue is refused, entry named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from said import refused
from socpass_vc.catalogue.names import BuiltInNames, builtin, read_category, show_category
from socpass_vc.errors import CatalogueError
from socpass_vc.format.catalogue.names import MAX_NAME_CHARACTERS, is_language, is_place
from socpass_vc.format.characters import check_text

# --- The built-in catalogue -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "russian", "english"),
    [
        (30, "Ветеран боевых действий", "Combat veteran"),
        (50, "Житель блокадного Ленинграда", "Resident of besieged Leningrad"),
        (82, "Инвалидность, категория 082", "Disability, category 082"),
        (84, "Ребёнок-инвалид", "Disabled child"),
        (91, "Чернобыль, категория 091", "Chernobyl, category 091"),
        (2521, "Ветеран труда", "Labour veteran"),
        (2545, "Пенсионер", "Pensioner"),
        (2580, "Многодетная семья", "Large family"),
    ],
)
def test_well_known_categories_have_names_in_both_languages(code: int, russian: str, english: str) -> None:
    assert builtin().category(code, "ru") == russian
    assert builtin().category(code, "en") == english


def test_every_category_of_the_two_registers_has_a_name() -> None:
    # given
    federal = [10, 11, 20, 30, 50, 60, *range(81, 85), *range(91, 103), *range(111, 114), *range(121, 130), 131, 132, 140, 150]
    bashkortostan = [2000 + code for code in (510, 521, 524, 531, 532, 545, 580, 590, 613, 620)]
    # then
    assert sorted(builtin().categories) == [*federal, *bashkortostan]


@pytest.mark.parametrize("section", ["categories", "document_kinds", "places"])
def test_every_built_in_name_is_there_in_both_languages_and_no_two_are_alike(section: str) -> None:
    # given
    names = list(getattr(builtin(), section).values())
    # then
    assert all(name.keys() == {"ru", "en"} for name in names)
    for language in ("ru", "en"):
        assert len({name[language] for name in names}) == len(names)


def test_the_usual_documents_and_places_have_names() -> None:
    assert [builtin().document_kinds[kind]["ru"] for kind in (1, 2, 3, 4)] == [
        "удостоверение",
        "справка МСЭ",
        "пенсионное удостоверение",
        "удостоверение многодетной семьи",
    ]
    assert tuple(builtin().places) == ("museum", "theatre", "park", "transport", "mfc", "clinic", "shop", "pharmacy")
    assert builtin().places["pharmacy"]["ru"] == "аптека"
    assert builtin().places["mfc"]["en"] == "public-service centre"


def test_the_built_in_catalogue_is_read_once_and_cannot_be_changed() -> None:
    # given
    assert builtin() is builtin()
    changeable: Any = builtin()
    # then
    with pytest.raises(AttributeError):
        changeable.places = {}
    with pytest.raises(TypeError):
        changeable.places["bank"] = {}
    with pytest.raises(TypeError):
        changeable.places["park"]["en"] = "wood"


# --- What helps where there is no name --------------------------------------------------------------------------------


def test_a_name_is_in_the_language_else_in_english_else_the_number_as_people_write_it() -> None:
    # given
    pensioner, veteran = {"ru": "Пенсионер", "en": "Pensioner"}, {"ru": "Ветеран боевых действий"}
    names = BuiltInNames(categories={2545: pensioner, 30: veteran}, document_kinds={}, places={})
    # then
    assert names.category(2545, "ru") == "Пенсионер"
    assert names.category(2545, "tt") == "Pensioner"
    assert names.category(30, "en") == "00-030"
    assert names.category(77_012, "ru") == "77-012"


@pytest.mark.parametrize("section", ["categories", "document_kinds", "places"])
def test_every_built_in_name_could_stand_in_an_agency_s_catalogue(section: str) -> None:
    for key, names in getattr(builtin(), section).items():
        if isinstance(key, str):
            assert is_place(key)
        else:
            assert 1 <= key <= (999_999 if section == "categories" else 65_535)
        for language, name in names.items():
            assert is_language(language)
            check_text(name, MAX_NAME_CHARACTERS)


# --- Category numbers as people write them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "shown"), [(1, "00-001"), (30, "00-030"), (2545, "02-545"), (77_000, "77-000"), (999_999, "999-999")]
)
def test_a_category_is_shown_as_region_and_code(code: int, shown: str) -> None:
    assert show_category(code) == shown


@pytest.mark.parametrize(("text", "code"), [("02-545", 2545), ("2545", 2545), ("00-030", 30), ("30", 30), ("123-456", 123_456)])
def test_a_category_is_read_in_either_form(text: str, code: int) -> None:
    assert read_category(text) == code


@given(code=st.integers(1, 999_999))
def test_what_is_shown_can_be_read(code: int) -> None:
    assert read_category(show_category(code)) == code
    assert read_category(str(code)) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "00-000",
        "1000000",
        "2-545",
        "02-45",
        "002-545",
        "030",
        "-30",
        "+30",
        "02_545",
        " 30",
        "30\n",
        "٣٠",
        "²",
        "3e1",
        "02-545-1",
    ],
)
def test_what_is_no_category_is_refused(text: str) -> None:
    with refused(CatalogueError, "not_a_category", text=text):
        read_category(text)
