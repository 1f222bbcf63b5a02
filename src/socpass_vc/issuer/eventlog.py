"""The event log: every act on the register, each event chained to the one before it by a digest.

Nothing can be changed, dropped or slipped in between without being seen. An event's digest is SHA-256 over the digest before it
(32 zero bytes before the first) and the event as a JSON array in UTF-8, without spaces: ``[id,at,actor,act,ref,reason,facts]``.
It knows the chain; what is worth an event is decided by those who act.
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
from socpass_vc.issuer.bulk import insert_rows
from socpass_vc.issuer.schema import event_head, events

FIRST_DIGEST = bytes(32)
"""What the first event's digest is chained to."""

_READ_AT_ONCE = 10_000
_COLUMNS = tuple(events.c.keys())
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Event(NamedTuple):
    """One act.

    Attributes:
        act: what, one word.
        ref: of whom: the agency's reference of a resident.
        reason: why, in the words of whoever acted.
        facts: a JSON object of plain values that a reader of the log needs, or its text without spaces; None if there are none.
    """

    act: str
    ref: str | None = None
    reason: str | None = None
    facts: dict[str, object] | str | None = None


class Recorded(NamedTuple):
    """An event as the log holds it; *facts* is still JSON, and *digest* chains it to the one before."""

    id: int
    at: int
    actor: str
    act: str
    ref: str | None
    reason: str | None
    facts: str | None
    digest: bytes


def append(connection: Connection, acts: Sequence[Event], *, at: datetime, actor: str) -> None:
    """Add events to the log within the caller's transaction, as the last thing that it does.

    The log is locked from here to the transaction's end, so that events stand in the order of commits: who has seen event N will
    never be shown another one below it.

    Args:
        connection: of the transaction that did the acts.
        acts: in their order; nothing happens if there are none.
        at: the time, aware.
        actor: who.
    """
    if not acts:
        return
    told = [facts if facts is None or isinstance(facts, str) else _encode(facts) for _, _, _, facts in acts]
    last, digest = _lock_head(connection)
    rows = []
    seconds = int(at.timestamp())
    for number, ((act, ref, reason, _), facts) in enumerate(zip(acts, told, strict=True), last + 1):
        digest = chain(digest, (number, seconds, actor, act, ref, reason, facts))
        rows.append((number, seconds, actor, act, ref, reason, facts, digest))
    insert_rows(connection, events, _COLUMNS, rows)
    connection.execute(event_head.update().values(last_event=last + len(rows), digest=digest))


def chain(before: bytes, event: tuple[int, int, str, str, str | None, str | None, str | None]) -> bytes:
    """Return the digest of an event (id, at, actor, act, ref, reason, facts) that follows one with the digest *before*."""
    number, at, actor, act, ref, reason, facts = event
    # The JSON array put together from its pieces: millions of events are chained in a night.
    texts = ",".join(["null" if text is None else encode_basestring(text) for text in (actor, act, ref, reason, facts)])
    return sha256(before + f"[{number},{at},{texts}]".encode()).digest()


def read_events(connection: Connection, *, since: int = 0, limit: int | None = None) -> Iterator[Recorded]:
    """Yield the events after number *since*, in order, at most *limit* of them."""
    while limit is None or limit > 0:
        at_once = _READ_AT_ONCE if limit is None else min(limit, _READ_AT_ONCE)
        query = sql.select(*events.c).where(events.c.id > since).order_by(events.c.id).limit(at_once)
        batch = connection.execute(query).all()
        if not batch:
            return
        for row in batch:
            yield Recorded._make(row)
        since = batch[-1].id
        limit = None if limit is None else limit - len(batch)


def audit(connection: Connection) -> tuple[int, bytes]:
    """Check the chain from its beginning, and return how many events there are and the last one's digest.

    The last digest, noted elsewhere from time to time, shows that nothing was cut off the end either.

    Raises:
        EventLogBroken: an event was changed, dropped or slipped in; the first such one is named.
    """
    digest = FIRST_DIGEST
    expected = 1
    for event in read_events(connection):
        if event.id != expected:
            raise EventLogBroken(f"event {expected} is missing: {event.id} follows {expected - 1}", event=expected)
        digest = chain(digest, event[:-1])
        if digest != event.digest:
            raise EventLogBroken(f"event {event.id} is not what was recorded: its digest does not match", event=event.id)
        expected += 1
    last, noted = connection.execute(sql.select(event_head.c.last_event, event_head.c.digest)).one()
    if (last, noted) != (expected - 1, digest):
        raise EventLogBroken(f"the log ends with event {expected - 1}, and {last} were recorded", event=expected)
    return last, digest


def _lock_head(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(sql.select(event_head.c.last_event, event_head.c.digest).with_for_update()).one()
    return row.last_event, row.digest
