"""The peer: answers a list of requests on standard input with a list of answers on standard output, all as JSON.

It runs in an environment of its own, with ``cwt`` and its cbor2, and imports nothing of socpass. To check a token it is given
the public key alone; the key id it works out itself (RFC 9679).

    {"do": "verify", "token": hex, "cose_key": hex}                     {"protected": ..., "unprotected": ..., "claims": ...}
    {"do": "sign", "claims": ..., "alg": number, "header": ..., "cose_key": hex, "seed": hex}           {"token": hex}
    {"do": "sign_by_default", "claims": ..., "alg": number, "cose_key": hex, "seed": hex}               {"token": hex}
    {"do": "verify_ml_dsa_44", "public": hex, "message": hex, "signature": hex}                         {}
    {"do": "decode", "cbor": hex}                                                                       {"value": ...}

An answer is {"refused": what the peer raised} where it raised.
"""

from __future__ import annotations

import json
import sys
from hashlib import sha256

import cbor2
import cwt
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from interop.notation import Json, from_json, to_json


def verify(token: bytes, cose_key: bytes) -> Json:
    """Return the headers and the claims of *token*, verified twice: as a COSE_Sign1, and as a CWT that has not expired."""
    parameters = cbor2.loads(cose_key)
    key = cwt.COSEKey.new({**parameters, 2: key_id(parameters)})
    protected, unprotected, payload = cwt.COSE.new(verify_kid=True).decode_with_headers(token, [key])
    claims = cwt.decode(token, [key])
    if cbor2.loads(payload) != claims:
        raise ValueError("the COSE_Sign1 and the CWT say different things")
    return {"protected": to_json(protected), "unprotected": to_json(unprotected), "claims": to_json(claims)}


def sign(claims: object, alg: int, header: object, cose_key: bytes, seed: bytes) -> Json:
    """Return a token over *claims* whose protected header is the algorithm, the key id and *header*, sorted by the peer."""
    key = secret_key(cose_key, seed, alg)
    further = header if isinstance(header, dict) else {}
    payload = cbor2.dumps(claims, canonical=True)
    cose = cwt.COSE.new(deterministic_header=True)
    return {"token": cose.encode_and_sign(payload, key, protected={**further, 4: key.kid, 1: key.alg}).hex()}


def sign_by_default(claims: object, alg: int, cose_key: bytes, seed: bytes) -> Json:
    """Return a token over *claims* with whatever headers and claims the peer adds when it is told nothing."""
    return {"token": cwt.encode(claims, secret_key(cose_key, seed, alg)).hex()}


def secret_key(cose_key: bytes, seed: bytes, alg: int) -> cwt.COSEKeyInterface:
    """Return the key that signs, with its id."""
    parameters = cbor2.loads(cose_key)
    return cwt.COSEKey.new({**parameters, 2: key_id(parameters), 3: alg, -4: seed})


def key_id(parameters: dict[int, object]) -> bytes:
    """Return the first 8 bytes of the thumbprint of an OKP key (RFC 9679, sections 3 and 4)."""
    required = {label: parameters[label] for label in (1, -1, -2)}
    return sha256(cbor2.dumps(required, canonical=True)).digest()[:8]


def answer(request: Json) -> Json:
    """Return what *request* asks for; end the process if it asks for nothing that is known here."""
    match request:
        case {"do": "verify", "token": str(token), "cose_key": str(cose_key)}:
            return verify(bytes.fromhex(token), bytes.fromhex(cose_key))
        case {
            "do": "sign",
            "claims": claims,
            "alg": int(alg),
            "header": header,
            "cose_key": str(cose_key),
            "seed": str(seed),
        }:
            return sign(from_json(claims), alg, from_json(header), bytes.fromhex(cose_key), bytes.fromhex(seed))
        case {"do": "sign_by_default", "claims": claims, "alg": int(alg), "cose_key": str(cose_key), "seed": str(seed)}:
            return sign_by_default(from_json(claims), alg, bytes.fromhex(cose_key), bytes.fromhex(seed))
        case {"do": "verify_ml_dsa_44", "public": str(public), "message": str(message), "signature": str(signature)}:
            key = MLDSA44PublicKey.from_public_bytes(bytes.fromhex(public))
            key.verify(bytes.fromhex(signature), bytes.fromhex(message))
            return {}
        case {"do": "decode", "cbor": str(encoded)}:
            return {"value": to_json(cbor2.loads(bytes.fromhex(encoded)))}
        case _:
            sys.exit(f"not a request: {request!r}")


def answer_or_refuse(request: Json) -> Json:
    """Return the answer to *request*, or that the peer refused it."""
    try:
        return answer(request)
    except Exception as error:  # noqa: BLE001 -- the peer refuses with exceptions of many kinds
        return {"refused": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    json.dump([answer_or_refuse(request) for request in json.load(sys.stdin)], sys.stdout)
