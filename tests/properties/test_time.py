"""What time does to a decision: a pass counts between its two seconds, an entitlement from midnight to midnight."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import strategies
import world
from socpass_vc.errors import Expired, NoEntitlement, NotYetValid, Revoked, SocpassError
from socpass_vc.format.credential.claims import Claims, Entitlement, StatusReference
from socpass_vc.format.fields import MAX_SECONDS
from socpass_vc.format.status.status_list import Status
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Use
from socpass_vc.verifier.decide import LEEWAY, OnStale, Policy
from world import BEGINNING, DAY, END_OF_TIME, SECOND

EVERLASTING = world.everlasting()
FOREVER = world.status(under=EVERLASTING, issued_at=BEGINNING, expires_at=END_OF_TIME)
REVOKED = world.status({world.INDEX: Status.INVALID}, under=EVERLASTING, issued_at=BEGINNING, expires_at=END_OF_TIME)

policies = st.builds(Policy, on_stale=st.sampled_from(OnStale), category=st.none() | st.just(world.PENSIONER))
nearly = st.integers(-600, 600).map(lambda seconds: seconds * SECOND)


def sees(text: str, now: datetime, under: Trust = EVERLASTING) -> type[SocpassError] | None:
    """Return the refusal of a text at a time, or None where it is accepted."""
    try:
        world.verify(text, under=under, lists=FOREVER, now=now)
    except SocpassError as refusal:
        return type(refusal)
    return None


@given(strategies.moments, strategies.moments, st.data())
def test_a_pass_counts_from_five_minutes_before_iat_to_the_second_before_exp_and_never_after(
    one: datetime, other: datetime, data: st.DataObject
) -> None:
    # given
    assume(one != other)
    issued, expires = sorted((one, other))
    text = world.text(world.claims(issued_at=issued, expires_at=expires))

    # when
    now = data.draw(strategies.moments | st.sampled_from([issued - LEEWAY, issued, expires]).flatmap(near))
    assume(now < END_OF_TIME - DAY)  # when everlasting lists end too, and in some places it is the year 10000
    refusal = sees(text, now)

    # then
    if now < issued - LEEWAY:
        assert refusal is NotYetValid
    elif now < expires:
        assert refusal is None
    else:
        assert refusal is Expired


def near(moment: datetime) -> st.SearchStrategy[datetime]:
    """Return times around a moment, as far as there are any."""
    around = st.integers(-3, 3).map(lambda seconds: int(moment.timestamp()) + seconds)
    return around.map(lambda seconds: datetime.fromtimestamp(min(max(0, seconds), MAX_SECONDS), UTC))


@given(policies, strategies.moments, st.none() | strategies.moments)
def test_a_revoked_pass_is_never_accepted_under_any_policy_at_any_time(
    policy: Policy, now: datetime, floor: datetime | None
) -> None:
    # given
    text = world.text(world.claims(issued_at=BEGINNING, expires_at=END_OF_TIME))

    # then
    with pytest.raises(SocpassError) as refusal:
        world.verify(text, under=EVERLASTING, lists=REVOKED, now=now, policy=policy, clock_floor=floor)
    if floor is None and now < END_OF_TIME:
        assert refusal.type is Revoked


@given(
    policies,
    st.integers(0, world.ENTRIES - 1),
    st.sampled_from([Status.VALID, Status.INVALID, Status.SUSPENDED]),
    nearly,
    strategies.moments,
)
def test_only_a_pass_whose_entry_is_valid_is_ever_accepted(
    policy: Policy, index: int, value: Status, away: timedelta, exp: datetime
) -> None:
    # given a list that is stale, nearly stale or fresh, and neighbours that are all revoked
    assume(exp > BEGINNING)
    others = dict.fromkeys(range(world.ENTRIES), Status.INVALID)
    lists = world.status({**others, index: value}, under=EVERLASTING, issued_at=BEGINNING, expires_at=exp)
    reference = StatusReference(list_number=0, index=index)
    text = world.text(world.claims(status=reference, issued_at=BEGINNING, expires_at=END_OF_TIME))
    now = max(BEGINNING, exp + away) if exp < END_OF_TIME - DAY else exp - DAY

    # when
    try:
        world.verify(text, under=EVERLASTING, lists=lists, now=now, policy=policy)
    except SocpassError:
        return

    # then
    assert value is Status.VALID
    assert now < exp or policy.on_stale is OnStale.WARN


ZONES = sorted(zone for zone in available_timezones() if zone != "localtime" and not zone.startswith(("right/", "posix/")))


def in_zone(zone: str) -> Trust:
    """Return the everlasting trust list with its issuer in another zone."""
    agency = EVERLASTING.list.issuers[0]
    return world.trust(replace(EVERLASTING.list, issuers=(replace(agency, time_zone=zone),)), over=EVERLASTING.root)


def first_moment(day: date, zone: str) -> datetime:
    """Return when a civil day begins: at midnight, at the first of two, or at the jump of a clock that jumps over it."""
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


@given(st.sampled_from(ZONES), st.dates(date(1972, 1, 1), date(2099, 1, 1)), st.integers(0, 400))
@example("Europe/Moscow", date(2026, 12, 31), 0)
@example("Asia/Kamchatka", date(2026, 12, 31), 0)
@example("America/Havana", date(2026, 3, 8), 0)  # the clocks jump from 0:00 to 1:00
@example("America/Havana", date(2026, 11, 1), 0)  # and back from 1:00 to 0:00: midnight comes twice
@example("America/Havana", date(2026, 10, 31), 0)
@example("Asia/Beirut", date(2026, 3, 29), 0)
@example("Africa/Cairo", date(2026, 4, 24), 0)
@example("Europe/Berlin", date(2026, 3, 29), 0)  # 23 hours
@example("Europe/Berlin", date(2026, 10, 25), 0)  # 25 hours
@example("Australia/Lord_Howe", date(2026, 4, 5), 1)  # half an hour
@example("Pacific/Kiritimati", date(2026, 1, 1), 0)
@example("Etc/GMT+12", date(2026, 1, 1), 0)
def test_an_entitlement_counts_exactly_from_local_midnight_to_local_midnight(zone: str, first: date, days: int) -> None:
    # given days that begin once: a few places turned their clocks back just after midnight
    last = first + days * DAY
    begins, ends = first_moment(first, zone), first_moment(last + DAY, zone)
    assume(local_date(begins - SECOND, zone) < first <= local_date(begins, zone))
    assume(local_date(ends - SECOND, zone) == last < local_date(ends, zone))

    # when
    counts = counting_in(zone, world.claims(entitlements=(Entitlement(category=1, first=first, last=last),)))

    # then
    assert [counts(now) for now in (begins - SECOND, begins, ends - SECOND, ends)] == [False, True, True, False]


@given(st.sampled_from(ZONES), st.dates(date(1972, 1, 1), date(2099, 1, 1)), st.integers(-3 * 86400, 3 * 86400))
def test_a_day_is_the_one_that_a_clock_on_the_wall_of_the_issuer_shows(zone: str, day: date, seconds: int) -> None:
    # given
    now = datetime.combine(day, time(12), UTC) + seconds * SECOND
    counts = counting_in(zone, world.claims(entitlements=(Entitlement(category=1, first=day, last=day),)))

    # then
    assert counts(now) is (local_date(now, zone) == day)


def local_date(moment: datetime, zone: str) -> date:
    """Return the civil day of a moment."""
    return moment.astimezone(ZoneInfo(zone)).date()


def counting_in(zone: str, claims: Claims) -> Callable[[datetime], bool]:
    """Return whether an entitlement of a long-lived pass counts at a time."""
    under = in_zone(zone)
    text = world.text(replace(claims, issued_at=BEGINNING, expires_at=END_OF_TIME))

    def counts(now: datetime) -> bool:
        refusal = sees(text, now, under)
        assert refusal in (None, NoEntitlement)
        return refusal is None

    return counts


@given(strategies.moments, strategies.moments)
def test_what_a_key_signed_outside_of_its_window_is_never_accepted(start: datetime, issued: datetime) -> None:
    # given
    assume(BEGINNING + DAY < start < END_OF_TIME - 2 * DAY)
    assume(issued < END_OF_TIME - DAY)
    status_key = next(key for key in EVERLASTING.list.issuers[0].keys if Use.STATUS in key.uses)
    agency = world.issuer(world.issuer_key("pass", Use.PASS, sign_from=start, sign_until=start + DAY), status_key)
    under = world.trust(replace(EVERLASTING.list, issuers=(agency,)), over=EVERLASTING.root)
    text = world.text(world.claims(issued_at=issued, expires_at=END_OF_TIME))

    # then
    assert (sees(text, issued, under) is None) is (start <= issued < start + DAY)
