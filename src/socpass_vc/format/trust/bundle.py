"""Trust bundles: roots that sign a list of issuers, in the one file that an agency publishes and a till caches (specs/trust.md).

It knows how to sign and read a bundle, and how to check it against an anchor. It knows no file, clock, or version seen before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import Malformed, ThresholdNotMet, Unsupported, UntrustedRoot
from socpass_vc.format import cbor, cose
from socpass_vc.format.credential.claims import MAX_LIST_NUMBER
from socpass_vc.format.keys import ALGORITHM, AnyPublicKey, PublicKey, Signer
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, Root, TrustList
from socpass_vc.format.trust.issuers_reader import read_root, read_trust_list
from socpass_vc.messages import Message

ROOT_TYP = "application/socpass-root+cbor"
LIST_TYP = "application/socpass-trust-list+cbor"
MAX_ROOT_TOKEN_BYTES = 512 * 2**10
"""Largest root with its signatures: 64 keys of 1,312 bytes and 128 signatures of 2,420 have less (specs/trust.md, section 1)."""
MAX_BUNDLE_BYTES = 6 * 2**20
"""Largest trust.spt: 1,000 issuers with a key of 1,312 bytes each and its successor have less (specs/trust.md, section 1)."""

_NAME = "socpass-trust"
_HEAD = b"\x83" + cbor.encode(_NAME)
_LIST_NUMBER_DIGITS = len(str(MAX_LIST_NUMBER))


class SignedRoot(NamedTuple):
    """A root as a file holds it: of the right shape, its signatures unchecked.

    Attributes:
        token: the COSE_Sign.
        signed: its parts.
        root: what it says.
    """

    token: bytes
    signed: cose.SignedByMany
    root: Root

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the payload: 64 hexadecimal digits in groups of four, for people to compare."""
        return fingerprint(self.signed.payload)


class Trust:
    """A trust list that was checked against an anchor, ready for looking up keys; only :meth:`UnverifiedBundle.check` makes one.

    Attributes:
        root: the newest root.
        list: the issuers that it signed.
        expires_at: when the earlier of the two expires.
    """

    def __init__(self, root: Root, trust_list: TrustList) -> None:
        self.root: Final = root
        self.list: Final = trust_list
        self.expires_at: Final = min(trust_list.expires_at, root.expires_at)

    @cached_property
    def _by_key_id(self) -> dict[bytes, tuple[tuple[Issuer, IssuerKey], ...]]:
        found: dict[bytes, tuple[tuple[Issuer, IssuerKey], ...]] = {}
        for issuer in self.list.issuers:
            for key in issuer.keys:
                found[key.public_key.key_id] = (*found.get(key.public_key.key_id, ()), (issuer, key))
        return found

    @cached_property
    def _by_status_base(self) -> dict[str, Issuer]:
        return {issuer.status_base: issuer for issuer in self.list.issuers}

    def keys_with(self, key_id: bytes) -> tuple[tuple[Issuer, IssuerKey], ...]:
        """Return all keys that share *key_id*, each with its issuer."""
        return self._by_key_id.get(key_id, ())

    def issuer_of_status_list(self, uri: str) -> Issuer | None:
        """Return the issuer whose status base and a list number make *uri*, or None."""
        base, _, number = uri.rpartition("/")
        is_number = len(number) <= _LIST_NUMBER_DIGITS and number.isascii() and number.isdigit()
        if not is_number or (number[0] == "0" and number != "0") or int(number) > MAX_LIST_NUMBER:
            return None
        return self._by_status_base.get(base + "/")

    def issuer_of_catalogue(self, uri: str) -> Issuer | None:
        """Return the issuer whose catalogue has the URI *uri*, or None."""
        return next((issuer for issuer in self.list.issuers if issuer.catalogue_uri == uri), None)


class UnverifiedBundle(NamedTuple):
    """A bundle of the right shape; its signatures are not checked yet."""

    roots: tuple[SignedRoot, ...]
    signed_list: cose.SignedByMany
    list: TrustList

    def check(self, anchor: bytes) -> Trust:
        """Return the trust that *anchor* gives this bundle: steps 3 to 5 of specs/trust.md, section 2.

        Args:
            anchor: the payload of the root that a person confirmed.

        Raises:
            UntrustedRoot: the anchor is not among the roots, or a version is skipped.
            Forged: a signature fits no key that it may be from.
            ThresholdNotMet: too few distinct keys have signed a root or the list.
        """
        payloads = [signed.signed.payload for signed in self.roots]
        if anchor not in payloads:
            raise UntrustedRoot("anchor_not_in_bundle")
        newest = check_chain(self.roots)
        check_thresholds(self.signed_list, (newest,))
        return Trust(newest, self.list)

    def check_itself(self) -> UnverifiedBundle:
        """Return this bundle if its own roots have signed it; whether anybody trusts those roots is not asked.

        Raises:
            UntrustedRoot, Forged, ThresholdNotMet: as :meth:`check`.
        """
        self.check(self.roots[0].signed.payload)
        return self


def check_chain(roots: Sequence[SignedRoot]) -> Root:
    """Return the newest of *roots*, the first of which is signed by its own keys: step 4 of specs/trust.md, section 2.

    Raises:
        UntrustedRoot: a version is skipped.
        Forged: a signature fits no key that it may be from.
        ThresholdNotMet: too few distinct keys have signed a root.
    """
    check_thresholds(roots[0].signed, (roots[0].root,))
    for before, after in pairwise(roots):
        check_follows(before.root, after.root)
        check_thresholds(after.signed, (before.root, after.root))
    return roots[-1].root


def check_follows(before: Root, after: Root) -> None:
    """Return if the version of *after* is that of *before* plus 1; raises UntrustedRoot if not."""
    if after.version != before.version + 1:
        raise UntrustedRoot("root_version_skipped", version=after.version, before=before.version)


def fingerprint(payload: bytes) -> str:
    """Return SHA-256 of a root's payload as 64 hexadecimal digits in groups of four."""
    digest = sha256(payload).hex()
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def sign_root(root: Root, signers: Iterable[Signer]) -> bytes:
    """Return the token of *root*; one that follows another is signed by both thresholds (specs/trust.md, section 1).

    Args:
        root: what it says.
        signers: keys of the root, and of the one before it; as many distinct ones as the thresholds ask for.
    """
    return cose.sign_by_many(root.encode(), signers, typ=ROOT_TYP)


def sign_trust_list(trust_list: TrustList, signers: Iterable[Signer]) -> bytes:
    """Return the token of *trust_list*, signed by the keys of the newest root (specs/trust.md, section 1).

    Args:
        trust_list: what it says.
        signers: keys of the newest root; as many distinct ones as its threshold asks for.
    """
    return cose.sign_by_many(trust_list.encode(), signers, typ=LIST_TYP)


def write_bundle(roots: Sequence[bytes], trust_list: bytes) -> bytes:
    """Return the bytes of a trust bundle, the file trust.spt that tills take (specs/trust.md, section 1).

    Args:
        roots: tokens of :func:`sign_root`, the oldest first.
        trust_list: a token of :func:`sign_trust_list`.
    """
    return cbor.encode([_NAME, list(roots), trust_list])


def read_root_token(token: bytes) -> SignedRoot:
    """Return a root as a file holds it, unchecked.

    Args:
        token: the COSE_Sign; at most 512 KiB.

    Raises:
        Malformed, Unsupported: it is not one that this program can read.
    """
    if len(token) > MAX_ROOT_TOKEN_BYTES:
        raise Malformed("too_many_bytes", found=len(token), longest=MAX_ROOT_TOKEN_BYTES).at(Message("field.root"))
    signed = cose.read_sign(token, typ=ROOT_TYP)
    return SignedRoot(token, signed, read_root(signed.payload))


def is_bundle(content: bytes) -> bool:
    """Tell whether *content* calls itself a trust bundle."""
    return content.startswith(_HEAD)


def read_bundle(encoded: bytes, *, read_before: bool = False) -> UnverifiedBundle:
    """Return a bundle, unchecked: steps 1 and 2 of specs/trust.md, section 2.

    Args:
        encoded: the content of trust.spt; at most 6 MiB.
        read_before: it was read and checked before, as in a till's store: whether an issuer's key is a point of the curve is then
            checked when the key is first used. Everything else is checked again.

    Raises:
        Malformed: it is not one; one bad entry refuses it all.
        Unsupported: it has a field that this program does not know.
    """
    if len(encoded) > MAX_BUNDLE_BYTES:
        raise Malformed("too_many_bytes", given=len(encoded), longest=MAX_BUNDLE_BYTES).at(Message("field.trust_bundle"))
    match cbor.decode(encoded):
        case [str(name), [_, *_] as roots, bytes(list_token)] if name == _NAME:
            pass
        case _:
            raise Malformed("not_a_trust_bundle")
    signed_list = cose.read_sign(list_token, typ=LIST_TYP)
    make_key = PublicKey.imported_before if read_before else PublicKey
    return UnverifiedBundle(
        tuple(map(_read_root_entry, roots)), signed_list, read_trust_list(signed_list.payload, make_key=make_key)
    )


def _read_root_entry(entry: cbor.Value) -> SignedRoot:
    if not isinstance(entry, bytes):
        raise Malformed("root_not_bytes")
    return read_root_token(entry)


def check_thresholds(signed: cose.SignedByMany, roots: tuple[Root, ...]) -> None:
    """Return if all signatures of *signed* are good, and meet the threshold of each of *roots*.

    Raises:
        Forged: a signature is by no key of the roots, or two are by one.
        Unsupported: a root has fewer keys of our algorithm than its threshold asks for.
        ThresholdNotMet: too few distinct keys have signed.
    """
    keys: set[AnyPublicKey] = {key for root in roots for key in root.keys}
    signers = signed.signers(keys)
    for root in roots:
        if ALGORITHM not in root.quorums:
            raise Unsupported("threshold_of_unknown_keys", version=root.version, needed=root.threshold)
        have = len(signers.intersection(root.keys))
        if have < root.threshold:
            raise ThresholdNotMet("threshold_not_met", version=root.version, have=have, needed=root.threshold)
