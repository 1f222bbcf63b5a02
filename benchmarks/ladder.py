"""How bad a picture of a pass may be and still be read: each engine alone, and all ways to look together (benchmarks/degrade.py).

``python -m benchmarks.ladder COUNT`` makes COUNT pictures at each degree. What is done is kept in build/bench/, so that a run
that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import process_time

from PIL import Image

import socpass_vc
from benchmarks import agency
from benchmarks.degrade import AXES, MARGIN_MODULES, Axis, framed, spoiled
from benchmarks.report import FOLDER, Cell, report
from socpass_vc import Entitlement
from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import scan
from socpass_vc.qr.container import identify
from socpass_vc.qr.read import BUDGET_SECONDS, has_check_digits
from socpass_vc.qr.search import find_codes
from socpass_vc.qr.sizes import Level
from socpass_vc.qr.write import draw_code

A_FEW = 2
"""Pictures a degree in ``make bench``."""
ENTITLEMENTS = {9: 1, 10: 3, 11: 8, 12: 14, 13: 20, 14: 28}
"""QR version at level M to how many entitlements make a pass of it."""
PASSES_A_VERSION = 12
MOST_ENTITLEMENTS = 30
"""Of the passes as which digits and base45 compete: 1, 2, 3 ... in turn."""
GOOD = 0.9
"""Part of the pictures that must be read for a degree to count as read."""
HOPELESS = 0.1
"""A reader that reads less at one degree is not asked for worse ones."""
SIDES = (110, 100, 90, 85, 80, 75, 70)
"""Pixels of a whole code with its margin, on which digits and base45 compete."""
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

Reader = Callable[[Image.Image], tuple[str, ...]]
Tally = dict[str, dict[str, float]]
"""Reader to what it read, misread, was asked, and the seconds of processor time that it took."""


def _all_ways(picture: Image.Image) -> tuple[str, ...]:
    file = io.BytesIO()
    picture.save(file, "PPM")
    try:
        content = file.getvalue()
        return find_codes(content, identify(content), enough=has_check_digits, budget_seconds=BUDGET_SECONDS)
    except NoCodeFound:
        return ()


READERS: dict[str, Reader] = {
    "zxing-cpp": lambda picture: tuple(seen.text for seen in scan.with_zxing(picture).read),
    "ZBar": lambda picture: tuple(seen.text for seen in scan.with_zbar(picture)),
    "socpass": _all_ways,
}


def run(count: int = A_FEW) -> None:
    """Measure, print and write ladder.json, armor.json and levels.json."""
    passes = passes_of_each_version()
    FOLDER.mkdir(parents=True, exist_ok=True)
    journal = FOLDER / f"ladder-{count}.jsonl"
    done = {}
    if journal.exists():
        for line in journal.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            done[entry["axis"], entry["degree"]] = entry["tally"]
    tallies: dict[tuple[str, float], Tally] = {}
    for axis in AXES:
        asked = set(READERS)
        for degree in axis.degrees:
            tally = done.get((axis.name, degree)) or _tally(axis, degree, passes, count, asked)
            if (axis.name, degree) not in done:
                with journal.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"axis": axis.name, "degree": degree, "tally": tally}) + "\n")
            tallies[axis.name, degree] = tally
            asked -= {name for name, counts in tally.items() if counts["read"] < HOPELESS * counts["asked"]}
            if count > A_FEW and sys.stderr.isatty():
                print(f"\r{axis.name} {degree:g}      ", end="", file=sys.stderr)
    _report_ladder(tallies, count)
    _report_armor(count)
    _report_levels(count)
    if count > A_FEW:
        journal.unlink()


def passes_of_each_version() -> list[tuple[str, Image.Image]]:
    """Return texts of passes and their codes, a pixel a module and no margin, the versions taking turns."""
    passes = []
    residents = iter(agency.residents())
    for _ in range(PASSES_A_VERSION):
        for version, count in ENTITLEMENTS.items():
            entitlements = tuple(
                Entitlement(category=2500 + 7 * number, last=date(2027, 1, 1 + number % 28) if number % 2 else None)
                for number in range(count)
            )
            for resident in residents:
                claims = replace(resident, entitlements=entitlements)
                text = socpass_vc.write_pass(socpass_vc.sign_pass(claims, agency.PASS_KEY))
                drawn_version, code = drawn(text)
                if drawn_version == version:  # a long name may make it larger
                    passes.append((text, code))
                    break
    return passes


def drawn(text: str, level: Level = Level.M) -> tuple[int, Image.Image]:
    """Return the version of the smallest code of a level, and the code, a pixel a module and no margin."""
    code = draw_code(text, level=level)
    picture = Image.open(io.BytesIO(code.png(scale=1))).convert("L")
    return code.version, picture.crop(
        (MARGIN_MODULES, MARGIN_MODULES, picture.width - MARGIN_MODULES, picture.height - MARGIN_MODULES)
    )


def _tally(axis: Axis, degree: float, passes: list[tuple[str, Image.Image]], count: int, asked: set[str]) -> Tally:
    tally: Tally = {name: {"read": 0, "misread": 0, "asked": 0, "seconds": 0.0} for name in READERS if name in asked}
    for number in range(count):
        text, code = passes[number % len(passes)]
        picture = spoiled(code, axis, degree, number)
        for name, counts in tally.items():
            start = process_time()
            texts = READERS[name](picture)
            counts["seconds"] += process_time() - start
            counts["asked"] += 1
            counts["read"] += text in texts
            counts["misread"] += any(found != text for found in texts)
    return tally


def _report_ladder(tallies: dict[tuple[str, float], Tally], count: int) -> None:
    rows: list[dict[str, Cell]] = []
    steps: list[dict[str, Cell]] = []
    for axis in AXES:
        row: dict[str, Cell] = {"name": axis.name, "unit": axis.unit}
        for reader in READERS:
            read = [degree for degree in axis.degrees if _part(tallies, axis.name, degree, reader) >= GOOD]
            row[reader] = f"{read[-1]:g}" if read else "none"
        row["hardest tried"] = f"{axis.degrees[-1]:g}"
        rows.append(row)
        for degree in axis.degrees:
            parts = {reader: round(100 * _part(tallies, axis.name, degree, reader), 1) for reader in READERS}
            steps.append({"name": axis.name, "degree": degree, **parts})
    asked = {reader: sum(int(tally[reader]["asked"]) for tally in tallies.values() if reader in tally) for reader in READERS}
    wrong = {reader: sum(int(tally[reader]["misread"]) for tally in tallies.values() if reader in tally) for reader in READERS}
    spent = sum(tally["socpass"]["seconds"] for tally in tallies.values() if "socpass" in tally)
    behind = [
        f"{name} {degree:g}"
        for name, degree in tallies
        if _part(tallies, name, degree, "socpass") < max(_part(tallies, name, degree, reader) for reader in READERS)
    ]
    report(
        "ladder",
        f"the worst degree of which {GOOD:.0%} of {count} passes are read, versions 9 to 14 at level M",
        rows,
        notes={
            "readings": ", ".join(f"{reader} {number:,}" for reader, number in asked.items())
            + f", in all {sum(asked.values()):,}",
            "misreads": ", ".join(f"{reader} {number}" for reader, number in wrong.items()),
            "degrees at which socpass reads less than an engine alone": ", ".join(behind) or "none",
            "processor time of a reading by socpass, mean, ms": round(1000 * spent / asked["socpass"], 1),
        },
    )
    report("ladder-steps", "percent read at each degree", steps)
    if sum(wrong.values()):
        sys.exit("something was misread")


def _part(tallies: dict[tuple[str, float], Tally], axis: str, degree: float, reader: str) -> float:
    counts = tallies[axis, degree].get(reader)
    return counts["read"] / counts["asked"] if counts else 0.0


def _report_armor(count: int) -> None:
    """Let the same tokens compete as digits and as base45, in pictures of the same size."""
    read = {side: {"digits": 0, "base45": 0} for side in SIDES}
    versions: dict[str, list[int]] = {"digits": [], "base45": []}
    residents = agency.residents()
    for number in range(count):
        entitlements = tuple(Entitlement(category=2500 + 7 * place) for place in range(1 + number % MOST_ENTITLEMENTS))
        claims = replace(residents[number % len(residents)], entitlements=entitlements)
        token = socpass_vc.sign_pass(claims, agency.PASS_KEY)
        texts = {"digits": socpass_vc.write_pass(token), "base45": "SOCPASS:" + base45(b"\x01" + token)}
        for armor, text in texts.items():
            version, code = drawn(text)
            versions[armor].append(version)
            for side in SIDES:
                picture = framed(code, side / (code.width + 2 * MARGIN_MODULES))
                read[side][armor] += any(seen.text == text for seen in scan.with_zxing(picture).read)
    rows: list[dict[str, Cell]] = [
        {"name": f"{side} pixels a side", **{armor: 100 * found / count for armor, found in read[side].items()}} for side in SIDES
    ]
    pairs = list(zip(versions["digits"], versions["base45"], strict=True))
    notes = {
        "mean version": ", ".join(f"{armor} {sum(each) / count:.2f}" for armor, each in versions.items()),
        "passes whose code is smaller with digits": sum(digits < base45 for digits, base45 in pairs),
        "passes whose code is smaller with base45": sum(digits > base45 for digits, base45 in pairs),
    }
    report(
        "armor",
        f"percent of {count} passes read by one plain look, in a picture of the same size",
        rows,
        notes=notes,
    )


def _report_levels(count: int) -> None:
    """Cover passes of each level of error correction, three entitlements each, with a thumb."""
    residents = agency.residents()
    occlusion = next(axis for axis in AXES if axis.name == "occlusion")
    rows: list[dict[str, Cell]] = []
    for level in Level:
        versions, read = [], dict.fromkeys(occlusion.degrees, 0)
        for number in range(count):
            text = socpass_vc.write_pass(socpass_vc.sign_pass(residents[number % len(residents)], agency.PASS_KEY))
            version, code = drawn(text, level)
            versions.append(version)
            for degree in occlusion.degrees:
                texts = READERS["zxing-cpp"](spoiled(code, occlusion, degree, number))
                read[degree] += text in texts
        covered = {f"{degree:.0%} covered": 100 * found / count for degree, found in read.items()}
        rows.append({"name": f"level {level.value}", "mean version": sum(versions) / count, **covered})
    report("levels", f"percent of {count} passes read by one plain look, part of the code being covered", rows)


def base45(content: bytes) -> str:
    """Return *content* in base45 (RFC 9285)."""
    text = ""
    for at in range(0, len(content), 2):
        pair = content[at : at + 2]
        number = int.from_bytes(pair)
        for _ in range(len(pair) + 1):
            number, rest = divmod(number, 45)
            text += BASE45[rest]
    return text


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else A_FEW)
