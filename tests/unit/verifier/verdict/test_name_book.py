"""What things are called: by the issuer, else by the program, else in another language, else by a code."""

from __future__ import annotations

import world
from socpass_vc import NameBook
from socpass_vc.verifier.verdict.name_book import name_in, name_of_issuer

PAGE = world.names_page(categories={2545: {"ru": "Старший"}, 30: {"en": "Fighter"}, 41001: {"ru": "Рыбак"}})


def test_the_issuer_s_own_names_go_before_the_built_in_ones_and_those_before_another_language() -> None:
    book = NameBook(PAGE, "en")
    assert [book.category(code) for code in (30, 2545, 41001, 41002)] == ["Fighter", "Pensioner", "Рыбак", "41-002"]
    book = NameBook(PAGE, "ru")
    assert [book.category(code) for code in (30, 2545, 41001)] == ["Ветеран боевых действий", "Старший", "Рыбак"]


def test_documents_and_places_have_names_too() -> None:
    book = NameBook()
    assert (book.language, book.document_kind(3), book.document_kind(999)) == ("en", "pension certificate", "999")
    assert (book.place("museum"), book.place("zoo")) == ("museum", "zoo")
    assert NameBook(PAGE).document_kind(999) == "999"


def test_all_categories_that_have_a_name_are_listed() -> None:
    assert NameBook(PAGE, "ru").categories()[41001] == "Рыбак"
    assert 41001 not in NameBook(language="ru").categories()


def test_a_name_is_in_the_language_asked_for_else_in_english_else_in_russian_else_in_any() -> None:
    assert name_in({"ru": "а", "en": "b", "de": "c"}, "de") == "c"
    assert name_in({"ru": "а", "en": "b", "de": "c"}, "fr") == "b"
    assert name_in({"de": "c", "ru": "а"}, "fr") == "а"
    assert name_in({"de": "c"}, "fr") == "c"
    assert name_in({}, "fr") is name_in(None, "fr") is None


def test_an_issuer_is_named_in_the_language_asked_for_else_in_russian_else_in_any() -> None:
    assert name_of_issuer(world.issuer(names={"ru": "а", "en": "b"}), "en") == "b"
    assert name_of_issuer(world.issuer(names={"ba": "c", "ru": "а"}), "en") == "а"
    assert name_of_issuer(world.issuer(names={"ba": "c"}), "en") == "c"
