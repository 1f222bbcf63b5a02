"""A deep audit: every pass of the register read back by the second reader, and compared with its row and its resident.

An ordinary audit compares the register with its event log (:mod:`socpass_vc.issuer.register.audit`). Here a pass is compared with
its resident too, while it has to say what the register says: the newest one, valid, and not yet to be reviewed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.renewal_queue import read_candidates
from socpass_vc.issuer.issuance.second_reader import StoredPass, check_pass
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.person import Resident
from socpass_vc.issuer.register.schema import credentials, residents

_READ_AT_ONCE = 1_000


def read_all_back(
    register: Register, settings: AgencySettings, *, now: datetime, looked_at: Callable[[int], None] = lambda _: None
) -> int:
    """Read every pass back, and return how many there are.

    Args:
        register: open.
        settings: the agency's.
        now: the time, aware.
        looked_at: told how many passes were read, batch by batch.

    Raises:
        PassDiffers: the first difference is named.
        RegisterError: the database refused.
    """
    seconds, count = int(now.timestamp()), 0
    columns = [credentials.c[name] for name in ("id", "resident_id", "status", *StoredPass._fields[1:])]
    query = sql.select(*columns, residents.c.ref, residents.c.check_at).outerjoin(
        residents, residents.c.id == credentials.c.resident_id
    )
    query = query.order_by(credentials.c.id).limit(_READ_AT_ONCE)
    with register.snapshot() as connection:
        batch = connection.execute(query).mappings().all()
        while batch:
            people = _settled(connection, batch, seconds)
            for row in batch:
                stored = StoredPass(row["ref"] or "", *(row[name] for name in StoredPass._fields[1:]))
                person = people.get(row["resident_id"])
                is_newest = person is not None and _reference(row) == (person.held and person.held[-2:])
                check_pass(stored, person if is_newest else None, zone=settings.zone)
            count += len(batch)
            looked_at(len(batch))
            batch = connection.execute(query.where(credentials.c.id > batch[-1]["id"])).mappings().all()
    return count


def _settled(connection: Connection, batch: Sequence[RowMapping], now: int) -> Mapping[int, Resident]:
    """Return, by their ids, the residents of *batch* whose newest pass has to say what the register says."""
    settled = {
        row["resident_id"]
        for row in batch
        if row["status"] == Status.VALID and row["expires_at"] > now and (row["check_at"] is None or row["check_at"] > now)
    }
    return {found.id: found.person for found in read_candidates(connection, sorted(settled))}


def _reference(row: RowMapping) -> tuple[int, int]:
    return row["list_number"], row["list_index"]
