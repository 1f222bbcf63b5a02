"""COSE_Sign1 and COSE_Sign as RFC 9052 has them, each part replaceable, so that a scenario can break exactly one."""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.cbor import NO_CHANGE, Entries, Item, Tagged, changed, encode
from scenarios.seeds import Key

SIGN1_TAG, SIGN_TAG = 18, 98


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign1:
    """A COSE_Sign1 in its four parts; `encode` puts them together."""

    protected: Item
    unprotected: Item
    payload: Item
    signature: Item

    def parts(self) -> tuple[Item, Item, Item, Item]:
        """Return the four elements in their order."""
        return self.protected, self.unprotected, self.payload, self.signature

    def encode(self) -> bytes:
        """Return the tagged COSE_Sign1."""
        return encode(Tagged(SIGN1_TAG, self.parts()))


def to_be_signed(protected: bytes, payload: bytes, *, context: str = "Signature1", external: bytes = b"") -> bytes:
    """Return the Sig_structure of a COSE_Sign1 (RFC 9052, section 4.4)."""
    return encode((context, protected, external, payload))


def sign1(key: Key, payload: bytes, *, header: Entries = NO_CHANGE, protected: bytes | None = None) -> Sign1:
    """Sign *payload*.

    Args:
        key: whose signature and, unless *header* says otherwise, whose key id.
        payload: the bytes to sign.
        header: changes to the protected header.
        protected: the bytes of the protected header, in place of a deterministic encoding.
    """
    if protected is None:
        protected = encode(changed({1: key.algorithm, 4: key.kid}, header))
    signature = key.sign(to_be_signed(protected, payload))
    return Sign1(protected=protected, unprotected={}, payload=payload, signature=signature)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """One signature of a COSE_Sign in its three parts."""

    protected: Item
    unprotected: Item
    signature: Item

    def parts(self) -> tuple[Item, Item, Item]:
        """Return the three elements in their order."""
        return self.protected, self.unprotected, self.signature


def endorsed(body: bytes, own: bytes, payload: bytes) -> bytes:
    """Return the Sig_structure of one signature of a COSE_Sign (RFC 9052, section 4.4)."""
    return encode(("Signature", body, own, b"", payload))


def endorse(key: Key, body: bytes, payload: bytes, *, header: Entries = NO_CHANGE) -> Endorsement:
    """Sign *payload* under the body's protected header *body*, with changes to the signature's own protected header."""
    own = encode(changed({1: key.algorithm, 4: key.kid}, header))
    return Endorsement(protected=own, unprotected={}, signature=key.sign(endorsed(body, own, payload)))


def sign(body: bytes, payload: bytes, endorsements: Sequence[Endorsement], *, unprotected: Item = NO_CHANGE) -> bytes:
    """Return the tagged COSE_Sign with its signatures in the order given."""
    return encode(Tagged(SIGN_TAG, (body, unprotected, payload, [one.parts() for one in endorsements])))
