"""What is wrong with a file of an import: each fault with its line and column; all are counted, the first ones kept.

It knows how to name a line and a column of a file, and neither cells nor rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from socpass_vc.errors import ImportRefused
from socpass_vc.messages import ENGLISH, Message, Speaker

MAX_KEPT_FAULTS = 1_000
"""Faults of a file that are kept to be shown; of the others only their number is known. Nobody reads further."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    """One thing that is wrong with a file.

    Attributes:
        line: of the file, from 1.
        column: its name, or None for the row as a whole.
        code: one word for what is wrong; ``row.CODE`` is the key of its sentence.
        facts: the values that the sentence speaks of; digits of the cell are masked.
    """

    line: int
    column: str | None
    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def where(self) -> Message:
        """The line, and the column where it is one."""
        if self.column is None:
            return Message("at.line", line=self.line)
        return Message("at.column", line=self.line, column=self.column)

    @property
    def wrong(self) -> Message:
        """What is wrong, and what would be right, without the line."""
        return Message(f"row.{self.code}", **self.facts)

    def said_by(self, speaker: Speaker, /) -> str:
        """Return the line, the column and what is wrong there, in the speaker's language."""
        return f"{speaker.show(self.where)}: {speaker.show(self.wrong)}"

    def __str__(self) -> str:
        return self.said_by(ENGLISH)


class WrongCellError(Exception):
    """What one cell should not hold; never leaves the import.

    Args:
        code: as in :class:`RowError`.
        facts: likewise.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def at(self, line: int, column: str | None) -> RowError:
        """Return the fault that this is in its line and column."""
        return RowError(line=line, column=column, code=self.code, facts=self.facts)


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
        """Note faults that came to light when all rows were read, one per row, in the order of their lines."""
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
    """Rows of a file are wrong, and nothing was written.

    Args:
        source: the file.
        faults: what is wrong with them.
        good: how many other rows there are.
    """

    def __init__(self, source: str, faults: RowErrors, good: int) -> None:
        super().__init__("row_file.bad_rows", count=faults.rows, good=good)
        self.at(source)
        self.faults = faults
        self.good = good
