"""How ``sync`` says what became of each file, for people or as JSON; and how far it is, if it takes long and somebody looks.

It knows the terminal.
"""

from __future__ import annotations

import sys
from threading import Event, Lock, Thread
from time import monotonic
from types import TracebackType
from typing import Self

import click

from socpass_cli.app import output
from socpass_cli.app.errors import say_error
from socpass_cli.app.language import tr
from socpass_cli.sync.apply import AppliedFile
from socpass_vc.errors import Contradicted, SocpassError

QUIET_SECONDS = 2.0
"""So long nothing is shown of how far it is."""
_TICK_SECONDS = 0.25
_CLEAR_LINE = "\r\x1b[K"


class SyncReport:
    """Says what became of each file, and meanwhile how far it is, on a terminal that is standard error.

    Args:
        as_json: one line of JSON per file, all on standard output.

    Attributes:
        all_good: whether every file so far is in the store.
        files: how many there were.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.all_good = True
        self._as_json = as_json
        self.files = 0
        self._bytes = 0
        self._begun = monotonic()
        self._is_line_shown = False
        self._lock = Lock()
        self._ended = Event()
        self._clock = Thread(target=self._tick, daemon=True) if sys.stderr.isatty() else None

    def __enter__(self) -> Self:
        if self._clock is not None:
            self._clock.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._ended.set()
        if self._clock is not None:
            self._clock.join()
        with self._lock:
            self._wipe()

    def received(self, count: int) -> None:
        """Note that so many bytes came."""
        self._bytes += count

    def add(self, taken: AppliedFile) -> None:
        """Say what became of a file."""
        with self._lock:
            self._wipe()
            self.files += 1
            self.all_good &= taken.error is None
            if self._as_json:
                click.echo(output.json_text(_as_json(taken)))
            elif taken.error is None:
                output.say(f"{tr(f'cli.sync_outcome.{taken.outcome}')}  {output.printable(taken.name)}")
            else:
                label = click.style(_word(taken), fg="red", bold=True)
                output.complain(f"{label}  {output.printable(taken.name)}: [{taken.error.code}] {_detail(taken, taken.error)}")

    def _tick(self) -> None:
        while not self._ended.wait(_TICK_SECONDS):
            seconds = monotonic() - self._begun
            if seconds >= QUIET_SECONDS:
                with self._lock:
                    click.echo(f"{_CLEAR_LINE}{self._how_far(seconds)}", nl=False, err=True)
                    self._is_line_shown = True

    def _how_far(self, seconds: float) -> str:
        return tr("cli.sync.progress", count=self.files, kilobytes=round(self._bytes / 1_000), seconds=round(seconds))

    def _wipe(self) -> None:
        if self._is_line_shown:
            click.echo(_CLEAR_LINE, nl=False, err=True)
            self._is_line_shown = False


def _as_json(taken: AppliedFile) -> dict[str, str]:
    said = {"name": taken.name, "outcome": str(taken.outcome)}
    if taken.issuer is not None:
        said["issuer"] = taken.issuer
    if taken.error is not None:
        said |= {"code": taken.error.code, "message": str(taken.error)}
    return said


def _word(taken: AppliedFile) -> str:
    return tr("cli.alarm.label") if isinstance(taken.error, Contradicted) else tr(f"cli.sync_outcome.{taken.outcome}")


def _detail(taken: AppliedFile, error: SocpassError) -> str:
    """Return what is wrong, without the name that stands before it already."""
    detail = say_error(error).replace(f"{taken.name}: ", "", 1)
    return "\n".join(output.printable(line) for line in detail.split("\n"))
