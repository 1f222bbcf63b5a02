"""``socpass verify`` as a cashier meets it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from segno import make

from command import Shell
from socpass_cli import verify as verify_module
from socpass_vc.format import armor
from socpass_vc.format.armor import read_armor, split_frame, write_armor
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.write import encode

PICTURES = {
    "accepted": (0, "ACCEPTED", "ПРИНЯТО", "accepted"),
    "revoked": (1, "REJECTED", "ОТКАЗ", "revoked"),
    "suspended": (1, "REJECTED", "ОТКАЗ", "suspended"),
    "expired": (1, "REJECTED", "ОТКАЗ", "expired"),
    "forged": (1, "REJECTED", "ОТКАЗ", "forged"),
    "foreign": (4, "UNDECIDED", "НЕ РЕШЕНО", "unknown_issuer"),
}


def text_of(demo_folder: Path, name: str) -> str:
    return read_codes(demo_folder / "passes" / f"{name}.png")[0]


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_of_the_demo_gets_its_word_its_code_and_its_exit_code(shell: Shell, demo_folder: Path, name: str) -> None:
    code, english, russian, word = PICTURES[name]
    picture, store = demo_folder / "passes" / f"{name}.png", demo_folder / "till"
    said = shell("verify", picture, "--store", store)
    assert (said.code, said.out.split()[0], said.err) == (code, english, "")
    said = shell("verify", picture, "--store", store, "--lang", "ru")
    assert said.code == code
    assert said.out.strip().startswith(russian)
    said = shell("verify", picture, "--store", store, "--json")
    assert said.code == code
    assert json.loads(said.out)["code"] == word


def test_an_accepted_pass_shows_name_birth_entitlements_issuer_age_and_what_to_do(shell: Shell, demo_folder: Path) -> None:
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--lang", "ru")
    for shown in (
        "Константинопольская Анна Сергеевна, дата рождения 04.03.1951",
        "02-545",
        "*6789",
        "выдано 01.04.2006",
        "Министерство социальных примеров",
        "Список статусов подписан: 0 мин назад",
        "Сверьте имя и дату рождения с документом",
    ):
        assert shown in said.out


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
    text, store = text_of(demo_folder, "accepted"), demo_folder / "till"
    (tmp_path / "pass.txt").write_text(f"{text}\r\n", encoding="utf-8-sig")
    picture = (demo_folder / "passes" / "accepted.png").read_bytes()
    assert shell("verify", tmp_path / "pass.txt", "--store", store).code == 0
    assert shell("verify", "-", "--store", store, stdin=f"{text}\n".encode()).code == 0
    assert shell("verify", "-", "--store", store, stdin=picture).code == 0
    assert shell("verify", text, "--store", store).code == 0


def test_a_category_is_asked_for_by_either_spelling(shell: Shell, demo_folder: Path) -> None:
    arguments = ("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--category")
    assert shell(*arguments, "02-545").code == 0
    assert shell(*arguments, "2521").code == 0
    said = shell(*arguments, "02-580")
    assert said.code == 1
    assert "Asked for: Large family [02-580]" in said.out
    said = shell(*arguments, "veteran")
    assert (said.code, "'veteran' is no category" in said.err) == (2, True)


def test_an_older_or_later_time_can_be_asked_for(shell: Shell, demo_folder: Path) -> None:
    arguments = ("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--json", "--at")
    assert json.loads(shell(*arguments, "2001-01-01T00:00+03:00").out)["code"] == "clock_wrong"
    assert json.loads(shell(*arguments, "2200-01-01").out)["code"] == "trust_expired"
    assert json.loads(shell(*arguments, "2200-01-01", "--on-stale", "warn").out)["code"] == "expired"
    assert shell(*arguments, "tomorrow").code == 2
    assert shell(*arguments, "0001-01-01T00:00+14:00").code == 2


def test_expired_lists_can_be_let_through_with_a_warning(shell: Shell, demo_folder: Path) -> None:
    found = json.loads(shell("store", "--store", demo_folder / "till", "--json").out)
    expiry = found["status_lists"][0]["expires_at"]
    arguments = ("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till", "--at", expiry)
    said = shell(*arguments)
    assert (said.code, "The status list of this till expired on" in said.out) == (4, True)
    said = shell(*arguments, "--on-stale", "warn")
    assert (said.code, "Warning: the status list has expired" in said.out) == (0, True)


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
        (tmp_path / f"{number}.png").write_bytes(encode(write_armor(part)).png())
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
    assert (said.code, said.out.split()[0], said.err) == (3, "UNREADABLE", "")


def test_rubbish_on_standard_input_is_unreadable(shell: Shell, demo_folder: Path) -> None:
    for content in (b"", b"\0" * 100, b"hello"):
        assert shell("verify", "-", "--store", demo_folder / "till", stdin=content).code == 3


def test_what_is_not_there_is_wrong_usage(shell: Shell, tmp_path: Path) -> None:
    assert shell("verify").code == 2
    said = shell("verify", tmp_path / "missing.png")
    assert (said.code, "no such file" in said.err) == (2, True)
    said = shell("verify", tmp_path / "missing.png", "--lang", "ru")
    assert "нет такого файла" in said.err


def test_an_empty_folder_holds_nothing_to_verify(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = shell("verify", tmp_path / "empty")
    assert (said.code, "no pictures or texts in it" in said.out + said.err) == (3, True)


def test_a_till_without_a_store_is_amber_and_says_whom_to_call(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", tmp_path / "nowhere")
    assert said.code == 4
    assert "socpass sync SOURCE --root FILE" in said.out
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
    assert (said.code, "please report it: ZeroDivisionError" in said.err) == (70, True)


def test_an_interruption_leaves_cleanly(shell: Shell, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verify_module, "check_source", interrupt)
    said = shell("verify", demo_folder / "passes" / "accepted.png", "--store", demo_folder / "till")
    assert (said.code, "Interrupted" in said.err) == (130, True)


def test_the_path_of_a_verdict_imports_neither_sql_nor_writing_of_codes_nor_numpy(demo_folder: Path) -> None:
    script = (
        "import sys\nfrom socpass_cli.main import run\n"
        "try:\n    run(sys.argv[1:])\nexcept SystemExit as left:\n    assert left.code == 0, left.code\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'sqlalchemy', 'segno', 'numpy', 'pyzbar', 'cbor2'}))"
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


def test_a_reader_that_stops_listening_is_no_fault(demo_folder: Path) -> None:
    command = f"'{sys.executable}' -m socpass_cli verify '{demo_folder}/passes' --store '{demo_folder}/till' | true"
    ended = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in ended.stderr
    assert "please report" not in ended.stderr


def test_the_armor_of_the_demo_is_what_the_command_line_takes(demo_folder: Path) -> None:
    assert text_of(demo_folder, "accepted").startswith(armor.PREFIX)
