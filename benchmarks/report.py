"""Figures as a table on the terminal and as JSON in build/bench/, with the machine and the libraries that they are of."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeAlias

import socpass_vc

FOLDER = Path(__file__).parent.parent / "build" / "bench"
LIBRARIES = ("pynacl", "cbor2", "segno", "pillow", "zxing-cpp", "reportlab", "click", "python-pkcs11")

Cell: TypeAlias = "str | int | float | None"


def report(benchmark: str, title: str, rows: Sequence[Mapping[str, Cell]], *, notes: Mapping[str, object] | None = None) -> None:
    """Print *rows* as a table under *title*, and write them to build/bench/BENCHMARK.json.

    Args:
        benchmark: names the file.
        title: what the table shows, in one line.
        rows: column to figure; all have the columns of the first.
        notes: what else the file should say, printed as lines below the table.
    """
    further = notes or {}
    columns = list(rows[0])
    table = [columns, *([_shown(row[column]) for column in columns] for row in rows)]
    widths = [max(len(line[at]) for line in table) for at in range(len(columns))]
    print(f"\n{benchmark}: {title}\n")
    for line in table:
        print(
            "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))])
        )
    for name, note in further.items():
        print(f"{name}: {note}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    content = {"benchmark": benchmark, "title": title, "machine": machine(), "figures": rows, "notes": further}
    (FOLDER / f"{benchmark}.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def machine() -> dict[str, object]:
    """Return what the figures are of: interpreter, processor, system, libraries."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "cpu": cpu_model(),
        "system": f"{platform.system()} {platform.machine()}",
        "socpass": socpass_vc.__version__,
        "libraries": {name: library_version(name) for name in LIBRARIES},
    }


def cpu_model() -> str:
    """Return the processor's name as the system gives it."""
    description = Path("/proc/cpuinfo")
    if description.exists():
        for line in description.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def library_version(name: str) -> str | None:
    """Return the version of an installed package, or None if it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _shown(cell: Cell) -> str:
    if cell is None:
        return "-"
    return f"{cell:,.2f}" if isinstance(cell, float) else f"{cell:,}" if isinstance(cell, int) else cell
