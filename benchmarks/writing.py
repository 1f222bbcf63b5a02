"""How fast codes and cards are written, beside other writers; whether both of ours agree; how large codes are on paper."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import socpass_vc
from benchmarks import agency
from benchmarks.agency import PASS_KEY
from benchmarks.report import Cell, report
from socpass_cli.handout.card_rendering import KINDS, CardRendering
from socpass_cli.handout.qr_folder import CodeRendering, FolderDrawing
from socpass_vc import Claims, Entitlement
from socpass_vc.holder.paper import CARD_CODE_MM, LETTER_CODE_MM
from socpass_vc.holder.phone import CODE_WIDTH
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.qr import bulk, readback, write
from socpass_vc.qr.sizes import QUIET_ZONE, Level, least_width_mm

ROOT = Path(__file__).parent.parent
PASSES = 300
TARGET_A_SECOND = 500
AGREEING = 60
"""Passes drawn at each level by both of our writers, and read back."""
CATEGORIES = (1, 3, 5, 10, 20, 32)
CARDS = 12


def run() -> None:
    """Measure, print and write writing.json, writing_files.json, writing_agreement.json and writing_paper.json."""
    issued = _issued(PASSES)
    rows: list[dict[str, Cell]] = []
    for figures in _ask([each.text for each in issued]):
        milliseconds = float(str(figures["ms"]))
        rows.append(
            {
                "name": str(figures["name"]),
                "cpu_ms": milliseconds,
                "a_second": round(1000 / milliseconds),
                "bytes": int(str(figures["bytes"])),
                "mean_version": float(str(figures["version"])),
            }
        )
    ours = rows[0]["cpu_ms"]
    rows = [row | {"times_ours": float(str(row["cpu_ms"])) / float(str(ours))} for row in rows]
    report("writing", "text to a PNG, passes of three categories, level M, 8 pixels a module; processor time, one core", rows)
    report(
        "writing_files", f"passes into files, synced to the disk, in batches; target {TARGET_A_SECOND} a second", _files(issued)
    )
    report(
        "writing_agreement", "both of our writers, over the same passes: sizes, modules, and texts read back", _agreement(issued)
    )
    report("writing_paper", "how large the code of a pass is, names by turns, no document numbers", _paper())


def _issued(count: int) -> list[IssuedPass]:
    residents = agency.residents()
    return [_issue(claims) for claims in residents[:count]]


def _issue(claims: Claims) -> IssuedPass:
    token = socpass_vc.sign_pass(claims, PASS_KEY)
    return IssuedPass("0", claims.status, claims.issued_at, claims.expires_at, token, "SOCPASS:")


def _ask(texts: Sequence[str]) -> list[dict[str, object]]:
    interpreter = os.environ.get("SOCPASS_PEERS_PYTHON")
    if interpreter is None:
        sys.exit("SOCPASS_PEERS_PYTHON names no interpreter that has the peers; run 'make bench'")
    process = subprocess.run(
        [interpreter, "-m", "benchmarks.peer_writers"],
        input=json.dumps(list(texts)),
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "src"},
        encoding="utf-8",
    )
    said: list[dict[str, object]] = json.loads(process.stdout)
    return said


def _files(issued: Sequence[IssuedPass]) -> list[dict[str, Cell]]:
    rows = [
        _drawn("PNG, 1 in 100 read back", CodeRendering("png"), issued, verify_all=False),
        _drawn("PNG, all read back", CodeRendering("png"), issued, verify_all=True),
        _drawn("SVG", CodeRendering("svg"), issued[:CARDS], verify_all=False),
    ]
    for kind in KINDS:
        rendering = CardRendering(
            kind=kind, issuer=agency.ISSUER.names["ru"], language="ru", zone=UTC, categories={}, level=Level.M
        )
        rows.append(_drawn(f"cards: {kind}", rendering, issued[:CARDS], verify_all=False))
    return rows


def _drawn(
    name: str,
    rendering: CodeRendering | CardRendering,
    issued: Sequence[IssuedPass],
    *,
    verify_all: bool,
) -> dict[str, Cell]:
    processor, clock = [], []
    size = 0
    for _ in range(3):
        with TemporaryDirectory(dir=ROOT / "build") as folder:
            draw = FolderDrawing(Path(folder), rendering, verify_all)
            started, began = process_time(), perf_counter()
            failed = draw(issued)
            processor.append((process_time() - started) / len(issued) * 1000)
            clock.append((perf_counter() - began) / len(issued) * 1000)
            if failed:
                sys.exit(f"{name}: {failed[0].why}")
            size = sum(path.stat().st_size for path in Path(folder).rglob("*.*")) // len(issued)
    milliseconds = median(processor)
    return {
        "name": name,
        "cpu_ms": milliseconds,
        "a_second_of_cpu": round(1000 / milliseconds),
        "clock_ms": median(clock),
        "bytes": size,
    }


def _agreement(issued: Sequence[IssuedPass]) -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    for level in Level:
        same_size = same_modules = read = 0
        for each in issued[:AGREEING]:
            fast, careful = bulk.draw(each.text, level=level), write.draw_code(each.text, level=level)
            same_size += fast.side == careful.size
            light = b"".join(bytes(0 if dark else 255 for dark in row) for row in careful.symbol.matrix_iter(border=QUIET_ZONE))
            same_modules += light == fast.light
            for picture in (fast.png(scale=4), careful.png(scale=4)):
                readback.check(picture, each.text)
                read += 1
        rows.append(
            {
                "name": f"level {level.value}",
                "passes": AGREEING,
                "same_version": same_size,
                "same_mask_too": same_modules,
                "codes_read_back": read,
            }
        )
    return rows


def _paper() -> list[dict[str, Cell]]:
    rows: list[dict[str, Cell]] = []
    residents = agency.residents()[:10]
    for level in (Level.M, Level.Q):
        for count in CATEGORIES:
            entitlements = tuple(Entitlement(category=number, last=agency.NOW.date()) for number in range(2501, 2501 + count))
            sides = [bulk.draw(_issue(replace(who, entitlements=entitlements)).text, level=level).side for who in residents]
            side = max(sides)
            rows.append(
                {
                    "name": f"{level.value}, {count} categories",
                    "version": (side - 2 * QUIET_ZONE - 17) // 4,
                    "modules_a_side": side,
                    "least_width_mm": least_width_mm(side),
                    "module_on_card_mm": CARD_CODE_MM / side,
                    "module_in_letter_mm": LETTER_CODE_MM / side,
                    "pixels_on_phone": CODE_WIDTH // side,
                }
            )
    return rows
