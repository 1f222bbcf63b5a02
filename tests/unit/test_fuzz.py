"""The fuzzer itself: the same seed gives the same inputs, and it finds a fault that is planted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(out: Path, *arguments: object, source: Path | None = None) -> tuple[int, str, dict[str, Any]]:
    """Return how the fuzzer ended, what it printed and what it reported."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "COV_"))}
    if source is not None:
        environment["PYTHONPATH"] = str(source)
    command = [sys.executable, "-m", "fuzz", "--engine", "guided", "--out", str(out), *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout, json.loads((out / "report.json").read_text(encoding="utf-8"))


def test_the_same_seed_gives_the_same_inputs_and_another_seed_others(tmp_path: Path) -> None:
    # when
    readers = ("--reader", "cbor", "--reader", "claims", "--rounds", 20)
    ends = [run(tmp_path / str(number), "--seed", seed, *readers) for number, seed in enumerate((5, 5, 6))]

    # then
    assert [code for code, _, _ in ends] == [0, 0, 0]
    assert all("--seed 5" in said for _, said, _ in ends[:2])
    assert ends[0][2] == ends[1][2] != ends[2][2]


FAULTS = {
    "a longer form than needed is read": ("format/cbor.py", "if argument < lowest:", "if False:", "AssertionError"),
    "what is cut off ends in Python's own error": (
        "format/cbor.py",
        "except IndexError as error:",
        "except KeyError as error:",
        "IndexError",
    ),
    "a short input takes all of the processor": (
        "format/cbor.py",
        "    items: list[Value] = []\n",
        "    items: list[Value] = []\n    while count == 25:\n        pass\n",
        "TooSlow",
    ),
    "a short input takes all of the memory": (
        "format/cbor.py",
        "    items: list[Value] = []\n",
        "    items: list[Value] = []\n    _ = bytearray(b'x' * (2**29 if count == 25 else 0))\n",
        "TooLarge",
    ),
}


@pytest.mark.parametrize("breaks", FAULTS)
def test_a_planted_fault_is_found_kept_and_found_again(tmp_path: Path, breaks: str) -> None:
    # given
    file, old, new, kind = FAULTS[breaks]
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "src" / "socpass_vc" / file
    good = path.read_text(encoding="utf-8")
    assert good.count(old) == 1
    path.write_text(good.replace(old, new), encoding="utf-8")

    # when
    once = ("--seed", 1, "--limit", 1, "--reader", "cbor", "--rounds", 40)
    code, said, report = run(tmp_path / "out", *once, source=tmp_path / "src")

    # then
    assert (code, report["findings"] > 0) == (1, True)
    assert f"FINDING cbor: {kind}" in said

    # and the input that was kept shows it again, and nothing in the source as it is
    kept = next(text for text in (tmp_path / "out" / "findings").glob("*.txt") if kind in text.read_text(encoding="utf-8"))
    again = ("--limit", 1, "--reader", "cbor", "--again", kept.with_suffix(".bin"))
    assert run(tmp_path / "again", *again, source=tmp_path / "src")[0] == 1
    assert run(tmp_path / "good", *again)[0] == 0
