"""The colour of a verdict, and what is known of the pass whatever the verdict."""

from __future__ import annotations

import pytest

import world
from socpass_vc import Status, Verdict, worst_family
from socpass_vc import errors as all_errors
from socpass_vc.errors import (
    BaseMissing,
    Expired,
    Forged,
    Misread,
    NoEntitlement,
    NotAPass,
    OutOfScope,
    Revoked,
    SocpassError,
    SourceError,
    StoreError,
    UnknownIssuer,
)
from socpass_vc.verifier.verdict.verdict import ConsultedList, Family

ACCEPTED = Verdict(source="", verified=world.verify())


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (Expired("expired"), "rejected"),
        (UnknownIssuer("x"), "undecided"),
        (StoreError("x"), "undecided"),
        (Misread("x"), "unreadable"),
        (SourceError("x"), "unreadable"),
        (BaseMissing("x"), "undecided"),
    ],
    ids=lambda part: getattr(part, "code", part),
)
def test_a_refusal_has_a_colour_and_a_code(error: SocpassError, family: Family) -> None:
    verdict = Verdict(source="photo.png", error=error)
    assert (verdict.family, verdict.code) == (family, error.code)
    assert (verdict.claims, verdict.issuer, verdict.consulted) == (None, None, None)
    assert (verdict.missing_category, verdict.closed_place, verdict.other_code) == (None, None, None)


def test_every_family_of_errors_has_its_colour() -> None:
    for family in ("Rejected", "Undecided", "Unreadable"):
        for kind in vars(all_errors).values():
            if isinstance(kind, type) and issubclass(kind, getattr(all_errors, family)):
                assert Verdict(source="", error=kind("x")).family == family.lower()


def test_an_accepted_pass_is_green_and_all_of_it_is_known() -> None:
    assert (ACCEPTED.family, ACCEPTED.code, ACCEPTED.facts) == ("accepted", "accepted", {})
    assert ACCEPTED.verified is not None
    assert (ACCEPTED.claims, ACCEPTED.issuer) == (ACCEPTED.verified.claims, ACCEPTED.verified.issuer)
    assert ACCEPTED.consulted == ConsultedList(ACCEPTED.verified.status_issued_at, ACCEPTED.verified.status_age)


def test_of_a_revoked_pass_claims_issuer_and_list_are_known() -> None:
    with pytest.raises(Revoked) as caught:
        world.verify(lists=world.status({world.INDEX: Status.INVALID}))
    verdict = Verdict(source="", error=caught.value)
    assert (verdict.claims, verdict.issuer and verdict.issuer.id) == (world.claims(), "RU-BA")
    assert verdict.consulted is not None


def test_what_was_asked_for_in_vain_is_told_only_where_it_is_the_reason() -> None:
    assert Verdict(source="", error=NoEntitlement("x", category=2545)).missing_category == 2545
    assert Verdict(source="", error=NoEntitlement("x", place="museum")).closed_place == "museum"
    assert Verdict(source="", error=OutOfScope("x", category=2545, place="museum")).missing_category is None
    assert Verdict(source="", error=NotAPass("x", found="link")).other_code == "link"
    assert Verdict(source="", error=Forged("x", found="link")).other_code is None


def test_the_worst_of_several_is_the_one_to_act_on() -> None:
    def of(*kinds: type[SocpassError]) -> list[Verdict]:
        return [ACCEPTED, *(Verdict(source="", error=kind("x")) for kind in kinds)]

    assert worst_family(of()) == "accepted"
    assert worst_family(of(Misread)) == "unreadable"
    assert worst_family(of(Misread, UnknownIssuer)) == "undecided"
    assert worst_family(of(Misread, UnknownIssuer, Forged)) == "rejected"
