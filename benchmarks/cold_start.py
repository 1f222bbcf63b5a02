"""``socpass verify PICTURE`` from nothing, beside a process that only imports the decoders and reads the same picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import socpass_vc
from benchmarks import agency
from benchmarks.report import Cell, report
from benchmarks.stopwatch import medians
from socpass_vc.qr.write import draw_code

RUNS = 25
WARM_UP_RUNS = 3
TARGET = 2.0
"""Times the floor."""
COMMAND = ("-c", "import sys; from socpass_cli.main import run; sys.exit(run())", "verify")
"""What the installed command does, to the interpreter; the picture and --store and --at follow."""
FLOOR = """\
import sys
import zxingcpp
from PIL import Image
with Image.open(sys.argv[1]) as picture:
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
print(found[0].text)
"""
NEVER_IMPORTED = ("sqlalchemy", "segno", "numpy")
"""What issuing, drawing and arithmetic need, and a till does not."""

_IMPORTED = re.compile(r"^import time:\s+\d+ \|\s+\d+ \|\s+(?P<name>\S+)$", re.MULTILINE)


def run() -> None:
    """Measure, print and write cold_start.json."""
    with TemporaryDirectory() as folder:
        picture, store = _prepare(Path(folder))
        verify = [*COMMAND, str(picture), "--store", str(store), "--at", agency.NOW.isoformat()]
        contenders = {
            "socpass verify": lambda _: start(verify),
            "bare decode": lambda _: start(["-c", FLOOR, str(picture)]),
        }
        times = medians(contenders, rounds=RUNS, warm_up=WARM_UP_RUNS)
        imported = {name.partition(".")[0] for name in _IMPORTED.findall(start(["-X", "importtime", *verify]).stderr)}
    ours, floor = times["socpass verify"] / 1000, times["bare decode"] / 1000
    row: dict[str, Cell] = {
        "name": "socpass verify",
        "median_ms": ours,
        "floor": "bare decode",
        "floor_ms": floor,
        "ratio": ours / floor,
        "target": TARGET,
        "reached": "yes" if ours / floor <= TARGET else "no",
    }
    needless = sorted(imported.intersection(NEVER_IMPORTED))
    report(
        "cold_start",
        f"a process from start to verdict, median of {RUNS} runs",
        [row],
        notes={
            f"imported of {', '.join(NEVER_IMPORTED)}": ", ".join(needless) or "none",
            "top-level modules imported": len(imported),
        },
    )


def _prepare(folder: Path) -> tuple[Path, Path]:
    """Make a picture of a pass, and a till's store that accepts it."""
    published = agency.publish()
    store = socpass_vc.Store.create(folder / "store", published.anchor)
    store.offer(published.bundle)
    store.offer(published.status_list)
    text = socpass_vc.write_pass(socpass_vc.sign_pass(agency.resident(agency.NAME, 123), agency.PASS_KEY))
    picture = folder / "pass.png"
    picture.write_bytes(draw_code(text).png())
    return picture, store.folder


def start(arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """Run the interpreter to its end; a process that fails was not worth timing."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.run([sys.executable, *arguments], capture_output=True, check=False, env=environment, encoding="utf-8")
    if process.returncode:
        sys.exit(f"{' '.join(arguments)} ended with {process.returncode}:\n{process.stdout}{process.stderr}")
    return process
