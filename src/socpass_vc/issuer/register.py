"""The register: residents, entitlements, credentials, status lists and events in one SQLite file, through SQLAlchemy Core.

It knows tables and transactions. What is imported, issued or revoked is decided in the modules beside it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from socpass_vc.errors import RegisterError

SCHEMA_VERSION = 1
BUSY_SECONDS = 30
"""How long a transaction waits for another one to end."""

_HEADER = b"SQLite format 3\0"

metadata = sql.MetaData()

meta = sql.Table(
    "meta",
    metadata,
    sql.Column("name", sql.String, primary_key=True),
    sql.Column("value", sql.String, nullable=False),
)
residents = sql.Table(
    "residents",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("ref", sql.String, nullable=False, unique=True),  # the agency's own reference; never leaves the register
    sql.Column("name", sql.String, nullable=False),
    sql.Column("born_on", sql.Date),
    sql.Column("born_in", sql.Integer),
)
entitlements = sql.Table(
    "entitlements",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("resident_id", sql.ForeignKey("residents.id"), nullable=False),
    sql.Column("category", sql.Integer, nullable=False),
    sql.Column("first_day", sql.Date),
    sql.Column("last_day", sql.Date),
    sql.Column("document_kind", sql.Integer),
    sql.Column("document_number", sql.String),
    sql.Column("document_issued_on", sql.Date),
    sql.UniqueConstraint("resident_id", "category"),
)
status_lists = sql.Table(
    "status_lists",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("entries", sql.Integer, nullable=False),
    sql.Column("used", sql.Integer, nullable=False),  # the counter behind the permutation
    sql.Column("permutation_key", sql.LargeBinary, nullable=False),
    sql.Column("signed_at", sql.Integer),  # iat of the newest publication, seconds since 1970
)
credentials = sql.Table(
    "credentials",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("resident_id", sql.ForeignKey("residents.id"), nullable=False, index=True),
    sql.Column("list_number", sql.ForeignKey("status_lists.number"), nullable=False),
    sql.Column("list_index", sql.Integer, nullable=False),
    sql.Column("issued_at", sql.Integer, nullable=False),
    sql.Column("expires_at", sql.Integer, nullable=False),
    sql.Column("content", sql.LargeBinary, nullable=False),  # digest of what the pass says, times aside
    sql.Column("token", sql.LargeBinary, nullable=False),
    sql.Column("status", sql.Integer, nullable=False, server_default="0"),
    sql.Column("reason", sql.String),
    sql.UniqueConstraint("list_number", "list_index"),
    sql.Index("credentials_not_valid", "list_number", "status", sqlite_where=sql.text("status != 0")),
)
events = sql.Table(
    "events",
    metadata,
    sql.Column("id", sql.Integer, primary_key=True),
    sql.Column("at", sql.Integer, nullable=False),
    sql.Column("actor", sql.String, nullable=False),
    sql.Column("act", sql.String, nullable=False),
    sql.Column("ref", sql.String),
    sql.Column("detail", sql.String),
)


class Register:
    """An open register; make it with :meth:`create` or :meth:`open`, and close it."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self.path = path
        self._engine = engine

    @classmethod
    def create(cls, path: Path) -> Register:
        """Make an empty register.

        Raises:
            RegisterError: there is a file already, or it cannot be written.
        """
        if path.exists():
            raise RegisterError(f"{path}: there is a register already", path=str(path))
        register = cls(path, _engine(path))
        with register.transaction() as connection:
            metadata.create_all(connection)
            connection.execute(meta.insert().values(name="schema", value=str(SCHEMA_VERSION)))
        return register

    @classmethod
    def open(cls, path: Path) -> Register:
        """Open the register in *path*.

        Raises:
            RegisterError: it is missing, damaged, or of another version; it is never made anew.
        """
        if not path.is_file():
            raise RegisterError(f"{path}: the register is missing; restore it from a copy", path=str(path))
        if not _begins_like_a_database(path):
            raise RegisterError(f"{path}: damaged: not an SQLite database; restore it from a copy", path=str(path))
        register = cls(path, _engine(path))
        with register.transaction() as connection:
            version = connection.scalar(sql.select(meta.c.value).where(meta.c.name == "schema"))
        if version != str(SCHEMA_VERSION):
            register.close()
            raise RegisterError(f"{path}: of schema version {version}; this program knows {SCHEMA_VERSION}", path=str(path))
        return register

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection whose work is kept altogether, or not at all.

        Raises:
            RegisterError: the database refused or failed; nothing of the transaction is kept.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            if "database is locked" in str(reason):
                raise RegisterError(
                    f"{self.path}: another command is writing to the register; try again when it is done", path=str(self.path)
                ) from error
            raise RegisterError(f"{self.path}: {reason}", path=str(self.path)) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise RegisterError(f"{self.path}: a value that no register can hold: {error}", path=str(self.path)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def record(
    connection: Connection, *, at: datetime, actor: str, act: str, ref: str | None = None, detail: str | None = None
) -> None:
    """Add an event to the log, within the caller's transaction.

    Args:
        connection: of the transaction that does the act.
        at: the time, aware.
        actor: who.
        act: what, one word.
        ref: of whom.
        detail: why, or how many.
    """
    connection.execute(events.insert().values(at=int(at.timestamp()), actor=actor, act=act, ref=ref, detail=detail))


def _begins_like_a_database(path: Path) -> bool:
    """Tell whether the file has SQLite's header; the driver would take an empty file for a new database and write to it."""
    try:
        with path.open("rb") as file:
            return file.read(len(_HEADER)) == _HEADER
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror}", path=str(path)) from error


def _engine(path: Path) -> Engine:
    engine = sql.create_engine(sql.URL.create("sqlite+pysqlite", database=str(path)), connect_args={"timeout": BUSY_SECONDS})
    sql.event.listen(engine, "connect", _configure)
    sql.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun above, not guessed by the driver
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):  # FULL: a power loss must not undo an issue
        connection.execute(f"PRAGMA {pragma}").close()
