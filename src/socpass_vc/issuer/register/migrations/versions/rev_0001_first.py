"""The register's first schema: residents, entitlements, credentials, status lists, events."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op

revision = "0001"
down_revision = None

_NUMBER = sql.BigInteger().with_variant(sql.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table("meta", sql.Column("name", sql.String, primary_key=True), sql.Column("value", sql.String, nullable=False))
    op.create_table(
        "residents",
        sql.Column("id", _NUMBER, primary_key=True),
        sql.Column("ref", sql.String, nullable=False, unique=True),
        sql.Column("name", sql.String, nullable=False),
        sql.Column("born_on", sql.Date),
        sql.Column("born_in", sql.Integer),
    )
    op.create_table(
        "entitlements",
        sql.Column("id", _NUMBER, primary_key=True),
        sql.Column("resident_id", _NUMBER, sql.ForeignKey("residents.id"), nullable=False),
        sql.Column("category", sql.Integer, nullable=False),
        sql.Column("first_day", sql.Date),
        sql.Column("last_day", sql.Date),
        sql.Column("document_kind", sql.Integer),
        sql.Column("document_number", sql.String),
        sql.Column("document_issued_on", sql.Date),
        sql.UniqueConstraint("resident_id", "category", name="entitlements_once"),
    )
    op.create_table(
        "status_lists",
        sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
        sql.Column("entries", sql.Integer, nullable=False),
        sql.Column("used", sql.Integer, nullable=False),
        sql.Column("permutation_key", sql.LargeBinary, nullable=False),
        sql.Column("signed_at", _NUMBER),
    )
    op.create_table(
        "credentials",
        sql.Column("id", _NUMBER, primary_key=True),
        sql.Column("resident_id", _NUMBER, sql.ForeignKey("residents.id"), nullable=False, index=True),
        sql.Column("list_number", sql.Integer, sql.ForeignKey("status_lists.number"), nullable=False),
        sql.Column("list_index", sql.Integer, nullable=False),
        sql.Column("issued_at", _NUMBER, nullable=False),
        sql.Column("expires_at", _NUMBER, nullable=False),
        sql.Column("content", sql.LargeBinary, nullable=False),
        sql.Column("token", sql.LargeBinary, nullable=False),
        sql.Column("status", sql.Integer, nullable=False, server_default="0"),
        sql.Column("reason", sql.String),
        sql.UniqueConstraint("list_number", "list_index", name="credentials_place_once"),
    )
    not_valid = sql.text("status != 0")
    op.create_index(
        "credentials_not_valid", "credentials", ["list_number", "status"], sqlite_where=not_valid, postgresql_where=not_valid
    )
    op.create_table(
        "events",
        sql.Column("id", _NUMBER, primary_key=True),
        sql.Column("at", _NUMBER, nullable=False),
        sql.Column("actor", sql.String, nullable=False),
        sql.Column("act", sql.String, nullable=False),
        sql.Column("ref", sql.String),
        sql.Column("detail", sql.String),
    )
