"""Taking rows into the register: residents and entitlements made or changed, in one transaction, with nothing done twice.

It knows the register and checked rows; where rows come from, and what is wrong with them, is settled before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.issuer.eventlog import Event, append
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.rows import Row
from socpass_vc.issuer.schema import entitlements, residents

CHUNK = 500
"""Rows a statement; what a database takes as parameters of one is limited."""


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
    looked_at: Callable[[int], None] = lambda _: None,
) -> Taken:
    """Bring *rows* into the register, all or none.

    Args:
        register: open.
        rows: checked, each reference and category once.
        now: the time, aware.
        actor: who imports.
        source: the file's name, for the event log.
        looked_at: told how many rows were taken, chunk by chunk.

    Raises:
        RegisterError: the database refused; nothing was changed.
    """
    taken = Taken()
    with register.transaction() as connection:
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            ids = _take_residents(connection, chunk, taken)
            _take_entitlements(connection, chunk, ids, taken)
            looked_at(len(chunk))
        if taken.changed:
            facts: dict[str, object] = {"source": source, "rows": len(rows), "changes": taken.changed}
            append(connection, [Event("import", facts=facts)], at=now, actor=actor)
    return taken


def _take_residents(connection: Connection, rows: Sequence[Row], taken: Taken) -> dict[str, int]:
    """Make or change the residents of *rows*, and return their numbers by reference."""
    wanted = {row.ref: {"name": row.name, "born_on": row.born_on, "born_in": row.born_in} for row in rows}
    query = sql.select(residents).where(residents.c.ref.in_(wanted))
    found = {person["ref"]: person for person in connection.execute(query).mappings()}
    new = [{"ref": ref, **values} for ref, values in wanted.items() if ref not in found]
    changed = [
        {"this": found[ref]["id"], "check_at": 0, **values}
        for ref, values in wanted.items()
        if ref in found and any(found[ref][name] != value for name, value in values.items())
    ]
    ids = {ref: int(person["id"]) for ref, person in found.items()}
    if new:
        made = connection.execute(residents.insert().returning(residents.c.ref, residents.c.id), new)
        ids |= {ref: int(number) for ref, number in made}
    if changed:
        connection.execute(residents.update().where(residents.c.id == sql.bindparam("this")), changed)
    taken.residents_new += len(new)
    taken.residents_changed += len(changed)
    return ids


def _take_entitlements(connection: Connection, rows: Sequence[Row], ids: dict[str, int], taken: Taken) -> None:
    query = sql.select(entitlements).where(entitlements.c.resident_id.in_(ids.values()))
    found = {(row["resident_id"], row["category"]): row for row in connection.execute(query).mappings()}
    new, changed = [], []
    touched: set[int] = set()
    for row in rows:
        values = _columns(row)
        have = found.get((ids[row.ref], row.entitlement.category))
        if have is None:
            new.append({"resident_id": ids[row.ref], "category": row.entitlement.category, **values})
            touched.add(ids[row.ref])
        elif any(have[name] != value for name, value in values.items()):
            changed.append({"this": have["id"], **values})
            touched.add(have["resident_id"])
        else:
            taken.unchanged += 1
    if new:
        connection.execute(entitlements.insert(), new)
    if changed:
        connection.execute(entitlements.update().where(entitlements.c.id == sql.bindparam("this")), changed)
    if touched:
        connection.execute(residents.update().where(residents.c.id.in_(touched)).values(check_at=0))
    taken.entitlements_new += len(new)
    taken.entitlements_changed += len(changed)


def _columns(row: Row) -> dict[str, object]:
    granted, document = row.entitlement, row.entitlement.document
    return {
        "first_day": granted.first,
        "last_day": granted.last,
        "document_kind": document.kind if document else None,
        "document_number": document.number if document else None,
        "document_issued_on": document.issued_on if document else None,
    }
