"""What a holder is granted: measures of the issuer's catalogue that today's entitlements open (specs/catalogue.md, section 4).

Pure, and apart from the decision, because most verdicts ask for no place and should not pay for this.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from socpass_vc.errors import CatalogueStale, CatalogueUnknown, Malformed, NoEntitlement, Unsupported
from socpass_vc.format.catalogue.measures import Measure
from socpass_vc.format.credential.claims import Entitlement
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.verifier.admit import AdmittedCatalogue


class CatalogueSource(Protocol):
    """Where admitted catalogues come from; a dict from URI to catalogue is one."""

    def get(self, uri: str, /) -> AdmittedCatalogue | None:
        """Return the catalogue with this URI, or None if it is not at hand."""


def catalogue_of(issuer: Issuer, catalogues: CatalogueSource, *, now: datetime, even_stale: bool = False) -> AdmittedCatalogue:
    """Return the catalogue of *issuer* that is in force.

    Args:
        issuer: who signed the pass.
        catalogues: those at hand, admitted.
        now: the time, aware.
        even_stale: take one that is past its expiry too.

    Raises:
        CatalogueUnknown: there is none.
        CatalogueStale: it is past its expiry.
    """
    found = catalogues.get(issuer.catalogue_uri)
    if found is None:
        raise CatalogueUnknown("catalogue_missing", issuer_id=issuer.id, uri=issuer.catalogue_uri)
    expires_at = found.content.expires_at
    if now >= expires_at and not even_stale:
        raise CatalogueStale("catalogue_expired", issuer_id=issuer.id, expired_at=expires_at)
    return found


def measures_of(catalogue: AdmittedCatalogue) -> tuple[Measure, ...]:
    """Return all measures of a catalogue.

    Raises:
        CatalogueUnknown: its page of measures is none that this program can read, so it is as good as not at hand.
    """
    try:
        return catalogue.content.measures()
    except (Malformed, Unsupported) as error:
        facts = {"issuer_id": catalogue.issuer.id, "uri": catalogue.content.uri, "why": error}
        raise CatalogueUnknown("catalogue_unreadable", **facts) from error


def open_measures(
    measures: Iterable[Measure], entitlements: Iterable[Entitlement], *, today: date, place: str | None = None
) -> tuple[Measure, ...]:
    """Return the measures that *entitlements* open *today*, in the order of the catalogue.

    Args:
        measures: of the catalogue of the pass's issuer.
        entitlements: those that count today (``Verified.entitlements``).
        today: the civil day in the issuer's time zone (``Verified.today``).
        place: only those granted at this kind of place, or None for all.
    """
    categories = {entitlement.category for entitlement in entitlements}
    return tuple(
        [
            measure
            for measure in measures
            if (place is None or place in measure.places)
            and measure.covers(today)
            and not categories.isdisjoint(measure.categories)
        ]
    )


def measures_at(
    place: str, catalogue: AdmittedCatalogue, entitlements: Iterable[Entitlement], *, today: date
) -> tuple[Measure, ...]:
    """Return what is granted at *place*, at least one measure (specs/credential.md, step 10).

    Raises:
        NoEntitlement: nothing is.
        CatalogueUnknown: as :func:`measures_of`.
    """
    found = open_measures(measures_of(catalogue), entitlements, today=today, place=place)
    if not found:
        raise NoEntitlement("no_measure_at_place", today=today, place=place)
    return found
