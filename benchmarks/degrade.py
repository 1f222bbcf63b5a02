"""Pictures of codes as tills meet them: tilted, blurred, bent, lit badly, covered, squeezed; each by degrees, each by a seed.

It knows pictures and no passes: what is drawn here could hold anything. The same axis, degree and seed give the same pixels.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from math import cos, radians, sin
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Pixels = NDArray[np.float64]
"""Brightness, rows by columns, 0 black to 255 white."""

SCALE = 5
"""Pixels a module where the axis is another one: what a telephone held a hand's breadth too far away gives."""
FINE = 2
"""Warps start from a picture so many times larger, as a lens does."""
TABLE = 96
"""Brightness of what lies around the code."""
MARGIN_MODULES = 4
"""The quiet zone that a code is printed with (ISO/IEC 18004, section 9.1)."""


class Axis(NamedTuple):
    """One way to spoil a picture.

    Args:
        name: of the axis.
        unit: what its degrees are counted in.
        degrees: from harmless to hopeless.
        spoil: makes the picture from a code (mode L, a pixel a module, no margin), a degree and a source of chance.
    """

    name: str
    unit: str
    degrees: tuple[float, ...]
    spoil: Callable[[Image.Image, float, np.random.Generator], Image.Image]


def spoiled(code: Image.Image, axis: Axis, degree: float, seed: int) -> Image.Image:
    """Return the picture (mode L) of *code*, spoiled to a *degree*.

    Args:
        code: mode L, a pixel a module, no margin.
        axis: one of AXES.
        degree: one of its degrees, or any between.
        seed: the same one gives the same picture.
    """
    chance = np.random.default_rng([seed, round(degree * 1000), *axis.name.encode()])
    return axis.spoil(code, degree, chance)


def phone_photo(code: Image.Image, seed: int) -> Image.Image:
    """Return *code* as a telephone would take it, mode RGB: larger, tilted a little, unevenly lit, noisy, JPEG."""
    chance = np.random.default_rng(seed)
    picture = _tilted(code, 25 + 10 * chance.random(), chance, scale=9)
    pixels = _lit(_pixels(picture), 0.35, chance)
    pixels = _noisy(_pixels(_picture(pixels).filter(ImageFilter.GaussianBlur(1.2))), 9, chance)
    return Image.open(io.BytesIO(_jpeg(_picture(pixels), 70))).convert("RGB")


def framed(code: Image.Image, scale: float, margin_modules: float = MARGIN_MODULES, around: float = TABLE) -> Image.Image:
    """Return *code* at *scale* pixels a module with its margin, lying on something of another brightness."""
    side = code.width + 2 * margin_modules
    whole = max(1, round(FINE * scale))  # drawn in whole pixels, then brought down
    card = Image.new("L", (round(side * whole),) * 2, 255)
    at = round(margin_modules * whole)
    card.paste(code.resize((code.width * whole,) * 2, Image.Resampling.NEAREST), (at, at))
    card = card.resize((round(side * scale),) * 2, Image.Resampling.BOX if whole == FINE * scale else Image.Resampling.BICUBIC)
    edge = round(6 * scale)
    table = Image.new("L", (card.width + 2 * edge,) * 2, round(around))
    table.paste(card, (edge, edge))
    return table


def _pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture, dtype=np.float64)


def _picture(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _lit(pixels: Pixels, darkest: float, chance: np.random.Generator) -> Pixels:
    """Let the light fall from one side: from all of it down to the part *darkest*, along a random direction."""
    height, width = pixels.shape
    way = chance.uniform(0, 2 * np.pi)
    rows, columns = np.mgrid[0 : 1 : complex(height), 0 : 1 : complex(width)]
    along = np.cos(way) * (columns - 0.5) + np.sin(way) * (rows - 0.5)
    along = (along - along.min()) / np.ptp(along)
    light: Pixels = darkest + (1 - darkest) * along
    return pixels * light


def _noisy(pixels: Pixels, sigma: float, chance: np.random.Generator) -> Pixels:
    return pixels + chance.normal(0, sigma, pixels.shape)


def _tilted(code: Image.Image, angle: float, chance: np.random.Generator, scale: float = SCALE) -> Image.Image:
    """Turn the card away about an axis in its plane, seen from four times its width; then turn it in the picture."""
    fine = framed(code, scale * FINE)
    half = fine.width / 2
    axis, roll = chance.uniform(0, 2 * np.pi), chance.uniform(0, 2 * np.pi)
    distance = 8 * half
    corners = []
    for x, y in ((-half, -half), (half, -half), (half, half), (-half, half)):
        along = x * cos(axis) + y * sin(axis)
        across = -x * sin(axis) + y * cos(axis)
        depth = distance + across * sin(radians(angle))
        along, across = along * distance / depth, across * cos(radians(angle)) * distance / depth
        flat_x, flat_y = along * cos(axis) - across * sin(axis), along * sin(axis) + across * cos(axis)
        corners.append((flat_x * cos(roll) - flat_y * sin(roll), flat_x * sin(roll) + flat_y * cos(roll)))
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    width, height = max(x for x, _ in corners) - left, max(y for _, y in corners) - top
    square = ((0, 0), (fine.width, 0), (fine.width, fine.width), (0, fine.width))
    rows, right = [], []
    for (x, y), (u, v) in zip(((x - left, y - top) for x, y in corners), square, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    factors = np.linalg.solve(np.array(rows), np.array(right)).tolist()
    size = (round(width), round(height))
    seen = fine.transform(size, Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC, fillcolor=TABLE)
    return seen.resize((size[0] // FINE, size[1] // FINE), Image.Resampling.BOX)


def _blurred(code: Image.Image, sigma: float, _: np.random.Generator) -> Image.Image:
    return framed(code, SCALE).filter(ImageFilter.GaussianBlur(sigma * SCALE))


def _moved(code: Image.Image, modules: float, chance: np.random.Generator) -> Image.Image:
    """Smear along a random direction over so many modules."""
    pixels = _pixels(framed(code, SCALE))
    way = chance.uniform(0, np.pi)
    steps = np.linspace(-0.5, 0.5, max(2, round(4 * modules * SCALE))) * modules * SCALE
    moved = [np.roll(pixels, (round(step * sin(way)), round(step * cos(way))), (0, 1)) for step in steps]
    return _picture(np.mean(moved, axis=0))


def _squeezed(code: Image.Image, quality: float, _: np.random.Generator) -> Image.Image:
    """As a messenger does: made smaller, to 2.2 pixels a module, then JPEG of a low quality."""
    return Image.open(io.BytesIO(_jpeg(framed(code, 2.2), round(quality)))).convert("L")


def _faded(code: Image.Image, contrast: float, chance: np.random.Generator) -> Image.Image:
    """Leave so many of 255 steps between dark and light, beside the noise of a sensor."""
    pixels = _pixels(framed(code, SCALE)) / 255
    return _picture(_noisy(60 + pixels * contrast, 1.5, chance))


def _noise(code: Image.Image, sigma: float, chance: np.random.Generator) -> Image.Image:
    return _picture(_noisy(_pixels(framed(code, SCALE)), sigma, chance))


def _light(code: Image.Image, darkest: float, chance: np.random.Generator) -> Image.Image:
    return _picture(_noisy(_lit(_pixels(framed(code, SCALE)), darkest, chance), 1.5, chance))


def _glare(code: Image.Image, part: float, chance: np.random.Generator) -> Image.Image:
    """Let a lamp shine on the laminate: its middle, *part* of the code's area, is white, around it the ink pales."""
    pixels = _pixels(framed(code, SCALE))
    height, width = pixels.shape
    side = code.width * SCALE
    radius = side * (part / np.pi) ** 0.5
    at = chance.uniform(-0.25, 0.25, 2) * side + (height / 2, width / 2)
    rows, columns = np.mgrid[0:height, 0:width]
    away = np.hypot(rows - at[0], columns - at[1]) / max(radius, 1)
    shine = np.clip(1.6 - 0.6 * away**2, 0, 1)  # saturated as far as the radius, and gone at 1.6 times it
    return _picture(_noisy(pixels * 0.85 + 255 * shine, 2, chance))


def _moire(code: Image.Image, strength: float, chance: np.random.Generator) -> Image.Image:
    """Photograph a screen: bands where its pixels and the camera's beat, in two directions."""
    pixels = _pixels(framed(code, SCALE))
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    bands = np.zeros(pixels.shape)
    for way in chance.uniform(0, np.pi, 2):
        period = chance.uniform(1.2, 4) * SCALE
        bands += np.sin(2 * np.pi * (np.cos(way) * columns + np.sin(way) * rows) / period + chance.uniform(0, 6))
    return _picture(_noisy(40 + pixels * 0.6 + strength * bands / 2, 2, chance))


def _covered(code: Image.Image, part: float, chance: np.random.Generator) -> Image.Image:
    """Lay a grey thumb over *part* of the code's area, between the finder patterns."""
    pixels = _pixels(framed(code, SCALE)).copy()
    side = code.width * SCALE
    edge = (pixels.shape[0] - side) / 2
    half_width, half_height = side * part**0.5 / 2 * np.array((1.3, 1 / 1.3))
    middle = edge + side * chance.uniform(0.5, 0.62, 2)
    rows, columns = np.mgrid[0 : pixels.shape[0], 0 : pixels.shape[1]]
    under = (np.abs(columns - middle[0]) < half_width) & (np.abs(rows - middle[1]) < half_height)
    pixels[under] = 130
    return _picture(_noisy(pixels, 2, chance))


def _bent(code: Image.Image, angle: float, chance: np.random.Generator) -> Image.Image:
    """Wrap the card around a cylinder, so that its edges are turned away by *angle*; then turn it in the picture."""
    fine = framed(code, SCALE * FINE, around=255)
    half = fine.width / 2
    turned = radians(angle)
    seen_half = half * sin(turned) / turned
    width = round(2 * seen_half)
    mesh = []
    step = 8
    for left in range(0, width, step):
        right = min(left + step, width)
        edges = [half + half / turned * np.arcsin(np.clip((x - seen_half) * turned / half, -1, 1)) for x in (left, right)]
        mesh.append(((left, 0, right, fine.height), (edges[0], 0, edges[0], fine.height, edges[1], fine.height, edges[1], 0)))
    seen = fine.transform((width, fine.height), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)
    seen = seen.rotate(chance.uniform(0, 360), Image.Resampling.BICUBIC, expand=True, fillcolor=TABLE)
    return seen.resize((seen.width // FINE, seen.height // FINE), Image.Resampling.BOX)


def _cut_close(code: Image.Image, modules: float, chance: np.random.Generator) -> Image.Image:
    """Leave so many modules of quiet zone, and write beside it."""
    table = _pixels(framed(code, SCALE, modules, around=40))
    edge = round(6 * SCALE)
    written = chance.choice((40.0, 220.0), size=(table.shape[0] // 4 + 1, table.shape[1] // 4 + 1)).repeat(4, 0).repeat(4, 1)
    inside = np.zeros(table.shape, dtype=bool)
    inside[edge:-edge, edge:-edge] = True
    return _picture(np.where(inside, table, written[: table.shape[0], : table.shape[1]]))


def _in_the_dark(code: Image.Image, brightness: float, chance: np.random.Generator) -> Image.Image:
    """Show it light on dark, on a telephone whose screen is turned down so far."""
    pixels = 255 - _pixels(framed(code, SCALE, around=235))
    return _picture(_noisy(6 + pixels / 255 * brightness, 3, chance))


def _small(code: Image.Image, scale: float, chance: np.random.Generator) -> Image.Image:
    """Show a module in so few pixels, at a random place between them."""
    fine = framed(code, 8)
    side = fine.width * scale / 8
    x, y = chance.uniform(0, 8 / scale, 2)
    size = (int(side) - 1, int(side) - 1)
    box = (x, y, x + size[0] * 8 / scale, y + size[1] * 8 / scale)
    return _picture(_noisy(_pixels(fine.resize(size, Image.Resampling.BOX, box=box)), 3, chance))


AXES = (
    Axis("tilt", "degrees", (30, 45, 55, 60, 65, 70, 75), _tilted),
    Axis("blur", "sigma, modules", (0.3, 0.4, 0.5, 0.6, 0.7), _blurred),
    Axis("motion", "modules", (0.5, 1, 1.5, 1.75, 2, 2.5), _moved),
    Axis("noise", "sigma", (30, 50, 70, 90, 120, 150, 180, 210), _noise),
    Axis("jpeg", "quality", (30, 15, 8, 5, 3, 1), _squeezed),
    Axis("contrast", "steps of 255", (60, 30, 16, 10, 7, 5), _faded),
    Axis("light", "darkest part", (0.3, 0.1, 0.04, 0.02, 0.01), _light),
    Axis("glare", "part of the area", (0.02, 0.04, 0.06, 0.08, 0.1, 0.12), _glare),
    Axis("moire", "steps of 255", (40, 50, 60, 70, 80, 100), _moire),
    Axis("occlusion", "part of the area", (0.04, 0.08, 0.1, 0.12, 0.15, 0.2), _covered),
    Axis("cylinder", "degrees at the edge", (30, 45, 55, 60, 65, 70, 75), _bent),
    Axis("quiet zone", "modules", (4, 2, 1, 0.5, 0), _cut_close),
    Axis("inversion", "brightness of 255", (200, 80, 40, 20, 12, 8), _in_the_dark),
    Axis("pixels", "a module", (3, 2.5, 2, 1.8, 1.6, 1.4, 1.2, 1.1), _small),
)
