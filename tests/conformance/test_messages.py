"""The message catalogues and the code agree: no key without a sentence, no sentence without a use, no fact missing."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from socpass_cli.commands.issuer.passes import revoke
from socpass_vc import errors
from socpass_vc.issuer.catalogue import entry as catalogue_entry
from socpass_vc.issuer.catalogue import load, measure
from socpass_vc.issuer.imports import application_decisions, parsers, readers, row_validation, staging
from socpass_vc.issuer.revocation import revocation_file
from socpass_vc.messages import DOMAIN, LOCALE

ROOT = Path(__file__).parents[2]
LANGUAGES = ("en", "ru")
SLUG = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
ERRORS = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.SocpassError)}
SPEAKING = {"Message", "FieldError", "tr", "say", "has_sentence", "WrongCell", "error", "kind"} | ERRORS
"""Names of what is called with a key first; ``error`` and ``kind`` are parameters that hold an error's class."""
KEYWORDS = {"help", "reason_key", "label"}
"""Keywords whose literal value is a key."""
DYNAMIC = ("format.", "system.")
"""Families of keys that are put together of parts where they are used: in the module of messages itself."""


@cache
def catalogue(language: str) -> dict[str, Entry]:
    """Return the entries of a language by their keys."""
    found: dict[str, Entry] = {}
    folder = LOCALE / language / "LC_MESSAGES"
    with (folder / f"{DOMAIN}.po").open("rb") as file:
        for entry in read_po(file):
            if entry.id:
                found[entry.id if isinstance(entry.id, str) else entry.id[0]] = entry
    return found


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """Return the syntax of each module of ours."""
    paths = sorted(path for folder in ("src", "cli") for path in (ROOT / folder).rglob("*.py"))
    return tuple((path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def called(node: ast.Call) -> str:
    """Return the last name of what is called."""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def keys_asked_for() -> Iterator[tuple[Path, int, str]]:
    """Return each literal key that the code hands to something that speaks, and where."""
    for path, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            literal = [node.args[0]] if node.args and called(node) in SPEAKING else []
            literal += [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS]
            for value in literal:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    yield path, node.lineno, value.value


def texts_in_the_code() -> tuple[set[str], tuple[str, ...]]:
    """Return each text that stands in the code, and the beginnings of those that are put together there."""
    whole, beginnings = set(), set(DYNAMIC)
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
            elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginning = str(node.values[0].value)
                if SLUG.fullmatch(beginning.rstrip(".")) and beginning.endswith("."):
                    beginnings.add(beginning)
    return whole, tuple(beginnings)


def forms(entry: Entry) -> tuple[str, ...]:
    """Return the sentence of an entry, or its plural forms."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


def placeholders(entry: Entry) -> set[str]:
    """Return the names of the facts that any form of a sentence speaks of."""
    return {name for form in forms(entry) for _, name, _, _ in Formatter().parse(form) if name is not None}


def test_all_languages_have_the_same_keys_and_none_is_empty() -> None:
    for language in LANGUAGES:
        assert sorted(catalogue(language)) == sorted(catalogue("en"))
        empty = [key for key, entry in catalogue(language).items() if not all(forms(entry)) or not forms(entry)]
        assert not empty, f"no sentence in {language}"


def test_every_key_is_a_slug() -> None:
    assert [key for key in catalogue("en") if not SLUG.fullmatch(key)] == []


def test_every_key_that_is_asked_for_has_a_sentence() -> None:
    missing = [
        f"{path}:{line} {key}" for path, line, key in keys_asked_for() if SLUG.fullmatch(key) and key not in catalogue("en")
    ]
    assert not missing, "\n".join(missing)


def test_every_field_that_a_reader_names_has_a_name_for_people() -> None:
    whole, _ = texts_in_the_code()
    assert {text for text in whole if re.fullmatch(r"field\.[a-z_]+", text)} <= catalogue("en").keys()


def test_no_sentence_is_dead() -> None:
    whole, beginnings = texts_in_the_code()
    dead = [key for key in catalogue("en") if key not in whole and not key.startswith(beginnings)]
    assert not dead, "\n".join(dead)


def test_a_sentence_speaks_of_the_same_facts_in_every_language() -> None:
    for key, entry in catalogue("en").items():
        for language in LANGUAGES:
            assert placeholders(catalogue(language)[key]) == placeholders(entry), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_forms_of_its_language(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        number = read_po(file).num_plurals
    for key, entry in catalogue(language).items():
        assert len(forms(entry)) == (1 if isinstance(entry.id, str) else number), key


def test_a_sentence_of_the_library_names_no_command_and_no_option() -> None:
    command = re.compile(r"\bsocpass (?:issuer|root|sync|verify|store|key|card|holder|demo|show|scan)\b|(?<![\w-])--[a-z]")
    named = [
        f"{language}: {key}"
        for language in LANGUAGES
        for key, entry in catalogue(language).items()
        if not key.startswith("cli.") and any(command.search(form) for form in forms(entry))
    ]
    assert not named, "\n".join(named)


def test_what_to_type_next_belongs_to_a_reason_that_has_a_sentence() -> None:
    hints = [key for key in catalogue("en") if key.startswith("cli.next.")]
    assert [key for key in hints if key.removeprefix("cli.next.") not in catalogue("en")] == []


_ROWS = (parsers, row_validation, readers, staging, application_decisions, revocation_file, revoke)
_OF_ROWS = re.compile(r"""(?:WrongCellError\(|code=)"(\w+)\"""")
_OF_CATALOGUE_FILES = re.compile(r"""(?:wrong\(\s*[^,()]+,\s*|EntryFault\([^"]*)"(\w+)\"""")


def sentences(family: str) -> set[str]:
    """Return the words behind *family* that have a sentence."""
    return {key.removeprefix(family) for key in catalogue("en") if key.startswith(family)}


def test_every_fault_of_a_row_has_a_sentence_and_every_such_sentence_a_fault() -> None:
    codes = {code for module in _ROWS for code in _OF_ROWS.findall(inspect.getsource(module))}
    assert len(codes) > 15
    assert sentences("row.") == codes


def test_every_fault_of_a_catalogue_file_has_a_sentence_and_every_such_sentence_a_fault() -> None:
    codes = {
        code for module in (catalogue_entry, load, measure) for code in _OF_CATALOGUE_FILES.findall(inspect.getsource(module))
    }
    assert len(codes) > 20
    assert sentences("catalogue_file.") == codes


PIECE = 20
"""So many characters with a space between them are a piece of a sentence, and no name or word by chance."""
SAID_BY_OTHERS = {
    "Show the version and exit.": "click says it too, and its sentences are counted",
    "Show this message and exit.": "click says it too, and its sentences are counted",
}


def pieces(sentence: str) -> Iterator[str]:
    """Return each piece of so many characters that has words on both sides of a space."""
    for at in range(len(sentence) - PIECE + 1):
        piece = sentence[at : at + PIECE]
        if " " in piece.strip():
            yield piece


def texts_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Return each text of a module of tests and its line; not the docstrings, nor the keys of tables, which name cases."""
    named = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    named |= {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in named:
            yield node.lineno, node.value


def test_no_test_looks_into_a_sentence() -> None:
    keys = {
        piece: key
        for language in LANGUAGES
        for key, entry in catalogue(language).items()
        for form in forms(entry)
        for fixed, *_ in Formatter().parse(form)
        for piece in pieces(fixed)
    }
    tests = [path for path in sorted((ROOT / "tests").rglob("*.py")) if "planted" not in path.parts and path != Path(__file__)]
    looks = [
        f"{path.relative_to(ROOT)}:{line} {key}: {said}"
        for path in tests
        for line, said in texts_in(ast.parse(path.read_text(encoding="utf-8")))
        if said not in SAID_BY_OTHERS and not said.startswith(("socpass ", "pip install "))  # what is typed is of no language
        for key in sorted({keys[piece] for piece in pieces(said) if piece in keys})
    ]
    assert not looks, "\n".join(looks)
