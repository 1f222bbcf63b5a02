"""catalogue.toml, specs/catalogue.md section 6: a good file is taken whole; of a wrong one, all that is wrong is said at once."""

from datetime import date
from pathlib import Path

import pytest

import world
from said import refused, text
from socpass_vc.errors import CatalogueError
from socpass_vc.format.catalogue.measures import Benefit, BenefitKind
from socpass_vc.format.catalogue.names import MAX_NAME_CHARACTERS
from socpass_vc.issuer.catalogue import load
from socpass_vc.issuer.catalogue.load import CatalogueDraft, CatalogueFault, CatalogueFaulty, parse_catalogue, read_catalogue_file
from socpass_vc.issuer.catalogue.template import sample_catalogue
from socpass_vc.messages import Message

PATH = Path("catalogue.toml")
GOOD = """\
format = 1

[[categories]]
code = "02-900"
names = {ru = "Новая", en = "New"}

[[document_kinds]]
number = 77
names.ru = "билет"

[[places]]
key = "zoo"
names.ru = "зоопарк"

[[measures]]
id = "zoo-half"
names.ru = "Зоопарк за полцены"
categories = ["02-900", "2545", "00-082"]
places = ["zoo", "park"]
benefit = "discount"
percent = 50
companions = 2
region = "00"
note.ru = "По будням"
from = 2026-01-01
until = 2026-12-31
"""


def parse(text: str) -> CatalogueDraft:
    """Return what a text says."""
    return parse_catalogue(text.encode(), PATH, world.issuer())


def faults_of(text: str) -> list[CatalogueFault]:
    """Return what is wrong with a text."""
    with pytest.raises(CatalogueFaulty) as refusal:
        parse(text)
    error = refusal.value
    assert (error.code, error.where) == ("bad_catalogue", (str(PATH),))
    assert error.facts == {"count": len(error.faults), "first": error.faults[0]}
    return list(error.faults)


def with_line(old: str, new: str) -> str:
    """Return the good file with one line changed."""
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


def test_a_good_file_says_what_is_in_it() -> None:
    # when
    draft = parse(GOOD)

    # then
    assert draft.names.categories == {2900: {"ru": "Новая", "en": "New"}}
    assert draft.names.document_kinds == {77: {"ru": "билет"}}
    assert draft.names.places == {"zoo": {"ru": "зоопарк"}}
    assert draft.measures == (
        world.measure(
            id="zoo-half",
            names={"ru": "Зоопарк за полцены"},
            categories=(82, 2545, 2900),
            places=("park", "zoo"),
            benefit=Benefit(kind=BenefitKind.DISCOUNT, percent=50),
            companions=2,
            region=0,
            notes={"ru": "По будням"},
            first=date(2026, 1, 1),
            last=date(2026, 12, 31),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "benefit"),
    [
        ('benefit = "free"', Benefit(kind=BenefitKind.FREE)),
        ('benefit = "priority"', Benefit(kind=BenefitKind.PRIORITY)),
        ('benefit = "service"', Benefit(kind=BenefitKind.SERVICE)),
        ('benefit = "money"\namount = "500 RUB"', Benefit(kind=BenefitKind.MONEY, amount=50000, currency="RUB")),
        ('amount = "0.01 KZT"\nbenefit = "money"', Benefit(kind=BenefitKind.MONEY, amount=1, currency="KZT")),
    ],
    ids=["free", "priority", "service", "whole money", "hundredths"],
)
def test_every_benefit_has_its_form(lines: str, benefit: Benefit) -> None:
    assert parse(with_line('benefit = "discount"\npercent = 50', lines)).measures[0].benefit == benefit


def test_a_file_of_names_alone_and_one_with_a_byte_order_mark_are_good() -> None:
    assert parse("\ufeffformat = 1\n").measures == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "where", "code"),
    [
        ("format = 1", "format = 2", 1, "format", "version"),
        ("format = 1", 'format = "1"', 1, "format", "kind"),
        ("format = 1", "format = true", 1, "format", "kind"),
        ("format = 1", "", 1, "format", "missing"),
        ("format = 1", "format = 1\nfromat = 1", 2, "fromat", "unknown"),
        ("[[categories]]", "[categories]", 3, "categories", "kind"),
        ("format = 1", "format = 1\nmeasure = 1", 2, "measure", "unknown"),
        ('code = "02-900"', "code = 2900", 4, "categories[0].code", "kind"),
        ('code = "02-900"', "", 3, "categories[0].code", "missing"),
        ('code = "02-900"', 'code = "02-9oo"', 4, "categories[0].code", "no_category"),
        ('code = "02-900"', 'code = "03-900"', 4, "categories[0].code", "out_of_scope"),
        ('names = {ru = "Новая", en = "New"}', "names = {}", 5, "categories[0].names", "empty"),
        ('names = {ru = "Новая", en = "New"}', 'names = "Новая"', 5, "categories[0].names", "kind"),
        ('names = {ru = "Новая", en = "New"}', 'names = {RU = "Новая"}', 5, "categories[0].names", "language"),
        ('names = {ru = "Новая", en = "New"}', "names = {ru = 1}", 5, "categories[0].names.ru", "kind"),
        ('names = {ru = "Новая", en = "New"}', 'names = {ru = " Новая"}', 5, "categories[0].names.ru", "bad_text"),
        ('names = {ru = "Новая", en = "New"}', "colour = 1", 5, "categories[0].colour", "unknown"),
        ("number = 77", "number = 0", 8, "document_kinds[0].number", "range"),
        ("number = 77", "number = 65536", 8, "document_kinds[0].number", "range"),
        ('key = "zoo"', 'key = "Zoo"', 12, "places[0].key", "place_word"),
        ('id = "zoo-half"', 'id = "Zoo"', 16, "measures[0].id", "id"),
        ('id = "zoo-half"', "", 15, "measures[0].id", "missing"),
        ('"02-900", "2545", "00-082"]', '"02-999"]', 18, "measures[0].categories", "category_unnamed"),
        ('"02-900", "2545", "00-082"]', "2545]", 18, "measures[0].categories", "kind"),
        ('"02-900", "2545", "00-082"]', "]", 18, "measures[0].categories", "empty"),
        ('"02-900", "2545", "00-082"]', '"2545", "2545"]', 18, "measures[0].categories", "twice_in_list"),
        ('"02-900", "2545", "00-082"]', '"2545", "02-545"]', 18, "measures[0].categories", "twice_in_list"),
        ('"02-900", "2545", "00-082"]', '"99-545"]', 18, "measures[0].categories", "out_of_scope"),
        ('places = ["zoo", "park"]', 'places = ["circus"]', 19, "measures[0].places", "place_unnamed"),
        ('places = ["zoo", "park"]', 'places = "zoo"', 19, "measures[0].places", "kind"),
        ('benefit = "discount"', 'benefit = "gift"', 20, "measures[0].benefit", "benefit"),
        ('benefit = "discount"', "", 15, "measures[0].benefit", "missing"),
        ('benefit = "discount"', 'benefit = "free"', 21, "measures[0].percent", "not_with"),
        ("percent = 50", "", 15, "measures[0].percent", "missing"),
        ("percent = 50", "percent = 0", 21, "measures[0].percent", "range"),
        ("percent = 50", "percent = 50.0", 21, "measures[0].percent", "kind"),
        ("percent = 50", 'percent = 50\namount = "5 RUB"', 22, "measures[0].amount", "not_with"),
        ("companions = 2", "companions = 100", 22, "measures[0].companions", "range"),
        ('region = "00"', "region = 2", 23, "measures[0].region", "kind"),
        ('region = "00"', 'region = "2"', 23, "measures[0].region", "region"),
        ('note.ru = "По будням"', 'note = "По будням"', 24, "measures[0].note", "kind"),
        ("from = 2026-01-01", "from = 2026-01-01T00:00:00Z", 25, "measures[0].from", "kind"),
        ("from = 2026-01-01", "from = 1799-12-31", 25, "measures[0].from", "day"),
        ("until = 2026-12-31", "until = 2025-12-31", 26, "measures[0].until", "until_before_from"),
        ('benefit = "discount"\npercent = 50', 'benefit = "money"', 15, "measures[0].amount", "missing"),
        ('benefit = "discount"\npercent = 50', 'benefit = "money"\namount = "5,00 RUB"', 21, "measures[0].amount", "amount"),
        ('benefit = "discount"\npercent = 50', 'benefit = "money"\namount = "0 RUB"', 21, "measures[0].amount", "amount"),
    ],
    ids=range(47),
)
def test_one_fault_is_said_with_its_line_its_option_and_what_would_be_right(
    old: str, new: str, line: int, where: str, code: str
) -> None:
    # when
    faults = faults_of(with_line(old, new))

    # then
    said = [(fault.line, fault.where, fault.code) for fault in faults]
    assert (line, where, code) in said
    assert {fault.code for fault in faults} <= {code, "missing", "category_unnamed", "place_unnamed", "kind", "unknown"}
    for fault in faults:
        where = text("at.option", line=fault.line, option=fault.where)
        assert str(fault) == f"{where}: {text(f'catalogue_file.{fault.code}', **fault.facts)}"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("\\u202eНовая", Message("text_character", character="U+202E", position=1)),
        (" Новая", Message("text_outer_space")),
        ("и\u0306", Message("text_not_nfc")),
        ("И" * (MAX_NAME_CHARACTERS + 1), Message("text_length", count=MAX_NAME_CHARACTERS + 1, longest=MAX_NAME_CHARACTERS)),
    ],
)
def test_a_text_that_no_screen_shows_is_said_with_what_is_wrong_with_it(name: str, why: Message) -> None:
    (fault,) = faults_of(with_line('names = {ru = "Новая", en = "New"}', f'names = {{ru = "{name}", en = "New"}}'))
    assert (fault.where, fault.code, fault.facts) == ("categories[0].names.ru", "bad_text", {"why": why})
    assert str(why) in str(fault)


def test_a_second_entry_of_one_code_number_key_or_id_is_a_fault() -> None:
    # given the good file, and all of its tables again
    twice = GOOD + GOOD.removeprefix("format = 1\n")

    # then
    assert [(fault.line, fault.where, fault.code) for fault in faults_of(twice)] == [
        (29, "categories[1].code", "twice"),
        (33, "document_kinds[1].number", "twice"),
        (37, "places[1].key", "twice"),
        (41, "measures[1].id", "twice"),
    ]


def test_all_faults_are_said_at_once_in_the_order_of_lines() -> None:
    # given
    text = (
        with_line("percent = 50", "percent = 500")
        .replace("number = 77", 'number = "x"')
        .replace('"zoo", "park"', '"zoo", "cirque"')
    )

    # then
    assert [(fault.line, fault.code) for fault in faults_of(text)] == [(8, "kind"), (19, "place_unnamed"), (21, "range")]


@pytest.mark.parametrize("content", [b"format = ", b"\xff", b"a = 1\na = 2", b"a" + b"=[" * 9_999, b"a = " + b"9" * 5_000])
def test_what_is_no_toml_is_said_with_what_the_reader_says(content: bytes) -> None:
    with refused(CatalogueError, "toml.unreadable") as caught:
        parse_catalogue(content, PATH, world.issuer())
    assert caught.value.where == (str(PATH),)


def test_a_list_that_holds_no_tables_is_a_fault() -> None:
    assert [(fault.line, fault.where, fault.code) for fault in faults_of("format = 1\nplaces = [1]\n")] == [
        (2, "places[0]", "no_table")
    ]


def test_too_many_of_anything_is_a_fault_and_so_is_too_much_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(load, "MAX_MEASURES", 0)
    assert [(fault.line, fault.code) for fault in faults_of(GOOD)] == [(15, "too_many")]
    monkeypatch.undo()
    monkeypatch.setattr(load, "MAX_TOKEN_BYTES", 1_100)

    # then
    assert [(fault.line, fault.where, fault.code) for fault in faults_of(GOOD)] == [(1, "", "too_large")]
    (fault,) = faults_of(GOOD)
    assert str(fault).startswith(f"{text('at.line', line=1)}: {text('catalogue_file.too_large', **fault.facts)}")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"catalogue\.toml"):
        read_catalogue_file(tmp_path / "catalogue.toml", world.issuer())


# --- The sample ---------------------------------------------------------------------------------------------


def test_the_sample_of_any_agency_is_good() -> None:
    for scopes, categories, measures in (
        (((1, 999), (2001, 2999)), 48, 25),
        (((1, 999),), 38, 6),
        (((2001, 2999),), 10, 14),
        (((50001, 50999),), 0, 0),
    ):
        # given
        issuer = world.issuer(scopes=scopes)

        # when
        text = sample_catalogue(issuer)
        draft = parse_catalogue(text.encode(), PATH, issuer)

        # then
        assert (len(draft.names.categories), len(draft.measures)) == (categories, measures)
        assert ("# [[measures]]" in text) is (measures == 0)
