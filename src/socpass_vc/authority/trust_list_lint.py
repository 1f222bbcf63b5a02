"""What must not be signed although tills could read it: duplicate keys, revived keys, issuers taken for one another.

It compares a list that is to be signed with the one in force, which was checked when it was signed: what is new is questioned.
Pure: lists, a root and a time go in, refusals come out (specs/signing-request.md, section 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from socpass_vc.authority.look_alikes import look_alikes
from socpass_vc.errors import (
    IssuersLookAlike,
    KeyRevived,
    KeyTwice,
    OutlivesRoot,
    ScopeOverlap,
    TombstoneDropped,
    UnsoundList,
    UsesOverlap,
    VersionNotRising,
    WindowPast,
)
from socpass_vc.format.keys import AnyPublicKey
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Root, TrustList, Use

KEY_OVERLAP = timedelta(days=30)
"""How long two keys of one issuer may sign side by side: what a rotation of keys leaves by default."""
LAST_FEDERAL_CATEGORY = 999
"""Every issuer may grant the categories of region 00; above them, the thousands of a category are its region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowances:
    """What the makers of a list allow although it is usually a mistake.

    Attributes:
        scope_overlap: two issuers may grant the same category of one region.
        look_alikes: the ids or names of two issuers may look alike.
        key_overlap: how long two active keys of one issuer may sign for the same use side by side.
    """

    scope_overlap: bool = False
    look_alikes: bool = False
    key_overlap: timedelta = KEY_OVERLAP


ALL_ALLOWED = Allowances(scope_overlap=True, look_alikes=True, key_overlap=timedelta.max)
"""What is refused even with these, nobody may sign."""
ALLOWABLE = (IssuersLookAlike, ScopeOverlap, UsesOverlap)
"""What the makers of a list may allow; whoever signs is told all the same."""


def check_keys(issuers: Sequence[Issuer], root_keys: Iterable[AnyPublicKey]) -> None:
    """Return if no public key belongs to two issuers, or to an issuer and the root.

    Raises:
        KeyTwice: one does; both owners are named.
    """
    of_root, owners = set(root_keys), dict[AnyPublicKey, str]()
    for issuer in issuers:
        for key in issuer.keys:
            if key.public_key in of_root:
                raise KeyTwice("key_of_root_and_issuer", key_id=_key_id(key), issuer_id=issuer.id)
            if key.public_key in owners:
                raise KeyTwice("key_of_two_issuers", key_id=_key_id(key), one=owners[key.public_key], other=issuer.id)
            owners[key.public_key] = issuer.id


def faults_of(
    proposed: TrustList, in_force: TrustList | None, root: Root, *, now: datetime, allow: Allowances
) -> tuple[UnsoundList, ...]:
    """Return all that speaks against signing *proposed*, the worst first; each is an error to be raised or shown.

    Args:
        proposed: the list to be signed.
        in_force: the one that tills trust now, or None.
        root: the one that will sign it.
        now: the time.
        allow: what the makers of the list allow.
    """
    return tuple(_faults_of(proposed, in_force, root, now, allow))


def look_alike_issuers(issuers: Sequence[Issuer], before: Sequence[Issuer] = ()) -> Iterator[IssuersLookAlike]:
    """Yield the *issuers* that look alike, as :func:`look_alikes` does, but for those that did *before*."""
    known = set(look_alikes(before))
    for found in look_alikes(issuers):
        if found not in known:
            yield IssuersLookAlike("issuers_look_alike", **found._asdict())


def check_root(root: Root, *, now: datetime) -> None:
    """Return if *root* may come into force.

    Raises:
        WindowPast: it has expired already.
    """
    if root.expires_at <= now:
        raise WindowPast("root_expires_in_past", version=root.version, expires_at=root.expires_at)


def _faults_of(
    proposed: TrustList, in_force: TrustList | None, root: Root, now: datetime, allow: Allowances
) -> Iterator[UnsoundList]:
    before = {issuer.id: issuer for issuer in in_force.issuers} if in_force is not None else {}
    try:
        check_keys(proposed.issuers, root.keys)
    except KeyTwice as error:
        yield error
    if in_force is not None:
        yield from _against_tombstones(proposed, in_force)
        if proposed.version <= in_force.version:
            yield VersionNotRising("list_not_newer", version=proposed.version, in_force=in_force.version)
        if proposed.issued_at <= in_force.issued_at:
            yield VersionNotRising("list_time_not_rising", issued_at=proposed.issued_at)
    if proposed.expires_at > root.expires_at:
        days = max((root.expires_at - proposed.issued_at).days, 0)
        yield OutlivesRoot(
            "list_outlives_root",
            count=days,
            expires_at=proposed.expires_at,
            root=root.version,
            root_expires_at=root.expires_at,
        )
    if proposed.expires_at <= now:
        yield WindowPast("list_expires_in_past", expires_at=proposed.expires_at)
    for issuer in proposed.issuers:
        known = before.get(issuer.id)
        yield from _past_windows(issuer, known, now)
        yield from _overlapping_keys(issuer, known, allow.key_overlap)
    if not allow.scope_overlap:
        yield from _overlapping_scopes(proposed.issuers, before)
    if not allow.look_alikes:
        yield from look_alike_issuers(proposed.issuers, [before[issuer.id] for issuer in proposed.issuers if issuer.id in before])


def _against_tombstones(proposed: TrustList, in_force: TrustList) -> Iterator[UnsoundList]:
    states = {key.public_key: (issuer.id, key.state) for issuer in proposed.issuers for key in issuer.keys}
    for issuer in in_force.issuers:
        for key in issuer.keys:
            if key.state is not KeyState.COMPROMISED:
                continue
            where, state = states.get(key.public_key, (None, None))
            if where is None:
                yield TombstoneDropped("compromised_key_dropped", key_id=_key_id(key)).at(issuer.id)
            elif where != issuer.id or state is not KeyState.COMPROMISED:
                yield KeyRevived("compromised_key_revived", key_id=_key_id(key), issuer_id=issuer.id).at(where)


def _past_windows(issuer: Issuer, before: Issuer | None, now: datetime) -> Iterator[WindowPast]:
    known = {key.public_key for key in before.keys} if before is not None else set()
    for key in issuer.keys:
        lapsed = key.state is KeyState.ACTIVE and key.sign_until <= now
        if lapsed and key.public_key not in known:  # a key that was listed in its time and has ended since does no harm
            yield WindowPast("active_key_has_ended", key_id=_key_id(key), ended_at=key.sign_until).at(issuer.id)


def _overlapping_keys(issuer: Issuer, before: Issuer | None, longest: timedelta) -> Iterator[UsesOverlap]:
    known = before.keys if before is not None else ()
    active = [key for key in issuer.keys if key.state is KeyState.ACTIVE]
    for one, other in combinations(active, 2):
        if one.public_key.algorithm != other.public_key.algorithm:
            continue  # they sign side by side until the last till knows the second algorithm (specs/algorithms.md)
        shared = sorted(set(one.uses) & set(other.uses))
        start, end = max(one.sign_from, other.sign_from), min(one.sign_until, other.sign_until)
        if shared and end - start > longest and not (one in known and other in known):
            yield UsesOverlap(
                "key_uses_overlap",
                count=(end - start).days,
                one=_key_id(one),
                other=_key_id(other),
                uses=_use_names(shared),
                first=start.date(),
                last=end.date(),
                usual=longest.days,
            ).at(issuer.id)


def _overlapping_scopes(issuers: Sequence[Issuer], before: dict[str, Issuer]) -> Iterator[ScopeOverlap]:
    granting = [issuer for issuer in issuers if any(key.state is not KeyState.COMPROMISED for key in issuer.keys)]
    for (one, other), shared in sorted(_shared(granting).items()):
        both = [before[issuer_id] for issuer_id in (one, other) if issuer_id in before]
        known = _shared(both).get((one, other), [])
        for first, last in shared:
            if (first, last) not in known:
                yield ScopeOverlap("scopes_overlap", one=one, other=other, first=first, last=last)


def _shared(issuers: Sequence[Issuer]) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return the ranges of categories that two issuers may both grant, by their ids; those of region 00 do not count.

    All ranges are walked once, side by side: a thousand issuers make half a million pairs, of which hardly any share one.
    """
    first_of_regions = LAST_FEDERAL_CATEGORY + 1
    ranges = [(max(first, first_of_regions), last, issuer.id) for issuer in issuers for first, last in issuer.scopes]
    found: dict[tuple[str, str], list[tuple[int, int]]] = {}
    reaching: list[tuple[int, str]] = []
    for first, last, issuer_id in sorted(each for each in ranges if each[0] <= each[1]):
        reaching = [each for each in reaching if each[0] >= first]
        for other_last, other_id in reaching:
            pair = (min(issuer_id, other_id), max(issuer_id, other_id))
            found.setdefault(pair, []).append((first, min(last, other_last)))
        reaching.append((last, issuer_id))
    return found


def _key_id(key: IssuerKey) -> str:
    return key.public_key.key_id.hex()


def _use_names(uses: Iterable[int]) -> tuple[str, ...]:
    names = {use.value: use.name.lower() for use in Use}
    return tuple(names.get(use, str(use)) for use in uses)
