"""Admitting what an issuer publishes beside the trust list: a status list or a catalogue that a key of that very issuer signed.

The steps are those of specs/status-list.md, section 2, and specs/catalogue.md, section 3.

Pure: it is given the bytes and the trust list. Age is not asked here, because a revocation in an old list still counts.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from socpass_vc.errors import OutOfScope, UnknownIssuer
from socpass_vc.format.cose import Signed1
from socpass_vc.format.status.status_list import ListTerms, StatusList, read_packed
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, Use
from socpass_vc.verifier.authenticate import authenticate

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.signed_catalogue import Catalogue


class HeldStatusList(NamedTuple):
    """A status list whose signature was checked, without its entries: what :func:`admit_terms` makes.

    Attributes:
        issuer: whose passes it speaks of.
        content: what it says besides its entries.
        key: the key that signed.
    """

    issuer: Issuer
    content: ListTerms
    key: IssuerKey


class AdmittedStatusList(NamedTuple):
    """A status list whose signature was checked; only :func:`admit` makes one.

    Attributes:
        issuer: whose passes it speaks of.
        content: the list.
        key: the key that signed.
    """

    issuer: Issuer
    content: StatusList
    key: IssuerKey

    def without_entries(self) -> HeldStatusList:
        """Return the same without its entries, which may take megabytes."""
        return HeldStatusList(self.issuer, self.content.terms, self.key)


def admit(token: bytes, *, trust: Trust) -> AdmittedStatusList:
    """Return the status list in *token* if *trust* stands behind it.

    Args:
        token: the COSE_Sign1, at most 8,454,144 bytes.
        trust: the trust list of now; a list admitted before must be admitted again under a newer one.

    Raises:
        Malformed, Unsupported: it is not a status list that this program can read.
        UnknownIssuer: its URI or its key belongs to no issuer of the trust list, or they belong to two.
        KeyCompromised, Forged: as in authenticate.
        OutOfScope: the key may not sign status lists, or not at that time.
    """
    packed = read_packed(token)
    issuer, key = issuer_behind(packed.signed, packed.terms.uri, packed.terms.issued_at, trust)
    return AdmittedStatusList(issuer, packed.inflated(), key)


def admit_terms(token: bytes, *, trust: Trust) -> HeldStatusList:
    """Return what the status list in *token* says besides its entries, if *trust* stands behind it; nothing is inflated.

    Args:
        token: of a list that was admitted before.
        trust: the trust list of now.

    Raises:
        Malformed, Unsupported, UnknownIssuer, KeyCompromised, Forged, OutOfScope: as in :func:`admit`.
    """
    packed = read_packed(token)
    issuer, key = issuer_behind(packed.signed, packed.terms.uri, packed.terms.issued_at, trust)
    return HeldStatusList(issuer, packed.terms, key)


def issuer_behind(signed: Signed1, uri: str, issued_at: datetime, trust: Trust) -> tuple[Issuer, IssuerKey]:
    """Return whose list *uri* is, and which of its keys signed and may: steps 3 to 6, for lists and deltas alike.

    Raises:
        UnknownIssuer, KeyCompromised, Forged, OutOfScope: as in :func:`admit`.
    """
    issuer = trust.issuer_of_status_list(uri)
    if issuer is None:
        raise UnknownIssuer("no_issuer_publishes", uri=uri)
    _, key = authenticate(signed, [(owner, key) for owner, key in trust.keys_with(signed.key_id) if owner is issuer])
    if not key.covers(Use.STATUS, issued_at):
        raise OutOfScope("key_may_not_sign.status_lists", **_who_signed(signed, issuer, issued_at))
    return issuer, key


class AdmittedCatalogue(NamedTuple):
    """A catalogue whose signature was checked; only :func:`admit_catalogue` makes one.

    Attributes:
        issuer: whose names and measures it holds.
        content: the catalogue; its pages are read where they are needed.
        key: the key that signed.
    """

    issuer: Issuer
    content: Catalogue
    key: IssuerKey


def admit_catalogue(token: bytes, *, trust: Trust) -> AdmittedCatalogue:
    """Return the catalogue in *token* if *trust* stands behind it; its two pages are not read yet.

    Args:
        token: the COSE_Sign1, at most 1 MiB.
        trust: the trust list of now; a catalogue admitted before must be admitted again under a newer one.

    Raises:
        Malformed, Unsupported: it is not a catalogue that this program can read.
        UnknownIssuer: its URI or its key belongs to no issuer of the trust list, or they belong to two.
        KeyCompromised, Forged: as in authenticate.
        OutOfScope: the key may not sign catalogues, or not at that time.
    """
    from socpass_vc.format.catalogue.signed_catalogue import read_catalogue  # noqa: PLC0415 -- a till without a catalogue starts sooner

    unverified = read_catalogue(token)
    content = unverified.content
    issuer = trust.issuer_of_catalogue(content.uri)
    if issuer is None:
        raise UnknownIssuer("no_issuer_publishes", uri=content.uri)
    candidates = [(owner, key) for owner, key in trust.keys_with(unverified.signed.key_id) if owner is issuer]
    _, key = authenticate(unverified.signed, candidates)
    if not key.covers(Use.CATALOGUE, content.issued_at):
        raise OutOfScope("key_may_not_sign.catalogues", **_who_signed(unverified.signed, issuer, content.issued_at))
    return AdmittedCatalogue(issuer, content, key)


def _who_signed(signed: Signed1, issuer: Issuer, issued_at: datetime) -> dict[str, object]:
    return {"key_id": signed.key_id.hex(), "issuer_id": issuer.id, "issuer": issuer, "issued_at": issued_at}
