"""Issuing what is due: batches of residents, each batch reviewed, signed, stored and read back in one transaction.

It knows the register and a signer; :mod:`pass_policy` says what a pass contains and when one is due. A pass that the agency
revoked or suspended is never replaced unless that resident is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import ClaimsError, PassDiffers, RegisterError
from socpass_vc.format.keys import Signer
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.index_allocation import take_references
from socpass_vc.issuer.issuance.pass_policy import RENEW_WITHIN, SIGNED, SUPERSEDED, PassAction, PassDraft, PassPolicy, PassRules
from socpass_vc.issuer.issuance.renewal_queue import Candidate, NextReview, RenewalQueue, note_looked
from socpass_vc.issuer.issuance.second_reader import StoredPass, check_pass, chosen
from socpass_vc.issuer.register.bulk_sql import Row, among, insert_rows, is_among, read_rows, update_rows
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, LogHead, append, holds
from socpass_vc.issuer.register.pass_log import add_leaves, newest_pass
from socpass_vc.issuer.register.person import IssuedPass, NotIssued
from socpass_vc.issuer.register.retry import persist
from socpass_vc.issuer.register.schema import credentials

BATCH = 2_000
"""Residents per transaction: enough to make its commit cheap, few enough that nobody waits long."""

_KEPT = ("resident_id", "list_number", "list_index", "issued_at", "expires_at", "content", "token")


class Batch(NamedTuple):
    """The result of a batch, once it is committed.

    Attributes:
        looked_at: how many residents were reviewed.
        issued: passes that were signed and stored.
        refused: passes that are due and cannot be issued.
    """

    looked_at: int
    issued: list[IssuedPass]
    refused: list[NotIssued]


@dataclass(slots=True)
class _Work:
    """A batch before it is stored.

    Attributes:
        candidates: who was reviewed.
        due: who is to be given a pass, and what it will say.
        changed: those among them whose present pass is out of date.
        ended: residents whose last entitlement has ended.
        looked: when residents are to be reviewed next.
        refused: passes that are due and cannot be issued.
        issued: passes that were signed.
        rows: of the table of passes, one for each of these.
        events: for the event log.
    """

    candidates: Sequence[Candidate]
    due: list[tuple[Candidate, PassDraft]] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    looked: list[NextReview] = field(default_factory=list)
    refused: list[NotIssued] = field(default_factory=list)
    issued: list[IssuedPass] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueOrder:
    """What to issue, and in whose name; it can be pickled, so that several processes carry it out.

    Attributes:
        settings: the agency's.
        signer: its key for passes, in memory, or a description that opens the token in the process that signs.
        now: the time, aware; fractions of a second are dropped.
        actor: who issues.
        ref: of the only resident to issue for, due or not; None for everybody who is due.
        renew_within: how long before its end a pass is due again.
        limit: issue no more passes than this.
        verify_all: read every pass back before its batch is committed, not one in 100.
    """

    settings: AgencySettings
    signer: Signer
    now: datetime
    actor: str
    ref: str | None = None
    renew_within: timedelta = RENEW_WITHIN
    limit: int | None = None
    verify_all: bool = False


class Issuing:
    """One process's run of issuing what is due.

    Args:
        register: open.
        order: what to issue.
    """

    def __init__(self, register: Register, order: IssueOrder) -> None:
        self._register = register
        self._order = order
        self._policy = PassPolicy(PassRules.of(order.settings, renew_within=order.renew_within), order.now)
        self._left = order.limit
        self._refused: set[str] = set()
        self._unconfirmed: tuple[Batch, LogHead] | None = None
        self._queue = RenewalQueue(
            now=self._policy.seconds,
            ends_before=int((order.now + order.renew_within).timestamp()),
            ref=order.ref,
            shared=register.shared,
        )

    def batches(self) -> Iterator[Batch]:
        """Issue, yielding each batch once it is committed.

        If the register is shared and its database goes away, the batch is retried a bounded number of times.

        Raises:
            RegisterUnreachable: the database went away and did not come back.
            RegisterError: the database refused, or there is no such resident; batches already committed stay.
        """
        found_any = False
        while self._left is None or self._left > 0:
            batch = self._carry_on(BATCH if self._left is None else min(BATCH, self._left))
            if not batch.looked_at:
                break
            found_any = True
            self._refused.update(refusal.ref for refusal in batch.refused)  # they stay in the queue, and are reported once
            if self._left is not None:
                self._left -= len(batch.issued)
            yield batch
            self._register.give_way()
        ref = self._order.ref
        if ref is not None and not found_any and self._left != 0:
            raise RegisterError("register.no_such_resident", ref=ref).at(self._register.name)

    def _carry_on(self, count: int) -> Batch:
        """Issue a batch once, however often the database goes away meanwhile."""
        position = self._queue.position

        def once() -> Batch:
            kept = self._kept_already()
            if kept is not None:
                return kept
            self._queue.position = position
            return self._issue_batch(count)

        return persist(once)

    def _kept_already(self) -> Batch | None:
        """Return the batch whose commit was never confirmed, if it was committed: a server may fail in between."""
        if self._unconfirmed is None:
            return None
        batch, mark = self._unconfirmed
        with self._register.snapshot() as connection:
            kept = holds(connection, mark)
        self._unconfirmed = None
        return batch if kept else None

    def _issue_batch(self, count: int) -> Batch:
        with self._register.transaction() as connection:
            work = self._review(self._queue.take(connection, count))
            before = newest_pass(connection)
            if work.due:
                self._sign(connection, work)
            outdated = self._outdated(connection, work)
            insert_rows(connection, credentials, _KEPT, work.rows)
            self._read_back(connection, work)
            if outdated:
                work.events += _supersede(connection, outdated, work)
            note_looked(connection, work.looked)
            mark = append(connection, work.events, at=self._policy.now, actor=self._order.actor)
            if mark is not None and work.issued:
                tokens, until = [issued.token for issued in work.issued], newest_pass(connection)
                add_leaves(connection, tokens, after_pass=before, until_pass=until, last_event=mark.number)
            batch = Batch(len(work.candidates), work.issued, work.refused)
            self._unconfirmed = None if mark is None else (batch, mark)
        self._unconfirmed = None
        return batch

    def _review(self, candidates: Sequence[Candidate]) -> _Work:
        """Decide for each of *candidates* whether a pass is due, and when to review them next."""
        work = _Work(candidates)
        draft_of, judge, named = self._policy.draft, self._policy.judge, self._order.ref is not None
        for candidate in candidates:
            resident, _, person = candidate
            try:
                draft = draft_of(person)
            except ClaimsError as error:
                if person.ref not in self._refused:
                    work.refused.append(NotIssued(ref=person.ref, why=error))
                continue  # who stays in the queue until this is mended
            verdict = judge(person.held, draft, named=named)
            if verdict in SIGNED:
                work.due.append((candidate, draft))
                if verdict is PassAction.CHANGED:
                    work.changed.append(resident)
                ends_at: int | None = draft.ends_at
            else:
                ends_at = self._go_on(candidate, verdict, work)
            work.looked.append(NextReview(draft.look_at, ends_at, resident))
        return work

    def _sign(self, connection: Connection, work: _Work) -> None:
        """Give each pass that is due a status reference, and sign it."""
        references = take_references(self._register, connection, len(work.due), entries=self._order.settings.list_entries)
        sign, signer, now = self._policy.sign, self._order.signer, self._policy.seconds
        for (candidate, draft), status in zip(work.due, references, strict=True):
            ref = candidate.person.ref
            issued = sign(ref, draft, status, signer)
            work.issued.append(issued)
            number, index = status.list_number, status.index
            work.rows.append((candidate.id, number, index, now, draft.ends_at, draft.digest, issued.token))
            # JSON put together as text: it is numbers alone, for millions of passes per night.
            categories = _json_array(draft.categories)
            facts = f'{{"list":{number},"index":{index},"expires_at":{draft.ends_at},"categories":{categories}}}'
            work.events.append(Event("issue", ref, None, facts))

    def _read_back(self, connection: Connection, work: _Work) -> None:
        """Let the second reader compare some passes of the batch, or all, with their rows as the database has them now."""
        positions = range(len(work.issued)) if self._order.verify_all else chosen(issued.token for issued in work.issued)
        people = {candidate.id: candidate.person for candidate, _ in (work.due[position] for position in positions)}
        if not people:
            return
        settings = self._order.settings
        rows = read_rows(connection, _issued_to(connection.dialect.name), among(connection, list(people)))
        newest = {resident: StoredPass(people[resident].ref, *row) for resident, *row in rows}
        for missing in people.keys() - newest.keys():
            raise PassDiffers("issued_pass_differs", ref=people[missing].ref, field="resident_id")
        try:
            for resident, stored in newest.items():
                check_pass(stored, people[resident], zone=settings.zone, numbers=(settings.document_numbers,))
        except PassDiffers as error:
            raise PassDiffers("issued_pass_differs", **error.facts) from error

    def _go_on(self, candidate: Candidate, verdict: PassAction, work: _Work) -> int | None:
        """Record what happens to a pass that gets no successor; return when to review it for its end."""
        held = candidate.person.held
        if held is None:
            return None
        if verdict is PassAction.ENDED:
            work.ended.append(candidate.id)
            return None
        if verdict is PassAction.ENDING and candidate.ends_at is not None:
            facts: dict[str, object] = {"list": held.list_number, "index": held.list_index, "expires_at": held.expires_at}
            work.events.append(Event("expiring", candidate.person.ref, None, facts))
            return None
        if held.status == Status.INVALID or held.expires_at <= self._policy.seconds:
            return None
        return candidate.ends_at  # None once the event "expiring" was written: it is written once

    def _outdated(self, connection: Connection, work: _Work) -> Sequence[sql.Row[tuple[int, ...]]]:
        """Return the passes that are out of date: their holders get new ones, or have no entitlement left."""
        theirs = work.changed + work.ended
        if not theirs:
            return ()
        query = sql.select(*(credentials.c[name] for name in ("id", "resident_id", "list_number", "list_index")))
        live = (credentials.c.status != int(Status.INVALID)) & (credentials.c.expires_at > self._policy.seconds)
        query = (
            query.where(live, is_among(connection.dialect.name, credentials.c.resident_id))
            .order_by(credentials.c.id)
            .with_for_update()
        )
        return connection.execute(query, among(connection, theirs)).all()


@cache
def _issued_to(dialect: str) -> sql.Select[tuple[Any, ...]]:
    columns = [credentials.c[name] for name in ("resident_id", *StoredPass._fields[1:])]
    return sql.select(*columns).where(is_among(dialect, credentials.c.resident_id)).order_by(credentials.c.id)


def _supersede(connection: Connection, outdated: Sequence[sql.Row[tuple[int, ...]]], work: _Work) -> list[Event]:
    """Revoke *outdated* passes, each naming its successor if there is one; return the events."""
    newest = sql.select(credentials.c.resident_id, sql.func.max(credentials.c.id)).group_by(credentials.c.resident_id)
    newest = newest.where(is_among(connection.dialect.name, credentials.c.resident_id))
    successors: dict[int, int] = dict(read_rows(connection, newest, among(connection, work.changed)))
    values = [(int(Status.INVALID), SUPERSEDED, successors.get(row.resident_id), row.id) for row in outdated]
    update_rows(connection, credentials, ("status", "reason", "superseded_by"), values)
    refs = {entry.id: entry.person.ref for entry in work.candidates}
    return [
        Event("supersede", refs[row.resident_id], None, f'{{"list":{row.list_number},"index":{row.list_index}}}')
        for row in outdated
    ]


@lru_cache(maxsize=65_536)  # thousands have the same categories
def _json_array(categories: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, categories))}]"


def issue_due(register: Register, order: IssueOrder) -> Iterator[IssuedPass | NotIssued]:
    """Issue every pass that is due, yielding each once it is committed.

    Args:
        register: open.
        order: what to issue.

    Raises:
        RegisterError: the database refused, or there is no such resident; batches already committed stay.
    """
    for batch in Issuing(register, order).batches():
        yield from batch.refused
        yield from batch.issued
