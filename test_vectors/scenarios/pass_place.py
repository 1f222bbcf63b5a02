"""Passes and places: what the catalogue of the issuer grants (specs/credential.md, step 10; specs/catalogue.md, section 4)."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from scenarios.passes import CNF, DISABLED, LABOUR_VETERAN, PENSIONER, PassCase, claims, from_claims, granting
from scenarios.scenario import ACCEPTED, Scenario
from scenarios.seeds import HOLDER, STATUS_EXPIRES_AT, day, instant

NO_ENTITLEMENT, UNKNOWN, STALE = "no_entitlement", "catalogue_unknown", "catalogue_stale"
_TODAY: Final = day("2026-01-01")
_case = partial(PassCase, trust="with_catalogue", catalogues=("several",))


def _places() -> Iterator[PassCase]:
    """What is granted where."""
    comment = "Step 10: the pass opens two measures at the place, by different entitlements; both are granted."
    yield _case("place_museum", comment, place="museum", grants=("museum-free", "museum-half"))
    comment = "Step 10: one measure of several names this place."
    yield _case("place_theatre", comment, place="theatre", grants=("museum-half",))
    comment = "Step 10: the place has a measure, but for categories that the pass does not have."
    yield _case("place_of_other_categories", comment, NO_ENTITLEMENT, place="transport")
    comment = "Step 10: the catalogue has no measure at this place."
    yield _case("place_without_measures", comment, NO_ENTITLEMENT, place="pharmacy")
    comment = "Step 10: a place that nobody knows has no measure; that it is misspelt is for the caller to notice."
    yield _case("place_unheard_of", comment, NO_ENTITLEMENT, place="nowhere")
    comment = "Step 10: an empty catalogue grants nothing, and is not a missing one."
    yield _case("place_empty_catalogue", comment, NO_ENTITLEMENT, place="museum", catalogues=("empty",))
    over = from_claims(granting((DISABLED, _TODAY - 1), (LABOUR_VETERAN, None)))
    comment = "Step 10: only entitlements that count today open a measure."
    yield _case("place_entitlement_over", comment, made=over, place="museum", grants=("museum-half",), counts=(LABOUR_VETERAN,))
    comment = "Step 10: a category and a place are asked for; each is answered by itself."
    yield _case("place_and_category", comment, place="museum", category=LABOUR_VETERAN, grants=("museum-free", "museum-half"))
    comment = "catalogue.md, section 4, rule 1: one measure has ended and one has not begun."
    yield _case("place_measures_over", comment, NO_ENTITLEMENT, place="park")
    midnight = instant("2026-01-02T00:00:00+05:00")
    rule = "catalogue.md, section 4, rule 1: a measure's days are civil days in the issuer's time zone (UTC+5); "
    yield _case("place_last_second", rule + "the last second.", place="shop", now=midnight - 1, grants=("shop-money",))
    yield _case("place_midnight", rule + "at midnight it is over.", NO_ENTITLEMENT, place="shop", now=midnight)
    yield _case(
        "place_tomorrow",
        rule + "at midnight another one begins.",
        place="park",
        now=midnight,
        grants=("park-to-come",),
    )


def _catalogues() -> Iterator[PassCase]:
    """Whether there is a catalogue to ask."""
    comment = "Step 10: the till holds no catalogue, so it cannot tell what to grant; the pass may well be good."
    yield _case("place_no_catalogue", comment, UNKNOWN, place="museum", catalogues=())
    comment = "catalogue.md, section 4, rule 2: another issuer's catalogue says nothing of this pass."
    yield _case("place_catalogue_of_another_issuer", comment, UNKNOWN, place="museum", catalogues=("kam",))
    comment = "Step 10: without a place, no catalogue is needed."
    yield _case("no_place_no_catalogue", comment, catalogues=())
    comment = "Step 10: without a place, it does not matter that the catalogue has expired."
    yield _case("no_place_expired_catalogue", comment, catalogues=("expired",))
    comment = "Step 10: now < exp of the catalogue; it has expired."
    yield _case("place_catalogue_expired", comment, STALE, place="museum", catalogues=("expired",))
    comment = "Policy: with on_stale = warn an expired catalogue warns."
    yield _case(
        "place_catalogue_expired_warn",
        comment,
        ACCEPTED,
        place="museum",
        catalogues=("expired",),
        warn=True,
        grants=("museum-free", "museum-half"),
        warnings=("catalogue_expired",),
    )
    comment = "Policy: even a stale catalogue that grants nothing grants nothing."
    yield _case(
        "place_catalogue_expired_warn_nothing", comment, NO_ENTITLEMENT, place="pharmacy", catalogues=("expired",), warn=True
    )
    exact = partial(_case, place="museum", trust="with_catalogue", status=("long_lived",))
    made = from_claims(claims(body={5: (2, 100)}))
    comment = "Step 10: now < exp of the catalogue; the last second."
    yield exact(
        "place_catalogue_last_second", comment, made=made, now=STATUS_EXPIRES_AT - 1, grants=("museum-free", "museum-half")
    )
    comment = "Step 10: now < exp of the catalogue; exp itself is the first second that no longer counts."
    yield exact("place_catalogue_at_exp", comment, STALE, made=made, now=STATUS_EXPIRES_AT)


def _order() -> Iterator[PassCase]:
    """What comes first."""
    over = from_claims(granting((PENSIONER, _TODAY - 1)))
    comment = "Step 10: nothing counts today, whatever a catalogue might say; no catalogue is at hand."
    yield _case("order_no_entitlement_before_catalogue_unknown", comment, NO_ENTITLEMENT, over, place="museum", catalogues=())
    comment = "Step 10: the category asked for comes before the catalogue."
    yield _case("order_category_before_catalogue_unknown", comment, NO_ENTITLEMENT, place="museum", category=30, catalogues=())
    comment = "Step 9 before step 10: a revoked pass, and no catalogue."
    revoked = from_claims(claims(body={5: (0, 5)}))
    yield _case("order_revoked_before_catalogue_unknown", comment, "revoked", revoked, place="museum", catalogues=())
    comment = "Step 10 before step 11: nothing is granted here, and the holder's proof is missing too."
    bound = from_claims(claims({CNF: {1: {1: 1, -1: 6, -2: HOLDER.public}}}))
    yield _case("order_place_before_holder_proof", comment, NO_ENTITLEMENT, bound, place="pharmacy")
    comment = "Step 11: what is granted at the place does not replace the holder's proof."
    yield _case("place_and_holder_proof_missing", comment, "holder_proof_missing", bound, place="museum")


def scenarios() -> list[Scenario]:
    """Return the scenarios of this module."""
    return [case.scenario() for maker in (_places, _catalogues, _order) for case in maker()]
