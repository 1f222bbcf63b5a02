"""An inspection of the register: its event log is whole, and its passes are what the log says of them.

It knows the log and the passes, not what passes should have been issued. An insider who writes the database and the log alike is
shown by a mark of the log that was noted elsewhere, and by nothing in here.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.errors import RegisterContradictsLog
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import LogHead, RecordedEvent, read_checked, read_head
from socpass_vc.issuer.register.schema import credentials, residents, status_lists

Kind = TypeVar("Kind")

_READ_AT_ONCE = 10_000

# What the log has said of a place so far, one byte each.
_NOTHING, _VALID, _SUSPENDED, _REVOKED, _SEEN = range(5)
_WORDS = {_VALID: "valid", _SUSPENDED: "suspended", _REVOKED: "revoked"}
_STATES = {Status.VALID: _VALID, Status.SUSPENDED: _SUSPENDED, Status.INVALID: _REVOKED}
# From which states an act leads, and to which; a revocation is final (specs/credential.md, section 6).
_MOVES = {
    "issue": ((_NOTHING,), _VALID),
    "suspend": ((_VALID,), _SUSPENDED),
    "reinstate": ((_SUSPENDED,), _VALID),
    "revoke": ((_VALID, _SUSPENDED), _REVOKED),
    "supersede": ((_VALID, _SUSPENDED), _REVOKED),
}
_CHECK_WORD = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit that found nothing wrong looked at.

    Attributes:
        head: the log's last event, to be noted elsewhere.
        passes: how many there are.
        unnamed: those among them that were issued before events named passes, which the log cannot vouch for.
    """

    head: LogHead
    passes: int
    unnamed: int


def count_steps(register: Register) -> int:
    """Return how many events and passes an audit looks at."""
    with register.snapshot() as connection:
        passes = connection.scalar(sql.select(sql.func.count()).select_from(credentials))
        return read_head(connection).number + int(passes or 0)


def audit_register(
    register: Register, *, noted: LogHead | None = None, looked_at: Callable[[int], None] = lambda _: None
) -> Audit:
    """Check the log from its beginning, then every pass against it.

    Each pass was issued by one event, to the resident who has it now, and its status is the one that later events led to; and
    each event that issued a pass has that pass.

    Args:
        register: open.
        noted: an event that the log held once.
        looked_at: told how many events and passes were looked at, batch by batch.

    Raises:
        EventLogBroken: the log is not what was recorded; the first wrong event is named.
        RegisterContradictsLog: the first contradiction is named.
    """
    with register.snapshot() as connection:
        entries = {row.number: row.entries for row in connection.execute(sql.select(status_lists))}
        ledger = _Ledger(entries)
        for event in _reporting(read_checked(connection, noted=noted), looked_at):
            ledger.take(event)
        passes = 0
        for row in _reporting(_read_passes(connection), looked_at):
            ledger.compare(row)
            passes += 1
        ledger.finish()
        return Audit(head=read_head(connection), passes=passes, unnamed=ledger.unnamed)


def _reporting(found: Iterator[Kind], looked_at: Callable[[int], None]) -> Iterator[Kind]:
    """Yield what is *found*, telling how much it was now and then."""
    count = 0
    for thing in found:
        yield thing
        count += 1
        if count == _READ_AT_ONCE:
            looked_at(count)
            count = 0
    looked_at(count)


def _read_passes(connection: Connection) -> Iterator[RowMapping]:
    columns = [credentials.c[name] for name in ("id", "list_number", "list_index", "status", "issued_at")]
    # Whatever stands in the table is read, even what no program of ours would have put there: an id below 1, nobody's pass.
    query = sql.select(*columns, residents.c.ref).outerjoin(residents, residents.c.id == credentials.c.resident_id)
    query = query.order_by(credentials.c.id).limit(_READ_AT_ONCE)
    batch = connection.execute(query).mappings().all()
    while batch:
        yield from batch
        batch = connection.execute(query.where(credentials.c.id > batch[-1]["id"])).mappings().all()


class _Ledger:
    """What the log says of each place of the status lists; five bytes a place, however many events there are.

    Attributes:
        unnamed: passes compared so far that were issued before events named passes.
    """

    def __init__(self, entries: Mapping[int, int]) -> None:
        self._states = {number: bytearray(length) for number, length in entries.items()}
        # hash() has another key in each process, so nobody can choose references that agree in it.
        self._owners = {number: array("I", [0]) * length for number, length in entries.items()}
        self._open = 0  # places of which the log speaks and whose pass was not seen yet
        self._any_named = False
        self._unnamed_until: int | None = None
        self.unnamed = 0

    def take(self, event: RecordedEvent) -> None:
        """Note what an event says of a pass."""
        if event.act not in _MOVES:
            return
        place = _place(event)
        if place is None:
            if self._any_named:
                raise RegisterContradictsLog(
                    f"event {event.id} ({event.act}) does not name its pass, as events before it do", event=event.id
                )
            self._unnamed_until = event.at
            return
        self._any_named = True
        number, index = place
        if not 0 <= index < len(self._states.get(number, b"")):
            raise RegisterContradictsLog(
                f"event {event.id} ({event.act}) names pass {number}/{index}, and there is no such list, or it is shorter",
                event=event.id,
            )
        sources, target = _MOVES[event.act]
        state = self._states[number][index]
        owner = hash(event.ref) & _CHECK_WORD
        from_before = state == _NOTHING and event.act != "issue" and self._unnamed_until is not None
        if state not in sources and not from_before:
            before = "was issued before" if event.act == "issue" else f"is {_WORDS.get(state, 'not issued')} by then"
            raise RegisterContradictsLog(
                f"event {event.id} is to {event.act} pass {number}/{index}, which {before}", event=event.id
            )
        if state == _NOTHING:
            self._open += 1
            self._owners[number][index] = owner
        elif self._owners[number][index] != owner:
            raise RegisterContradictsLog(
                f"event {event.id} ({event.act}) names {event.ref!r}, to whom pass {number}/{index} was not issued",
                event=event.id,
            )
        self._states[number][index] = target

    def compare(self, row: RowMapping) -> None:
        """Check one pass against what was noted."""
        number, index = row["list_number"], row["list_index"]
        what = f"pass {number}/{index} of {row['ref']!r}"
        states = self._states.get(number, bytearray())
        state = states[index] if 0 <= index < len(states) else _NOTHING
        if state == _SEEN:
            raise RegisterContradictsLog(f"{what}: another pass has the same place")
        if state == _NOTHING:
            if self._unnamed_until is None or row["issued_at"] > self._unnamed_until or index >= len(states):
                raise RegisterContradictsLog(f"{what}: no event issued it")
            self.unnamed += 1
        else:
            self._open -= 1
            if self._owners[number][index] != hash(row["ref"]) & _CHECK_WORD:
                raise RegisterContradictsLog(f"{what}: it was issued to another resident")
            if _STATES.get(row["status"]) != state:
                have = _WORDS.get(_STATES.get(row["status"], _NOTHING), f"of status {row['status']}")
                raise RegisterContradictsLog(f"{what}: it is {have} in the register, and {_WORDS[state]} by the log")
        states[index] = _SEEN

    def finish(self) -> None:
        """Check that no pass is missing of which the log speaks."""
        if not self._open:
            return
        for number, states in sorted(self._states.items()):
            for index, state in enumerate(states):
                if state in _WORDS:
                    raise RegisterContradictsLog(f"pass {number}/{index} was issued by the log, and the register has none")


def _place(event: RecordedEvent) -> tuple[int, int] | None:
    """Return the list and index that an event names, if it does."""
    try:
        facts = json.loads(event.facts or "{}")
    except (ValueError, RecursionError) as error:
        raise RegisterContradictsLog(f"event {event.id}: its facts are not JSON: {error}", event=event.id) from error
    match facts:
        case {"list": int(number), "index": int(index)}:
            return number, index
        case _:
            return None
