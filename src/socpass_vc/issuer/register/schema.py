"""The register's tables, the same for SQLite and PostgreSQL.

It knows columns and keys. How an older database is migrated to this version stands in :mod:`migrations`, which a test holds
against these tables. Days are civil days of the agency's time zone; times ending in ``_at`` are seconds since 1970 began in UTC.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sql

metadata = sql.MetaData()

Number = sql.BigInteger().with_variant(sql.Integer, "sqlite")
"""Keys and times: SQLite numbers rows by INTEGER alone, and PostgreSQL's INTEGER ends in 2038."""


def _where(condition: str) -> dict[str, Any]:
    """Return what makes an index hold the rows alone of which *condition* is true."""
    return {"sqlite_where": sql.text(condition), "postgresql_where": sql.text(condition)}


meta = sql.Table(
    "meta",
    metadata,
    sql.Column("name", sql.String, primary_key=True),
    sql.Column("value", sql.String, nullable=False),
)
residents = sql.Table(
    "residents",
    metadata,
    sql.Column("id", Number, primary_key=True),
    sql.Column("ref", sql.String, nullable=False, unique=True),  # the agency's own reference; never leaves the register
    sql.Column("name", sql.String, nullable=False),
    sql.Column("born_on", sql.Date),
    sql.Column("born_in", sql.Integer),
    sql.Column("name_latin", sql.String),
    # When a pass is due, so that issuing reads a few rows of millions: when to look at this resident next in any case (0: at
    # once), and when the current pass ends, for agencies that renew some days before.
    sql.Column("check_at", Number, server_default="0"),
    sql.Column("ends_at", Number),
    sql.Index("residents_check_at", "check_at", "id", **_where("check_at IS NOT NULL")),
    sql.Index("residents_ends_at", "ends_at", "id", **_where("ends_at IS NOT NULL")),
)
entitlements = sql.Table(
    "entitlements",
    metadata,
    sql.Column("id", Number, primary_key=True),
    sql.Column("resident_id", sql.ForeignKey("residents.id"), nullable=False),
    sql.Column("category", sql.Integer, nullable=False),
    sql.Column("first_day", sql.Date),
    sql.Column("last_day", sql.Date),
    sql.Column("document_kind", sql.Integer),
    sql.Column("document_number", sql.String),
    sql.Column("document_issued_on", sql.Date),
    sql.UniqueConstraint("resident_id", "category", name="entitlements_once"),
)
applications = sql.Table(
    "applications",
    metadata,
    sql.Column("id", Number, primary_key=True),
    sql.Column("resident_id", sql.ForeignKey("residents.id"), nullable=False),
    sql.Column(
        "subject", sql.String, nullable=False
    ),  # a category as a decimal number, or the name of a measure of the catalogue
    sql.Column("submitted_on", sql.Date, nullable=False),
    sql.Column("status", sql.String, nullable=False),  # in_progress, granted, refused
    sql.Column("reason", sql.String),  # of a refusal
    sql.Column("decided_at", Number),
    sql.Column("first_day", sql.Date),  # what is asked for; a grant copies it into the entitlement
    sql.Column("last_day", sql.Date),
    sql.Column("document_kind", sql.Integer),
    sql.Column("document_number", sql.String),
    sql.Column("document_issued_on", sql.Date),
    sql.UniqueConstraint("resident_id", "subject", "submitted_on", name="applications_once"),
    sql.Index("applications_status", "status", "submitted_on"),
)
status_lists = sql.Table(
    "status_lists",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("entries", sql.Integer, nullable=False),
    sql.Column("used", sql.Integer, nullable=False),  # the counter behind the permutation
    sql.Column("permutation_key", sql.LargeBinary, nullable=False),
    sql.Column("signed_at", Number),  # iat of the newest publication
    sql.Column("expires_at", Number),  # exp of the newest publication
    sql.Column("published", sql.LargeBinary),  # SHA-256 of what the newest publication says, its times aside
)
credentials = sql.Table(
    "credentials",
    metadata,
    sql.Column("id", Number, primary_key=True),
    sql.Column("resident_id", sql.ForeignKey("residents.id"), nullable=False, index=True),
    sql.Column("list_number", sql.ForeignKey("status_lists.number"), nullable=False),
    sql.Column("list_index", sql.Integer, nullable=False),
    sql.Column("issued_at", Number, nullable=False),
    sql.Column("expires_at", Number, nullable=False),
    sql.Column(
        "content", sql.LargeBinary, nullable=False
    ),  # digest of what the pass says, times aside; empty if its key is compromised
    sql.Column("token", sql.LargeBinary, nullable=False),
    sql.Column("status", sql.Integer, nullable=False, server_default="0"),
    sql.Column("reason", sql.String),
    sql.Column("superseded_by", sql.ForeignKey("credentials.id")),
    sql.UniqueConstraint("list_number", "list_index", name="credentials_place_once"),
    sql.Index("credentials_not_valid", "list_number", "status", **_where("status != 0")),
)
events = sql.Table(
    "events",
    metadata,
    sql.Column("id", Number, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without a gap, in the order of commits
    sql.Column("at", Number, nullable=False),
    sql.Column("actor", sql.String, nullable=False),
    sql.Column("act", sql.String, nullable=False),
    sql.Column("ref", sql.String),
    sql.Column("reason", sql.String),
    sql.Column("facts", sql.String),  # a JSON object
    sql.Column("digest", sql.LargeBinary, nullable=False),  # SHA-256 over the digest before it and this event
)
event_head = sql.Table(
    "event_head",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True, autoincrement=False),  # always 1; its lock is the log's
    sql.Column("last_event", Number, nullable=False),
    sql.Column("digest", sql.LargeBinary, nullable=False),
)
log_leaves = sql.Table(
    "log_leaves",
    metadata,
    sql.Column("last_event", Number, primary_key=True, autoincrement=False),  # of the transaction that issued these passes
    sql.Column("after_pass", Number, nullable=False),  # the numbers of these passes are above this one
    sql.Column("until_pass", Number, nullable=False),  # and at most this
    sql.Column("key", sql.LargeBinary, nullable=False),  # of their salts
    sql.Column("leaves", sql.LargeBinary, nullable=False),  # 32 bytes each, in the order of the events
)
log_blocks = sql.Table(
    "log_blocks",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),  # 0, 1, 2 ...
    sql.Column("last_event", Number, nullable=False),  # its leaves are those of events up to this one that no earlier block has
    sql.Column("key", sql.LargeBinary, nullable=False),  # of its dummies, places and the salt of its events
    sql.Column("root", sql.LargeBinary, nullable=False),
)
