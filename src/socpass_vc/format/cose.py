"""Signed envelopes: COSE_Sign1 and COSE_Sign with one algorithm and nothing unsigned (RFC 9052; specs/credential.md, section 2).

It knows what was signed, under which key id and typ, and nothing of what a payload says. Signatures of other algorithms are told
from what is malformed, and are kept beside ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from socpass_vc.errors import Forged, Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.keys import ALGORITHM, KEY_ID_BYTES, SIGNATURE_BYTES, AnyPublicKey, PublicKey, Signer, UnknownKey
from socpass_vc.messages import Message

MAX_SIGNATURES = 128
"""Of one COSE_Sign: all keys of two roots (specs/trust.md, section 1)."""
MAX_SIGNATURE_BYTES = 8_192
"""Longest signature of another algorithm: one of SLH-DSA-SHA2-128s has 7,856 bytes (FIPS 205, table 2), of ML-DSA-44 2,420."""
_MAX_HEADER_BYTES = 128  # an algorithm, a key id and our longest typ have fewer than 64

_ALG, _KID, _TYP = 1, 4, 16  # RFC 9052, section 3.1; RFC 9596
_SIGN1_HEAD = b"\xd2\x84"  # the tag 18, an array of 4
_EMPTY_MAP = b"\xa0"
_SIGNATURE_HEAD = b"\x58\x40"
KEY_ID_AT = 8
"""Where the key id of a COSE_Sign1 without a typ begins: behind its head, and in the protected header behind {1: -19, 4."""
_KEY_ID_AT_WITH_TYP = 9  # where the protected header is longer than 23 bytes, and its head than one
_SIGN_TAG = b"\xd8\x62"  # 98


class Signed1(NamedTuple):
    """A COSE_Sign1 of the right shape; its signature is not checked yet.

    Attributes:
        key_id: the kid header, a hint of 8 bytes.
        payload: what it says.
        to_be_signed: the payload and the protected header, as signed (RFC 9052, section 4.4).
        signature: 64 bytes.
    """

    key_id: bytes
    payload: bytes
    to_be_signed: bytes
    signature: bytes

    def check(self, key: AnyPublicKey) -> None:
        """Return if *key* signed this; raises Forged if not, and Unsupported if its algorithm is not known."""
        key.check(self.signature, self.to_be_signed)


class Signature(NamedTuple):
    """One signature of a COSE_Sign, unchecked; where the algorithm is not ours, nobody here can check it."""

    key_id: bytes
    protected: bytes
    value: bytes
    algorithm: int = ALGORITHM


class SignedByMany(NamedTuple):
    """A COSE_Sign of the right shape; its signatures are not checked yet.

    Attributes:
        protected: the encoded protected header of the body, which holds only the typ.
        payload: what was signed.
        signatures: ascending by key id and value; at least one, except in a request that nobody has signed yet.
    """

    protected: bytes
    payload: bytes
    signatures: tuple[Signature, ...]

    def signers(self, keys: Iterable[AnyPublicKey]) -> frozenset[PublicKey]:
        """Return which of *keys* have signed; each signature must be by one of them, and no key may sign twice.

        Raises:
            Forged: a signature is by none of the keys, or two are by one.
        """
        return frozenset(self.by_signer(keys))

    def by_signer(self, keys: Iterable[AnyPublicKey]) -> dict[PublicKey, Signature]:
        """Return each signature by the one of *keys* that made it; those of algorithms that are not known are left out.

        Raises:
            Forged: as :meth:`signers`; or as :meth:`unchecked`.
        """
        candidates = tuple(keys)
        known = [key for key in candidates if isinstance(key, PublicKey)]
        found: dict[PublicKey, Signature] = {}
        checked = [signature for signature in self.signatures if signature.algorithm == ALGORITHM]
        for signature in checked:
            message = _to_be_signed_by_many(self.protected, signature.protected, self.payload)
            found[first_that_verifies(known, signature.key_id, signature.value, message)] = signature
        if len(found) != len(checked):
            raise Forged("key_signed_twice")
        if len(checked) != len(self.signatures):
            self.unchecked(candidates)
        return found

    def unchecked(self, keys: Iterable[AnyPublicKey]) -> dict[UnknownKey, Signature]:
        """Return each signature of an algorithm that is not known by the one of *keys* that it names.

        Raises:
            Forged: one names none of them, or there are more than keys that they name.
        """
        unsigned = sorted((key for key in keys if isinstance(key, UnknownKey)), key=lambda key: key.encoded)
        found: dict[UnknownKey, Signature] = {}
        for signature in self.signatures:
            if signature.algorithm == ALGORITHM:
                continue
            named = [key for key in unsigned if (key.algorithm, key.key_id) == (signature.algorithm, signature.key_id)]
            if not named:
                raise Forged("signature_of_no_such_key")
            unsigned.remove(named[0])
            found[named[0]] = signature
        return found

    def sign(self, signer: Signer) -> Signature:
        """Return the signature of *signer*; :meth:`with_signatures` puts it beside the others."""
        key_id = signer.public_key.key_id
        protected = _protected(key_id, None)
        return Signature(key_id, protected, signer.sign(_to_be_signed_by_many(self.protected, protected, self.payload)))

    def with_signatures(self, signatures: Iterable[Signature]) -> SignedByMany:
        """Return the same with other signatures, put in order."""
        ordered = sorted(signatures, key=lambda signature: (signature.key_id, signature.value))
        return self._replace(signatures=tuple(ordered))

    def encode(self) -> bytes:
        """Return the tagged COSE_Sign; there must be a signature."""
        return _SIGN_TAG + cbor.encode([self.protected, {}, self.payload, encode_signatures(self.signatures)])


def first_that_verifies(keys: Iterable[PublicKey], key_id: bytes, signature: bytes, message: bytes) -> PublicKey:
    """Return the first of *keys* with this key id under which *signature* verifies; a key id is only a hint.

    Raises:
        Forged: it verifies under none of them.
    """
    for key in keys:
        if key.key_id == key_id:
            try:
                key.check(signature, message)
            except Forged:
                continue
            return key
    raise Forged("signature_of_no_such_key")


def sign1(payload: bytes, signer: Signer, *, typ: str | None = None) -> bytes:
    """Return the tagged COSE_Sign1 over *payload* (RFC 9052, section 4.2).

    Args:
        payload: the bytes to sign, embedded.
        signer: whose public key gives the key id.
        typ: the media type for header 16 (RFC 9596), or None for a pass.
    """
    opening, signed_opening = _openings(signer.public_key.key_id, typ)
    item = cbor.byte_string(payload)
    return opening + item + _SIGNATURE_HEAD + signer.sign(signed_opening + item)


def read_sign1(token: bytes, *, typ: str | None = None) -> Signed1:
    """Return the parts of a tagged COSE_Sign1.

    Raises:
        Malformed: it is not one, or its header is other than the algorithm, a key id and *typ*.
        Unsupported: it is one, of another algorithm.
    """
    # All before the payload has one right spelling for a key id, so it is compared instead of interpreted: the algorithm is
    # checked, never followed.
    at = KEY_ID_AT if typ is None else _KEY_ID_AT_WITH_TYP
    key_id = token[at : at + KEY_ID_BYTES]
    opening, signed_opening = _openings(key_id, typ)
    if len(key_id) != KEY_ID_BYTES or not token.startswith(opening):
        raise _not_ours(token, typ)
    start = len(opening)
    try:
        payload, end = cbor.read_byte_string(token, start)
    except IndexError as error:
        raise Malformed("cose_cut_off") from error
    if not token.startswith(_SIGNATURE_HEAD, end) or len(token) != end + len(_SIGNATURE_HEAD) + SIGNATURE_BYTES:
        raise Malformed("cose_no_signature_at_end", size=SIGNATURE_BYTES)
    return Signed1(key_id, payload, signed_opening + token[start:end], token[-SIGNATURE_BYTES:])


def sign_by_many(payload: bytes, signers: Iterable[Signer], *, typ: str) -> bytes:
    """Return the tagged COSE_Sign over *payload* by all *signers* (RFC 9052, section 4.1)."""
    unsigned = to_sign(payload, typ=typ)
    return unsigned.with_signatures({unsigned.sign(signer) for signer in signers}).encode()


def to_sign(payload: bytes, *, typ: str) -> SignedByMany:
    """Return *payload* ready to be signed by many, before anybody has."""
    return SignedByMany(cbor.encode({_TYP: typ}), payload, ())


def read_sign(token: bytes, *, typ: str) -> SignedByMany:
    """Return the parts of a tagged COSE_Sign.

    Raises:
        Malformed: it is not one, its header is other than *typ*, or its signatures are out of order.
    """
    if token[:2] != _SIGN_TAG:
        raise Malformed("not_cose_sign")
    parts = cbor.decode(token[2:])
    match parts:
        case [bytes(protected), dict(unprotected), bytes(payload), [_, *_] as entries] if (
            not unprotected and len(entries) <= MAX_SIGNATURES
        ):
            pass
        case _:
            raise Malformed("cose_sign_shape")
    if protected != cbor.encode({_TYP: typ}):
        raise Malformed("cose_sign_header", typ=typ)
    return SignedByMany(protected, payload, read_signatures(entries))


def read_signatures(entries: Iterable[cbor.Value]) -> tuple[Signature, ...]:
    """Return the signatures of a COSE_Sign, unchecked.

    Raises:
        Malformed: one has another shape, or they are out of order.
    """
    signatures = tuple(_read_signature(entry) for entry in entries)
    order = [(signature.key_id, signature.value) for signature in signatures]
    if any(low >= high for low, high in pairwise(order)):
        raise Malformed("signatures_out_of_order")
    return signatures


def encode_signatures(signatures: Iterable[Signature]) -> list[cbor.Value]:
    """Return the signatures as a COSE_Sign holds them."""
    return [[signature.protected, {}, signature.value] for signature in signatures]


def _read_signature(entry: cbor.Value) -> Signature:
    match entry:
        case [bytes(protected), dict(unprotected), bytes(value)] if not unprotected:
            algorithm, key_id = _read_header(protected)
        case _:
            raise Malformed("signature_shape")
    shortest, longest = (SIGNATURE_BYTES, SIGNATURE_BYTES) if algorithm == ALGORITHM else (1, MAX_SIGNATURE_BYTES)
    if not shortest <= len(value) <= longest:
        raise Malformed("signature_shape")
    return Signature(key_id, protected, value, algorithm)


def _protected(key_id: bytes, typ: str | None, algorithm: int = ALGORITHM) -> bytes:
    header: dict[int | str, cbor.Value] = {_ALG: algorithm, _KID: key_id}
    if typ is not None:
        header[_TYP] = typ
    return cbor.encode(header)


@lru_cache(maxsize=256)  # an issuer signs millions of passes with one header
def _openings(key_id: bytes, typ: str | None) -> tuple[bytes, bytes]:
    """Return what precedes the payload in a COSE_Sign1, and in its Sig_structure (RFC 9052, section 4.4)."""
    protected = cbor.byte_string(_protected(key_id, typ))
    return _SIGN1_HEAD + protected + _EMPTY_MAP, b"\x84\x6aSignature1" + protected + b"\x40"


def _read_header(protected: bytes) -> tuple[int, bytes]:
    """Return the algorithm and the key id of a header without typ; with our algorithm it has one right spelling too."""
    key_id = protected[-KEY_ID_BYTES:]
    if len(key_id) == KEY_ID_BYTES and protected == _protected(key_id, None):
        return ALGORITHM, key_id
    found = _other_algorithm(protected, None)
    if found is None:
        raise Malformed("signature_header", header=_headers(None))
    return found, key_id


def _other_algorithm(protected: bytes, typ: str | None) -> int | None:
    """Return the algorithm of a header that is as ours are but for it; None where it is not."""
    if len(protected) > _MAX_HEADER_BYTES:
        return None
    try:
        header = cbor.decode(protected)
    except Malformed:
        return None
    match header:
        case {1: algorithm, 4: bytes(key_id)} if algorithm.__class__ is int and len(key_id) == KEY_ID_BYTES:
            alike = protected == _protected(key_id, typ, algorithm)
            return algorithm if alike and algorithm != ALGORITHM else None
        case _:
            return None


def _not_ours(token: bytes, typ: str | None) -> Malformed | Unsupported:
    """Return why a token does not begin as ours do: it is of another algorithm, or none; no item but its header is built."""
    malformed = Malformed("not_cose_sign1", header=_headers(typ))
    if not token.startswith(_SIGN1_HEAD):
        return malformed
    try:
        protected, at = cbor.read_byte_string(token, len(_SIGN1_HEAD))
        if not token.startswith(_EMPTY_MAP, at):
            return malformed
        _, at = cbor.read_byte_string(token, at + len(_EMPTY_MAP))
        signature, at = cbor.read_byte_string(token, at)
    except (IndexError, Malformed):
        return malformed
    algorithm = _other_algorithm(protected, typ)
    if algorithm is None or at != len(token) or not 1 <= len(signature) <= MAX_SIGNATURE_BYTES:
        return malformed
    return Unsupported("algorithm_unknown", algorithm=algorithm)


def _headers(typ: str | None) -> Message:
    """Return what belongs into a protected header, as a fact."""
    if typ is None:
        return Message("cose_header", algorithm=ALGORITHM, size=KEY_ID_BYTES)
    return Message("cose_header_with_typ", algorithm=ALGORITHM, size=KEY_ID_BYTES, typ=typ)


def _to_be_signed_by_many(body: bytes, protected: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of RFC 9052, section 4.4, for one signature of several."""
    head = b"\x85\x69Signature" + cbor.byte_string(body) + cbor.byte_string(protected)
    return head + b"\x40" + cbor.byte_string(payload)
