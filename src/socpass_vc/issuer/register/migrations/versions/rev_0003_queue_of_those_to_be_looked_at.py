"""The queue's indexes hold those who are to be looked at alone: most residents of millions are in neither."""

from __future__ import annotations

import sqlalchemy as sql
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the two indexes anew."""
    for column in ("check_at", "ends_at"):
        name, some = f"residents_{column}", sql.text(f"{column} IS NOT NULL")
        op.drop_index(name, "residents")
        op.create_index(name, "residents", [column, "id"], sqlite_where=some, postgresql_where=some)
