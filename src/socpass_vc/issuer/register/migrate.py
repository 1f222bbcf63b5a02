"""Creating a register, and migrating an older one by alembic: in one transaction, after a copy was kept.

It knows files and versions. What changes from version to version stands in :mod:`migrations`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

from socpass_vc.errors import RegisterError, system_reason
from socpass_vc.files import taken_back_on_failure
from socpass_vc.issuer.register.database import REVISIONS, Location, Register, check_file, name_of, read_revision


def create_register(location: Location) -> None:
    """Create an empty register.

    Raises:
        RegisterError: there is one already, or it cannot be written.
    """
    name = name_of(location)
    with taken_back_on_failure() as made:
        if isinstance(location, Path):
            _make_file(location)
            made += [location, *(location.with_name(location.name + ending) for ending in ("-wal", "-shm"))]
        with Register(location) as register, register.transaction() as connection:
            if read_revision(connection) is not None:
                raise RegisterError("register.exists_already").at(name)
            _upgrade(connection)


def migrate_register(location: Location) -> tuple[str, Path | None]:
    """Migrate a register of an older version to this one; return its old version and where an SQLite file's copy was kept.

    Nothing happens to a register of this version.

    Raises:
        RegisterError: there is no register, it is of a newer version, or the database refused; it is as it was.
    """
    name = name_of(location)
    if isinstance(location, Path):
        check_file(location)
    with Register(location) as register:
        with register.transaction() as connection:
            revision = read_revision(connection)
        if revision not in REVISIONS:
            raise _unknown_revision(revision).at(name)
        if revision == REVISIONS[-1]:
            return revision, None
        copy = _keep_copy(location, revision) if isinstance(location, Path) else None
        with register.transaction() as connection:
            if read_revision(connection) != revision:
                raise RegisterError("register.migrated_meanwhile").at(name)
            if revision == REVISIONS[0] and not _is_stamped(connection):
                command.stamp(_config(connection), REVISIONS[0])
            _upgrade(connection)
    return revision, copy


def _unknown_revision(revision: str | None) -> RegisterError:
    if revision is None:
        return RegisterError("register.none_here")
    return RegisterError("register.newer", schema=revision, known=REVISIONS[-1])


def _make_file(path: Path) -> None:
    """Create an empty file, which SQLite takes for an empty database, so that it is known to be ours."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError as error:
        raise RegisterError("register.exists_already").at(path) from error
    except OSError as error:
        raise RegisterError("cannot_be_written", why=system_reason(error)).at(path) from error


def _keep_copy(path: Path, revision: str) -> Path:
    """Copy the file as SQLite copies, the write-ahead log included."""
    copy = path.with_name(f"{path.name}.{revision}")
    try:
        copy.touch(mode=0o600, exist_ok=False)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except FileExistsError as error:
        raise RegisterError("register.copy_exists").at(copy) from error
    except (OSError, sqlite3.Error) as error:
        copy.unlink(missing_ok=True)
        why = system_reason(error) if isinstance(error, OSError) else str(error)
        raise RegisterError("register.no_copy", why=why).at(copy) from error
    return copy


def _is_stamped(connection: Connection) -> bool:
    return connection.dialect.has_table(connection, "alembic_version")


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        # Tables are rebuilt under their old names; what refers to them must not follow them away.
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
    command.upgrade(_config(connection), "head")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "socpass_vc.issuer.register:migrations")
    config.attributes["connection"] = connection
    return config
