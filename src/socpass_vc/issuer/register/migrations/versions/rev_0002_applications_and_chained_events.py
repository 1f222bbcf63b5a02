"""Applications, Latin names, what makes a pass due, what a publication said, and events chained by digests."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op

from socpass_vc.issuer.register.event_log import FIRST_DIGEST, chain

revision = "0002"
down_revision = "0001"

_NUMBER = sql.BigInteger().with_variant(sql.Integer, "sqlite")


def upgrade() -> None:
    """Widen the tables; every resident is looked at anew, and old events are chained as they stand."""
    op.add_column("residents", sql.Column("name_latin", sql.String))
    op.add_column("residents", sql.Column("check_at", _NUMBER, server_default="0"))
    op.add_column("residents", sql.Column("ends_at", _NUMBER))
    op.execute(
        "UPDATE residents SET ends_at = (SELECT max(expires_at) FROM credentials "
        "WHERE credentials.resident_id = residents.id AND credentials.status != 1)"
    )
    op.create_index("residents_check_at", "residents", ["check_at", "id"])
    op.create_index("residents_ends_at", "residents", ["ends_at", "id"])
    op.create_table(
        "applications",
        sql.Column("id", _NUMBER, primary_key=True),
        sql.Column("resident_id", _NUMBER, sql.ForeignKey("residents.id"), nullable=False),
        sql.Column("subject", sql.String, nullable=False),
        sql.Column("submitted_on", sql.Date, nullable=False),
        sql.Column("status", sql.String, nullable=False),
        sql.Column("reason", sql.String),
        sql.Column("decided_at", _NUMBER),
        sql.Column("first_day", sql.Date),
        sql.Column("last_day", sql.Date),
        sql.Column("document_kind", sql.Integer),
        sql.Column("document_number", sql.String),
        sql.Column("document_issued_on", sql.Date),
        sql.UniqueConstraint("resident_id", "subject", "submitted_on", name="applications_once"),
    )
    op.create_index("applications_status", "applications", ["status", "submitted_on"])
    op.add_column("status_lists", sql.Column("expires_at", _NUMBER))
    op.add_column("status_lists", sql.Column("published", sql.LargeBinary))
    with op.batch_alter_table("credentials") as credentials:
        credentials.add_column(sql.Column("superseded_by", _NUMBER))
        credentials.create_foreign_key("credentials_superseded_by", "credentials", ["superseded_by"], ["id"])
    _chain_events()
    op.execute("DELETE FROM meta WHERE name = 'schema'")


def _chain_events() -> None:
    connection = op.get_bind()
    old = connection.execute(sql.text("SELECT at, actor, act, ref, detail FROM events ORDER BY id")).all()
    op.drop_table("events")
    events = op.create_table(
        "events",
        sql.Column("id", _NUMBER, primary_key=True, autoincrement=False),
        sql.Column("at", _NUMBER, nullable=False),
        sql.Column("actor", sql.String, nullable=False),
        sql.Column("act", sql.String, nullable=False),
        sql.Column("ref", sql.String),
        sql.Column("reason", sql.String),
        sql.Column("facts", sql.String),
        sql.Column("digest", sql.LargeBinary, nullable=False),
    )
    head = op.create_table(
        "event_head",
        sql.Column("id", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("last_event", _NUMBER, nullable=False),
        sql.Column("digest", sql.LargeBinary, nullable=False),
    )
    digest = FIRST_DIGEST
    rows = []
    for number, (at, actor, act, ref, detail) in enumerate(old, 1):
        digest = chain(digest, (number, at, actor, act, ref, detail, None))
        values = (number, at, actor, act, ref, detail, None, digest)
        rows.append(dict(zip(events.c.keys(), values, strict=True)))
    if rows:
        connection.execute(events.insert(), rows)
    connection.execute(head.insert().values(id=1, last_event=len(rows), digest=digest))
    for statement in _ONLY_ADDED[connection.dialect.name]:
        op.execute(statement)


# Whoever changes the log must first take these away, which leaves a trace; the chain shows the rest.
_ONLY_ADDED = {
    "sqlite": [
        f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
        "BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END"
        for verb in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        """
        CREATE FUNCTION events_only_added() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'events are only ever added'; END $$
        """,
        """
        CREATE TRIGGER events_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON events
        FOR EACH STATEMENT EXECUTE FUNCTION events_only_added()
        """,
    ],
}
