"""The decision: from the text of a QR code to a verified pass, or the one reason why not (specs/credential.md, section 6).

Pure: what it knows of the world is what it is given: the trust list, the status lists, the time, the till's policy. Only this
module makes a :class:`Verified`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import (
    ClockWrong,
    Expired,
    Forged,
    HolderProofBad,
    HolderProofMissing,
    Malformed,
    NoEntitlement,
    NotYetValid,
    OutOfScope,
    Revoked,
    SocpassError,
    StatusStale,
    StatusUnknown,
    Suspended,
    TrustExpired,
    Unsupported,
)
from socpass_vc.format.credential.claims import MAX_CATEGORY, Claims, Entitlement
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.credential.token import UnverifiedPass, read_pass
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.status.status_list import Status, StatusList
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, Use, is_zone_name
from socpass_vc.verifier.admit import AdmittedStatusList
from socpass_vc.verifier.authenticate import authenticate

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.measures import Measure
    from socpass_vc.verifier.grants import CatalogueSource

LEEWAY = timedelta(seconds=300)
"""How far two honest clocks may differ (specs/credential.md, section 6)."""


class OnStale(StrEnum):
    """What an expired trust list or status list does to a decision."""

    REFUSE = "refuse"
    """It stays undecided."""
    WARN = "warn"
    """It is made on what is at hand, with a warning."""


class FreshnessWarning(StrEnum):
    """What a till should know of the age of what a pass was accepted on (specs/credential.md, section 6)."""

    TRUST_AGEING = "trust_ageing"
    TRUST_EXPIRED = "trust_expired"
    STATUS_AGEING = "status_ageing"
    STATUS_EXPIRED = "status_expired"
    CATALOGUE_EXPIRED = "catalogue_expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the till wants.

    Attributes:
        on_stale: what expired lists do.
        category: the category that is asked for, such as 2545, or None for any.
        place: the kind of place that asks what to grant, such as "museum", or None for a verdict without it.

    Raises:
        TypeError: the category is no number: ``read_category("02-545")`` gives it; or *on_stale* is no :class:`OnStale`.
        ValueError: the category is not from 1 to 999,999, or the place is not a word of small letters, digits and underscores.
    """

    on_stale: OnStale = OnStale.REFUSE
    category: int | None = None
    place: str | None = None

    def __post_init__(self) -> None:
        # What no pass and no catalogue can hold would make every pass red, or let lists pass that have expired.
        if not isinstance(self.on_stale, OnStale):
            raise TypeError(f"on_stale is OnStale.REFUSE or OnStale.WARN, not {self.on_stale!r}")
        if self.category is not None:
            _check_category(self.category)
        if self.place is not None:
            _check_place(self.place)


def _check_category(category: object) -> None:
    if not isinstance(category, int) or isinstance(category, bool):
        raise TypeError(f'a category is a number, such as 2545, not {category!r}; read_category("02-545") gives it')
    if not 1 <= category <= MAX_CATEGORY:
        raise ValueError(f"a category is a number from 1 to {MAX_CATEGORY}, not {category}")


def _check_place(place: object) -> None:
    from socpass_vc.format.catalogue.names import is_place  # noqa: PLC0415 -- most tills ask for no place

    if not isinstance(place, str):
        raise TypeError(f'a kind of place is a word, such as "museum", not {place!r}')
    if not is_place(place):
        raise ValueError(f'a kind of place is a word of small letters, digits and underscores, such as "museum", not {place!r}')


class StatusSource(Protocol):
    """Where admitted status lists come from; a dict from URI to list is one."""

    def get(self, uri: str, /) -> AdmittedStatusList | None:
        """Return the list with this URI, or None if it is not at hand."""


class Verified(NamedTuple):
    """A pass that every step let through; only :func:`verify` makes one.

    Attributes:
        claims: what the pass says.
        issuer: who says it.
        key: the key that signed.
        entitlements: those that count today, ascending by category; at least one.
        today: the civil day in the issuer's time zone that was asked for.
        status_issued_at: when the status list at hand was signed.
        status_age: how long before now that was.
        warnings: what the till should know of the age of its lists.
        measures: what is granted at the place that was asked for, at least one; empty where none was.
    """

    claims: Claims
    issuer: Issuer
    key: IssuerKey
    entitlements: tuple[Entitlement, ...]
    today: date
    status_issued_at: datetime
    status_age: timedelta
    warnings: tuple[FreshnessWarning, ...]
    measures: tuple[Measure, ...] = ()


_ANY = Policy()
_NO_CATALOGUES: CatalogueSource = {}
# Looking a member up in its class is slow in Python 3.11.
_PASS, _VALID = Use.PASS, Status.VALID


def verify(
    text: str,
    *,
    trust: Trust,
    status: StatusSource,
    now: datetime,
    policy: Policy = _ANY,
    clock_floor: datetime | None = None,
    catalogues: CatalogueSource = _NO_CATALOGUES,
) -> Verified:
    """Return the pass that *text* carries, or raise the reason why it does not count.

    Args:
        text: what a scanner or a camera gave; at most 12,000 characters.
        trust: the trust list, checked.
        status: the status lists, admitted under that trust list.
        now: the time, aware.
        policy: what the till wants.
        clock_floor: the newest iat that the till has seen, or None.
        catalogues: the catalogues, admitted under that trust list; asked only where the policy names a place.

    Raises:
        Unreadable, Undecided, Rejected: one code of specs/credential.md, section 6. Once the signature has been checked,
            ``facts`` holds the ``issuer``, once the claims have been read the ``claims``, and once a status list was consulted
            its ``status_issued_at`` and ``status_age``.
    """
    unverified = read_pass(text)
    return verify_pass(
        unverified, trust=trust, status=status, now=now, policy=policy, clock_floor=clock_floor, catalogues=catalogues
    )


def verify_pass(
    unverified: UnverifiedPass,
    *,
    trust: Trust,
    status: StatusSource,
    now: datetime,
    policy: Policy = _ANY,
    clock_floor: datetime | None = None,
    catalogues: CatalogueSource = _NO_CATALOGUES,
) -> Verified:
    """Do steps 3 to 11 of :func:`verify`, for a pass read by other means, such as parts that were joined.

    Args:
        unverified: the pass.
        trust: the other arguments are those of :func:`verify`.
        status: likewise.
        now: likewise.
        policy: likewise.
        clock_floor: likewise.
        catalogues: likewise.

    Raises:
        Malformed, Undecided, Rejected: as :func:`verify`.
    """
    if now.tzinfo is None:
        raise ValueError("now has no time zone")
    warnings = _check_trust_in_force(trust, now, policy)
    issuer, key = authenticate(unverified.signed, trust.keys_with(unverified.signed.key_id))
    claims = status_list = None
    try:
        claims = read_claims(unverified.signed.payload)
        zone = _time_zone(issuer)
        _check_scope(claims, issuer, key)
        _check_clock(now, trust.list.issued_at if clock_floor is None else max(trust.list.issued_at, clock_floor))
        _check_validity(claims, now)
        status_list = _check_status(claims, issuer, status, now, policy)
        today = _civil_day(now, zone)
        entitlements = _entitlements_today(claims, today, policy)
        measures: tuple[Measure, ...] = ()
        catalogue_warnings: tuple[FreshnessWarning, ...] = ()
        if policy.place is not None:
            measures, catalogue_warnings = _measures_today(policy.place, issuer, entitlements, today, catalogues, now, policy)
        _check_holder(unverified, claims.holder_key, now)
    except SocpassError as error:
        error.add(issuer=issuer)
        if claims is not None:
            error.add(claims=claims)
        if status_list is not None:
            error.add(**_age(status_list, now))
        raise
    age = now - status_list.issued_at
    if now >= status_list.expires_at:
        warnings += (FreshnessWarning.STATUS_EXPIRED,)
    elif age >= status_list.ttl:
        warnings += (FreshnessWarning.STATUS_AGEING,)
    # By place: the keywords of a named tuple cost a hundredth of a verification.
    return Verified(
        claims,
        issuer,
        key,
        entitlements,
        today,
        status_list.issued_at,
        age,
        warnings + catalogue_warnings,
        measures,
    )


def _check_trust_in_force(trust: Trust, now: datetime, policy: Policy) -> tuple[FreshnessWarning, ...]:
    """Step 3, first part."""
    expires_at = trust.expires_at
    if now >= expires_at:
        if policy.on_stale is OnStale.REFUSE:
            raise TrustExpired("trust_list_expired", expired_at=expires_at)
        return (FreshnessWarning.TRUST_EXPIRED,)
    return (FreshnessWarning.TRUST_AGEING,) if now >= trust.list.next_update_at else ()


def _time_zone(issuer: Issuer) -> ZoneInfo:
    """Step 5, last part; zoneinfo raises one of these, by the way in which a name is unknown."""
    if not is_zone_name(issuer.time_zone):
        raise Unsupported("time_zone_unknown", time_zone=issuer.time_zone, issuer_id=issuer.id)
    try:
        return ZoneInfo(issuer.time_zone)
    except (KeyError, ValueError, OSError, TypeError, ImportError) as error:
        raise Unsupported("time_zone_unknown", time_zone=issuer.time_zone, issuer_id=issuer.id) from error


def _check_scope(claims: Claims, issuer: Issuer, key: IssuerKey) -> None:
    """Step 6."""
    if not key.covers(_PASS, claims.issued_at):
        key_id = key.public_key.key_id.hex()
        raise OutOfScope("key_may_not_sign.passes", key_id=key_id, issuer_id=issuer.id, issued_at=claims.issued_at)
    for entitlement in claims.entitlements:
        if not issuer.may_grant(entitlement.category):
            raise OutOfScope("category_beyond_scopes", issuer_id=issuer.id, category=entitlement.category)


def _check_clock(now: datetime, floor: datetime) -> None:
    """Step 7."""
    if floor - now > LEEWAY:
        raise ClockWrong("clock_behind", now=now, floor=floor)


def _check_validity(claims: Claims, now: datetime) -> None:
    """Step 8."""
    if claims.issued_at - now > LEEWAY:
        raise NotYetValid("issued_in_future", issued_at=claims.issued_at)
    if now >= claims.expires_at:
        raise Expired("pass_expired", expired_at=claims.expires_at)


def _check_status(claims: Claims, issuer: Issuer, status: StatusSource, now: datetime, policy: Policy) -> StatusList:
    """Step 9."""
    uri = issuer.status_uri(claims.status.list_number)
    admitted = status.get(uri)
    if admitted is None:
        raise StatusUnknown("status_list_missing", uri=uri)
    content = admitted.content
    try:
        value = content[claims.status.index]
    except IndexError as error:
        raise StatusUnknown("index_beyond_list", index=claims.status.index, uri=uri, **_age(content, now)) from error
    if value == _VALID and now < content.expires_at:
        return content
    age = _age(content, now)
    if value == Status.INVALID:
        raise Revoked("pass_revoked", issuer_id=issuer.id, **age)
    if now >= content.expires_at and (policy.on_stale is OnStale.REFUSE or value == Status.SUSPENDED):
        raise StatusStale("status_list_expired", uri=uri, expired_at=content.expires_at, **age)
    if value == Status.SUSPENDED:
        raise Suspended("pass_suspended", issuer_id=issuer.id, **age)
    if value != Status.VALID:
        raise StatusUnknown("status_without_meaning", value=value, uri=uri, **age)
    return content


def _age(consulted: StatusList, now: datetime) -> dict[str, object]:
    """Return the facts that say how old the list is on which a pass was refused."""
    return {"status_issued_at": consulted.issued_at, "status_age": now - consulted.issued_at}


def _civil_day(now: datetime, zone: ZoneInfo) -> date:
    """Step 10, first part."""
    try:
        return now.astimezone(zone).date()
    except OverflowError as error:
        raise ClockWrong("clock_beyond_calendar", time_zone=zone.key, now=now, floor=now) from error


def _entitlements_today(claims: Claims, today: date, policy: Policy) -> tuple[Entitlement, ...]:
    """Step 10."""
    counting = tuple([entitlement for entitlement in claims.entitlements if entitlement.covers(today)])
    if not counting:
        raise NoEntitlement("no_entitlement_today", today=today)
    if policy.category is not None and policy.category not in [entitlement.category for entitlement in counting]:
        raise NoEntitlement("no_entitlement_of_category", today=today, category=policy.category)
    return counting


def _measures_today(
    place: str,
    issuer: Issuer,
    entitlements: tuple[Entitlement, ...],
    today: date,
    catalogues: CatalogueSource,
    now: datetime,
    policy: Policy,
) -> tuple[tuple[Measure, ...], tuple[FreshnessWarning, ...]]:
    """Step 10, last part: what is granted at the place that asks, and a warning of the catalogue's age."""
    from socpass_vc.verifier.grants import catalogue_of, measures_at  # noqa: PLC0415 -- most tills ask for no place

    catalogue = catalogue_of(issuer, catalogues, now=now, even_stale=policy.on_stale is OnStale.WARN)
    stale = (FreshnessWarning.CATALOGUE_EXPIRED,) if now >= catalogue.content.expires_at else ()
    return measures_at(place, catalogue, entitlements, today=today), stale


def _check_holder(unverified: UnverifiedPass, holder_key: PublicKey | None, now: datetime) -> None:
    """Step 11 (specs/credential.md, section 7)."""
    if holder_key is None:
        if unverified.proof is not None:
            raise HolderProofBad("proof.pass_without_key")
        return
    if unverified.proof is None:
        raise HolderProofMissing("proof.missing")
    from socpass_vc.format.credential.proof import read_proof  # noqa: PLC0415 -- most passes have none, and a till starts sooner

    try:
        proof = read_proof(unverified.proof)
        proof.signed.check(holder_key)
    except (Malformed, Unsupported, Forged) as error:
        raise HolderProofBad("proof.wrong", why=error) from error
    if proof.signed.key_id != holder_key.key_id or proof.digest != sha256(unverified.token):
        raise HolderProofBad("proof.of_another_pass")
    if abs(now - proof.issued_at) > LEEWAY:
        raise HolderProofBad("proof.not_fresh", issued_at=proof.issued_at)
