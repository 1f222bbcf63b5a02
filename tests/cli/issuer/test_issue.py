"""``socpass issuer issue`` and ``passes`` at scale: workers, limits, texts in a file."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import town
from command import Shell
from said import text
from socpass_vc.errors import PassDiffers
from socpass_vc.issuer.agency import Agency
from socpass_vc.messages import Message

COUNT = 30


@pytest.fixture
def office(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Give the shell of an operator whose register holds thirty residents."""
    agency = town.agency(tmp_path)
    with agency.register() as register:
        town.crowd(register, COUNT)
    (tmp_path / "passphrase.txt").write_text(f"{town.PASSPHRASE}\n", encoding="utf-8")
    monkeypatch.setenv("SOCPASS_AGENCY", str(agency.folder))
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", str(tmp_path / "passphrase.txt"))
    return shell


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_texts_are_written_as_passes_are_kept_and_a_second_run_adds_to_them(office: Shell, tmp_path: Path) -> None:
    file = tmp_path / "tokens.csv"
    assert office("issuer", "issue", "--limit", "10", "--out", "tokens.csv").out == (
        f"{text('cli.issue.done', count=10)}\n{text('cli.issue.texts_in', file='tokens.csv')}\n"
    )
    assert (len(lines_of(file)), file.stat().st_mode & 0o777) == (10, 0o600)
    assert office("issuer", "issue", "--out", "tokens.csv").code == 0
    lines = lines_of(file)
    assert list(lines[0]) == ["ref", "list", "index", "issued_at_utc", "expires_at_utc", "text"]
    assert [line["ref"] for line in lines] == [f"R{number:07}" for number in range(1, COUNT + 1)]
    assert office("show", lines[0]["text"]).code == 0
    assert (
        office("issuer", "passes", "--out", "again.csv").out == text("cli.passes.written", target="again.csv", count=COUNT) + "\n"
    )
    assert (tmp_path / "again.csv").read_bytes() == file.read_bytes()


def test_writing_again_shows_how_far_it_is_at_a_terminal(office: Shell, tmp_path: Path) -> None:
    assert office("issuer", "issue").code == 0
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "socpass_cli", "issuer", "passes", "--out", "again.csv", "--qr", "codes", "--lang", "en"]
    subprocess.run(command, check=True, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    seen = os.read(ours, 2**16).decode()
    os.close(ours)
    assert "Writing" in seen
    assert f"{COUNT}/{COUNT}" in seen


def test_texts_as_json_lines(office: Shell, tmp_path: Path) -> None:
    office("issuer", "issue", "--out", "tokens.jsonl")
    (tmp_path / "again.jsonl").write_text("what was there\n")
    assert office("issuer", "passes", "--out", "again.jsonl").code == 0
    for name in ("tokens.jsonl", "again.jsonl"):
        told = [json.loads(line) for line in (tmp_path / name).read_text(encoding="utf-8").splitlines()]
        assert len(told) == COUNT
        assert set(told[0]) == {"ref", "list", "index", "issued_at", "expires_at", "text"}


def test_a_file_that_a_crash_cut_off_is_not_written_on(office: Shell, tmp_path: Path) -> None:
    (tmp_path / "tokens.csv").write_text("ref;list;ind")
    said = office("issuer", "issue", "--out", "tokens.csv")
    assert (said.code, text("cli.passes.last_line_cut_off", file="tokens.csv") in said.err) == (1, True)
    assert office("issuer", "issue").out == text("cli.issue.done", count=COUNT) + "\n"


def test_a_file_that_cannot_be_written_is_named_before_anything_is_signed(office: Shell) -> None:
    said = office("issuer", "issue", "--out", "nowhere/tokens.csv")
    why = Message("system.no_such_file")
    assert (said.code, f"nowhere/tokens.csv: {text('cannot_be_written', why=why)}" in said.err) == (1, True)
    assert office("issuer", "issue").out == text("cli.issue.done", count=COUNT) + "\n"


def test_workers_draw_what_they_issue(office: Shell, tmp_path: Path) -> None:
    said = office("issuer", "issue", "--workers", "2", "--qr", "codes", "--format", "svg", "--out", "tokens.csv")
    assert (said.code, said.out.splitlines()[0]) == (0, text("cli.issue.done", count=COUNT)), said.err
    assert len(list((tmp_path / "codes").rglob("*.svg"))) == COUNT
    assert {line["ref"] for line in lines_of(tmp_path / "codes" / "passes.csv")} == {
        line["ref"] for line in lines_of(tmp_path / "tokens.csv")
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("issue", "--out", "tokens.txt"),
        ("issue", "--workers", "0"),
        ("issue", "--limit", "0"),
        ("issue", "--workers", "2", "--ref", "R0000001"),
        ("passes", "--out", "tokens"),
        ("passes", "--show", "--ref", "R0000001", "--out", "tokens.csv"),
    ],
)
def test_wrong_usage_exits_with_2(office: Shell, arguments: tuple[str, ...]) -> None:
    assert office("issuer", *arguments).code == 2


def test_what_stops_a_worker_is_said_and_the_command_that_writes_the_rest(office: Shell, tmp_path: Path) -> None:
    agency = Agency.open(tmp_path / "agency")
    for index in range(1024):  # a folder in the place of every picture that may come
        (tmp_path / "codes" / "0" / "0000" / f"0-{index}.png").mkdir(parents=True)
    said = office("issuer", "issue", "--workers", "2", "--qr", "codes", "--out", "tokens.csv")
    assert (said.code, "[bad_agency]" in said.err, "codes/0/0000/0-" in said.err) == (1, True, True)
    assert text("cli.issue.texts_missing", file="tokens.csv") in said.err
    command = "socpass issuer passes --qr codes"
    assert text("cli.issue.pictures_missing", count=COUNT, folders="codes", command=command) in said.err
    with agency.register() as register, register.transaction() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM credentials").scalar() == COUNT


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_pass_that_the_second_reader_finds_to_differ_is_named_and_nothing_is_kept(
    office: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    # given
    def differ(*_: object, **__: object) -> None:
        raise PassDiffers("pass_differs", ref="R0000009", field="name")

    monkeypatch.setattr("socpass_vc.issuer.issuance.batch_issue.check_pass", differ)

    # when
    said = office("issuer", "issue", "--verify-all", "--out", "tokens.csv", "--lang", lang)

    # then
    sentence = text("issued_pass_differs", lang, ref="R0000009", field="name")
    assert (said.code, f"[pass_differs]: {sentence}; {text('cli.next.issued_pass_differs', lang)}" in said.err) == (1, True)
    assert lines_of(tmp_path / "tokens.csv") == []
    with Agency.open(tmp_path / "agency").register() as register, register.transaction() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM credentials").scalar() == 0


def test_all_are_read_back_where_that_is_asked_for_and_of_one_resident_always(
    office: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    read: list[str] = []
    monkeypatch.setattr("socpass_vc.issuer.issuance.batch_issue.check_pass", lambda row, *_, **__: read.append(row.ref))

    # then
    assert office("issuer", "issue", "--limit", "10", "--verify-all").code == 0
    assert len(read) == len(set(read)) == 10
    read.clear()
    assert office("issuer", "issue", "--ref", "R0000030").code == 0
    assert read == ["R0000030"]


def test_an_audit_goes_deep_where_that_is_asked_for(office: Shell, tmp_path: Path) -> None:
    # given
    assert office("issuer", "issue").code == 0
    said = text("cli.audit.read_back", "ru", count=COUNT)
    assert said not in office("issuer", "audit", "--lang", "ru").out
    assert said in office("issuer", "audit", "--deep", "--lang", "ru").out

    # when
    with Agency.open(tmp_path / "agency").register() as register, register.transaction() as connection:
        connection.exec_driver_sql("UPDATE credentials SET expires_at = expires_at + 1 WHERE resident_id = 5")

    # then
    assert office("issuer", "audit").code == 0
    deep = office("issuer", "audit", "--deep")
    sentence = text("pass_differs", ref="R0000005", field="expires_at")
    assert (deep.code, f"[pass_differs]: {sentence}" in deep.err) == (1, True)


def test_without_cbor2_nothing_is_issued_and_the_extra_is_named(office: Shell) -> None:
    # given
    hidden = "import sys; sys.modules['cbor2'] = None; from socpass_cli.main import run; run(sys.argv[1:])"

    # when
    ran = subprocess.run(
        [sys.executable, "-c", hidden, "issuer", "issue", "--lang", "en"], capture_output=True, text=True, check=False
    )

    # then
    assert (ran.returncode, "[extra_missing]" in ran.stderr) == (1, True), ran.stderr
    assert text("cli.error.extra_missing", extra="agency") in ran.stderr
    assert office("issuer", "issue").out == text("cli.issue.done", count=COUNT) + "\n"
