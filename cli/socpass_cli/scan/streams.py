"""Scanners that send texts: a program that writes into a pipe, and one at a serial port.

It knows pipes and ports, and gives texts; a port that goes away is waited for. A scanner that types is typed's.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from queue import Empty, Queue
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, NamedTuple, Protocol

from socpass_cli.app.language import tr
from socpass_cli.scan.line_framing import LineFraming
from socpass_cli.verdict.inputs import Source
from socpass_vc.errors import SourceError, system_reason

if TYPE_CHECKING:
    from serial import Serial

QUIET_SECONDS = 0.5
"""A scanner that sends nothing after a code has ended it once it is quiet this long; between characters are milliseconds."""
AGAIN_SECONDS = 1.0
"""How often a scanner or camera that is away is looked for."""

_CHUNK_BYTES = 4_096
_CHUNKS_AHEAD = 64  # a writer that is faster than the till waits


class ScanNotice(NamedTuple):
    """What people at the till should know, and is no verdict."""

    text: str


class Scanner(Protocol):
    """Where scans come from."""

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:
        """Return what came, after *seconds* at most if that is nothing, or None if nothing will ever come."""


class StandardInput:
    """Standard input that is no terminal: a program that writes one line per scan."""

    def __init__(self) -> None:
        self._name = tr("cli.source.standard_input")
        self._lines = LineFraming()
        self._is_over = False
        self._chunks: Queue[bytes] = Queue(_CHUNKS_AHEAD)
        try:
            self._file = sys.stdin.fileno()
        except (OSError, ValueError, AttributeError) as error:  # closed, or none was given
            raise SourceError("cli.source.closed").at(self._name) from error
        # A thread, because Windows cannot wait for standard input with a time limit.
        Thread(target=self._read, daemon=True).start()

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:
        """Return what was scanned."""
        if self._is_over:
            return None
        try:
            received = self._chunks.get(timeout=seconds)
        except Empty:
            return []
        self._is_over = not received
        return self._named(self._lines.feed(received) if received else self._lines.end())

    def _named(self, texts: list[str]) -> list[Source | ScanNotice]:
        return [Source(self._name, text=text) for text in texts]

    def _read(self) -> None:
        received = b"?"
        while received:
            try:
                received = os.read(self._file, _CHUNK_BYTES)
            except OSError:  # whoever wrote is gone
                received = b""
            self._chunks.put(received)


class SerialPort:
    """A scanner at a serial port, by its name, such as COM3 or /dev/ttyACM0; unplugged, it is waited for."""

    def __init__(self, name: str, baud: int) -> None:
        try:
            self._serial = import_module("serial")
        except ImportError as error:
            raise SourceError("cli.scan.needs_pyserial") from error
        self._name = name
        self._baud = baud
        self._port: Serial | None = None
        self._is_missed = False
        self._lines = LineFraming()
        self._last_at = monotonic()

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:
        """Return what was scanned."""
        if self._port is None:
            return self._open(seconds)
        try:
            received = self._port.read(1)
            received += self._port.read(min(self._port.in_waiting, _CHUNK_BYTES))
        except (OSError, TypeError) as error:  # SerialException is an OSError; TypeError: closed while it was read
            self._close()
            return [*self._named(self._lines.end()), self._miss(error)]
        if received:
            self._last_at = monotonic()
            return self._named(self._lines.feed(received))
        return self._named(self._lines.end()) if monotonic() - self._last_at > QUIET_SECONDS else []

    def _open(self, seconds: float) -> list[Source | ScanNotice]:
        try:
            self._port = self._serial.serial_for_url(self._name, baudrate=self._baud, timeout=seconds)
        except (OSError, ValueError) as error:
            if not self._is_missed:
                return [self._miss(error)]
            sleep(max(seconds, AGAIN_SECONDS / 4))
            return []
        self._is_missed = False
        return [ScanNotice(tr("cli.scan.port_connected", port=self._name))]

    def _close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            try:
                port.close()
            except OSError:  # it is gone anyway
                return

    def _miss(self, error: Exception) -> ScanNotice:
        self._is_missed = True
        why = system_reason(error) if isinstance(error, OSError) else str(error)
        return ScanNotice(tr("cli.scan.port_away", port=self._name, why=why))

    def _named(self, texts: list[str]) -> list[Source | ScanNotice]:
        return [Source(self._name, text=text) for text in texts]
