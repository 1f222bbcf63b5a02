"""The register in figures: people, passes, applications and status lists, counted by the database at one moment.

It knows the register. A row has the number of a category or of a region; their names are known elsewhere. Each figure is defined
at its attribute, and in specs/register.md, section 5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.pass_policy import RENEW_WITHIN, SUPERSEDED
from socpass_vc.issuer.register.applications import IN_PROGRESS
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.schema import applications, credentials, entitlements, residents, status_lists

STEPS = 5
"""How many times the database is asked, for progress."""
AGES = (7, 30)
"""Days since an application was submitted, up to which it is young, or not yet old."""
CATEGORIES_PER_REGION = 1_000
"""A category is its region's number times this, plus a code of the region's register (specs/credential.md, section 3)."""


class Grouping(StrEnum):
    """What a row of the report is about."""

    CATEGORY = "category"
    REGION = "region"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentCounts:
    """Residents.

    Attributes:
        all: in the register.
        entitled: with an entitlement that counts today.
        with_pass: with a live pass.
        due: whom the next issue looks at, be it only to find that nothing is to be done.
    """

    all: int
    entitled: int
    with_pass: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassCounts:
    """All passes ever issued, each in one of these states.

    Attributes:
        live: neither revoked nor suspended, nor past their end.
        expiring: live ones that end within the time in which they are renewed.
        suspended: by the agency, not past their end.
        revoked: by the agency, whether past their end or not.
        superseded: revoked because a newer pass took their place or the last entitlement ended.
        expired: past their end.
    """

    live: int
    expiring: int
    suspended: int
    revoked: int
    superseded: int
    expired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One category or region. A resident with several counts in each of them, so rows do not add up to the whole.

    Attributes:
        key: number of the category or region.
        people: residents with an entitlement of it that counts today.
        due: residents with one that has not ended, whom the next issue looks at.
        live, expiring, suspended, revoked: passes of residents with one that has not ended, as in :class:`PassCounts`.
        in_progress: applications for it that wait for a decision.
    """

    key: int
    people: int = 0
    due: int = 0
    live: int = 0
    expiring: int = 0
    suspended: int = 0
    revoked: int = 0
    in_progress: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationCounts:
    """Applications of one status, by their age in days.

    Attributes:
        status: in_progress, granted or refused.
        by_age: how many are of up to 7 days, of 8 to 30, and older.
        oldest_on: the day on which the oldest was submitted.
    """

    status: str
    by_age: tuple[int, int, int]
    oldest_on: date

    @property
    def all(self) -> int:
        """How many there are of any age."""
        return sum(self.by_age)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFill:
    """How full a status list is, and when its newest publication was signed and expires."""

    number: int
    entries: int
    used: int
    signed_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReport:
    """The register at one moment.

    Attributes:
        at: the time.
        today: the agency's civil day at that time.
        renew_within: how long before its end a pass is expiring.
        rows: by number, ascending.
        applications: by status, those that wait first.
        lists: by number, ascending.
    """

    at: datetime
    today: date
    renew_within: timedelta
    people: ResidentCounts
    passes: PassCounts
    grouping: Grouping
    rows: tuple[ReportRow, ...]
    applications: tuple[ApplicationCounts, ...]
    lists: tuple[ListFill, ...]


def read_report(
    register: Register,
    settings: AgencySettings,
    *,
    now: datetime,
    grouping: Grouping = Grouping.CATEGORY,
    looked_at: Callable[[int], None] = lambda _: None,
) -> RegisterReport:
    """Count everything at one moment; writers are not held up.

    Args:
        register: open.
        settings: the agency's, for its civil day.
        now: the time, aware.
        grouping: what a row is about.
        looked_at: called with 1 after each of the :data:`STEPS` steps.

    Raises:
        RegisterError: the database refused.
    """
    today = now.astimezone(settings.zone).date()
    counts = _Counts(now, today)
    with register.snapshot() as connection:
        people = counts.people(connection)
        looked_at(1)
        passes = counts.passes(connection)
        looked_at(1)
        rows = counts.rows(connection, grouping)
        looked_at(1)
        by_age = counts.applications(connection)
        looked_at(1)
        lists = _read_lists(connection)
        looked_at(1)
    return RegisterReport(
        at=now,
        today=today,
        renew_within=RENEW_WITHIN,
        people=people,
        passes=passes,
        grouping=grouping,
        rows=rows,
        applications=by_age,
        lists=lists,
    )


class _Counts:
    """The questions to the database, as of one moment."""

    def __init__(self, now: datetime, today: date) -> None:
        seconds, soon = int(now.timestamp()), int((now + RENEW_WITHIN).timestamp())
        status = credentials.c.status
        unexpired = credentials.c.expires_at > seconds
        self._today = today
        self._is_live = (status == int(Status.VALID)) & unexpired
        self._states = {
            "live": self._is_live,
            "expiring": self._is_live & (credentials.c.expires_at <= soon),
            "suspended": (status == int(Status.SUSPENDED)) & unexpired,
            "revoked": (status == int(Status.INVALID)) & credentials.c.reason.is_distinct_from(SUPERSEDED),
            "superseded": (status == int(Status.INVALID)) & (credentials.c.reason == SUPERSEDED),
            "expired": (status != int(Status.INVALID)) & ~unexpired,
        }
        self._is_due = (residents.c.check_at <= seconds) | sql.func.coalesce(residents.c.ends_at <= soon, sql.false())
        self._has_begun = entitlements.c.first_day.is_(None) | (entitlements.c.first_day <= today)
        self._has_not_ended = entitlements.c.last_day.is_(None) | (entitlements.c.last_day >= today)

    def people(self, connection: Connection) -> ResidentCounts:
        """Count residents."""
        entitled = sql.select(sql.func.count(entitlements.c.resident_id.distinct())).where(self._has_begun, self._has_not_ended)
        with_pass = sql.select(sql.func.count(credentials.c.resident_id.distinct())).where(self._is_live)
        count, due = connection.execute(sql.select(sql.func.count(), _count(self._is_due)).select_from(residents)).one()
        return ResidentCounts(
            all=count,
            entitled=_number(connection.scalar(entitled)),
            with_pass=_number(connection.scalar(with_pass)),
            due=_number(due),
        )

    def passes(self, connection: Connection) -> PassCounts:
        """Count passes by their state."""
        row = connection.execute(sql.select(*(_count(state).label(name) for name, state in self._states.items()))).one()
        return PassCounts(**{name: _number(count) for name, count in zip(self._states, row, strict=True)})

    def rows(self, connection: Connection, grouping: Grouping) -> tuple[ReportRow, ...]:
        """Count by category or region: people, then their passes, then applications."""
        holders = self._holders(grouping)
        shown = ("live", "expiring", "suspended", "revoked")
        of_people = sql.select(
            holders.c.key, sql.func.sum(holders.c.counts).label("people"), _count(self._is_due).label("due")
        ).join_from(holders, residents, residents.c.id == holders.c.resident_id)
        of_passes = sql.select(holders.c.key, *(_count(self._states[name]).label(name) for name in shown)).join_from(
            holders, credentials, credentials.c.resident_id == holders.c.resident_id
        )
        found: dict[int, dict[str, int]] = {}
        for query in (of_people, of_passes):
            for row in connection.execute(query.group_by(holders.c.key)).mappings():
                found.setdefault(row["key"], {}).update({name: _number(count) for name, count in row.items()})
        for category, count in _waiting(connection):
            number = category if grouping is Grouping.CATEGORY else category // CATEGORIES_PER_REGION
            figures = found.setdefault(number, {"key": number})
            figures["in_progress"] = figures.get("in_progress", 0) + count
        return tuple(ReportRow(**found[number]) for number in sorted(found))

    def _holders(self, grouping: Grouping) -> sql.CTE:
        """Return who has an entitlement that has not ended, once per key, and whether one of them counts today."""
        begun = _one(self._has_begun)
        if grouping is Grouping.CATEGORY:  # of which a resident has each once
            granted = sql.select(entitlements.c.resident_id, entitlements.c.category.label("key"), begun.label("counts"))
        else:
            key = entitlements.c.category // CATEGORIES_PER_REGION
            granted = sql.select(entitlements.c.resident_id, key.label("key"), sql.func.max(begun).label("counts"))
            granted = granted.group_by(entitlements.c.resident_id, key)
        return granted.where(self._has_not_ended).cte("holders")

    def applications(self, connection: Connection) -> tuple[ApplicationCounts, ...]:
        """Count applications by status and age."""
        submitted = applications.c.submitted_on
        young, older = (self._today - timedelta(days=days) for days in AGES)
        ages = (submitted >= young, (submitted < young) & (submitted >= older), submitted < older)
        query = sql.select(applications.c.status, sql.func.min(submitted), *map(_count, ages)).group_by(applications.c.status)
        found = sorted((tuple(row) for row in connection.execute(query)), key=lambda row: (row[0] != IN_PROGRESS, row[0]))
        return tuple(
            ApplicationCounts(status=status, oldest_on=oldest_on, by_age=(int(first), int(second), int(third)))
            for status, oldest_on, first, second, third in found
        )


def _waiting(connection: Connection) -> Iterator[tuple[int, int]]:
    """Yield the categories for which applications wait, and how many; those for measures have none."""
    subject = applications.c.subject
    query = sql.select(subject, sql.func.count()).where(applications.c.status == IN_PROGRESS).group_by(subject)
    for text, count in connection.execute(query):
        if text.isascii() and text.isdigit():
            yield int(text), count


def _read_lists(connection: Connection) -> tuple[ListFill, ...]:
    query = sql.select(status_lists).order_by(status_lists.c.number)
    return tuple(
        ListFill(
            number=row.number,
            entries=row.entries,
            used=row.used,
            signed_at=_moment(row.signed_at),
            expires_at=_moment(row.expires_at),
        )
        for row in connection.execute(query)
    )


def _one(condition: sql.ColumnElement[bool]) -> sql.ColumnElement[int]:
    return sql.case((condition, 1), else_=0)


def _count(condition: sql.ColumnElement[bool]) -> sql.ColumnElement[int]:
    return sql.func.sum(_one(condition))


def _number(count: object) -> int:
    """Return a sum, which is NULL where there is nothing to add, and PostgreSQL's Decimal where integers are large."""
    return int(str(count or 0))


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
