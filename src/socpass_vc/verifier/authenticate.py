"""Who signed: from a key id, which is a hint, to the one key that verifies (specs/credential.md, section 6, steps 3 and 4).

It knows keys and their states. What a key may sign, and when, is asked by whoever called.
"""

from __future__ import annotations

from collections.abc import Iterable

from socpass_vc.errors import Forged, KeyCompromised, UnknownIssuer, Unsupported
from socpass_vc.format.cose import Signed1
from socpass_vc.format.keys import UnknownKey
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState

_COMPROMISED = KeyState.COMPROMISED  # looking a member up in its class is slow in Python 3.11


def authenticate(signed: Signed1, candidates: Iterable[tuple[Issuer, IssuerKey]]) -> tuple[Issuer, IssuerKey]:
    """Return the issuer and key under which *signed* verifies.

    Args:
        signed: a token, unchecked.
        candidates: the keys that share its key id.

    Raises:
        UnknownIssuer: there is no candidate.
        KeyCompromised: all candidates are compromised, or it verifies only under one that is.
        Unsupported: it verifies under none, and one is of an algorithm that this program does not know.
        Forged: it verifies under none.
    """
    compromised: list[tuple[Issuer, IssuerKey]] = []
    usable: list[IssuerKey] = []
    for issuer, key in candidates:
        if key.state is _COMPROMISED:
            compromised.append((issuer, key))
        elif _verifies(signed, key):
            return issuer, key
        else:
            usable.append(key)
    if not usable:
        if not compromised:
            raise UnknownIssuer("no_key_with_id", key_id=signed.key_id.hex())
        raise _compromised(compromised[0][0], signed)
    for issuer, key in compromised:
        if _verifies(signed, key):
            raise _compromised(issuer, signed)
    for key in usable:
        if isinstance(key.public_key, UnknownKey):
            raise Unsupported("key_algorithm_unknown", key_id=signed.key_id.hex(), algorithm=key.public_key.algorithm)
    raise Forged("signature_not_by_key", key_id=signed.key_id.hex())


def _verifies(signed: Signed1, key: IssuerKey) -> bool:
    try:
        signed.check(key.public_key)
    except (Forged, Unsupported):
        return False
    return True


def _compromised(issuer: Issuer, signed: Signed1) -> KeyCompromised:
    return KeyCompromised("key_known_stolen", key_id=signed.key_id.hex(), issuer_id=issuer.id, issuer=issuer)
