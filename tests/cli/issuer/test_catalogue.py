"""The catalogue as a cashier, a holder and an agency's operator meet it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from command import Said, Shell
from said import before_facts, text
from socpass_cli.app import language
from socpass_cli.words import measures
from socpass_vc.format.catalogue.measures import MAX_ID_CHARACTERS, Benefit, BenefitKind
from socpass_vc.messages import Message, Speaker
from socpass_vc.verifier.verdict.name_book import NameBook
from world import measure, names_page

LATER = "2100-01-01T00:00"
FREE = Message("measure.benefit.free")
FREE_FOR_TWO = Message("measure.with_one_companion", granted=FREE)


@pytest.fixture
def till(demo_folder: Path, tmp_path: Path) -> Path:
    """Return a till of the demo that a test may change."""
    return Path(shutil.copytree(demo_folder / "till", tmp_path / "till"))


@pytest.fixture
def agency(demo_folder: Path, tmp_path: Path) -> Path:
    """Return the agency of the demo, which a test may change."""
    return Path(shutil.copytree(demo_folder / "agency", tmp_path / "agency"))


def accepted(demo_folder: Path) -> Path:
    return demo_folder / "passes" / "accepted.png"


# --- At the till ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "museums"),
    [("en", "Free entry to state museums"), ("ru", "Бесплатное посещение государственных музеев")],
)
def test_a_museum_is_told_what_to_grant(shell: Shell, demo_folder: Path, lang: str, museums: str) -> None:
    words = f"{FREE_FOR_TWO.said_by(Speaker(lang))}: {museums} ({text('cli.measure.region', lang, region='02')})"
    said = shell("verify", accepted(demo_folder), "--store", demo_folder / "till", "--place", "museum", "--lang", lang)
    assert (said.code, words in said.out) == (0, True)


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_of_several_passes_each_line_says_what_to_grant(shell: Shell, demo_folder: Path, lang: str) -> None:
    words = text("cli.verdict.grant_in_short", lang, grants=FREE_FOR_TWO)
    arguments = ("verify", accepted(demo_folder), demo_folder / "passes" / "revoked.png", "--store", demo_folder / "till")
    first, second = shell(*arguments, "--place", "museum", "--lang", lang).out.splitlines()
    assert (words in first, words in second) == (True, False), first
    assert words not in shell(*arguments, "--lang", lang).out
    assert second


def test_a_place_where_the_pass_opens_nothing_refuses_and_says_why(shell: Shell, demo_folder: Path) -> None:
    said = shell("verify", accepted(demo_folder), "--store", demo_folder / "till", "--place", "mfc")
    assert said.code == 1
    assert text("verdict.reason.nothing_at_place") in said.out
    assert text("cli.verdict.asked_for", what="public-service centre") in said.out
    said = shell("verify", accepted(demo_folder), "--store", demo_folder / "till", "--place", "mfc", "--lang", "ru")
    assert text("cli.verdict.asked_for", "ru", what="МФЦ") in said.out
    found = json.loads(shell("verify", accepted(demo_folder), "--store", demo_folder / "till", "--place", "mfc", "--json").out)
    assert (found["code"], "grants" in found) == ("no_entitlement", False)


def test_an_unknown_place_is_wrong_usage_and_the_known_ones_are_listed(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    for store in (demo_folder / "till", tmp_path / "nowhere"):
        for command in ("verify", "measures"):
            said = shell(command, accepted(demo_folder), "--store", store, "--place", "musuem")
            sentence = text("cli.verify.unknown_place", place="musuem", known="clinic, mfc, museum,")
            assert (said.code, sentence in said.err) == (2, True)


def test_a_place_that_only_the_agency_knows_is_known(shell: Shell, agency: Path, demo_folder: Path, till: Path) -> None:
    # given
    with (agency / "catalogue.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[places]]\nkey = "zoo"\nnames.ru = "зоопарк"\n\n[[measures]]\nid = "zoo"\nnames.ru = "Зоопарк"\n'
            'categories = ["02-545"]\nplaces = ["zoo"]\nbenefit = "free"\n'
        )
    passphrase = demo_folder / "passphrase.txt"
    assert shell("issuer", "publish", "site", "--agency", agency, "--passphrase-file", passphrase).code == 0
    assert shell("sync", "site", "--store", till).code == 0

    # then
    said = shell("verify", accepted(demo_folder), "--store", till, "--place", "zoo")
    assert (said.code, f"{FREE}: Зоопарк" in said.out) == (0, True)
    said = shell("measures", accepted(demo_folder), "--store", till)
    assert f"* {FREE}: Зоопарк (зоопарк)" in said.out


def test_a_till_without_a_catalogue_verifies_and_cannot_say_what_to_grant(shell: Shell, demo_folder: Path, till: Path) -> None:
    # given
    shutil.rmtree(till / "catalogue")

    # then
    assert shell("verify", accepted(demo_folder), "--store", till).code == 0
    for arguments in (("verify", "--place", "museum"), ("measures",), ("measures", "--place", "museum")):
        said = shell(arguments[0], accepted(demo_folder), "--store", till, *arguments[1:])
        assert (said.code, text("verdict.reason.catalogue_unknown") in said.out, "socpass sync" in said.out) == (4, True, True)
        assert "Константинопольская" in said.out
    assert text("cli.store.no_catalogue") in shell("store", "--store", till).out


def test_an_expired_catalogue_cannot_tell_or_warns(shell: Shell, demo_folder: Path) -> None:
    for command in (("verify", "--place", "museum"), ("measures",)):
        said = shell(
            command[0], accepted(demo_folder), "--store", demo_folder / "till", *command[1:], "--on-stale", "warn", "--at", soon()
        )
        assert (said.code, text("verdict.warning.catalogue_expired") in said.out, str(FREE) in said.out) == (0, True, True)
    said = shell("measures", accepted(demo_folder), "--store", demo_folder / "till", "--at", soon())
    assert (said.code, before_facts("verdict.reason.status_stale") in said.out) == (4, True)


def soon() -> str:
    """Return a time in 20 days: after the catalogue, before the pass and the trust list have expired."""
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 -- beside its one use

    return (datetime.now(UTC) + timedelta(days=20)).isoformat()


def test_the_agency_s_names_come_first_and_a_damaged_catalogue_is_no_reason_to_refuse(
    shell: Shell, demo_folder: Path, agency: Path, till: Path
) -> None:
    # given
    path = agency / "catalogue.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('names.en = "Pensioner"', 'names.en = "Golden ager"').replace('"pension certificate"', '"grey book"')
    )
    passphrase = demo_folder / "passphrase.txt"
    assert shell("issuer", "publish", "site", "--agency", agency, "--passphrase-file", passphrase).code == 0
    assert shell("sync", "site", "--store", till).code == 0

    # then
    said = shell("verify", accepted(demo_folder), "--store", till)
    assert "+ Golden ager [02-545] (grey book *6789" in said.out
    found = json.loads(shell("verify", accepted(demo_folder), "--store", till, "--json").out)
    assert found["pass"]["entitlements"][1]["name"] == "Golden ager"
    assert found["pass"]["entitlements"][1]["document"]["name"] == "grey book"
    assert "+ Пенсионер [02-545]" in shell("verify", accepted(demo_folder), "--store", till, "--lang", "ru").out

    # when
    (file,) = (till / "catalogue").glob("*.cwt")
    file.write_bytes(b"rubbish")

    # then
    said = shell("verify", accepted(demo_folder), "--store", till)
    assert (said.code, "+ Pensioner [02-545]" in said.out) == (0, True)
    said = shell("verify", accepted(demo_folder), "--store", till, "--place", "museum")
    assert (said.code, before_facts("damaged_file") in said.out) == (4, True)
    assert shell("store", "--store", till).code == 1


def test_grants_as_json_are_as_documented(shell: Shell, demo_folder: Path) -> None:
    found = json.loads(shell("verify", accepted(demo_folder), "--store", demo_folder / "till", "--place", "museum", "--json").out)
    assert found["grants"] == [
        {
            "id": "museum-free",
            "name": "Free entry to state museums",
            "grant": str(FREE_FOR_TWO),
            "benefit": "free",
            "companions": 1,
            "categories": ["00-010", "00-020", "00-050", "00-084", "02-510", "02-521", "02-545"],
            "places": [{"key": "museum", "name": "museum"}],
            "region": "02",
            "note": "The permanent exhibition; not the exhibitions of partners",
        }
    ]


# --- The holder -------------------------------------------------------------------------------------------------------


def test_measures_lists_what_the_holder_may_claim_everywhere(shell: Shell, demo_folder: Path) -> None:
    said = shell("measures", accepted(demo_folder), "--store", demo_folder / "till")
    assert (said.code, said.out.count("\n  * ")) == (0, 9)
    discount, region = text("measure.benefit.discount", percent=30), text("cli.measure.region", region="02")
    assert f"* {discount}: Matinees for pensioners (theatre; {region})" in said.out
    said = shell("measures", accepted(demo_folder), "--store", demo_folder / "till", "--place", "theatre", "--lang", "ru")
    assert (said.code, said.out.count("\n  * ")) == (0, 2)
    found = json.loads(shell("measures", accepted(demo_folder), "--store", demo_folder / "till", "--json").out)
    assert len(found["measures"]) == 9
    assert "grants" not in found


def test_measures_of_a_pass_that_does_not_count_are_none(shell: Shell, demo_folder: Path) -> None:
    said = shell("measures", demo_folder / "passes", "--store", demo_folder / "till", "--json")
    verdicts = [json.loads(line) for line in said.out.splitlines()]
    assert (said.code, len(verdicts)) == (1, 6)
    assert [found["code"] for found in verdicts if "measures" in found] == ["accepted"]
    said = shell("measures", demo_folder / "passes" / "revoked.png", "--store", demo_folder / "till")
    assert (said.code, text("verdict.reason.revoked") in said.out, "  * " in said.out) == (1, True, False)


def test_a_pass_that_opens_no_measure_counts_and_says_so(shell: Shell, demo_folder: Path, agency: Path, till: Path) -> None:
    # given
    path = agency / "catalogue.toml"
    path.write_text(path.read_text(encoding="utf-8").partition("[[measures]]")[0], encoding="utf-8")
    passphrase = demo_folder / "passphrase.txt"
    assert shell("issuer", "publish", "site", "--agency", agency, "--passphrase-file", passphrase).code == 0
    assert shell("sync", "site", "--store", till).code == 0

    # then
    said = shell("measures", accepted(demo_folder), "--store", till)
    assert (said.code, text("cli.measures.none") in said.out) == (0, True)


# --- The agency -------------------------------------------------------------------------------------------------------


def run(shell: Shell, agency: Path, *arguments: object) -> Said:
    return shell("issuer", "catalogue", *arguments, "--agency", agency)


def test_a_catalogue_is_begun_checked_and_shown(shell: Shell, agency: Path) -> None:
    # given
    (agency / "catalogue.toml").unlink()
    assert text("cli.catalogue.none_here") in run(shell, agency, "check").err

    # when
    assert run(shell, agency, "init").code == 0

    # then
    said = run(shell, agency, "check")
    good = text("cli.catalogue.good", path=agency / "catalogue.toml", categories=48, document_kinds=8, places=8, measures=25)
    assert (said.code, said.out) == (0, f"{good}\n")
    said = run(shell, agency, "show", "--lang", "ru")
    assert (said.code, "музей [museum]" in said.out, text("cli.catalogue.measures", "ru", count=25) in said.out) == (
        0,
        True,
        True,
    )
    said = run(shell, agency, "init")
    assert (said.code, text("cli.catalogue.exists_already") in said.err) == (1, True)


def test_every_fault_has_its_line_in_the_language_of_the_reader(shell: Shell, agency: Path) -> None:
    # given
    (agency / "catalogue.toml").write_text(
        'format = 1\n[[measures]]\nid = "Музей"\nplaces = ["a\x1bb"]\n'.replace("\x1b", "\\u001b")
    )

    # then
    said = run(shell, agency, "check")
    assert said.code == 1
    wrong_id = {"value": '"Музей"', "longest": MAX_ID_CHARACTERS}
    where, option = "measures[0].id", "measures[0].benefit"
    assert f"catalogue.toml: {text('at.option', line=3, option=where)}: {text('catalogue_file.id', **wrong_id)}" in said.err
    assert f"{text('at.option', line=2, option=option)}: {text('catalogue_file.missing')}" in said.err
    assert "\x1b" not in said.err
    assert "[bad_catalogue]" in said.err
    said = run(shell, agency, "show", "--lang", "ru")
    russian = f"{text('at.option', 'ru', line=3, option=where)}: {text('catalogue_file.id', 'ru', **wrong_id)}"
    assert f"catalogue.toml: {russian}" in said.err
    assert f"{text('at.option', 'ru', line=2, option=option)}: {text('catalogue_file.missing', 'ru')}" in said.err


def test_a_file_that_is_no_toml_says_where(shell: Shell, agency: Path) -> None:
    (agency / "catalogue.toml").write_text("format = 1\n[[measures]\n")
    said = run(shell, agency, "check", "--lang", "ru")
    begins = before_facts("toml.unreadable", "ru")
    assert (said.code, begins in said.err, "line 2" in said.err) == (1, True, True)


def test_publishing_a_wrong_catalogue_says_what_was_published(shell: Shell, agency: Path, demo_folder: Path) -> None:
    # given
    (agency / "catalogue.toml").write_text("format = 2\n")

    # when
    said = shell("issuer", "publish", "site", "--agency", agency, "--passphrase-file", demo_folder / "passphrase.txt")

    # then
    assert said.code == 1
    assert text("cli.publish.catalogue_wrong") in said.err
    where, wrong = text("at.option", line=1, option="format"), text("catalogue_file.version", value="2", format=1)
    assert f"{where}: {wrong}" in said.err
    assert Path("site/trust.spt").exists()
    assert not Path("site/status/catalogue.cwt").exists()


# --- Words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("benefit", "companions", "words"),
    [
        (Benefit(kind=BenefitKind.FREE), 0, FREE),
        (Benefit(kind=BenefitKind.FREE), 3, Message("measure.with_companions", granted=FREE, most=3)),
        (Benefit(kind=BenefitKind.DISCOUNT, percent=5), 0, Message("measure.benefit.discount", percent=5)),
        (
            Benefit(kind=BenefitKind.MONEY, amount=50000, currency="RUB"),
            0,
            Message("measure.whole_amount", whole=500, currency=Message("measure.currency.rub")),
        ),
        (
            Benefit(kind=BenefitKind.MONEY, amount=50005, currency="KZT"),
            0,
            Message("measure.amount", whole=500, hundredths="05", currency="KZT"),
        ),
        (
            Benefit(kind=BenefitKind.PRIORITY),
            1,
            Message("measure.with_one_companion", granted=Message("measure.benefit.priority")),
        ),
        (Benefit(kind=BenefitKind.SERVICE), 0, Message("measure.benefit.service")),
    ],
    ids=str,
)
def test_what_to_grant_is_said_in_both_languages(benefit: Benefit, companions: int, words: Message) -> None:
    # given
    granted = measure(benefit=benefit, companions=companions)
    language.choose(["--lang", "en"], {})

    # then
    try:
        assert measures.grant(granted) == words.said_by(Speaker("en"))
        language.choose(["--lang", "ru"], {})
        assert measures.grant(granted) == words.said_by(Speaker("ru"))
    finally:
        language.choose(["--lang", "en"], {})


def test_names_are_the_agency_s_then_the_built_in_ones_then_any_then_the_code() -> None:
    # given
    language.choose(["--lang", "en"], {})
    book = NameBook(names_page(categories={2545: {"ru": "Старший"}, 30: {"en": "Fighter"}, 41001: {"ru": "Рыбак"}}))

    # then
    assert [book.category(code) for code in (30, 2545, 41001, 41002)] == ["Fighter", "Pensioner", "Рыбак", "41-002"]
    assert [book.document_kind(kind) for kind in (1, 3, 999)] == ["certificate of status", "pension certificate", "999"]
    assert [book.place(key) for key in ("museum", "zoo", "park", "circus")] == ["gallery", "zoo", "park", "circus"]
