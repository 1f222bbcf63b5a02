"""What click says by itself, in the language of the run: every sentence of the installed click that a user of ours can meet."""

from __future__ import annotations

import ast
import gettext
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from command import Shell
from said import text
from socpass_cli.app import language

# Faults of a program, or of what our commands do not have: editors, colours, dates with a format, UUIDs, pauses, completion.
NOT_MET = {
    "{editor}: Editing failed",
    "{editor}: Editing failed: {e}",
    "Windows error: {error}",
    "Value must be an iterable.",
    "DeprecationWarning: The command {name!r} is deprecated.{extra_message}",
    "DeprecationWarning: The {param_type} {name!r} is deprecated.{extra_message}",
    "Could not determine name for option with declarations {decls!r}",
    (
        "No options defined but a name was passed ({name}). Did you mean to declare an argument instead? "
        "Did you mean to pass '--{name}'?"
    ),
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Name '{name}' defined twice",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Confirm the action without prompting.",
    "Invalid start character for option ({option})",
    "Couldn't detect Bash version, shell completion is not supported.",
    "Shell completion is not supported for Bash versions older than 4.4.",
    "Press any key to continue...",
    "Unknown color {colour!r}",
    "Choice({choices})",
    "{value!r} is not a valid UUID.",
    "Unknown standard stream '{name}'",
    "%(prog)s, version %(version)s",  # ours is shorter; and the help of these two options stands in our own code
    "Show the version and exit.",
    "Show this message and exit.",
}


def sentences_of_click() -> Iterator[str]:
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "ngettext"}:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    yield str(first.value)


def test_every_sentence_of_click_that_can_be_met_has_a_russian_one() -> None:
    with (language.LOCALE / "ru" / "LC_MESSAGES" / "click.po").open("rb") as file:
        messages = read_po(file, abort_invalid=True)
    russian = {message.id if isinstance(message.id, str) else message.id[0]: message.string for message in messages if message.id}
    said = set(sentences_of_click())
    assert len(said) > 50
    assert said - set(russian) == NOT_MET
    assert all(words and all(words) for words in russian.values())


def test_what_is_compiled_is_what_was_written() -> None:
    with (language.LOCALE / "ru" / "LC_MESSAGES" / "click.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Usage:") == "Вызов:"
    assert [compiled.ngettext("Did you mean {possibility}?", "", count)[0] for count in (1, 2, 5)] == ["М", "(", "("]


@pytest.mark.parametrize(
    ("arguments", "english", "russian"),
    [
        (("verify", "--help"), "Usage: socpass verify", "Вызов: socpass verify"),
        (("--help",), text("cli.help.commands"), text("cli.help.commands", "ru")),
        (("verify", "--help"), text("cli.option.help"), text("cli.option.help", "ru")),
        (("--help",), text("cli.option.version"), text("cli.option.version", "ru")),
        (("verify", "--nothing"), "No such option '--nothing'", "Нет параметра '--nothing'"),
        (("verify", "x", "--at"), "requires an argument", "нужно значение"),
        (("verfy",), "Did you mean 'verify'?", "Может быть, 'verify'?"),
        (("issuer", "isue"), "Did you mean 'issue'?", "Может быть, 'issue'?"),
        (("verify", "x", "--on-stale", "no"), "is not one of", "не одно из"),
        (("issuer", "issue", "--limit", "many"), "is not a valid integer", "не число"),
        (("issuer", "import", "none.csv"), "does not exist", "не существует"),
        (("issuer", "import"), "Missing argument", "Не указан аргумент"),
        (("store", "x"), "Got unexpected extra argument (x)", "Лишний аргумент (x)"),
    ],
)
def test_click_speaks_the_language_of_the_run(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], english: str, russian: str
) -> None:
    for lang, words in (("en", english), ("ru", russian), ("en", english)):
        monkeypatch.setenv("SOCPASS_LANG", lang)
        said = shell(*arguments)
        assert words in said.out + said.err


def test_the_help_page_of_a_process_is_russian_to_the_last_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "socpass_cli", "verify", "--help", "--lang", "ru"]
    done = subprocess.run(command, check=True, capture_output=True, cwd=tmp_path, encoding="utf-8")
    assert text("cli.option.help", "ru") in done.stdout
    assert not {"Usage", "Options", "Show"} & set(re.findall(r"\w+", done.stdout))
