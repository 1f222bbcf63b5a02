"""Files made to take much, handed to the command: the processor time and memory of everything that it starts.

Linux: memory is that of the command and its processes together, asked every few milliseconds. Each run may use four gigabytes of
addresses, so that a bound that does not hold shows in the table and not in the machine.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import perf_counter
from typing import NamedTuple

from benchmarks import agency, bomb_files
from benchmarks.report import Cell, report
from socpass_vc import Store

TARGET_MB = 400
TARGET_SECONDS = 10.0
"""Of processor time, for each file."""
LOOK_EVERY_SECONDS = 0.005
PR_SET_CHILD_SUBREAPER = 36
"""Of prctl(2), linux/prctl.h."""
COMMAND = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
from socpass_cli.main import run
sys.exit(run())
"""
ENDINGS = {
    **{kind: f".{kind.lower()}" for kind in ("PNG", "JPEG", "WebP", "GIF", "BMP", "TIFF", "AVIF", "PDF", "CSV")},
    "BMP in runs": ".bmp",
    "text": ".txt",
    "CBOR": ".cwt",
    "zip": ".zip",
}
SHOWN_TO_ALL = ("PDF, nested forms", "PNG, finder patterns, 8,000 px", "JPEG, progressive, 64 megapixels", "text, digits, 64 MiB")
"""Files that every command gets that reads pictures."""


class Taken(NamedTuple):
    """What a run took, and how it ended."""

    processor: float
    clock: float
    megabytes: float
    exit_code: int


def run() -> None:
    """Measure, print and write bombs.json."""
    _adopt_orphans()
    with TemporaryDirectory(prefix="socpass-bench-") as name:
        folder = Path(name)
        rows = [_row(what, path, _taken(command)) for what, path, command in _runs(folder)]
    worst = max(rows, key=lambda row: float(row["processor_s"] or 0)), max(rows, key=lambda row: float(row["peak_mb"] or 0))
    notes = {
        "worst processor time": f"{worst[0]['processor_s']} s, {worst[0]['name']}",
        "worst memory": f"{worst[1]['peak_mb']} MB, {worst[1]['name']}",
        "targets": f"{TARGET_SECONDS} s, {TARGET_MB} MB; CSV: memory alone, time grows with the rows",
    }
    report("bombs", f"{len(rows)} files made to take much; a process each", rows, notes=notes)


def _runs(folder: Path) -> Iterator[tuple[str, Path, list[str]]]:
    published = agency.publish()
    store = Store.create(folder / "store", published.anchor)
    store.offer(published.bundle)
    store.offer(published.status_list)
    till = ["--store", str(store.folder)]
    office = _agency(folder)
    commands = {
        "verify": (bomb_files.PICTURES | bomb_files.TEXTS, ["verify", "{}", *till]),
        "sync": (bomb_files.SUPPLIES, ["sync", "{}", *till]),
        "import": (bomb_files.ROWS, ["issuer", "import", "{}", "--agency", str(office)]),
    }
    for name, (files, command) in commands.items():
        for what, make in files.items():
            path = folder / f"bomb{ENDINGS[what.partition(',')[0]]}"
            path.write_bytes(make())
            yield f"{name}: {what}", path, [word.format(path) for word in command]
            if what in SHOWN_TO_ALL:
                out = str(folder / "card.pdf")
                yield f"show: {what}", path, ["show", str(path)]
                yield f"card: {what}", path, ["card", str(path), "--out", out]
                yield f"sync: {what}", path, ["sync", str(path), *till]


def _agency(folder: Path) -> Path:
    passphrase = folder / "passphrase.txt"
    passphrase.write_text("benchmark\n", encoding="utf-8")
    what = ["--id", "RU-BA", "--name", "en=Town", "--passphrase-file", str(passphrase)]
    command = [sys.executable, "-m", "socpass_cli", "issuer", "init", str(folder / "agency"), *what]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "agency"


def _taken(arguments: list[str]) -> Taken:
    began = perf_counter()
    most = 0
    is_over = Event()
    command = [sys.executable, "-c", COMMAND, *arguments]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

        def watch() -> None:
            nonlocal most
            while not is_over.wait(LOOK_EVERY_SECONDS):
                most = max(most, _bytes_of_all(process.pid))

        watcher = Thread(target=watch)
        watcher.start()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        is_over.set()
        watcher.join()
    clock = perf_counter() - began
    processor = used.ru_utime + used.ru_stime + _of_orphans()
    return Taken(processor, clock, most / 1e6, process.returncode)


def _adopt_orphans() -> None:
    """Become the parent of what a command leaves behind when it ends, such as its idle decoder (prctl(2))."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        sys.exit("this system does not let a program adopt what another leaves behind")


def _of_orphans() -> float:
    """Wait for them, and return the processor time that they have used."""
    seconds = 0.0
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime


def _bytes_of_all(pid: int) -> int:
    """Return the memory of a process and of those that it started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        resident = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):  # it has ended
        return 0
    return resident + sum(_bytes_of_all(int(child)) for child in children)


def _row(what: str, path: Path, taken: Taken) -> dict[str, Cell]:
    is_bounded = taken.megabytes <= TARGET_MB and (taken.processor <= TARGET_SECONDS or what.startswith("import"))
    return {
        "name": what,
        "file_kb": round(path.stat().st_size / 1000, 1),
        "processor_s": round(taken.processor, 2),
        "clock_s": round(taken.clock, 2),
        "peak_mb": round(taken.megabytes),
        "exit": taken.exit_code,
        "reached": "yes" if is_bounded else "no",
    }


if __name__ == "__main__":
    run()
