"""Names are found in the language asked for, or something that still helps; a wrong catalogue is refused, entry named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from said import refused
from socpass_vc.catalogue.names import BuiltInNames, builtin, read_catalogue, read_category, show_category
from socpass_vc.errors import CatalogueError
from socpass_vc.messages import Message

SMALL: dict[str, Any] = {
    "categories": {"02-545": {"ru": "Пенсионер", "en": "Pensioner"}, "30": {"ru": "Ветеран боевых действий"}},
    "document_kinds": {"2": {"ru": "справка МСЭ", "en": "disability certificate"}},
    "places": {"theatre": {"en": "theatre"}, "museum": {"ru": "музей", "en": "museum"}},
}


def read(tmp_path: Path, content: object) -> BuiltInNames:
    path = tmp_path / "agency.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_catalogue(path)


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
    assert [builtin().document_kind(kind, "ru") for kind in (1, 2, 3, 4)] == [
        "удостоверение",
        "справка МСЭ",
        "пенсионное удостоверение",
        "удостоверение многодетной семьи",
    ]
    assert builtin().place_keys == ("museum", "theatre", "park", "transport", "mfc", "clinic", "shop", "pharmacy")
    assert builtin().place("pharmacy", "ru") == "аптека"
    assert builtin().place("mfc", "en") == "public-service centre"


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


def test_a_name_is_in_the_language_else_in_english_else_the_number_as_people_write_it(tmp_path: Path) -> None:
    # given
    catalogue = read(tmp_path, SMALL)
    # then
    assert catalogue.category(2545, "ru") == "Пенсионер"
    assert catalogue.category(2545, "tt") == "Pensioner"
    assert catalogue.category(30, "en") == "00-030"
    assert catalogue.category(77_012, "ru") == "77-012"
    assert catalogue.document_kind(2, "tt") == "disability certificate"
    assert catalogue.document_kind(99, "ru") == "99"
    assert catalogue.place("theatre", "ru") == "theatre"
    assert catalogue.place("bank", "ru") == "bank"
    assert catalogue.place_keys == ("theatre", "museum")


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


# --- Wrong catalogues -------------------------------------------------------------------------------------------------


def changed(section: str, key: str, names: object) -> Callable[[], object]:
    return lambda: {**SMALL, section: {**SMALL[section], key: names}}


BANK = ("places", "bank")
WRONG: dict[str, tuple[Callable[[], object], str, tuple[str, ...]]] = {
    "a list": (lambda: [SMALL], "catalogue_sections", ()),
    "a section missing": (lambda: {key: SMALL[key] for key in ("categories", "places")}, "catalogue_sections", ()),
    "a section too many": (lambda: {**SMALL, "measures": {}}, "catalogue_sections", ()),
    "a section that is a list": (lambda: {**SMALL, "places": ["museum"]}, "not_a_json_object", ("places",)),
    "a category that is none": (changed("categories", "2-545", {"en": "x"}), "not_a_category", ("categories", "2-545")),
    "a category twice": (changed("categories", "2545", {"en": "x"}), "entry_twice_otherwise", ("categories", "2545")),
    "a kind of document that is no number": (
        changed("document_kinds", "two", {"en": "x"}),
        "not_a_document_kind",
        ("document_kinds", "two"),
    ),
    "a kind of document out of range": (
        changed("document_kinds", "65536", {"en": "x"}),
        "not_a_document_kind",
        ("document_kinds", "65536"),
    ),
    "a place that is no word": (changed("places", "Big shop", {"en": "x"}), "not_a_place", ("places", "Big shop")),
    "a name without a language": (changed("places", "bank", "bank"), "names_not_by_language", BANK),
    "no name": (changed("places", "bank", {}), "names_not_by_language", BANK),
    "a language that is none": (changed("places", "bank", {"Russian": "банк"}), "not_a_language", BANK),
    "a name that is no text": (changed("places", "bank", {"ru": 7}), "name_not_one_line", BANK),
    "an empty name": (changed("places", "bank", {"ru": ""}), "name_not_one_line", BANK),
    "a name that is too long": (changed("places", "bank", {"ru": "ж" * 121}), "name_not_one_line", BANK),
    "a name of two lines": (changed("places", "bank", {"ru": "банк\nили касса"}), "name_not_one_line", BANK),
    "a name between spaces": (changed("places", "bank", {"ru": " банк"}), "name_not_one_line", BANK),
    "a name that is not NFC": (changed("places", "bank", {"ru": "чужои\u0306"}), "name_not_one_line", BANK),
    "half a character": (changed("places", "bank", {"ru": "\ud800"}), "name_not_one_line", BANK),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_catalogue_is_refused_that_has(what: str, tmp_path: Path) -> None:
    # given
    make, reason, within = WRONG[what]
    path = str(tmp_path / "agency.json")
    # then
    with refused(CatalogueError, reason, path=path) as refusal:
        read(tmp_path, make())
    assert refusal.value.where == (path, *within)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "json_broken"),
        (b"{", "json_broken"),
        (b"\xff\xfe\xff", "json_unreadable"),
        (b"[" * 100_000, "json_unreadable"),
        (b'{"places": ' + b"7" * 5000 + b"}", "json_unreadable"),
        (b'{"places": {}, "places": {}}', "entry_twice"),
    ],
    ids=["nothing", "cut short", "no text", "too deep", "a huge number", "an entry twice"],
)
def test_a_file_that_is_no_good_json_is_no_catalogue(content: bytes, reason: str, tmp_path: Path) -> None:
    # given
    path = tmp_path / "agency.json"
    path.write_bytes(content)
    # then
    with refused(CatalogueError, reason, path=str(path)) as refusal:
        read_catalogue(path)
    assert refusal.value.where == (str(path),)


def test_a_catalogue_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with refused(CatalogueError, "cannot_be_read", why=Message("system.no_such_file")):
        read_catalogue(tmp_path / "missing.json")
