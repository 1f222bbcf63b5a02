"""The holder's proof: a fresh signature by the key that a pass is bound to (specs/credential.md, section 7).

It knows the proof's bytes. Whether the proof fits a pass and is fresh enough is decided in the verifier.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import Malformed
from socpass_vc.format import cbor, cose, fields
from socpass_vc.format.keys import Signer
from socpass_vc.messages import Message

TYP = "application/socpass-proof+cbor"
MAX_PROOF_BYTES = 512
"""Largest proof (specs/credential.md, section 7)."""

_IAT, _DIGEST = 6, -65538
_DIGEST_BYTES = 32


class UnverifiedProof(NamedTuple):
    """A proof of the right shape; its signature is not checked yet.

    Attributes:
        signed: its parts.
        issued_at: when the holder claims to have signed.
        digest: SHA-256 of the token that it is for.
    """

    signed: cose.Signed1
    issued_at: datetime
    digest: bytes


def sign_proof(token: bytes, signer: Signer, *, now: datetime) -> bytes:
    """Return the proof that the holder of *signer*'s key presents *token* at *now*.

    Args:
        token: the COSE_Sign1 of the pass.
        signer: the key of the pass's cnf claim.
        now: an aware, whole second.
    """
    payload = cbor.encode({_IAT: fields.to_seconds(now), _DIGEST: sha256(token)})
    return cose.sign1(payload, signer, typ=TYP)


def read_proof(proof: bytes) -> UnverifiedProof:
    """Return the parts of a proof.

    Raises:
        Malformed: it is not one.
    """
    if len(proof) > MAX_PROOF_BYTES:
        raise Malformed("too_many_bytes", given=len(proof), longest=MAX_PROOF_BYTES).at(Message("field.proof"))
    signed = cose.read_sign1(proof, typ=TYP)
    claims = fields.read_map(cbor.decode(signed.payload), "field.proof")
    if set(claims) != {_IAT, _DIGEST}:
        raise Malformed("proof_shape")
    return UnverifiedProof(
        signed,
        fields.read_seconds(claims[_IAT], "field.proof_time"),
        fields.read_bytes(claims[_DIGEST], "field.proof_digest", _DIGEST_BYTES, _DIGEST_BYTES),
    )
