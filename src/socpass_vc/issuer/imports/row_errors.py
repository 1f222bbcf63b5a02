"""What is wrong with a file of an import: each fault with its line and column, many of them counted and few of them kept.

It knows how to name a place in a file, and neither cells nor rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from socpass_vc.errors import ImportRefused

MAX_KEPT_FAULTS = 1_000
"""Faults of a file that are kept to be shown; of more, only how many there are. Nobody reads further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One thing that is wrong with a file.

    Attributes:
        line: of the file, from 1.
        column: its name, or None for the row as a whole.
        code: one word for what is wrong, for callers that word it themselves.
        wrong: what is wrong, and what would be right, in English.
        facts: the values that the sentence speaks of; digits of the cell are masked.
    """

    line: int
    column: str | None
    code: str
    wrong: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"line {self.line}" if self.column is None else f"line {self.line}, column {self.column}"
        return f"{place}: {self.wrong}"


class WrongCellError(Exception):
    """What one cell should not hold; never leaves the import."""

    def __init__(self, code: str, wrong: str, **facts: object) -> None:
        super().__init__(wrong)
        self.code = code
        self.wrong = wrong
        self.facts = facts

    def at(self, line: int, column: str | None) -> RowError:
        """Return the fault that this is in its place."""
        return RowError(line=line, column=column, code=self.code, wrong=self.wrong, facts=self.facts)


class RowErrors:
    """The faults of a file.

    Attributes:
        kept: the first of them, in the order of their lines.
        count: of all.
        rows: how many rows have any.
    """

    def __init__(self) -> None:
        self.kept: list[RowError] = []
        self.count = 0
        self.rows = 0

    def add_row(self, faults: Iterable[RowError]) -> None:
        """Note what is wrong with one row."""
        before = self.count
        for fault in faults:
            self.count += 1
            if len(self.kept) < MAX_KEPT_FAULTS:
                self.kept.append(fault)
        self.rows += self.count > before

    def add_later(self, faults: Iterable[RowError]) -> None:
        """Note faults that came to light when all rows were read, one a row, in the order of their lines."""
        for fault in faults:
            self.count += 1
            self.rows += 1
            if len(self.kept) < 2 * MAX_KEPT_FAULTS:
                self.kept.append(fault)
        self.kept.sort(key=lambda fault: fault.line)
        del self.kept[MAX_KEPT_FAULTS:]

    def __bool__(self) -> bool:
        return self.count > 0


class BadRows(ImportRefused):
    """Rows of a file are wrong, and nothing was taken.

    Args:
        faults: what is wrong with them.
        good: how many other rows there are.
    """

    def __init__(self, source: str, faults: RowErrors, good: int) -> None:
        what = f"{source}: {faults.rows} bad row(s), {good} good; nothing was taken. Correct them, or use --skip-bad."
        super().__init__(what, source=source, bad=faults.rows, good=good)
        self.faults = faults
        self.good = good
