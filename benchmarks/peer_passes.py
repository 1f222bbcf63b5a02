"""The same pass by peers, in an environment of their own: reads a PassContent from standard input, writes figures to output.

Each peer is used as its documentation shows. Nothing of socpass is imported.
"""

from __future__ import annotations

import json
import sys
import time
import zlib
from collections.abc import Callable
from importlib.metadata import version
from typing import Protocol

import base45
import cbor2
import claim169
import cwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.signing import SigningKey

from benchmarks.pass_content import PassContent, from_json
from benchmarks.stopwatch import medians

ROUNDS = 2_000
EDDSA = -8
BODY = -65537  # as in a socpass pass
HCERT = -260  # claim of the EU's certificates
LIBRARIES = ("cwt", "claim169", "base45", "cbor2", "cryptography", "pynacl")


class Peer(Protocol):
    """A way to write a pass and to read it again.

    Attributes:
        name: what it is.
        mode: the QR mode that its text takes.
        signs_with: the library that signs and verifies for it.
    """

    name: str
    mode: str
    signs_with: str

    def issue(self) -> bytes:
        """Return what goes into the QR code."""

    def verify(self, text: bytes) -> object:
        """Return what *text* says, having checked the signature and the expiry."""

    def token(self, text: bytes) -> bytes:
        """Return the signed CWT in *text*."""


class Cwt:
    """A plain CWT by ``cwt``, with the claims of a socpass pass; its bytes are its text."""

    name = "cwt"
    mode = "byte"
    signs_with = "OpenSSL"

    def __init__(self, content: PassContent) -> None:
        self.content = content
        public = {1: 1, 2: bytes.fromhex(content.key_id), 3: EDDSA, -1: 6, -2: content.public_key()}
        self.public_key = cwt.COSEKey.new(public)
        self.secret_key = cwt.COSEKey.new({**public, -4: bytes.fromhex(content.seed)})

    def issue(self) -> bytes:
        """Return the token."""
        claims = {4: self.content.expires_at, 6: self.content.issued_at, BODY: self.content.body()}
        return bytes(cwt.encode(claims, self.secret_key))

    def verify(self, text: bytes) -> object:
        """Return the claims."""
        return cwt.decode(text, [self.public_key])

    def token(self, text: bytes) -> bytes:
        """Return it as it is."""
        return text


class Claim169:
    """A MOSIP Claim 169; it has no field for categories, so they and the status reference stand where text may stand."""

    name = "claim169"
    mode = "alphanumeric"
    signs_with = "claim169"

    def __init__(self, content: PassContent) -> None:
        self.content = content
        self.seed = bytes.fromhex(content.seed)
        self.public_key = content.public_key()

    def issue(self, *, signed: bool = True) -> bytes:
        """Return base45 of the compressed token; of one that is not signed, to tell what signing costs."""
        content = self.content
        person = claim169.Claim169Input(id=f"{content.list_number}/{content.index}", full_name=content.name)
        person.date_of_birth = content.born_on.replace("-", "")
        person.legal_status = ";".join(
            str(category) if last is None else f"{category}:{last.replace('-', '')}" for category, last in content.entitlements
        )
        meta = claim169.CwtMetaInput(issuer=content.issuer, expires_at=content.expires_at)
        meta.issued_at = content.issued_at
        seed = self.seed if signed else None
        return str(claim169.encode(person, meta, sign_with_ed25519=seed, allow_unsigned=not signed)).encode()

    def verify(self, text: bytes, *, signed: bool = True) -> object:
        """Return the person and the token's times; of one that is not checked, likewise."""
        key = self.public_key if signed else None
        return claim169.decode(text.decode(), verify_with_ed25519=key, allow_unverified=not signed)

    def token(self, text: bytes) -> bytes:
        """Return what was compressed."""
        return zlib.decompress(base45.b45decode(text))


class Certificate:
    """COSE, zlib and base45 put together by hand, the way of the EU's digital certificates: names as keys, days as text."""

    name = "by hand (EU way)"
    mode = "alphanumeric"
    signs_with = "libsodium"

    def __init__(self, content: PassContent) -> None:
        self.content = content
        self.key = SigningKey(bytes.fromhex(content.seed))

    def issue(self) -> bytes:
        """Return a prefix and base45 of the compressed token."""
        content = self.content
        certificate = {
            "ver": "1.0.0",
            "nam": {"fn": content.name},
            "dob": content.born_on,
            "e": [{"c": category} if last is None else {"c": category, "du": last} for category, last in content.entitlements],
            "s": [content.list_number, content.index],
        }
        claims = {1: content.issuer, 4: content.expires_at, 6: content.issued_at, HCERT: {1: certificate}}
        protected = cbor2.dumps({1: EDDSA, 4: bytes.fromhex(content.key_id)})
        payload = cbor2.dumps(claims)
        signature = self.key.sign(cbor2.dumps(["Signature1", protected, b"", payload])).signature
        token = cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))
        return b"HC1:" + bytes(base45.b45encode(zlib.compress(token, 9)))

    def verify(self, text: bytes) -> object:
        """Return the certificate, if it is signed and has not expired."""
        protected, _, payload, signature = cbor2.loads(self.token(text)).value
        self.key.verify_key.verify(cbor2.dumps(["Signature1", protected, b"", payload]), signature)
        claims = cbor2.loads(payload)
        if claims[4] <= time.time():
            raise ValueError("expired")
        return claims[HCERT][1]

    def token(self, text: bytes) -> bytes:
        """Return what was compressed."""
        return zlib.decompress(base45.b45decode(text.removeprefix(b"HC1:")))


def measure(content: PassContent) -> dict[str, object]:
    """Return the figures of all peers: what they write, and medians in microseconds of what they and bare libraries take."""
    by_claim169 = Claim169(content)
    peers: tuple[Peer, ...] = (by_claim169, Cwt(content), Certificate(content))
    texts = {peer.name: peer.issue() for peer in peers}
    calls = bare_calls(content, message=texts["cwt"])
    # Its signing cannot be called alone; what an unsigned one saves is what its signature costs.
    calls["claim169 unsigned issue"] = lambda _: by_claim169.issue(signed=False)
    calls["claim169 unsigned verify"] = lambda _: by_claim169.verify(texts["claim169"], signed=False)
    for peer in peers:
        calls |= peer_calls(peer, texts[peer.name])
    times = medians(calls, rounds=ROUNDS)
    for act, bare in (("issue", "sign"), ("verify", "verify")):
        times[f"claim169 bare {bare}"] = times[f"claim169 {act}"] - times[f"claim169 unsigned {act}"]
    return {
        "libraries": {name: version(name) for name in LIBRARIES},
        "peers": [
            {
                "name": peer.name,
                "token_bytes": len(peer.token(texts[peer.name])),
                "text": texts[peer.name].hex(),
                "mode": peer.mode,
                "signs_with": peer.signs_with,
                "issue_us": times[f"{peer.name} issue"],
                "verify_us": times[f"{peer.name} verify"],
                "bare_sign_us": times[f"{peer.signs_with} bare sign"],
                "bare_verify_us": times[f"{peer.signs_with} bare verify"],
                "libsodium_sign_us": times["libsodium bare sign"],
                "libsodium_verify_us": times["libsodium bare verify"],
            }
            for peer in peers
        ],
    }


def peer_calls(peer: Peer, text: bytes) -> dict[str, Callable[[int], object]]:
    """Return what *peer* does."""
    return {f"{peer.name} issue": lambda _: peer.issue(), f"{peer.name} verify": lambda _: peer.verify(text)}


def bare_calls(content: PassContent, *, message: bytes) -> dict[str, Callable[[int], object]]:
    """Return what the libraries below the peers do alone."""
    seed = bytes.fromhex(content.seed)
    sodium, openssl = SigningKey(seed), Ed25519PrivateKey.from_private_bytes(seed)
    sodium_public, openssl_public = sodium.verify_key, openssl.public_key()
    signature = sodium.sign(message).signature
    return {
        "libsodium bare sign": lambda _: sodium.sign(message),
        "libsodium bare verify": lambda _: sodium_public.verify(message, signature),
        "OpenSSL bare sign": lambda _: openssl.sign(message),
        "OpenSSL bare verify": lambda _: openssl_public.verify(signature, message),
    }


if __name__ == "__main__":
    json.dump(measure(from_json(sys.stdin.read())), sys.stdout)
