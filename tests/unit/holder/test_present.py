"""Presenting a pass with its holder's proof, specs/credential.md section 7."""

from datetime import timedelta

import pytest

import world
from said import refused
from socpass_vc.errors import ClaimsError, Expired, HolderProofBad, Malformed, NotAPass, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.credential.proof import read_proof
from socpass_vc.format.credential.token import read_pass
from socpass_vc.holder.present import present

HOLDER = world.key("holder")
TEXT = world.text(world.claims(holder_key=HOLDER.public_key))


def test_a_pass_is_presented_with_a_proof_that_a_till_accepts() -> None:
    # when
    shown = present(TEXT, HOLDER, now=world.NOW)

    # then
    assert read_pass(shown).token == read_pass(TEXT).token
    assert world.verify(shown).claims.name == world.claims().name


def test_a_presentation_is_worth_nothing_five_minutes_later() -> None:
    # given
    shown = present(TEXT, HOLDER, now=world.NOW)

    # then
    with pytest.raises(HolderProofBad):
        world.verify(shown, now=world.NOW + timedelta(seconds=301))


def test_a_presentation_can_be_presented_again_with_a_new_proof() -> None:
    # given
    later = world.NOW + timedelta(hours=1)
    shown = present(present(TEXT, HOLDER, now=world.NOW), HOLDER, now=later)

    # then
    assert world.verify(shown, now=later).today == world.verify(present(TEXT, HOLDER, now=world.NOW)).today


def test_fractions_of_a_second_are_dropped() -> None:
    # when
    proof = read_pass(present(TEXT, HOLDER, now=world.NOW + timedelta(microseconds=999_999))).proof

    # then
    assert proof is not None
    assert read_proof(proof).issued_at == world.NOW


def test_the_prefix_may_be_the_agencys_page() -> None:
    # when
    shown = present(TEXT, HOLDER, now=world.NOW, prefix="HTTPS://PASS.EXAMPLE.RU/P#")

    # then
    assert shown.startswith("HTTPS://PASS.EXAMPLE.RU/P#")
    world.verify(shown)


def test_a_pass_that_is_bound_to_another_key_or_to_none_is_not_presented() -> None:
    for text in (world.text(), world.text(world.claims(holder_key=world.key("other").public_key))):
        with refused(ClaimsError, "not_this_holders_key"):
            present(text, HOLDER, now=world.NOW)


def test_what_is_no_pass_is_not_presented() -> None:
    for text, error in (
        ("hello", NotAPass),
        (world.text_of_payload(b""), Malformed),
        (world.text_of_payload(cbor.encode({1: 0})), Unsupported),
    ):
        with pytest.raises(error):
            present(text, HOLDER, now=world.NOW)


def test_presenting_decides_nothing() -> None:
    # given a pass that has expired, which the till will say
    text = world.text(world.claims(holder_key=HOLDER.public_key, expires_at=world.NOW))

    # then
    with pytest.raises(Expired):
        world.verify(present(text, HOLDER, now=world.NOW))
