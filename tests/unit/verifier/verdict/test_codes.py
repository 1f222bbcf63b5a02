"""Which of several codes is a pass: parts are joined, and what is no pass is set aside beside one."""

from __future__ import annotations

from pathlib import Path

import pytest

import world
from socpass_vc import PartCollector, Verified, check_picture, check_texts, verify_pass
from socpass_vc.errors import Incomplete, NoCodeFound, SourceError
from socpass_vc.format.armor import read_armor, split_frame, write_armor
from socpass_vc.format.credential.token import UnverifiedPass
from socpass_vc.qr.write import draw_code
from socpass_vc.verifier.verdict import codes
from socpass_vc.verifier.verdict.codes import KEEP_PARTS_SECONDS, MAX_PARTS, frames_in

LINK = "https://example.org/pay"


ONE = "Иванова Мария Петровна, вдова Константинопольского"
OTHER = "Петров Пётр Ильич, сын Константинопольского"
"""Names so long that their passes can be cut in two."""


def text(name: str = ONE) -> str:
    return world.text(world.claims(name=name))


def parts(of: str, count: int = 2) -> list[str]:
    return [write_armor(part) for part in split_frame(read_armor(of), count=count)]


def damaged(code: str) -> str:
    return code[:-1] + ("1" if code[-1] != "1" else "2")


def decide(unverified: UnverifiedPass) -> Verified:
    return verify_pass(unverified, trust=world.trust(), status=world.status(), now=world.NOW)


def test_a_code_that_is_no_pass_is_set_aside_beside_one() -> None:
    assert [verdict.code for verdict in check_texts([LINK, text(), "4601234567890"], decide)] == ["accepted"]


def test_each_pass_of_a_picture_gets_a_verdict() -> None:
    verdicts = check_texts([text(ONE), text(OTHER)], decide, source="photo.png")
    assert [(verdict.source, verdict.claims and verdict.claims.name) for verdict in verdicts] == [
        ("photo.png", ONE),
        ("photo.png", OTHER),
    ]


def test_where_there_is_no_pass_one_reason_says_why_and_the_most_telling_one() -> None:
    assert [verdict.code for verdict in check_texts([LINK, damaged(text()), LINK], decide)] == ["misread"]
    (verdict,) = check_texts([LINK, "12"], decide)
    assert (verdict.code, verdict.other_code, verdict.family) == ("not_a_pass", "link", "unreadable")


def test_in_a_list_every_line_counts() -> None:
    verdicts = check_texts([text(), LINK, damaged(text())], decide, is_list=True)
    assert [verdict.code for verdict in verdicts] == ["accepted", "not_a_pass", "misread"]


def test_no_texts_give_no_verdict() -> None:
    assert check_texts([], decide) == []
    assert frames_in([]) == ([], [])


def test_the_parts_of_a_pass_are_joined_in_any_order_and_beside_another_pass() -> None:
    first, second = parts(text(ONE))
    verdicts = check_texts([second, LINK, text(OTHER), first, second], decide)
    assert [verdict.claims and verdict.claims.name for verdict in verdicts] == [OTHER, ONE]


def test_parts_of_two_passes_are_told_apart_and_a_missing_one_is_named() -> None:
    of_one, of_other = parts(text(ONE)), parts(text(OTHER))
    (verdict,) = check_texts([of_one[0], of_other[1]], decide)
    assert isinstance(verdict.error, Incomplete)
    assert verdict.facts["missing"] == [2]
    assert [type(error) for error in frames_in([of_one[0], of_other[1]], is_list=True).errors] == [Incomplete, Incomplete]


def test_a_picture_is_read_and_decided() -> None:
    picture = draw_code(text()).png()
    (verdict,) = check_picture(picture, decide)
    assert (verdict.code, verdict.source) == ("accepted", "")
    assert check_picture(picture, decide, source="the clipboard")[0].source == "the clipboard"


def test_a_picture_without_a_code_and_a_file_that_is_missing_are_verdicts_too(tmp_path: Path) -> None:
    (verdict,) = check_picture(b"no picture", decide)
    assert (type(verdict.error), verdict.family) == (NoCodeFound, "unreadable")
    (verdict,) = check_picture(tmp_path / "missing.png", decide)
    assert (type(verdict.error), verdict.family, verdict.code) == (SourceError, "unreadable", "bad_source")
    assert verdict.source == str(tmp_path / "missing.png")


# --- One scan after another -------------------------------------------------------------------------------------------


def test_codes_that_are_scanned_one_after_another_come_together() -> None:
    # given
    collector = PartCollector()
    one, two, three = parts(text(ONE + " и " + OTHER), count=3)

    # then
    assert collector.add([one], at_seconds=0) == [one]
    assert collector.add([LINK], at_seconds=1) == [LINK]
    assert collector.add([three], at_seconds=2) == [three, one]
    whole = collector.add([two], at_seconds=3)
    assert [verdict.code for verdict in check_texts(whole, decide)] == ["accepted"]


def test_a_code_that_waited_too_long_is_forgotten() -> None:
    collector = PartCollector()
    one, two = parts(text())
    collector.add([one], at_seconds=0)
    assert collector.add([two], at_seconds=KEEP_PARTS_SECONDS) == [two]
    patient = PartCollector(keep_seconds=KEEP_PARTS_SECONDS + 1)
    patient.add([one], at_seconds=0)
    assert patient.add([two], at_seconds=KEEP_PARTS_SECONDS) == [two, one]


def test_parts_of_another_pass_are_not_handed_out() -> None:
    collector = PartCollector()
    of_one, of_other = parts(text(ONE)), parts(text(OTHER))
    collector.add([of_one[0]], at_seconds=0)
    assert collector.add([of_other[1]], at_seconds=1) == [of_other[1]]


def test_no_more_codes_wait_than_a_pass_can_have(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PARTS == 255
    monkeypatch.setattr(codes, "MAX_PARTS", 2)
    collector = PartCollector()
    one, two, three = parts(text(ONE + " и " + OTHER), count=3)
    assert collector.add([one], at_seconds=0) == [one]
    assert collector.add([two], at_seconds=0) == [two, one]
    assert collector.add([three], at_seconds=0) == [three]
