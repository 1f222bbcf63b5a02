"""A federation at a till: a bundle of 1,000 keys beside one of a single key, and 18 status lists in the store beside one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import socpass_vc
from benchmarks import agency
from benchmarks.agency import NOW, PASS_KEY, ROOT_KEY
from benchmarks.cold_start import COMMAND, start
from benchmarks.report import Cell, report
from benchmarks.stopwatch import beside, medians
from socpass_vc import Issuer, IssuerKey, Root, SecretKey, TrustList, Use
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES
from socpass_vc.qr.write import draw_code

ISSUERS = 100
KEYS = 10
"""Of each issuer; two of them sign status lists."""
READINGS = 25
READY_TARGET_MS = 100
ROUNDS = 400
WARM_UP_ROUNDS = 20
VERIFY_TARGET = 1.1
"""Times a bundle of one key for passes."""
LISTS = 18
REVOKED = round(DEFAULT_ENTRIES * agency.REVOKED_SHARE)
RUNS = 25
WARM_UP_RUNS = 3
COLD_TARGET = 1.3
"""Times a store with one list."""
MEMORY_TARGET_MB = 150
LOOK_AT_MEMORY = """\
import resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], check=True, capture_output=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""A process that has little memory itself: a child counts what its parent had before it became another program."""


def run() -> None:
    """Measure, print and write trust.json."""
    anchor, small = agency.publish().anchor, agency.publish().bundle
    large = federation()
    rows = [_ready(large, anchor), _verify(large, small, anchor), *_cold(large, small, anchor)]
    report(
        "trust",
        f"{ISSUERS} issuers with {KEYS} keys each, and {LISTS} status lists of 2^20 entries",
        rows,
        notes={"bundle, bytes": len(large), "of one issuer with two keys, bytes": len(small)},
    )


def federation() -> bytes:
    """Return a bundle of 100 issuers with 10 keys each, the benchmarks' agency among them, under its root."""
    others = [_issuer(number) for number in range(ISSUERS - 1)]
    listed = TrustList(
        version=1,
        issued_at=NOW - timedelta(days=1),
        next_update_at=NOW + timedelta(days=1),
        expires_at=NOW + timedelta(days=10),
        issuers=tuple(sorted([_with_more_keys(agency.ISSUER), *others], key=lambda issuer: issuer.id)),
    )
    root = Root(version=1, expires_at=NOW + timedelta(days=1000), threshold=1, keys=(ROOT_KEY.public_key,))
    return socpass_vc.write_bundle([socpass_vc.sign_root(root, [ROOT_KEY])], socpass_vc.sign_trust_list(listed, [ROOT_KEY]))


def _issuer(number: int) -> Issuer:
    first = 10_000 + number * 1_000
    return Issuer(
        id=f"RU-{number:03}",
        names={"ru": f"Министерство социальной защиты, регион {number}", "en": f"Ministry of Social Protection, region {number}"},
        time_zone="Europe/Moscow",
        keys=_keys(f"issuer {number}", KEYS),
        scopes=((first, first + 999),),
        status_base=f"https://pass{number}.example.ru/status/",
    )


def _with_more_keys(issuer: Issuer) -> Issuer:
    more = _keys(issuer.id, KEYS - len(issuer.keys))
    return Issuer(
        id=issuer.id,
        names=issuer.names,
        time_zone=issuer.time_zone,
        keys=tuple(sorted((*issuer.keys, *more), key=lambda key: key.public_key.raw)),
        scopes=issuer.scopes,
        status_base=issuer.status_base,
    )


def _keys(name: str, count: int) -> tuple[IssuerKey, ...]:
    year = timedelta(days=365)
    made = [
        IssuerKey(
            public_key=SecretKey(sha256(f"socpass benchmark: {name}, key {number}".encode()).digest()).public_key,
            uses=(Use.STATUS,) if number < 2 else (Use.PASS,),  # noqa: PLR2004 -- two keys for status lists
            sign_from=NOW - year,
            sign_until=NOW + year,
        )
        for number in range(count)
    ]
    return tuple(sorted(made, key=lambda key: key.public_key.raw))


def _ready(bundle: bytes, anchor: bytes) -> dict[str, Cell]:
    """Read a bundle, check it, and look a key up, which makes the table of keys."""
    taken = []
    for _ in range(READINGS):
        begin = perf_counter()
        trust = socpass_vc.read_bundle(bundle).check(anchor)
        if not trust.keys_with(PASS_KEY.public_key.key_id):
            raise RuntimeError("the key is missing")
        taken.append((perf_counter() - begin) * 1000)
    return _row("bundle read, checked, ready", "ms", median(taken), None, READY_TARGET_MS, median(taken))


def _verify(large: bytes, small: bytes, anchor: bytes) -> dict[str, Cell]:
    """Verify the same passes under both bundles, in turn."""
    residents = agency.residents()
    texts = [socpass_vc.write_pass(socpass_vc.sign_pass(claims, PASS_KEY)) for claims in residents]
    token = agency.publish().status_list
    tills = []
    for bundle in (large, small):
        trust = socpass_vc.read_bundle(bundle).check(anchor)
        admitted = socpass_vc.admit(token, trust=trust)
        tills.append((trust, {admitted.content.uri: admitted}))

    def under(which: int, number: int) -> socpass_vc.Verified:
        trust, status = tills[which]
        return socpass_vc.verify(texts[number % len(texts)], trust=trust, status=status, now=NOW)

    figures = beside(lambda number: under(0, number), lambda number: under(1, number), rounds=ROUNDS, warm_up=WARM_UP_ROUNDS)
    return _row("verify, 1,000 keys beside two", "us", figures.ours_us, figures.floor_us, VERIFY_TARGET, figures.ratio)


def _cold(large: bytes, small: bytes, anchor: bytes) -> Iterable[dict[str, Cell]]:
    """Start ``socpass verify`` on stores with many lists, and with many issuers, beside one with one of each."""
    tokens = [socpass_vc.sign_status_list(agency.status_list(REVOKED, number), agency.STATUS_KEY) for number in range(LISTS)]
    with TemporaryDirectory() as folder:
        picture = Path(folder) / "pass.png"
        text = socpass_vc.write_pass(socpass_vc.sign_pass(agency.resident(agency.NAME, 123), PASS_KEY))
        picture.write_bytes(draw_code(text).png())
        stores = {
            "1 list": _store(Path(folder) / "one", anchor, small, tokens[:1]),
            f"{LISTS} lists": _store(Path(folder) / "many", anchor, small, tokens),
            "1,000 keys": _store(Path(folder) / "large", anchor, large, tokens[:1]),
        }
        commands = {
            name: [*COMMAND, str(picture), "--store", str(store), "--at", NOW.isoformat()] for name, store in stores.items()
        }
        times = medians(
            {name: lambda _, command=command: start(command) for name, command in commands.items()},  # type: ignore[misc]  # mypy takes the default for an argument
            rounds=RUNS,
            warm_up=WARM_UP_RUNS,
        )
        memory = {name: _peak_mb(command) for name, command in commands.items()}
    one, many, keys = (times[name] / 1000 for name in commands)
    yield _row(f"socpass verify, {LISTS} lists beside one", "ms", many, one, COLD_TARGET, many / one)
    peak = memory[f"{LISTS} lists"]
    yield _row(f"its peak memory with {LISTS} lists", "MB", peak, memory["1 list"], MEMORY_TARGET_MB, peak)
    yield _row("socpass verify, 1,000 keys beside two", "ms", keys, one, None, keys / one)


def _store(folder: Path, anchor: bytes, bundle: bytes, lists: Iterable[bytes]) -> Path:
    store = socpass_vc.Store.create(folder, anchor)
    store.offer(bundle)
    for token in lists:
        store.offer(token)
    return folder


def _peak_mb(command: list[str]) -> float:
    kilobytes = int(start(["-c", LOOK_AT_MEMORY, *command]).stdout)
    return kilobytes * (1 if os.uname().sysname == "Darwin" else 1024) / 10**6


def _row(name: str, unit: str, ours: float, beside_it: float | None, target: float | None, compared: float) -> dict[str, Cell]:
    return {
        "name": name,
        "unit": unit,
        "median": ours,
        "floor": beside_it,
        "ratio": None if beside_it is None else ours / beside_it if unit != "us" else compared,
        "target": target,
        "reached": None if target is None else "yes" if compared <= target else "no",
    }
