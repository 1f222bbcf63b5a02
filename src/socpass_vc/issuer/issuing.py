"""Issuing what is due into the register: batches of residents, each looked at, signed and kept in one transaction.

It knows the register and a signer; what a pass says and when it is due is told in :mod:`drafting`. A pass that the agency revoked
or suspended is never replaced unless that resident is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import ClaimsError, RegisterError
from socpass_vc.format.keys import Signer
from socpass_vc.format.statuslist import Status
from socpass_vc.issuer.bulk import insert_rows, is_among, update_rows
from socpass_vc.issuer.drafting import RENEW_WITHIN, SIGNED, SUPERSEDED, Desk, Draft, Due, Issued, NotIssued, Rules
from socpass_vc.issuer.due import Candidate, Looked, Queue, note_looked
from socpass_vc.issuer.eventlog import Event, append
from socpass_vc.issuer.places import Places
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.schema import credentials
from socpass_vc.issuer.settings import Settings

BATCH = 1_000
"""Residents a transaction: enough that its commit costs little, few enough that others do not wait for long."""

_KEPT = ("resident_id", "list_number", "list_index", "issued_at", "expires_at", "content", "token")


class Batch(NamedTuple):
    """What came of a batch, once it is kept.

    Attributes:
        looked_at: how many residents were looked at.
        issued: passes that were signed and stored.
        refused: those that were due and cannot be issued.
    """

    looked_at: int
    issued: list[Issued]
    refused: list[NotIssued]


class _Signed(NamedTuple):
    """A pass that was signed, why, and for whom."""

    candidate: Candidate
    draft: Draft
    verdict: Due
    issued: Issued


@dataclass(slots=True)
class _Work:
    """What one batch comes to, before it is stored."""

    candidates: Sequence[Candidate]
    signed: list[_Signed] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    refused: list[NotIssued] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


class Issuing:
    """One process that issues what is due.

    Args:
        register: open.
        settings: the agency's.
        signer: its key for passes.
        now: the time, aware; fractions of a second are dropped.
        actor: who issues.
        ref: this resident alone, whether due or not.
        renew_within: how long before its end a pass is due again.
        limit: issue no more passes than this.
    """

    def __init__(
        self,
        register: Register,
        settings: Settings,
        signer: Signer,
        *,
        now: datetime,
        actor: str,
        ref: str | None = None,
        renew_within: timedelta = RENEW_WITHIN,
        limit: int | None = None,
    ) -> None:
        self._register = register
        self._signer = signer
        self._desk = Desk(Rules.of(settings, renew_within=renew_within), now)
        self._actor = actor
        self._ref = ref
        self._left = limit
        self._places = Places(register, entries=settings.list_entries)
        self._queue = Queue(now=self._desk.seconds, ends_before=int((now + renew_within).timestamp()), ref=ref)

    def batches(self) -> Iterator[Batch]:
        """Issue, yielding each batch once its transaction is kept.

        Raises:
            RegisterError: the database refused, or there is no such resident; batches already kept stay.
        """
        found_any = False
        while self._left is None or self._left > 0:
            batch = self._issue_batch(BATCH if self._left is None else min(BATCH, self._left))
            if not batch.looked_at:
                break
            found_any = True
            if self._left is not None:
                self._left -= len(batch.issued)
            yield batch
            self._register.give_way()
        if self._ref is not None and not found_any and self._left != 0:
            raise RegisterError(f"{self._register.name}: there is no resident with the reference {self._ref!r}", ref=self._ref)

    def _issue_batch(self, count: int) -> Batch:
        with self._register.transaction() as connection:
            candidates = self._queue.take(connection, count)
            work = self._look(connection, candidates)
            outdated = self._outdated(connection, work)
            insert_rows(connection, credentials, _KEPT, [_row(signed, self._desk.seconds) for signed in work.signed])
            if outdated:
                work.events += _supersede(connection, outdated, work)
            note_looked(connection, work.looked)
            append(connection, work.events, at=self._desk.now, actor=self._actor)
        return Batch(len(candidates), [signed.issued for signed in work.signed], work.refused)

    def _look(self, connection: Connection, candidates: Sequence[Candidate]) -> _Work:
        """Look at each of *candidates*, and sign what is due."""
        work = _Work(candidates)
        due: list[tuple[Candidate, Draft, Due]] = []
        for candidate in candidates:
            person = candidate.person
            try:
                draft = self._desk.draft(person)
            except ClaimsError as error:
                work.refused.append(NotIssued(ref=person.ref, why=str(error)))  # and stays in the queue until it is mended
                continue
            verdict = self._desk.judge(person.held, draft, named=self._ref is not None)
            if verdict in SIGNED:
                due.append((candidate, draft, verdict))
                ends_at: int | None = draft.ends_at
            else:
                ends_at = self._go_on(candidate, verdict, work)
            work.looked.append(Looked(draft.look_at, ends_at, candidate.id))
        self._places.provide(connection, len(due))
        for candidate, draft, verdict in due:
            issued = self._desk.sign(candidate.person.ref, draft, self._places.take(), self._signer)
            signed = _Signed(candidate, draft, verdict, issued)
            work.signed.append(signed)
            work.events.append(_issue_event(signed))
        return work

    def _go_on(self, candidate: Candidate, verdict: Due, work: _Work) -> int | None:
        """Note what is to be told of a pass that gets no successor; return when it is to be looked at for its end."""
        held = candidate.person.held
        if held is None:
            return None
        if verdict is Due.ENDED:
            work.ended.append(candidate.id)
            return None
        if verdict is Due.ENDING and candidate.ends_at is not None:
            facts: dict[str, object] = {"list": held.list_number, "index": held.list_index, "expires_at": held.expires_at}
            work.events.append(Event("expiring", candidate.person.ref, None, facts))
            return None
        if held.status == Status.INVALID or held.expires_at <= self._desk.seconds:
            return None
        return candidate.ends_at  # None once it was told that the pass ends: it is told once

    def _outdated(self, connection: Connection, work: _Work) -> Sequence[sql.Row[tuple[int, ...]]]:
        """Return the passes that say what is no longer so: their holders are given others, or have no entitlement left."""
        theirs = [signed.candidate.id for signed in work.signed if signed.verdict is Due.CHANGED] + work.ended
        if not theirs:
            return ()
        query = sql.select(*(credentials.c[name] for name in ("id", "resident_id", "list_number", "list_index")))
        live = (credentials.c.status != int(Status.INVALID)) & (credentials.c.expires_at > self._desk.seconds)
        of_theirs = is_among(connection, credentials.c.resident_id, theirs)
        return connection.execute(query.where(live, of_theirs).order_by(credentials.c.id).with_for_update()).all()


def _supersede(connection: Connection, outdated: Sequence[sql.Row[tuple[int, ...]]], work: _Work) -> list[Event]:
    """Revoke *outdated* passes, each naming its successor if there is one; return what is to be told of it."""
    changed = [signed.candidate.id for signed in work.signed if signed.verdict is Due.CHANGED]
    newest = sql.select(credentials.c.resident_id, sql.func.max(credentials.c.id)).group_by(credentials.c.resident_id)
    of_changed = is_among(connection, credentials.c.resident_id, changed)
    successors = {resident: newest_id for resident, newest_id in connection.execute(newest.where(of_changed))}  # noqa: C416 -- rows are no pairs to mypy
    values = [(int(Status.INVALID), SUPERSEDED, successors.get(row.resident_id), row.id) for row in outdated]
    update_rows(connection, credentials, ("status", "reason", "superseded_by"), values)
    refs = {entry.id: entry.person.ref for entry in work.candidates}
    return [
        Event("supersede", refs[row.resident_id], None, f'{{"list":{row.list_number},"index":{row.list_index}}}')
        for row in outdated
    ]


def _row(signed: _Signed, issued_at: int) -> tuple[object, ...]:
    status = signed.issued.status
    draft = signed.draft
    return signed.candidate.id, status.list_number, status.index, issued_at, draft.ends_at, draft.digest, signed.issued.token


def _issue_event(signed: _Signed) -> Event:
    """Return the event of an issue. Its facts are put together as text, for they are numbers alone, and millions in a night."""
    status = signed.issued.status
    categories = ",".join(map(str, signed.draft.categories))
    place = f'"list":{status.list_number},"index":{status.index}'
    facts = f'{{{place},"expires_at":{signed.draft.ends_at},"categories":[{categories}]}}'
    return Event("issue", signed.issued.ref, None, facts)


def issue_due(
    register: Register,
    settings: Settings,
    signer: Signer,
    *,
    now: datetime,
    actor: str,
    ref: str | None = None,
    renew_within: timedelta = RENEW_WITHIN,
    limit: int | None = None,
) -> Iterator[Issued | NotIssued]:
    """Issue every pass that is due, yielding each once its transaction is kept; arguments as of :class:`Issuing`.

    Raises:
        RegisterError: the database refused, or there is no such resident; batches already kept stay.
    """
    issuing = Issuing(register, settings, signer, now=now, actor=actor, ref=ref, renew_within=renew_within, limit=limit)
    for batch in issuing.batches():
        yield from batch.refused
        yield from batch.issued
