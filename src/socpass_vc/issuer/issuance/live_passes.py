"""Passes issued earlier and still valid, read from the register to be printed or handed out again.

It knows the register; nothing is signed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sql

from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.renewal_queue import require_resident
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.issuer.register.schema import credentials, residents

READ_AT_ONCE = 1_000
"""Passes per transaction."""

_COLUMNS = [credentials.c[name] for name in ("id", "list_number", "list_index", "issued_at", "expires_at", "token")]


def count_live_passes(register: Register, *, now: datetime, ref: str | None = None) -> int:
    """Return how many :func:`live_passes` yields.

    Raises:
        RegisterError: the database refused.
    """
    query = sql.select(sql.func.count()).select_from(credentials).join(residents, residents.c.id == credentials.c.resident_id)
    with register.transaction() as connection:
        return int(connection.scalar(query.where(*_live(now, ref))) or 0)


def live_passes(register: Register, settings: AgencySettings, *, now: datetime, ref: str | None = None) -> Iterator[IssuedPass]:
    """Yield the passes issued earlier and still valid, in the order of issue.

    Args:
        register: open.
        settings: the agency's, for the prefix.
        now: the time, aware.
        ref: of the only resident whose passes to yield, or None.

    Raises:
        RegisterError: the database refused, or there is no such resident.
    """
    if ref is not None:
        require_resident(register, ref)
    last_id = 0
    while True:
        query = (
            sql.select(*_COLUMNS, residents.c.ref)
            .join(residents, residents.c.id == credentials.c.resident_id)
            .where(credentials.c.id > last_id, *_live(now, ref))
            .order_by(credentials.c.id)
            .limit(READ_AT_ONCE)
        )
        with register.transaction() as connection:
            batch = connection.execute(query).all()
        if not batch:
            return
        for row in batch:
            yield IssuedPass(
                row.ref,
                StatusReference(list_number=row.list_number, index=row.list_index),
                datetime.fromtimestamp(row.issued_at, UTC),
                datetime.fromtimestamp(row.expires_at, UTC),
                bytes(row.token),
                settings.prefix,
            )
        last_id = batch[-1].id


def _live(now: datetime, ref: str | None) -> list[sql.ColumnElement[bool]]:
    conditions = [credentials.c.status == int(Status.VALID), credentials.c.expires_at > int(now.timestamp())]
    return conditions if ref is None else [*conditions, residents.c.ref == ref]
