"""Sentences from the catalogues: facts as people of a language write them, and plural forms."""

from __future__ import annotations

import gettext

import pytest
from babel.messages.mofile import read_mo

from said import text
from socpass_vc.messages import DOMAIN, LOCALE, Speaker, has_sentence
from socpass_vc.mo_file import MoFile


@pytest.mark.parametrize(("language", "alike"), [("en", [{1}, {2, 5, 11, 21}]), ("ru", [{1, 21}, {2, 24}, {5, 11, 25}])])
def test_a_count_chooses_the_plural_form_of_its_language(language: str, alike: list[set[int]]) -> None:
    forms = [{text("workers_stopped", language, count=n, errors="-").replace(str(n), "N") for n in counts} for counts in alike]
    assert [len(form) for form in forms] == [1] * len(alike)
    assert len(set.union(*forms)) == len(alike)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_sentence_is_what_gettext_itself_reads(language: str) -> None:
    # given
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    ours = MoFile(path.read_bytes())
    with path.open("rb") as file:
        theirs = gettext.GNUTranslations(file)
        file.seek(0)
        entries = [entry for entry in read_mo(file) if entry.id]

    # then
    assert len(entries) > 500
    for entry in entries:
        if isinstance(entry.id, str):
            assert ours.find(entry.id, 1) == theirs.gettext(entry.id)
        else:
            key = entry.id[0]
            assert [ours.find(key, number) for number in range(130)] == [
                theirs.ngettext(key, key, number) for number in range(130)
            ]


@pytest.mark.parametrize("key", ["", "\0", "a", "zzz", "verdict.reason.accepte", "verdict.reason.acceptedd", "ж"])
def test_a_key_that_is_not_there_has_no_sentence(key: str) -> None:
    ours = MoFile((LOCALE / "en" / "LC_MESSAGES" / f"{DOMAIN}.mo").read_bytes())
    assert key == "" or ours.find(key, 1) is None
    assert not has_sentence("nothing.of.this")
    assert Speaker("xx").say("nothing.of.this", count=2) == "nothing.of.this"
    assert Speaker("xx").say("system.disk_full") == text("system.disk_full")


def test_what_is_no_catalogue_is_refused() -> None:
    for content in (b"", b"\x95\x04\x12\xde", b"msgid"):
        with pytest.raises(ValueError, match="catalogue"):
            MoFile(content)


@pytest.mark.parametrize(("language", "width"), [("en", "0.42 "), ("ru", "0,42 ")])
def test_a_fraction_has_the_decimal_mark_of_its_language(language: str, width: str) -> None:
    assert width in text("cli.card.small_modules", language, module=0.42, enough=0.5, width=29)
