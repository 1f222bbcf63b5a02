"""A whole pass: claims signed into a token, a token framed into text, and text taken apart again, unchecked.

It knows no trust list and no date, so nothing here says that a pass is good (specs/credential.md, sections 2, 5 and 7).
"""

from __future__ import annotations

from typing import NamedTuple

from socpass_vc.errors import ClaimsError, Malformed, NotAPass
from socpass_vc.format import armor, cbor, cose
from socpass_vc.format.credential.claims import Claims
from socpass_vc.format.credential.claims_reader import read_claims
from socpass_vc.format.keys import Signer
from socpass_vc.messages import Message


class UnverifiedPass(NamedTuple):
    """What a text carries; its shape is checked, its signature is not.

    Attributes:
        token: the COSE_Sign1, as signed.
        signed: its parts.
        proof: the holder's proof beside it, unread, or None.
    """

    token: bytes
    signed: cose.Signed1
    proof: bytes | None

    def claims(self) -> Claims:
        """Return what the pass claims, whoever signed it; for ``show``, which says so.

        Raises:
            Malformed: the payload is not a claims set.
            Unsupported: it is newer than this program.
        """
        return read_claims(self.signed.payload)


def sign_pass(claims: Claims, signer: Signer) -> bytes:
    """Return the token of a pass: a tagged COSE_Sign1 over the claims (specs/credential.md, section 2).

    Args:
        claims: what the pass says.
        signer: a key with the use PASS in the trust list.

    Raises:
        ClaimsError: the token would be larger than 4,096 bytes.
    """
    token = cose.sign1(claims.encode(), signer)
    if len(token) > armor.MAX_TOKEN_BYTES:
        raise ClaimsError("token_too_large", given=len(token), longest=armor.MAX_TOKEN_BYTES)
    return token


def write_pass(token: bytes, *, prefix: str = armor.PREFIX) -> str:
    """Return the text of *token* for a QR code: a prefix and decimal digits (specs/credential.md, section 5).

    Args:
        token: as :func:`sign_pass` made it.
        prefix: ``SOCPASS:`` or the agency's page, ``HTTPS://HOST/PATH#``.
    """
    return armor.write_armor(bytes((armor.WHOLE,)) + token, prefix=prefix)


def write_presentation(token: bytes, proof: bytes, *, prefix: str = armor.PREFIX) -> str:
    """Return the text of *token* together with its holder's proof (specs/credential.md, section 7)."""
    return armor.write_armor(bytes((armor.PRESENTATION,)) + cbor.encode([token, proof]), prefix=prefix)


def read_pass(text: str) -> UnverifiedPass:
    """Return the pass that *text* carries: steps 1 and 2 of specs/credential.md, section 6.

    Args:
        text: what a scanner or a camera gave; at most 12,000 characters.

    Raises:
        NotAPass, Misread, Incomplete: step 1.
        Malformed, Unsupported: step 2.
    """
    return read_frame(armor.whole(armor.read_armor(text)))


def read_frame(frame: bytes) -> UnverifiedPass:
    """Return the pass in a whole *frame*, as :func:`armor.read_armor` or :func:`armor.join_parts` gave it; step 2.

    Raises:
        NotAPass: it is a status delta.
        Malformed: it holds no well-formed token.
        Unsupported: its token is signed with an algorithm that this program does not know.
    """
    token: bytes
    proof: bytes | None
    kind = frame[0] if frame else None
    if kind == armor.WHOLE:
        token, proof = frame[1:], None
    elif kind == armor.PRESENTATION:
        token, proof = _read_presentation(frame[1:])
    elif kind == armor.DELTA:
        raise NotAPass("bulletin_not_a_pass")
    else:
        raise Malformed("neither_pass_nor_presentation")
    if len(token) > armor.MAX_TOKEN_BYTES:
        raise Malformed("too_many_bytes", given=len(token), longest=armor.MAX_TOKEN_BYTES).at(Message("field.token"))
    return UnverifiedPass(token, cose.read_sign1(token), proof)


def _read_presentation(encoded: bytes) -> tuple[bytes, bytes]:
    match cbor.decode(encoded):
        case [bytes(token), bytes(proof)]:
            return token, proof
        case _:
            raise Malformed("presentation_shape")
