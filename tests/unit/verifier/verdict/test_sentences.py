"""A verdict in words: every code, hint and warning in every language, and no sentence of English where Russian is spoken."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

import world
from said import pattern, text
from socpass_vc import FreshnessWarning, Speaker, Verdict, say_verdict
from socpass_vc.errors import BaseMissing, Expired, NoCodeFound, NoEntitlement, NotAPass, SocpassError, StoreError
from socpass_vc.messages import has_sentence
from socpass_vc.verifier.verdict.other_codes import KINDS
from socpass_vc.verifier.verdict.sentences import ADVICE

RU = Speaker("ru")


def refused(error: SocpassError) -> Verdict:
    return Verdict(source="", error=error)


def test_an_accepted_pass_is_compared_with_a_document() -> None:
    said = say_verdict(Verdict(source="", verified=world.verify()), RU)
    assert said.colour == text("verdict.colour.accepted", "ru")
    assert said.reason == text("verdict.reason.accepted", "ru")
    assert said.advice == text("verdict.advice.compare_document", "ru")
    assert (said.hints, said.warnings) == ((), ())


def test_times_are_said_in_utc_or_as_the_speaker_says_them() -> None:
    verdict = refused(Expired("expired", expired_at=datetime(2026, 12, 31, 21, tzinfo=UTC)))
    assert "31.12.2026 21:00 UTC" in say_verdict(verdict, RU).reason
    moscow = Speaker("ru", lambda moment: f"{moment:%d.%m.} в полночь по Москве")
    assert "31.12. в полночь по Москве" in say_verdict(verdict, moscow).reason


def test_without_a_speaker_english_is_spoken() -> None:
    assert say_verdict(refused(BaseMissing("no_code_in_view"))).colour == text("verdict.colour.undecided")


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_what_was_asked_for_in_vain_and_what_the_code_is_instead_are_the_reason(lang: str) -> None:
    speaker = Speaker(lang)
    for error, key in (
        (NoEntitlement("x"), "verdict.reason.no_entitlement"),
        (NoEntitlement("x", category=2545), "verdict.reason.category_not_counting"),
        (NoEntitlement("x", place="museum"), "verdict.reason.nothing_at_place"),
        (NotAPass("x"), "verdict.reason.not_a_pass"),
        (NotAPass("x", found="wifi"), "verdict.other.wifi"),
    ):
        assert say_verdict(refused(error), speaker).reason == text(key, lang)


def test_every_other_code_and_every_warning_has_its_sentence() -> None:
    keys = [f"verdict.other.{kind}" for kind in KINDS] + [f"verdict.warning.{warning}" for warning in FreshnessWarning]
    assert [key for key in keys for lang in ("en", "ru") if not has_sentence(key, lang)] == []


def test_what_would_help_is_said_for_each_hint_and_unknown_ones_are_left_out() -> None:
    error = NoCodeFound("no_code_can_be_read", hints=("too_dark", "of_a_later_version", "missing_extra"), missing_extra="pdf")
    said = say_verdict(refused(error), RU)
    assert said.hints == (text("verdict.hint.too_dark", "ru"), text("verdict.hint.missing_extra", "ru", missing_extra="pdf"))
    assert say_verdict(refused(NoCodeFound("no_code_can_be_read", hints="too_dark")), RU).hints == ()


def test_a_till_that_is_not_set_up_says_why_in_the_language_of_the_advice() -> None:
    error = StoreError("cannot_be_read", why="…").at("till")
    said = say_verdict(refused(error), RU)
    assert said.advice == text("verdict.advice.call_owner", "ru", why=error.sentence("ru"))


def test_a_reason_that_no_table_knows_is_the_error_s_own_sentence() -> None:
    said = say_verdict(refused(BaseMissing("no_code_in_view")), RU)
    assert (said.reason, said.advice) == (text("no_code_in_view", "ru"), text("verdict.advice.scan_or_certificate", "ru"))


def test_warnings_are_said_of_an_accepted_pass() -> None:
    verified = world.verify()._replace(warnings=tuple(FreshnessWarning))
    assert len(say_verdict(Verdict(source="", verified=verified), RU).warnings) == len(FreshnessWarning)


def test_the_library_names_no_command_in_any_advice() -> None:
    for advice in ADVICE.values():
        for lang in ("en", "ru"):
            assert "socpass" not in pattern(f"verdict.advice.{advice}", lang).pattern
