"""Trying again when the database of a register went away: a bounded number of times, with a pause before each.

It knows errors and pauses, not what is tried; its caller makes sure that nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from socpass_vc.errors import RegisterUnreachable

PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds before each further try: a server restarts within a minute; a longer failure needs a person."""

Result = TypeVar("Result")


def persist(attempt: Callable[[], Result]) -> Result:
    """Return what *attempt* returns.

    Raises:
        RegisterUnreachable: the database did not come back.
    """
    for pause in PAUSES:
        try:
            return attempt()
        except RegisterUnreachable:
            sleep(pause)
    return attempt()
