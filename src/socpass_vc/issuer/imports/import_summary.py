"""What an import did to the register, or would do: counts, and the first of the changed values. It knows no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

MAX_SHOWN_CHANGES = 1_000
"""Changes that are listed one by one; nobody reads more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedValue:
    """One value that an import changes.

    Attributes:
        ref: of the resident.
        subject: the category, or what is applied for; None for the resident's own values.
        column: of the file.
        before: None if there was none; a document's number is masked.
        after: likewise.
    """

    ref: str
    subject: str | None
    column: str
    before: str | int | date | None
    after: str | int | date | None


@dataclass(slots=True, kw_only=True)
class ImportCounts:
    """How many residents, entitlements and applications are new, changed and unchanged.

    Attributes:
        unchanged: rows that neither add nor change what they are about.
        changes: the first of the changed values, if they were asked for.
    """

    residents_new: int = 0
    residents_changed: int = 0
    entitlements_new: int = 0
    entitlements_changed: int = 0
    applications_new: int = 0
    applications_changed: int = 0
    unchanged: int = 0
    changes: list[ChangedValue] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many residents, entitlements and applications are new or changed."""
        made = self.residents_new + self.entitlements_new + self.applications_new
        return made + self.residents_changed + self.entitlements_changed + self.applications_changed
