"""How many real photographs are read, and what each way to look adds: ``python -m benchmarks.photos FOLDER``.

FOLDER holds pictures and a manifest.json: an array of {"file": path in FOLDER, "texts": array of the texts in it, or null}. An
empty array says that there is no code in the picture; null, that nobody knows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time
from typing import NamedTuple

from PIL import Image

from benchmarks.report import Cell, report
from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import scan
from socpass_vc.qr.cascade import STEPS, Plane
from socpass_vc.qr.container import identify
from socpass_vc.qr.picture import BOUNDS, WHITE, open_pictures
from socpass_vc.qr.read import BUDGET_SECONDS
from socpass_vc.qr.search import find_codes

SHOWN = 20
"""Names of pictures listed at most."""
TURN = 20
"""Degrees by which a picture is turned to read a doubtful text once more, from other pixels."""


class Photo(NamedTuple):
    """A picture and the texts that it is said to hold; none if it holds no code, None if nobody knows."""

    name: str
    path: Path
    texts: frozenset[str] | None


class Outcome(NamedTuple):
    """What one reader made of one picture: texts, and milliseconds by the clock and of processor time."""

    texts: tuple[str, ...]
    clock: float
    processor: float


Reader = Callable[[Path], tuple[str, ...]]


def _planes(path: Path) -> Iterator[Image.Image]:
    """Yield the pictures in a file, in their full size; none if it holds none that can be opened."""
    try:
        file = path.read_bytes()
        pictures = open_pictures(file, identify(file), BOUNDS)
        yield from (picture.on(WHITE) for picture in pictures if not picture.is_preview)
    except NoCodeFound:
        return


def _with_zxing(path: Path) -> tuple[str, ...]:
    return tuple(seen.text for plane in _planes(path) for seen in scan.with_zxing(plane).read)


def _with_zbar(path: Path) -> tuple[str, ...]:
    return tuple(seen.text for plane in _planes(path) for seen in scan.with_zbar(plane))


def _all_ways(path: Path) -> tuple[str, ...]:
    """Stop at any text: the codes of these pictures are no passes. In this process, for its processor time."""
    try:
        file = path.read_bytes()
        return find_codes(file, identify(file), enough=lambda _: True, budget_seconds=BUDGET_SECONDS)
    except NoCodeFound:
        return ()


READERS: dict[str, Reader] = {"zxing-cpp": _with_zxing, "ZBar": _with_zbar, "socpass": _all_ways}


def run(folder: Path) -> None:
    """Measure, print and write photos.json and photos-steps.json."""
    photos = _photos(folder)
    outcomes: dict[str, list[Outcome]] = {name: [] for name in READERS}
    for photo in photos:
        for name, reader in READERS.items():
            outcomes[name].append(_timed(reader, photo.path))
    _report_readers(photos, outcomes)
    _report_steps([photo for photo in photos if photo.texts])


def _photos(folder: Path) -> list[Photo]:
    try:
        entries = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        photos = [
            Photo(entry["file"], folder / entry["file"], None if entry["texts"] is None else frozenset(entry["texts"]))
            for entry in entries
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{folder}: needs a manifest.json as benchmarks/photos.py describes: {error!r}")
    missing = [photo.name for photo in photos if not photo.path.is_file()]
    if missing:
        sys.exit(f"{folder}: {len(missing)} of the manifest's files are missing: {', '.join(missing[:SHOWN])}")
    return photos


def _timed(reader: Reader, path: Path) -> Outcome:
    clock, processor = perf_counter(), process_time()
    texts = reader(path)
    return Outcome(texts, 1000 * (perf_counter() - clock), 1000 * (process_time() - processor))


def _report_readers(photos: list[Photo], outcomes: dict[str, list[Outcome]]) -> None:
    known = [number for number, photo in enumerate(photos) if photo.texts]
    empty = [number for number, photo in enumerate(photos) if photo.texts is not None and not photo.texts]
    rows: list[dict[str, Cell]] = []
    notes: dict[str, object] = {}
    for name, results in outcomes.items():
        read = [
            number for number in known if photos[number].texts and (photos[number].texts or set()) <= set(results[number].texts)
        ]
        others = [
            (photos[number], text)
            for number in known
            for text in results[number].texts
            if text not in (photos[number].texts or ())
        ]
        wrong = [(photo, text) for photo, text in others if not _is_there(photo.path, text)]
        rows.append(
            {
                "name": name,
                "read": len(read),
                "of": len(known),
                "percent": 100 * len(read) / max(len(known), 1),
                "wrong": len(wrong),
                "not in the manifest": len(others) - len(wrong),
                "codes where none is": sum(len(results[number].texts) for number in empty),
                "mean ms": mean([results[number].clock for number in known] or [0.0]),
                "median ms": median([results[number].clock for number in known] or [0.0]),
                "mean cpu ms": mean([results[number].processor for number in known] or [0.0]),
                "median cpu ms": median([results[number].processor for number in known] or [0.0]),
                "cpu ms where none is": mean(results[number].processor for number in empty) if empty else None,
            }
        )
        if name == "socpass":
            left = [photos[number].name for number in known if number not in read]
            notes["left unread"] = ", ".join(left[:SHOWN]) + (" ..." if len(left) > SHOWN else "") or "none"
            notes["read again from other pixels, and not what the manifest says"] = (
                ", ".join(sorted({photo.name for photo, text in others if (photo, text) not in wrong})[:SHOWN]) or "none"
            )
            notes["wrong"] = ", ".join(photo.name for photo, _ in wrong[:SHOWN]) or "none"
    report("photos", f"{len(known)} photographs with known texts, {len(empty)} without a code", rows, notes=notes)


def _is_there(path: Path, text: str) -> bool:
    """Tell whether *text*, which the manifest does not have, is read once more by other means: then it stands in the picture."""
    for plane in _planes(path):
        turned = plane.rotate(TURN, Image.Resampling.BICUBIC, expand=True, fillcolor=WHITE)
        sights = (scan.with_zxing(turned, one_threshold=True).read, scan.with_zxing(turned).read, scan.with_zbar(turned))
        if any(seen.text == text for sight in sights for seen in sight):
            return True
    return False


def _report_steps(photos: list[Photo]) -> None:
    """Let each picture go through the ways to look until one reads something."""
    names = ["as it is", *(step.name for step in STEPS)]
    adds = dict.fromkeys(names, 0)
    asked = dict.fromkeys(names, 0)
    spent = dict.fromkeys(names, 0.0)
    for photo in photos:
        brightness = next(_planes(photo.path), None)
        if brightness is None:
            continue
        start = process_time()
        sight = scan.with_zxing(brightness)
        spent[names[0]] += process_time() - start
        asked[names[0]] += 1
        adds[names[0]] += bool(sight.read)
        if sight.read:
            continue
        plane = Plane(brightness, sight.unread)
        for step in STEPS:
            start = process_time()
            read = step.look(plane)
            spent[step.name] += process_time() - start
            asked[step.name] += 1
            adds[step.name] += bool(read)
            if read:
                break
    rows: list[dict[str, Cell]] = [
        {"name": name, "asked": asked[name], "adds": adds[name], "cpu ms each": 1000 * spent[name] / max(asked[name], 1)}
        for name in names
    ]
    report("photos-steps", "what each way to look adds, in their order", rows)


if __name__ == "__main__":
    if len(sys.argv) != 2:  # noqa: PLR2004 -- the program and the folder
        sys.exit("say where the photographs are: python -m benchmarks.photos FOLDER")
    run(Path(sys.argv[1]))
