"""specs/credential.md, section 2, rule by rule: each is taken out, and a vector that breaks it alone must notice.

What takes the place of our readers and verifiers then is in lax.py.
"""

from planted.fault import Fault

_SIGNATURES = ("s below l", "r of small order", "r canonical", "no cofactor")
_POINTS = ("small order", "mixed order", "canonical")
_READERS = ("tag", "algorithm", "two entries", "unprotected header", "key id", "signature")
_VERIFY = "            sodium.crypto_sign_open(signature + message, self.raw)\n"
_IS_POINT = "if not sodium.crypto_core_ed25519_is_valid_point(self.raw):"
_OPENINGS = "    opening, signed_opening = _openings(key_id, typ)\n    if len(key_id) != KEY_ID_BYTES or"


def _lax_signature(rule: str) -> Fault:
    call = f"check_signature({rule!r}, signature, message, self.raw)"
    new = f"            from planted.lax import check_signature\n            {call}\n"
    return Fault(breaks=f"a signature is checked but for this: {rule}", file="format/keys.py", old=_VERIFY, new=new)


def _lax_point(rule: str, vectors: str) -> Fault:
    new = f"from planted.lax import is_point\n        if not is_point({rule!r}, self.raw):  # {vectors}"
    breaks = f"a key is taken but for this: {rule}; as the vectors of {vectors} have it"
    return Fault(breaks=breaks, file="format/keys.py", old=_IS_POINT, new=new, noticed_by=vectors)


def _lax_token(rule: str) -> Fault:
    call = f"    if typ is None:\n        from planted.lax import read_sign1\n        return read_sign1({rule!r}, token)\n"
    return Fault(breaks=f"a token is read but for this: {rule}", file="format/cose.py", old=_OPENINGS, new=call + _OPENINGS)


FAULTS: tuple[Fault, ...] = (
    *map(_lax_signature, _SIGNATURES),
    *(_lax_point(rule, vectors) for rule in _POINTS for vectors in ("pass", "trust")),
    *map(_lax_token, _READERS),
    Fault(
        breaks="the last byte of a key id is not looked at",
        file="format/trust/bundle.py",
        old="        return self._by_key_id.get(key_id, ())",
        new="        return next((found for known, found in self._by_key_id.items() if known[:7] == key_id[:7]), ())",
    ),
    Fault(
        breaks="of several keys with one key id only the first is tried",
        file="verifier/authenticate.py",
        old="        else:\n            usable.append(key)\n",
        new="        else:\n            usable.append(key)\n            break\n",
        noticed_by="unit/verifier/test_authenticate.py::test_the_key_that_signed_is_found_among_those_that_share_its_id",
    ),
    Fault(
        breaks="a token may be longer than 4,096 bytes",
        file="format/credential/token.py",
        old="    if len(token) > armor.MAX_TOKEN_BYTES:\n        raise Malformed(",
        new="    if len(token) > 2 * armor.MAX_TOKEN_BYTES:\n        raise Malformed(",
    ),
)
