"""Tell what is wrong with a picture in which no code could be read, so that a person knows what to change; reads no code.

What it says is a guess from brightness, edges and finder patterns, in words that are stable (specs/cli.md, section 4).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import dist
from typing import NamedTuple

from PIL import Image, ImageChops

from socpass_vc.qr.cascade import thresholded
from socpass_vc.qr.scan import UnreadCode

TOO_SMALL = "too_small"
TOO_DARK = "too_dark"
FLAT = "flat"
BLURRED = "blurred"
CUT_OFF = "cut_off"
DAMAGED = "damaged"
NO_CODE = "no_code"

WHITE = 255
LOOK_AT_UP_TO = 600  # pixels per side: a finder pattern that cannot be seen in so many would not be read in more
FEWEST_PIXELS_PER_MODULE = 2.0  # below which reading needs luck (docs/guides/reading.md)
RESERVE_PIXELS_PER_MODULE = 3.0  # below which a preview's JPEG, or anything else, may be too much
A_FEW = 1_000  # one of so many pixels: fewer are specks
LEAST_SPREAD = 40  # of 255, between the darkest and the brightest few of the pixels
DARK = 90  # of 255: what is not brighter anywhere is dark
SHARP = 0.2  # of the spread, by which neighbouring pixels differ in a few places; a blur of two pixels gives so much
SMALLEST_PASS = 122  # pixels per side: version 9, the smallest a pass may need, at two pixels per module, with its margin
FEWEST_PIXELS_TOLD_APART = 2.0  # per module of a finder pattern: noise makes smaller ones
LEAST_CROSSINGS = 0.8  # lines across the middle of a finder pattern for each pixel of a module: half of what a whole one has
SLACK = 0.4  # modules by which a stripe of a finder pattern may be too wide or too narrow
ALIKE = 1.4  # times, by which the finder patterns of one code may differ in size: the far side of a tilted one is smaller
FINDERS = 3  # of a whole code (ISO/IEC 18004, section 6.3.3)


class _Finder(NamedTuple):
    """A finder pattern: its middle and the size of a module, in pixels, and how many lines were seen to cross its middle."""

    x: float
    y: float
    unit: float
    crossings: int


class Diagnosis(NamedTuple):
    """What is wrong with a picture.

    Args:
        hints: stable words, the likeliest first; at least one.
        pixels_per_module: of the code that was found and not read, or None.
    """

    hints: tuple[str, ...]
    pixels_per_module: float | None


def symptoms(brightness: Image.Image, unread: list[UnreadCode]) -> Diagnosis:
    """Return what is wrong with a picture in which no attempt found a code.

    Args:
        brightness: mode L.
        unread: the codes that were found in it and could not be read.
    """
    picture = brightness.copy()
    picture.thumbnail((LOOK_AT_UP_TO, LOOK_AT_UP_TO), Image.Resampling.BOX)
    if max(picture.size) <= LOOK_AT_UP_TO // 2:
        picture = picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC)
    shrunk = max(brightness.size) / max(picture.size)
    darkest, brightest = _nearly_extrema(picture)
    spread = brightest - darkest
    hints = []
    if spread < LEAST_SPREAD:
        hints.append(TOO_DARK if brightest < DARK else FLAT)
    elif brightest < DARK:
        hints.append(TOO_DARK)
    pixels = max(map(_pixels_per_module, unread), default=None)
    finders = _finders(picture)
    if pixels is None and len(finders) >= FINDERS:
        pixels = max(finder.unit for finder in finders) * shrunk
    is_there = pixels is not None
    if (pixels is not None and pixels < FEWEST_PIXELS_PER_MODULE) or max(brightness.size) < SMALLEST_PASS:
        hints.append(TOO_SMALL)
    elif _is_blurred(picture, spread):
        hints.append(BLURRED)
    elif is_there:
        hints += [TOO_SMALL, DAMAGED] if pixels is not None and pixels < RESERVE_PIXELS_PER_MODULE else [DAMAGED]
    if not is_there and finders:
        hints.append(CUT_OFF)
    return Diagnosis(tuple(hints) or (NO_CODE,), round(pixels, 1) if pixels is not None else None)


def _nearly_extrema(picture: Image.Image) -> tuple[int, int]:
    """Return the brightness that one of A_FEW pixels does not exceed, and that which one of them reaches."""
    counts = picture.histogram()
    few = max(sum(counts) // A_FEW, 1)
    return _reached(counts, few), WHITE - _reached(counts[::-1], few)


def _reached(counts: list[int], wanted: int) -> int:
    total = 0
    for value, count in enumerate(counts):
        total += count
        if total >= wanted:
            return value
    return WHITE


def _is_blurred(picture: Image.Image, spread: int) -> bool:
    """Tell whether even the sharpest edges are soft, across or down: a hand moves in one direction."""
    if spread < 2 or min(picture.size) < 2:  # noqa: PLR2004 -- one grey, one line: no edges at all
        return False
    for right, down in ((1, 0), (0, 1)):
        changes = ImageChops.difference(picture, ImageChops.offset(picture, right, down)).crop((right, down, *picture.size))
        if _nearly_extrema(changes)[1] < SHARP * spread:
            return True
    return False


def _pixels_per_module(code: UnreadCode) -> float:
    sides = [dist(code.corners[at], code.corners[at - 1]) for at in range(4)]
    return sum(sides) / 4 / code.modules


_RUN = re.compile(rb"\0+|\xff+")


def _finders(picture: Image.Image) -> list[_Finder]:
    """Return the finder patterns: dark, light, dark, light, dark in the ratio 1:1:3:1:1, across and down."""
    plain = thresholded(picture, max(picture.size) // 8)
    width, height = plain.size
    pixels = plain.tobytes()
    found: list[_Finder] = []
    for y in range(0, height, 2):
        for x, unit in _ratios(pixels[y * width : (y + 1) * width]):
            known = next((finder for finder in found if abs(x - finder.x) < 2 * unit and abs(y - finder.y) < 4 * unit), None)
            if known is not None:
                found[found.index(known)] = known._replace(crossings=known.crossings + 1)
            elif any(
                abs(y - down) < 2 * unit and unit / ALIKE < size < unit * ALIKE
                for down, size in _ratios(pixels[round(x) :: width])
            ):
                found.append(_Finder(x, y, unit, 1))
    likely = [
        finder
        for finder in found
        if finder.crossings >= max(2, finder.unit * LEAST_CROSSINGS) and finder.unit >= FEWEST_PIXELS_TOLD_APART
    ]
    return max(
        ([other for other in likely if 1 / ALIKE < other.unit / finder.unit < ALIKE] for finder in likely), key=len, default=[]
    )


def _ratios(line: bytes) -> Iterator[tuple[float, float]]:
    """Yield the middles of what looks like a finder pattern along a line, with the pixels per module."""
    runs = [(match.start(), match.end() - match.start(), line[match.start()]) for match in _RUN.finditer(line)]
    for at in range(2, len(runs) - 2):
        if runs[at][2]:
            continue
        lengths = [length for _, length, _ in runs[at - 2 : at + 3]]
        unit = sum(lengths) / 7
        outer = (lengths[0], lengths[1], lengths[3], lengths[4])
        if abs(lengths[2] - 3 * unit) <= unit * SLACK * 2 and all(abs(length - unit) <= unit * SLACK for length in outer):
            yield runs[at][0] + lengths[2] / 2, unit
