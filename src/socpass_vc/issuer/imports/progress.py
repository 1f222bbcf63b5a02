"""Progress of an import: which step begins, and how far it is. It knows no terminal."""

from __future__ import annotations


class ImportProgress:
    """Receives the steps and rows of an import; this one ignores them."""

    def begin(self, step: str, length: int) -> None:
        """Note that *step* begins, "read" or "merge", of about *length* rows."""

    def advance(self, rows: int) -> None:
        """Note that so many more rows are done."""
