"""A watched folder: each file put into it is a scan; knows files, and nothing of pictures or passes."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

from socpass_cli.app.language import tr
from socpass_cli.scan.streams import ScanNotice
from socpass_cli.verdict.inputs import ENDINGS, Source

LOOK_SECONDS = 0.4
"""How often the folder is looked at; a file that is the same twice is written to its end."""


class _Mark(NamedTuple):
    """By what a file is known to have changed."""

    changed_at_ns: int
    size_bytes: int


class WatchedFolder:
    """The pictures and texts that come into *folder* after this is made; a file that changes comes again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_missed = False
        self._seen = self._look()  # what was there before is no scan
        self._waiting: dict[str, _Mark] = {}
        self._looked_at = monotonic()

    def poll(self, seconds: float) -> list[Source | ScanNotice] | None:
        """Return the files that came and are written to their end."""
        left = self._looked_at + LOOK_SECONDS - monotonic()
        if left > 0:
            sleep(min(left, seconds))
            return []
        self._looked_at = monotonic()
        found = self._look()
        if found is None:
            return self._missed()
        back = self._back()
        if self._seen is None:
            self._seen = found
        seen = self._seen
        new = {name: mark for name, mark in found.items() if seen.get(name) != mark and mark.size_bytes}
        settled = sorted(name for name, mark in new.items() if self._waiting.get(name) == mark)
        self._waiting = {name: mark for name, mark in new.items() if name not in settled}
        self._seen = {name: mark for name, mark in seen.items() if name in found} | {name: new[name] for name in settled}
        return [*back, *(Source(str(self._folder / name), path=self._folder / name) for name in settled)]

    def _look(self) -> dict[str, _Mark] | None:
        """Return the files there are, or None if the folder is away."""
        found: dict[str, _Mark] = {}
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if entry.name.startswith(".") or Path(entry.name).suffix.lower() not in ENDINGS:
                        continue
                    try:
                        status = entry.stat()
                    except OSError:  # gone since
                        continue
                    if stat.S_ISREG(status.st_mode):
                        found[entry.name] = _Mark(status.st_mtime_ns, status.st_size)
        except (OSError, ValueError):
            return None
        return found

    def _missed(self) -> list[Source | ScanNotice]:
        if self._is_missed:
            return []
        self._is_missed = True
        return [ScanNotice(tr("cli.scan.folder_away", folder=self._folder))]

    def _back(self) -> list[ScanNotice]:
        if not self._is_missed:
            return []
        self._is_missed = False
        return [ScanNotice(tr("cli.scan.folder_back", folder=self._folder))]
