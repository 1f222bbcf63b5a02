"""What those who wait for long work are told: which step begins, and how far it is. It knows no terminal."""

from __future__ import annotations


class ImportProgress:
    """Whoever wants to know how far an import is: told steps and rows; the one here does not."""

    def begin(self, step: str, length: int) -> None:
        """Learn that *step* begins, "read" or "merge", of about *length* rows."""

    def advance(self, rows: int) -> None:
        """Learn that so many more rows are done."""
