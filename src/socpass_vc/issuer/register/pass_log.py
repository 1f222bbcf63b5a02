"""The log of passes in the register: a leaf per pass, written with it, and the blocks of which heads speak (specs/log.md).

It knows tables, salts and which leaves a block has; hash trees are :mod:`log_block`'s, and heads are signed elsewhere. A batch of
passes is one row of leaves, in the order of their events: nothing is sorted, counted or locked that was not before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import shake_256
from secrets import token_bytes
from typing import Any, NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import RegisterError
from socpass_vc.format.transparency.log_block import KEY_BYTES, MAX_PASSES, SALT_BYTES, LogBlock, pass_leaf
from socpass_vc.format.transparency.merkle import HASH_BYTES
from socpass_vc.issuer.register.event_log import read_head
from socpass_vc.issuer.register.schema import credentials, events, log_blocks, log_leaves

_READ_AT_ONCE = 25  # rows of up to 2,000 leaves: 1.6 MB


@dataclass(frozen=True)
class LeafRow:
    """The leaves of a batch of passes.

    Attributes:
        last_event: the last event of the transaction that issued them.
        key: 32 secret bytes, from which their salts follow.
        leaves: their hashes, in the order of their events.
    """

    last_event: int
    key: bytes
    leaves: list[bytes]

    @cached_property
    def salts(self) -> list[bytes]:
        """What hides each leaf."""
        return _salts(self.key, len(self.leaves))

    def has(self, token: bytes, position: int) -> bool:
        """Tell whether the leaf at *position* is that of the pass *token*."""
        return pass_leaf(self.salts[position], token) == self.leaves[position]


class SealedBlock(NamedTuple):
    """A block that a head may speak of: all leaves of events up to *last_event* that no block before it has."""

    number: int
    last_event: int
    key: bytes
    root: bytes

    def build(self, digest: bytes, leaves: Sequence[bytes]) -> LogBlock:
        """Return its tree.

        Args:
            digest: of the event chain at its last event.
            leaves: of its passes.
        """
        return LogBlock(self.key, number=self.last_event, digest=digest, leaves=leaves)


def newest_pass(connection: Connection) -> int:
    """Return the highest number of a pass that this transaction sees; passes that it inserts next have higher ones."""
    return int(connection.scalar(sql.select(sql.func.max(credentials.c.id))) or 0)


def add_leaves(connection: Connection, tokens: Sequence[bytes], *, after_pass: int, until_pass: int, last_event: int) -> None:
    """Add the leaves of a batch, within the transaction that issues it and after its events are appended.

    Args:
        connection: of the transaction.
        tokens: of its passes, in the order of their events; few enough for a block.
        after_pass: the newest pass before they were inserted.
        until_pass: the newest one since.
        last_event: the last of its events.
    """
    key = token_bytes(KEY_BYTES)
    leaves = b"".join(map(pass_leaf, _salts(key, len(tokens)), tokens))
    values = {"last_event": last_event, "after_pass": after_pass, "until_pass": until_pass, "key": key, "leaves": leaves}
    connection.execute(log_leaves.insert().values(values))


def seal(connection: Connection) -> None:
    """Put all leaves that no block has into new blocks, the last of which holds the newest event; nothing if there is none.

    Only one process may do this at a time.
    """
    sealed = read_blocks(connection)
    number, since = len(sealed), sealed[-1].last_event if sealed else 0
    head = read_head(connection)
    if head.number == since:
        return
    pending: list[bytes] = []
    for row in read_leaves(connection, since, until=head.number):
        if len(pending) + len(row.leaves) > MAX_PASSES:
            _seal(connection, number, since, pending)
            number, pending = number + 1, []
        pending += row.leaves
        since = row.last_event
    _seal(connection, number, head.number, pending)


def _seal(connection: Connection, number: int, last_event: int, leaves: Sequence[bytes]) -> None:
    block = SealedBlock(number, last_event, token_bytes(KEY_BYTES), b"")
    root = block.build(_digest_at(connection, last_event), leaves).root
    connection.execute(log_blocks.insert().values(block._replace(root=root)._asdict()))


def read_blocks(connection: Connection) -> list[SealedBlock]:
    """Return all blocks, in their order."""
    query = sql.select(*(log_blocks.c[name] for name in SealedBlock._fields)).order_by(log_blocks.c.number)
    return [SealedBlock(row[0], row[1], bytes(row[2]), bytes(row[3])) for row in connection.execute(query)]


def read_leaves(connection: Connection, since: int = 0, *, until: int | None = None) -> Iterator[LeafRow]:
    """Yield the batches whose events come after number *since*, up to *until*, in their order."""
    query = _ROWS.order_by(log_leaves.c.last_event).limit(_READ_AT_ONCE)
    if until is not None:
        query = query.where(log_leaves.c.last_event <= until)
    while rows := connection.execute(query.where(log_leaves.c.last_event > since)).all():
        yield from map(_leaf_row, rows)
        since = rows[-1].last_event


class LoggedPass(NamedTuple):
    """Where a pass is in the log.

    Attributes:
        salt: of its leaf.
        block: the number of its block.
        place: in the block.
        path: the hashes that lead from its leaf to the block's root.
    """

    salt: bytes
    block: int
    place: int
    path: list[bytes]


def find_pass(connection: Connection, number: int, token: bytes, blocks: Sequence[SealedBlock]) -> LoggedPass | None:
    """Return where a pass is in the log; None if no block of *blocks* has it yet.

    Args:
        connection: to the register.
        number: of the pass in the register.
        token: its signed bytes.
        blocks: from the first on.

    Raises:
        RegisterError: the register does not lead to the block's root, so that no proof can be made.
    """
    around = (log_leaves.c.after_pass < number) & (log_leaves.c.until_pass >= number)
    for row in map(_leaf_row, connection.execute(_ROWS.where(around)).all()):
        position = next((at for at in range(len(row.leaves)) if row.has(token, at)), None)
        block = next((block for block in blocks if block.last_event >= row.last_event), None)
        if position is None or block is None:
            continue
        since = blocks[block.number - 1].last_event if block.number else 0
        leaves = [leaf for each in read_leaves(connection, since, until=block.last_event) for leaf in each.leaves]
        built = block.build(_digest_at(connection, block.last_event), leaves)
        placed = built.path_of(row.leaves[position])
        if placed is None or built.root != block.root:
            raise RegisterError("log.block_changed", block=block.number)
        return LoggedPass(row.salts[position], block.number, *placed)
    return None


_ROWS = sql.select(log_leaves.c.last_event, log_leaves.c.key, log_leaves.c.leaves)


def _leaf_row(row: Any) -> LeafRow:
    leaves = bytes(row.leaves)
    hashes = [leaves[at : at + HASH_BYTES] for at in range(0, len(leaves), HASH_BYTES)]
    return LeafRow(row.last_event, bytes(row.key), hashes)


def _salts(key: bytes, count: int) -> list[bytes]:
    """Return the salts of a batch: SHAKE-256 of its key, in pieces."""
    stream = shake_256(key).digest(count * SALT_BYTES)
    return [stream[at : at + SALT_BYTES] for at in range(0, len(stream), SALT_BYTES)]


def _digest_at(connection: Connection, event: int) -> bytes:
    return bytes(connection.execute(sql.select(events.c.digest).where(events.c.id == event)).scalar_one())
