"""``socpass scan``: the till's loop at pipes, terminals, serial ports, folders and cameras, all of them real."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import IO

import pytest
from PIL import Image

from command import Shell
from said import text
from socpass_cli.app import language
from socpass_cli.app.clock import now
from socpass_cli.scan.big_letters import draw
from socpass_cli.scan.display import LineDisplay, ScreenDisplay
from socpass_cli.scan.loop import LoopTiming, ScanLoop
from socpass_cli.scan.streams import ScanNotice
from socpass_cli.verdict.colours import COLOURS
from socpass_cli.verdict.inputs import Source
from socpass_vc.format.armor import read_armor, split_frame, write_armor
from socpass_vc.qr.read import read_codes
from socpass_vc.verifier.verdict.till import Till
from terminals import IN_A_SESSION_OF_ITS_OWN, PATIENCE_SECONDS, Terminal, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals are those of POSIX")


def text_of(demo_folder: Path, name: str) -> str:
    return read_codes(demo_folder / "passes" / f"{name}.png")[0]


class Program:
    """The command in a process of its own; what it says is read as it comes."""

    def __init__(self, *arguments: object, stdin: int = subprocess.PIPE, stdout: int | None = None) -> None:
        begin = () if stdin == subprocess.PIPE else (sys.executable, "-c", IN_A_SESSION_OF_ITS_OWN)
        self._process = subprocess.Popen(
            [*begin, sys.executable, "-m", "socpass_cli", "scan", *map(str, arguments)],
            stdin=stdin,
            stdout=subprocess.PIPE if stdout is None else stdout,
            stderr=subprocess.PIPE,
            env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "xterm", "PYTHONUNBUFFERED": "1"},
        )
        self.out: Queue[str] = Queue()
        self.err: Queue[str] = Queue()
        streams = ((self._process.stdout, self.out), (self._process.stderr, self.err))
        self._readers = [Thread(target=_read_lines, args=each) for each in streams if each[0] is not None]
        for reader in self._readers:
            reader.start()

    def send(self, content: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(content)
        self._process.stdin.flush()

    def verdict(self) -> dict[str, object]:
        found: dict[str, object] = json.loads(self.out.get(timeout=PATIENCE_SECONDS))
        return found

    def notice(self) -> str:
        return self.err.get(timeout=PATIENCE_SECONDS)

    def is_silent(self, seconds: float = 0.7) -> bool:
        try:
            self.out.get(timeout=seconds)
        except Empty:
            return True
        return False

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        """Return the exit code; all that was said is in the queues then."""
        code = self._process.wait(PATIENCE_SECONDS)
        for reader in self._readers:
            reader.join(PATIENCE_SECONDS)
        return code

    def end(self) -> int:
        if self._process.stdin is not None:
            self._process.stdin.close()
        return self.wait()

    def kill(self) -> None:
        self._process.kill()
        if self._process.stdin is not None and not self._process.stdin.closed:
            self._process.stdin.close()
        self.wait()


def _read_lines(stream: IO[bytes], lines: Queue[str]) -> None:
    with stream:
        for line in stream:
            lines.put(line.decode())


Start = Callable[..., Program]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return what starts the command; what is still running in the end is ended."""
    running: list[Program] = []

    def begin(*arguments: object, **files: int) -> Program:
        running.append(Program(*arguments, **files))
        return running[-1]

    yield begin
    for program in running:
        program.kill()


# --- Standard input --------------------------------------------------------------------------------------------------


def test_lines_of_a_pipe_are_verdicts_and_its_end_is_a_good_end(start: Start, demo_folder: Path) -> None:
    program = start("--store", demo_folder / "till", "--json-lines")
    program.send(text_of(demo_folder, "accepted").replace("SOCPASS:", "ъЙ1ЫЩСЗФЫЫЖ").encode() + b"\r\n")
    found = program.verdict()  # each is written at once, not when the input ends
    assert (found["verdict"], found["code"]) == ("accepted", "accepted")
    assert {"source", "reason", "advice", "checked_at", "scanned_at", "pass"} <= found.keys()
    program.send(text_of(demo_folder, "revoked").encode() + b"\n")
    assert program.verdict()["code"] == "revoked"
    program.send("ыщсзфыыж12345\nhttps://example.ru\n".encode())
    assert [program.verdict().get("found") for _ in range(2)] == ["text", "link"]
    program.send(text_of(demo_folder, "expired").encode())  # without an ending
    assert program.end() == 0
    assert program.verdict()["code"] == "expired"


def test_the_same_pass_within_seconds_is_one_scan_however_it_is_typed(start: Start, demo_folder: Path) -> None:
    text = text_of(demo_folder, "accepted")
    program = start("--store", demo_folder / "till", "--json-lines", "--repeat-after", "1000")
    for typed in (text, text, text.replace("SOCPASS:", "]Q1HTTPS://X.RU/#"), text_of(demo_folder, "revoked"), text):
        program.send(typed.encode() + b"\r")
    assert program.end() == 0
    assert [program.verdict()["code"] for _ in range(2)] == ["accepted", "revoked"]
    assert program.is_silent(0.2)


def test_the_same_pass_later_is_another_scan(start: Start, demo_folder: Path) -> None:
    program = start("--store", demo_folder / "till", "--json-lines", "--repeat-after", "0")
    for _ in range(2):
        program.send(text_of(demo_folder, "accepted").encode() + b"\r")
        assert program.verdict()["code"] == "accepted"


def test_codes_of_one_pass_are_joined_as_they_are_scanned_one_after_another(start: Start, demo_folder: Path) -> None:
    frame = read_armor(text_of(demo_folder, "accepted"))
    parts = [write_armor(part).encode() + b"\r" for part in split_frame(frame, count=3)]
    program = start("--store", demo_folder / "till", "--json-lines")
    for part, word in ((parts[2], "incomplete"), (parts[0], "incomplete"), (parts[1], "accepted")):
        program.send(part)
        assert program.verdict()["code"] == word


def test_rubbish_of_any_kind_ends_nothing(start: Start, demo_folder: Path) -> None:
    program = start("--store", demo_folder / "till", "--json-lines")
    program.send(bytes(range(256)) * 40 + b"\r")
    program.send(b"9" * 1_000_000 + b"\r")
    program.send(b"\xff\xfe\0\0\r" + b"\0" * 100_000 + b"\r\x1b[2J\x07\r\r\r\n\n")
    program.send(b"SOCPASS:" + b"1" * 11_000 + b"\r")
    program.send(text_of(demo_folder, "accepted").encode() + b"\r")
    assert program.end() == 0
    codes: list[object] = []
    while not codes or codes[-1] != "accepted":
        codes.append(program.verdict()["code"])
    assert set(codes[:-1]) <= {"not_a_pass", "misread"}


def test_a_store_that_is_missing_is_an_error_at_the_start(start: Start, tmp_path: Path) -> None:
    program = start("--store", tmp_path / "none", "--lang", "en")
    assert text("no_store_here") in program.notice()
    assert program.end() == 1


def test_a_store_that_is_damaged_meanwhile_is_undecided_and_mended_it_decides_again(
    start: Start, demo_folder: Path, tmp_path: Path
) -> None:
    store = Path(shutil.copytree(demo_folder / "till", tmp_path / "till"))
    text = text_of(demo_folder, "accepted").encode() + b"\r"
    program = start("--store", store, "--json-lines", "--repeat-after", "0")
    program.send(text)
    assert program.verdict()["code"] == "accepted"
    good = (store / "trust.spt").read_bytes()
    for damage in (b"rubbish", b""):
        (store / "trust.spt").write_bytes(damage)
        program.send(text)
        found = program.verdict()
        assert (found["verdict"], found["code"]) == ("undecided", "bad_store")
    shutil.move(store, tmp_path / "away")
    program.send(text)
    assert program.verdict()["code"] == "bad_store"
    shutil.move(tmp_path / "away", store)
    (store / "trust.spt").write_bytes(good)
    program.send(text)
    assert program.verdict()["code"] == "accepted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_the_way_out_and_no_failure(start: Start, demo_folder: Path, number: signal.Signals) -> None:
    program = start("--store", demo_folder / "till", "--json-lines")
    program.send(text_of(demo_folder, "accepted").encode() + b"\r")
    assert program.verdict()["code"] == "accepted"
    program.signal(number)
    assert program.wait() == 0
    assert program.err.empty()


def test_nothing_is_written_to_the_disk(start: Start, demo_folder: Path, tmp_path: Path) -> None:
    store = Path(shutil.copytree(demo_folder / "till", tmp_path / "till"))
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    program = start("--store", store)
    program.send(text_of(demo_folder, "accepted").encode() + b"\r")
    assert program.end() == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "x", "--watch", "."),
        ("--camera", "0", "--port", "x"),
        ("--clear-after", "-1"),
        ("--place", "moon"),
        ("--baud", "1"),
    ],
)
def test_wrong_usage_is_said(shell: Shell, demo_folder: Path, arguments: tuple[str, ...]) -> None:
    assert shell("scan", "--store", demo_folder / "till", *arguments).code == 2


# --- A terminal ------------------------------------------------------------------------------------------------------


def test_a_terminal_shows_a_verdict_large_then_wipes_it_and_is_left_as_it_was(start: Start, demo_folder: Path) -> None:
    terminal = Terminal()
    before = terminal.modes()
    program = start(
        "--store",
        demo_folder / "till",
        "--clear-after",
        "2",
        "--bell",
        "--lang",
        "ru",
        stdin=terminal.slave,
        stdout=terminal.slave,
    )
    ready = text("cli.scan.ready_typed", "ru")
    wait_for(lambda: ready in terminal.screen and terminal.modes() != before)
    terminal.type(text_of(demo_folder, "accepted").replace("SOCPASS:", "ЫЩСЗФЫЫЖ").encode() + b"\r")
    wait_for(lambda: "Константинопольская" in terminal.screen)
    assert terminal.screen.count("\x1b[42m") > 20  # green, in letters of many cells
    assert "ЫЩСЗ" not in terminal.shown
    assert "\a" not in terminal.shown
    wait_for(lambda: ready in terminal.screen)
    assert "Константинопольская" not in terminal.screen
    terminal.type(text_of(demo_folder, "revoked").encode())  # a scanner that sends nothing behind a code
    wait_for(lambda: "Габдуллин" in terminal.screen and "\x1b[41m" in terminal.screen)
    wait_for(lambda: "\a" in terminal.shown)
    program.signal(signal.SIGINT)
    assert program.end() == 0
    wait_for(lambda: not terminal.screen)
    assert terminal.modes() == before


def test_a_pass_larger_than_a_line_of_a_terminal_arrives_whole_and_ctrl_d_ends_nothing(start: Start, demo_folder: Path) -> None:
    terminal = Terminal()
    program = start("--store", demo_folder / "till", "--json-lines", stdin=terminal.slave)
    before = terminal.modes()
    wait_for(lambda: terminal.modes() != before)
    terminal.type(write_armor(b"\x01" + b"\xa5" * 4_000).encode() + b"\t")
    assert program.verdict()["code"] == "malformed"  # and not misread
    terminal.type(b"\x04")
    terminal.type(text_of(demo_folder, "accepted").encode() + b"\r")
    assert program.verdict()["code"] == "accepted"
    terminal.press(b"q", b"\r", until=lambda: program.is_over)
    assert program.end() == 0


def test_signs_that_command_a_terminal_are_rubbish_and_ctrl_c_three_times_slowly_ends(start: Start, demo_folder: Path) -> None:
    terminal = Terminal()
    before = terminal.modes()
    program = start("--store", demo_folder / "till", "--json-lines", stdin=terminal.slave)
    wait_for(lambda: terminal.modes() != before)
    terminal.type(bytes(range(32)) + b"\x03\x03\x03q\r")  # FS is quit, SUB is suspend, DC3 is stop
    terminal.type(text_of(demo_folder, "accepted").encode() + b"\r")
    while program.verdict()["code"] != "accepted":
        pass
    terminal.press(b"\x03", b"\x03", b"\x03", until=lambda: program.is_over)
    assert program.wait() == 0
    assert text("cli.scan.how_to_leave") in program.notice()
    assert terminal.modes() == before


# --- A serial port ---------------------------------------------------------------------------------------------------


def test_a_scanner_at_a_port_is_read_unplugged_waited_for_and_read_again(start: Start, demo_folder: Path, tmp_path: Path) -> None:
    scan = text_of(demo_folder, "accepted").encode()
    port = tmp_path / "scanner"
    program = start("--store", demo_folder / "till", "--port", port, "--json-lines", "--repeat-after", "0", "--lang", "en")
    assert program.notice() == text("cli.scan.port_away", port=port, why=text("system.no_such_file")) + "\n"
    for ending in (b"\r\n", b""):
        master, slave = os.openpty()
        port.symlink_to(os.ttyname(slave))
        assert program.notice() == text("cli.scan.port_connected", port=port) + "\n"
        os.close(slave)
        os.write(master, b"\x02]Q1" + scan + ending)
        assert program.verdict()["code"] == "accepted"
        port.unlink()
        os.close(master)
        assert program.notice().startswith(text("cli.scan.port_away", port=port, why="").rstrip(")"))
    program.signal(signal.SIGINT)
    assert program.end() == 0


# --- A watched folder ------------------------------------------------------------------------------------------------


def test_pictures_that_come_into_a_folder_are_scans_and_half_written_ones_are_waited_for(
    start: Start, demo_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "inbox"
    folder.mkdir()
    shutil.copy(demo_folder / "passes" / "revoked.png", folder / "before.png")
    program = start("--store", demo_folder / "till", "--watch", folder, "--json-lines", "--lang", "en")
    assert program.is_silent(1.5)
    content = (demo_folder / "passes" / "accepted.png").read_bytes()
    with (folder / "new.png").open("wb") as file:
        for at in range(0, len(content), len(content) // 8 + 1):
            file.write(content[at : at + len(content) // 8 + 1])
            file.flush()
            time.sleep(0.15)
    found = program.verdict()
    assert (found["code"], found["source"]) == ("accepted", str(folder / "new.png"))
    (folder / "note.docx").write_bytes(b"x")
    (folder / ".hidden.png").write_bytes(content)
    os.mkfifo(folder / "pipe.png")
    Image.new("L", (60, 60), 255).save(folder / "blank.png")
    assert program.verdict()["code"] == "no_code_found"
    shutil.move(folder, tmp_path / "away")
    assert program.notice() == text("cli.scan.folder_away", folder=folder) + "\n"
    shutil.move(tmp_path / "away", folder)
    assert program.notice() == text("cli.scan.folder_back", folder=folder) + "\n"
    shutil.copy(demo_folder / "passes" / "expired.png", folder / "new.png")  # in place of another
    assert program.verdict()["code"] == "expired"
    assert program.is_silent()


def test_a_folder_that_is_away_at_the_start_is_waited_for_and_what_it_holds_then_is_no_scan(
    start: Start, demo_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "drive"
    program = start("--store", demo_folder / "till", "--watch", folder, "--json-lines", "--lang", "en")
    assert program.notice() == text("cli.scan.folder_away", folder=folder) + "\n"
    shutil.copytree(demo_folder / "passes", tmp_path / "drive.new")
    (tmp_path / "drive.new").rename(folder)
    assert program.notice() == text("cli.scan.folder_back", folder=folder) + "\n"
    assert program.is_silent(1.5)
    (folder / "a.txt").write_text(text_of(demo_folder, "revoked"))
    assert program.verdict()["code"] == "revoked"


# --- A camera --------------------------------------------------------------------------------------------------------


def film(path: Path, demo_folder: Path, names: tuple[str, ...]) -> Path:
    """Write a film of codes held into a camera, some frames each, and nothing between them."""
    cv2 = pytest.importorskip("cv2")
    numpy = pytest.importorskip("numpy")
    size = (640, 480)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, size)
    assert writer.isOpened()
    blank = Image.new("RGB", size, (120, 110, 100))
    for name in names:
        shown = blank.copy()
        code = Image.open(demo_folder / "passes" / f"{name}.png").convert("RGB").resize((400, 400))
        shown.paste(code, (90, 40))
        for frame in (blank, blank, shown, shown, shown, blank):
            writer.write(numpy.asarray(frame))
    writer.release()
    return path


def test_a_film_in_place_of_a_camera_gives_a_verdict_a_pass_and_none_for_empty_frames(
    shell: Shell, demo_folder: Path, tmp_path: Path
) -> None:
    path = film(tmp_path / "till.avi", demo_folder, ("accepted", "revoked", "foreign"))
    said = shell("scan", "--store", demo_folder / "till", "--camera", path, "--json-lines", "--repeat-after", "60")
    assert (said.code, said.err) == (0, "")
    assert [json.loads(line)["code"] for line in said.out.splitlines()] == ["accepted", "revoked", "unknown_issuer"]
    said = shell("scan", "--store", demo_folder / "till", "--camera", path, "--repeat-after", "60", "--lang", "ru")
    colours = [text(f"verdict.colour.{family}", "ru") for family in ("accepted", "rejected", "undecided")]
    assert re.findall("|".join(colours), said.out) == colours


def test_a_film_that_is_none_and_a_camera_that_is_away_are_said(
    shell: Shell, start: Start, demo_folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("cv2")
    (tmp_path / "no.avi").write_bytes(b"no film")
    for name in ("no.avi", "missing.avi"):
        said = shell("scan", "--store", demo_folder / "till", "--camera", tmp_path / name)
        assert (said.code, "[bad_source]" in said.err) == (1, True)
    program = start("--store", demo_folder / "till", "--camera", "97", "--json-lines", "--lang", "en")
    assert program.notice() == text("cli.scan.camera_away", camera=text("cli.scan.camera", number=97)) + "\n"
    program.signal(signal.SIGINT)
    assert program.end() == 0
    assert program.err.empty()


@pytest.mark.parametrize(("option", "module"), [("--port", "serial"), ("--camera", "cv2")])
def test_an_extra_that_is_missing_is_named(
    shell: Shell, demo_folder: Path, monkeypatch: pytest.MonkeyPatch, option: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    said = shell("scan", "--store", demo_folder / "till", option, "0", "--lang", "ru")
    assert (said.code, text(f"cli.scan.needs_{'pyserial' if module == 'serial' else 'opencv'}", "ru") in said.err) == (1, True)


# --- What no user should ever meet -----------------------------------------------------------------------------------


class Given:
    """A scanner that gives what it was given, then ends."""

    def __init__(self, *texts: str) -> None:
        self._left = [Source("given", text=text) for text in texts]

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:  # noqa: ARG002 -- never waits
        return [self._left.pop(0)] if self._left else None


def test_a_fault_of_the_program_costs_one_scan_and_not_the_till(demo_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    language.choose([], {})
    tills = iter((None, Till(demo_folder / "till", now=now())))  # what is no till is a fault of the program
    given = Given(text_of(demo_folder, "accepted"), text_of(demo_folder, "revoked"))
    loop = ScanLoop(given, LineDisplay(as_json=True), lambda: next(tills), LoopTiming(30, 3), now=now)  # type: ignore[arg-type, return-value]  # see above
    loop.run(lambda: False)
    said = capsys.readouterr()
    assert text("cli.scan.fault", kind="TypeError") in said.err
    assert [json.loads(line)["code"] for line in said.out.splitlines()] == ["revoked"]


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_words_of_all_colours_are_drawn_within_eighty_columns_and_smaller_where_they_do_not_fit(
    demo_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    language.choose(["--lang", lang], {})
    for family in COLOURS:
        rows = draw(text(f"verdict.colour.{family}", lang))
        assert (len(rows), len({len(row) for row in rows})) == (5, 1)
        assert len(rows[0]) + 2 < 80
    monkeypatch.setenv("COLUMNS", "30")
    till = Till(demo_folder / "till", now=now())
    ScanLoop(Given("rubbish"), ScreenDisplay(bell=True), lambda: till, LoopTiming(30, 3), now=now).run(lambda: False)
    shown = capsys.readouterr().out
    assert text("verdict.colour.unreadable", lang).center(29) in shown
    language.choose([], {})


def test_verify_loads_nothing_of_the_loop_and_the_loop_no_camera() -> None:
    for loaded, never in (
        ("verify", r"socpass_cli\.(commands\.)?scan|serial|cv2|numpy"),
        ("scan", "serial|cv2|numpy|sqlalchemy|segno|urllib3|PIL"),
    ):
        found = subprocess.run(
            [sys.executable, "-c", f"import socpass_cli.commands.{loaded}, sys; print(*sys.modules)"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.split()
        assert not [name for name in found if re.match(f"({never})", name)]
