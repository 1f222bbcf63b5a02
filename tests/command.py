"""What running one command line comes to; the types that the fixtures of tests/cli give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """How a command line ended."""

    code: int
    out: str
    err: str


Shell = Callable[..., Said]
