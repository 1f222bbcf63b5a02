"""Issue and verify beside bare signing and verifying: the same residents, the same bytes under the signature, one core."""

from __future__ import annotations

from collections.abc import Callable

from nacl.signing import SigningKey

import socpass_vc
from benchmarks import agency
from benchmarks.agency import NOW, PASS_KEY
from benchmarks.report import Cell, report
from benchmarks.stopwatch import beside
from socpass_vc.format import cose

ROUNDS = 500
WARM_UP_ROUNDS = 20
TARGETS = {"issue": 1.7, "verify": 1.6}
"""Times the floor."""


def run() -> None:
    """Measure, print and write core.json."""
    claims = agency.residents()
    tokens = [socpass_vc.sign_pass(resident, PASS_KEY) for resident in claims]
    texts = [socpass_vc.write_pass(token) for token in tokens]
    signed = [(signed.to_be_signed, signed.signature) for signed in map(cose.read_sign1, tokens)]
    trust, status = agency.publish().till()
    signing_key = SigningKey(PASS_KEY.seed)
    verify_key = signing_key.verify_key
    count = len(claims)

    def issue(number: int) -> str:
        return socpass_vc.write_pass(socpass_vc.sign_pass(claims[number % count], PASS_KEY))

    def bare_sign(number: int) -> bytes:
        return signing_key.sign(signed[number % count][0])

    def verify(number: int) -> socpass_vc.Verified:
        return socpass_vc.verify(texts[number % count], trust=trust, status=status, now=NOW)

    def bare_verify(number: int) -> bytes:
        return verify_key.verify(*signed[number % count])

    rows = [_row("issue", issue, "bare sign", bare_sign), _row("verify", verify, "bare verify", bare_verify)]
    report("core", f"claims to text, and text to a decision, of {count} residents in turn, beside bare libsodium", rows)


def _row(name: str, ours: Callable[[int], object], floor_name: str, floor: Callable[[int], object]) -> dict[str, Cell]:
    figures = beside(ours, floor, rounds=ROUNDS, warm_up=WARM_UP_ROUNDS)
    return {
        "name": name,
        "median_us": figures.ours_us,
        "floor": floor_name,
        "floor_us": figures.floor_us,
        "ratio": figures.ratio,
        "target": TARGETS[name],
        "reached": "yes" if figures.ratio <= TARGETS[name] else "no",
        "undisturbed": figures.undisturbed,
        "ratio_of_all": figures.ratio_of_all,
    }
