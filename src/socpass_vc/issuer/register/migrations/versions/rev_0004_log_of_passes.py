"""The log of passes: a leaf for each pass that an event names, and the blocks that heads speak of."""

from __future__ import annotations

import json

import sqlalchemy as sql
from alembic import op

from socpass_vc.issuer.register.pass_log import add_leaves

revision = "0004"
down_revision = "0003"

_NUMBER = sql.BigInteger().with_variant(sql.Integer, "sqlite")
_AT_ONCE = 2_000


def upgrade() -> None:
    """Make the tables, and enter the passes that there are, in the order of the events that issued them."""
    op.create_table(
        "log_leaves",
        sql.Column("last_event", _NUMBER, primary_key=True, autoincrement=False),
        sql.Column("after_pass", _NUMBER, nullable=False),
        sql.Column("until_pass", _NUMBER, nullable=False),
        sql.Column("key", sql.LargeBinary, nullable=False),
        sql.Column("leaves", sql.LargeBinary, nullable=False),
    )
    op.create_table(
        "log_blocks",
        sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("last_event", _NUMBER, nullable=False),
        sql.Column("key", sql.LargeBinary, nullable=False),
        sql.Column("root", sql.LargeBinary, nullable=False),
    )
    connection = op.get_bind()
    since = 0
    while rows := _issued(connection, since):
        since = rows[-1][0]
        found = [connection.execute(_PASS, {"number": number, "index": index}).first() for _, number, index in rows]
        tokens = [b"" if row is None else bytes(row.token) for row in found]  # that one is gone, an audit says
        numbers = [row.id for row in found if row is not None] or [0]
        add_leaves(connection, tokens, after_pass=min(numbers) - 1, until_pass=max(numbers), last_event=since)


_PASS = sql.text("SELECT id, token FROM credentials WHERE list_number = :number AND list_index = :index")
_ISSUED = sql.text(
    "SELECT id, facts FROM events WHERE act = 'issue' AND facts LIKE '%\"index\"%' AND id > :since ORDER BY id LIMIT :most"
)


def _issued(connection: sql.Connection, since: int) -> list[tuple[int, int, int]]:
    """Return number, list and index of the next events that issued a pass; those of version 0.1.0 name none."""
    found = []
    for event, facts in connection.execute(_ISSUED, {"since": since, "most": _AT_ONCE}):
        told = json.loads(facts)
        found.append((event, told["list"], told["index"]))
    return found
