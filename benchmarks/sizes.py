"""How large a status list is, beside the least that any code could need."""

from __future__ import annotations

from math import ceil, lgamma, log

import socpass_vc
from benchmarks import agency
from benchmarks.report import Cell, report
from socpass_vc.format.statuslist import DEFAULT_ENTRIES

REVOKED_SHARES = (0.001, 0.01, 0.02, 0.05)


def run() -> None:
    """Measure, print and write sizes.json."""
    rows: list[dict[str, Cell]] = []
    for share in REVOKED_SHARES:
        revoked = round(DEFAULT_ENTRIES * share)
        token = socpass_vc.sign_status_list(agency.status_list(revoked), agency.STATUS_KEY)
        least = entropy_bytes(DEFAULT_ENTRIES, revoked)
        rows.append(
            {
                "name": f"{share:.1%} revoked",
                "passes": revoked,
                "token_bytes": len(token),
                "entropy_bytes": least,
                "ratio": len(token) / least,
            }
        )
    report("sizes", f"status list of {DEFAULT_ENTRIES:,} entries, revoked ones strewn evenly", rows)


def entropy_bytes(entries: int, revoked: int) -> int:
    """Return how many bytes it takes to say which *revoked* of *entries* it are: log2 of the number of choices, rounded up."""
    nats = lgamma(entries + 1) - lgamma(revoked + 1) - lgamma(entries - revoked + 1)
    return ceil(nats / log(2) / 8)
