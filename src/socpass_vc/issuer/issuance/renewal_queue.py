"""Who is due for review: residents taken from the register batch by batch, with everything a pass is drafted from.

It knows the register's queue (``check_at``, ``ends_at``) and no rules. On PostgreSQL the residents of a batch are locked until
its transaction ends, and those locked by another worker are left to it. At the end they are waited for: their worker may have
died, and a server does not notice at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import RegisterError
from socpass_vc.issuer.register.bulk_sql import Row, among, is_among, read_rows, update_rows
from socpass_vc.issuer.register.database import BUSY_SECONDS, Register
from socpass_vc.issuer.register.person import GrantedEntitlement, LatestPass, Resident
from socpass_vc.issuer.register.schema import credentials, entitlements, residents

_BEFORE_ALL = (-1, 0)
_BEGINNING = (0, _BEFORE_ALL)


class Candidate(NamedTuple):
    """A resident to be reviewed.

    Attributes:
        id: of the resident.
        ends_at: as the register has it.
        person: what a pass is drafted from.
    """

    id: int
    ends_at: int | None
    person: Resident


class NextReview(NamedTuple):
    """When a resident is to be reviewed next; see schema.residents."""

    check_at: int | None
    ends_at: int | None
    id: int


@dataclass(slots=True)
class RenewalQueue:
    """Takes residents in the order in which they became due, each once.

    Those to be reviewed in any case come first, then those whose pass is about to end. Whoever could not be given a pass stays in
    the register's queue, for the next run.

    Attributes:
        now: seconds since 1970.
        ends_before: passes that end by then are about to end; seconds since 1970.
        ref: of the only resident to take, or None.
        shared: whether others may take residents at the same time; whoever they locked and left is taken at the end.
        position: the stage, and the time and number of the last resident taken; a caller can save it and go back to it.
    """

    now: int
    ends_before: int
    ref: str | None = None
    shared: bool = False
    position: tuple[int, tuple[int, int]] = _BEGINNING

    def take(self, connection: Connection, count: int) -> list[Candidate]:
        """Return the next residents, at most *count*; none means that there are no more."""
        stage, (time, number) = self.position
        if self.ref is not None:
            people = read_rows(connection, _NAMED, {"ref": self.ref}) if stage == 0 else []
            self.position = (len(_STAGES), _BEFORE_ALL)
            return _complete(connection, people)
        while stage < (len(_STAGES) if self.shared else _ALONE):
            if stage >= _ALONE:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
            values = {"now": self.now, "ends_before": self.ends_before, "count": count, "time": time, "id": number}
            people = read_rows(connection, _STAGES[stage], values)
            if people:
                self.position = (stage, (people[-1][-1], people[-1][0]))
                return _complete(connection, people)
            stage, (time, number) = self.position = (stage + 1, _BEFORE_ALL)
        return []


def count_due(register: Register, *, now: datetime, ends_before: datetime) -> int:
    """Return how many residents a queue will give."""
    seconds = {"now": int(now.timestamp()), "ends_before": int(ends_before.timestamp())}
    query = sql.select(sql.func.count()).select_from(residents)
    with register.transaction() as connection:
        return sum(int(connection.scalar(query.where(stage), seconds) or 0) for stage in (_CHECK, _ENDING))


def read_candidates(connection: Connection, ids: Sequence[int]) -> list[Candidate]:
    """Return the residents with these ids, whether due or not."""
    if not ids:
        return []
    query = sql.select(*_PERSON).where(is_among(connection.dialect.name, residents.c.id))
    return _complete(connection, read_rows(connection, query, among(connection, ids)))


def note_looked(connection: Connection, looked: Sequence[NextReview]) -> None:
    """Record when residents are to be reviewed next."""
    update_rows(connection, residents, ("check_at", "ends_at"), looked)


def require_resident(register: Register, ref: str) -> None:
    """Return if there is a resident with this reference.

    Raises:
        RegisterError: there is none.
    """
    with register.transaction() as connection:
        if connection.scalar(sql.select(residents.c.id).where(residents.c.ref == ref)) is None:
            raise RegisterError("register.no_such_resident", ref=ref).at(register.name)


_CHECK = residents.c.check_at <= sql.bindparam("now")
_ENDING = sql.and_(
    residents.c.ends_at <= sql.bindparam("ends_before"),
    sql.or_(residents.c.check_at.is_(None), residents.c.check_at > sql.bindparam("now")),
)
_PERSON = [residents.c[name] for name in ("id", "ends_at", "ref", "name", "born_on", "born_in", "name_latin")]


def _stage(due: sql.ColumnElement[bool], queued_at: sql.Column[int], *, skip_locked: bool) -> sql.Select[Any]:
    # Start after the last one of the previous batch, so that those who stay in the queue do not hold up the others.
    after = sql.tuple_(queued_at, residents.c.id) > sql.tuple_(sql.bindparam("time"), sql.bindparam("id"))
    query = sql.select(*_PERSON, queued_at.label("queued_at")).where(due, after).order_by(queued_at, residents.c.id)
    return query.limit(sql.bindparam("count")).with_for_update(skip_locked=skip_locked)


_STAGES = tuple(
    _stage(due, queued_at, skip_locked=skip_locked)
    for skip_locked in (True, False)
    for due, queued_at in ((_CHECK, residents.c.check_at), (_ENDING, residents.c.ends_at))
)
_ALONE = 2
"""How many stages there are for whoever has the register alone."""
_NAMED = sql.select(*_PERSON).where(residents.c.ref == sql.bindparam("ref")).with_for_update()


@cache  # SQLAlchemy takes as long to make a statement as to read a hundred rows
def _granted_to(dialect: str) -> sql.Select[Any]:
    theirs = is_among(dialect, entitlements.c.resident_id)
    query = sql.select(entitlements.c.resident_id, *(entitlements.c[name] for name in GrantedEntitlement._fields))
    return query.where(theirs).order_by(entitlements.c.resident_id, entitlements.c.category)


@cache
def _held_by(dialect: str) -> sql.Select[Any]:
    query = sql.select(credentials.c.resident_id, *(credentials.c[name] for name in LatestPass._fields))
    return query.where(is_among(dialect, credentials.c.resident_id)).order_by(credentials.c.id)


def _complete(connection: Connection, people: Sequence[Row]) -> list[Candidate]:
    """Return *people*, rows of what stands in _PERSON, with their entitlements and newest pass."""
    ids = [person[0] for person in people]
    if not ids:
        return []
    dialect, theirs = connection.dialect.name, among(connection, ids)
    granted: dict[int, list[GrantedEntitlement]] = {number: [] for number in ids}
    for row in read_rows(connection, _granted_to(dialect), theirs):
        granted[row[0]].append(_granted(row))
    held = {
        row[0]: LatestPass._make(row[1:]) for row in read_rows(connection, _held_by(dialect), theirs)
    }  # the newest comes last
    newest = held.get
    return [
        Candidate(
            row[0],
            row[1],
            Resident(row[2], row[3], granted[row[0]], _day(row[4]), row[5], row[6], newest(row[0])),
        )
        for row in people
    ]


def _granted(row: Row) -> GrantedEntitlement:
    _, category, first, last, kind, number, issued_on = row
    # No call where there is nothing to parse: a pass has several of these.
    if first.__class__ is str:
        first = _parse_day(first)
    if last.__class__ is str:
        last = _parse_day(last)
    if issued_on.__class__ is str:
        issued_on = _parse_day(issued_on)
    return GrantedEntitlement(category, first, last, kind, number, issued_on)


def _day(day: str | date | None) -> date | None:
    """Return a day as a date, whatever the driver gives; SQLite stores days as text."""
    return _parse_day(day) if isinstance(day, str) else day


@lru_cache(maxsize=65_536)  # births, and the last days of entitlements: many residents share them
def _parse_day(day: str) -> date:
    return date.fromisoformat(day)
