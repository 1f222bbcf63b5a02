"""What is fed next: by atheris (libFuzzer) where it is installed, and otherwise by chance guided by the lines reached.

Both begin from the readers' seeds, and both give the same inputs again for the same seed of chance, as many as there is time for.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from random import Random
from time import monotonic

from fuzz.coverage import Coverage
from fuzz.feeding import Feeder
from fuzz.mutation import MAX_FED_BYTES, wound
from fuzz.readers import READERS

_FAVOUR_NEW = 0.4
"""How often an input that reached a new line is changed further, rather than any of the corpus."""


def guided(feeder: Feeder, names: list[str], *, seed: int, seconds: float, rounds: int | None = None) -> None:
    """Feed the readers *names* for *seconds*, or so many *rounds*, each by its weight, with wounded inputs of its corpus."""
    chance, reached = Random(seed), Coverage()  # noqa: S311 -- no secret
    corpora = {name: list(READERS[name].seeds()) for name in names}
    found: dict[str, list[bytes]] = {name: [] for name in names}
    for name in names:  # as they are, first
        for good in corpora[name]:
            with reached.watching():
                feeder.feed(name, good)
    round_of_all = [name for name in names for _ in range(READERS[name].weight)]
    deadline, done = monotonic() + seconds, 0
    while (monotonic() < deadline) if rounds is None else (done < rounds):
        done += 1
        for name in round_of_all:
            corpus, new = corpora[name], found[name]
            good = chance.choice(new[-64:]) if new and chance.random() < _FAVOUR_NEW else chance.choice(corpus)
            given = wound(good, chance, corpus)
            before = len(reached.lines)
            with reached.watching():
                feeder.feed(name, given)
            if len(reached.lines) > before:
                corpus.append(given)
                new.append(given)
    print(f"{len(reached.lines):,} lines reached, {sum(map(len, found.values())):,} inputs that reached one first")


def by_atheris(feeder: Feeder, names: list[str], *, seed: int, seconds: float, report: Path) -> None:
    """Feed the readers *names* for *seconds* with what libFuzzer makes; the first byte says which. Ends the process."""
    import atheris  # noqa: PLC0415 -- optional: not built for every Python

    deadline = monotonic() + seconds

    def feed(given: bytes) -> None:
        if given:
            feeder.feed(names[given[0] % len(names)], given[1:])
        if monotonic() > deadline:
            report.write_text(feeder.report(), encoding="utf-8")
            sys.stdout.flush()
            os._exit(0)

    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            for at, good in enumerate(READERS[name].seeds()):
                Path(folder, f"{number:02}-{at:04}").write_bytes(bytes((number,)) + good)
        options = [f"-seed={seed or 1}", f"-max_len={MAX_FED_BYTES}", "-timeout=60", "-rss_limit_mb=4096", "-verbosity=0"]
        atheris.Setup(["fuzz", folder, *options], feed)
        atheris.Fuzz()
