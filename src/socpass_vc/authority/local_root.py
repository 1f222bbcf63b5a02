"""The root authority: who signs trust lists, be it a federation or an agency for itself.

It knows roots, their keys and issuers' descriptions; where they lie is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from socpass_vc.format.keys import SecretKey, Signer
from socpass_vc.format.trust.bundle import read_bundle, read_root_token, sign_root, sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers import MAX_VERSION, Issuer, Root, TrustList

ROOT_LIFETIME = timedelta(days=3652)
"""Ten years, unless the caller says otherwise."""


def make_root(signers: Sequence[SecretKey], *, threshold: int, now: datetime, lifetime: timedelta = ROOT_LIFETIME) -> bytes:
    """Return the token of a first root, signed by all its keys.

    Args:
        signers: the root's keys.
        threshold: how many of them must sign a list.
        now: whole second.
        lifetime: how long the root is valid.

    Raises:
        ClaimsError: the threshold is above the number of keys, or a key is given twice.
    """
    public = sorted((signer.public_key for signer in signers), key=lambda key: key.raw)
    return sign_root(Root(version=1, expires_at=now + lifetime, threshold=threshold, keys=tuple(public)), signers)


def sign_bundle(
    issuers: list[Issuer],
    roots: list[bytes],
    signers: Sequence[Signer],
    *,
    version: int,
    now: datetime,
    next_update: timedelta = timedelta(days=30),
    valid: timedelta = timedelta(days=365),
) -> bytes:
    """Return a trust bundle that lists *issuers*, signed by root keys, checked as a till would.

    Args:
        issuers: in any order.
        roots: root tokens, oldest first.
        signers: keys of the newest root.
        version: of the list, 1 to 2^32 - 1.
        now: the list's iat.
        next_update: after how long tills begin to warn.
        valid: after how long tills stop deciding; cut at the newest root's expiry.

    Raises:
        ClaimsError: the issuers contradict each other: two of them have the same key, for example.
        ThresholdNotMet, Forged: the signers are too few, or not of the newest root.
    """
    newest = read_root_token(roots[-1])
    expires_at = min(now + valid, newest.root.expires_at)
    trust_list = TrustList(
        version=min(version, MAX_VERSION),
        issued_at=now,
        next_update_at=min(now + next_update, expires_at),
        expires_at=expires_at,
        issuers=tuple(sorted(issuers, key=lambda issuer: issuer.id)),
    )
    content = write_bundle(roots, sign_trust_list(trust_list, signers))
    read_bundle(content).check(read_root_token(roots[0]).signed.payload)
    return content
