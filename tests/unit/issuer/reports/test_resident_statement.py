"""One resident's statement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

import town
from named_passes import add_list, add_pass, add_resident
from said import refused
from socpass_vc.errors import RegisterError
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import applications, entitlements
from socpass_vc.issuer.reports.resident_statement import EntitlementState, PassState, Statement, read_statement

NOW = town.NOW
TODAY = date(2026, 6, 1)
HOSTILE = "x'; DROP TABLE residents; --<b>&\""


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


def read(register: Register, ref: str = HOSTILE, *, full_numbers: bool = False) -> Statement:
    return read_statement(register, town.settings(), ref, now=NOW, full_numbers=full_numbers)


def test_a_resident_without_anything_has_an_empty_statement(register: Register) -> None:
    with register.transaction() as connection:
        add_resident(connection, HOSTILE, born_in=1949)
    found = read(register)
    assert (found.ref, found.name, found.born_on, found.born_in, found.latin_name) == (HOSTILE, "Иванова Анна", None, 1949, None)
    assert (found.entitlements, found.passes, found.applications, found.counting) == ((), (), (), ())


def test_an_unknown_reference_is_named(register: Register) -> None:
    for ref in ("nobody", HOSTILE, "", "%"):
        with refused(RegisterError, "register.no_such_resident"):
            read(register, ref)


def test_it_shows_this_residents_things_alone_and_the_newest_first(register: Register) -> None:
    with register.transaction() as connection:
        add_list(connection, 0)
        this, other = add_resident(connection, HOSTILE), add_resident(connection, "other")
        for resident in (other, this):
            for days, subject in enumerate(("2545", "free-museum", "30")):
                values = {"subject": subject, "submitted_on": TODAY + timedelta(days=days), "status": "refused", "reason": "нет"}
                connection.execute(applications.insert().values(resident_id=resident, decided_at=1, **values))
            add_pass(connection, resident, (0, resident))
    found = read(register)
    assert [(applied.category, applied.measure) for applied in found.applications] == [
        (30, None),
        (None, "free-museum"),
        (2545, None),
    ]
    assert {applied.reason for applied in found.applications} == {"нет"}
    assert [issued.index for issued in found.passes] == [this]


@pytest.mark.parametrize(
    ("first", "last", "state"),
    [
        (None, None, EntitlementState.COUNTS),
        (TODAY, TODAY, EntitlementState.COUNTS),
        (None, TODAY - timedelta(days=1), EntitlementState.ENDED),
        (TODAY + timedelta(days=1), None, EntitlementState.NOT_YET),
    ],
)
def test_an_entitlement_counts_from_its_first_day_to_its_last(
    register: Register, first: date | None, last: date | None, state: EntitlementState
) -> None:
    with register.transaction() as connection:
        values = {"resident_id": add_resident(connection, HOSTILE), "category": 10, "first_day": first, "last_day": last}
        connection.execute(entitlements.insert().values(**values))
    found = read(register)
    assert [granted.state for granted in found.entitlements] == [state]
    assert found.counting == ((10,) if state is EntitlementState.COUNTS else ())


def test_what_counts_today_stands_first(register: Register) -> None:
    with register.transaction() as connection:
        resident = add_resident(connection, HOSTILE)
        for category, last in ((10, TODAY - timedelta(days=1)), (30, None), (20, None)):
            connection.execute(entitlements.insert().values(resident_id=resident, category=category, last_day=last))
    assert [granted.category for granted in read(register).entitlements] == [20, 30, 10]


@pytest.mark.parametrize(
    ("number", "shown"), [("0123456789", "*6789"), ("1234", "1234"), ("АБ 12 34", "*2 34"), ("9-    5", "*5")]
)
def test_document_numbers_are_masked_to_the_last_four_characters(register: Register, number: str, shown: str) -> None:
    with register.transaction() as connection:
        values = {"resident_id": add_resident(connection, HOSTILE), "category": 10, "document_kind": 1, "document_number": number}
        connection.execute(entitlements.insert().values(**values))
    for full_numbers, expected in ((False, shown), (True, number)):
        (granted,) = read(register, full_numbers=full_numbers).entitlements
        assert granted.document is not None
        assert granted.document.number == expected


@pytest.mark.parametrize(
    ("status", "reason", "seconds_left", "state"),
    [
        (Status.VALID, None, 1, PassState.LIVE),
        (Status.VALID, None, 0, PassState.EXPIRED),
        (Status.SUSPENDED, "checking", 1, PassState.SUSPENDED),
        (Status.SUSPENDED, "checking", 0, PassState.EXPIRED),
        (Status.INVALID, "lost", 1, PassState.REVOKED),
        (Status.INVALID, None, 0, PassState.REVOKED),
        (Status.INVALID, "superseded", 1, PassState.SUPERSEDED),
    ],
)
def test_a_pass_is_in_one_state(
    register: Register, status: Status, reason: str | None, seconds_left: int, state: PassState
) -> None:
    with register.transaction() as connection:
        add_list(connection, 0)
        resident = add_resident(connection, HOSTILE)
        expires_at = NOW + timedelta(seconds=seconds_left)
        issued_at = NOW - timedelta(days=1)
        add_pass(connection, resident, (0, 5), status=status, reason=reason, issued_at=issued_at, expires_at=expires_at)
    (issued,) = read(register).passes
    assert (issued.state, issued.list_number, issued.index) == (state, 0, 5)
    assert (issued.issued_at, issued.expires_at) == (issued_at, expires_at)
