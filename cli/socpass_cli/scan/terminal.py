"""The terminal at which a scanner types: taken, so that no character commands anything, drained, and given back.

What a scanner types is chosen by whoever printed the code. So a taken terminal has no character that interrupts, suspends or
ends the input, and what is half typed when it is given back is thrown away: a shell behind us would run it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Protocol

DRAIN_SECONDS = 0.5
"""A scanner that types nothing for so long has ended its code."""
LONGEST_DRAIN_SECONDS = 60.0
"""The longest code, 7,089 digits, takes half of it with 5 ms between characters; something that lies on a key never ends."""


class Terminal(Protocol):
    """A terminal that can be taken and given back."""

    @property
    def is_ours(self) -> bool:
        """Whether it listens to us, and not to a shell that put us into the background."""

    def take(self) -> None:
        """Hand on each character at once, show none, and obey none; what was typed before is thrown away.

        Raises:
            SourceError: there is no terminal any more.
        """

    def give_back(self) -> None:
        """Restore it as it was; what was typed and not read is thrown away."""

    def wait(self, seconds: float) -> bool:
        """Wait until there is something to read, and tell whether there is; if not, nothing came for all of *seconds*."""

    def read(self) -> bytes:
        """Return what is there, or nothing if the terminal is gone."""


def open_terminal() -> Terminal | None:
    """Return the terminal that is standard input, or None if that is none."""
    try:
        file = sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):  # closed, or none was given
        return None
    if sys.platform == "win32":
        from socpass_cli.scan.windows_console import open_console  # noqa: PLC0415 -- of one system

        return open_console(file)
    from socpass_cli.scan.posix_terminal import PosixTerminal  # noqa: PLC0415 -- of the other systems

    return PosixTerminal(file) if PosixTerminal.is_at(file) else None


def leave(terminal: Terminal, now: Callable[[], float] = monotonic) -> None:
    """Drain *terminal*, then give it back; if a shell has it already, leave it alone."""
    if not terminal.is_ours:
        return
    try:
        end = now() + LONGEST_DRAIN_SECONDS
        while terminal.wait(DRAIN_SECONDS) and terminal.read() and now() < end:
            pass
    finally:
        terminal.give_back()
