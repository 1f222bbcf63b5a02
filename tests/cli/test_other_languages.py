"""A pseudo-language through every command: whatever stays plain English was never in a catalogue; and English is nobody's key."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from pseudo_locale import LANGUAGE, write_pseudo_locale
from translations import read

import socpass_vc.messages
from command import Said, Shell
from socpass_cli.app import language
from socpass_cli.main import socpass
from socpass_vc.catalogue.names import builtin

WORDS = re.compile(r"(?<![\w./=-])[a-z]{2,} [a-z]{2,}(?![\w./=-])")
"""Two plain English words in a row; names, codes, options and paths are one at a time."""
RESIDENTS = """\
ref;name;born;category;from;until;document_kind;document_number;document_issued
1001;Иванова Мария Петровна;04.03.1951;02-545;;;3;0123456789;01.04.2006
1002;Петров Пётр Ильич;1985;02-580;01.01.2026;31.12.2035;;;
"""
BAD = "ref;name;born;category\n1001;Иванова;31.02.1951;02-545\n;;;\n"
SET_UP = ("--id", "EX", "--name", "en=Example", "--time-zone", "Europe/Moscow", "--scope", "1-999", "--scope", "2001-2999")
STORY: tuple[tuple[str, ...], ...] = (
    ("issuer", "init", "agency", *SET_UP, "--status-base", "https://pass.example.ru/status/"),
    ("issuer", "init", "agency", *SET_UP, "--status-base", "https://pass.example.ru/status/"),
    ("issuer", "import", "bad.csv"),
    ("issuer", "import", "bad.csv", "--skip-bad"),
    ("issuer", "import", "residents.csv", "--dry-run"),
    ("issuer", "import", "residents.csv"),
    ("issuer", "catalogue", "init"),
    ("issuer", "catalogue", "check"),
    ("issuer", "issue", "--qr", "passes"),
    ("issuer", "issue"),
    ("issuer", "passes", "--qr", "again"),
    ("issuer", "publish", "site"),
    ("sync", "site", "--root", "agency/roots/1.root"),
    ("sync", "site"),
    ("sync", "nowhere"),
    ("verify", "passes"),
    ("verify", "passes", "--place", "museum"),
    ("verify", "passes", "--category", "02-999"),
    ("verify", "residents.csv"),
    ("verify", "missing.png"),
    ("verify", "passes", "--at", "1999-01-01"),
    ("verify", "passes", "--at", "2090-01-01"),
    ("show", "passes"),
    ("measures", "passes"),
    ("store",),
    ("store", "--store", "nowhere"),
    ("issuer", "revoke", "1002"),
    ("issuer", "revoke", "1002", "--reason", "moved"),
    ("issuer", "revoke", "1002", "--reason", "moved"),
    ("issuer", "suspend", "1001", "--reason", "checking"),
    ("issuer", "reinstate", "1001", "--reason", "confirmed"),
    ("issuer", "suspend", "1009", "--reason", "checking"),
    ("issuer", "publish", "site", "--delta-qr"),
    ("sync", "site"),
    ("verify", "passes"),
    ("issuer", "report"),
    ("issuer", "statement", "1001"),
    ("issuer", "statement", "1001", "--html", "1001.html"),
    ("issuer", "events"),
    ("issuer", "audit"),
    ("issuer", "log", "show"),
    ("issuer", "log", "proof", "1001", "--out", "proof"),
    ("issuer", "log", "proof", "1009"),
    ("issuer", "audit", "--head", "site/status/log/checkpoint"),
    ("issuer", "audit", "--head", "residents.csv"),
    ("log", "check", "proof", "residents.csv"),
    ("log", "check", "residents.csv", "residents.csv"),
    ("log", "witness", "site", "--seen", "seen"),
    ("log", "witness", "site", "--seen", "seen"),
    ("log", "witness", "passes", "--seen", "seen"),
    ("issuer", "applications", "list"),
    ("issuer", "rotate-key", "--use", "pass"),
    ("issuer", "describe", "agency.bin"),
    ("issuer", "migrate"),
    ("root", "show", "agency/roots/1.root"),
    ("root", "show", "site/trust.spt"),
    ("root", "check", "site/trust.spt"),
    ("root", "init", "federation"),
    ("root", "check", "residents.csv"),
    ("key", "make", "key.json"),
    ("key", "show", "key.json"),
    ("key", "export", "key.json", "-"),
    ("key", "show", "residents.csv"),
    ("card", "passes", "--out", "card.pdf", "--format", "sheet"),
    ("card", "residents.csv", "--out", "card.pdf"),
    ("demo", "demo"),
    ("frobnicate",),
    ("verify",),
    ("verify", "--nonsense"),
)


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Return the path of every command and group."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        assert found is not None
        yield (*path, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))


_TYPED = re.compile(rf"\bsocpass(?:\s+(?:{'|'.join(sorted({path[-1] for path in commands(socpass)}))})\b)+")
"""A command as people type it."""


@pytest.fixture
def pseudo(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the pseudo-language be one of those that are spoken."""
    folder = tmp_path_factory.mktemp("locale")
    write_pseudo_locale(folder)
    monkeypatch.setattr(socpass_vc.messages, "LOCALE", folder)
    monkeypatch.setattr(language, "LOCALE", folder)
    socpass_vc.messages.forget()
    yield
    monkeypatch.undo()
    socpass_vc.messages.forget()
    language.choose([], {})
    language.teach_click()


def escaped(said: Said, names_of_agency: tuple[str, ...] = ()) -> list[str]:
    """Return what was said in plain English, but for names that are data: built-in ones, and those of the agency's catalogue."""
    text = _TYPED.sub("", said.out + said.err)
    for name in sorted(names_of_agency, key=len, reverse=True):
        text = re.sub(r"\s+".join(map(re.escape, name.split())), "", text)
    for names in (*builtin().categories.values(), *builtin().document_kinds.values(), *builtin().places.values()):
        text = text.replace(names.get("en", "\0"), "")
    return WORDS.findall(text)


@pytest.mark.usefixtures("pseudo")
def test_the_help_of_every_command_is_in_the_catalogue(shell: Shell) -> None:
    found = {path: escaped(shell(*path, "--help", "--lang", LANGUAGE)) for path in [(), *commands(socpass)]}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.usefixtures("pseudo")
def test_what_every_command_says_is_in_the_catalogue(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    (tmp_path / "passphrase.txt").write_text("a long passphrase of its own\n", encoding="utf-8")
    (tmp_path / "residents.csv").write_text(RESIDENTS, encoding="utf-8")
    (tmp_path / "bad.csv").write_text(BAD, encoding="utf-8")
    for name, value in (("PASSPHRASE_FILE", "passphrase.txt"), ("AGENCY", "agency"), ("STORE", "till"), ("LANG", LANGUAGE)):
        monkeypatch.setenv(f"SOCPASS_{name}", value)

    # when
    said = {" ".join(command): shell(*command) for command in STORY}

    # then
    names = tuple(re.findall(r'\ben = "([^"]+)"', (tmp_path / "agency" / "catalogue.toml").read_text(encoding="utf-8")))
    found = {command: escaped(done, names) for command, done in said.items()}
    assert {command: words for command, words in found.items() if words} == {}
    assert {path[0] for path in commands(socpass)} - {command[0] for command in STORY} == {"scan"}


def test_an_english_sentence_that_is_worded_anew_changes_no_russian(
    shell: Shell, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, demo_folder: Path
) -> None:
    # given
    lines = [
        *(
            ("verify", demo_folder / "passes" / f"{name}.png", "--store", demo_folder / "till")
            for name in ("accepted", "revoked")
        ),
        ("show", demo_folder / "passes" / "forged.png"),
        ("issuer", "report", "--agency", demo_folder / "agency"),
        ("verify", "missing.png"),
        ("issuer", "import", "--help"),
        ("sync", "nowhere"),
    ]
    now = ("--at", "2099-01-01")
    before = [shell(*line, *(now if line[0] == "verify" else ()), "--lang", "ru") for line in lines]
    english = [shell(*line, *(now if line[0] == "verify" else ()), "--lang", "en") for line in lines]

    # when every English sentence says something else
    folder = tmp_path_factory.mktemp("locale")
    for spoken in ("en", "ru"):
        (folder / spoken / "LC_MESSAGES").mkdir(parents=True)
        catalogue = read(socpass_vc.messages.LOCALE / spoken / "LC_MESSAGES" / "socpass.po")
        if spoken == "en":
            catalogue = worded_anew(catalogue)
        page = io.BytesIO()
        write_mo(page, catalogue)
        (folder / spoken / "LC_MESSAGES" / "socpass.mo").write_bytes(page.getvalue())
    monkeypatch.setattr(socpass_vc.messages, "LOCALE", folder)
    socpass_vc.messages.forget()
    try:
        after = [shell(*line, *(now if line[0] == "verify" else ()), "--lang", "ru") for line in lines]
        reworded = [shell(*line, *(now if line[0] == "verify" else ()), "--lang", "en") for line in lines]
    finally:
        monkeypatch.undo()
        socpass_vc.messages.forget()

    # then
    assert after == before
    for one, other in zip(english, reworded, strict=True):
        assert one != other


def worded_anew(catalogue: Catalog) -> Catalog:
    """Return the catalogue with other words in every sentence, and its placeholders."""
    made = Catalog(locale="en")
    for message in catalogue:
        if message.id:
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            new = tuple(re.sub(r"(?<![{%\w])[A-Za-z]+(?![\w}])", "foo", form) for form in forms)
            made.add(message.id, new[0] if isinstance(message.id, str) else new)
    return made
