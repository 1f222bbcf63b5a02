"""The event log: every act on the register, each event chained to the one before it by a digest.

No event can be changed, dropped or slipped in unnoticed. An event's digest is SHA-256 over the digest before it
(32 zero bytes before the first) and the event as a JSON array in UTF-8, without spaces: ``[id,at,actor,act,ref,reason,facts]``.
It knows the chain; which acts become events is decided by those who act.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import EventLogBroken
from socpass_vc.issuer.register.bulk_sql import insert_rows
from socpass_vc.issuer.register.schema import event_head, events

FIRST_DIGEST = bytes(32)
"""What the first event's digest is chained to."""

_READ_AT_ONCE = 10_000
_COLUMNS = tuple(events.c.keys())
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Event(NamedTuple):
    """One act.

    Attributes:
        act: what was done, one word.
        ref: the agency's reference of the resident concerned.
        reason: why, in the words of whoever acted.
        facts: a JSON object of plain values that a reader of the log needs, or its text without spaces; None if there are none.
    """

    act: str
    ref: str | None = None
    reason: str | None = None
    facts: dict[str, object] | str | None = None


class RecordedEvent(NamedTuple):
    """An event as the log holds it; *facts* is still JSON, and *digest* chains it to the one before."""

    id: int
    at: int
    actor: str
    act: str
    ref: str | None
    reason: str | None
    facts: str | None
    digest: bytes


class LogHead(NamedTuple):
    """The number and digest of one event, to note elsewhere; number 0, with 32 zero bytes, stands before the first event."""

    number: int
    digest: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.digest.hex()}"


def append(connection: Connection, acts: Sequence[Event], *, at: datetime, actor: str) -> LogHead | None:
    """Add events to the log within the caller's transaction, as its last step.

    The log is locked from here to the transaction's end, so that events stand in the order of commits: a reader who has seen
    event N has seen all before it.

    Args:
        connection: of the transaction that did the acts.
        acts: in their order; nothing happens if there are none.
        at: the time, aware.
        actor: who acted.

    Returns:
        The last of these events; None if there are none.
    """
    if not acts:
        return None
    last, digest = _lock_head(connection)
    rows = []
    seconds = int(at.timestamp())
    for number, (act, ref, reason, told) in enumerate(acts, last + 1):
        facts = told if told is None or isinstance(told, str) else _encode(told)
        digest = chain(digest, (number, seconds, actor, act, ref, reason, facts))
        rows.append((number, seconds, actor, act, ref, reason, facts, digest))
    insert_rows(connection, events, _COLUMNS, rows)
    connection.execute(event_head.update().values(last_event=last + len(rows), digest=digest))
    return LogHead(last + len(rows), digest)


def holds(connection: Connection, mark: LogHead) -> bool:
    """Tell whether the log holds the event of *mark*, so that the transaction that appended it was kept."""
    return bool(connection.scalar(sql.select(events.c.digest).where(events.c.id == mark.number)) == mark.digest)


def read_since(
    connection: Connection, mark: LogHead | int, *, limit: int | None = None, acts: Sequence[str] = ()
) -> Iterator[RecordedEvent]:
    """Yield what happened after *mark*, which the reader got from here: each event once, none left out.

    Args:
        connection: to a register.
        mark: the last event that the reader has seen, with its digest or by its number alone; 0 for none.
        limit: how many at most.
        acts: of these alone; of all if there are none.

    Raises:
        EventLogBroken: the log does not reach that far, or holds another event there: the register is an older copy, and uses
            numbers again that the reader has seen.
    """
    number = mark if isinstance(mark, int) else mark.number
    head = read_head(connection)
    if number > head.number:
        raise EventLogBroken("event_log.ends_before_cursor", seen=number, last=head.number, event=head.number + 1)
    if not isinstance(mark, int):
        found = connection.scalar(sql.select(events.c.digest).where(events.c.id == number))
        _check_noted(mark, FIRST_DIGEST if found is None else found)
    yield from read_events(connection, since=number, limit=limit, acts=acts)


def chain(before: bytes, event: tuple[int, int, str, str, str | None, str | None, str | None]) -> bytes:
    """Return the digest of an event (id, at, actor, act, ref, reason, facts) that follows one with the digest *before*."""
    number, at, actor, act, ref, reason, facts = event
    # The JSON array put together from its pieces: millions of events are chained in a night.
    whom = "null" if ref is None else encode_basestring(ref)
    why = "null" if reason is None else encode_basestring(reason)
    told = "null" if facts is None else encode_basestring(facts)
    array = f"[{number},{at},{encode_basestring(actor)},{encode_basestring(act)},{whom},{why},{told}]"
    return sha256(before + array.encode()).digest()


def read_events(
    connection: Connection, *, since: int = 0, limit: int | None = None, acts: Sequence[str] = ()
) -> Iterator[RecordedEvent]:
    """Yield the events after number *since*, in order, at most *limit* of them; of these *acts*, or of all if none is named."""
    wanted = events.c.act.in_(acts) if acts else sql.true()
    while limit is None or limit > 0:
        at_once = _READ_AT_ONCE if limit is None else min(limit, _READ_AT_ONCE)
        query = sql.select(*events.c).where(events.c.id > since, wanted).order_by(events.c.id).limit(at_once)
        batch = connection.execute(query).all()
        if not batch:
            return
        for row in batch:
            yield RecordedEvent._make(row)
        since = batch[-1].id
        limit = None if limit is None else limit - len(batch)


def read_checked(connection: Connection, *, noted: LogHead | None = None) -> Iterator[RecordedEvent]:
    """Yield all events from the first on, each after its digest was checked; the log's end is checked after the last one.

    Args:
        connection: to a register, which must stay as it is meanwhile.
        noted: an event that the log held once, and must hold still.

    Raises:
        EventLogBroken: an event was changed, dropped or slipped in, or the log does not hold *noted*; the first is named.
    """
    digest = FIRST_DIGEST
    last = 0
    stray = connection.scalar(sql.select(sql.func.min(events.c.id)).where(events.c.id < 1))
    if stray is not None:
        raise EventLogBroken("event_log.outside_chain", event=stray)
    if noted is not None and noted.number == 0:
        _check_noted(noted, digest)
    for event in read_events(connection):
        if event.id != last + 1:
            raise EventLogBroken("event_log.event_missing", event=last + 1, found=event.id)
        digest = chain(digest, event[:-1])
        if digest != event.digest:
            raise EventLogBroken("event_log.event_changed", event=event.id)
        if noted is not None and noted.number == event.id:
            _check_noted(noted, digest)
        last = event.id
        yield event
    head = read_head(connection)
    if head != (last, digest):
        raise EventLogBroken("event_log.end_missing", last=last, recorded=head.number, event=last + 1)
    if noted is not None and noted.number > last:
        raise EventLogBroken("event_log.end_cut_off", last=last, noted=noted.number, event=last + 1)


def audit(connection: Connection) -> tuple[int, bytes]:
    """Check the chain from its beginning, and return how many events there are and the last one's digest.

    Raises:
        EventLogBroken: an event was changed, dropped or slipped in; the first such one is named.
    """
    for _ in read_checked(connection):
        pass
    return read_head(connection)


def read_head(connection: Connection) -> LogHead:
    """Return the number and digest of the last event."""
    row = connection.execute(sql.select(event_head.c.last_event, event_head.c.digest)).one()
    return LogHead(row.last_event, row.digest)


def _check_noted(noted: LogHead, digest: bytes) -> None:
    if noted.digest != digest:
        raise EventLogBroken("event_log.rewritten", event=noted.number, digest=digest.hex())


def _lock_head(connection: Connection) -> LogHead:
    row = connection.execute(sql.select(event_head.c.last_event, event_head.c.digest).with_for_update()).one()
    return LogHead(row.last_event, row.digest)
