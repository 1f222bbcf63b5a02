"""``socpass verify`` as a cashier meets it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PIL import Image
from segno import make

from command import Shell
from said import text
from socpass_cli.app import language
from socpass_cli.commands import verify as verify_module
from socpass_vc.format import armor
from socpass_vc.format.armor import read_armor, split_frame, write_armor
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.write import draw_code

PICTURES = {
    "accepted": (0, "accepted", "accepted"),
    "revoked": (1, "rejected", "revoked"),
    "suspended": (1, "rejected", "suspended"),
    "expired": (1, "rejected", "expired"),
    "forged": (1, "rejected", "forged"),
    "foreign": (4, "undecided", "unknown_issuer"),
}


def text_of(demo_folder: Path, name: str) -> str:
    return read_codes(demo_folder / "passes" / f"{name}.png")[0]


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_of_the_demo_gets_its_word_its_code_and_its_exit_code(shell: Shell, demo_folder: Path, name: str) -> None:
    code, family, word = PICTURES[name]
    picture, store = demo_folder / "passes" / f"{name}.png", demo_folder / "till"
    said = shell("verify", picture, "--store", store)
    assert (said.code, said.out.split()[0], said.err) == (code, text(f"verdict.colour.{family}"), "")
    said = shell("verify", picture, "--store", store, "--lang", "ru")
    assert said.code == code
    assert said.out.strip().startswith(text(f"verdict.colour.{family}", "ru"))
    said = shell("verify", picture, "--store", store, "--json")
    assert said.code == code
    assert json.loads(said.out)["code"] == word


def test_another_address_before_a_good_pass_changes_no_verdict_and_is_never_shown(shell: Shell, demo_folder: Path) -> None:
    # given
    store, good = demo_folder / "till", text_of(demo_folder, "accepted")
    phishing = good.replace("SOCPASS:", "HTTPS://PHISHING.EXAMPLE/BONUS#")

    # when
    now = ("--store", store, "--at", f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}")
    of_good, of_phishing = shell("verify", good, *now, "--json"), shell("verify", phishing, *now, "--json")

    # then
    without = [{key: value for key, value in json.loads(said.out).items() if key != "source"} for said in (of_good, of_phishing)]
    assert without[0] == without[1]
    assert (of_phishing.code, without[1]["code"]) == (0, "accepted")
    Path("code.txt").write_text(phishing)
    for arguments in (("verify", *now), ("verify", *now, "--json"), ("show",), ("show", "--json")):
        said = shell(arguments[0], "code.txt", *arguments[1:])
        assert said.code == 0
        assert "PHISHING" not in (said.out + said.err).upper()


def test_an_accepted_pass_shows_name_birth_entitlements_issuer_age_and_what_to_do(shell: Shell, demo_folder: Path) -> None:
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--lang", "ru")
    for shown in (
        text("cli.verdict.born_on", "ru", name="Константинопольская Анна Сергеевна", day=date(1951, 3, 4)),
        "02-545",
        text("cli.document_of_day", "ru", document="пенсионное удостоверение *6789", day=date(2006, 4, 1)),
        text("cli.verdict.issuer", "ru", name="Министерство социальных примеров", id="RU-DEMO"),
        text("verdict.advice.compare_document", "ru"),
    ):
        assert shown in said.out
    minutes = text("cli.age.minutes", "ru", minutes="[0-9]+")
    age = f"({text('cli.age.just_now', 'ru')}|{minutes})"  # the demo is older than this test
    assert re.search(text("cli.verdict.status_list", "ru", age=age) + "\n", said.out)


def test_a_forged_pass_shows_nothing_of_what_it_claims(shell: Shell, demo_folder: Path) -> None:
    for arguments in ([], ["--json"]):
        said = shell("verify", demo_folder / "passes" / "forged.png", "--store", demo_folder / "till", *arguments)
        assert "Константинопольская" not in said.out


def test_a_folder_gets_a_line_each_and_exits_with_the_worst(shell: Shell, demo_folder: Path) -> None:
    said = shell("verify", demo_folder / "passes", "--store", demo_folder / "till")
    assert said.code == 1
    assert [Path(line.split(".png")[0]).name.split()[-1] for line in said.out.splitlines()] == sorted(PICTURES)


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["accepted", "accepted"], 0),
        (["accepted", "foreign"], 4),
        (["accepted", "unreadable"], 3),
        (["unreadable", "foreign"], 4),
        (["foreign", "forged", "unreadable"], 1),
    ],
)
def test_the_worst_is_rejected_then_undecided_then_unreadable(
    shell: Shell, demo_folder: Path, tmp_path: Path, names: list[str], code: int
) -> None:
    Image.new("RGB", (50, 50), "white").save(tmp_path / "unreadable.png")
    paths = [tmp_path / "unreadable.png" if name == "unreadable" else demo_folder / "passes" / f"{name}.png" for name in names]
    assert shell("verify", *paths, "--store", demo_folder / "till").code == code


def test_json_of_several_is_an_object_a_line(shell: Shell, demo_folder: Path) -> None:
    said = shell("verify", demo_folder / "passes", "--store", demo_folder / "till", "--json")
    objects = [json.loads(line) for line in said.out.splitlines()]
    assert [Path(found["source"]).stem for found in objects] == sorted(PICTURES)
    assert all({"source", "verdict", "code", "reason", "advice", "checked_at"} <= found.keys() for found in objects)


def test_the_json_of_an_accepted_pass_is_as_documented(shell: Shell, demo_folder: Path) -> None:
    found = json.loads(shell("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--json").out)
    assert found["issuer"] == {"id": "RU-DEMO", "name": "Ministry of Social Examples"}
    assert found["counts_today"] == [2521, 2545]
    assert found["warnings"] == []
    assert found["status_list"].keys() == {"issued_at", "age_seconds"}
    assert found["pass"]["born_on"] == "1951-03-04"
    assert found["pass"]["entitlements"][0] == {
        "category": 2521,
        "code": "02-521",
        "name": "Labour veteran",
        "from": None,
        "until": None,
        "document": {"kind": 1, "name": "certificate of status", "number": "*4518", "issued_on": "2004-05-12"},
    }


def test_a_pass_comes_as_text_in_a_file_on_standard_input_or_on_the_command_line(
    shell: Shell, demo_folder: Path, tmp_path: Path
) -> None:
    code, store = text_of(demo_folder, "accepted"), demo_folder / "till"
    (tmp_path / "pass.txt").write_text(f"{code}\r\n", encoding="utf-8-sig")
    picture = (demo_folder / "passes" / "accepted.png").read_bytes()
    assert shell("verify", tmp_path / "pass.txt", "--store", store).code == 0
    assert shell("verify", "-", "--store", store, stdin=f"{code}\n".encode()).code == 0
    assert shell("verify", "-", "--store", store, stdin=picture).code == 0
    assert shell("verify", code, "--store", store).code == 0
    assert shell("verify", f"{code}\n{code}\n1", "--store", store).out.count(text("verdict.reason.accepted")) == 2


def test_a_category_is_asked_for_by_either_spelling(shell: Shell, demo_folder: Path) -> None:
    arguments = ("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--category")
    assert shell(*arguments, "02-545").code == 0
    assert shell(*arguments, "2521").code == 0
    said = shell(*arguments, "02-580")
    assert said.code == 1
    assert text("cli.verdict.asked_for", what="Large family [02-580]") in said.out
    said = shell(*arguments, "veteran")
    assert (said.code, text("cli.verify.no_category", text="veteran") in said.err) == (2, True)


def test_an_older_or_later_time_can_be_asked_for(shell: Shell, demo_folder: Path) -> None:
    arguments = ("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--json", "--at")
    assert json.loads(shell(*arguments, "2001-01-01T00:00+03:00").out)["code"] == "clock_wrong"
    assert json.loads(shell(*arguments, "2200-01-01").out)["code"] == "trust_expired"
    assert json.loads(shell(*arguments, "2200-01-01", "--on-stale", "warn").out)["code"] == "expired"
    for wrong in ("tomorrow", "0001-01-01T00:00+14:00", "0001-01-01", "1969-12-31T23:59Z", "9999-12-31T23:59-14:00"):
        assert shell(*arguments, wrong).code == 2


def test_expired_lists_can_be_let_through_with_a_warning(shell: Shell, demo_folder: Path) -> None:
    found = json.loads(shell("store", "--store", demo_folder / "till", "--json").out)
    expiry = found["status_lists"][0]["expires_at"]
    arguments = ("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--at", expiry)
    said = shell(*arguments)
    at = language.show_moment(datetime.fromisoformat(expiry))
    assert (said.code, text("verdict.reason.status_stale", expired_at=at) in said.out) == (4, True)
    said = shell(*arguments, "--on-stale", "warn")
    assert (said.code, text("cli.verdict.warning", warning=text("verdict.warning.status_expired")) in said.out) == (0, True)
    assert f"({text('cli.verdict.synchronise')})" in said.out


def test_other_codes_beside_a_pass_are_ignored_and_two_passes_are_two_verdicts(
    shell: Shell, demo_folder: Path, tmp_path: Path
) -> None:
    good, bad = (Image.open(demo_folder / "passes" / f"{name}.png").convert("L") for name in ("accepted", "forged"))
    make("https://example.org/pay", error="m", micro=False).save(str(tmp_path / "other.png"), scale=8, border=4)
    other = Image.open(tmp_path / "other.png").convert("L")
    sheet = Image.new("L", (good.width + other.width, good.height), 255)
    sheet.paste(good, (0, 0))
    sheet.paste(other, (good.width, 0))
    sheet.save(tmp_path / "beside.png")
    pair = Image.new("L", (good.width + bad.width, max(good.height, bad.height)), 255)
    pair.paste(good, (0, 0))
    pair.paste(bad, (good.width, 0))
    pair.save(tmp_path / "pair.png")
    store = demo_folder / "till"
    assert shell("verify", tmp_path / "beside.png", "--store", store).code == 0
    said = shell("verify", tmp_path / "other.png", "--store", store, "--json")
    assert (said.code, json.loads(said.out)["code"]) == (3, "not_a_pass")
    said = shell("verify", tmp_path / "pair.png", "--store", store, "--json")
    assert (said.code, [json.loads(line)["code"] for line in said.out.splitlines()]) == (1, ["accepted", "forged"])


def test_the_parts_of_one_pass_are_joined_if_they_are_all_in_the_picture(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    frame = read_armor(text_of(demo_folder, "accepted"))
    pictures = []
    for number, part in enumerate(split_frame(frame, count=2)):
        (tmp_path / f"{number}.png").write_bytes(draw_code(write_armor(part)).png())
        pictures.append(Image.open(tmp_path / f"{number}.png").convert("L"))
    sheet = Image.new("L", (sum(picture.width for picture in pictures), pictures[0].height), 255)
    sheet.paste(pictures[0], (0, 0))
    sheet.paste(pictures[1], (pictures[0].width, 0))
    sheet.save(tmp_path / "both.png")
    assert shell("verify", tmp_path / "both.png", "--store", demo_folder / "till").code == 0
    said = shell("verify", tmp_path / "0.png", "--store", demo_folder / "till", "--json")
    assert (said.code, json.loads(said.out)["code"]) == (3, "incomplete")


RUBBISH = {
    "empty.png": b"",
    "text.png": b"this is no picture",
    "cut.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "binary.bin": bytes(range(256)) * 10,
    "digits.txt": b"1" * 400,
    "short.txt": b"SOCPASS:123",
    "long.txt": b"SOCPASS:" + b"7" * 13_000,
    "page.pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
}


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_is_unreadable_and_says_so(shell: Shell, demo_folder: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(RUBBISH[name])
    said = shell("verify", tmp_path / name, "--store", demo_folder / "till")
    assert (said.code, said.out.split()[0], said.err) == (3, text("verdict.colour.unreadable"), "")


def test_each_line_of_a_text_file_gets_its_verdict(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    good, bad = text_of(demo_folder, "accepted"), text_of(demo_folder, "forged")
    misread = good[:-1] + ("1" if good[-1] != "1" else "2")
    (tmp_path / "list.txt").write_text(f"journal of 2026-06-01\n{good}\n\n{bad}\r\n{misread}\n", encoding="utf-8")
    for source, stdin in ((tmp_path / "list.txt", b""), ("-", (tmp_path / "list.txt").read_bytes())):
        said = shell("verify", source, "--store", demo_folder / "till", "--json", stdin=stdin)
        assert [json.loads(line)["code"] for line in said.out.splitlines()] == ["accepted", "forged", "misread"]
        assert said.code == 1
    assert shell("show", tmp_path / "list.txt").code == 3
    (tmp_path / "one.txt").write_text(f"{good}\n2026-06-01\n", encoding="utf-8")
    assert shell("verify", tmp_path / "one.txt", "--store", demo_folder / "till").code == 0


@pytest.mark.parametrize(
    ("before", "after", "encoding"),
    [
        ("\x02SOCPASS:", "\x03", "utf-8"),
        ("ЫЩСЗФЫЫЖ", "\r\n", "cp1251"),
        ("ЫЩСЗФЫЫЖ", "\r\n", "utf-16"),
        ("SOCPASS:", "\n", "utf-8-sig"),
    ],
)
def test_a_text_file_of_any_usual_program_is_read(
    shell: Shell, demo_folder: Path, tmp_path: Path, before: str, after: str, encoding: str
) -> None:
    digits = text_of(demo_folder, "accepted").removeprefix(armor.PREFIX)
    (tmp_path / "pass.txt").write_bytes(f"{before}{digits}{after}".encode(encoding))
    assert shell("verify", tmp_path / "pass.txt", "--store", demo_folder / "till").code == 0


def test_show_and_verify_give_the_same_reason(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    good = text_of(demo_folder, "accepted")
    (tmp_path / "cards.png").write_bytes(draw_code("https://example.org/pay").png())
    misread = draw_code(good[:-1] + ("1" if good[-1] != "1" else "2")).png()
    (tmp_path / "misread.png").write_bytes(misread)
    one, other = (Image.open(tmp_path / f"{name}.png").convert("L") for name in ("cards", "misread"))
    sheet = Image.new("L", (one.width + other.width, other.height), 255)
    sheet.paste(one, (0, 0))
    sheet.paste(other, (one.width, 0))
    sheet.save(tmp_path / "sheet.png")
    codes = [json.loads(shell(command, tmp_path / "sheet.png", "--json").out)["code"] for command in ("verify", "show")]
    assert codes == ["misread", "misread"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are of Unix")
def test_a_pipe_is_left_out_of_a_folder_and_refused_by_name(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "pipe.png")
    shutil.copy(demo_folder / "passes" / "accepted.png", tmp_path / "folder")
    assert shell("verify", tmp_path / "folder", "--store", demo_folder / "till").code == 0
    for lang in ("en", "ru"):
        said = shell("verify", tmp_path / "folder" / "pipe.png", "--lang", lang)
        counted = [said.out.count(text(key, lang)) for key in ("verdict.reason.bad_source", "not_a_regular_file")]
        assert (said.code, counted) == (3, [1, 1])
    found = json.loads(shell("verify", "/dev/zero", "--json").out)
    assert (found["code"], found["verdict"], found["advice"] != "") == ("bad_source", "unreadable", True)


def test_a_long_argument_is_a_text_and_an_empty_one_is_wrong_usage(shell: Shell) -> None:
    said = shell("verify", "б" * 300, "--json")
    assert (said.code, json.loads(said.out)["code"]) == (3, "not_a_pass")
    for command in ("verify", "show"):
        said = shell(command, "")
        assert (said.code, text("cli.source.empty_argument") in said.err) == (2, True)


def test_a_closed_standard_input_is_unreadable(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        @property
        def buffer(self) -> Closed:
            return self

        def read(self, _: int) -> bytes:
            raise ValueError("I/O operation on closed file")

    monkeypatch.setattr("io.TextIOWrapper", lambda _: None)
    assert shell("verify", "-").code == 3
    monkeypatch.setattr("io.TextIOWrapper", lambda _: Closed())
    assert shell("verify", "-").code == 3


def test_a_folder_that_may_not_be_read_is_said(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stat = Path.stat

    def refuse(path: Path, **options: bool) -> object:
        if path.name == "x.png":
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    said = shell("verify", tmp_path / "x.png")
    assert (said.code, text("cannot_be_read", why=text("system.permission_denied")) in said.out) == (3, True)


def test_rubbish_on_standard_input_is_unreadable(shell: Shell, demo_folder: Path) -> None:
    for content in (b"", b"\0" * 100, b"hello"):
        assert shell("verify", "-", "--store", demo_folder / "till", stdin=content).code == 3


def test_what_is_not_there_is_wrong_usage(shell: Shell, tmp_path: Path) -> None:
    assert shell("verify").code == 2
    said = shell("verify", tmp_path / "missing.png")
    assert (said.code, text("cli.source.no_such_file", argument=tmp_path / "missing.png") in said.err) == (2, True)
    said = shell("verify", tmp_path / "missing.png", "--lang", "ru")
    assert text("cli.source.no_such_file", "ru", argument=tmp_path / "missing.png") in said.err


def test_an_empty_folder_holds_nothing_to_verify(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = shell("verify", tmp_path / "empty")
    assert (said.code, text("cli.source.empty_folder") in said.out) == (3, True)


def test_a_till_without_a_store_is_amber_and_says_whom_to_call(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", tmp_path / "nowhere")
    assert said.code == 4
    assert text("cli.next.no_store_here") in said.out
    assert not (tmp_path / "nowhere").exists()
    assert shell("verify", demo_folder / "passes" / "accepted.png").code == 4


@pytest.mark.parametrize("name", ["root.cbor", "trust.spt", "clock", "status"])
def test_a_damaged_store_is_named_and_left_as_it_is(shell: Shell, demo_folder: Path, tmp_path: Path, name: str) -> None:
    store = Path(shutil.copytree(demo_folder / "till", tmp_path / "till"))
    path = store / name if name != "status" else next((store / "status").iterdir())
    path.write_bytes(b"rubbish")
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", store, "--json")
    found = json.loads(said.out)
    assert (said.code, found["code"], found["verdict"]) == (4, "bad_store", "undecided")
    assert str(path) in found["detail"]
    assert path.read_bytes() == b"rubbish"


def test_verifying_writes_nothing(shell: Shell, demo_folder: Path) -> None:
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (demo_folder / "till").rglob("*") if path.is_file()}
    shell("verify", demo_folder / "passes", "--store", demo_folder / "till")
    assert before == {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in (demo_folder / "till").rglob("*") if path.is_file()
    }


def test_a_name_of_a_file_cannot_command_the_terminal(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb.png"
    path.write_bytes(b"rubbish")
    said = shell("verify", path, path, "--store", demo_folder / "till")
    assert "\x1b[2J" not in said.out


def test_a_fault_of_the_program_is_a_sentence_and_not_a_traceback(
    shell: Shell, demo_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(verify_module, "check_source", fail)
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till")
    assert (said.code, text("cli.bug", error="ZeroDivisionError") in said.err) == (70, True)


def test_an_interruption_leaves_cleanly(shell: Shell, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_module, "check_source", interrupt)
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till")
    assert (said.code, text("cli.interrupted") in said.err) == (130, True)


def test_the_path_of_a_verdict_imports_neither_sql_nor_writing_of_codes_nor_numpy(demo_folder: Path) -> None:
    script = (
        "import sys\nfrom socpass_cli.main import run\n"
        "try:\n    run(sys.argv[1:])\nexcept SystemExit as left:\n    assert left.code == 0, left.code\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'sqlalchemy', 'segno', 'numpy', 'pyzbar', 'cbor2', 'deflate', 'urllib3', 'ssl'}))"
    )
    arguments = ["verify", str(demo_folder / "passes" / "accepted.png"), "--store", str(demo_folder / "till")]
    ended = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1] == "[]"


def test_colours_are_for_terminals_alone_and_the_word_is_always_there(demo_folder: Path) -> None:
    arguments = ["verify", str(demo_folder / "passes" / "accepted.png"), "--store", str(demo_folder / "till"), "--lang", "en"]
    ended = subprocess.run([sys.executable, "-m", "socpass_cli", *arguments], capture_output=True, check=False)
    assert ended.returncode == 0
    assert b"\x1b" not in ended.stdout
    assert b"ACCEPTED" in ended.stdout


def test_a_terminal_that_lacks_the_letters_shows_question_marks_and_the_verdict(demo_folder: Path) -> None:
    arguments = ["verify", str(demo_folder / "passes" / "accepted.png"), "--store", str(demo_folder / "till"), "--lang", "en"]
    ended = subprocess.run(
        [sys.executable, "-m", "socpass_cli", *arguments],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "PATH": "/usr/bin:/bin"},
    )
    assert (ended.returncode, b"ACCEPTED" in ended.stdout, ended.stderr) == (0, True, b"")


@pytest.mark.parametrize("arguments", [("verify", "{0}/passes", "--store", "{0}/till"), ("--help",)])
def test_output_that_nobody_takes_is_said_in_a_sentence(demo_folder: Path, arguments: tuple[str, ...]) -> None:
    words = [sys.executable, "-m", "socpass_cli", *(argument.format(demo_folder) for argument in arguments)]
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(words, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, b"")
    if Path("/dev/full").is_char_device():
        with Path("/dev/full").open("wb") as full:
            ended = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False)
        assert (ended.returncode, ended.stderr) == (74, f"{text('cli.output_lost', why=text('system.disk_full'))}\n".encode())


def interrupted(arguments: list[str], sent: int, delay: float) -> tuple[bytes, bytes, int]:
    """Send a signal to the command *delay* seconds after its start; return its output, its errors and its exit code."""
    unmeasured = {
        name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")
    }  # it may die while writing
    program = subprocess.Popen(
        [sys.executable, "-m", "socpass_cli", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=unmeasured,
    )
    time.sleep(delay)
    program.send_signal(sent)
    out, err = program.communicate()
    return out, err, program.returncode


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
def test_an_interruption_shows_no_traceback_whenever_it_comes(demo_folder: Path) -> None:
    arguments = ["verify", str(demo_folder / "passes" / "accepted.png"), "--store", str(demo_folder / "till")]
    for number, delay in enumerate((0.06, 0.08, 0.1, 0.12, 0.15, 0.2)):
        sent = (signal.SIGINT, signal.SIGTERM)[number % 2]
        _, err, code = interrupted(arguments, sent, delay)
        # What Python itself says before it has come to us is not ours to prevent.
        assert b"socpass_cli" not in err
        assert code in {0, 1, 130, -sent}, err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_to_end_is_an_interruption(name: str) -> None:
    for delay in (0.5, 1, 4):  # until it waits for its input, however slow the machine
        _, err, code = interrupted(["verify", "-", "--lang", "en"], getattr(signal, name), delay)
        assert b"socpass_cli" not in err
        if code == 130:
            break
    assert (code, text("cli.interrupted").encode() in err, b"Traceback" in err) == (130, True, False)


def test_the_armor_of_the_demo_is_what_the_command_line_takes(demo_folder: Path) -> None:
    assert text_of(demo_folder, "accepted").startswith(armor.PREFIX)
