"""The decision, specs/credential.md section 6, step by step."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import (
    ClockWrong,
    Expired,
    Forged,
    HolderProofBad,
    HolderProofMissing,
    Incomplete,
    KeyCompromised,
    Malformed,
    Misread,
    NoEntitlement,
    NotAPass,
    NotYetValid,
    OutOfScope,
    Rejected,
    Revoked,
    SocpassError,
    StatusStale,
    StatusUnknown,
    Suspended,
    TrustExpired,
    Undecided,
    UnknownIssuer,
    Unreadable,
    Unsupported,
)
from socpass_vc.format import armor, cbor, cose
from socpass_vc.format.credential.claims import Entitlement, StatusReference
from socpass_vc.format.credential.proof import TYP as PROOF_TYP
from socpass_vc.format.credential.proof import sign_proof
from socpass_vc.format.credential.token import read_pass, sign_pass, write_presentation
from socpass_vc.format.keys import SecretKey
from socpass_vc.format.status.status_list import Status
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.decide import LEEWAY, FreshnessWarning, OnStale, Policy, verify_pass
from world import DAY, NOW, SECOND

WARN = Policy(on_stale=OnStale.WARN)


def with_keys(**changes: Any) -> Any:
    """Return a trust list whose pass key is another."""
    uses = changes.pop("uses", (Use.PASS,))
    agency = world.issuer(world.issuer_key("pass", *uses, **changes), world.issuer_key("status", Use.STATUS))
    return world.trust(world.trust_list(agency))


# --- Accepted -----------------------------------------------------------------------------------------------


def test_a_good_pass_is_accepted_with_what_the_till_should_show() -> None:
    # when
    verified = world.verify()

    # then
    assert verified.claims == world.claims()
    assert verified.issuer == world.issuer()
    assert verified.key.public_key == world.key("pass").public_key
    assert verified.entitlements == world.claims().entitlements
    assert verified.today == date(2026, 1, 1)
    assert verified.status_issued_at == world.ISSUED_AT
    assert verified.status_age == timedelta(hours=12)
    assert verified.warnings == ()


def test_a_pass_that_was_joined_from_parts_is_decided_on_like_any_other() -> None:
    # given
    unverified = read_pass(world.text())

    # then
    assert verify_pass(unverified, trust=world.trust(), status=world.status(), now=NOW) == world.verify()


def test_a_time_without_a_zone_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        world.verify(now=datetime(2026, 1, 1))  # noqa: DTZ001 -- the point of the test


@pytest.mark.parametrize(
    "now",
    [datetime.max.replace(tzinfo=UTC), world.END_OF_TIME - SECOND, datetime.min.replace(tzinfo=UTC)],
    ids=["the last microsecond", "when the year 10000 has begun in Ufa", "the first"],
)
def test_a_clock_at_the_end_or_the_beginning_of_time_is_refused_like_any_other_wrong_one(now: datetime) -> None:
    # given a pass and lists that are in force even then
    under = world.everlasting()
    lists = world.status(under=under, issued_at=world.BEGINNING, expires_at=world.END_OF_TIME)
    text = world.text(world.claims(issued_at=world.BEGINNING, expires_at=world.END_OF_TIME))

    # then
    with pytest.raises((Undecided, Rejected)):
        world.verify(now=now)
    with pytest.raises((Undecided, Rejected)):
        world.verify(text, under=under, lists=lists, now=now)


# --- Steps 1 and 2 ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("4601234567893", NotAPass),
        (world.text()[:-1], Misread),
        (armor.write_armor(armor.split_frame(armor.read_armor(world.text()), count=2)[1]), Incomplete),
        (world.text_of_token(bytes(100)), Malformed),
    ],
    ids=["not a pass", "misread", "incomplete", "malformed"],
)
def test_what_cannot_be_read_is_unreadable_before_the_trust_list_is_asked(text: str, error: type[Unreadable]) -> None:
    with pytest.raises(error) as refusal:
        world.verify(text, now=world.LIST_EXPIRES_AT)
    assert "issuer" not in refusal.value.facts


# --- Step 3 -------------------------------------------------------------------------------------------------


def everything_later(**changes: Any) -> Any:
    """Return a status list that is still fresh when the trust list no longer is."""
    return world.status(expires_at=world.LIST_EXPIRES_AT + 2 * DAY, ttl=365 * DAY, **changes)


@pytest.mark.parametrize("expiring", ["list", "root"])
def test_a_trust_list_counts_until_its_expiry_or_that_of_its_root(expiring: str) -> None:
    # given
    end = world.LIST_EXPIRES_AT - 10 * DAY
    over = world.root(expires_at=end) if expiring == "root" else None
    under = world.trust(world.trust_list(expires_at=end) if expiring == "list" else None, over=over)
    lists = everything_later()

    # then
    world.verify(under=under, lists=lists, now=end - SECOND)
    with pytest.raises(TrustExpired) as refusal:
        world.verify(under=under, lists=lists, now=end)
    assert refusal.value.facts == {"expired_at": end}
    assert world.verify(under=under, lists=lists, now=end, policy=WARN).warnings == (FreshnessWarning.TRUST_EXPIRED,)


def test_a_key_that_nobody_knows_is_of_an_unknown_issuer() -> None:
    with pytest.raises(UnknownIssuer):
        world.verify(world.text(signer=world.key("stranger")))


def test_a_compromised_key_refuses_everything_it_ever_signed() -> None:
    with pytest.raises(KeyCompromised):
        world.verify(under=with_keys(state=KeyState.COMPROMISED))


def test_a_retired_key_is_as_good_as_an_active_one() -> None:
    assert world.verify(under=with_keys(state=KeyState.RETIRED)).key.state is KeyState.RETIRED


# --- Step 4 -------------------------------------------------------------------------------------------------


def test_a_signature_that_does_not_verify_is_forged() -> None:
    # given
    token = sign_pass(world.claims(), world.key("pass"))

    # then
    with pytest.raises(Forged):
        world.verify(world.text_of_token(token[:-1] + bytes((token[-1] ^ 1,))))


# --- Step 5 -------------------------------------------------------------------------------------------------


def test_claims_that_are_malformed_or_newer_are_refused_and_say_whose_they_are() -> None:
    for payload, error in ((b"", Malformed), (cbor.encode({1: 0}), Unsupported)):
        with pytest.raises(error) as refusal:
            world.verify(world.text_of_payload(payload))
        assert refusal.value.facts["issuer"] == world.issuer()
        assert "claims" not in refusal.value.facts


@pytest.mark.parametrize(
    "zone",
    ["Asia/Ufa", "Europe", "Europe/", "/etc/localtime", "leapseconds", "__init__/x", "a" * 64, "-", "Europe//Moscow", "tzdata/x"],
)
def test_a_time_zone_that_the_program_does_not_know_is_unsupported(zone: str) -> None:
    # given
    under = world.trust(world.trust_list(world.issuer(time_zone=zone)))

    # then
    with pytest.raises(Unsupported) as refusal:
        world.verify(under=under)
    assert refusal.value.facts["time_zone"] == zone
    assert refusal.value.facts["claims"] == world.claims()


# --- Step 6 -------------------------------------------------------------------------------------------------


def test_a_key_that_may_not_sign_passes_is_out_of_scope() -> None:
    with refused(OutOfScope, "key_may_not_sign.passes", issuer_id=world.issuer().id, issued_at=world.claims().issued_at):
        world.verify(under=with_keys(uses=(Use.STATUS, Use.VOUCHER)))


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({"sign_from": world.ISSUED_AT}, True),
        ({"sign_from": world.ISSUED_AT + SECOND}, False),
        ({"sign_until": world.ISSUED_AT + SECOND}, True),
        ({"sign_until": world.ISSUED_AT}, False),
    ],
    ids=["from iat", "from a second after", "until a second after", "until iat"],
)
def test_iat_lies_within_the_key_window(changes: dict[str, Any], covered: bool) -> None:
    if covered:
        world.verify(under=with_keys(**changes))
    else:
        with pytest.raises(OutOfScope):
            world.verify(under=with_keys(**changes))


@pytest.mark.parametrize("categories", [(1000,), (1, 1999), (1, 2545, 3000)])
def test_one_category_outside_of_the_scope_refuses_the_pass(categories: tuple[int, ...]) -> None:
    # given
    claims = world.claims(entitlements=tuple(Entitlement(category=category) for category in categories))

    # then
    with refused(OutOfScope, "category_beyond_scopes"):
        world.verify(world.text(claims))


# --- Steps 7 and 8 ------------------------------------------------------------------------------------------


def test_a_clock_may_be_five_minutes_behind_the_floor_and_no_more() -> None:
    # given
    floor = NOW + timedelta(days=1)
    lists = world.status(expires_at=world.LIST_EXPIRES_AT)

    # then
    world.verify(lists=lists, now=floor - LEEWAY, clock_floor=floor)
    with pytest.raises(ClockWrong) as refusal:
        world.verify(lists=lists, now=floor - LEEWAY - SECOND, clock_floor=floor)
    assert refusal.value.facts["floor"] == floor


@pytest.mark.parametrize("floor", [None, world.BEGINNING], ids=["none", "an old one"])
def test_the_iat_of_the_trust_list_is_a_floor_too(floor: datetime | None) -> None:
    # given a pass and a list that are older than the trust list
    text = world.text(world.claims(issued_at=world.SIGN_FROM))
    lists = world.status(issued_at=world.SIGN_FROM, expires_at=world.LIST_EXPIRES_AT, ttl=365 * DAY)

    # then
    world.verify(text, lists=lists, now=world.ISSUED_AT - LEEWAY, clock_floor=floor)
    with pytest.raises(ClockWrong):
        world.verify(text, lists=lists, now=world.ISSUED_AT - LEEWAY - SECOND, clock_floor=floor)


def test_a_pass_may_be_issued_five_minutes_ahead_and_no_more() -> None:
    # then
    world.verify(world.text(world.claims(issued_at=NOW + LEEWAY)))
    with pytest.raises(NotYetValid):
        world.verify(world.text(world.claims(issued_at=NOW + LEEWAY + SECOND)))


def test_a_pass_counts_until_the_second_before_exp() -> None:
    # given
    text = world.text(world.claims(expires_at=NOW))

    # then
    world.verify(text, now=NOW - SECOND)
    world.verify(text, now=NOW - timedelta(microseconds=1))
    for after in (NOW, NOW + SECOND):
        with pytest.raises(Expired):
            world.verify(text, now=after)


# --- Step 9 -------------------------------------------------------------------------------------------------


def test_without_the_status_list_nothing_is_known() -> None:
    with refused(StatusUnknown, "status_list_missing"):
        world.verify(lists={})
    with refused(StatusUnknown, "status_list_missing"):
        world.verify(world.text(world.claims(status=StatusReference(list_number=1, index=0))))


def test_an_index_beyond_the_list_is_unknown_and_not_valid() -> None:
    world.verify(world.text(world.claims(status=StatusReference(list_number=0, index=world.ENTRIES - 1))))
    with refused(StatusUnknown, "index_beyond_list", index=world.ENTRIES):
        world.verify(world.text(world.claims(status=StatusReference(list_number=0, index=world.ENTRIES))))


FRESH, STALE = world.STATUS_EXPIRES_AT - SECOND, world.STATUS_EXPIRES_AT


@pytest.mark.parametrize("policy", [Policy(), WARN], ids=["refuse", "warn"])
@pytest.mark.parametrize("now", [FRESH, STALE, world.LIST_EXPIRES_AT - SECOND], ids=["fresh", "stale", "old"])
def test_a_revocation_is_final_in_a_list_of_any_age(policy: Policy, now: datetime) -> None:
    with pytest.raises(Revoked):
        world.verify(lists=world.status({world.INDEX: Status.INVALID}), now=now, policy=policy)


def test_a_list_is_fresh_until_its_exp() -> None:
    world.verify(now=FRESH)
    with pytest.raises(StatusStale):
        world.verify(now=STALE)
    assert world.verify(now=STALE, policy=WARN).warnings == (FreshnessWarning.STATUS_EXPIRED,)


@pytest.mark.parametrize("policy", [Policy(), WARN], ids=["refuse", "warn"])
def test_a_suspension_counts_in_a_fresh_list_and_leaves_a_stale_one_undecided(policy: Policy) -> None:
    # given
    lists = world.status({world.INDEX: Status.SUSPENDED})

    # then
    with pytest.raises(Suspended):
        world.verify(lists=lists, now=FRESH, policy=policy)
    with pytest.raises(StatusStale):
        world.verify(lists=lists, now=STALE, policy=policy)


def test_a_value_without_a_meaning_is_unknown() -> None:
    # given
    lists = world.status({world.INDEX: 3})  # type: ignore[dict-item]  # a later version's value

    # then
    with refused(StatusUnknown, "status_without_meaning", value=3):
        world.verify(lists=lists)
    with pytest.raises(StatusUnknown):
        world.verify(lists=lists, now=STALE, policy=WARN)
    with pytest.raises(StatusStale):
        world.verify(lists=lists, now=STALE)


# --- Step 10 ------------------------------------------------------------------------------------------------

TODAY = date(2026, 1, 1)


def test_only_the_entitlements_that_cover_today_are_returned() -> None:
    # given
    claims = world.claims(
        entitlements=(
            Entitlement(category=1, last=TODAY),
            Entitlement(category=2, last=TODAY - DAY),
            Entitlement(category=3, first=TODAY),
            Entitlement(category=4, first=TODAY + DAY),
        )
    )

    # when
    verified = world.verify(world.text(claims))

    # then
    assert [entitlement.category for entitlement in verified.entitlements] == [1, 3]


def test_a_pass_of_which_nothing_covers_today_opens_nothing() -> None:
    # given
    text = world.text(world.claims(entitlements=(Entitlement(category=1, last=TODAY - DAY),)))

    # then
    with pytest.raises(NoEntitlement) as refusal:
        world.verify(text)
    assert refusal.value.facts["today"] == TODAY


def test_the_category_that_is_asked_for_must_be_among_those_that_count_today() -> None:
    # given
    text = world.text(world.claims(entitlements=(Entitlement(category=1), Entitlement(category=2, last=TODAY - DAY))))

    # then
    assert len(world.verify(text, policy=Policy(category=1)).entitlements) == 1
    for category in (2, 3):
        with refused(NoEntitlement, "no_entitlement_of_category", category=category):
            world.verify(text, policy=Policy(category=category))


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (datetime(2026, 1, 1, 18, 59, 59, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 1, 1, 19, 0, 0, tzinfo=UTC), date(2026, 1, 2)),
        (datetime(2026, 1, 1, 23, 59, 59, tzinfo=timezone(timedelta(hours=5))), date(2026, 1, 1)),
    ],
    ids=["before midnight", "midnight", "a till in another zone"],
)
def test_today_is_the_civil_day_in_the_zone_of_the_issuer(now: datetime, today: date) -> None:
    assert world.verify(now=now).today == today


# --- Step 11 ------------------------------------------------------------------------------------------------

HOLDER = world.key("holder")
BOUND = sign_pass(world.claims(holder_key=HOLDER.public_key), world.key("pass"))


def presented(token: bytes = BOUND, *, by: SecretKey = HOLDER, at: datetime = NOW, of: bytes | None = None) -> str:
    """Return the text of a pass and a proof."""
    return write_presentation(token, sign_proof(token if of is None else of, by, now=at))


def test_a_bound_pass_counts_with_a_fresh_proof_by_its_holder() -> None:
    assert world.verify(presented()).claims.holder_key == HOLDER.public_key


def test_a_bound_pass_alone_counts_for_nothing() -> None:
    with pytest.raises(HolderProofMissing):
        world.verify(world.text_of_token(BOUND))


def test_a_proof_beside_a_pass_that_is_bound_to_nobody_is_bad() -> None:
    with refused(HolderProofBad, "proof.pass_without_key"):
        world.verify(presented(sign_pass(world.claims(), world.key("pass"))))


@pytest.mark.parametrize("apart", [-LEEWAY, timedelta(0), LEEWAY], ids=str)
def test_a_proof_may_be_five_minutes_away_to_either_side(apart: timedelta) -> None:
    world.verify(presented(at=NOW + apart))


@pytest.mark.parametrize("apart", [-LEEWAY - SECOND, LEEWAY + SECOND, 365 * DAY], ids=str)
def test_a_proof_that_is_further_away_is_bad(apart: timedelta) -> None:
    with refused(HolderProofBad, "proof.not_fresh", issued_at=NOW + apart):
        world.verify(presented(at=NOW + apart))


def naming_another_key() -> bytes:
    """Return a proof by the holder's key whose header names another."""
    good = cose.read_sign1(sign_proof(BOUND, HOLDER, now=NOW), typ=PROOF_TYP)
    protected = cbor.encode({1: -19, 4: world.key("other").public_key.key_id, 16: PROOF_TYP})
    signature = HOLDER.sign(cbor.encode(["Signature1", protected, b"", good.payload]))
    return b"\xd2" + cbor.encode([protected, {}, good.payload, signature])


@pytest.mark.parametrize(
    "text",
    [
        presented(by=world.key("other")),
        presented(of=BOUND + b"\0"),
        write_presentation(BOUND, b""),
        write_presentation(BOUND, sign_proof(BOUND, HOLDER, now=NOW) + b"\0"),
        write_presentation(BOUND, cose.sign1(cbor.encode({6: 0, -65538: bytes(32)}), HOLDER)),
        write_presentation(BOUND, naming_another_key()),
        write_presentation(BOUND, BOUND),
    ],
    ids=["by another key", "for another token", "empty", "trailed", "without a typ", "naming another key", "the pass itself"],
)
def test_a_proof_that_is_not_the_holders_for_this_pass_is_bad(text: str) -> None:
    with pytest.raises(HolderProofBad):
        world.verify(text)


# --- Warnings -----------------------------------------------------------------------------------------------


def test_lists_that_age_warn_from_the_announced_second_on() -> None:
    # given
    trust = world.trust(world.trust_list(next_update_at=NOW + DAY))
    lists = world.status(ttl=NOW + 2 * DAY - world.ISSUED_AT)

    # then
    assert world.verify(under=trust, lists=lists, now=NOW + DAY - SECOND).warnings == ()
    assert world.verify(under=trust, lists=lists, now=NOW + DAY).warnings == (FreshnessWarning.TRUST_AGEING,)
    assert world.verify(under=trust, lists=lists, now=NOW + 2 * DAY - SECOND).warnings == (FreshnessWarning.TRUST_AGEING,)
    assert world.verify(under=trust, lists=lists, now=NOW + 2 * DAY).warnings == (
        FreshnessWarning.TRUST_AGEING,
        FreshnessWarning.STATUS_AGEING,
    )


def test_lists_that_have_expired_warn_of_that_alone() -> None:
    assert world.verify(now=world.LIST_EXPIRES_AT, policy=WARN).warnings == (
        FreshnessWarning.TRUST_EXPIRED,
        FreshnessWarning.STATUS_EXPIRED,
    )


# --- Facts --------------------------------------------------------------------------------------------------


def test_a_refusal_after_the_signature_says_whose_pass_it_was_and_what_it_said() -> None:
    # when
    with pytest.raises(Expired) as refusal:
        world.verify(world.text(world.claims(expires_at=NOW)))

    # then
    assert refusal.value.facts["issuer"] == world.issuer()
    assert refusal.value.facts["claims"] == world.claims(expires_at=NOW)
    assert refusal.value.facts["expired_at"] == NOW


def test_a_refusal_at_the_signature_says_nothing_of_the_claims_which_nobody_signed() -> None:
    # given
    token = sign_pass(world.claims(), world.key("pass"))

    # then
    for text in (world.text_of_token(token[:-1] + bytes((token[-1] ^ 1,))), world.text(signer=world.key("stranger"))):
        with pytest.raises(SocpassError) as refusal:
            world.verify(text)
        assert not {"claims", "issuer"} & set(refusal.value.facts)
