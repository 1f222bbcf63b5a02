"""The good rows of a file in temporary tables of the register's transaction, and which of them contradict one another.

A file has more rows than memory should hold, so the database compares them. It knows rows, and not what the register holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.imports.row_errors import RowError, RowErrors
from socpass_vc.issuer.imports.row_validation import ImportedPerson, Row
from socpass_vc.issuer.register.schema import Number

AT_ONCE = 1_000
"""Rows that are held in memory and written together."""

_tables = sql.MetaData()
TEMPORARY: dict[str, Any] = {"prefixes": ["TEMPORARY"], "postgresql_on_commit": "DROP"}

people = sql.Table(
    "import_people",
    _tables,
    sql.Column("id", Number, primary_key=True, autoincrement=False),
    sql.Column("ref", sql.String, nullable=False),
    sql.Column("name", sql.String, nullable=False),
    sql.Column("born_on", sql.Date),
    sql.Column("born_in", sql.Integer),
    sql.Column("name_latin", sql.String),
    **TEMPORARY,
)
staged = sql.Table(
    "import_rows",
    _tables,
    sql.Column("person", Number, primary_key=True, autoincrement=False),
    sql.Column("line", Number, primary_key=True, autoincrement=False),
    sql.Column("category", sql.Integer),
    sql.Column("subject", sql.String),
    sql.Column("submitted_on", sql.Date),
    sql.Column("status", sql.String),
    sql.Column("reason", sql.String),
    sql.Column("first_day", sql.Date),
    sql.Column("last_day", sql.Date),
    sql.Column("document_kind", sql.Integer),
    sql.Column("document_number", sql.String),
    sql.Column("document_issued_on", sql.Date),
    sqlite_with_rowid=False,  # in the order of people, as it is read
    **TEMPORARY,
)
_same = sql.Table(
    "import_same",
    _tables,
    sql.Column("person", Number, primary_key=True, autoincrement=False),
    sql.Column("first", Number, nullable=False),
    **TEMPORARY,
)


class Staging:
    """The rows of one file, in temporary tables.

    Args:
        connection: of the transaction.
        kind: what the rows are.

    Attributes:
        people: highest number of a person; they are numbered from 1.
        rows: how many rows are there.
    """

    def __init__(self, connection: Connection, kind: RowKind) -> None:
        self.people = 0
        self.rows = 0
        self._connection = connection
        self._kind = kind
        _tables.create_all(connection, checkfirst=False)

    def clear(self) -> None:
        """Drop the temporary tables."""
        _tables.drop_all(self._connection, checkfirst=False)

    def load(self, rows: Iterable[Row | list[RowError]], faults: RowErrors, looked_at: Callable[[int], None]) -> None:
        """Write the good rows, and note what is wrong with the others.

        Args:
            rows: of the file.
            faults: where it is noted.
            looked_at: receives the number of rows read, batch by batch.
        """
        batch = _Batch()
        last: ImportedPerson | None = None
        for row in rows:
            if isinstance(row, list):
                faults.add_row(row)
                batch.bad += 1
            else:
                if row[0] is not last:
                    last = row[0]
                    self.people += 1
                    batch.people.append((self.people, *last))
                batch.rows.append((self.people, row[1], *row[2]))
            if batch.is_full():
                self._write(batch, looked_at)
                batch = _Batch()
        self._write(batch, looked_at)
        if self._connection.dialect.name == "postgresql":
            for table in (people, staged):  # or the planner takes them for empty
                self._connection.exec_driver_sql(f"ANALYZE {table.name}")

    def _write(self, batch: _Batch, looked_at: Callable[[int], None]) -> None:
        for table, columns, rows in (
            (people, people.c.keys(), batch.people),
            (staged, ["person", "line", *self._kind.fields], batch.rows),
        ):
            # Past SQLAlchemy's own way, which would take as long again.
            names = f"{table.name} ({', '.join(columns)})"
            if not rows:
                continue
            if self._connection.dialect.name == "postgresql":
                self._copy(f"COPY {names} FROM STDIN", rows)
            else:
                marks = ", ".join("?" * len(columns))
                self._connection.exec_driver_sql(f"INSERT INTO {names} VALUES ({marks})", rows)  # noqa: S608 -- names of ours
        self.rows += len(batch.rows)
        looked_at(len(batch.rows) + batch.bad)

    def _copy(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        """Write rows by COPY, the fastest way into PostgreSQL."""
        driver: Any = self._connection.connection.driver_connection
        try:
            with driver.cursor() as cursor, cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise sql.exc.OperationalError(statement, None, error, connection_invalidated=driver.closed) from error

    def settle(self, faults: RowErrors) -> None:
        """Note and drop the rows that contradict or repeat an earlier one; each person is then in *people* once."""
        firsts = sql.select(people.c.ref, sql.func.min(people.c.id).label("first")).group_by(people.c.ref)
        first = firsts.having(sql.func.count() > 1).subquery()
        repeated = sql.select(people.c.id, first.c.first).join(first, first.c.ref == people.c.ref)
        self._connection.execute(_same.insert().from_select(["person", "first"], repeated.where(people.c.id != first.c.first)))
        if self._connection.scalar(sql.select(sql.func.count()).select_from(_same)):
            self._settle_people(faults)
        self._settle_repeated(faults)

    def _settle_people(self, faults: RowErrors) -> None:
        this, first = people.alias(), people.alias()
        differ = sql.or_(*(this.c[name].is_distinct_from(first.c[name]) for name in ImportedPerson._fields))
        others = (
            sql.select(_same.c.person, _same.c.first)
            .join(this, this.c.id == _same.c.person)
            .join(first, first.c.id == _same.c.first)
            .where(differ)
            .subquery()
        )
        earlier = staged.alias()
        line = sql.select(sql.func.min(earlier.c.line)).where(earlier.c.person == others.c.first).scalar_subquery()
        query = sql.select(staged.c.line, line).join(others, others.c.person == staged.c.person).order_by(staged.c.line)
        self._drop(query, faults, _other_person)
        self._connection.execute(sql.delete(staged).where(staged.c.person.in_(sql.select(others.c.person))))
        keep = sql.select(_same.c.first).where(_same.c.person == staged.c.person).scalar_subquery()
        self._connection.execute(staged.update().where(staged.c.person.in_(sql.select(_same.c.person))).values(person=keep))
        self._connection.execute(sql.delete(people).where(people.c.id.in_(sql.select(_same.c.person))))

    def _settle_repeated(self, faults: RowErrors) -> None:
        keys = (staged.c.person, staged.c.category, staged.c.subject, staged.c.submitted_on)
        first = (
            sql.select(*keys, sql.func.min(staged.c.line).label("first"))
            .group_by(*keys)
            .having(sql.func.count() > 1)
            .cte("repeated")
        )
        alike = [staged.c[key.name].is_not_distinct_from(first.c[key.name]) for key in keys[1:]]
        again = sql.and_(staged.c.person == first.c.person, *alike, staged.c.line > first.c.first)
        if self._connection.scalar(sql.select(sql.func.count()).select_from(first)):
            query = sql.select(staged.c.line, first.c.first).join(first, again).order_by(staged.c.line)
            self._drop(query, faults, _REPEATED[self._kind])
            lines = sql.select(staged.c.line).join(first, again)
            self._connection.execute(sql.delete(staged).where(staged.c.line.in_(lines.scalar_subquery())))

    def drop(self, refused: sql.Select[Any], faults: RowErrors, fault: Callable[[int, str], RowError]) -> None:
        """Note and drop the rows that *refused* selects: a line, and a word that the fault speaks of."""
        lines = sql.select(refused.order_by(None).subquery().c.line)
        before = faults.rows
        found = self._connection.execute(refused.order_by(staged.c.line).execution_options(yield_per=AT_ONCE))
        faults.add_later(fault(row[0], row[1]) for row in found)
        if faults.rows > before:
            self._connection.execute(sql.delete(staged).where(staged.c.line.in_(lines)))
            there = sql.exists().where(staged.c.person == people.c.id)
            self._connection.execute(sql.delete(people).where(~there))
            self.rows -= faults.rows - before

    def _drop(self, query: sql.Select[Any], faults: RowErrors, fault: Callable[[int, int], RowError]) -> None:
        """Note the rows that *query* names as faults; they are dropped by the caller."""
        found = self._connection.execute(query.execution_options(yield_per=AT_ONCE))
        before = faults.rows
        faults.add_later(fault(row[0], row[1]) for row in found)
        self.rows -= faults.rows - before


class _Batch:
    """Rows that are read and not written yet."""

    def __init__(self) -> None:
        self.people: list[tuple[object, ...]] = []
        self.rows: list[tuple[object, ...]] = []
        self.bad = 0

    def is_full(self) -> bool:
        return len(self.rows) + self.bad >= AT_ONCE


def _other_person(line: int, other: int) -> RowError:
    return RowError(line=line, column="ref", code="other_person", facts={"other": other})


def _resident_twice(line: int, other: int) -> RowError:
    return RowError(line=line, column="ref", code="resident_twice", facts={"other": other})


def _entitlement_twice(line: int, other: int) -> RowError:
    return RowError(line=line, column="category", code="twice", facts={"other": other})


def _application_twice(line: int, other: int) -> RowError:
    return RowError(line=line, column="submitted", code="application_twice", facts={"other": other})


_REPEATED = {
    RowKind.RESIDENTS: _resident_twice,
    RowKind.ENTITLEMENTS: _entitlement_twice,
    RowKind.APPLICATIONS: _application_twice,
    RowKind.DECISIONS: _application_twice,
}
