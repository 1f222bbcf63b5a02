"""A console of Windows, by its modes and by the C library's way of asking for keys.

It was written by Microsoft's documentation of console modes and tested against a stand-in of both; it knows them by what it is
given, and no more.
"""

from __future__ import annotations

import ctypes
import signal
from importlib import import_module
from time import monotonic, sleep
from typing import Any

from socpass_cli.app.language import tr
from socpass_vc.errors import SourceError

PROCESSED_INPUT, LINE_INPUT, ECHO_INPUT = 0x1, 0x2, 0x4
"""Of SetConsoleMode: Ctrl-C is a signal; whole lines are waited for, and Ctrl-Z ends the input; characters are shown."""

_CHUNK_CHARACTERS = 4_096
_LOOK_SECONDS = 0.01
_SPECIAL_KEYS = "\0\xe0"  # of two characters: an arrow, a function key, Ctrl-2


class WindowsConsole:
    """The console with this *handle*.

    Args:
        handle: of its input.
        kernel32: Windows' functions.
        msvcrt: Python's module of that name.
    """

    def __init__(self, handle: int, kernel32: Any, msvcrt: Any) -> None:
        self._handle = ctypes.c_void_p(handle)
        self._kernel32 = kernel32
        self._msvcrt = msvcrt
        self._on_break: Any = None
        mode = ctypes.c_uint32()
        if not kernel32.GetConsoleMode(self._handle, ctypes.byref(mode)):
            raise _gone()
        self._before = mode.value

    @property
    def is_ours(self) -> bool:
        """Whether it listens to us: Windows has no background."""
        return True

    def take(self) -> None:
        """Have Ctrl-C, Ctrl-Z and Enter come as characters, and Ctrl-Break do nothing."""
        number = getattr(signal, "SIGBREAK", None)
        if number is not None:
            self._on_break = signal.signal(number, signal.SIG_IGN)
        self._kernel32.FlushConsoleInputBuffer(self._handle)
        mode = self._before & ~(PROCESSED_INPUT | LINE_INPUT | ECHO_INPUT)
        if not self._kernel32.SetConsoleMode(self._handle, mode):
            raise _gone()

    def give_back(self) -> None:
        """Restore its mode."""
        self._kernel32.FlushConsoleInputBuffer(self._handle)
        self._kernel32.SetConsoleMode(self._handle, self._before)
        number = getattr(signal, "SIGBREAK", None)
        if number is not None and self._on_break is not None:
            signal.signal(number, self._on_break)

    def wait(self, seconds: float) -> bool:
        """Wait until a key was pressed; the console's own way of waiting wakes up for the mouse, too."""
        end = monotonic() + seconds
        while not self._msvcrt.kbhit():
            if monotonic() >= end:
                return bool(self._msvcrt.kbhit())  # this process may have been asleep
            sleep(_LOOK_SECONDS)
        return True

    def read(self) -> bytes:
        """Return the characters that are there, whatever the console's code page is."""
        typed: list[str] = []
        while len(typed) < _CHUNK_CHARACTERS and (not typed or self._msvcrt.kbhit()):
            character = self._msvcrt.getwch()
            if character in _SPECIAL_KEYS:
                self._msvcrt.getwch()
                character = "\0"
            typed.append(character)
        return "".join(typed).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def open_console(file: int) -> WindowsConsole | None:
    """Return the console that *file* is, or None if it is none, such as a pipe or NUL."""
    msvcrt = import_module("msvcrt")
    try:
        handle = msvcrt.get_osfhandle(file)
        return WindowsConsole(handle, ctypes.WinDLL("kernel32"), msvcrt)  # type: ignore[attr-defined,unused-ignore]  # of Windows alone
    except (OSError, SourceError):
        return None


def _gone() -> SourceError:
    return SourceError("cli.source.closed").at(tr("cli.source.standard_input"))
