"""Revoking, suspending and reinstating passes; the reason stays in the register.

It knows the register. A till learns of a change from the next status list that is published.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import RegisterError
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append
from socpass_vc.issuer.register.schema import credentials, residents

MAX_NOTE_CHARACTERS = 1_000


class StatusAction(StrEnum):
    """What may be done to passes."""

    REVOKE = "revoke"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


class RevocationReason(StrEnum):
    """Why a pass is revoked, suspended or reinstated, as a code that can be counted; it is never published."""

    LOST = "lost"
    STOLEN = "stolen"
    FOUND = "found"
    MOVED = "moved"
    DECEASED = "deceased"
    ENDED = "ended"
    CHECKING = "checking"
    CONFIRMED = "confirmed"
    FRAUD = "fraud"
    ERROR = "error"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationOrder:
    """An order to change the status of one resident's passes, or of one pass.

    Attributes:
        who: the agency's reference of a resident, or the status list and index of one pass.
        reason: a :class:`RevocationReason`, or the caller's own word.
        note: more about it, or None.
        line: of the order in a file, or None.
    """

    who: str | StatusReference
    reason: str
    note: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOrder:
    """An order that cannot be carried out, and why."""

    order: RevocationOrder
    why: RegisterError


@dataclass(slots=True, kw_only=True)
class RevocationSummary:
    """How many passes changed, and the orders that could not be carried out."""

    passes: int = 0
    refused: list[RefusedOrder] = field(default_factory=list)


# From which states an act leads to which. A revocation is final (specs/credential.md, section 6): a new pass is issued instead.
_MOVES = {
    StatusAction.REVOKE: ((Status.VALID, Status.SUSPENDED), Status.INVALID),
    StatusAction.SUSPEND: ((Status.VALID,), Status.SUSPENDED),
    StatusAction.REINSTATE: ((Status.SUSPENDED,), Status.VALID),
}
_NO_SUCH_PASS = {
    StatusAction.REVOKE: "revocation.no_pass_to_revoke",
    StatusAction.SUSPEND: "revocation.no_pass_to_suspend",
    StatusAction.REINSTATE: "revocation.no_pass_to_reinstate",
}
_PASS = [credentials.c[name] for name in ("id", "status", "resident_id", "list_number", "list_index")]
_IN_ANOTHER_STATE = {
    StatusAction.REVOKE: "revocation.revoked_already",
    StatusAction.SUSPEND: "revocation.not_valid",
    StatusAction.REINSTATE: "revocation.not_suspended",
}


def change_status(
    register: Register,
    who: str | StatusReference,
    act: StatusAction,
    *,
    reason: str,
    now: datetime,
    actor: str,
    note: str | None = None,
) -> int:
    """Do *act* to the unexpired passes of one resident, or to one pass, and return how many passes changed.

    Args:
        register: open.
        who: the agency's reference of the resident, or the status list and index of one pass.
        act: what to do.
        reason: a :class:`RevocationReason`, or the caller's own word; kept in the register, never published.
        now: the time, aware.
        actor: who acts.
        note: more about the reason, for the event log.

    Raises:
        RegisterError: there is no such resident or pass, or none in a state for it.
    """
    done = carry_out(register, [RevocationOrder(who=who, reason=reason, note=note)], act, now=now, actor=actor)
    for refusal in done.refused:
        raise refusal.why.at(register.name)
    return done.passes


def carry_out(
    register: Register,
    orders: Sequence[RevocationOrder],
    act: StatusAction,
    *,
    now: datetime,
    actor: str,
    skip_refused: bool = False,
    looked_at: Callable[[int], None] = lambda _: None,
) -> RevocationSummary:
    """Do *act* to the passes that the *orders* name: all of them, or none.

    Args:
        register: open.
        orders: in any sequence.
        act: what to do.
        now: the time, aware.
        actor: who acts.
        skip_refused: carry out the others although some cannot be.
        looked_at: called after each order that was looked at.

    Returns:
        What changed. If an order cannot be carried out and *skip_refused* is not set, nothing did.

    Raises:
        RegisterError: the database refused; nothing changed.
    """
    sources, target = _MOVES[act]
    changed = RevocationSummary()
    moves: dict[int, dict[str, object]] = {}
    events = []
    holders: list[dict[str, int]] = []
    with register.transaction() as connection:
        for order in orders:
            looked_at(1)
            held = _passes_of(connection, order.who, now)
            theirs = [row for row in held if row.status in sources and row.id not in moves]
            if not theirs:
                changed.refused.append(RefusedOrder(order=order, why=_why_not(connection, order.who, act, known=bool(held))))
                continue
            for row in theirs:
                moves[row.id] = {"this": row.id, "status": int(target), "reason": order.reason}
                reason = order.reason if order.note is None else f"{order.reason}: {order.note}"
                holders.append({"holder": row.resident_id})
                events.append(Event(act, row.ref, reason, {"list": row.list_number, "index": row.list_index}))
        if changed.refused and not skip_refused:
            return changed
        if moves:
            connection.execute(
                credentials.update().where(credentials.c.id == sql.bindparam("this")), [moves[number] for number in sorted(moves)]
            )
            if act is StatusAction.REINSTATE:  # what the register says of them may have changed meanwhile
                connection.execute(
                    residents.update().where(residents.c.id == sql.bindparam("holder")).values(check_at=0), holders
                )
            append(connection, events, at=now, actor=actor)
    changed.passes = len(moves)
    return changed


def _passes_of(connection: Connection, who: str | StatusReference, now: datetime) -> Sequence[Any]:
    """Return the unexpired passes of a resident, or the one of this list and index."""
    if isinstance(who, StatusReference):
        theirs = sql.and_(credentials.c.list_number == who.list_number, credentials.c.list_index == who.index)
    else:
        theirs = sql.and_(residents.c.ref == who)
    query = (
        sql.select(*_PASS, residents.c.ref)
        .join(residents, residents.c.id == credentials.c.resident_id)
        .where(theirs, credentials.c.expires_at > int(now.timestamp()))
        .order_by(credentials.c.id)
        .with_for_update(of=credentials)
    )
    return connection.execute(query).all()


def _why_not(connection: Connection, who: str | StatusReference, act: StatusAction, *, known: bool) -> RegisterError:
    if isinstance(who, StatusReference):
        reason = _IN_ANOTHER_STATE[act] if known else "revocation.no_such_pass"
        return RegisterError(reason, list=who.list_number, index=who.index)
    if not known and connection.scalar(sql.select(residents.c.id).where(residents.c.ref == who)) is None:
        return RegisterError("register.no_such_resident", ref=who)
    return RegisterError(_NO_SUCH_PASS[act], ref=who)
