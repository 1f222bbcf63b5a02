"""One input to one reader, with everything watched that must hold; what does not is a finding, and is kept on the disk."""

from __future__ import annotations

import json
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import FrameType

from fuzz.readers import READERS
from socpass_vc.errors import SocpassError

MAX_PROCESSOR_SECONDS = 10.0
"""Of one input."""
MAX_GROWTH_BYTES = 256 * 2**20
"""Of the process, by one input."""
_RUSSIAN_EVERY = 16


class TooSlow(BaseException):
    """An input took longer than it may; no reader's own net must catch this."""


class TooLarge(Exception):
    """An input made the process grow more than it may."""


class Feeder:
    """Feeds readers, counts what they answer, and keeps what should not have come out.

    Args:
        findings: the folder for inputs and tracebacks.
        limit_seconds: of the processor, for one input.
    """

    def __init__(self, findings: Path, limit_seconds: float = MAX_PROCESSOR_SECONDS) -> None:
        self._folder = findings
        self._limit_seconds = limit_seconds
        self._seen: set[tuple[str, ...]] = set()
        self._peak = _peak_bytes()
        self.fed: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()

    def feed(self, name: str, given: bytes) -> None:
        """Give *given* to the reader *name*."""
        self.fed[name] += 1
        try:
            with _bounded_time(self._limit_seconds):
                self._feed(name, given)
            self._check_growth()
        except (Exception, TooSlow) as error:  # noqa: BLE001 -- whatever comes out is what is looked for
            self._keep(name, given, error)

    def _feed(self, name: str, given: bytes) -> None:
        refused: SocpassError | None = None
        try:
            READERS[name].read(given)
        except SocpassError as error:
            refused = error
        if refused is None:
            self.accepted[name] += 1
            return
        self.refusals[refused.code] += 1
        assert str(refused), "a refusal without a sentence"
        if self.refusals.total() % _RUSSIAN_EVERY == 0:
            assert refused.sentence("ru"), "a refusal without a Russian sentence"

    def _check_growth(self) -> None:
        peak = _peak_bytes()
        grown, self._peak = peak - self._peak, peak
        if grown > MAX_GROWTH_BYTES:
            raise TooLarge(f"{grown / 2**20:.0f} MiB")

    def _keep(self, name: str, given: bytes, error: BaseException) -> None:
        """Write a finding, once for each place that it came from."""
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "fuzz/" not in frame.filename]
        place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        kind = (name, type(error).__name__, place)
        if kind in self._seen:
            return
        self._seen.add(kind)
        stem = f"{name.replace(' ', '-')}-{sha256(given).hexdigest()[:12]}"
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{stem}.bin").write_bytes(given)
        (self._folder / f"{stem}.txt").write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        print(f"FINDING {name}: {type(error).__name__}: {error} ({self._folder / stem}.bin)", flush=True)

    def report(self) -> str:
        """Return what was fed and answered, as JSON."""
        counts = {"fed": self.fed, "accepted": self.accepted, "refusals": self.refusals}
        return json.dumps({"findings": len(self._seen), **counts})


@contextmanager
def _bounded_time(limit_seconds: float) -> Iterator[None]:
    """Raise TooSlow in the block once it has taken too much of the processor; where there is no such timer, afterwards."""
    if not hasattr(signal, "setitimer"):
        started = time.process_time()
        yield
        if time.process_time() - started > limit_seconds:
            raise TooSlow
        return
    signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, limit_seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow


def _peak_bytes() -> int:
    """Return the largest size that the process ever had; 0 where the system does not tell."""
    try:
        import resource  # noqa: PLC0415 -- not on Windows
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
