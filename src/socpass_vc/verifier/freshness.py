"""How old what a till holds is, and what people should know before it is too old (specs/cli.md, section 5).

Pure: it is given what is at hand and the time. What an age does to a verdict is decided with each pass, in :mod:`decide`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.decide import LEEWAY

if TYPE_CHECKING:
    from socpass_vc.format.trust.bundle import Trust
    from socpass_vc.format.trust.issuers import Issuer
    from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, HeldStatusList

AUTHORITY_WARN_DAYS = 30
"""Roots, trust lists and keys are renewed by people with keys from a safe, and till owners hand the files on: a month ahead."""
PUBLICATION_WARN_DAYS = 3
"""Status lists and catalogues are published nightly, and are good for two weeks by default: three days are a long weekend."""


class Freshness(StrEnum):
    """The three ages of a file."""

    FRESH = "fresh"
    AGEING = "ageing"
    """A newer one should have come: past the next update, or past the ttl."""
    EXPIRED = "expired"
    """Nothing is decided on it, unless the policy says so; a revocation in it still counts."""


class StoreWarning(NamedTuple):
    """Something that people should know of what a till holds.

    Attributes:
        code: a word of specs/cli.md, section 5.
        subject: the issuer's id, the list's URI, or empty.
        at: when it came or comes about.
        is_past: whether verdicts suffer from it now.
    """

    code: str
    subject: str
    at: datetime
    is_past: bool


def of_trust(trust: Trust, now: datetime) -> Freshness:
    """Return the age of a trust list, and of the root above it."""
    return _freshness(trust.list.next_update_at, trust.expires_at, now)


def of_status_list(found: AdmittedStatusList | HeldStatusList, now: datetime) -> Freshness:
    """Return the age of a status list."""
    content = found.content
    return _freshness(content.issued_at + content.ttl, content.expires_at, now)


def of_catalogue(found: AdmittedCatalogue, now: datetime) -> Freshness:
    """Return the age of a catalogue, which has no ttl."""
    return _freshness(found.content.expires_at, found.content.expires_at, now)


def notices(
    trust: Trust,
    lists: Sequence[AdmittedStatusList | HeldStatusList],
    catalogues: Iterable[AdmittedCatalogue],
    *,
    clock_floor: datetime | None,
    now: datetime,
    warn_days: int | None = None,
) -> tuple[StoreWarning, ...]:
    """Return what people should know, what verdicts suffer from first, then by time.

    Args:
        trust: the trust list at hand.
        lists: the status lists at hand.
        catalogues: the catalogues at hand.
        clock_floor: the newest iat seen.
        now: the time.
        warn_days: how long before something expires; None for the two constants of this module.
    """
    authority = timedelta(days=AUTHORITY_WARN_DAYS if warn_days is None else warn_days)
    publication = timedelta(days=PUBLICATION_WARN_DAYS if warn_days is None else warn_days)
    found = [
        *_expiry("root", "", trust.root.expires_at, now, authority),
        *_expiry("trust", "", trust.list.expires_at, now, authority),
        *_ageing("trust", "", trust.list.next_update_at, of_trust(trust, now)),
    ]
    for listed in lists:
        content = listed.content
        found += _expiry("status", content.uri, content.expires_at, now, publication)
        found += _ageing("status", content.uri, content.issued_at + content.ttl, of_status_list(listed, now))
    for catalogue in catalogues:
        found += _expiry("catalogue", catalogue.content.uri, catalogue.content.expires_at, now, publication)
    for issuer in trust.list.issuers:
        found += _keys_ending(issuer, now, authority)
    if not lists:
        found.append(StoreWarning("status_missing", "", now, is_past=True))
    if clock_floor is not None and clock_floor - now > LEEWAY:
        found.append(StoreWarning("clock_wrong", "", clock_floor, is_past=True))
    return tuple(sorted(found, key=lambda notice: (not notice.is_past, notice.at, notice.code, notice.subject)))


def _freshness(soft: datetime, hard: datetime, now: datetime) -> Freshness:
    if now >= hard:
        return Freshness.EXPIRED
    return Freshness.AGEING if now >= soft else Freshness.FRESH


def _expiry(what: str, subject: str, at: datetime, now: datetime, ahead: timedelta) -> list[StoreWarning]:
    if now >= at:
        return [StoreWarning(f"{what}_expired", subject, at, is_past=True)]
    return [StoreWarning(f"{what}_expiring", subject, at, is_past=False)] if at - now <= ahead else []


def _ageing(what: str, subject: str, at: datetime, freshness: Freshness) -> list[StoreWarning]:
    return [StoreWarning(f"{what}_ageing", subject, at, is_past=False)] if freshness is Freshness.AGEING else []


def _keys_ending(issuer: Issuer, now: datetime, ahead: timedelta) -> list[StoreWarning]:
    """Return whether an issuer is about to have no key left for what tills need of it: its passes and its status lists."""
    ends = []
    for use in (Use.PASS, Use.STATUS):
        counting = [key for key in issuer.keys if use in key.uses and isinstance(key.public_key, PublicKey)]
        until = [key.sign_until for key in counting if key.state is KeyState.ACTIVE]
        if until and max(until) - now <= ahead:
            ends.append(StoreWarning("key_ending", issuer.id, max(until), is_past=False))
    return ends[:1]
