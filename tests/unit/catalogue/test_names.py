"""Names are found in the language asked for, or something that still helps; a wrong catalogue is refused, entry named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socpass_vc.catalogue.names import BuiltInNames, builtin, read_catalogue, read_category, show_category
from socpass_vc.errors import CatalogueError

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
    with pytest.raises(CatalogueError, match="is no category") as refused:
        read_category(text)
    assert refused.value.facts == {"text": text}


# --- Wrong catalogues -------------------------------------------------------------------------------------------------


def changed(section: str, key: str, names: object) -> Callable[[], object]:
    return lambda: {**SMALL, section: {**SMALL[section], key: names}}


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "a list": (lambda: [SMALL], "must hold categories, document_kinds and places"),
    "a section missing": (lambda: {key: SMALL[key] for key in ("categories", "places")}, "must hold categories"),
    "a section too many": (lambda: {**SMALL, "measures": {}}, "and nothing else"),
    "a section that is a list": (lambda: {**SMALL, "places": ["museum"]}, "places is no object"),
    "a category that is none": (changed("categories", "2-545", {"en": "x"}), "categories, '2-545': '2-545' is no category"),
    "a category twice": (changed("categories", "2545", {"en": "x"}), "categories, '2545': it stands there before"),
    "a kind of document that is no number": (
        changed("document_kinds", "two", {"en": "x"}),
        "document_kinds, 'two': .* from 1 to 65535",
    ),
    "a kind of document out of range": (
        changed("document_kinds", "65536", {"en": "x"}),
        "document_kinds, '65536': .* from 1 to 65535",
    ),
    "a place that is no word": (changed("places", "Big shop", {"en": "x"}), "places, 'Big shop': .* a word"),
    "a name without a language": (changed("places", "bank", "bank"), "places, 'bank': the names must be an object"),
    "no name": (changed("places", "bank", {}), "places, 'bank': the names must be an object"),
    "a language that is none": (changed("places", "bank", {"Russian": "банк"}), "places, 'bank': 'Russian' is no language"),
    "a name that is no text": (changed("places", "bank", {"ru": 7}), "places, 'bank': the name in 'ru'"),
    "an empty name": (changed("places", "bank", {"ru": ""}), "the name in 'ru' must be 1 to 120"),
    "a name that is too long": (changed("places", "bank", {"ru": "ж" * 121}), "the name in 'ru' must be 1 to 120"),
    "a name of two lines": (changed("places", "bank", {"ru": "банк\nили касса"}), "printable"),
    "a name between spaces": (changed("places", "bank", {"ru": " банк"}), "printable"),
    "a name that is not NFC": (changed("places", "bank", {"ru": "чужои\u0306"}), "NFC"),
    "half a character": (changed("places", "bank", {"ru": "\ud800"}), "printable"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_catalogue_is_refused_that_has(what: str, tmp_path: Path) -> None:
    # given
    make, reason = WRONG[what]
    # then
    with pytest.raises(CatalogueError, match=reason) as refused:
        read(tmp_path, make())
    assert str(tmp_path / "agency.json") in str(refused.value)
    assert refused.value.facts["path"] == str(tmp_path / "agency.json")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not good JSON"),
        (b"{", "not good JSON"),
        (b"\xff\xfe\xff", "not good JSON"),
        (b"[" * 100_000, "not good JSON"),
        (b'{"places": ' + b"7" * 5000 + b"}", "not good JSON"),
        (b'{"places": {}, "places": {}}', "'places' stands there twice"),
    ],
    ids=["nothing", "cut short", "no text", "too deep", "a huge number", "an entry twice"],
)
def test_a_file_that_is_no_good_json_is_no_catalogue(content: bytes, reason: str, tmp_path: Path) -> None:
    # given
    path = tmp_path / "agency.json"
    path.write_bytes(content)
    # then
    with pytest.raises(CatalogueError, match=reason) as refused:
        read_catalogue(path)
    assert refused.value.facts == {"path": str(path)}


def test_a_catalogue_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read: No such file"):
        read_catalogue(tmp_path / "missing.json")
