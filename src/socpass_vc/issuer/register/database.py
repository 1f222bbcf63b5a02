"""The register: one SQLite file, or a database of a PostgreSQL server that several machines share, through SQLAlchemy Core.

It knows connections, transactions and versions. What is imported, issued or revoked is decided in the modules beside it.
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

from socpass_vc.errors import RegisterError, RegisterUnreachable
from socpass_vc.issuer.register.schema import meta

REVISIONS = ("0001", "0002", "0003")
"""Every version of the schema, oldest first; the last is the one that this program reads and writes."""
BUSY_SECONDS = 60
"""How long a transaction waits for another one to end."""
CONNECT_SECONDS = 10

Location = Path | str
"""Where a register is: the path of an SQLite file, or the URL of a PostgreSQL database."""

_AWAY = frozenset({None, "57P01", "57P02", "57P03", "53300"})
"""SQLSTATE (PostgreSQL, appendix A): of no connection at all, and of a server that stops, crashed, starts, or is full."""
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
        name: the path, or the URL without its password; how messages name it.
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
            RegisterError: it is missing, damaged, of another version or cannot be reached; it is never made anew.
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
            raise RegisterError(f"{register.name}: {_wrong_revision(revision)}", path=register.name)
        return register

    @property
    def shared(self) -> bool:
        """Tell whether other machines may work on it at the same time, and transactions run side by side."""
        return self._engine.dialect.name != "sqlite"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield a connection whose work is kept altogether, or not at all.

        Raises:
            RegisterError: the database refused, failed or went away; nothing of the transaction is kept.
        """
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Yield a connection that reads the register as it is now, whatever others keep meanwhile, and holds nobody up.

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
            raise kind(f"{self.name}: {_explain(error)}", path=self.name) from error
        except (UnicodeEncodeError, OverflowError) as error:
            raise RegisterError(f"{self.name}: a value that no register can hold: {error}", path=self.name) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other publications from this register out, on every machine, until the block ends or its process does.

        Raises:
            RegisterError: another one is under way, and did not end in time.
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
                reason = f"{self.name}: another publication is under way, or the register cannot be locked: {error}"
                raise RegisterError(reason.partition("\n")[0], path=self.name) from error
            yield

    def give_way(self) -> None:
        """Let others in who wait to write: in a file, whoever begins again at once would keep them out until all is done."""
        if not self.shared:
            sleep(_GIVE_WAY_SECONDS)

    def close(self) -> None:
        """Let go of the database."""
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
        raise RegisterError(f"not a URL of a database: write it as postgresql://USER@HOST/DATABASE, not {text!r}") from error
    if url.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise RegisterError(f"{url.drivername}: a register is an SQLite file or postgresql://USER@HOST/DATABASE")
    return url.set(drivername="postgresql+psycopg")


def name_of(location: Location) -> str:
    """Return how messages name a register: without a password."""
    if isinstance(location, Path):
        return str(location)
    return parse_url(location).set(drivername="postgresql").render_as_string(hide_password=True)


def check_file(path: Path) -> None:
    """Refuse a file that is no SQLite database; the driver would take an empty one for a new database and write to it.

    Raises:
        RegisterError: it is missing, or something else.
    """
    if not path.is_file():
        raise RegisterError(f"{path}: the register is missing; restore it from a copy", path=str(path))
    try:
        with path.open("rb") as file:
            begins = file.read(len(_HEADER))
    except OSError as error:
        raise RegisterError(f"{path}: {error.strerror}", path=str(path)) from error
    if begins != _HEADER:
        raise RegisterError(f"{path}: damaged: not an SQLite database; restore it from a copy", path=str(path))


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


def _wrong_revision(revision: str | None) -> str:
    if revision is None:
        return "there is no register in this database; make one with 'socpass issuer init --register URL'"
    if revision in REVISIONS:
        return (
            f"written by an older socpass (schema {revision}; this one writes {REVISIONS[-1]}); "
            "stop other commands and run 'socpass issuer migrate'"
        )
    return f"written by a newer socpass (schema {revision}; this one knows up to {REVISIONS[-1]}); use that one"


def _is_away(error: SQLAlchemyError) -> bool:
    """Tell whether the database went away or cannot be reached; SQLite's never does."""
    if not isinstance(error, DBAPIError):
        return False
    unknown = ""  # what an error of SQLite has
    return error.connection_invalidated or getattr(error.orig, "sqlstate", unknown) in _AWAY


def _explain(error: SQLAlchemyError) -> str:
    """Return what a person can do with an error of the database."""
    reason = str(getattr(error, "orig", None) or error).strip()
    first = reason.partition("\n")[0]
    if "database is locked" in reason:
        return "another command is writing to the register; try again when it is done"
    if "lock timeout" in reason:
        return "another command holds what this one needs, and does not go on; try again when it is done"
    if "disk is full" in reason or "No space left" in reason or "disk I/O error" in reason:
        return f"no space left on the disk; make room and run the command again ({first})"
    if "readonly database" in reason or "unable to open database file" in reason:
        return f"the file and its folder must be writable, even to be read; see whose they are ({first})"
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or "closed the connection" in reason:
        return f"the connection to the database was lost; what was confirmed is kept, run the command again ({first})"
    return first


def _lock_file(path: Path, stack: ExitStack) -> None:
    """Lock a file beside the register: by SQLite, which locks alike on every system, and lets go when the process ends."""
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
        raise RegisterError("PostgreSQL needs a driver: pip install 'socpass-vc[postgresql]'") from error


def _begin(connection: Connection) -> None:
    """Begin: a reader waits for nobody, and who may write begins as soon as the writer before is done.

    It waits at the start, or two that have both read could never go on.
    SQLite's own way of waiting asks ten times a second at last, and so would hardly ever meet the moment between two transactions
    of a command that writes for minutes.
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
