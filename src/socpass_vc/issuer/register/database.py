"""The register: one SQLite file, or a PostgreSQL database that several machines share, through SQLAlchemy Core.

It knows connections, transactions and versions, not what is imported, issued or revoked.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Self

import sqlalchemy as sql
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from socpass_vc.errors import RegisterError, RegisterUnreachable, system_reason
from socpass_vc.issuer.register.schema import meta
from socpass_vc.messages import Message

REVISIONS = ("0001", "0002", "0003", "0004")
"""All versions of the schema, oldest first; this program reads and writes the last."""
BUSY_SECONDS = 60
"""Seconds that a transaction waits for another one to end."""
CONNECT_SECONDS = 10

Location = Path | str
"""Where a register is: the path of an SQLite file, or the URL of a PostgreSQL database."""

_AWAY = frozenset({None, "57P01", "57P02", "57P03", "53300"})
"""SQLSTATE (PostgreSQL, appendix A): no connection at all; a server that is stopping, has crashed, is starting, or is full."""
_PUBLICATION = 0x736F6370  # the number of an advisory lock: "socp"
_ASK_AGAIN_SECONDS = 0.002
_GIVE_WAY_SECONDS = 2 * _ASK_AGAIN_SECONDS
_HEADER = b"SQLite format 3\0"
_ONLY_READS = "socpass_only_reads"  # an option of a connection to SQLite
_CACHE_KIBIBYTES = 65_536  # of SQLite's page cache: indexes of a million passes are written at random places
_LOG_PAGES = 16_384  # of 4 KiB in SQLite's write-ahead log before they are copied: one that changes often is copied once


class Register:
    """An open register; get it from :meth:`open`, and close it.

    Attributes:
        name: the path, or the URL without its password, for messages.
    """

    def __init__(self, location: Location) -> None:
        """Connect to nothing yet."""
        self.location = location
        self.name = name_of(location)
        self._engine = _engine(location)

    @classmethod
    def open(cls, location: Location) -> Register:
        """Open the register.

        Raises:
            RegisterError: it is missing, damaged, of another version or cannot be reached; it is never created here.
        """
        if isinstance(location, Path):
            check_file(location)
        register = cls(location)
        try:
            with register.snapshot() as connection:
                revision = read_revision(connection)
        except RegisterError:
            register.close()
            raise
        if revision != REVISIONS[-1]:
            register.close()
            raise _wrong_revision(revision).at(register.name)
        return register

    @property
    def shared(self) -> bool:
        """Tell whether other machines may work on it at the same time, and transactions run side by side."""
        return self._engine.dialect.name != "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection whose work is kept as a whole, or not at all.

        Raises:
            RegisterError: the database refused, failed or went away; nothing of the transaction is kept.
        """
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection that reads the register as it is now, whatever others write meanwhile, and blocks nobody.

        Raises:
            RegisterError: the database refused, failed or went away.
        """
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if self.shared else {_ONLY_READS: True}
        with self._explained(), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            kind = RegisterUnreachable if _is_away(error) else RegisterError
            explained = _explain(error)
            raise kind(explained.key, **explained.facts).at(self.name) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise RegisterError("register.impossible_value").at(self.name) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other publications out, on every machine, until the block or its process ends.

        Raises:
            RegisterError: another one is under way and did not end in time.
        """
        with ExitStack() as stack:
            try:
                if isinstance(self.location, Path):
                    _lock_file(self.location, stack)
                else:
                    connection = stack.enter_context(self._engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
                    connection.exec_driver_sql(f"SET lock_timeout = '{BUSY_SECONDS}s'")
                    connection.execute(sql.select(sql.func.pg_advisory_lock(_PUBLICATION)))
                    stack.callback(connection.invalidate)  # the lock ends with the connection
            except (SQLAlchemyError, sqlite3.Error) as error:
                raise RegisterError("register.publication_under_way", said=_first_line(error)).at(self.name) from error
            yield

    def give_way(self) -> None:
        """Let waiting writers in: in a file, whoever begins again at once would keep them out until all is done."""
        if not self.shared:
            sleep(_GIVE_WAY_SECONDS)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def parse_url(text: str) -> sql.URL:
    """Return the URL of a PostgreSQL database, with the driver that is used.

    Raises:
        RegisterError: it is no URL, or not PostgreSQL's.
    """
    try:
        url = sql.make_url(text)
    except ArgumentError as error:
        raise RegisterError("register.not_a_url", text=text) from error
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise RegisterError("register.other_database", driver=url.drivername)
    return url.set(drivername="postgresql+psycopg")


def name_of(location: Location) -> str:
    """Return the name of a register for messages, without a password."""
    if isinstance(location, Path):
        return str(location)
    return parse_url(location).set(drivername="postgresql").render_as_string(hide_password=True)


def check_file(path: Path) -> None:
    """Refuse a file that is no SQLite database; the driver would take an empty one for a new database, and write to it.

    Raises:
        RegisterError: it is missing, or something else.
    """
    if not path.is_file():
        raise RegisterError("register.missing").at(path)
    try:
        with path.open("rb") as file:
            begins = file.read(len(_HEADER))
    except OSError as error:
        raise RegisterError("cannot_be_read", why=system_reason(error)).at(path) from error
    if begins != _HEADER:
        raise RegisterError("register.not_sqlite").at(path)


def read_revision(connection: Connection) -> str | None:
    """Return the version of the schema, or None if the database holds no register."""
    tables = set(sql.inspect(connection).get_table_names())
    if "alembic_version" in tables:
        revision: str | None = connection.scalar(sql.text("SELECT version_num FROM alembic_version"))
        return revision
    # The first version kept its number itself.
    if "meta" in tables and connection.scalar(sql.select(meta.c.value).where(meta.c.name == "schema")) == "1":
        return REVISIONS[0]
    return None


def _wrong_revision(revision: str | None) -> RegisterError:
    if revision is None:
        return RegisterError("register.none_here")
    reason = "register.older" if revision in REVISIONS else "register.newer"
    return RegisterError(reason, schema=revision, known=REVISIONS[-1])


def _is_away(error: SQLAlchemyError) -> bool:
    """Tell whether the database went away or cannot be reached; SQLite's never does."""
    if not isinstance(error, DBAPIError):
        return False
    unknown = ""  # what an error of SQLite has
    return error.connection_invalidated or getattr(error.orig, "sqlstate", unknown) in _AWAY


def _explain(error: SQLAlchemyError) -> Message:
    """Return what an error of the database means, and what a person can do about it.

    The databases have no codes for most of these that both drivers pass on, so their own English words tell them apart.
    """
    reason = str(getattr(error, "orig", None) or error).strip()
    said = _first_line(error)
    for key, words in _MEANINGS.items():
        if any(word in reason for word in words):
            return Message(key, said=said)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Message("register.connection_lost", said=said)
    return Message("register.no_answer" if _is_away(error) else "register.refused", said=said)


_MEANINGS = {
    "register.busy": ("database is locked",),
    "register.held": ("lock timeout",),
    "register.disk_full": ("disk is full", "No space left", "disk I/O error"),
    "register.not_writable": ("readonly database", "unable to open database file"),
    "register.connection_lost": ("closed the connection",),
}


def _first_line(error: Exception) -> str:
    """Return the first line of what the database says."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]


def _lock_file(path: Path, stack: ExitStack) -> None:
    """Lock a file beside the register, through SQLite: it locks alike on every system, and lets go when the process ends."""
    lock = sqlite3.connect(path.with_name(f"{path.name}.lock"), timeout=BUSY_SECONDS, isolation_level=None)
    stack.callback(lock.close)
    lock.execute("BEGIN EXCLUSIVE")


def _engine(location: Location) -> Engine:
    if isinstance(location, Path):
        url = sql.URL.create("sqlite+pysqlite", database=str(location))
        engine = sql.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        sql.event.listen(engine, "connect", _configure)
        sql.event.listen(engine, "begin", _begin)
        return engine
    url = parse_url(location)
    try:
        return sql.create_engine(
            url, connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "socpass"}, pool_pre_ping=True
        )
    except (ImportError, NoSuchModuleError) as error:
        raise RegisterError("register.needs_driver") from error


def _begin(connection: Connection) -> None:
    """Begin a transaction: a reader waits for nobody, and a writer begins as soon as the one before is done.

    A writer waits at the start, since two that have both read could never go on. SQLite's own waiting ends up asking ten times
    per second, and would hardly ever hit the moment between two transactions of a command that writes for minutes.
    """
    if connection.get_execution_options().get(_ONLY_READS):
        connection.exec_driver_sql("BEGIN")
        return
    until = monotonic() + BUSY_SECONDS
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except sql.exc.OperationalError as error:
            if "locked" not in str(error.orig) or monotonic() > until:
                raise
            sleep(_ASK_AGAIN_SECONDS)
        else:
            break
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _configure(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun above, not guessed by the driver
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # a power loss must not undo an issue
        "foreign_keys = ON",
        f"cache_size = -{_CACHE_KIBIBYTES}",
        f"wal_autocheckpoint = {_LOG_PAGES}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()
