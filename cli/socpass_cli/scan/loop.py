"""The till's loop: one scan after another, whatever comes, until it is told to stop. It remembers digests, for seconds.

It knows where scans come from and where verdicts go by two interfaces, and decides as ``verify`` does.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from types import FrameType
from typing import NamedTuple

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_cli.app.language import tr
from socpass_cli.scan.display import Display, NamedVerdict
from socpass_cli.scan.streams import Scanner, ScanNotice
from socpass_cli.verdict.check import check_source
from socpass_cli.verdict.inputs import Source
from socpass_vc.errors import SourceError, Unreadable, Unsupported
from socpass_vc.format import armor
from socpass_vc.format.credential.token import read_frame
from socpass_vc.qr.keyboard import as_coded
from socpass_vc.verifier.verdict.codes import PartCollector
from socpass_vc.verifier.verdict.till import Till

WAIT_SECONDS = 0.2
"""How long the loop sleeps at most, and so how late it notices that it is to stop."""

_STOPPING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]


class LoopTiming(NamedTuple):
    """What the loop does by the clock, in seconds."""

    clear_after: float
    repeat_after: float


class ScanLoop:
    """Takes scans and shows verdicts.

    Args:
        scanner: where scans come from.
        shown: where verdicts go.
        open_till: a till with what its store holds now; asked at each scan, for a sync may have come between.
        pace: see there.
        now: the time.
    """

    def __init__(
        self, scanner: Scanner, shown: Display, open_till: Callable[[], Till], pace: LoopTiming, *, now: Callable[[], datetime]
    ) -> None:
        self._scanner = scanner
        self._shown = shown
        self._open_till = open_till
        self._pace = pace
        self._now = now
        self._last_seen: dict[bytes, float] = {}
        self._parts = PartCollector()
        self._clear_at: float | None = None

    def run(self, is_stopped: Callable[[], bool]) -> None:
        """Go on until the scanner has ended or *is_stopped*."""
        self._shown.ready()
        while not is_stopped():
            came = self._scanner.poll(WAIT_SECONDS)
            if came is None:
                return
            for thing in came:
                if isinstance(thing, ScanNotice):
                    self._shown.notice(thing.text)
                else:
                    self._take(thing)
            if self._clear_at is not None and monotonic() >= self._clear_at:
                self._clear_at = None
                self._shown.ready()

    def _take(self, source: Source) -> None:
        """Check one scan and show what came of it. A fault of this program costs that scan and not the till."""
        scanned_at = self._now()
        try:
            found = self._check(source)
        except Exception as error:  # noqa: BLE001 -- the last net: the queue at the till must go on
            self._shown.ready()  # no old verdict may stand for this pass
            self._shown.notice(tr("cli.scan.fault", kind=type(error).__name__))
            return
        if found is not None:
            verdicts, checked_at = found
            self._shown.verdicts(verdicts, checked_at=checked_at, scanned_at=scanned_at)
            self._clear_at = monotonic() + self._pace.clear_after

    def _check(self, source: Source) -> tuple[list[NamedVerdict], datetime] | None:
        """Return the verdicts of one scan, or None if it was seen a moment ago."""
        try:
            lines = [as_coded(text) for text in source.texts().found]
        except (Unreadable, SourceError) as error:
            read = Source(source.name, error=error)
        else:
            if self._is_repeated(lines):
                return None
            read = Source(source.name, text="\n".join(self._parts.add(lines, at_seconds=monotonic())))
        till = self._open_till()
        return [NamedVerdict(verdict, till.names_for(verdict)) for verdict in check_source(read, till)], till.now

    def _is_repeated(self, lines: list[str]) -> bool:
        """Tell whether all of *lines* were seen a moment ago, in this scan or one that was such a repetition itself."""
        now = monotonic()
        self._last_seen = {key: at for key, at in self._last_seen.items() if now - at < self._pace.repeat_after}
        keys = {_identity(line) for line in lines}
        is_repeated = keys <= self._last_seen.keys()
        self._last_seen |= dict.fromkeys(keys, now)
        return is_repeated


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], bool]]:
    """Give a function that tells whether a signal told us to end: Ctrl-C, one of the system, or that the terminal hung up.

    A second signal interrupts at once, as everywhere else.
    """
    told: list[int] = []
    numbers = [number for number in _STOPPING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.getsignal(number) for number in numbers}

    def note(number: int, frame: FrameType | None) -> None:
        told.append(number)
        earlier = before[signal.Signals(number)]
        if len(told) > 1 and callable(earlier):
            earlier(number, frame)

    for number in numbers:
        signal.signal(number, note)
    try:
        yield lambda: bool(told)
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _identity(line: str) -> bytes:
    """Return a digest that two readings of one pass share, whatever their prefix and their holder's proof."""
    try:
        frame = armor.read_armor(line)
        return sha256(read_frame(frame).token if frame[0] != armor.PART else frame)
    except (Unreadable, Unsupported):
        return sha256(line.encode("utf-8", "surrogatepass"))
