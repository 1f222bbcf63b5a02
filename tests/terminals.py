"""A pseudo-terminal for tests: what is shown on it, and fingers that type at it, quickly as a scanner or slowly as a person."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

PATIENCE_SECONDS = 60.0
"""How long a loaded machine may take; no test waits so long unless it fails."""
IN_A_SESSION_OF_ITS_OWN = (
    "import fcntl, os, sys, termios\nos.setsid()\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\nos.execvp(sys.argv[1], sys.argv[1:])\n"
)
"""So that the terminal turns Ctrl-C and its like into signals, as it does for a person."""


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


class Terminal:
    """A pseudo-terminal, and what is shown on it."""

    def __init__(self) -> None:
        self._master, self.slave = os.openpty()
        self._shown = b""
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while received := os.read(self._master, 65_536):
                self._shown += received
        except OSError:  # nobody holds the other end any more
            return

    @property
    def shown(self) -> str:
        return self._shown.decode(errors="replace")

    @property
    def screen(self) -> str:
        """What is left since it was wiped last."""
        return self.shown.rpartition("\x1b[3J")[2]

    @property
    def foreground(self) -> int:
        """The process group that it listens to."""
        return os.tcgetpgrp(self._master)

    def type(self, content: bytes) -> None:
        """Type as a scanner does, all at once."""
        for at in range(0, len(content), 512):
            os.write(self._master, content[at : at + 512])

    def press(self, *keys: bytes, until: Callable[[], bool]) -> None:
        """Press keys as a person does, with pauses; and again, more slowly, if the machine was too busy to notice the pauses."""
        end = time.monotonic() + PATIENCE_SECONDS
        pause = 0.6
        while True:
            for key in keys:
                self.type(key)
                time.sleep(pause)
            time.sleep(1)
            if until():
                return
            assert time.monotonic() < end
            pause = min(pause * 1.5, 3)

    def modes(self) -> list[object]:
        import termios  # noqa: PLC0415 -- not on Windows

        return termios.tcgetattr(self.slave)

    def is_raw(self) -> bool:
        """Tell whether no key interrupts."""
        import termios  # noqa: PLC0415 -- not on Windows

        return not termios.tcgetattr(self.slave)[3] & termios.ISIG


class Bash:
    """An interactive bash at a terminal, in *folder*."""

    def __init__(self, terminal: Terminal, folder: Path) -> None:
        self.terminal = terminal
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-c", IN_A_SESSION_OF_ITS_OWN, "bash", "--norc", "--noprofile", "-i"],
            stdin=terminal.slave,
            stdout=terminal.slave,
            stderr=terminal.slave,
            cwd=folder,
            env=os.environ | {"LC_ALL": "C.UTF-8", "TERM": "xterm", "PYTHONUNBUFFERED": "1", "HISTFILE": "/dev/null"},
        )
        self._commands = 0
        wait_for(lambda: self.is_in_front)

    @property
    def is_in_front(self) -> bool:
        """Whether the shell reads the terminal, and no program of its."""
        return self.terminal.foreground == self._process.pid

    def start(self, *command: object) -> int:
        """Start a program, wait until it has taken the terminal, and return its process id."""
        self.terminal.type(" ".join(map(str, command)).encode() + b"\n")
        wait_for(lambda: not self.is_in_front and self.terminal.is_raw())
        return self.terminal.foreground

    def obeys(self) -> None:
        """Wait until the shell has run what is typed now, and with it all that was typed before."""
        self._commands += 1
        mark = self._folder / f"obeyed.{self._commands}"
        wait_for(lambda: self.is_in_front)
        self.terminal.type(b"\n\ntouch %s\n" % os.fsencode(mark))
        wait_for(mark.exists)

    @property
    def process_id(self) -> int:
        """Of the shell, or of what it made itself into."""
        return self._process.pid

    def wait(self) -> int:
        """Return how it ended."""
        return self._process.wait(PATIENCE_SECONDS)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
