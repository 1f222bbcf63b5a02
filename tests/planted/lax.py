"""Readers and verifiers without one rule of specs/credential.md, section 2: what a planted fault puts in the place of ours.

They are slow, and right but for that rule, so that a vector that notices the fault notices the rule.
"""

from __future__ import annotations

import nacl.exceptions
from nacl import bindings as sodium

from foreign.edwards25519 import IDENTITY, ORDER, decode, holds, small_order_encodings
from socpass_vc.errors import Malformed
from socpass_vc.format import cbor
from socpass_vc.format.cose import Signed1


def is_canonical(raw: bytes) -> bool:
    """Tell whether the 32 bytes of a point are its only ones."""
    try:
        return decode(raw).encode() == raw
    except ValueError:
        return False


def check_signature(without: str, signature: bytes, message: bytes, key: bytes) -> None:
    """Return if a signature verifies by all rules but one, or raise as libsodium does.

    Args:
        without: "s below l", "r of small order", "r canonical" or "no cofactor".
        signature: 64 bytes.
        message: what was signed.
        key: a good key.
    """
    try:
        sodium.crypto_sign_open(signature + message, key)
    except nacl.exceptions.CryptoError:
        r, s = signature[:32], int.from_bytes(signature[32:], "little")
        small = {raw for raw in small_order_encodings() if without != "r canonical" or is_canonical(raw)}
        kept = (
            without == "s below l" or s < ORDER,
            without == "r of small order" or r not in small,
            without == "r canonical" or is_canonical(r),
            holds(key, message, signature, cofactor=without == "no cofactor"),
        )
        if not all(kept):
            raise


def is_point(without: str, raw: bytes) -> bool:
    """Tell whether 32 bytes are a good public key by all rules but one: "small order", "mixed order", "canonical"."""
    if sodium.crypto_core_ed25519_is_valid_point(raw):
        return True
    try:
        point = decode(raw)
    except ValueError:
        return False
    small = {each for each in small_order_encodings() if without != "canonical" or is_canonical(each)}
    return (
        (without == "canonical" or is_canonical(raw))
        and (without == "small order" or raw not in small)
        and (without == "mixed order" or raw in small or point.times(ORDER).encode() == IDENTITY.encode())
    )


def read_sign1(without: str, token: bytes) -> Signed1:
    """Return the parts of a pass's token by all rules but one.

    Args:
        without: "tag", "algorithm", "two entries", "unprotected header", "key id" or "signature".
        token: the bytes.
    """
    tagged = token[:1] == b"\xd2"
    parts = cbor.decode(token[1:] if tagged else token)
    match parts:
        case [bytes(protected), unprotected, bytes(payload), bytes(signature)]:
            header = cbor.decode(protected)
        case _:
            raise Malformed("not_cose_sign1", header="")
    key_id = header.get(4) if isinstance(header, dict) else None
    if not isinstance(header, dict) or not isinstance(key_id, bytes):
        raise Malformed("not_cose_sign1", header="")
    kept = (
        without == "tag" or tagged,
        without == "algorithm" or header.get(1) == -19,
        without == "two entries" or header.keys() == {1, 4} or (without == "algorithm" and header.keys() == {4}),
        without == "unprotected header" or unprotected == {},
        without == "key id" or len(key_id) == 8,
        without == "signature" or len(signature) == 64,
    )
    if not all(kept):
        raise Malformed("not_cose_sign1", header="")
    message = cbor.encode(["Signature1", protected, b"", payload])
    return Signed1(key_id, payload, message, signature)
