"""Flatten a bent, creased or crumpled code, so that a decoder that expects a flat one can read it; decodes nothing itself.

A decoder finds the corners of such a code and how many modules it has, and then looks for its inner modules in the wrong places.
Here the corners are pulled to those of a square. In it every change from dark to light should lie on the lines between modules;
how far it lies beside them is followed from the finder patterns inwards, and undone. No module is guessed: only places change.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFilter

from socpass_vc.qr.scan import UnreadCode

PITCH = 8  # pixels per module in the square
MARGIN = 3  # modules around the code, for a decoder wants a quiet zone
PATCH = 2  # modules per side that are moved together
ROUNDS = 2  # the second mends what the first has left
SHARPEN_RADIUS = 5  # pixels: a blur of half a module and more can be turned back only once the size of a module is known
SHARPEN_PERCENT = 400
FARTHEST = 2  # pixels, a quarter of a module, by which neighbouring patches may differ in how far they are off
CHANGE_PRICE = 1.0  # grey levels an edge must gain for each squared pixel off the neighbours: found by trying
_FINDER_CENTRE = 3  # modules from the edge of a code to the middle of its finder pattern (ISO/IEC 18004, section 6.3.3)

Point = tuple[float, float]


class _Square(NamedTuple):
    """A code pulled to a square of PITCH pixels per module, with its margin; *side* counts modules, the margin's included."""

    picture: Image.Image
    side: int


def straightened(brightness: Image.Image, code: UnreadCode) -> Iterator[Image.Image]:
    """Yield *code* as a flat square, then with its inside straightened, once per round, and at last sharpened.

    Args:
        brightness: the picture that it was found in, mode L.
        code: what a decoder found there and could not read.
    """
    square = _pulled_square(brightness, code)
    if square is None:
        return
    yield square.picture
    for _ in range(ROUNDS):
        off_x = _how_far_off(square.picture, square.side)
        turned = square.picture.transpose(Image.Transpose.TRANSPOSE)
        off_y = _how_far_off(turned, square.side)
        square = _Square(_moved(square, off_x, off_y), square.side)
        yield square.picture
    yield square.picture.filter(ImageFilter.UnsharpMask(SHARPEN_RADIUS, SHARPEN_PERCENT, threshold=0))


def _pulled_square(brightness: Image.Image, code: UnreadCode) -> _Square | None:
    """Return the code as a square, or None if its corners are no quadrangle."""
    first, last = MARGIN * PITCH, (MARGIN + code.modules) * PITCH
    factors = _perspective([(first, first), (last, first), (last, last), (first, last)], code.corners)
    if factors is None:
        return None
    side = code.modules + 2 * MARGIN
    size = (side * PITCH, side * PITCH)
    picture = brightness.transform(size, Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC, fillcolor=255)
    return _Square(picture, side)


def _perspective(goal: list[Point], source: tuple[Point, ...]) -> list[float] | None:
    """Return the eight factors that Pillow wants to paint *source* onto *goal*, by Gauss's elimination, or None."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(goal, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(len(rows)):
        best = max(range(at, len(rows)), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        pivot = rows[at][at]
        if abs(pivot) < 1e-9:  # noqa: PLR2004 -- corners in one line or one point
            return None
        rows[at] = [value / pivot for value in rows[at]]
        for other in range(len(rows)):
            if other != at:
                factor = rows[other][at]
                rows[other] = [value - factor * own for value, own in zip(rows[other], rows[at], strict=True)]
    return [row[-1] for row in rows]


def _edges(picture: Image.Image, side: int) -> list[bytes]:
    """Return for each of the PITCH columns of pixels in a module how strong the edges in it are, one byte per patch."""
    changes = ImageChops.difference(picture, ImageChops.offset(picture, 1, 0)).tobytes()
    patches = (_patches(side),) * 2
    strengths = []
    for column in range(PITCH):
        narrow = Image.frombytes("L", (side, side * PITCH), changes[column::PITCH])
        strengths.append(narrow.resize(patches, Image.Resampling.BOX).filter(ImageFilter.BoxBlur(1)).tobytes())
    return strengths


def _patches(side: int) -> int:
    return -(-side // PATCH)


def _how_far_off(picture: Image.Image, side: int) -> list[float]:
    """Return for each module, row by row, by how many pixels its left edge lies to the right of where it should.

    An edge that is off by a whole module looks right: so each patch is asked after its neighbours, which lie nearer to a finder
    pattern, where a decoder's corners are exact, and may differ from them by little.
    """
    strengths = _edges(picture, side)
    across = _patches(side)
    first, last = MARGIN // PATCH, (side - 1 - MARGIN) // PATCH  # beyond the code there are no modules
    near, far = (MARGIN + _FINDER_CENTRE) / PATCH, (side - 1 - MARGIN - _FINDER_CENTRE) / PATCH
    finders = ((near, near), (near, far), (far, near))
    order = sorted(
        range(across * across), key=lambda place: min((place // across - r) ** 2 + (place % across - c) ** 2 for r, c in finders)
    )
    off: list[float | None] = [None] * (across * across)
    for place in order:
        row, column = divmod(place, across)
        around = [
            value
            for line in range(max(0, row - 1), min(across, row + 2))
            for value in off[line * across + max(0, column - 1) : line * across + min(across, column + 2)]
            if value is not None
        ]
        expected = sum(around) / len(around) if around else 0.0
        off[place] = expected
        if first <= row <= last and first <= column <= last:
            middle = round(expected)
            best = max(
                range(middle - FARTHEST, middle + FARTHEST + 1),
                key=lambda pixels: strengths[pixels % PITCH][place] - CHANGE_PRICE * (pixels - expected) ** 2,
            )
            off[place] = (expected + best) / 2
    field = Image.new("F", (across, across))
    field.putdata([value or 0.0 for value in off])
    smooth = field.resize((side, side), Image.Resampling.BICUBIC, box=(0, 0, side / PATCH, side / PATCH))
    return [float(value) for value in memoryview(smooth.tobytes()).cast("f")]


def _moved(square: _Square, off_x: list[float], off_y: list[float]) -> Image.Image:
    """Return the square with each patch fetched from where it lies; *off_y* is by columns."""
    side = square.side

    def lies(row: int, column: int) -> Point:
        r, c = min(row, side - 1), min(column, side - 1)
        return column * PITCH + off_x[r * side + c], row * PITCH + off_y[c * side + r]

    mesh = []
    for row in range(0, side, PATCH):
        for column in range(0, side, PATCH):
            below, right = min(row + PATCH, side), min(column + PATCH, side)
            corners = (lies(row, column), lies(below, column), lies(below, right), lies(row, right))
            mesh.append(
                ((column * PITCH, row * PITCH, right * PITCH, below * PITCH), tuple(x for point in corners for x in point))
            )
    return square.picture.transform(square.picture.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)
