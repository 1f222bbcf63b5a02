"""Suites of others for Ed25519: what a lenient verifier takes, ours refuses, and for each such difference the reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from foreign import edwards25519
from socpass_vc.errors import BadKey, Forged
from socpass_vc.format.keys import PublicKey

HERE = Path(__file__).parent


def rows_of(suite: str) -> list[list[Any]]:
    """Return the rows of a suite."""
    rows: list[list[Any]] = json.loads((HERE / suite).read_text(encoding="utf-8"))["tests"]
    return rows


def verdict(key: str, message: str, signature: str) -> str:
    """Return what we say: accepted, bad_key or forged; a key of a bundle that was read before must be judged alike."""
    said = []
    for make_key in (PublicKey, PublicKey.imported_before):
        try:
            make_key(bytes.fromhex(key)).check(bytes.fromhex(signature), bytes.fromhex(message))
            said.append("accepted")
        except BadKey:
            said.append("bad_key")
        except Forged as error:
            said.append("bad_key" if isinstance(error.__cause__, BadKey) else "forged")
    assert said[0] == said[1]
    return said[0]


# --- Project Wycheproof -------------------------------------------------------------------------------------

WYCHEPROOF = rows_of("wycheproof_ed25519.json")
STRICTER_THAN_WYCHEPROOF = {
    "SmallOrderPublicKey": "one signature under such a key fits many messages; no honest signer has one",
    "MixedOrderPublicKey": "verifiers with and without the cofactor disagree under such a key; no honest signer has one",
}
"""Flags of tests that Wycheproof calls acceptable, and why we refuse the key (specs/credential.md, section 2)."""


@pytest.mark.parametrize("test", WYCHEPROOF, ids=lambda test: f"{test[0]}-{test[2]}")
def test_wycheproof_is_followed_to_the_letter_and_where_it_leaves_a_choice_the_key_is_refused(test: list[Any]) -> None:
    _, result, flag, *signed = test
    expected = {"valid": {"accepted"}, "invalid": {"forged", "bad_key"}, "acceptable": {"bad_key"}}[result]
    assert verdict(*signed) in expected
    if result == "acceptable":
        assert flag in STRICTER_THAN_WYCHEPROOF


def test_all_of_wycheproof_is_here() -> None:
    assert Counter(result for _, result, *_ in WYCHEPROOF) == {"valid": 117, "invalid": 64, "acceptable": 29}
    assert {flag for _, result, flag, *_ in WYCHEPROOF if result == "acceptable"} == set(STRICTER_THAN_WYCHEPROOF)


# --- Taming the many EdDSAs ---------------------------------------------------------------------------------

SPECCHECK = rows_of("speccheck.json")
CONDITIONS = {
    # number: (holds with the cofactor, holds without, what we say, why)
    0: (True, True, "bad_key", "the key has small order, and S is 0: the signature fits every message"),
    1: (True, True, "bad_key", "the key has small order"),
    2: (True, True, "bad_key", "the key has mixed order, and R small order"),
    3: (True, True, "bad_key", "the key has mixed order; libsodium alone accepts this one"),
    4: (True, False, "bad_key", "the key has mixed order, and the equation needs the cofactor"),
    5: (True, False, "bad_key", "likewise, and k must not be reduced for it to hold"),
    6: (True, True, "forged", "S is not below L: a second signature from a good one"),
    7: (True, True, "forged", "likewise, far above L"),
    8: (False, False, "bad_key", "the key has mixed order; R is not canonical, and holds only if it is reduced before hashing"),
    9: (True, True, "bad_key", "the key has mixed order; R is not canonical"),
    10: (
        True,
        False,
        "bad_key",
        "the key is not canonical; holds with the cofactor, or if the key is reduced before hashing",
    ),
    11: (True, True, "bad_key", "the key is not canonical and of small order"),
}
"""Table 5 of the paper, recomputed, and our verdict. None of the twelve is accepted."""


@pytest.mark.parametrize("test", SPECCHECK, ids=lambda test: test[0])
def test_none_of_the_twelve_edge_cases_is_accepted_each_for_its_own_reason(test: list[Any]) -> None:
    number, *signed = test
    with_cofactor, without, expected, _ = CONDITIONS[number]
    key, message, signature = map(bytes.fromhex, signed)
    assert edwards25519.holds(key, message, signature, cofactor=True) == with_cofactor
    assert edwards25519.holds(key, message, signature, cofactor=False) == without
    assert verdict(*signed) == expected


def test_all_twelve_are_here() -> None:
    assert [number for number, *_ in SPECCHECK] == list(CONDITIONS) == list(range(12))
