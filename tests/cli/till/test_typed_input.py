"""Who types, a scanner or a person: by pauses alone, on a terminal that plays a script; and a console of Windows, played too."""

from __future__ import annotations

import ctypes
import io
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest

from said import text
from socpass_cli.app import language
from socpass_cli.scan.guard import guard
from socpass_cli.scan.leaving import FORGET_SECONDS, PAUSE_SECONDS
from socpass_cli.scan.loop import WAIT_SECONDS
from socpass_cli.scan.streams import ScanNotice
from socpass_cli.scan.terminal import DRAIN_SECONDS, leave, open_terminal
from socpass_cli.scan.typed import TypedScans
from socpass_cli.scan.windows_console import ECHO_INPUT, LINE_INPUT, PROCESSED_INPUT, WindowsConsole, open_console
from socpass_cli.verdict.inputs import Source
from socpass_vc.errors import SourceError

A_MOMENT = PAUSE_SECONDS * 1.5
LONG = FORGET_SECONDS * 2


@pytest.fixture(autouse=True)
def _english() -> None:
    language.choose([], {})


class Played:
    """A terminal at which bytes come, and pauses of so many seconds between them; nothing after the last but silence."""

    def __init__(self, *script: bytes | float, is_ours: bool = True) -> None:
        self._script = list(script)
        self.is_ours = is_ours
        self.log: list[str] = []

    def take(self) -> None:
        self.log.append("take")

    def give_back(self) -> None:
        self.log.append("give back")

    def wait(self, seconds: float) -> bool:
        left = seconds
        while self._script and isinstance(pause := self._script[0], float):
            if pause > left:
                self._script[0] = pause - left
                return False
            left -= pause
            self._script.pop(0)
        return bool(self._script)

    def read(self) -> bytes:
        received = self._script.pop(0)
        assert isinstance(received, bytes)
        self.log.append(f"read {received!r}")
        return received

    @property
    def is_played(self) -> bool:
        return not self._script


def scanned(*script: bytes | float) -> tuple[list[str | None], bool]:
    """Return the texts that came, and whether a person left, when *script* was played to its end."""
    terminal = Played(*script, 2 * LONG)
    scans = TypedScans(terminal)
    found: list[str | None] = []
    while not terminal.is_played:
        came = scans.poll(WAIT_SECONDS)
        if came is None:
            assert scans.poll(WAIT_SECONDS) is None
            return found, True
        found += [thing.text for thing in came if isinstance(thing, Source)]
    return found, False


def test_what_a_scanner_types_is_one_scan_with_an_ending_or_with_silence() -> None:
    assert scanned(b"SOCP", b"ASS:12\r", b"34", 0.1, b"56", 1.0) == (["SOCPASS:12", "3456"], False)


@pytest.mark.parametrize("key", [b"q", b"Q", "й".encode(), "Й".encode(), b"\xe9", b"\xc9"])
@pytest.mark.parametrize("enter", [b"\r", b"\n"])
def test_a_person_leaves_by_q_and_enter_with_pauses(key: bytes, enter: bytes) -> None:
    assert scanned(1.0, key, A_MOMENT, enter, 1.0) == ([], True)
    assert scanned(b"123\r", A_MOMENT, key, 4.0, enter, 1.0) == (["123"], True)
    assert scanned(b"123", A_MOMENT, key, A_MOMENT, enter, 1.0) == ([], True)


def test_a_person_leaves_by_ctrl_c_three_times_with_pauses() -> None:
    assert scanned(1.0, b"\x03", A_MOMENT, b"\x03", 2.0, b"\x03", A_MOMENT) == ([], True)
    assert scanned(1.0, b"q", 1.0, b"\x03", 1.0, b"\x03", 1.0, b"\x03", 1.0) == ([], True)
    assert scanned(1.0, b"\x03", 1.0, b"q", 1.0, b"\r", 1.0) == ([], True)


@pytest.mark.parametrize(
    "script",
    [
        (1.0, b"\x03\x03\x03", 1.0),
        (1.0, b"\x03", b"\x03", b"\x03", 1.0),
        (1.0, b"\x03", 0.1, b"\x03", 0.1, b"\x03", 1.0),
        (1.0, b"\x03", 1.0, b"\x03", 1.0, b"\x03", b"1\r", 1.0),  # three, but the last begins a code
        (1.0, b"\x03", 1.0, b"\x03\r", 1.0, b"\x03", 1.0),
        (1.0, b"\x03", 1.0, b"\x03", 1.0, b"1\r", 1.0, b"\x03", 1.0),
        (1.0, b"\x03\r", 1.0, b"\x03\r", 1.0, b"\x03\r", 1.0),  # a code scanned three times
        (1.0, b"q\r", 1.0),
        (1.0, b"q", 0.1, b"\r", 1.0),
        (1.0, b"q", 1.0, b"\r\n", 1.0),
        (1.0, b"q", 1.0, b"\r", b"touch x\r", 1.0),
        (1.0, b"qq", 1.0, b"\r", 1.0),
        (1.0, b"\r", 1.0, b"q", 1.0),
        (b"q", 1.0, b"\r", 1.0),  # nothing is known of what came before
        (1.0, b"1", b"q", 1.0, b"\r", 1.0),
        (1.0, b"q", LONG, b"\r", 1.0),
        (1.0, b"\x03", LONG, b"\x03", 1.0, b"\x03", 1.0),
        (1.0, b"\x04", 1.0, b"\x1a", 1.0, b"\x1c", 1.0),
        (1.0, b"\x03", 1.0, b"q", 1.0, b"\x03", 1.0, b"\r", 1.0),
    ],
)
def test_nothing_else_leaves(script: tuple[bytes | float, ...]) -> None:
    assert not scanned(*script)[1]


def test_a_code_that_begins_with_a_key_to_leave_is_whole() -> None:
    assert scanned(1.0, b"q", b"123\r", 1.0) == (["q123"], False)


def test_ctrl_c_once_is_answered_with_how_to_leave() -> None:
    terminal = Played(1.0, b"\x03", LONG)
    scans = TypedScans(terminal)
    notices: list[ScanNotice] = []
    while not terminal.is_played:
        notices += [thing for thing in scans.poll(WAIT_SECONDS) or () if isinstance(thing, ScanNotice)]
    assert notices == [ScanNotice(text("cli.scan.how_to_leave"))]


def test_a_terminal_that_is_gone_ends_the_input_with_what_was_typed() -> None:
    scans = TypedScans(Played(b"12", b""))
    assert scans.poll(WAIT_SECONDS) == []
    assert scans.poll(WAIT_SECONDS) == [Source(text("cli.source.standard_input"), text="12")]
    assert scans.poll(WAIT_SECONDS) is None


# --- Given back ------------------------------------------------------------------------------------------------------


def test_a_terminal_is_given_back_when_nothing_more_is_typed() -> None:
    terminal = Played(b"touch", 0.2, b" x", DRAIN_SECONDS - 0.1, b"\n", 1.0, b"typed later")
    leave(terminal)
    assert terminal.log == ["read b'touch'", "read b' x'", "read b'\\n'", "give back"]


def test_a_terminal_is_given_back_although_something_lies_on_a_key() -> None:
    script: list[bytes | float] = [b"a", 0.03]
    terminal = Played(*script * 10_000)
    seconds = iter(range(1_000))
    leave(terminal, now=lambda: next(seconds))
    assert 30 < len(terminal.log) < 100
    assert terminal.log[-1] == "give back"


def test_a_terminal_that_is_gone_or_a_shell_s_is_not_waited_for() -> None:
    gone, another_s = Played(b"", b"x"), Played(b"x", is_ours=False)
    leave(gone)
    leave(another_s)
    assert (gone.log, another_s.log) == (["read b''", "give back"], [])


def test_where_the_system_cannot_fork_the_loop_runs_here_and_the_terminal_is_given_back_whatever_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    terminal = Played(b"touch x\n")

    def fail(is_stopped: Callable[[], bool]) -> None:
        assert not is_stopped()
        assert terminal.log == ["take"]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        guard(terminal, fail, lambda: False, on_crash=lambda: None)
    assert terminal.log == ["take", "read b'touch x\\n'", "give back"]


# --- A console of Windows --------------------------------------------------------------------------------------------


class PlayedKernel32:
    """The functions of Windows that we call; *mode* is None where there is no console."""

    def __init__(self, mode: int | None) -> None:
        self.mode = mode
        self.flushed = 0

    def GetConsoleMode(self, _: object, mode: Any) -> int:  # noqa: N802 -- Windows' name
        if self.mode is None:
            return 0
        ctypes.cast(mode, ctypes.POINTER(ctypes.c_uint32))[0] = self.mode
        return 1

    def SetConsoleMode(self, _: object, mode: int) -> int:  # noqa: N802 -- Windows' name
        if self.mode is None:
            return 0
        self.mode = mode
        return 1

    def FlushConsoleInputBuffer(self, _: object) -> int:  # noqa: N802 -- Windows' name
        self.flushed += 1
        return 1


class PlayedMsvcrt:
    """What was typed, character by character."""

    def __init__(self, typed: str = "") -> None:
        self.typed = list(typed)

    def kbhit(self) -> int:
        return len(self.typed)

    def getwch(self) -> str:
        return self.typed.pop(0)

    def get_osfhandle(self, file: int) -> int:
        if file < 0:
            raise OSError
        return 100 + file


AS_WINDOWS_HAS_IT = PROCESSED_INPUT | LINE_INPUT | ECHO_INPUT | 0x1F0
"""With insert and quick-edit modes, which are not ours to change."""


def test_a_console_of_windows_is_taken_so_that_no_key_commands_it_and_given_back_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(signal, "SIGBREAK", signal.SIGUSR1, raising=False)
    kernel32 = PlayedKernel32(AS_WINDOWS_HAS_IT)
    console = WindowsConsole(7, kernel32, PlayedMsvcrt())
    before = signal.getsignal(signal.SIGUSR1)
    console.take()
    assert (kernel32.mode, kernel32.flushed) == (0x1F0, 1)
    assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
    leave(console)
    assert (kernel32.mode, kernel32.flushed) == (AS_WINDOWS_HAS_IT, 2)
    assert signal.getsignal(signal.SIGUSR1) is before


def test_what_is_typed_at_a_console_of_windows_comes_as_it_was_typed() -> None:
    msvcrt = PlayedMsvcrt("ъЙ1ЫЩС\x03\x04\x1a\r\xe0H\0;\ud83d\ude00\ud800")
    console = WindowsConsole(7, PlayedKernel32(AS_WINDOWS_HAS_IT), msvcrt)
    assert console.wait(0)
    assert console.read().decode() == "ъЙ1ЫЩС\x03\x04\x1a\r\0\0\N{GRINNING FACE}\N{REPLACEMENT CHARACTER}"
    assert not console.wait(0.02)
    msvcrt.typed += "9" * 10_000
    assert [len(console.read()) for _ in range(3)] == [4_096, 4_096, 1_808]


def test_a_person_leaves_a_console_of_windows_by_ctrl_c_three_times() -> None:
    msvcrt = PlayedMsvcrt()
    scans = TypedScans(WindowsConsole(7, PlayedKernel32(AS_WINDOWS_HAS_IT), msvcrt))
    assert scans.poll(WAIT_SECONDS) == []
    for _ in range(3):
        msvcrt.typed.append("\x03")
        assert scans.poll(WAIT_SECONDS) == []
        last = scans.poll(WAIT_SECONDS)
    assert last is None


def test_what_is_no_console_of_windows_is_read_as_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel32 = PlayedKernel32(AS_WINDOWS_HAS_IT)
    monkeypatch.setitem(sys.modules, "msvcrt", PlayedMsvcrt())
    monkeypatch.setattr(ctypes, "WinDLL", lambda _: kernel32, raising=False)
    assert open_console(0) is not None
    assert open_console(-1) is None
    console = open_console(0)
    kernel32.mode = None
    assert open_console(0) is None
    assert console is not None
    with pytest.raises(SourceError):
        console.take()


def test_which_terminal_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())  # it has no file
    assert open_terminal() is None
    monkeypatch.setattr(sys, "stdin", None)
    assert open_terminal() is None
    monkeypatch.setattr(sys, "stdin", sys.__stdin__)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setitem(sys.modules, "msvcrt", PlayedMsvcrt())
    monkeypatch.setattr(ctypes, "WinDLL", lambda _: PlayedKernel32(0), raising=False)
    assert isinstance(open_terminal(), WindowsConsole)
