"""What is remembered of servers' answers: for the version at hand alone, and never more than a hint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from socpass_vc.verifier.sync import validators
from socpass_vc.verifier.sync.validators import FILE_NAME, ValidatorCache, Validators

URL = "https://pass.example.ru/status/0.cwt"
NOTE = Validators(version="17", etag='"abc"', modified="Thu, 01 Jan 2026 00:00:00 GMT", size_bytes=14_000)


def test_a_note_is_found_again_for_its_version_and_no_other(tmp_path: Path) -> None:
    # given
    notes = ValidatorCache(tmp_path)
    notes.put(URL, NOTE)
    notes.save()

    # then
    again = ValidatorCache(tmp_path)
    assert again.get(URL, "17") == NOTE
    assert (again.get(URL, "18"), again.get(URL, None), again.get(f"{URL}x", "17")) == (None, None, None)
    assert (again.size_bytes(URL), again.size_bytes(f"{URL}x")) == (14_000, 0)


def test_an_etag_is_asked_with_before_a_time() -> None:
    assert NOTE.headers() == {"If-None-Match": '"abc"'}
    assert replace(NOTE, etag=None).headers() == {"If-Modified-Since": NOTE.modified}
    assert replace(NOTE, etag=None, modified=None).headers() == {}


def test_a_note_that_is_dropped_is_gone(tmp_path: Path) -> None:
    notes = ValidatorCache(tmp_path)
    notes.put(URL, NOTE)
    notes.drop(URL)
    notes.drop(URL)
    notes.save()
    assert ValidatorCache(tmp_path).get(URL, "17") is None


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    # given
    notes = ValidatorCache(tmp_path)
    notes.save()
    assert not (tmp_path / FILE_NAME).exists()
    notes.put(URL, NOTE)
    notes.save()
    (tmp_path / FILE_NAME).unlink()

    # when
    notes.put(URL, NOTE)
    notes.save()

    # then
    assert not (tmp_path / FILE_NAME).exists()


def test_of_too_many_notes_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(validators, "MAX_NOTES", 2)
    notes = ValidatorCache(tmp_path)
    for name in "abca":
        notes.put(name, replace(NOTE, version=f"{name}{len(name)}", size_bytes=notes.size_bytes(name) + 1))
    notes.save()

    # then
    again = ValidatorCache(tmp_path)
    assert [again.size_bytes(name) for name in "abc"] == [2, 0, 1]


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    notes = ValidatorCache(tmp_path / "nowhere")
    notes.put(URL, NOTE)
    notes.save()
    assert notes.get(URL, "17") == NOTE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{",
        b"[" * 100_000,
        b'{"a": 1}',
        b'{"a": ["1", 2, null, 3]}',
        b'{"a": ["1", null, null]}',
    ],
    ids=range(9),
)
def test_a_damaged_file_is_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert ValidatorCache(tmp_path).size_bytes("a") == 0


@pytest.mark.parametrize("wrong", ["", "x\r\nHost: evil", "ж", "x" * 257, 5])
def test_a_validator_that_no_header_should_hold_is_left_out(tmp_path: Path, wrong: object) -> None:
    (tmp_path / FILE_NAME).write_text(json.dumps({URL: ["17", wrong, wrong, 5]}))
    note = ValidatorCache(tmp_path).get(URL, "17")
    assert note is None or note.headers() == {}


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = ValidatorCache(tmp_path)
    notes.put(URL, NOTE)
    notes.save()
    monkeypatch.setattr(validators, "MAX_FILE_BYTES", 10)
    assert ValidatorCache(tmp_path).get(URL, "17") is None
