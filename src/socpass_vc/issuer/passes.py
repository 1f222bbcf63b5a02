"""The passes that were issued before and still count, read from the register for whoever prints or hands them out again.

It knows the register; nothing is signed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from socpass_vc.format.claims import StatusReference
from socpass_vc.format.statuslist import Status
from socpass_vc.issuer.due import require_resident
from socpass_vc.issuer.people import Issued
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.schema import credentials, residents
from socpass_vc.issuer.settings import Settings

READ_AT_ONCE = 1_000
"""Passes a transaction."""

_COLUMNS = [credentials.c[name] for name in ("id", "list_number", "list_index", "issued_at", "expires_at", "token")]


def count_live(register: Register, *, now: datetime, ref: str | None = None) -> int:
    """Return how many passes :func:`live_passes` will give.

    Raises:
        RegisterError: the database refused.
    """
    with register.snapshot() as connection:
        return int(connection.scalar(_live(sql.select(sql.func.count()), now, ref)) or 0)


def live_passes(register: Register, settings: Settings, *, now: datetime, ref: str | None = None) -> Iterator[Issued]:
    """Yield the passes that were issued before and still count, in the order of issue.

    Args:
        register: open.
        settings: the agency's, for the prefix.
        now: the time, aware.
        ref: of this resident alone.

    Raises:
        RegisterError: the database refused, or there is no such resident.
    """
    if ref is not None:
        require_resident(register, ref)
    last_id = 0
    live = _live(sql.select(*_COLUMNS, residents.c.ref), now, ref).order_by(credentials.c.id).limit(READ_AT_ONCE)
    while True:
        query = live.where(credentials.c.id > last_id)
        with register.transaction() as connection:
            batch = connection.execute(query).all()
        if not batch:
            return
        for row in batch:
            yield Issued(
                row.ref,
                StatusReference(list_number=row.list_number, index=row.list_index),
                datetime.fromtimestamp(row.issued_at, UTC),
                datetime.fromtimestamp(row.expires_at, UTC),
                bytes(row.token),
                settings.prefix,
            )
        last_id = batch[-1].id


def _live(query: sql.Select[Any], now: datetime, ref: str | None) -> sql.Select[Any]:
    """Return *query* of the passes that count, or of this resident's."""
    query = query.select_from(credentials).join(residents, residents.c.id == credentials.c.resident_id)
    query = query.where(credentials.c.status == int(Status.VALID), credentials.c.expires_at > int(now.timestamp()))
    return query if ref is None else query.where(residents.c.ref == ref)
