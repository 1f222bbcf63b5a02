"""Who signed, specs/credential.md section 6, steps 3 and 4: a key id is a hint, and several keys may share it."""

import pytest

import world
from said import refused
from socpass_vc.errors import Forged, KeyCompromised, UnknownIssuer, Unsupported
from socpass_vc.format.cose import read_sign1, sign1
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.authenticate import authenticate

ISSUER = world.issuer()
SIGNED = read_sign1(sign1(b"payload", world.key("pass")))
SIGNER = world.issuer_key("pass", Use.PASS)
STOLEN_SIGNER = world.issuer_key("pass", Use.PASS, state=KeyState.COMPROMISED)
OTHER = world.issuer_key("other", Use.PASS)
STOLEN_OTHER = world.issuer_key("other", Use.PASS, state=KeyState.COMPROMISED)


def test_the_key_that_signed_is_found_among_those_that_share_its_id() -> None:
    for candidates in ([SIGNER], [OTHER, SIGNER], [STOLEN_OTHER, OTHER, SIGNER]):
        # when
        issuer, key = authenticate(SIGNED, [(ISSUER, candidate) for candidate in candidates])

        # then
        assert (issuer, key) == (ISSUER, SIGNER)


def test_a_retired_key_verifies_as_an_active_one_does() -> None:
    # given
    retired = world.issuer_key("pass", Use.PASS, state=KeyState.RETIRED)

    # then
    assert authenticate(SIGNED, [(ISSUER, retired)]) == (ISSUER, retired)


def test_no_candidate_is_an_unknown_issuer() -> None:
    with pytest.raises(UnknownIssuer) as refusal:
        authenticate(SIGNED, [])
    assert refusal.value.facts == {"key_id": world.key("pass").public_key.key_id.hex()}


def test_candidates_that_are_all_compromised_refuse_before_the_signature_is_looked_at() -> None:
    for candidate in (STOLEN_SIGNER, STOLEN_OTHER):
        with pytest.raises(KeyCompromised) as refusal:
            authenticate(SIGNED, [(ISSUER, candidate)])
        assert refusal.value.facts["issuer"] == ISSUER


def test_what_verifies_only_under_a_compromised_key_is_compromised() -> None:
    with pytest.raises(KeyCompromised):
        authenticate(SIGNED, [(ISSUER, OTHER), (ISSUER, STOLEN_SIGNER)])


LATER, STOLEN_LATER = (
    world.issuer_key(world.later_key("a"), Use.PASS, state=state) for state in (KeyState.ACTIVE, KeyState.COMPROMISED)
)


def test_a_key_of_an_algorithm_that_is_not_known_leaves_open_who_signed_what_verifies_under_no_other() -> None:
    for candidates in ([LATER], [OTHER, LATER], [STOLEN_OTHER, LATER], [LATER, STOLEN_LATER]):
        with refused(Unsupported, "key_algorithm_unknown", algorithm=-48, key_id=SIGNED.key_id.hex()):
            authenticate(SIGNED, [(ISSUER, candidate) for candidate in candidates])


def test_beside_a_key_of_an_algorithm_that_is_not_known_the_others_decide_as_ever() -> None:
    # then the one that signed is found
    for candidates in ([LATER, SIGNER], [STOLEN_LATER, SIGNER]):
        assert authenticate(SIGNED, [(ISSUER, candidate) for candidate in candidates]) == (ISSUER, SIGNER)

    # then a stolen one refuses
    for candidates in ([STOLEN_LATER], [STOLEN_LATER, STOLEN_OTHER], [LATER, STOLEN_SIGNER]):
        with pytest.raises(KeyCompromised):
            authenticate(SIGNED, [(ISSUER, candidate) for candidate in candidates])

    # then one that did not sign, beside a stolen one of which nobody can tell, is forged
    with pytest.raises(Forged):
        authenticate(SIGNED, [(ISSUER, OTHER), (ISSUER, STOLEN_LATER)])


def test_what_verifies_under_none_is_forged() -> None:
    for candidates in ([OTHER], [OTHER, STOLEN_OTHER]):
        with pytest.raises(Forged):
            authenticate(SIGNED, [(ISSUER, candidate) for candidate in candidates])
