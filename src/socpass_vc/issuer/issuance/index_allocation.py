"""Status-list indexes: reserved in blocks, each allocated once, in the order of a keyed permutation.

It knows lists and counters (specs/status-list.md, section 3). Whoever reserved an index decides whose it becomes; one that is not
used is lost, and none is ever allocated twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from secrets import token_bytes

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.fast_dataclass import maker
from socpass_vc.issuer.issuance.index_permutation import KEY_BYTES, permutation
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.schema import status_lists

_make_reference = maker(StatusReference)
_NEWEST = (
    sql.select(*(status_lists.c[name] for name in ("number", "entries", "used", "permutation_key")))
    .order_by(status_lists.c.number.desc())
    .limit(1)
    # FOR NO KEY UPDATE: passes that another worker has stored but not committed hold the key; we would wait for its commit.
    .with_for_update(key_share=True)
)
_USE = (
    status_lists.update()
    .where(status_lists.c.number == sql.bindparam("list"))
    .values(used=status_lists.c.used + sql.bindparam("taken"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexBlock:
    """Indexes of one list that belong to whoever holds this; iterating yields them as references.

    Attributes:
        list_number: of the list.
        entries: its length.
        first: the counter of the first index.
        count: how many there are.
        key: of the list's permutation; secret.
    """

    list_number: int
    entries: int
    first: int
    count: int
    key: bytes

    def __iter__(self) -> Iterator[StatusReference]:
        index = permutation(entries=self.entries, key=self.key).index
        for counter in range(self.first, self.first + self.count):
            yield _make_reference(list_number=self.list_number, index=index(counter))

    def split(self, count: int) -> tuple[IndexBlock, IndexBlock]:
        """Return a block of the first *count* indexes and one of the rest, for two who work side by side."""
        first = min(count, self.count)
        return replace(self, count=first), replace(self, first=self.first + first, count=self.count - first)


def take_references(register: Register, connection: Connection, count: int, *, entries: int) -> Iterator[StatusReference]:
    """Return *count* references that nobody else has.

    Where transactions run side by side, they are reserved in a short transaction of their own, so that nobody waits for another's
    batch to end; a process that dies loses what it had reserved. In a file, where one transaction runs at a time, they are
    reserved within the batch's.

    Args:
        register: open.
        connection: of the batch's transaction.
        count: how many.
        entries: the length of a list that has to be opened.

    Raises:
        RegisterError: the database refused.
    """
    if register.shared:
        with register.transaction() as own:
            blocks = reserve(own, count, entries=entries)
    else:
        blocks = reserve(connection, count, entries=entries)
    return chain.from_iterable(blocks)


def reserve(connection: Connection, count: int, *, entries: int) -> list[IndexBlock]:
    """Reserve *count* indexes within the caller's transaction, in as many lists as it takes; a new list opens when one is full.

    Args:
        connection: of the transaction; the newest list is locked until it ends.
        count: how many.
        entries: the length of a new list.
    """
    blocks: list[IndexBlock] = []
    while count:
        newest = _newest(connection, entries)
        taken = min(count, newest["entries"] - newest["used"])
        number = newest["number"]
        connection.execute(_USE, {"list": number, "taken": taken})
        blocks.append(
            IndexBlock(
                list_number=number,
                entries=newest["entries"],
                first=newest["used"],
                count=taken,
                key=bytes(newest["permutation_key"]),
            )
        )
        count -= taken
    return blocks


def _newest(connection: Connection, entries: int) -> RowMapping:
    """Return the newest list, locked, with room in it."""
    row = connection.execute(_NEWEST).mappings().first()
    while row is None or row["used"] >= row["entries"]:
        # Whoever held the lock before us may have opened the next list already; then this inserts nothing.
        _open(connection, 0 if row is None else row["number"] + 1, entries)
        row = connection.execute(_NEWEST).mappings().first()
    return row


def _open(connection: Connection, number: int, entries: int) -> None:
    values = {"number": number, "entries": entries, "used": 0, "permutation_key": token_bytes(KEY_BYTES)}
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(status_lists).values(values).on_conflict_do_nothing())
