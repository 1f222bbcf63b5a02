"""``socpass issuer import`` of an agency's export into an empty SQLite register, and of the same file again, whole processes.

The floor is a process that reads the same file with the csv module and puts its cells into one table of SQLite, unchecked. All
run by turns, and what is compared is processor time, because a busy machine's clock says little. ``python -m
benchmarks.register_import 1000000`` does it for a million residents.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from benchmarks.report import Cell, report
from benchmarks.residents import write_residents

RESIDENTS = 50_000
"""How many by default; 1.8 rows each."""
ROUNDS = 2
FULL_ROUNDS = 1
MANY = 200_000
"""From here on one round is enough: it lasts minutes."""
TARGET_ROWS_A_SECOND = 20_000
TARGET_PEAK_MB = 400

_FLOOR = """
import csv, sqlite3, sys
register = sqlite3.connect(sys.argv[2], isolation_level=None)
register.execute("PRAGMA journal_mode = WAL")
register.execute("PRAGMA synchronous = FULL")
register.execute("BEGIN IMMEDIATE")
with open(sys.argv[1], encoding="utf-8-sig", newline="") as file:
    rows = csv.reader(file, delimiter=";", strict=True)
    register.execute(f"CREATE TABLE rows ({', '.join(chr(34) + name + chr(34) for name in next(rows))})")
    register.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
register.execute("COMMIT")
"""


class Run(NamedTuple):
    """What one process took: wall clock and processor time in seconds, and its largest memory in MB."""

    wall: float
    cpu: float
    peak_mb: float


def run(residents: int = RESIDENTS) -> None:
    """Measure, print and write register_import.json."""
    with TemporaryDirectory(prefix="socpass-bench-") as name:
        folder = Path(name)
        rows = write_residents(folder / "residents.csv", residents)
        fresh = _agency(folder / "fresh")
        runs: dict[str, list[Run]] = {"floor": [], "import": [], "the same again": []}
        for number in range(FULL_ROUNDS if residents >= MANY else ROUNDS):
            runs["floor"].append(_run(["-c", _FLOOR, str(folder / "residents.csv"), str(folder / f"floor-{number}")]))
            agency = shutil.copytree(fresh, folder / f"agency-{number}")
            command = ["-m", "socpass_cli", "issuer", "import", str(folder / "residents.csv"), "--agency", str(agency)]
            runs["import"].append(_run(command))
            runs["the same again"].append(_run(command))
    title = f"{rows:,} rows of {residents:,} residents from CSV into an empty SQLite register; a process each"
    notes = {"targets": f"{TARGET_ROWS_A_SECOND:,} rows a second, {TARGET_PEAK_MB} MB"}
    report("register_import", title, [_row(what, found, rows, runs["floor"]) for what, found in runs.items()], notes=notes)


def _agency(folder: Path) -> Path:
    """Make an agency by a process of its own: what this one has in memory would count as its children's (getrusage(2))."""
    passphrase = folder.with_name("passphrase.txt")
    passphrase.write_text("benchmark\n", encoding="utf-8")
    what = [
        "--id",
        "RU-BA",
        "--name",
        "en=Town",
        "--scope",
        "1-999",
        "--scope",
        "2001-2999",
        "--passphrase-file",
        str(passphrase),
    ]
    _run(["-m", "socpass_cli", "issuer", "init", str(folder), *what])
    return folder


def _run(arguments: list[str]) -> Run:
    began = perf_counter()
    with subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = perf_counter() - began
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} failed")
    return Run(wall=wall, cpu=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024)


def _row(what: str, found: list[Run], rows: int, floor: list[Run]) -> dict[str, Cell]:
    cpu = median(run.cpu for run in found)
    return {
        "name": what,
        "rows_a_second": round(rows / median(run.wall for run in found)),
        "cpu_us_a_row": cpu / rows * 1e6,
        "ratio": cpu / median(run.cpu for run in floor),
        "peak_mb": round(max(run.peak_mb for run in found)),
    }


if __name__ == "__main__":
    run(*map(int, sys.argv[1:2]))
