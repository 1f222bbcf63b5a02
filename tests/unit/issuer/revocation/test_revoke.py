"""Orders to revoke, suspend and reinstate: by resident, by pass, many at once; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sql

import town
from said import refused
from socpass_vc.errors import RegisterError
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.event_log import audit, read_events
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import credentials
from socpass_vc.issuer.revocation.revoke import RevocationOrder, RevocationReason, StatusAction, carry_out, change_status


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(location: Location) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as opened:
        yield opened


@pytest.fixture
def places(agency: Agency, register: Register) -> dict[str, StatusReference]:
    town.take(register, agency, town.ANNA, town.RUSTEM)
    return {issued.ref: issued.claims.status for issued in town.issue(register, agency.settings)}


def statuses(register: Register) -> dict[int, tuple[int, str | None]]:
    with register.transaction() as connection:
        rows = connection.execute(sql.select(credentials.c.list_index, credentials.c.status, credentials.c.reason))
        return {row.list_index: (row.status, row.reason) for row in rows}


def order(who: str | StatusReference, reason: str = RevocationReason.LOST, note: str | None = None) -> RevocationOrder:
    return RevocationOrder(who=who, reason=reason, note=note)


def test_one_pass_is_revoked_by_its_place_and_the_log_says_whose_it_was(
    register: Register, places: dict[str, StatusReference]
) -> None:
    place = places["1002"]
    assert change_status(register, place, StatusAction.REVOKE, reason="stolen", note="a bag", now=town.NOW, actor="olga") == 1
    assert statuses(register) == {places["1001"].index: (0, None), place.index: (1, "stolen")}
    with register.transaction() as connection:
        last = list(read_events(connection))[-1]
    assert (last.act, last.actor, last.ref, last.reason) == ("revoke", "olga", "1002", "stolen: a bag")
    assert last.facts == f'{{"list":0,"index":{place.index}}}'


@pytest.mark.parametrize(
    ("who", "reason", "facts"),
    [
        (StatusReference(list_number=7, index=1), "revocation.no_such_pass", {"list": 7, "index": 1}),
        ("'; DROP TABLE residents; --", "register.no_such_resident", {"ref": "'; DROP TABLE residents; --"}),
    ],
)
def test_what_is_not_there_is_named(
    register: Register, who: str | StatusReference, reason: str, facts: dict[str, object]
) -> None:
    with refused(RegisterError, reason, **facts):
        change_status(register, who, StatusAction.REVOKE, reason="lost", now=town.NOW, actor="test")


def test_a_pass_in_another_state_is_named(register: Register, places: dict[str, StatusReference]) -> None:
    place = places["1001"]
    with refused(RegisterError, "revocation.not_suspended", list=0, index=place.index):
        change_status(register, place, StatusAction.REINSTATE, reason="found", now=town.NOW, actor="test")
    change_status(register, place, StatusAction.REVOKE, reason="lost", now=town.NOW, actor="test")
    for act, reason in ((StatusAction.REVOKE, "revocation.revoked_already"), (StatusAction.SUSPEND, "revocation.not_valid")):
        with refused(RegisterError, reason, list=0, index=place.index):
            change_status(register, place, act, reason="lost", now=town.NOW, actor="test")


@pytest.mark.usefixtures("places")
def test_a_resident_without_a_pass_in_the_right_state_is_named(register: Register) -> None:
    with refused(RegisterError, "revocation.no_pass_to_reinstate", ref="1001"):
        change_status(register, "1001", StatusAction.REINSTATE, reason="found", now=town.NOW, actor="test")
    change_status(register, "1001", StatusAction.REVOKE, reason="lost", now=town.NOW, actor="test")
    for act, reason in ((StatusAction.REVOKE, "no_pass_to_revoke"), (StatusAction.SUSPEND, "no_pass_to_suspend")):
        with refused(RegisterError, f"revocation.{reason}", ref="1001"):
            change_status(register, "1001", act, reason="lost", now=town.NOW, actor="test")


def test_of_many_orders_all_are_carried_out_or_none(register: Register, places: dict[str, StatusReference]) -> None:
    orders = [order("1001"), order("nobody"), order(places["1002"], "fraud"), order(places["1001"])]
    before = statuses(register)

    tried = carry_out(register, orders, StatusAction.SUSPEND, now=town.NOW, actor="test")

    assert tried.passes == 0
    assert [refusal.order for refusal in tried.refused] == [orders[1], orders[3]]
    assert [refusal.why.reason for refusal in tried.refused] == ["register.no_such_resident", "revocation.not_valid"]
    assert statuses(register) == before

    seen: list[int] = []
    done = carry_out(register, orders, StatusAction.SUSPEND, now=town.NOW, actor="test", skip_refused=True, looked_at=seen.append)

    assert (done.passes, len(done.refused), len(seen)) == (2, 2, 4)
    assert statuses(register) == {places["1001"].index: (2, "lost"), places["1002"].index: (2, "fraud")}
    with register.transaction() as connection:
        assert audit(connection)[0] > 0
        assert [event.act for event in read_events(connection)][-2:] == ["suspend", "suspend"]


def test_no_orders_change_nothing_and_leave_no_event(register: Register) -> None:
    assert carry_out(register, [], StatusAction.REVOKE, now=town.NOW, actor="test").passes == 0
    with register.transaction() as connection:
        assert audit(connection)[0] == 0
