"""The clock floor in a till's store: the newest iat seen, as text; all that a verdict needs of what was seen before.

It knows one file. What the floor is follows from :mod:`rollback_state`.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from socpass_vc.errors import StoreError
from socpass_vc.files import read_file, write_file

MAX_CLOCK_BYTES = 64

_NAME = "clock"


def read_clock(folder: Path) -> datetime | None:
    """Return the clock floor of the store in *folder*, or None before the first.

    Raises:
        StoreError: the file is damaged.
    """
    path = folder / _NAME
    if not os.path.exists(path):  # noqa: PTH110 -- unlike Path.exists, it takes what may not be entered for absent
        return None
    content = read_file(path, MAX_CLOCK_BYTES, error=StoreError)
    try:
        floor = datetime.fromisoformat(content.decode("ascii").strip())
    except ValueError as error:
        raise StoreError("damaged_clock").at(path) from error
    if floor.tzinfo is None:
        raise StoreError("damaged_clock").at(path)
    return floor


def write_clock(folder: Path, floor: datetime) -> None:
    """Write the clock floor of the store in *folder*.

    Raises:
        StoreError: it cannot be written.
    """
    write_file(folder / _NAME, f"{floor.astimezone(UTC).isoformat()}\n".encode(), error=StoreError)
