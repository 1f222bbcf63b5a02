"""Admitting a status list, specs/status-list.md section 2."""

from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import Forged, KeyCompromised, Malformed, OutOfScope, SocpassError, UnknownIssuer, Unsupported
from socpass_vc.format import cbor, cose
from socpass_vc.format.status.status_list import TYP, Status
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.admit import admit

NEIGHBOUR = world.issuer(
    world.issuer_key("other", Use.STATUS), id="RU-KAM", status_base="https://kamchatka.example.ru/", scopes=((1, 5),)
)
TWO = world.trust(world.trust_list(world.issuer(), NEIGHBOUR))


def test_a_list_by_the_status_key_of_its_issuer_is_admitted() -> None:
    # when
    admitted = admit(world.status_token(world.status_list({7: Status.INVALID})), trust=world.trust())

    # then
    assert admitted.issuer == world.issuer()
    assert admitted.content == world.status_list({7: Status.INVALID})


def test_an_expired_list_is_admitted_because_a_revocation_in_it_counts() -> None:
    # given
    old = world.status_list(issued_at=world.SIGN_FROM, expires_at=world.SIGN_FROM + world.SECOND)

    # then
    assert admit(world.status_token(old), trust=world.trust()).content == old


@pytest.mark.parametrize("uri", ["https://other.example.ru/status/0", world.STATUS_BASE, world.STATUS_BASE + "00"])
def test_a_list_at_the_base_of_no_issuer_is_of_an_unknown_issuer(uri: str) -> None:
    with pytest.raises(UnknownIssuer) as refusal:
        admit(world.status_token(world.status_list(uri=uri)), trust=world.trust())
    assert refusal.value.facts == {"uri": uri}


def test_a_key_of_one_issuer_cannot_sign_for_another() -> None:
    # given a list at the neighbour's base by our key, and one at ours by the neighbour's
    theirs = world.status_token(world.status_list(uri="https://kamchatka.example.ru/0"))
    ours = world.status_token(signer="other")

    # then
    for token in (theirs, ours):
        with pytest.raises(UnknownIssuer):
            admit(token, trust=TWO)


def with_uses(*uses: int, **changes: Any) -> Any:
    """Return a trust list whose status key has other uses, times or state."""
    return world.trust(
        world.trust_list(world.issuer(world.issuer_key("pass", Use.PASS), world.issuer_key("status", *uses, **changes)))
    )


def test_a_list_by_a_compromised_key_is_refused_however_old_it_is() -> None:
    with pytest.raises(KeyCompromised):
        admit(world.status_token(), trust=with_uses(Use.STATUS, state=KeyState.COMPROMISED))


def test_a_list_by_a_retired_key_is_admitted() -> None:
    # given
    trust = with_uses(Use.STATUS, state=KeyState.RETIRED)

    # then
    assert admit(world.status_token(), trust=trust).content == world.status_list()


def test_a_key_for_passes_may_not_sign_lists() -> None:
    with refused(OutOfScope, "key_may_not_sign.status_lists", key_id=world.key("pass").public_key.key_id.hex()):
        admit(world.status_token(signer="pass"), trust=world.trust())


@pytest.mark.parametrize(
    ("issued_at", "covered"),
    [
        (world.SIGN_FROM - world.SECOND, False),
        (world.SIGN_FROM, True),
        (world.SIGN_UNTIL - world.SECOND, True),
        (world.SIGN_UNTIL, False),
    ],
    ids=["a second before", "the first second", "the last second", "sign until"],
)
def test_a_list_is_signed_within_the_key_window(issued_at: Any, covered: bool) -> None:
    # given
    token = world.status_token(world.status_list(issued_at=issued_at, expires_at=issued_at + world.DAY))

    # then
    if covered:
        admit(token, trust=world.trust())
    else:
        with pytest.raises(OutOfScope):
            admit(token, trust=world.trust())


def test_a_changed_signature_is_forged() -> None:
    # given
    token = world.status_token()

    # then
    with pytest.raises(Forged):
        admit(token[:-1] + bytes((token[-1] ^ 1,)), trust=world.trust())


@pytest.mark.parametrize(
    ("payload", "error"), [(b"", Malformed), (cbor.encode({1: 0}), Unsupported)], ids=["malformed", "unsupported"]
)
def test_what_is_no_list_is_refused_before_its_issuer_is_looked_for(payload: bytes, error: type[SocpassError]) -> None:
    with pytest.raises(error):
        admit(cose.sign1(payload, world.key("stranger"), typ=TYP), trust=world.trust())
