"""The holder's proof, specs/credential.md section 7: its bytes."""

from datetime import timedelta
from hashlib import sha256

import cbor2
import pytest

import world
from socpass_vc.errors import Malformed
from socpass_vc.format import cbor, cose
from socpass_vc.format.credential.proof import TYP, read_proof, sign_proof
from socpass_vc.format.fields import FieldError

TOKEN = b"a token"
HOLDER = world.key("holder")
DIGEST = sha256(TOKEN).digest()
SECONDS = int(world.NOW.timestamp())


def test_a_proof_says_when_and_for_which_token_and_is_read_back() -> None:
    # when
    proof = read_proof(sign_proof(TOKEN, HOLDER, now=world.NOW))

    # then
    assert (proof.issued_at, proof.digest) == (world.NOW, DIGEST)
    assert proof.signed.key_id == HOLDER.public_key.key_id
    proof.signed.check(HOLDER.public_key)


def test_a_proof_is_to_the_byte_what_the_specification_says() -> None:
    # given
    protected = cbor2.dumps({1: -19, 4: HOLDER.public_key.key_id, 16: "application/socpass-proof+cbor"})
    payload = cbor2.dumps({6: SECONDS, -65538: DIGEST})
    signature = HOLDER.sign(cbor2.dumps(["Signature1", protected, b"", payload]))

    # then
    assert sign_proof(TOKEN, HOLDER, now=world.NOW) == cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))


def test_a_time_that_is_not_a_whole_second_is_refused_when_a_proof_is_signed() -> None:
    with pytest.raises(FieldError) as refusal:
        sign_proof(TOKEN, HOLDER, now=world.NOW + timedelta(milliseconds=1))
    assert refusal.value.reason == "no_whole_second"


def proof_of(payload: cbor.Value, *, typ: str | None = TYP) -> bytes:
    return cose.sign1(cbor.encode(payload), HOLDER, typ=typ)


NO_PROOF = {
    "nothing": b"",
    "a pass": proof_of({6: SECONDS, -65538: DIGEST}, typ=None),
    "a status list": proof_of({6: SECONDS, -65538: DIGEST}, typ="application/statuslist+cwt"),
    "an array": proof_of([SECONDS, DIGEST]),
    "no time": proof_of({-65538: DIGEST}),
    "no digest": proof_of({6: SECONDS}),
    "a further claim": proof_of({4: 0, 6: SECONDS, -65538: DIGEST}),
    "a further claim above 64": proof_of({6: SECONDS, 64: 0, -65538: DIGEST}),
    "a negative time": proof_of({6: -1, -65538: DIGEST}),
    "a time after 9999": proof_of({6: 253402300800, -65538: DIGEST}),
    "a digest of 31 bytes": proof_of({6: SECONDS, -65538: DIGEST[1:]}),
    "a digest of 33 bytes": proof_of({6: SECONDS, -65538: DIGEST + b"\0"}),
    "a digest of text": proof_of({6: SECONDS, -65538: DIGEST.hex()}),
    "513 bytes": cose.sign1(bytes(513), HOLDER, typ=TYP)[:513],
}


@pytest.mark.parametrize("proof", NO_PROOF.values(), ids=NO_PROOF.keys())
def test_what_has_not_the_shape_of_a_proof_is_malformed(proof: bytes) -> None:
    with pytest.raises(Malformed):
        read_proof(proof)
