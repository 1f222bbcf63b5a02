"""Many rows in one statement: inserted, updated or looked up in the way that is fastest on each database.

It knows the two databases and no table in particular.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

Row = tuple[Any, ...]


def read_rows(connection: Connection, query: sql.Select[Any], values: Mapping[str, object] | None = None) -> list[Row]:
    """Return the rows of *query* as the database's driver gives them: of SQLite, days are texts.

    SQLAlchemy makes a row of its own of each, which takes longer than reading it.

    Args:
        connection: of the transaction.
        query: whose columns the caller knows by position.
        values: of its parameters.
    """
    result = connection.execute(query, values)
    try:
        rows: list[Row] = list(result.cursor.fetchall())
    except connection.dialect.loaded_dbapi.Error as error:
        raise _foreign(connection, "SELECT", error) from error
    finally:
        result.close()
    return rows


def insert_rows(connection: Connection, table: sql.Table, names: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert *rows* into *table*.

    Args:
        connection: of the transaction.
        table: one of the register's.
        names: its columns, in the table's order, which is that of the values.
        rows: plain values, as the database's driver takes them: integers, texts, bytes, None.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_sqlite_insert(table, names), list(rows))
    else:
        _copy(connection, table, names, rows)


def update_rows(connection: Connection, table: sql.Table, names: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Change rows of *table*, each found by its number.

    Args:
        connection: of the transaction.
        table: one with an ``id``.
        names: the columns to change, in the table's order, which is that of the values.
        rows: the new values, and behind them the id; plain as for :func:`insert_rows`.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_sqlite_update(table, names), list(rows))
    else:
        given = _arrays(table, (*names, "id"))
        changes = {name: given.c[name] for name in names}
        statement = table.update().where(table.c.id == given.c.id).values(changes)
        connection.execute(statement, _columns((*names, "id"), rows))


def is_among(dialect: str, column: sql.Column[int]) -> sql.ColumnElement[bool]:
    """Return the condition that *column* is one of the numbers of :func:`among`, one parameter however many they are."""
    if dialect == "sqlite":
        listed = sql.func.json_each(sql.bindparam("numbers", type_=sql.String))
        return column.in_(sql.select(listed.table_valued("value").c.value))
    return column == sql.any_(sql.bindparam("numbers", type_=postgresql.ARRAY(sql.BigInteger)))


def among(connection: Connection, numbers: Sequence[int]) -> dict[str, object]:
    """Return *numbers* as the parameter of :func:`is_among`."""
    if connection.dialect.name == "sqlite":
        return {"numbers": f"[{','.join(map(str, numbers))}]"}
    return {"numbers": list(numbers)}


@lru_cache(maxsize=64)
def _sqlite_insert(table: sql.Table, names: tuple[str, ...]) -> str:
    return _compiled(table.insert().values({name: sql.bindparam(name) for name in names}), names)


@lru_cache(maxsize=64)
def _sqlite_update(table: sql.Table, names: tuple[str, ...]) -> str:
    changes = table.update().where(table.c.id == sql.bindparam("this"))
    return _compiled(changes.values({name: sql.bindparam(name) for name in names}), (*names, "this"))


def _compiled(statement: sql.Insert | sql.Update, names: tuple[str, ...]) -> str:
    compiled = statement.compile(dialect=sqlite.dialect())
    if compiled.positiontup != list(names):
        raise ValueError(f"columns {names} are not in the order of their table")
    return str(compiled)


def _copy(connection: Connection, table: sql.Table, names: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert by COPY, the fastest way there is; SQLAlchemy does not know it, so its errors are made here."""
    raw = connection.connection
    try:
        with raw.cursor().copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _foreign(connection, "COPY", error) from error


def _foreign(connection: Connection, statement: str, error: Any) -> sql.exc.DBAPIError:
    """Return an error of the driver, met behind SQLAlchemy's back, as SQLAlchemy would have raised it."""
    raw = connection.connection
    lost = bool(connection.dialect.is_disconnect(error, raw.dbapi_connection, None))
    return sql.exc.DBAPIError(statement, None, error, connection_invalidated=lost)


def _arrays(table: sql.Table, names: tuple[str, ...]) -> sql.TableValuedAlias:
    """Return rows made of one array per column."""
    arrays = [sql.bindparam(f"given_{name}", type_=postgresql.ARRAY(table.c[name].type)) for name in names]
    return sql.func.unnest(*arrays).table_valued(*names, name="given").render_derived()


def _columns(names: tuple[str, ...], rows: Sequence[Row]) -> dict[str, list[Any]]:
    return {f"given_{name}": list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
