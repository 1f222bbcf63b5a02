"""The report: what the database counts is what a naive count over the same rows gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, timedelta

import pytest
import sqlalchemy as sql

import town
from named_passes import add_list, add_pass, add_resident
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import applications, credentials, entitlements, residents
from socpass_vc.issuer.reports.register_report import STEPS, Grouping, RegisterReport, ReportRow, ResidentCounts, read_report

SETTINGS = town.settings()
NOW = town.NOW
TODAY = date(2026, 6, 1)
SECONDS = int(NOW.timestamp())
DAY = 86_400
CATEGORIES = (10, 30, 999, 1000, 2521, 2545, 2580)


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


def report(register: Register, grouping: Grouping = Grouping.CATEGORY) -> RegisterReport:
    return read_report(register, SETTINGS, now=NOW, grouping=grouping)


def test_an_empty_register_is_all_zeros(register: Register) -> None:
    for grouping in Grouping:
        found = report(register, grouping)
        assert found.people == ResidentCounts(all=0, entitled=0, with_pass=0, due=0)
        assert set(asdict(found.passes).values()) == {0}
        assert (found.rows, found.applications, found.lists) == ((), (), ())


def test_a_resident_without_anything_is_one_of_the_people(register: Register) -> None:
    with register.transaction() as connection:
        add_resident(connection, "x", check_at=None)
    assert report(register).people == ResidentCounts(all=1, entitled=0, with_pass=0, due=0)
    assert report(register).rows == ()


def test_days_are_counted_in_the_agencys_time_zone(register: Register) -> None:
    with register.transaction() as connection:
        resident = add_resident(connection, "x")
        connection.execute(entitlements.insert().values(resident_id=resident, category=10, last_day=TODAY))
    late = NOW.replace(hour=18, minute=59)  # 23:59 in Yekaterinburg
    assert read_report(register, SETTINGS, now=late).people.entitled == 1
    assert read_report(register, SETTINGS, now=late + timedelta(minutes=1)).people.entitled == 0


def test_progress_is_told_step_by_step(register: Register) -> None:
    steps: list[int] = []
    read_report(register, SETTINGS, now=NOW, looked_at=steps.append)
    assert sum(steps) == STEPS


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("grouping", Grouping)
def test_the_figures_agree_with_a_naive_count(register: Register, seed: int, grouping: Grouping) -> None:
    fill(register, random.Random(seed))  # noqa: S311 -- made-up residents

    found = report(register, grouping)

    with register.snapshot() as connection:
        naive = Naive(connection)
    assert asdict(found.people) == naive.people()
    assert asdict(found.passes) == {name: sum(map(state, naive.passes)) for name, state in STATES.items()}
    assert found.rows == naive.rows(grouping)
    assert {(row.status, row.by_age, row.oldest_on) for row in found.applications} == naive.applications()
    assert sum(row.all for row in found.applications) == len(naive.applied)
    assert [(filled.number, filled.entries, filled.used) for filled in found.lists] == [(0, 64, 11), (1, 64, 12)]


def fill(register: Register, dice: random.Random) -> None:
    """Add sixty residents, with days and times that are today's, now's and their neighbours'."""
    days = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
    times = (SECONDS - 1, SECONDS, SECONDS + 1, SECONDS + 30 * DAY, SECONDS + 30 * DAY + 1, SECONDS + 200 * DAY)
    places = [(number, index) for number in (0, 1) for index in range(64)]
    dice.shuffle(places)
    with register.transaction() as connection:
        add_list(connection, 0, used=11)
        add_list(connection, 1, used=12)
        for number in range(60):
            due = {"check_at": dice.choice((None, 0, *times)), "ends_at": dice.choice((None, *times))}
            resident = add_resident(connection, f"'; DROP TABLE residents; --{number}", **due)
            for category in dice.sample(CATEGORIES, dice.randrange(5)):
                days_ = {"first_day": dice.choice(days), "last_day": dice.choice(days)}
                connection.execute(entitlements.insert().values(resident_id=resident, category=category, **days_))
            for _ in range(dice.randrange(3)):
                expires_at = NOW + timedelta(seconds=dice.choice(times) - SECONDS)
                reason = dice.choice((None, "superseded", "lost"))
                add_pass(
                    connection, resident, places.pop(), status=dice.choice(list(Status)), reason=reason, expires_at=expires_at
                )
            for ago in dice.sample((-1, 0, 6, 7, 8, 30, 31, 400), dice.randrange(4)):
                values = {"subject": dice.choice((*map(str, CATEGORIES), "free-museum", "2545-x")), "reason": "нет"}
                status = dice.choice(("in_progress", "granted", "refused"))
                submitted_on = TODAY - timedelta(days=ago)
                connection.execute(
                    applications.insert().values(resident_id=resident, status=status, submitted_on=submitted_on, **values)
                )


def live(row: sql.RowMapping) -> bool:
    return bool(row["status"] == 0 and row["expires_at"] > SECONDS)


STATES: dict[str, Callable[[sql.RowMapping], bool]] = {
    "live": live,
    "expiring": lambda row: live(row) and row["expires_at"] <= SECONDS + 30 * DAY,
    "suspended": lambda row: row["status"] == 2 and row["expires_at"] > SECONDS,
    "revoked": lambda row: row["status"] == 1 and row["reason"] != "superseded",
    "superseded": lambda row: row["status"] == 1 and row["reason"] == "superseded",
    "expired": lambda row: row["status"] != 1 and row["expires_at"] <= SECONDS,
}


class Naive:
    """Everything in memory, counted with loops."""

    def __init__(self, connection: sql.Connection) -> None:
        self.residents, self.granted, self.passes, self.applied = (
            connection.execute(sql.select(table)).mappings().all()
            for table in (residents, entitlements, credentials, applications)
        )

    def people(self) -> dict[str, int]:
        return {
            "all": len(self.residents),
            "entitled": len({row["resident_id"] for row in self.granted if counts(row)}),
            "with_pass": len({row["resident_id"] for row in self.passes if live(row)}),
            "due": sum(map(due, self.residents)),
        }

    def rows(self, grouping: Grouping) -> tuple[ReportRow, ...]:
        def key(category: int) -> int:
            return category if grouping is Grouping.CATEGORY else category // 1000

        rows: dict[int, dict[str, int]] = {}
        for resident in self.residents:
            theirs = [row for row in self.granted if row["resident_id"] == resident["id"] and not ended(row)]
            for number in {key(row["category"]) for row in theirs}:
                row = rows.setdefault(number, {})
                add(row, "people", any(counts(granted) for granted in theirs if key(granted["category"]) == number))
                add(row, "due", due(resident))
                for issued in self.passes:
                    if issued["resident_id"] == resident["id"]:
                        for name in ("live", "expiring", "suspended", "revoked"):
                            add(row, name, STATES[name](issued))
        for applied in self.applied:
            if applied["status"] == "in_progress" and applied["subject"].isdigit():
                add(rows.setdefault(key(int(applied["subject"])), {}), "in_progress", found=True)
        return tuple(ReportRow(key=number, **rows[number]) for number in sorted(rows))

    def applications(self) -> set[tuple[str, tuple[int, int, int], date]]:
        found = set()
        for status in {row["status"] for row in self.applied}:
            days = [row["submitted_on"] for row in self.applied if row["status"] == status]
            ages = [(TODAY - day).days for day in days]
            by_age = (sum(age <= 7 for age in ages), sum(7 < age <= 30 for age in ages), sum(age > 30 for age in ages))
            found.add((status, by_age, min(days)))
        return found


def add(row: dict[str, int], name: str, found: bool) -> None:
    row[name] = row.get(name, 0) + found


def ended(row: sql.RowMapping) -> bool:
    return row["last_day"] is not None and row["last_day"] < TODAY


def counts(row: sql.RowMapping) -> bool:
    return not ended(row) and (row["first_day"] is None or row["first_day"] <= TODAY)


def due(row: sql.RowMapping) -> bool:
    soon = row["ends_at"] is not None and row["ends_at"] <= SECONDS + 30 * DAY
    return soon or (row["check_at"] is not None and row["check_at"] <= SECONDS)
