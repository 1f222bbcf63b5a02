"""``python -m fuzz``: feed every reader for a while, print what was fed, and keep and count what should not have come out."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Start the engine in a process of its own, whose hashes are not random; return 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of chance; by default another each time, and printed")
    parser.add_argument("--engine", choices=("atheris", "guided"), default=None, help="default: atheris where it is installed")
    parser.add_argument("--reader", action="append", default=None, help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=None, help="of the guided engine, instead of a time")
    parser.add_argument("--limit", type=float, default=10.0, help="processor seconds for one input (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fuzz", help="for findings and the report")
    parser.add_argument("--again", type=Path, default=None, help="feed one finding to its --reader, and nothing else")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.child:
        return _child(asked)
    seed = secrets.randbelow(2**31) if asked.seed is None else asked.seed
    engine = asked.engine or ("atheris" if importlib.util.find_spec("atheris") and asked.rounds is None else "guided")
    long = f"{asked.seconds:g} seconds" if asked.rounds is None else f"{asked.rounds} rounds"
    print(f"fuzz: {long}, engine {engine}, --seed {seed}", flush=True)
    report = asked.out / "report.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    arguments = [*sys.argv[1:], "--child", "--seed", str(seed), "--engine", engine]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": os.pathsep.join(_paths())}
    ended = subprocess.run([sys.executable, "-m", "fuzz", *arguments], cwd=ROOT, env=environment, check=False)
    if ended.returncode or not report.exists():
        print(f"fuzz: the engine ended with {ended.returncode}; its last input is what to look at")
        return 1
    return _show(json.loads(report.read_text(encoding="utf-8")))


def _paths() -> list[str]:
    return [str(ROOT / "tests"), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]


def _show(found: dict[str, dict[str, int]]) -> int:
    fed, accepted = found["fed"], found["accepted"]
    for name, count in sorted(fed.items()):
        print(f"  {name:<20} {count:>10,} fed {accepted.get(name, 0):>10,} accepted")
    refused = sum(found["refusals"].values())
    print(f"fuzz: {sum(fed.values()):,} inputs to {len(fed)} readers, {refused:,} refused, {found['findings']} findings")
    return 1 if found["findings"] else 0


def _child(asked: argparse.Namespace) -> int:
    if asked.engine == "atheris":
        import atheris  # noqa: PLC0415 -- optional

        with atheris.instrument_imports(include=["socpass_vc"]):
            import fuzz.readers  # noqa: F401, PLC0415 -- so that it is instrumented
    from fuzz import engine  # noqa: PLC0415 -- after the instrumentation
    from fuzz.feeding import Feeder  # noqa: PLC0415 -- likewise
    from fuzz.readers import READERS, SCRATCH  # noqa: PLC0415 -- likewise

    feeder, report = Feeder(asked.out / "findings", asked.limit), asked.out / "report.json"
    names = asked.reader or list(READERS)
    try:
        if asked.again is not None:
            feeder.feed(names[0], asked.again.read_bytes())
        elif asked.engine == "atheris":
            engine.by_atheris(feeder, names, seed=asked.seed, seconds=asked.seconds, report=report)
        else:
            engine.guided(feeder, names, seed=asked.seed, seconds=asked.seconds, rounds=asked.rounds)
        report.write_text(feeder.report(), encoding="utf-8")
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
