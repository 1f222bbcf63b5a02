"""Issuing into a register: passes a second from the queue to the commit, beside bare signatures of the same size.

On SQLite by one process; on PostgreSQL, on this machine's loopback with fsync on, by one worker and by two, with the share of
processor time that the database takes. ``SOCPASS_BENCH_RESIDENTS=1000000`` says how many residents; 10,000 by default.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from benchmarks import residents as made_up
from benchmarks.agency import NOW, PASS_KEY
from benchmarks.report import report
from socpass_cli.commands.issuer.init import starting_settings
from socpass_vc.catalogue.names import read_category
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES
from socpass_vc.issuer.agency import new_settings
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.batch_issue import IssueOrder, Issuing
from socpass_vc.issuer.issuance.workers import Workers, WorkerTask
from socpass_vc.issuer.register.bulk_sql import insert_rows
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import entitlements, residents

RESIDENTS = 10_000
SEED = 3
BARE_A_BATCH = 100
MESSAGE = bytes(200)
"""About what is signed for a pass: COSE's frame and the claims."""


def run() -> None:
    """Measure, and report."""
    count = int(os.environ.get("SOCPASS_BENCH_RESIDENTS", RESIDENTS))
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="socpass-bench-") as name:
        file = Path(name) / "residents.csv"
        made_up.write_residents(file, count, SEED)
        location = Path(name) / "register.sqlite"
        _fill(location, file)
        rows.append({"on": "SQLite, one process", **_in_a_process(location)})
        if not os.environ.get("SOCPASS_BENCH_SQLITE_ALONE"):
            rows += _on_postgresql(file)
    report(
        "register_issue",
        f"passes issued into a register, {count:,} residents with 1.8 entitlements each",
        rows,
        notes={
            "x bare": "processor time of a pass, to that of a bare signature taken between the batches",
            "database": "its processes' share of all processor time",
        },
    )


def _settings() -> AgencySettings:
    own = starting_settings(
        "RU-BA",
        {"ru": "Республика Башкортостан"},
        time_zone="Asia/Yekaterinburg",
        scopes=((1, 999), (2001, 2999)),
        status_base="https://pass.example.ru/status/",
        prefix="SOCPASS:",
    )
    return new_settings(now=NOW - timedelta(days=1), own=replace(own, list_entries=DEFAULT_ENTRIES))


def _order() -> IssueOrder:
    return IssueOrder(settings=_settings(), signer=PASS_KEY, now=NOW, actor="benchmark")


def _fill(location: Location, file: Path) -> None:
    """Put the residents of *file* straight into a new register; importing is measured elsewhere."""
    create_register(location)
    with Register.open(location) as register, register.transaction() as connection, file.open(encoding="utf-8-sig") as lines:
        people: list[tuple[Any, ...]] = []
        granted: list[tuple[Any, ...]] = []
        by_ref = groupby(csv.DictReader(lines, delimiter=";"), key=lambda row: row["ref"])
        for number, (ref, cells) in enumerate(by_ref, 1):
            for at, row in enumerate(cells):
                if not at:
                    people.append((number, ref, row["name"], int(row["born"][-4:]) if row["born"] else None))
                kind = int(row["document_kind"]) if row["document_kind"] else None
                granted.append((number, read_category(row["category"]), kind, row["document_number"] or None))
            if not number % 10_000:
                _insert(connection, people, granted)
        _insert(connection, people, granted)


def _insert(connection: Any, people: list[tuple[Any, ...]], granted: list[tuple[Any, ...]]) -> None:
    insert_rows(connection, residents, ("id", "ref", "name", "born_in"), people)
    insert_rows(connection, entitlements, ("resident_id", "category", "document_kind", "document_number"), granted)
    people.clear()
    granted.clear()


def _in_a_process(location: Location) -> dict[str, Any]:
    """Issue in a process of its own, whose memory is that of issuing alone."""
    command = [sys.executable, "-m", "benchmarks.register_issue", str(location)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _issue(location: Location) -> dict[str, Any]:
    """Issue all, signing some messages bare after each batch."""
    passes, wall, processor = 0, 0.0, 0.0
    bare = []
    with Register.open(location) as register:
        batches = Issuing(register, _order()).batches()
        while True:
            began, began_processor = perf_counter(), process_time()
            batch = next(batches, None)
            if batch is None:
                register.close()  # SQLite copies its write-ahead log then, which belongs to what issuing takes
            wall, processor = wall + perf_counter() - began, processor + process_time() - began_processor
            if batch is None:
                break
            passes += len(batch.issued)
            began_processor = process_time()
            for _ in range(BARE_A_BATCH):
                PASS_KEY.sign(MESSAGE)
            bare.append((process_time() - began_processor) / BARE_A_BATCH)
    return {
        "passes": passes,
        "passes/s": round(passes / wall),
        "passes/s of processor": round(passes / processor),
        "us a pass": processor / passes * 1e6,
        "bare us": median(bare) * 1e6,
        "x bare": processor / passes / median(bare),
        "peak MiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "database": None,
    }


def _on_postgresql(file: Path) -> Iterator[dict[str, Any]]:
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from postgres import running_server  # noqa: PLC0415 -- the tests' server, found by the path above

    with running_server(durable=True) as server:
        for count, words in ((1, "one worker"), (2, "two workers")):
            url = server.new_database()
            _fill(url, file)
            pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
            yield {"on": f"PostgreSQL, {words}", **_by_workers(url, count, pid)}


def _by_workers(url: str, count: int, server: int) -> dict[str, Any]:
    """Issue all by *count* workers; their start is left out, for the clock runs from the first batch on."""
    task = WorkerTask(location=url, order=_order())
    with Workers(task, count) as workers:
        taken = dict.fromkeys(workers.pids.values(), 0.0)  # until each was last seen
        passes = 0
        began = ours = database = 0.0
        last = (0.0, 0.0, 0.0)
        for batch in workers.batches():
            taken = {pid: max(before, _processor(pid)) for pid, before in taken.items()}
            last = (perf_counter(), sum(taken.values()), _processor(server, family=True))
            if not began:
                began, ours, database = last
            else:
                passes += len(batch.issued)
    wall, ours, database = last[0] - began, last[1] - ours, last[2] - database
    return {
        "passes": passes,
        "passes/s": round(passes / wall) if wall else 0,
        "passes/s of processor": round(passes / (ours + database)) if ours else 0,
        "us a pass": (ours + database) / passes * 1e6 if passes else 0.0,
        "bare us": None,
        "x bare": None,
        "peak MiB": None,
        "database": f"{database / (ours + database):.0%}" if ours else None,
    }


def _processor(pid: int, *, family: bool = False) -> float:
    """Return the seconds of processor time that a process has taken; with *family*, its children's too, gone or not."""
    try:
        cells = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0.0
    ticks = sum(map(int, cells[11:15] if family else cells[11:13]))
    seconds = ticks / os.sysconf("SC_CLK_TCK")
    if family:
        seconds += sum(_processor(child) for child in _children(pid))
    return seconds


def _children(pid: int) -> Iterator[int]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            cells = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(cells[1]) == pid:
            yield int(path.parent.name)


if __name__ == "__main__":
    print(json.dumps(_issue(Path(sys.argv[1]))))
