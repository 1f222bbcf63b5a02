"""Signing requests: what the keys of a root are to sign, in one file that goes round (specs/signing-request.md).

It knows the bytes, who may sign which part, and how many signatures are enough. Whether the request is wise, it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from socpass_vc.errors import Malformed, RolledBack, SigningRequestError, ThresholdNotMet, Unsupported, UntrustedRoot
from socpass_vc.format import cbor, cose
from socpass_vc.format.keys import ALGORITHM, AnyPublicKey, PublicKey, Signer
from socpass_vc.format.trust.bundle import (
    LIST_TYP,
    MAX_BUNDLE_BYTES,
    ROOT_TYP,
    SignedRoot,
    check_chain,
    check_follows,
    check_thresholds,
    fingerprint,
    read_root_token,
    write_bundle,
)
from socpass_vc.format.trust.issuers import Root, TrustList
from socpass_vc.format.trust.issuers_reader import read_root, read_trust_list
from socpass_vc.messages import Message

MAX_REQUEST_BYTES = 2 * MAX_BUNDLE_BYTES
"""Largest request (specs/signing-request.md, section 1): a bundle as large as they get, and a list to follow its own."""

_NAME = "socpass-signing-request"
_HEAD = b"\x85" + cbor.encode(_NAME)


class RootDraft(NamedTuple):
    """A root that is being signed."""

    signed: cose.SignedByMany
    root: Root

    @property
    def fingerprint(self) -> str:
        """As :attr:`SignedRoot.fingerprint`: the signatures do not change it."""
        return fingerprint(self.signed.payload)


class ListDraft(NamedTuple):
    """A trust list that is being signed."""

    signed: cose.SignedByMany
    list: TrustList


class InForce(NamedTuple):
    """The list that tills now believe, under the newest of the roots."""

    token: bytes
    signed: cose.SignedByMany
    list: TrustList


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureTally:
    """How many signatures one part has under the keys of one algorithm of one root.

    Attributes:
        of_root: whether the part is the new root; else it is the list.
        under: the root whose threshold must sign.
        keys: its keys of the algorithm.
        signed_by: those of them that have; where the algorithm is not known, those whose signature is there, unchecked.
    """

    of_root: bool
    under: Root
    keys: tuple[AnyPublicKey, ...]
    signed_by: frozenset[AnyPublicKey]

    @property
    def missing(self) -> int:
        """How many signatures are still needed."""
        return max(self.under.threshold - len(self.signed_by), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningRequest:
    """A signing request whose signatures so far are good; :func:`read_request` and :func:`ask` make one.

    Attributes:
        roots: the chain up to now, oldest first; empty before the first root.
        in_force: the list that tills now believe, or None.
        root: the next root, or None.
        list: the next list, signed under the next root if there is one; or None.
    """

    roots: tuple[SignedRoot, ...]
    in_force: InForce | None
    root: RootDraft | None
    list: ListDraft | None

    @property
    def ruling(self) -> Root | None:
        """The newest root up to now."""
        return self.roots[-1].root if self.roots else None

    @property
    def newest(self) -> Root:
        """The root above the list: the next one, if there is one."""
        return self.root.root if self.root is not None else self.roots[-1].root

    def tallies(self) -> tuple[SignatureTally, ...]:
        """Return the signatures of each part: of the new root under the ruling one and under itself, then of the list.

        Of a root, each algorithm counts for itself, the one of the highest number first.
        """
        found: list[SignatureTally] = []
        if self.root is not None:
            found += _tally(self.root.signed, self._electors(), of_root=True)
        if self.list is not None:
            found += _tally(self.list.signed, (self.newest,), of_root=False)
        return tuple(found)

    @property
    def is_complete(self) -> bool:
        """Whether every threshold is met."""
        return not any(tally.missing for tally in self.tallies())

    def concerns(self, key: PublicKey) -> bool:
        """Tell whether *key* is asked to sign any part."""
        return key in _keys_of((self.newest,) if self.root is None else self._electors())

    def signed_with(self, signer: Signer) -> SigningRequest:
        """Return the request with the signatures of *signer* on every part that its key may sign; a second time changes nothing.

        Raises:
            SigningRequestError: the key may sign no part of it.
        """
        key = signer.public_key
        if not self.concerns(key):
            raise SigningRequestError("key_not_asked", key_id=key.key_id.hex())
        root, listed = self.root, self.list
        if root is not None:
            root = RootDraft(_endorse(root.signed, signer, self._electors()), root.root)
        if listed is not None and key in self.newest.keys:
            listed = ListDraft(_endorse(listed.signed, signer, (self.newest,)), listed.list)
        return replace(self, root=root, list=listed)

    def merged_with(self, other: SigningRequest) -> SigningRequest:
        """Return the request with the signatures of both, one per key.

        Raises:
            SigningRequestError: *other* asks for something else.
        """
        if self._bare() != other._bare():
            raise SigningRequestError("another_request")
        root, listed = self.root, self.list
        if root is not None and other.root is not None:  # either both or neither, as their bytes are the same
            root = RootDraft(_union(root.signed, other.root.signed, self._electors()), root.root)
        if listed is not None and other.list is not None:
            listed = ListDraft(_union(listed.signed, other.list.signed, (self.newest,)), listed.list)
        return replace(self, root=root, list=listed)

    def root_tokens(self) -> tuple[bytes, ...]:
        """Return the chain of roots, the new one included.

        Raises:
            ThresholdNotMet: too few keys have signed it.
        """
        tokens = [signed.token for signed in self.roots]
        if self.root is not None:
            _check_complete(self.root.signed, self._electors())
            tokens.append(self.root.signed.encode())
        return tuple(tokens)

    def bundle(self) -> bytes | None:
        """Return the new trust bundle, or None if the request asks for a root alone.

        Raises:
            ThresholdNotMet: too few keys have signed.
        """
        tokens = self.root_tokens()
        if self.list is None:
            return None
        _check_complete(self.list.signed, (self.newest,))
        return write_bundle(tokens, self.list.signed.encode())

    def encode(self) -> bytes:
        """Return the bytes of the request."""
        return cbor.encode(
            [
                _NAME,
                [signed.token for signed in self.roots],
                None if self.in_force is None else self.in_force.token,
                None if self.root is None else _encode_draft(self.root.signed),
                None if self.list is None else _encode_draft(self.list.signed),
            ]
        )

    def check(self) -> SigningRequest:
        """Return this request if all of specs/signing-request.md, section 2, holds from step 2 on.

        Raises:
            UntrustedRoot, ThresholdNotMet, Forged: as for a bundle; or a signature is by no key that is asked.
            Unsupported: this program knows too few keys of a root for its threshold.
            RolledBack: the list's version is not above that of the list in force.
        """
        if self.roots:
            ruling = check_chain(self.roots)
            if self.in_force is not None:
                check_thresholds(self.in_force.signed, (ruling,))
        if self.root is not None:
            if self.roots:
                check_follows(self.roots[-1].root, self.root.root)
            elif self.root.root.version != 1:
                raise UntrustedRoot("first_root_version", version=self.root.root.version)
        if self.list is not None and self.in_force is not None and self.list.list.version <= self.in_force.list.version:
            raise RolledBack("list_not_newer", version=self.list.list.version, in_force=self.in_force.list.version)
        if ALGORITHM not in self.newest.quorums:
            raise Unsupported("threshold_of_unknown_keys", version=self.newest.version, needed=self.newest.threshold)
        self.tallies()  # raises unless each signature is by a key that may sign, and no key signs twice
        return self

    def _electors(self) -> tuple[Root, ...]:
        """The roots whose thresholds the new root must meet."""
        return (self.newest,) if self.ruling is None else (self.ruling, self.newest)

    def _bare(self) -> bytes:
        """What is asked, without the signatures so far."""
        root = None if self.root is None else RootDraft(self.root.signed.with_signatures(()), self.root.root)
        listed = None if self.list is None else ListDraft(self.list.signed.with_signatures(()), self.list.list)
        return replace(self, root=root, list=listed).encode()


def ask(
    roots: Iterable[SignedRoot], in_force: bytes | None, *, root: Root | None, trust_list: TrustList | None
) -> SigningRequest:
    """Return a new request that nobody has signed.

    Args:
        roots: the chain up to now, oldest first.
        in_force: the token of the list that tills now believe.
        root: the next root, or None.
        trust_list: the next list, or None.

    Raises:
        SigningRequestError: nothing is asked, or a list without a root.
        UntrustedRoot, ThresholdNotMet, Forged, RolledBack: as :meth:`Request.check`.
    """
    chain = tuple(roots)
    if root is None and (trust_list is None or not chain):
        raise SigningRequestError("nothing_to_sign")
    return SigningRequest(
        roots=chain,
        in_force=None if in_force is None else _read_in_force(in_force),
        root=None if root is None else RootDraft(cose.to_sign(root.encode(), typ=ROOT_TYP), root),
        list=None if trust_list is None else ListDraft(cose.to_sign(trust_list.encode(), typ=LIST_TYP), trust_list),
    ).check()


def is_request(content: bytes) -> bool:
    """Tell whether *content* calls itself a signing request."""
    return content.startswith(_HEAD)


def read_request(encoded: bytes) -> SigningRequest:
    """Return a signing request: specs/signing-request.md, section 2.

    Args:
        encoded: the content of the file; at most 12 MiB.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a field that this program does not know; a draft, even one that tills ignore.
        UntrustedRoot, ThresholdNotMet, Forged, RolledBack: as :meth:`Request.check`.
    """
    if len(encoded) > MAX_REQUEST_BYTES:
        raise Malformed("too_many_bytes", given=len(encoded), longest=MAX_REQUEST_BYTES).at(Message("field.signing_request"))
    match cbor.decode(encoded):
        case [str(name), list(roots), (bytes() | None) as in_force, root, trust_list] if name == _NAME:
            pass
        case _:
            raise Malformed("not_a_signing_request")
    if (root is None and (trust_list is None or not roots)) or (in_force is not None and not roots):
        raise Malformed("request_asks_nothing")
    return SigningRequest(
        roots=tuple(map(_read_root_entry, roots)),
        in_force=None if in_force is None else _read_in_force(in_force),
        root=None if root is None else _read_root_draft(root),
        list=None if trust_list is None else _read_list_draft(trust_list),
    ).check()


def _read_root_entry(entry: cbor.Value) -> SignedRoot:
    if not isinstance(entry, bytes):
        raise Malformed("root_not_bytes")
    return read_root_token(entry)


def _read_in_force(token: bytes) -> InForce:
    signed = cose.read_sign(token, typ=LIST_TYP)
    return InForce(token, signed, read_trust_list(signed.payload))


def _read_root_draft(value: cbor.Value) -> RootDraft:
    signed = _read_draft(value, ROOT_TYP)
    root = read_root(signed.payload)
    _check_all_read("field.root_draft", signed.payload, root.encode())
    return RootDraft(signed, root)


def _read_list_draft(value: cbor.Value) -> ListDraft:
    signed = _read_draft(value, LIST_TYP)
    trust_list = read_trust_list(signed.payload)
    _check_all_read("field.list_draft", signed.payload, trust_list.encode())
    return ListDraft(signed, trust_list)


def _check_all_read(field: str, payload: bytes, read: bytes) -> None:
    """Refuse a draft that says more than was read: what cannot be shown must not be signed."""
    if payload != read:
        raise Unsupported("draft_not_shown_whole").at(Message(field))


def _read_draft(value: cbor.Value, typ: str) -> cose.SignedByMany:
    match value:
        case [bytes(payload), list(entries)] if len(entries) <= cose.MAX_SIGNATURES:
            return cose.to_sign(payload, typ=typ).with_signatures(cose.read_signatures(entries))
        case _:
            raise Malformed("draft_shape")


def _encode_draft(signed: cose.SignedByMany) -> cbor.Value:
    return [signed.payload, cose.encode_signatures(signed.signatures)]


def _keys_of(roots: Iterable[Root]) -> set[AnyPublicKey]:
    return {key for root in roots for key in root.keys}


def _tally(signed: cose.SignedByMany, roots: tuple[Root, ...], *, of_root: bool) -> list[SignatureTally]:
    keys = _keys_of(roots)
    signers = _by_key(signed, keys).keys()
    return [
        SignatureTally(of_root=of_root, under=root, keys=quorum, signed_by=frozenset(signers & set(quorum)))
        for root in roots
        for _, quorum in sorted(root.quorums.items(), reverse=True)
    ]


def _check_complete(signed: cose.SignedByMany, roots: tuple[Root, ...]) -> None:
    """Return if each threshold is met, by keys of algorithms that are not known too, so that whoever knows them takes it."""
    check_thresholds(signed, roots)
    for tally in _tally(signed, roots, of_root=False):
        if tally.missing:
            facts = {"version": tally.under.version, "have": len(tally.signed_by), "needed": tally.under.threshold}
            raise ThresholdNotMet("threshold_not_met", **facts)


def _endorse(signed: cose.SignedByMany, signer: Signer, roots: tuple[Root, ...]) -> cose.SignedByMany:
    if signer.public_key in signed.by_signer(_keys_of(roots)):
        return signed
    return signed.with_signatures([*signed.signatures, signed.sign(signer)])


def _union(one: cose.SignedByMany, other: cose.SignedByMany, roots: tuple[Root, ...]) -> cose.SignedByMany:
    keys = _keys_of(roots)
    have, further = _by_key(one, keys), _by_key(other, keys)
    # A hardware token may sign twice with different bytes; in whichever order two files are merged, the same signature stays.
    return one.with_signatures(min(by[key] for by in (have, further) if key in by) for key in have | further)


def _by_key(signed: cose.SignedByMany, keys: set[AnyPublicKey]) -> dict[AnyPublicKey, cose.Signature]:
    return dict((*signed.by_signer(keys).items(), *signed.unchecked(keys).items()))
