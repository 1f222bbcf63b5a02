"""The four colours of a verdict on a terminal, and the exit code of each. Data only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from socpass_vc.verifier.verdict.verdict import Verdict, worst_family


class Colour(NamedTuple):
    """One of the four colours: what it is on a terminal, and its exit code."""

    terminal: str
    exit_code: int


COLOURS = {
    "accepted": Colour("green", 0),
    "rejected": Colour("red", 1),
    "undecided": Colour("yellow", 4),
    "unreadable": Colour("white", 3),
}


def worst_exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return the exit code of the worst verdict: rejected, then undecided, then unreadable, then accepted."""
    return COLOURS[worst_family(verdicts)].exit_code
