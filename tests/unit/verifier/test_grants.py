"""What a place grants, specs/catalogue.md section 4, and admitting the catalogue that says so, section 3."""

from datetime import date
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import (
    CatalogueStale,
    CatalogueUnknown,
    Forged,
    KeyCompromised,
    NoEntitlement,
    OutOfScope,
    UnknownIssuer,
)
from socpass_vc.format.credential.claims import Entitlement
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.admit import admit_catalogue
from socpass_vc.verifier.decide import FreshnessWarning, OnStale, Policy, Verified, verify
from socpass_vc.verifier.grants import catalogue_of, measures_of, open_measures

TRUST = world.trust_with_catalogues()
TODAY = date(2026, 1, 1)


def at(place: str | None = "museum", **more: Any) -> Verified:
    """Return what the till of the world says when a place asks."""
    settings: dict[str, Any] = {"under": TRUST, "granted_by": world.catalogues(), "policy": Policy(place=place)} | more
    return world.verify(**settings)


# --- Admitting ----------------------------------------------------------------------------------------------


def test_a_catalogue_by_the_catalogue_key_of_its_issuer_is_admitted() -> None:
    # when
    admitted = admit_catalogue(world.catalogue_token(), trust=TRUST)

    # then
    assert (admitted.issuer, admitted.content) == (world.publisher(), world.catalogue())


@pytest.mark.parametrize(
    "uri", ["https://other.example.ru/status/catalogue", world.STATUS_BASE, world.STATUS_URI, world.CATALOGUE_URI + "/"]
)
def test_a_catalogue_at_the_base_of_no_issuer_is_of_an_unknown_issuer(uri: str) -> None:
    with pytest.raises(UnknownIssuer) as refusal:
        admit_catalogue(world.catalogue_token(world.catalogue(uri=uri)), trust=TRUST)
    assert refusal.value.facts == {"uri": uri}


def test_a_key_of_one_issuer_cannot_sign_the_catalogue_of_another() -> None:
    # given
    base = "https://kamchatka.example.ru/"
    neighbour = world.issuer(world.issuer_key("other", Use.CATALOGUE), id="RU-KAM", status_base=base, scopes=((1, 5),))
    two = world.trust(world.trust_list(world.publisher(), neighbour))

    # then
    for token in (world.catalogue_token(world.catalogue(uri=base + "catalogue")), world.catalogue_token(signer="other")):
        with pytest.raises(UnknownIssuer):
            admit_catalogue(token, trust=two)


def test_a_stolen_key_a_key_for_something_else_and_a_changed_byte_are_refused() -> None:
    # given
    stolen = world.issuer_key("catalogue", Use.CATALOGUE, state=KeyState.COMPROMISED)
    token = world.catalogue_token()

    # then
    with pytest.raises(KeyCompromised):
        admit_catalogue(token, trust=world.trust(world.trust_list(world.issuer(stolen))))
    with refused(OutOfScope, "key_may_not_sign.catalogues", key_id=world.key("status").public_key.key_id.hex()):
        admit_catalogue(world.catalogue_token(signer="status"), trust=TRUST)
    with pytest.raises(Forged):
        admit_catalogue(token[:-1] + bytes((token[-1] ^ 1,)), trust=TRUST)


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
def test_a_catalogue_is_signed_within_the_key_window(issued_at: Any, covered: bool) -> None:
    # given
    token = world.catalogue_token(world.catalogue(issued_at=issued_at, expires_at=issued_at + world.DAY))

    # then
    if covered:
        admit_catalogue(token, trust=TRUST)
    else:
        with pytest.raises(OutOfScope):
            admit_catalogue(token, trust=TRUST)


# --- The decision -------------------------------------------------------------------------------------------


def test_a_place_is_told_what_to_grant() -> None:
    assert at().measures == (world.measure(),)


def test_without_a_place_nothing_is_looked_up() -> None:
    # given a source that must not be asked
    class Trap(dict[str, Any]):
        def get(self, *_: object) -> Any:
            raise AssertionError

    # then
    assert at(None, granted_by=Trap()).measures == ()


def test_a_place_where_the_pass_opens_nothing_is_no_entitlement_and_says_which_place() -> None:
    with pytest.raises(NoEntitlement) as refusal:
        at("theatre")
    assert refusal.value.facts["place"] == "theatre"
    assert refusal.value.facts["issuer"] == world.publisher()


def test_a_till_without_the_catalogue_cannot_tell() -> None:
    with pytest.raises(CatalogueUnknown) as refusal:
        at(granted_by={})
    assert refusal.value.facts["uri"] == world.CATALOGUE_URI
    with pytest.raises(CatalogueUnknown):  # as a caller who never heard of catalogues
        verify(world.text(), trust=TRUST, status=world.status(), now=world.NOW, policy=Policy(place="museum"))


def test_a_catalogue_whose_page_cannot_be_read_is_as_good_as_not_at_hand() -> None:
    # given a page of a later version, and one that is none
    for page in (b"\x81\xa1\x18\x3f\x00", b"\xff"):
        unreadable = world.catalogues(world.catalogue(measures_page=page))

        # then
        with refused(CatalogueUnknown, "catalogue_unreadable"):
            at(granted_by=unreadable)
        assert at(None, granted_by=unreadable).measures == ()


def test_an_expired_catalogue_is_stale_or_warns_as_the_policy_has_it() -> None:
    # given
    old = world.catalogues(world.catalogue(issued_at=world.SIGN_FROM, expires_at=world.NOW))

    # then
    with pytest.raises(CatalogueStale) as refusal:
        at(granted_by=old)
    assert refusal.value.facts["expired_at"] == world.NOW
    verified = at(granted_by=old, policy=Policy(place="museum", on_stale=OnStale.WARN))
    assert (verified.measures, verified.warnings) == ((world.measure(),), (FreshnessWarning.CATALOGUE_EXPIRED,))
    assert at(granted_by=old, now=world.NOW - world.SECOND).warnings == ()


def test_the_warning_of_the_catalogue_comes_after_the_others() -> None:
    # when
    verified = at(
        policy=Policy(place="museum", on_stale=OnStale.WARN),
        now=world.LIST_EXPIRES_AT,
        granted_by=world.catalogues(),
    )

    # then
    assert verified.warnings == (
        FreshnessWarning.TRUST_EXPIRED,
        FreshnessWarning.STATUS_EXPIRED,
        FreshnessWarning.CATALOGUE_EXPIRED,
    )


# --- The pieces ---------------------------------------------------------------------------------------------


def test_measures_are_open_by_category_place_and_day() -> None:
    # given
    measures = (
        world.measure(id="a", categories=(world.FEDERAL, world.PENSIONER)),
        world.measure(id="b", categories=(world.FEDERAL,)),
        world.measure(id="c", places=("museum", "park")),
        world.measure(id="d", last=date(2025, 12, 31)),
        world.measure(id="e", first=date(2026, 1, 2)),
        world.measure(id="f", places=("park",), first=TODAY, last=TODAY),
    )
    pensioner = (Entitlement(category=world.PENSIONER),)

    # then
    assert [found.id for found in open_measures(measures, pensioner, today=TODAY)] == ["a", "c", "f"]
    assert [found.id for found in open_measures(measures, pensioner, today=TODAY, place="park")] == ["c", "f"]
    assert open_measures(measures, (), today=TODAY) == ()


def test_the_catalogue_of_an_issuer_is_found_by_itself_for_lists_of_measures() -> None:
    # when
    found = catalogue_of(world.publisher(), world.catalogues(), now=world.NOW)

    # then
    assert measures_of(found) == (world.measure(),)
    with pytest.raises(CatalogueStale):
        catalogue_of(world.publisher(), world.catalogues(), now=world.STATUS_EXPIRES_AT)
    assert catalogue_of(world.publisher(), world.catalogues(), now=world.STATUS_EXPIRES_AT, even_stale=True) == found
