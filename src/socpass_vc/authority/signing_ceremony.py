"""From a draft to what is in force: a request is made, signed by one key after the other, collected, and carried out.

It knows versions and the order of the steps. Files are left to :mod:`federation_folder`, and what must not be signed to
:mod:`trust_list_lint`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path

from socpass_vc.authority.federation_folder import Federation, OpenRequest
from socpass_vc.authority.trust_list_lint import ALL_ALLOWED, ALLOWABLE, Allowances, check_keys, check_root, faults_of
from socpass_vc.errors import AuthorityError, RolledBack, UnsoundList, UntrustedRoot
from socpass_vc.format.keys import Signer
from socpass_vc.format.trust.bundle import UnverifiedBundle, read_bundle
from socpass_vc.format.trust.issuers import MAX_VERSION, Root, TrustList
from socpass_vc.format.trust.signing_request import SigningRequest, ask, read_request
from socpass_vc.messages import Speaker

CLOCK_LEEWAY = timedelta(seconds=300)
"""How far ahead of tills a list may be signed (specs/trust.md, section 3), so far may this clock be behind the list in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTerms:
    """How long a list is valid, and what is allowed in it although it is usually a mistake.

    Attributes:
        next_update: how long after drafting tills begin to warn.
        valid: how long after drafting tills stop deciding.
        allow: as :class:`Allowances`.
    """

    next_update: timedelta
    valid: timedelta
    allow: Allowances


def draft_list(federation: Federation, terms: ListTerms, *, now: datetime, again: bool = False) -> OpenRequest:
    """Ask the keys of the newest root to sign a list of the folder's issuers; return the request, now in the folder.

    Args:
        federation: the folder.
        terms: of the list.
        now: whole second; the list's iat.
        again: replace a request that is open.

    Raises:
        AuthorityError: there is no root or no issuer yet, or a request is open.
        UnsoundList: what would be asked for must not be signed.
        ClaimsError: the issuers contradict each other.
    """
    roots = federation.roots()
    if not roots:
        raise AuthorityError("no_root_signed").at(federation.folder)
    before = _make_room(federation, again=again)
    trust_list = _next_list(federation, before, roots[-1].root, terms, now)
    return _keep(federation, None, trust_list)


def draft_root(
    federation: Federation,
    terms: ListTerms,
    *,
    threshold: int | None,
    lifetime: timedelta,
    now: datetime,
    again: bool = False,
) -> OpenRequest:
    """Ask for the next root, with the folder's keys, and for a list under it if there are issuers; return the request.

    Args:
        federation: the folder.
        terms: of the list.
        threshold: how many of its keys must sign; None for as many as before, and for more than half in a first root.
        lifetime: how long the root is good for.
        now: whole second.
        again: replace a request that is open.

    Raises:
        AuthorityError: there are no keys, or no issuers although a list is in force; or a request is open.
        UnsoundList: what would be asked for must not be signed.
        ClaimsError: the threshold is above the number of keys, or the issuers contradict each other.
    """
    keys = tuple(sorted(federation.keys().values(), key=lambda key: key.encoded))
    if not keys:
        raise AuthorityError("next_root_without_keys").at(federation.folder)
    roots = federation.roots()
    usual = roots[-1].root.threshold if roots else len(keys) // 2 + 1
    root = Root(
        version=roots[-1].root.version + 1 if roots else 1,
        expires_at=now + lifetime,
        threshold=usual if threshold is None else threshold,
        keys=keys,
    )
    check_root(root, now=now)
    before = _make_room(federation, again=again)
    with_list = federation.issuers() or federation.bundle() is not None
    trust_list = _next_list(federation, before, root, terms, now) if with_list else None
    return _keep(federation, root, trust_list)


def faults_of_request(request: SigningRequest, *, now: datetime, allow: Allowances = ALL_ALLOWED) -> tuple[UnsoundList, ...]:
    """Return what speaks against signing *request*; by default, what nobody may allow."""
    found: list[UnsoundList] = []
    if request.root is not None:
        try:
            check_root(request.root.root, now=now)
        except UnsoundList as error:
            found.append(error)
    if request.list is not None:
        before = None if request.in_force is None else request.in_force.list
        found += faults_of(request.list.list, before, request.newest, now=now, allow=allow)
    return tuple(found)


def questions_of_request(request: SigningRequest, *, now: datetime) -> tuple[UnsoundList, ...]:
    """Return what in *request* is usually a mistake and was allowed by whoever drafted it: whoever signs is told all the same."""
    every = faults_of_request(request, now=now, allow=Allowances())
    return tuple(fault for fault in every if isinstance(fault, ALLOWABLE))


def check_goes_on_from(request: SigningRequest, known: UnverifiedBundle) -> None:
    """Return if *request* follows *known*, the bundle that a custodian kept, or a later one.

    A request shows a list that was in force. Whether it still is, only those know who kept the last one.

    Raises:
        UntrustedRoot: the newest root of the bundle is none of the request's.
        RolledBack: the list that the request calls in force is older than the bundle's, or another of the same version.
    """
    if known.roots[-1].signed.payload not in [signed.signed.payload for signed in request.roots]:
        raise UntrustedRoot("request_under_another_root")
    shown, have = request.in_force, known.list.version
    if shown is None:
        raise RolledBack("request_shows_no_list", have=have)
    if shown.list.version < have:
        raise RolledBack("request_shows_older_list", shown=shown.list.version, have=have)
    if shown.list.version == have and shown.signed.payload != known.signed_list.payload:
        raise RolledBack("request_shows_another_list", have=have)


def collect(federation: Federation, returned: Iterable[SigningRequest]) -> SigningRequest:
    """Add the signatures of *returned* to the open request, in any order and any number of times; return it with all of them.

    Raises:
        AuthorityError: no request is open.
        SigningRequestError: one of them asks for something else than the open request.
    """
    opened = federation.open_request()
    if opened is None:
        raise AuthorityError("no_request_open").at(federation.folder)
    request = opened.request
    for other in returned:
        request = request.merged_with(other)
    federation.keep_request(request)
    return request


def is_carried_out(federation: Federation, request: SigningRequest) -> bool:
    """Tell whether what *request* asks for is already in force: a late custodian returns what is no longer needed."""
    bundle = federation.bundle()
    listed = None if bundle is None else bundle.signed_list.payload
    if request.list is not None:
        return request.list.signed.payload == listed
    return request.root is not None and request.root.signed.payload in [root.signed.payload for root in federation.roots()]


def sign_all(request: SigningRequest, signers: Iterable[Signer]) -> SigningRequest:
    """Return *request* signed with those of *signers* that it asks."""
    for signer in signers:
        if request.concerns(signer.public_key):
            request = request.signed_with(signer)
    return request


def carry_out(federation: Federation, request: SigningRequest) -> list[Path]:
    """Write the result of a complete *request*, close it, and return the files: the bundle, and the new roots.

    Raises:
        ThresholdNotMet: too few keys have signed.
        UntrustedRoot, RolledBack: it does not follow what is in force in the folder, such as one drafted in an older copy of it.
    """
    if not is_carried_out(federation, request):  # if it was cut off before the request was closed, it is finished now
        _check_follows(federation, request)
    roots, bundle = request.root_tokens(), request.bundle()
    if bundle is not None:  # as a till will
        read_bundle(bundle).check_itself()
    made = federation.keep_results(roots, bundle)
    federation.close_request()
    return made


def _check_follows(federation: Federation, request: SigningRequest) -> None:
    known = federation.bundle()
    if known is not None:
        check_goes_on_from(request, known)
        return
    shown = [signed.signed.payload for signed in request.roots]
    if any(signed.signed.payload not in shown for signed in federation.roots()):
        raise UntrustedRoot("request_not_of_this_root").at(federation.folder)


def _make_room(federation: Federation, *, again: bool) -> int:
    """Return the highest list version asked for before, unless an open request is in the way."""
    opened = federation.open_request()
    if opened is None:
        return 0
    if not again:
        raise AuthorityError("request_open").at(opened.path)
    return 0 if opened.request.list is None else opened.request.list.list.version


def _next_list(federation: Federation, before: int, root: Root, terms: ListTerms, now: datetime) -> TrustList:
    bundle = federation.bundle()
    in_force = None if bundle is None else bundle.list
    issuers = federation.issuers()
    if not issuers:
        raise AuthorityError("list_without_issuers").at(federation.folder)
    check_keys(issuers, root.keys)
    for one, other in combinations(issuers, 2):
        if one.status_base == other.status_base:
            raise AuthorityError("status_base_shared", one=one.id, other=other.id, status_base=one.status_base)
    # A list that was withdrawn may have been signed somewhere, so its version is not used again.
    version = max(before, 0 if in_force is None else in_force.version) + 1
    if in_force is not None and timedelta(0) <= in_force.issued_at - now <= CLOCK_LEEWAY:
        now = in_force.issued_at + timedelta(seconds=1)
    proposed = TrustList(
        version=min(version, MAX_VERSION),
        issued_at=now,
        next_update_at=now + min(terms.next_update, terms.valid),
        expires_at=now + terms.valid,
        issuers=issuers,
    )
    faults = faults_of(proposed, in_force, root, now=now, allow=terms.allow)
    if len(faults) == 1:
        raise faults[0]
    if faults:
        raise type(faults[0])("list_unsound", count=len(faults), faults=_FaultLines(faults))
    return proposed


@dataclass(frozen=True, slots=True)
class _FaultLines:
    """What speaks against a list, one line each, with its code."""

    faults: tuple[UnsoundList, ...]

    def said_by(self, speaker: Speaker, /) -> str:
        """Return the lines in the speaker's language."""
        return "\n".join(f"  [{fault.code}] {fault.said_by(speaker)}" for fault in self.faults)


def _keep(federation: Federation, root: Root | None, trust_list: TrustList | None) -> OpenRequest:
    bundle = federation.bundle()
    in_force = None if bundle is None else bundle.signed_list.encode()
    request = ask(federation.roots(), in_force, root=root, trust_list=trust_list)
    read_request(request.encode())  # what goes round can be read
    federation.close_request()
    return OpenRequest(federation.keep_request(request), request)
