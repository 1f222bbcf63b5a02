"""Admitting a status delta, and a list that a delta made (specs/status-delta.md, sections 3 and 4).

Pure, like admitting a list. It is a module of its own because a till that never met a delta need not load it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from socpass_vc.errors import Malformed, UnknownIssuer
from socpass_vc.format import cbor
from socpass_vc.format.status.list_change import DIGEST_BYTES, ListChange
from socpass_vc.format.status.status_delta import StatusDelta, read_delta
from socpass_vc.format.status.status_list import BITS, StatusList
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Issuer, IssuerKey
from socpass_vc.verifier.admit import AdmittedStatusList, issuer_behind

_HEADS_BYTES = 16  # of an array and three byte strings


class AdmittedDelta(NamedTuple):
    """A delta whose signature was checked; only :func:`admit_delta` makes one. Its changes are still coded.

    Attributes:
        issuer: whose lists it speaks of.
        content: the delta.
        key: the key that signed.
    """

    issuer: Issuer
    content: StatusDelta
    key: IssuerKey


def admit_delta(token: bytes, *, trust: Trust) -> AdmittedDelta:
    """Return the delta in *token* if *trust* stands behind it.

    Args:
        token: the COSE_Sign1.
        trust: the trust list of now.

    Raises:
        Malformed, Unsupported, UnknownIssuer, KeyCompromised, Forged, OutOfScope: as in :func:`admit`.
    """
    unverified = read_delta(token)
    content = unverified.content
    issuer, key = issuer_behind(unverified.signed, content.uri(content.lists[0].number), content.issued_at, trust)
    if content.status_base != issuer.status_base:  # "…/status/1" and the list 0 would pass for the list 10
        raise UnknownIssuer("no_issuer_publishes", uri=content.status_base)
    return AdmittedDelta(issuer, content, key)


def keep(token: bytes, delta: StatusDelta, made: StatusList) -> bytes:
    """Return what a till keeps of a list that a delta made: ``[token, the bytes]``, of a full form ``[…, its lists' digests]``.

    The delta says of which bytes it is signed, so the two can be checked for ever after, without the list that was before. A full
    form says it of all its lists together: with their digests beside it, one list is checked without the others. The bytes are
    not compressed: a quarter of a megabyte is nothing on a disk, and inflating it would take longer than all else.

    Args:
        token: the delta's.
        delta: what it says, opened.
        made: the list.
    """
    digests = [b"".join(entry.digest or b"" for entry in delta.lists)] if delta.is_full else []
    return cbor.encode([token, made.raw, *digests])


def kept_bytes(token: bytes, delta: StatusDelta, entry: ListChange) -> int:
    """Return how many bytes :func:`keep` gives at most for one list of a delta."""
    return _HEADS_BYTES + len(token) + entry.entries * BITS // 8 + DIGEST_BYTES * len(delta.lists)


def admit_kept(kept: bytes, uri_is: Callable[[str], bool], *, trust: Trust) -> AdmittedStatusList:
    """Return the list in what :func:`keep` gave, if *trust* stands behind the delta that made it.

    Args:
        kept: from a disk.
        uri_is: tells of one of the delta's lists whether it is the one that was kept.
        trust: the trust list of now.

    Raises:
        Malformed: it is damaged, or holds another list.
        Unsupported, UnknownIssuer, KeyCompromised, Forged, OutOfScope: as in :func:`admit_delta`.
    """
    match cbor.decode(kept):
        case [bytes(token), bytes(raw)]:
            delta = admit_delta(token, trust=trust)
        case [bytes(token), bytes(raw), bytes(digests)]:
            delta = admit_delta(token, trust=trust)
            delta = delta._replace(content=delta.content.with_digests(digests))
        case _:
            raise Malformed("kept_list.shape")
    for entry in delta.content.lists:
        if uri_is(delta.content.uri(entry.number)):
            return AdmittedStatusList(delta.issuer, delta.content.state(entry, raw), delta.key)
    raise Malformed("kept_list.not_of_delta")
