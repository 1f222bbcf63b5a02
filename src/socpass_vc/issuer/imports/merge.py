"""Bringing staged rows into the register, ten thousand people at a time: what is new, what is changed, and nothing twice.

Statements work on whole spans of people, so that a million rows never stand in memory. A column that the file lacks leaves the
register as it is. It knows the register's tables and the staged ones, and no file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.issuer.imports.columns import RowKind
from socpass_vc.issuer.imports.import_summary import MAX_SHOWN_CHANGES, ChangedValue, ImportCounts
from socpass_vc.issuer.imports.staging import AT_ONCE, TEMPORARY, people, staged
from socpass_vc.issuer.register.applications import GRANTED, IN_PROGRESS, REFUSED
from socpass_vc.issuer.register.person import SHOWN_CHARACTERS, mask_number
from socpass_vc.issuer.register.schema import Number, applications, entitlements, residents

SPAN = 10_000
"""People per step, a few tenths of a second: in between, progress is shown and an interruption takes effect."""

_PERSON_COLUMNS = {"name": ("name",), "born": ("born_on", "born_in"), "name_latin": ("name_latin",)}
_GRANT_COLUMNS = {
    "status": ("status",),
    "reason": ("reason",),
    "from": ("first_day",),
    "until": ("last_day",),
    # A document is one thing: another number with the old one's day would be a document that never was.
    "document_kind": ("document_kind", "document_number", "document_issued_on"),
}
_FILE_COLUMNS = {
    "born_on": "born",
    "born_in": "born",
    "first_day": "from",
    "last_day": "until",
    "document_issued_on": "document_issued",
}
_DOCUMENT_NUMBER = "document_number"

_tables = sql.MetaData()
_touched = sql.Table(
    "import_touched",
    _tables,
    sql.Column("person", Number, primary_key=True, autoincrement=False),
    sql.Column("line", Number, primary_key=True, autoincrement=False),
    sql.Column("resident_id", Number, nullable=False),
    sql.Column("old_id", Number),  # of what is changed; none of what is new
    sql.Column("old_status", sql.String),  # of an application
    sqlite_with_rowid=False,
    **TEMPORARY,
)
_granted = sql.Table(
    "import_granted",
    _tables,
    sql.Column("person", Number, primary_key=True, autoincrement=False),
    sql.Column("line", Number, primary_key=True, autoincrement=False),
    **TEMPORARY,
)
_acts = sql.Table(
    "import_acts",
    _tables,
    sql.Column("line", Number, nullable=False),
    sql.Column("act", sql.String, nullable=False),
    sql.Column("person", Number, nullable=False),
    **TEMPORARY,
)


class ApplicationStep(NamedTuple):
    """What was done to an application: "apply", "grant" or "refuse"."""

    act: str
    ref: str
    reason: str | None
    subject: str
    submitted_on: date


class Merge:
    """The staged rows of one file on their way into the register.

    Args:
        connection: of the transaction in which they are staged.
        kind: what they are.
        given: the columns that the file has.
        now: the time, aware.
        show: note what changes, value by value.
        again: count a decision as new even if it is the one that stands.

    Attributes:
        taken: what was done so far.
    """

    def __init__(
        self,
        connection: Connection,
        kind: RowKind,
        given: Collection[str],
        *,
        now: datetime,
        show: bool = False,
        again: bool = False,
    ) -> None:
        self.taken = ImportCounts()
        self._connection = connection
        self._kind = kind
        self._person = [name for column, names in _PERSON_COLUMNS.items() if column in given for name in names]
        self._grant = [name for column, names in _GRANT_COLUMNS.items() if column in given for name in names]
        self._now = sql.literal(int(now.timestamp()), Number)
        self._show = show
        self._again = again
        _tables.create_all(connection, checkfirst=False)

    def clear(self) -> None:
        """Drop the temporary tables."""
        _tables.drop_all(self._connection, checkfirst=False)

    def run(self, people_count: int, looked_at: Callable[[int], None] = lambda _: None) -> ImportCounts:
        """Merge everybody, and return what was done.

        Args:
            people_count: the highest number of a person.
            looked_at: receives the number of rows merged, step by step.
        """
        for first in range(1, people_count + 1, SPAN):
            looked_at(self._merge_span(first, first + SPAN))
        return self.taken

    def _merge_span(self, first: int, end: int) -> int:
        """Merge the people from number *first* to before *end*, and return how many rows that were."""
        theirs = sql.and_(staged.c.person >= first, staged.c.person < end)
        rows = int(self._connection.scalar(sql.select(sql.func.count()).select_from(staged).where(theirs)) or 0)
        all_new = self._merge_people(sql.and_(people.c.id >= first, people.c.id < end), rows)
        taken = self.taken
        if self._kind is RowKind.ENTITLEMENTS:
            new, changed = self._merge_grants(theirs, all_new=all_new)
            taken.unchanged += rows - new - changed
            taken.entitlements_new += new
            taken.entitlements_changed += changed
        elif self._kind is RowKind.APPLICATIONS:
            new, changed = self._merge_applications(theirs)
            taken.unchanged += rows - new - changed
            taken.applications_new += new
            taken.applications_changed += changed
            granted = sql.exists().where(_granted.c.person == staged.c.person, _granted.c.line == staged.c.line)
            new, changed = self._merge_grants(sql.and_(theirs, granted), all_new=all_new)
            taken.entitlements_new += new
            taken.entitlements_changed += changed
            self._connection.execute(_granted.delete())
        return rows

    def _merge_people(self, these: sql.ColumnElement[bool], rows: int) -> bool:
        """Make or change residents; tell whether all of them are new."""
        known = sql.exists().where(residents.c.ref == people.c.ref)
        columns = ["ref", "name", "born_on", "born_in", "name_latin"]
        wanted = sql.select(*(people.c[name] for name in columns)).where(these, ~known).order_by(people.c.id)
        new = self._count(residents.insert().from_select(columns, wanted))
        there = int(self._connection.scalar(sql.select(sql.func.count()).select_from(people).where(these)) or 0)
        changed = 0
        if new < there and self._person:
            differ = sql.or_(*(residents.c[name].is_distinct_from(people.c[name]) for name in self._person))
            match = sql.and_(these, residents.c.ref == people.c.ref, differ)
            if self._show:
                self._note_changes(sql.select(people.c.ref, sql.null()), match, self._person, residents, people)
            values: dict[str, object] = {name: people.c[name] for name in self._person}
            changed = self._count(residents.update().where(match).values(check_at=0, **values))
        self.taken.residents_new += new
        self.taken.residents_changed += changed
        if self._kind is RowKind.RESIDENTS:
            self.taken.unchanged += rows - new - changed
        return new == there

    def _merge_grants(self, theirs: sql.ColumnElement[bool], *, all_new: bool) -> tuple[int, int]:
        """Make or change entitlements; return how many of each."""
        names = [name for name in self._grant if name in entitlements.c]
        touched = self._touch(entitlements, ("category",), names, theirs)
        columns = ("category", *(name for names in list(_GRANT_COLUMNS.values())[2:] for name in names))
        new = self._insert(entitlements, {name: staged.c[name] for name in columns})
        changed = self._update(entitlements, {name: staged.c[name] for name in names}) if new < touched else 0
        if not all_new and touched:
            asked = sql.select(_touched.c.resident_id)
            unplanned = residents.c.check_at.is_distinct_from(0)
            self._connection.execute(residents.update().where(residents.c.id.in_(asked), unplanned).values(check_at=0))
        self._connection.execute(_touched.delete())
        return new, changed

    def _merge_applications(self, theirs: sql.ColumnElement[bool]) -> tuple[int, int]:
        """Make or change applications, and note what was done and what was granted; return how many of each."""
        touched = self._touch(applications, ("subject", "submitted_on"), self._grant, theirs)
        columns = ("subject", "submitted_on", *(name for names in _GRANT_COLUMNS.values() for name in names))
        decided = staged.c.status != IN_PROGRESS
        made: dict[str, sql.ColumnElement[object]] = {name: staged.c[name] for name in columns}
        new = self._insert(applications, {**made, "decided_at": sql.case((decided, self._now), else_=sql.null())})
        changed = 0
        if new < touched:
            values: dict[str, sql.ColumnElement[object]] = {name: staged.c[name] for name in self._grant}
            if "status" in self._grant:
                newly = sql.and_(decided, applications.c.status != staged.c.status)
                values["decided_at"] = sql.case((newly, self._now), else_=applications.c.decided_at)
            changed = self._update(applications, values)
        if touched:
            self._note_acts()
            # Of two granted for one category, the later one counts.
            granted = sql.and_(staged.c.status == GRANTED, staged.c.category.is_not(None))
            numbered = sql.select(
                _touched.c.person,
                _touched.c.line,
                sql.func.row_number()
                .over(
                    partition_by=(staged.c.person, staged.c.category),
                    order_by=(staged.c.submitted_on.desc(), staged.c.line.desc()),
                )
                .label("rank"),
            )
            latest = numbered.select_from(_touched.join(staged, _SAME_ROW)).where(granted).subquery()
            wanted = sql.select(latest.c.person, latest.c.line).where(latest.c.rank == 1)
            self._connection.execute(_granted.insert().from_select(["person", "line"], wanted))
        self._connection.execute(_touched.delete())
        return new, changed

    def _touch(self, target: sql.Table, keys: tuple[str, ...], names: list[str], theirs: sql.ColumnElement[bool]) -> int:
        """Note the rows whose counterpart in *target* is missing or differs, and return how many."""
        differ: sql.ColumnElement[bool] = sql.or_(
            sql.false(), *(target.c[name].is_distinct_from(staged.c[name]) for name in names)
        )
        old_status: sql.ColumnElement[str] = sql.cast(sql.null(), sql.String)
        if target is applications:
            old_status = applications.c.status
            # A file from before the decision does not take it back.
            differ = sql.and_(differ, sql.not_(sql.and_(old_status != IN_PROGRESS, staged.c.status == IN_PROGRESS)))
        wanted = (
            sql.select(staged.c.person, staged.c.line, residents.c.id, target.c.id, old_status)
            .select_from(with_residents().outerjoin(target, same_key(target, keys)))
            .where(theirs, sql.or_(target.c.id.is_(None), differ))
        )
        touched = self._count(_touched.insert().from_select(list(_touched.c.keys()), wanted))
        if self._show and touched:
            subject = sql.func.coalesce(staged.c.subject, sql.cast(staged.c.category, sql.String))
            begins = sql.select(people.c.ref, subject)
            match = sql.and_(_touched.c.old_id == target.c.id, _SAME_ROW, people.c.id == staged.c.person)
            self._note_changes(begins, match, names, target, staged)
        return touched

    def _insert(self, target: sql.Table, values: dict[str, sql.ColumnElement[object]]) -> int:
        wanted = (
            sql.select(_touched.c.resident_id, *values.values())
            .select_from(_touched.join(staged, _SAME_ROW))
            .where(_touched.c.old_id.is_(None))
            .order_by(_touched.c.person, _touched.c.line)
        )
        return self._count(target.insert().from_select(["resident_id", *values], wanted))

    def _update(self, target: sql.Table, values: dict[str, sql.ColumnElement[object]]) -> int:
        return self._count(target.update().where(target.c.id == _touched.c.old_id, _SAME_ROW).values(values))

    def _note_acts(self) -> None:
        otherwise = sql.or_(_touched.c.old_status.is_(None), _touched.c.old_status != staged.c.status)
        newly = sql.true() if self._again else otherwise
        for act, when in (
            ("apply", _touched.c.old_id.is_(None)),
            ("grant", sql.and_(staged.c.status == GRANTED, newly)),
            ("refuse", sql.and_(staged.c.status == REFUSED, newly)),
        ):
            wanted = sql.select(_touched.c.line, sql.literal(act), _touched.c.person)
            self._connection.execute(
                _acts.insert().from_select(
                    ["line", "act", "person"], wanted.select_from(_touched.join(staged, _SAME_ROW)).where(when)
                )
            )

    def acts(self) -> Iterator[list[ApplicationStep]]:
        """Yield what was done to applications, in the order of the file, a thousand at a time."""
        query = (
            sql.select(_acts.c.line, _acts.c.act, people.c.ref, staged.c.reason, staged.c.subject, staged.c.submitted_on)
            .join(people, people.c.id == _acts.c.person)
            .join(staged, sql.and_(staged.c.person == _acts.c.person, staged.c.line == _acts.c.line))
            .order_by(_acts.c.line, _acts.c.act)
        )
        after = 0
        while True:
            # An application has two acts at most, and both must be in one batch.
            batch = self._connection.execute(query.where(_acts.c.line > after).limit(AT_ONCE)).all()
            if not batch:
                return
            last = batch[-1].line
            complete = batch if len(batch) < AT_ONCE else [row for row in batch if row.line < last]
            yield [ApplicationStep._make(row[1:]) for row in complete]
            after = complete[-1].line

    def _note_changes(
        self,
        begins: sql.Select[tuple[object, ...]],
        match: sql.ColumnElement[bool],
        names: list[str],
        old: sql.FromClause,
        new: sql.FromClause,
    ) -> None:
        """Note which of the columns *names* differ between *old* and *new*."""
        left = MAX_SHOWN_CHANGES - len(self.taken.changes)
        if left <= 0 or not names:
            return
        columns = [table.c[name] for name in names for table in (old, new)]
        for ref, subject, *values in self._connection.execute(begins.add_columns(*columns).where(match).limit(left)):
            for name, before, after in zip(names, values[::2], values[1::2], strict=True):
                if before != after and len(self.taken.changes) < MAX_SHOWN_CHANGES:
                    shown = (_masked(before), _masked(after)) if name == _DOCUMENT_NUMBER else (before, after)
                    column = _FILE_COLUMNS.get(name, name)
                    change = ChangedValue(ref=ref, subject=subject, column=column, before=shown[0], after=shown[1])
                    self.taken.changes.append(change)

    def _count(self, statement: sql.Insert | sql.Update) -> int:
        return int(self._connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount)


_SAME_ROW = sql.and_(_touched.c.person == staged.c.person, _touched.c.line == staged.c.line)


def with_residents() -> sql.Join:
    """Return the staged rows of people whom the register knows, joined to them."""
    return staged.join(people, people.c.id == staged.c.person).join(residents, residents.c.ref == people.c.ref)


def same_key(target: sql.FromClause, keys: tuple[str, ...]) -> sql.ColumnElement[bool]:
    """Return the condition that a row of *target* is the counterpart of a staged one."""
    return sql.and_(target.c.resident_id == residents.c.id, *(target.c[key] == staged.c[key] for key in keys))


def _masked(number: str | None) -> str | None:
    if number is None:
        return None
    return mask_number(number) if len(number) > SHOWN_CHARACTERS else "*" * len(number)
