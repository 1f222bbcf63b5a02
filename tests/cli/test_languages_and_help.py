"""Languages, wherever they are chosen, and help for every command."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from pseudo_locale import LANGUAGE, pseudo, write_pseudo_locale

from command import Shell
from said import before_facts, pattern, text
from socpass_cli.app import language
from socpass_cli.main import socpass
from socpass_vc import errors, messages
from socpass_vc.verifier.verdict.sentences import ADVICE


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


@pytest.mark.parametrize("path", [(), *commands(socpass)], ids=" ".join)
def test_every_command_has_help_in_both_languages(shell: Shell, path: tuple[str, ...]) -> None:
    english, russian = (shell("--lang", lang, *path, "--help") for lang in ("en", "ru"))
    assert (english.code, russian.code) == (0, 0)
    assert not any("а" <= letter <= "я" for letter in english.out)
    assert sum("а" <= letter <= "я" for letter in russian.out) > 20
    assert shell(*path, "--help", "--lang", "ru").out == russian.out


@pytest.mark.parametrize("path", [(), ("issuer",), ("root",), ("key",)], ids=" ".join)
def test_the_page_of_a_group_is_in_russian_for_each_command(shell: Shell, path: tuple[str, ...]) -> None:
    said = shell("--lang", "ru", *path, "--help")
    lines = said.out.split(f"{text('cli.help.commands', 'ru')}:\n")[1].splitlines()
    assert len(lines) > 3
    assert [line for line in lines if not any("а" <= letter <= "я" for letter in line)] == []


@pytest.mark.parametrize(
    ("arguments", "environment", "chosen"),
    [
        ([], {}, "en"),
        ([], {"LANG": "ru_RU.UTF-8"}, "ru"),
        ([], {"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "en"),
        ([], {"LANG": "de_DE"}, "en"),
        ([], {"LANG": "en_US", "SOCPASS_LANG": "ru"}, "ru"),
        ([], {"SOCPASS_LANG": "xx", "LANG": "ru"}, "ru"),
        (["verify", "--lang", "en"], {"SOCPASS_LANG": "ru"}, "en"),
        (["--lang=ru"], {}, "ru"),
        (["--lang"], {}, "en"),
        (["--lang", "de"], {"LANG": "ru"}, "ru"),
        ([], {"LC_MESSAGES": "ru", "LANG": "en"}, "ru"),
        ([], {"SOCPASS_LANG": "RU-ru"}, "ru"),
    ],
)
def test_the_language_is_asked_for_then_set_then_the_locales(
    arguments: list[str], environment: dict[str, str], chosen: str
) -> None:
    assert language.choose(arguments, environment) == chosen


@pytest.fixture
def third_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give a third language: one file beside the catalogues; what click says is in no file of it."""
    catalogues = tmp_path / "locale"
    shutil.copytree(messages.LOCALE, catalogues)
    write_pseudo_locale(catalogues)
    monkeypatch.setattr(messages, "LOCALE", catalogues)
    messages.forget()
    yield LANGUAGE
    monkeypatch.undo()
    messages.forget()
    language.choose([], {})


def test_a_language_that_has_a_catalogue_can_be_chosen_and_click_keeps_its_english(shell: Shell, third_language: str) -> None:
    for chosen in ("--lang", third_language), (f"--lang={third_language}",):
        said = shell(*chosen, "verify", "--help")
        assert (said.code, pseudo(text("cli.option.lang")) in said.out, f"[en|ru|{third_language}]" in said.out) == (
            0,
            True,
            True,
        )
        assert said.out.startswith("Usage: ")
    assert language.choose([], {"LANG": f"{third_language}_XX.UTF-8"}) == third_language
    assert language.choose([], {"SOCPASS_LANG": third_language, "LANG": "ru"}) == third_language
    assert "Missing argument" in shell("--lang", third_language, "root", "show").err


def test_another_language_is_wrong_usage(shell: Shell) -> None:
    assert shell("verify", "x", "--lang", "de").code == 2


def verdict_codes() -> set[str]:
    kinds = (errors.Rejected, errors.Undecided, errors.Unreadable)
    found = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, kinds)}
    return {kind.code for kind in found - set(kinds)} | {"accepted", errors.SourceError.code}


def test_every_code_of_a_verdict_has_a_reason_and_an_advice_in_both_languages() -> None:
    assert set(ADVICE) == verdict_codes()
    for code, advice in ADVICE.items():
        for key in (f"verdict.reason.{code}", f"verdict.advice.{advice}"):
            assert pattern(key).pattern.isascii()
            assert any("а" <= letter <= "я" for letter in pattern(key, "ru").pattern)


def test_the_version_is_shown(shell: Shell) -> None:
    assert shell("--version").out.startswith("socpass 0.")


def test_no_command_at_all_shows_the_help(shell: Shell) -> None:
    said = shell()
    assert "Usage: socpass" in said.out + said.err


def test_an_unknown_command_is_wrong_usage(shell: Shell) -> None:
    said = shell("verifi")
    assert (said.code, "No such command" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("minutes", "key", "facts"),
    [
        (0, "cli.age.just_now", {}),
        (119, "cli.age.minutes", {"minutes": 119}),
        (120, "cli.age.hours", {"hours": 2}),
        (2880, "cli.age.days", {"count": 2}),
    ],
)
def test_ages_are_said_in_words(minutes: int, key: str, facts: dict[str, int]) -> None:
    language.choose(["--lang", "ru"], {})
    assert language.show_age(timedelta(minutes=minutes)) == text(key, "ru", **facts)
    language.choose(["--lang", "en"], {})


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has one time zone a process")
def test_the_last_second_of_the_calendar_is_shown_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Moscow")
    time.tzset()
    try:
        assert language.show_moment(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)).endswith(" 23:59 (UTC+00)")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_show_says_that_nothing_was_checked_and_shows_even_what_is_forged(shell: Shell, demo_folder: Path) -> None:
    for lang in ("en", "ru"):
        said = shell("show", demo_folder / "passes" / "forged.png", "--lang", lang)
        assert (said.code, text("cli.show.not_checked", lang) in said.out, "Константинопольская" in said.out) == (0, True, True)
    said = shell("show", demo_folder / "passes", "--json")
    assert (said.code, said.out.count('"checked": false')) == (0, 6)


def test_show_of_what_is_no_pass_is_unreadable(shell: Shell, demo_folder: Path) -> None:
    said = shell("show", demo_folder / "residents.csv", "--lang", "en")
    assert (said.code, text("verdict.colour.unreadable") in said.out) == (3, True)
    assert shell("show", demo_folder / "residents.csv", "--json").code == 3


@pytest.mark.parametrize("arguments", [("store", "--store", ""), ("issuer", "issue", "--agency", "")])
def test_an_empty_name_of_a_folder_is_wrong_usage_and_not_the_current_folder(shell: Shell, arguments: tuple[str, ...]) -> None:
    said = shell(*arguments, "--lang", "ru")
    assert said.code == 2
    assert text("cli.usage.folder_empty", "ru") in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("root", "show", "half.request"), "malformed", text("cli.next_of.malformed", "ru")),
        (("root", "check", "demo/site/trust.spt", "other/roots/1.root"), "untrusted_root", text("anchor_not_in_bundle", "ru")),
        (("sync", "b/trust.spt", "--store", "demo/till"), "untrusted_root", text("anchor_not_in_bundle", "ru")),
        (
            ("sync", "b/status", "--store", "demo/till"),
            "unknown_issuer",
            text("no_issuer_publishes", "ru", uri="https://b.example/0"),
        ),
        (("card", "rows.csv", "--out", "card.pdf", "--issuer-name", "A"), "not_a_pass", "rows.csv"),
        (
            ("issuer", "compromise-key", "00" * 8, "--agency", "demo/agency"),
            "bad_agency",
            before_facts("no_such_agency_key", "ru", key_id="00" * 8),
        ),
        (("key", "show", "rows.csv/key.json"), "bad_key_file", text("system.not_a_folder", "ru")),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_russian_with_its_code(
    shell: Shell, demo_folder: Path, tmp_path: Path, arguments: tuple[str, ...], code: str, words: str
) -> None:
    shutil.copytree(demo_folder, "demo")
    (tmp_path / "half.request").write_bytes(b"\x85\x70socpass")
    (tmp_path / "rows.csv").write_text("ref;name;category\n1;Иванова Анна;02-545\n", encoding="utf-8")
    (tmp_path / "passphrase.txt").write_text("correct horse\n")
    keys = ("--passphrase-file", "passphrase.txt")
    assert shell("issuer", "init", "other", "--id", "B", "--name", "B", "--status-base", "https://b.example/", *keys).code == 0
    assert shell("issuer", "import", "rows.csv", "--agency", "other").code == 0
    for act in (("issue",), ("publish", "b")):
        assert shell("issuer", *act, "--agency", "other", *keys).code == 0
    said = shell(*arguments, "--lang", "ru")
    assert (said.code, f"[{code}]" in said.err, words in said.err) == (1, True, True), said.err


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_category_that_is_none_is_wrong_usage_in_both_languages(shell: Shell, lang: str) -> None:
    said = shell("verify", "x.png", "--category", "2-5", "--lang", lang)
    assert (said.code, text("cli.verify.no_category", lang, text="2-5") in said.err) == (2, True)


STATUS_BASE = text("issuer_status_base", "ru", status_base="pass.example.ru", id="RU-MOS")


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (("--id", "RU MOS"), "bad_claims", text("issuer_id", "ru", id="RU MOS")),
        (("--name", "ru="), "bad_claims", text("text_length", "ru", count=0, longest=200)),
        (("--scope", "5-1"), "bad_claims", text("issuer_scopes", "ru", id="RU-MOS")),
        (("--status-base", "pass.example.ru"), "bad_claims", STATUS_BASE),
        (
            ("--time-zone", "Moscow"),
            "bad_agency",
            text("toml.time_zone_unknown", "ru", option="time_zone", found='"Moscow"'),
        ),
        (("--prefix", "https://x#"), "bad_agency", text("toml.prefix_wrong", "ru", option="prefix", found='"https://x#"')),
    ],
)
def test_what_is_wrong_with_a_new_agency_is_said_in_russian_and_nothing_is_made(
    shell: Shell, tmp_path: Path, wrong: tuple[str, str], code: str, words: str
) -> None:
    (tmp_path / "passphrase.txt").write_text("correct horse\n")
    good = {"--id": "RU-MOS", "--name": "ru=А"} | dict([wrong])
    options = [part for pair in good.items() for part in pair]
    said = shell("issuer", "init", "a", *options, "--passphrase-file", "passphrase.txt", "--lang", "ru")
    assert (said.code, f"[{code}]" in said.err, words in said.err, (tmp_path / "a").exists()) == (1, True, True, False), said.err
