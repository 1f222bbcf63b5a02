"""How large a day's status delta and a compact full list are, beside the least that any code could need; and their times."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil, lgamma, log
from random import Random

from benchmarks import agency, stopwatch
from benchmarks.report import Cell, report
from socpass_vc.format import armor
from socpass_vc.format.status.status_delta import StatusDelta, read_delta, sign_delta
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES, Status, StatusList, narrowest, pack, sign_status_list
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.qr.sizes import Level
from socpass_vc.qr.write import draw_code

PASSES = 4_500_000
"""Residents of the largest city who hold one."""
CHANGED_SHARE = 0.0005
REVOKED_OF_CHANGED = 0.9
FULL_LISTS = 18
REVOKED_SHARES = (0.001, 0.01, 0.02, 0.05)
ROUNDS = 5

_DAY = timedelta(days=1)


def run() -> None:
    """Measure, print and write deltas.json and gaps.json."""
    report(
        "deltas",
        f"a day of {PASSES:,} passes: {CHANGED_SHARE:.2%} change, of them {REVOKED_OF_CHANGED:.0%} revoked, the others suspended "
        "or reinstated, half and half",
        [_day(f"{count} lists", count) for count in (5, 1)],
        notes={
            "entropy": "log2 of the number of ways to choose which passes change, and to what",
            "times": "medians on the wall clock",
        },
    )
    report(
        "gaps",
        f"compact full form of {FULL_LISTS} lists of {DEFAULT_ENTRIES:,} entries in one token, a token a list in that form, "
        "in the standard one",
        [_full(share) for share in REVOKED_SHARES],
    )


def _day(name: str, lists: int) -> dict[str, Cell]:
    draw = Random(1)  # noqa: S311 -- the same lists in each run
    share = -(-PASSES // lists)
    entries = share + -share % 8
    changing = round(PASSES * CHANGED_SHARE)
    revoked = round(changing * REVOKED_OF_CHANGED)
    reinstated = (changing - revoked) // 2
    chosen = draw.sample(range(PASSES), changing + 90_000)  # 2 % were revoked before
    becomes = dict.fromkeys(chosen[:revoked], Status.INVALID)
    becomes |= dict.fromkeys(chosen[revoked : changing - reinstated], Status.SUSPENDED)
    was = dict.fromkeys(chosen[changing:], Status.INVALID)
    was |= dict.fromkeys(chosen[changing - reinstated : changing], Status.SUSPENDED)
    now = {
        position: value for position, value in was.items() if position not in chosen[changing - reinstated : changing]
    } | becomes
    old, new = (_lists(values, lists, entries, at) for values, at in ((was, agency.NOW - _DAY), (now, agency.NOW)))
    token = sign_delta(compare(agency.ISSUER.status_base, old, new), agency.STATUS_KEY)
    delta = read_delta(token).content
    least = _entropy_bytes(PASSES, changing - revoked - reinstated, revoked, reinstated)
    times = stopwatch.medians(
        {
            "encode": lambda _: sign_delta(compare(agency.ISSUER.status_base, old, new), agency.STATUS_KEY),
            "apply": lambda _: _applied(token, old),
        },
        rounds=ROUNDS,
        warm_up=1,
    )
    if _applied(token, old) != {number: listed.raw for number, listed in new.items()}:
        sys.exit("a delta did not make the list that it was made from")
    return {
        "name": name,
        "changes": changing,
        "entropy_bytes": least,
        "code_bytes": len(delta.coded),
        "code_ratio": len(delta.coded) / least,
        "token_bytes": len(token),
        "token_ratio": len(token) / least,
        "codes_of_40_L": _codes(token, 40),
        "codes_of_25_L": _codes(token, 25),
        "encode_ms": times["encode"] / 1000,
        "apply_ms": times["apply"] / 1000,
    }


def _lists(values: Mapping[int, Status], lists: int, entries: int, at: datetime) -> dict[int, StatusList]:
    like = replace(agency.status_list(1), issued_at=at, expires_at=agency.NOW + 14 * _DAY)
    found: dict[int, dict[int, Status]] = {number: {} for number in range(lists)}
    for position, value in values.items():
        found[position // entries][position % entries] = value
    return {
        number: replace(like, uri=agency.ISSUER.status_uri(number), bits=2, raw=pack(of, entries=entries))
        for number, of in found.items()
    }


def _applied(token: bytes, old: Mapping[int, StatusList]) -> dict[int, bytes]:
    delta = read_delta(token).content
    changes = delta.changes()
    delta = delta.opened(changes)
    return {entry.number: delta.apply(entry, old.get(entry.number), changes[entry.number]).raw for entry in delta.lists}


def _codes(token: bytes, version: int) -> int:
    """Return into how many QR codes of a version at level L the token goes."""
    frame = bytes((armor.DELTA,)) + token
    return next(
        count
        for count in range(2, 256)
        if draw_code(armor.write_armor(armor.split_frame(frame, count=count)[0]), level=Level.L).version <= version
    )


def _full(share: float) -> dict[str, Cell]:
    draw = Random(1)  # noqa: S311 -- the same lists in each run
    revoked = round(DEFAULT_ENTRIES * share)
    lists = {}
    for number in range(FULL_LISTS):
        values = dict.fromkeys(draw.sample(range(DEFAULT_ENTRIES), revoked), Status.INVALID)
        bits = narrowest(values, entries=DEFAULT_ENTRIES)
        raw = pack(values, entries=DEFAULT_ENTRIES, bits=bits)
        lists[number] = replace(agency.status_list(1), uri=agency.ISSUER.status_uri(number), bits=bits, raw=raw)
    least = FULL_LISTS * _entropy_bytes(DEFAULT_ENTRIES, 0, revoked, 0)
    whole = _sign(lists)
    coded = len(read_delta(whole).content.coded)
    alone = len(_sign({0: lists[0]}))
    standard = len(sign_status_list(lists[0], agency.STATUS_KEY))
    times = stopwatch.medians({"encode": lambda _: _sign(lists), "apply": lambda _: _applied(whole, {})}, rounds=3, warm_up=0)
    return {
        "name": f"{share:.1%} revoked",
        "entropy_bytes": least,
        "code_ratio": coded / least,
        "token_ratio": len(whole) / least,
        "one_list_ratio": alone * FULL_LISTS / least,
        "standard_ratio": standard * FULL_LISTS / least,
        "encode_ms": times["encode"] / 1000,
        "apply_ms": times["apply"] / 1000,
    }


def _sign(lists: Mapping[int, StatusList]) -> bytes:
    delta: StatusDelta = compare(agency.ISSUER.status_base, {}, lists)
    return sign_delta(delta, agency.STATUS_KEY)


def _entropy_bytes(entries: int, *counts: int) -> int:
    """Return log2 of the number of ways to choose sets of these sizes among the entries, none in two, in bytes."""
    nats = lgamma(entries + 1) - lgamma(entries - sum(counts) + 1) - sum(lgamma(count + 1) for count in counts)
    return ceil(nats / log(2) / 8)
