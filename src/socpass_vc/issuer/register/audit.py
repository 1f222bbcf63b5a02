"""An inspection of the register: its event log is whole, and its passes are what the log says of them.

It knows the log and the passes, not which passes should have been issued. An insider who rewrites both database and log is found
out only by a mark of the log that was noted elsewhere.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.errors import LogRewritten, RegisterContradictsLog
from socpass_vc.format.status.status_list import Status
from socpass_vc.format.transparency.checkpoint import Checkpoint
from socpass_vc.format.transparency.merkle import root_of
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import LogHead, RecordedEvent, read_checked, read_head
from socpass_vc.issuer.register.pass_log import LeafRow, read_blocks, read_leaves
from socpass_vc.issuer.register.schema import credentials, residents, status_lists
from socpass_vc.messages import Message

Kind = TypeVar("Kind")

_READ_AT_ONCE = 10_000

# What the log has said so far of an index of a status list, one byte each.
_NOTHING, _VALID, _SUSPENDED, _REVOKED, _SEEN = range(5)
_WORDS = {_NOTHING: "not_issued", _VALID: "valid", _SUSPENDED: "suspended", _REVOKED: "revoked"}
_STATES = {Status.VALID: _VALID, Status.SUSPENDED: _SUSPENDED, Status.INVALID: _REVOKED}
# From which states an act leads to which; a revocation is final (specs/credential.md, section 6).
_MOVES = {
    "issue": ((_NOTHING,), _VALID),
    "suspend": ((_VALID,), _SUSPENDED),
    "reinstate": ((_SUSPENDED,), _VALID),
    "revoke": ((_VALID, _SUSPENDED), _REVOKED),
    "supersede": ((_VALID, _SUSPENDED), _REVOKED),
}
_CHECK_WORD = 2**32 - 1
_NO_LEAF = 0  # what is known of a pass that no event issued by name
_POSITION_BITS = 16  # of a leaf in its batch
_POSITIONS = 2**_POSITION_BITS - 1
_ROWS_AT_HAND = 64  # batches whose leaves are kept while passes are compared, which come nearly in their order


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What an audit looked at and found right.

    Attributes:
        head: the log's last event, to be noted elsewhere.
        passes: how many there are.
        unnamed: how many of them were issued before events named passes; the log cannot vouch for those.
    """

    head: LogHead
    passes: int
    unnamed: int


def count_steps(register: Register) -> int:
    """Return how many events and passes an audit will look at."""
    with register.snapshot() as connection:
        passes = connection.scalar(sql.select(sql.func.count()).select_from(credentials))
        return read_head(connection).number + int(passes or 0)


def audit_register(
    register: Register,
    *,
    noted: LogHead | None = None,
    heads: Sequence[Checkpoint] = (),
    looked_at: Callable[[int], None] = lambda _: None,
) -> Audit:
    """Check the log from its beginning, then every pass against it.

    One event issued each pass to the resident who has it now, later events led to its status, every pass that an event issued
    is there, and its leaf in the log of passes is that of its signed bytes.

    Args:
        register: open.
        noted: an event that the log held once.
        heads: of the log of passes, published at any time; who signed them was checked.
        looked_at: receives the number of events and passes looked at, batch by batch.

    Raises:
        EventLogBroken: the log is not what was recorded; the first wrong event is named.
        RegisterContradictsLog: the first contradiction is named.
        LogRewritten: a head speaks of other passes or events than the register holds.
    """
    with register.snapshot() as connection:
        entries = {row.number: row.entries for row in connection.execute(sql.select(status_lists))}
        leaves = _Leaves(connection)
        ledger = _Ledger(entries, leaves)
        for event in _reporting(read_checked(connection, noted=noted), looked_at):
            ledger.take(event)
            leaves.end(event)
        leaves.finish(heads)
        passes = 0
        for row in _reporting(_read_passes(connection), looked_at):
            ledger.compare(row)
            passes += 1
        ledger.finish()
        return Audit(head=read_head(connection), passes=passes, unnamed=ledger.unnamed)


def _reporting(found: Iterator[Kind], looked_at: Callable[[int], None]) -> Iterator[Kind]:
    """Yield what is *found*, and report from time to time how much it was."""
    count = 0
    for thing in found:
        yield thing
        count += 1
        if count == _READ_AT_ONCE:
            looked_at(count)
            count = 0
    looked_at(count)


def _read_passes(connection: Connection) -> Iterator[RowMapping]:
    columns = [credentials.c[name] for name in ("id", "list_number", "list_index", "status", "issued_at", "token")]
    # All of the table is read, even what no program of ours would have put there: an id below 1, nobody's pass.
    query = sql.select(*columns, residents.c.ref).outerjoin(residents, residents.c.id == credentials.c.resident_id)
    query = query.order_by(credentials.c.id).limit(_READ_AT_ONCE)
    batch = connection.execute(query).mappings().all()
    while batch:
        yield from batch
        batch = connection.execute(query.where(credentials.c.id > batch[-1]["id"])).mappings().all()


class _Leaves:
    """The leaves of the log of passes, one for each event that issues a pass, and the blocks that they make.

    Args:
        connection: to the register.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._blocks = read_blocks(connection)
        self._rest = ((row.last_event, at, leaf) for row in read_leaves(connection) for at, leaf in enumerate(row.leaves))
        self._of_block: list[bytes] = []
        self._checked = 0
        self._row_of = lru_cache(maxsize=_ROWS_AT_HAND)(self._read_row)

    def take(self, event: RecordedEvent) -> int:
        """Return a mark of the leaf of the pass that *event* issued, never 0."""
        last_event, position, leaf = next(self._rest, (0, 0, b""))
        if last_event < event.id:
            raise RegisterContradictsLog("audit.leaf_missing", event=event.id)
        if self._checked < len(self._blocks):
            self._of_block.append(leaf)
        return last_event << _POSITION_BITS | position

    def is_of(self, mark: int, token: object) -> bool:
        """Tell whether the leaf with that mark is of the pass *token*, which in a database may be anything."""
        row: LeafRow = self._row_of(mark >> _POSITION_BITS)
        return isinstance(token, bytes) and row.has(token, mark & _POSITIONS)

    def _read_row(self, last_event: int) -> LeafRow:
        return next(read_leaves(self._connection, last_event - 1))

    def end(self, event: RecordedEvent) -> None:
        """Check the block that ends with *event*, if one does."""
        if self._checked == len(self._blocks) or self._blocks[self._checked].last_event != event.id:
            return
        block = self._blocks[self._checked]
        if block.number != self._checked or block.build(event.digest, self._of_block).root != block.root:
            raise LogRewritten("log.block_changed", block=self._checked)
        self._of_block.clear()
        self._checked += 1

    def finish(self, heads: Sequence[Checkpoint]) -> None:
        """Check that nothing is left over, and each of *heads*."""
        if next(self._rest, None) is not None:
            raise RegisterContradictsLog("audit.leaf_surplus")
        if self._checked < len(self._blocks):
            raise LogRewritten("log.block_changed", block=self._checked)
        roots = [block.root for block in self._blocks]
        for head in heads:
            if head.blocks > len(roots) or root_of(roots[: head.blocks]) != head.root:
                raise LogRewritten("log.register_differs", origin=head.origin, size=head.size)


class _Ledger:
    """What the log says of each index of the status lists: thirteen bytes per index, however many events there are.

    Args:
        entries: the length of each list.
        leaves: of the log of passes.

    Attributes:
        unnamed: passes compared so far that were issued before events named passes.
    """

    def __init__(self, entries: Mapping[int, int], leaves: _Leaves) -> None:
        self._leaves = leaves
        self._states = {number: bytearray(length) for number, length in entries.items()}
        # hash() has another key in each process, so nobody can choose references that agree in it.
        self._owners = {number: array("I", [0]) * length for number, length in entries.items()}
        self._marks = {number: array("Q", [_NO_LEAF]) * length for number, length in entries.items()}
        self._open = 0  # indexes of which the log speaks and whose pass was not seen yet
        self._any_named = False
        self._unnamed_until: int | None = None
        self.unnamed = 0

    def take(self, event: RecordedEvent) -> None:
        """Note what an event says of a pass."""
        if event.act not in _MOVES:
            return
        reference = _reference(event)
        if reference is None:
            if self._any_named:
                raise RegisterContradictsLog("audit.event_names_no_pass", event=event.id, act=event.act)
            self._unnamed_until = event.at
            return
        self._any_named = True
        number, index = reference
        if not 0 <= index < len(self._states.get(number, b"")):
            raise RegisterContradictsLog("audit.no_such_index", event=event.id, act=event.act, list=number, index=index)
        sources, target = _MOVES[event.act]
        state = self._states[number][index]
        owner = hash(event.ref) & _CHECK_WORD
        from_before = state == _NOTHING and event.act != "issue" and self._unnamed_until is not None
        if state not in sources and not from_before:
            facts = {"event": event.id, "act": event.act, "list": number, "index": index}
            if event.act == "issue":
                raise RegisterContradictsLog("audit.issued_twice", **facts)
            raise RegisterContradictsLog("audit.wrong_state", state=_state(state), **facts)
        if state == _NOTHING:
            self._open += 1
            self._owners[number][index] = owner
        elif self._owners[number][index] != owner:
            facts = {"event": event.id, "act": event.act, "list": number, "index": index}
            raise RegisterContradictsLog("audit.event_of_another", ref=event.ref, **facts)
        if event.act == "issue":
            self._marks[number][index] = self._leaves.take(event)
        self._states[number][index] = target

    def compare(self, row: RowMapping) -> None:
        """Check one pass against what was noted."""
        number, index = row["list_number"], row["list_index"]
        whose = {"list": number, "index": index, "ref": row["ref"]}
        states = self._states.get(number, bytearray())
        state = states[index] if 0 <= index < len(states) else _NOTHING
        if state == _SEEN:
            raise RegisterContradictsLog("audit.index_twice", **whose)
        if state == _NOTHING:
            if self._unnamed_until is None or row["issued_at"] > self._unnamed_until or index >= len(states):
                raise RegisterContradictsLog("audit.not_issued", **whose)
            self.unnamed += 1
        else:
            self._open -= 1
            if self._owners[number][index] != hash(row["ref"]) & _CHECK_WORD:
                raise RegisterContradictsLog("audit.pass_of_another", **whose)
            mark = self._marks[number][index]
            if mark != _NO_LEAF and not self._leaves.is_of(mark, row["token"]):
                raise RegisterContradictsLog("audit.other_leaf", **whose)
            if _STATES.get(row["status"]) != state:
                known = _STATES.get(row["status"])
                have = Message("audit.unknown_status", status=row["status"]) if known is None else _state(known)
                raise RegisterContradictsLog("audit.other_status", registered=have, logged=_state(state), **whose)
        states[index] = _SEEN

    def finish(self) -> None:
        """Check that no pass is missing of which the log speaks."""
        if not self._open:
            return
        for number, states in sorted(self._states.items()):
            for index, state in enumerate(states):
                if state not in {_NOTHING, _SEEN}:
                    raise RegisterContradictsLog("audit.pass_missing", list=number, index=index)


def _state(state: int) -> Message:
    return Message(f"pass_status.{_WORDS[state]}")


def _reference(event: RecordedEvent) -> tuple[int, int] | None:
    """Return the list and index that an event names, if it does."""
    try:
        facts = json.loads(event.facts or "{}")
    except (ValueError, RecursionError) as error:
        raise RegisterContradictsLog("audit.facts_not_json", event=event.id) from error
    match facts:
        case {"list": int(number), "index": int(index)}:
            return number, index
        case _:
            return None
