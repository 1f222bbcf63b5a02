"""Every combination of strange key and strange R, as C2SP's CCTV has them, made anew: only honest ones are accepted.

A key is a * B + T and an R is r * B + U, with T and U of small order; or it is of small order alone, in any of 14 encodings.
S = r + k * a, so that the equation holds with the cofactor; without it, it holds exactly where U + k * T is the identity.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import product
from math import gcd
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from nacl import bindings as sodium
from nacl.exceptions import CryptoError

from foreign import edwards25519 as curve
from socpass_vc.errors import BadKey, Forged
from socpass_vc.format.keys import PublicKey

KEY, NONCE = 0x1D4ECF5AB8D3F7A2_C0FFEE, 0x7C3B9E1F22D84C6B_5EED
"""The secrets a and r: any numbers, fixed so that the cases are the same on every run."""
TRIES = 64
"""Messages tried until U + k * T is, and is not, the identity; k * T takes each of its values soon, where it can at all."""


class Half(NamedTuple):
    """A point that may be a key or an R.

    Attributes:
        raw: 32 bytes, canonical or not.
        torsion: the number of its component of small order.
        secret: its discrete logarithm otherwise; 0 for a point of small order.
        is_canonical: the only encoding that RFC 8032 permits.
    """

    raw: bytes
    torsion: int
    secret: int
    is_canonical: bool

    @property
    def is_good(self) -> bool:
        """Tell whether an honest signer may make this point."""
        return bool(self.secret) and not self.torsion and self.is_canonical


class Case(NamedTuple):
    """A signature that holds with the cofactor; without it, unless something is left over."""

    key: Half
    r: Half
    message: bytes
    signature: bytes
    leaves_residue: bool


@cache
def halves(secret: int) -> tuple[Half, ...]:
    """Return 22 points: 14 encodings of those of small order, and 8 with a component of the prime order, one of them good."""
    large = curve.BASE.times(secret)
    canonical = {point.encode() for point in curve.torsion()}
    small = [Half(raw, number, 0, raw in canonical) for raw, number in curve.small_order_encodings().items()]
    mixed = [Half(large.plus(point).encode(), number, secret, True) for number, point in enumerate(curve.torsion())]
    return (*small, *mixed)


def cases_of(key: Half, r: Half) -> Iterator[Case]:
    """Yield a case that leaves no residue and one that does, where there are such."""
    wanted = {False, True}
    for number in range(TRIES):
        message = b"edge case %d" % number
        k = curve.challenge(r.raw, key.raw, message)
        leaves = bool((r.torsion + k * key.torsion) % 8)
        if leaves in wanted:
            wanted.remove(leaves)
            s = (r.secret + k * key.secret) % curve.ORDER
            yield Case(key, r, message, r.raw + s.to_bytes(32, "little"), leaves)


@cache
def all_cases() -> tuple[Case, ...]:
    """Return every case."""
    return tuple(case for key, r in product(halves(KEY), halves(NONCE)) for case in cases_of(key, r))


def is_accepted(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether we take the key and the signature."""
    try:
        PublicKey(key).check(signature, message)
    except (BadKey, Forged):
        return False
    return True


def libsodium_accepts(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether libsodium alone takes the signature, without our look at the key."""
    try:
        sodium.crypto_sign_open(signature + message, key)
    except CryptoError:
        return False
    return True


def test_there_are_14_encodings_of_the_8_points_of_small_order() -> None:
    # given
    encodings = curve.small_order_encodings()

    # then
    assert (len(encodings), len(set(encodings.values()))) == (14, 8)
    orders = Counter(8 // gcd(number, 8) for number in encodings.values())
    assert orders == {1: 4, 2: 2, 4: 4, 8: 4}


def test_every_case_holds_with_the_cofactor_and_without_it_where_nothing_is_left() -> None:
    # given each eighth case in a quick run: plain integers take 20 ms for each
    cases = all_cases()[:: 1 if os.environ.get("SOCPASS_FOREIGN") == "all" else 8]

    for case in cases:
        signed = (case.key.raw, case.message, case.signature)
        assert curve.holds(*signed, cofactor=True)
        assert curve.holds(*signed, cofactor=False) != case.leaves_residue


def test_only_what_an_honest_signer_makes_is_accepted() -> None:
    # when
    accepted = [case for case in all_cases() if is_accepted(case.key.raw, case.message, case.signature)]

    # then
    assert len(all_cases()) == 768
    assert [(case.key.is_good, case.r.is_good, case.leaves_residue) for case in accepted] == [(True, True, False)]


def test_where_libsodium_alone_is_more_lenient_the_key_has_mixed_order() -> None:
    """These are what :class:`PublicKey` adds to ``crypto_sign_open``: keys that verifiers with a cofactor judge otherwise."""
    more = [
        case for case in all_cases() if libsodium_accepts(case.key.raw, case.message, case.signature) and not case.key.is_good
    ]
    assert more
    for case in more:
        assert case.key.secret
        assert case.key.torsion
        assert case.r.secret
        assert not case.leaves_residue


def test_a_key_is_taken_only_if_it_is_good() -> None:
    for half in (*halves(KEY), *halves(NONCE)):
        if half.is_good:
            PublicKey(half.raw)
        else:
            with pytest.raises(BadKey):
                PublicKey(half.raw)


# --- C2SP's own file, where it is at hand -------------------------------------------------------------------

CCTV = [Path(name) for name in [os.environ.get("SOCPASS_CCTV", "")] if name]
HONEST_FLAGS: frozenset[str] = frozenset()
"""A signature of CCTV is honest if no flag says that its key or R is of small order, has such a component or is not canonical."""


@pytest.mark.parametrize("path", CCTV or [None], ids=str)
def test_of_the_914_signatures_of_cctv_only_those_without_a_flag_are_accepted(path: Path | None) -> None:
    # given the file, or our own cases in its form
    rows = json.loads(path.read_text(encoding="utf-8")) if path else [in_their_form(case) for case in all_cases()]

    # when
    accepted = {
        row["number"] for row in rows if is_accepted(bytes.fromhex(row["key"]), row["msg"].encode(), bytes.fromhex(row["sig"]))
    }

    # then
    assert accepted == {row["number"] for row in rows if frozenset(row["flags"] or ()) == HONEST_FLAGS}
    if path:
        assert len(rows) == 914


def in_their_form(case: Case) -> dict[str, Any]:
    """Return a case as CCTV writes it."""
    halves_of = {"A": case.key, "R": case.r}
    flags = [f"low_order_{name}" for name, half in halves_of.items() if not half.secret]
    flags += [f"low_order_component_{name}" for name, half in halves_of.items() if half.torsion]
    flags += [f"non_canonical_{name}" for name, half in halves_of.items() if not half.is_canonical]
    flags += ["low_order_residue"] * case.leaves_residue
    number = all_cases().index(case)
    return {
        "number": number,
        "key": case.key.raw.hex(),
        "msg": case.message.decode(),
        "sig": case.signature.hex(),
        "flags": flags,
    }
