"""A scanner that types like a keyboard, at a terminal that was taken; a person at the same keyboard is told from it by pace.

All that a code can hold is text to be judged, Ctrl-C and Ctrl-D too. Pauses are counted by waits in which nothing came, so that a
machine under load takes a person's keys for a scanner's, at worst, and never a scanner's for a person's.
"""

from __future__ import annotations

from socpass_cli.app.language import tr
from socpass_cli.scan.leaving import FORGET_SECONDS, PAUSE_SECONDS, Leaving
from socpass_cli.scan.line_framing import LineFraming
from socpass_cli.scan.streams import QUIET_SECONDS, ScanNotice
from socpass_cli.scan.terminal import Terminal
from socpass_cli.verdict.inputs import Source


class TypedScans:
    """What is typed at *terminal*; it ends when a person asks for it, or the terminal is gone."""

    def __init__(self, terminal: Terminal) -> None:
        self._name = tr("cli.source.standard_input")
        self._terminal = terminal
        self._lines = LineFraming()
        self._leaving = Leaving()
        self._quiet_seconds = 0.0
        self._is_over = False

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:
        """Return what was scanned."""
        if self._is_over:
            return None
        waited = min(seconds, PAUSE_SECONDS)
        if not self._terminal.wait(waited):
            return self._pause(waited)
        self._quiet_seconds = 0.0
        received = self._terminal.read()
        self._is_over = not received
        return self._named(self._lines.feed(self._leaving.type(received)) if received else self._lines.end())

    def _pause(self, waited: float) -> list[Source | ScanNotice] | None:
        self._quiet_seconds += waited
        if self._quiet_seconds < PAUSE_SECONDS:
            return []
        was_begun = self._leaving.is_begun
        self._leaving.pause()
        if self._leaving.is_asked_for:
            self._is_over = True
            return None
        told = [] if was_begun or not self._leaving.is_begun else [ScanNotice(tr("cli.scan.how_to_leave"))]
        if self._quiet_seconds >= FORGET_SECONDS:
            self._leaving.forget()
        return [*told, *(self._named(self._lines.end()) if self._quiet_seconds >= QUIET_SECONDS else [])]

    def _named(self, texts: list[str]) -> list[Source | ScanNotice]:
        return [Source(self._name, text=text) for text in texts]
