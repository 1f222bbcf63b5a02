"""Passes and clocks: the clock floor, iat and exp, and the civil days of benefits (specs/credential.md, steps 7, 8 and 10)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scenarios.cbor import Change, Item
from scenarios.passes import DISABLED, EXP, IAT, LABOUR_VETERAN, PENSIONER, STATUS, Made, PassCase, claims, from_claims, granting
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import (
    BOTH_RU,
    ISSUED_AT,
    LEEWAY,
    NOW,
    PASS_BA,
    PASS_KAM,
    PASS_KGD,
    Key,
    day,
    instant,
)

CLOCK_WRONG, NOT_YET_VALID, EXPIRED, NO_ENTITLEMENT = "clock_wrong", "not_yet_valid", "expired", "no_entitlement"
_TODAY: Final = day("2026-01-01")


def _floors() -> Iterator[PassCase]:
    """Step 7."""
    comment = "Step 7: now + LEEWAY >= the clock floor; the floor 300 s ahead."
    yield PassCase("clock_floor_300_ahead", comment, clock_floor=NOW + LEEWAY)
    comment = "Step 7: now + LEEWAY >= the clock floor; the floor 301 s ahead. The till's clock is behind what it has seen."
    yield PassCase("clock_floor_301_ahead", comment, CLOCK_WRONG, clock_floor=NOW + LEEWAY + 1)
    yield PassCase("clock_floor_behind", "Step 7: a floor in the past is the usual case.", clock_floor=ISSUED_AT)
    early = from_claims(claims({IAT: ISSUED_AT - 3600}, {STATUS: (3, 100)}))
    comment = "Step 7: now + LEEWAY >= the trust list's iat, here 300 s ahead."
    yield PassCase("trust_iat_300_ahead", comment, made=early, now=ISSUED_AT - LEEWAY, status=("early",))
    comment = "Step 7: now + LEEWAY >= the trust list's iat, here 301 s ahead."
    yield PassCase("trust_iat_301_ahead", comment, CLOCK_WRONG, early, now=ISSUED_AT - LEEWAY - 1, status=("early",))
    comment = "Step 7 before step 8: a till whose clock is wrong must not call a pass early."
    ahead = from_claims(claims({IAT: NOW + LEEWAY + 1}))
    yield PassCase("order_clock_before_iat", comment, CLOCK_WRONG, ahead, clock_floor=NOW + LEEWAY + 1)


def _seconds() -> Iterator[PassCase]:
    """Step 8."""
    rules: tuple[Change, ...] = (
        ("iat_at_now", ACCEPTED, "iat <= now + LEEWAY; iat is now.", {IAT: NOW}),
        ("iat_300_ahead", ACCEPTED, "iat <= now + LEEWAY; iat is 300 s ahead, as clocks differ.", {IAT: NOW + LEEWAY}),
        ("iat_301_ahead", NOT_YET_VALID, "iat <= now + LEEWAY; iat is 301 s ahead.", {IAT: NOW + LEEWAY + 1}),
        ("exp_at_now_plus_1", ACCEPTED, "now < exp; the last second.", {EXP: NOW + 1}),
        (
            "exp_at_now",
            EXPIRED,
            "now < exp; exp itself is the first second that no longer counts (RFC 8392, section 3.1.4).",
            {EXP: NOW},
        ),
        ("exp_in_the_past", EXPIRED, "now < exp, without leeway.", {EXP: NOW - LEEWAY}),
    )
    for name, expect, comment, changes in rules:
        yield PassCase(name, f"Step 8: {comment}", expect, from_claims(claims(changes)))
    comment = "Steps 5 and 8: iat is before exp, by a second, and both lie around now."
    yield PassCase("iat_just_before_exp", comment, made=from_claims(claims({IAT: NOW, EXP: NOW + 1})))
    comment = "Step 8 before step 9: an expired pass that was revoked too."
    yield PassCase("order_expired_before_revoked", comment, EXPIRED, from_claims(claims({EXP: NOW}, {STATUS: (0, 5)})))
    comment = "Step 8 before step 10: an expired pass whose benefits are over too."
    yield PassCase(
        "order_expired_before_no_entitlement", comment, EXPIRED, from_claims(granting((2545, _TODAY - 1), changes={EXP: NOW}))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An issuer, and when the days begin there."""

    name: str
    zone: str
    issuer: str
    key: Key
    trust: str
    status: str
    next_day_at: int  # the first moment of 2026-01-02

    def case(self, name: str, comment: str, expect: str, *, now: int, item: Item) -> PassCase:
        """Return a scenario with one entitlement of category 82."""
        made = from_claims(granting(item), self.key)
        full = f"{name}_{self.name}"
        return PassCase(
            full, comment, expect, made, now=now, trust=self.trust, status=(self.status,), issuer=self.issuer, counts=(DISABLED,)
        )


_PLACES: Final = (
    Place(
        name="kaliningrad",
        zone="Europe/Kaliningrad (UTC+2)",
        issuer="RU-KGD",
        key=PASS_KGD,
        trust="several_issuers",
        status="ru_kgd",
        next_day_at=instant("2026-01-02T00:00:00+02:00"),
    ),
    Place(
        name="moscow",
        zone="Europe/Moscow (UTC+3)",
        issuer="RU",
        key=BOTH_RU,
        trust="several_issuers",
        status="ru",
        next_day_at=instant("2026-01-02T00:00:00+03:00"),
    ),
    Place(
        name="kamchatka",
        zone="Asia/Kamchatka (UTC+12)",
        issuer="RU-KAM",
        key=PASS_KAM,
        trust="several_issuers",
        status="ru_kam",
        next_day_at=instant("2026-01-02T00:00:00+12:00"),
    ),
    Place(
        name="yekaterinburg",
        zone="Asia/Yekaterinburg (UTC+5)",
        issuer="RU-BA",
        key=PASS_BA,
        trust="one_issuer",
        status="fresh",
        next_day_at=instant("2026-01-02T00:00:00+05:00"),
    ),
)


def _midnights() -> Iterator[PassCase]:
    """Step 10, section 4: civil days in the issuer's time zone, both ends included."""
    for place in _PLACES:
        rule = f"Section 4: days are civil days in the issuer's time zone, here {place.zone}; "
        until, since = (DISABLED, _TODAY), (DISABLED, None, _TODAY + 1)
        before, midnight = place.next_day_at - 1, place.next_day_at
        yield place.case("last_day_23_59_59", rule + "the last second of the last day counts.", ACCEPTED, now=before, item=until)
        yield place.case(
            "last_day_midnight", rule + "at midnight the last day is over.", NO_ENTITLEMENT, now=midnight, item=until
        )
        yield place.case(
            "first_day_23_59_59",
            rule + "a second before midnight the first day has not begun.",
            NO_ENTITLEMENT,
            now=before,
            item=since,
        )
        yield place.case(
            "first_day_midnight", rule + "the first moment of the first day counts.", ACCEPTED, now=midnight, item=since
        )


def _entitlements() -> Iterator[PassCase]:
    """Step 10: which entitlements count."""
    mixed: Made = from_claims(granting((DISABLED, _TODAY - 1), (LABOUR_VETERAN, None, _TODAY + 1), (PENSIONER, None)))
    yield PassCase(
        "some_entitlements_over",
        "Step 10: at least one entitlement covers today; the others do not count.",
        made=mixed,
        counts=(PENSIONER,),
    )
    none = from_claims(granting((DISABLED, _TODAY - 1), (PENSIONER, None, _TODAY + 1)))
    yield PassCase("no_entitlement_today", "Step 10: one is over and the other has not begun.", NO_ENTITLEMENT, none)
    comment = "Step 10: both ends are the same day, today."
    yield PassCase(
        "entitlement_of_today_only", comment, made=from_claims(granting((DISABLED, _TODAY, _TODAY))), counts=(DISABLED,)
    )
    comment = "Section 4: from the first moment of from to the last of until: here from 1800 to 9999."
    made = from_claims(granting((DISABLED, 2932896, -62091)))
    yield PassCase("entitlement_of_all_days", comment, made=made, counts=(DISABLED,))
    comment = "Step 10: the policy names a category, and it covers today. All that cover today count."
    yield PassCase("category_asked_for", comment, category=PENSIONER)
    comment = "Step 10: the policy names a category that the pass does not have."
    yield PassCase("category_asked_for_absent", comment, NO_ENTITLEMENT, category=30)
    comment = "Step 10: the policy names a category that the pass has, but it is over; another one covers today."
    yield PassCase("category_asked_for_over", comment, NO_ENTITLEMENT, mixed, category=DISABLED)
    comment = "Step 10: the policy names a category that begins tomorrow."
    yield PassCase("category_asked_for_not_begun", comment, NO_ENTITLEMENT, mixed, category=LABOUR_VETERAN)


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_floors, _seconds, _midnights, _entitlements) for case in maker()]
