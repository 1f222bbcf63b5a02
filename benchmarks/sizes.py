"""How large a status list is, beside the least that any code could need, and how long its publication takes."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from math import ceil, lgamma, log

import deflate

import socpass_vc
from benchmarks import agency, stopwatch
from benchmarks.report import Cell, report
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES, Status, StatusList, compress, pack

REVOKED_SHARES = (0.001, 0.01, 0.02, 0.05)
ROUNDS = 5


def run() -> None:
    """Measure, print and write sizes.json and deflate.json."""
    rows: list[dict[str, Cell]] = []
    for share in REVOKED_SHARES:
        revoked = round(DEFAULT_ENTRIES * share)
        content = agency.status_list(revoked)
        token = socpass_vc.sign_status_list(content, agency.STATUS_KEY)
        wide = socpass_vc.sign_status_list(_at_two_bits(content), agency.STATUS_KEY)
        least = entropy_bytes(DEFAULT_ENTRIES, revoked)
        values = dict.fromkeys((index for index, _ in content.set_entries()), Status.INVALID)
        signing = stopwatch.medians({"one list": lambda _, v=values, c=content: _publish(v, c)}, rounds=ROUNDS, warm_up=1)  # type: ignore[misc]  # mypy takes the defaults for arguments of the caller
        rows.append(
            {
                "name": f"{share:.1%} revoked",
                "passes": revoked,
                "entropy_bytes": least,
                "token_bytes": len(token),
                "ratio": len(token) / least,
                "ratio_at_2_bits": len(wide) / least,
                "publish_ms": signing["one list"] / 1000,
            }
        )
    report(
        "sizes",
        f"status list of {DEFAULT_ENTRIES:,} entries, revoked ones strewn evenly; the whole signed token",
        rows,
        notes={
            "entropy": "log2 of the number of ways to choose the revoked among the entries",
            "ratio_at_2_bits": "as with a suspension",
        },
    )
    report("deflate", "streams of such a list by strategy, as ratios to the entropy; and time", _by_strategy())


def _by_strategy() -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for share in REVOKED_SHARES:
        revoked = round(DEFAULT_ENTRIES * share)
        narrow = agency.status_list(revoked)
        for content in (narrow, _at_two_bits(narrow)):
            contenders = _strategies(content.raw)
            taken = stopwatch.medians(contenders, rounds=ROUNDS, warm_up=1)
            least = entropy_bytes(DEFAULT_ENTRIES, revoked)
            sizes = {name: len(call(0)) for name, call in contenders.items()}
            row: dict[str, Cell] = {"name": f"{share:.1%}, {content.bits} bit"}
            for name, size in sizes.items():
                row |= {name: size / least, f"{name}_ms": taken[name] / 1000}
            rows.append(row)
    return rows


def _strategies(raw: bytes) -> dict[str, Callable[[int], bytes]]:
    def by_zlib(level: int, strategy: int) -> bytes:
        deflater = zlib.compressobj(level, strategy=strategy)
        return deflater.compress(raw) + deflater.flush()

    return {
        "zlib_9": lambda _: by_zlib(9, zlib.Z_DEFAULT_STRATEGY),
        "rle": lambda _: by_zlib(9, zlib.Z_RLE),
        "huffman": lambda _: by_zlib(9, zlib.Z_HUFFMAN_ONLY),
        "libdeflate_12": lambda _: bytes(deflate.zlib_compress(raw, 12)),
        "ours": lambda _: compress(raw),
    }


def _at_two_bits(content: StatusList) -> StatusList:
    return replace(
        content, bits=2, raw=pack({index: Status(value) for index, value in content.set_entries()}, entries=len(content))
    )


def _publish(values: dict[int, Status], like: StatusList) -> bytes:
    """Pack, compress and sign: what a publication does for each list."""
    raw = pack(values, entries=len(like), bits=like.bits)
    return socpass_vc.sign_status_list(replace(like, raw=raw), agency.STATUS_KEY)


def entropy_bytes(entries: int, revoked: int) -> int:
    """Return how many bytes it takes to say which *revoked* of *entries* it are: log2 of the number of choices, rounded up."""
    nats = lgamma(entries + 1) - lgamma(revoked + 1) - lgamma(entries - revoked + 1)
    return ceil(nats / log(2) / 8)
