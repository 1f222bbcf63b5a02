"""Taking rows into the register: residents and entitlements made or changed, in one transaction, with nothing done twice.

It knows the register and checked rows; where rows come from, and what is wrong with them, is settled before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.issuer.register import Register, entitlements, record, residents
from socpass_vc.issuer.rows import Row


@dataclass(slots=True, kw_only=True)
class Taken:
    """How many residents and entitlements an import made, changed and found as they were."""

    residents_new: int = 0
    residents_changed: int = 0
    entitlements_new: int = 0
    entitlements_changed: int = 0
    unchanged: int = 0

    @property
    def changed(self) -> int:
        """How many things are not as they were."""
        return self.residents_new + self.residents_changed + self.entitlements_new + self.entitlements_changed


def take_rows(
    register: Register,
    rows: Sequence[Row],
    *,
    now: datetime,
    actor: str,
    source: str,
    looked_at: Callable[[], None] = lambda: None,
) -> Taken:
    """Bring *rows* into the register, all or none.

    Args:
        register: open.
        rows: checked, each reference and category once.
        now: the time, aware.
        actor: who imports.
        source: the file's name, for the event log.
        looked_at: told after each row.

    Raises:
        RegisterError: the database refused; nothing was changed.
    """
    taken = Taken()
    with register.transaction() as connection:
        ids: dict[str, int] = {}
        for row in rows:
            if row.ref not in ids:
                ids[row.ref] = _take_resident(connection, row, taken)
            _take_entitlement(connection, ids[row.ref], row, taken)
            looked_at()
        if taken.changed:
            record(
                connection,
                at=now,
                actor=actor,
                act="import",
                detail=f"{source}: {taken.changed} changes from {len(rows)} rows",
            )
    return taken


def _take_resident(connection: Connection, row: Row, taken: Taken) -> int:
    values = {"name": row.name, "born_on": row.born_on, "born_in": row.born_in}
    found = connection.execute(sql.select(residents).where(residents.c.ref == row.ref)).mappings().first()
    if found is None:
        taken.residents_new += 1
        made = connection.execute(residents.insert().values(ref=row.ref, **values).returning(residents.c.id))
        return int(made.scalar_one())
    if any(found[name] != value for name, value in values.items()):
        taken.residents_changed += 1
        connection.execute(residents.update().where(residents.c.id == found["id"]).values(**values))
    return int(found["id"])


def _take_entitlement(connection: Connection, resident_id: int, row: Row, taken: Taken) -> None:
    granted = row.entitlement
    document = granted.document
    values = {
        "first_day": granted.first,
        "last_day": granted.last,
        "document_kind": document.kind if document else None,
        "document_number": document.number if document else None,
        "document_issued_on": document.issued_on if document else None,
    }
    this = (entitlements.c.resident_id == resident_id) & (entitlements.c.category == granted.category)
    found = connection.execute(sql.select(entitlements).where(this)).mappings().first()
    if found is None:
        taken.entitlements_new += 1
        connection.execute(entitlements.insert().values(resident_id=resident_id, category=granted.category, **values))
    elif any(found[name] != value for name, value in values.items()):
        taken.entitlements_changed += 1
        connection.execute(entitlements.update().where(entitlements.c.id == found["id"]).values(**values))
    else:
        taken.unchanged += 1
