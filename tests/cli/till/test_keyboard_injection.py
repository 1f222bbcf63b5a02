"""A code that types commands: a real shell behind ``socpass scan``, at a real terminal, must never get a character of it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from said import text
from socpass_vc.qr.read import read_codes
from terminals import Bash, Terminal, wait_for

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals and signals are those of POSIX")

ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="finds children of a process in /proc")

CONTROL_CHARACTERS = tuple(bytes((number,)) for number in (*range(32), 127))
SEQUENCES = {
    "end of input alone": b"\x04",
    "interrupts": b"\x03" * 50,
    "an interrupt per line": b"\x03\r" * 3,
    "a scanner's q": b"q\r",
    "q in lines of its own": b"\rq\r\nq\n",
    "all of them": bytes(range(32)) * 3,
    "interrupt, end, suspend, quit": b"\x03\x04\x1a\x1c",
    "bracketed paste": b"\x1b[200~\x03\x1b[201~\x03",
    "a paste that does not end": b"\x1b[200~",
    "keys": b"\x1b[A\x1b[B\x1bOP\x1b[15~\x1b\x1b\x1b[3;5~",
    "reports asked for": b"\x1b[6n\x1b[c\x1bP$q\x1b\\\x1b]0;name\x07\x05",
    "modes": b"\x1b[?2004h\x1b[?1000h\x1bc\x1b[>4;2m",
    "the longest line of a terminal": b"\x03" + b"A" * 4_095,
    "longer than any code": b"\x04" + b"9" * 20_000,
    "not UTF-8": b"\x83\x84\x9b\xff\xfe\x03",
    "the other q": "й\rЙ\r".encode(),
}


def scanning(demo_folder: Path, *more: str) -> tuple[object, ...]:
    """Return the command line whose verdicts come into the file *said*."""
    store = demo_folder / "till"
    return (sys.executable, "-m socpass_cli scan --json-lines --repeat-after 0 --store", store, *more, ">said 2>noticed")


def injected(controls: bytes) -> bytes:
    """Return what a scanner types of a code that begins with *controls*: filler, and a command on a line of its own."""
    return controls + b"SOCPASS 0123456789" + b"\ntouch injected\n" + controls + b"\ntouch injected;\r"


@pytest.fixture
def bash(tmp_path: Path) -> Iterator[Bash]:
    shell = Bash(Terminal(), tmp_path)
    yield shell
    shell.end()


def accepted_after(bash: Bash, demo_folder: Path, folder: Path) -> None:
    """Scan a good pass, and wait for its verdict: the loop goes on."""

    def count() -> int:
        lines = (folder / "said").read_text(encoding="utf-8").splitlines(keepends=True)
        return sum(json.loads(line)["code"] == "accepted" for line in lines if line.endswith("\n"))

    before = count()
    bash.terminal.type(b"\r" + read_codes(demo_folder / "passes" / "accepted.png")[0].encode() + b"\r")
    wait_for(lambda: count() > before)


def child_of(process: int) -> int:
    """Return the process in which the loop runs."""
    children = Path(f"/proc/{process}/task/{process}/children")
    wait_for(lambda: bool(children.read_text().split()))
    return int(children.read_text().split()[0])


def test_the_same_codes_do_command_a_shell_behind_a_program_that_takes_no_care(bash: Bash, tmp_path: Path) -> None:
    for controls in (b"\x03", b"\x04"):
        bash.terminal.type(b"cat\n")
        wait_for(lambda: not bash.is_in_front)
        bash.terminal.type(controls)
        wait_for(lambda: bash.is_in_front)
        bash.terminal.type(injected(b""))
        wait_for((tmp_path / "injected").exists)
        (tmp_path / "injected").unlink()
        bash.obeys()


@pytest.mark.parametrize("controls", [CONTROL_CHARACTERS, tuple(SEQUENCES.values())], ids=["characters", "sequences"])
def test_no_code_ends_the_loop_or_reaches_the_shell_and_a_person_leaves(
    bash: Bash, demo_folder: Path, tmp_path: Path, controls: tuple[bytes, ...]
) -> None:
    before = bash.terminal.modes()
    bash.start(*scanning(demo_folder))
    for each in controls:
        bash.terminal.type(injected(each))
        accepted_after(bash, demo_folder, tmp_path)
        assert not bash.is_in_front, each
    bash.terminal.press(b"q", b"\r", until=lambda: bash.is_in_front)
    bash.obeys()
    assert not (tmp_path / "injected").exists()
    assert bash.terminal.modes()[0] == before[0]


def test_a_code_that_is_typed_slowly_by_its_scanner_commands_nothing(bash: Bash, demo_folder: Path, tmp_path: Path) -> None:
    bash.start(*scanning(demo_folder))
    for each in (b"\x03", b"\x04", b"\x1a", b"\x1c"):
        for byte in injected(each):
            bash.terminal.type(bytes((byte,)))
            os.sched_yield()
        accepted_after(bash, demo_folder, tmp_path)
    bash.terminal.press(b"\x03", b"\x03", b"\x03", until=lambda: bash.is_in_front)
    bash.obeys()
    assert not (tmp_path / "injected").exists()
    assert text("cli.scan.how_to_leave") in (tmp_path / "noticed").read_text()


@ONLY_LINUX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_what_is_typed_and_not_read_when_it_is_told_to_end_does_not_reach_the_shell(
    bash: Bash, demo_folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    keeper = bash.start(*scanning(demo_folder))
    os.kill(child_of(keeper), signal.SIGSTOP)  # so that all of it is still there in the end
    bash.terminal.type(injected(b"\x03"))
    os.kill(keeper, number)
    bash.obeys()
    assert not (tmp_path / "injected").exists()


@ONLY_LINUX
@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGKILL])
def test_a_loop_that_crashes_or_is_killed_is_started_again_and_the_shell_gets_nothing(
    bash: Bash, demo_folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    keeper = bash.start(*scanning(demo_folder))
    accepted_after(bash, demo_folder, tmp_path)
    bash.terminal.type(injected(b"\x03"))
    os.kill(child_of(keeper), number)
    bash.terminal.type(injected(b"\x04"))
    accepted_after(bash, demo_folder, tmp_path)
    assert text("cli.scan.crashed") in (tmp_path / "noticed").read_text()
    bash.terminal.press(b"q", b"\r", until=lambda: bash.is_in_front)
    bash.obeys()
    assert not (tmp_path / "injected").exists()


FAULTY = """
import sys, time
from pathlib import Path
from socpass_cli.app import language
from socpass_cli.scan.guard import guard
from socpass_cli.scan.terminal import open_terminal

def run(is_stopped):
    while not Path("go").exists():
        time.sleep(0.05)
    raise ZeroDivisionError

language.choose([], {})
guard(open_terminal(), run, lambda: False, on_crash=lambda: None)
"""


def test_what_is_typed_and_not_read_when_the_program_fails_does_not_reach_the_shell(bash: Bash, tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(FAULTY)
    bash.start(sys.executable, "faulty.py", "2>noticed")
    bash.terminal.type(injected(b"\x03"))
    (tmp_path / "go").touch()
    bash.obeys()
    assert not (tmp_path / "injected").exists()
    assert "ZeroDivisionError" in (tmp_path / "noticed").read_text()


@pytest.mark.parametrize("number", [signal.SIGTSTP, signal.SIGSTOP])
def test_suspended_by_another_process_and_brought_back_it_takes_the_terminal_again(
    bash: Bash, demo_folder: Path, tmp_path: Path, number: signal.Signals
) -> None:
    keeper = bash.start(*scanning(demo_folder))
    accepted_after(bash, demo_folder, tmp_path)
    os.kill(keeper, number)
    bash.obeys()
    bash.start("fg")
    bash.terminal.type(injected(b"\x1a") + injected(b"\x03"))
    accepted_after(bash, demo_folder, tmp_path)
    assert not bash.is_in_front
    bash.terminal.press(b"q", b"\r", until=lambda: bash.is_in_front)
    bash.obeys()
    assert not (tmp_path / "injected").exists()


@ONLY_LINUX
def test_what_is_typed_and_not_read_when_it_is_suspended_does_not_reach_the_shell(
    bash: Bash, demo_folder: Path, tmp_path: Path
) -> None:
    keeper = bash.start(*scanning(demo_folder))
    os.kill(child_of(keeper), signal.SIGSTOP)
    bash.terminal.type(injected(b"\x03"))
    os.kill(keeper, signal.SIGTSTP)
    bash.obeys()
    bash.start("fg")
    accepted_after(bash, demo_folder, tmp_path)
    os.kill(keeper, signal.SIGTERM)
    bash.obeys()
    assert not (tmp_path / "injected").exists()


@ONLY_LINUX
def test_a_loop_whose_keeper_was_killed_ends(bash: Bash, demo_folder: Path, tmp_path: Path) -> None:
    keeper = bash.start(*scanning(demo_folder))
    accepted_after(bash, demo_folder, tmp_path)
    child = child_of(keeper)
    os.kill(keeper, signal.SIGKILL)
    wait_for(lambda: not Path(f"/proc/{child}").exists() or "(zombie)" in Path(f"/proc/{child}/status").read_text())


def test_with_exec_there_is_no_shell_to_reach(bash: Bash, demo_folder: Path, tmp_path: Path) -> None:
    bash.terminal.type(" ".join(map(str, ("exec", *scanning(demo_folder)))).encode() + b"\n")
    wait_for(bash.terminal.is_raw)
    wait_for((tmp_path / "said").exists)
    accepted_after(bash, demo_folder, tmp_path)
    bash.terminal.type(injected(b"\x03"))
    os.kill(bash.process_id, signal.SIGKILL)
    assert bash.wait() == -signal.SIGKILL
    assert not (tmp_path / "injected").exists()
