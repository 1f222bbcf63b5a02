"""Presenting a pass bound to its holder's key, with a proof that the key is at hand (specs/credential.md, section 7).

It knows the holder's key and the given time, and decides nothing.
"""

from __future__ import annotations

from datetime import datetime

from socpass_vc.errors import ClaimsError
from socpass_vc.format.armor import PREFIX
from socpass_vc.format.credential.proof import sign_proof
from socpass_vc.format.credential.token import read_pass, write_presentation
from socpass_vc.format.keys import Signer


def present(text: str, signer: Signer, *, now: datetime, prefix: str = PREFIX) -> str:
    """Return the text of the pass in *text* with a fresh proof, which is valid for 300 seconds.

    Args:
        text: the pass as the issuer gave it.
        signer: the holder's key, the one in the pass's cnf claim.
        now: the time, aware; fractions of a second are dropped.
        prefix: ``SOCPASS:`` or the agency's page.

    Raises:
        Unreadable, Unsupported: *text* is no pass.
        ClaimsError: the pass is bound to another key, or to none.
    """
    unverified = read_pass(text)
    if unverified.claims().holder_key != signer.public_key:
        raise ClaimsError("not_this_holders_key")
    proof = sign_proof(unverified.token, signer, now=now.replace(microsecond=0))
    return write_presentation(unverified.token, proof, prefix=prefix)
