"""Fresh, ageing, expired, and what people are told ahead of time, specs/cli.md section 5."""

from datetime import datetime, timedelta

import pytest

import world
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.decide import LEEWAY
from socpass_vc.verifier.freshness import Freshness, notices, of_catalogue, of_status_list, of_trust

SECOND = world.SECOND


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (world.NEXT_UPDATE_AT - SECOND, Freshness.FRESH),
        (world.NEXT_UPDATE_AT, Freshness.AGEING),
        (world.LIST_EXPIRES_AT - SECOND, Freshness.AGEING),
        (world.LIST_EXPIRES_AT, Freshness.EXPIRED),
    ],
)
def test_a_trust_list_ages_at_its_next_update_and_expires_at_its_exp(now: datetime, expected: Freshness) -> None:
    assert of_trust(world.trust(), now) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (world.ISSUED_AT + world.DAY - SECOND, Freshness.FRESH),
        (world.ISSUED_AT + world.DAY, Freshness.AGEING),
        (world.STATUS_EXPIRES_AT - SECOND, Freshness.AGEING),
        (world.STATUS_EXPIRES_AT, Freshness.EXPIRED),
    ],
)
def test_a_status_list_ages_at_its_ttl_and_expires_at_its_exp(now: datetime, expected: Freshness) -> None:
    assert of_status_list(world.admitted(), now) is expected


def test_a_catalogue_is_fresh_until_it_expires() -> None:
    (found,) = world.catalogues().values()
    assert of_catalogue(found, world.STATUS_EXPIRES_AT - SECOND) is Freshness.FRESH
    assert of_catalogue(found, world.STATUS_EXPIRES_AT) is Freshness.EXPIRED


def told(now: datetime, *, warn_days: int | None = None, clock_floor: datetime | None = None, **changes: datetime) -> list[str]:
    """Return the codes of what a till is told whose one key for everything ends far off."""
    keys = [
        world.issuer_key(name, use, sign_until=world.END_OF_TIME) for name, use in (("pass", Use.PASS), ("status", Use.STATUS))
    ]
    trust = world.trust(world.trust_list(world.issuer(*keys), **changes))
    found = notices(trust, [world.admitted(under=trust)], [], clock_floor=clock_floor, now=now, warn_days=warn_days)
    return [notice.code for notice in found]


@pytest.mark.parametrize(("days", "codes"), [(4, []), (3, ["catalogue_expiring"]), (0, ["catalogue_expired"])])
def test_catalogues_are_told_of_as_lists_are(days: int, codes: list[str]) -> None:
    at = world.STATUS_EXPIRES_AT - timedelta(days=days)
    trust = world.trust(world.trust_list(world.publisher(), next_update_at=world.LIST_EXPIRES_AT))
    found = notices(trust, [world.admitted(under=trust)], world.catalogues().values(), clock_floor=None, now=at)
    assert [notice.code for notice in found if notice.code.startswith("catalogue")] == codes


@pytest.mark.parametrize(("days", "code"), [(3, "status_expiring"), (0, "status_expired")])
def test_a_list_is_told_of_three_days_ahead_and_when_it_has_expired(days: int, code: str) -> None:
    at = world.STATUS_EXPIRES_AT - timedelta(days=days)
    assert code in told(at)
    assert code not in told(at - SECOND)


def test_how_long_ahead_can_be_chosen() -> None:
    now = world.STATUS_EXPIRES_AT - 10 * world.DAY
    assert "status_expiring" not in told(now, warn_days=9)
    assert "status_expiring" in told(now, warn_days=10)
    assert "trust_expiring" in told(now, warn_days=100)


@pytest.mark.parametrize(("ahead", "is_told"), [(LEEWAY, False), (LEEWAY + SECOND, True)])
def test_a_clock_behind_what_is_past_is_told_of(ahead: timedelta, is_told: bool) -> None:
    assert ("clock_wrong" in told(world.NOW, clock_floor=world.NOW + ahead)) is is_told


def test_what_verdicts_suffer_from_comes_first() -> None:
    found = told(world.STATUS_EXPIRES_AT, next_update_at=world.STATUS_EXPIRES_AT - world.DAY)
    assert found == ["status_expired", "trust_ageing"]


@pytest.mark.parametrize(
    ("state", "other_until", "is_told"),
    [
        (KeyState.ACTIVE, world.SIGN_UNTIL, True),
        (KeyState.ACTIVE, world.SIGN_UNTIL + 300 * world.DAY, False),
        (KeyState.RETIRED, world.SIGN_UNTIL + 300 * world.DAY, True),
        (KeyState.COMPROMISED, world.SIGN_UNTIL + 300 * world.DAY, True),
    ],
)
def test_an_issuer_that_will_have_no_active_key_left_is_told_of(state: KeyState, other_until: datetime, is_told: bool) -> None:
    # given
    agency = world.issuer(
        world.issuer_key("pass", Use.PASS, sign_until=world.END_OF_TIME),
        world.issuer_key("status", Use.STATUS),
        world.issuer_key("status b", Use.STATUS, state=state, sign_until=other_until),
    )
    trust = world.trust(world.trust_list(agency, expires_at=world.END_OF_TIME, next_update_at=world.END_OF_TIME))

    # when
    found = notices(trust, [], [], clock_floor=None, now=world.SIGN_UNTIL - world.DAY)

    # then
    assert (("key_ending", "RU-BA") in [(notice.code, notice.subject) for notice in found]) is is_told

    # when its other key is of an algorithm that the till does not know
    unknown = world.issuer_key(world.later_key("status"), Use.STATUS, sign_until=world.END_OF_TIME)
    further = world.issuer(*agency.keys, unknown)
    trust = world.trust(world.trust_list(further, expires_at=world.END_OF_TIME, next_update_at=world.END_OF_TIME))
    found = notices(trust, [], [], clock_floor=None, now=world.SIGN_UNTIL - world.DAY)

    # then
    assert (("key_ending", "RU-BA") in [(notice.code, notice.subject) for notice in found]) is is_told
    assert ("status_missing", True) in [(notice.code, notice.is_past) for notice in found]
