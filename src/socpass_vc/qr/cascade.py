"""Further ways to look for QR codes in a plane of brightness where one plain look found none: the cheap and likely first.

What each costs and adds is measured by ``make bench-photos`` and ``make bench-ladder``; docs/guides/reading.md has the tables. A
way is here for a kind of damage, never for one picture. It knows no files and not what the texts say.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, cos, pi, sin
from typing import NamedTuple

from PIL import Image, ImageChops, ImageFilter

from socpass_vc.qr import scan
from socpass_vc.qr.scan import FoundCode, UnreadCode

LOOK_CLOSELY_UP_TO = 1_600  # pixels of the longer side; what is larger is made so small for all but the first two looks
DOUBLE_UP_TO = 1_600  # likewise, for what is done on twice the size
STRETCH_UP_TO = 800  # likewise, before it is stretched to twice the width
ZBAR_UP_TO = 600  # likewise: ZBar reads no more from more, and its time grows with the area
FRAME = 16  # pixels of white around a picture whose code goes to its edge
STRETCHES = 4  # directions in which a code may be tilted away, a half turn in all
MOST_UNREAD = 2  # codes of one look that were found and not read: two passes side by side
MOST_STRAIGHTENED = 6  # of a plane; each takes as long as all looks before it
WHITE = 255


class Plane:
    """A plane of brightness, its smaller copies, and the codes that were found in it and could not be read.

    Args:
        brightness: mode L, at most 65,535 pixels per side.
        unread: the codes that the plain look found and could not read.
    """

    def __init__(self, brightness: Image.Image, unread: list[UnreadCode]) -> None:
        self.brightness = brightness
        self.unread = [(brightness, code) for code in unread[:MOST_UNREAD]]
        self._straightened = 0
        self._copies: dict[int, Image.Image] = {}

    def at_most(self, side: int) -> Image.Image:
        """Return it with at most *side* pixels per side."""
        if max(self.brightness.size) <= side:
            return self.brightness
        if side not in self._copies:
            copy = self.brightness.copy()
            copy.thumbnail((side, side), Image.Resampling.BOX, reducing_gap=None)
            self._copies[side] = copy
        return self._copies[side]

    def look(self, picture: Image.Image, *, one_threshold: bool = False) -> list[FoundCode]:
        """Return what zxing-cpp reads in *picture*, and remember what it found without reading it."""
        sight = scan.with_zxing(picture, one_threshold=one_threshold)
        self.unread += [(picture, code) for code in sight.unread[:MOST_UNREAD]]
        return sight.read

    def not_yet_straightened(self) -> list[tuple[Image.Image, UnreadCode]]:
        """Return the unread codes that came since this was last asked."""
        new = self.unread[self._straightened : MOST_STRAIGHTENED]
        self._straightened += len(new)
        return new


class Step(NamedTuple):
    """One way to look: its name in tables, and how."""

    name: str
    look: Callable[[Plane], list[FoundCode]]


def _one_threshold(plane: Plane) -> list[FoundCode]:
    return plane.look(plane.brightness, one_threshold=True)


def _blurred(plane: Plane) -> list[FoundCode]:
    """Average the noise of a dark room away."""
    return plane.look(plane.at_most(LOOK_CLOSELY_UP_TO).filter(ImageFilter.BoxBlur(1)))


def _blurred_more(plane: Plane) -> list[FoundCode]:
    return plane.look(plane.at_most(LOOK_CLOSELY_UP_TO).filter(ImageFilter.BoxBlur(2)))


def _straightened(plane: Plane) -> list[FoundCode]:
    """Put straight what was found bent or crumpled."""
    from socpass_vc.qr.straighten import straightened  # noqa: PLC0415 -- a clean picture does not come so far

    for picture, code in plane.not_yet_straightened():
        for flat in straightened(picture, code):
            read = scan.with_zxing(flat).read
            if read:
                across = [x for x, _ in code.corners]
                down = [y for _, y in code.corners]
                return [FoundCode(text=seen.text, left=min(across), top=min(down), bottom=max(down)) for seen in read]
    return []


def _doubled(plane: Plane) -> list[FoundCode]:
    """Give small modules the pixels that a decoder wants, and a code without a margin a margin."""
    return plane.look(_twice(plane)) if _is_up_to(plane, DOUBLE_UP_TO) else []


def _doubled_one_threshold(plane: Plane) -> list[FoundCode]:
    return plane.look(_twice(plane), one_threshold=True) if _is_up_to(plane, DOUBLE_UP_TO) else []


def _sharpened(plane: Plane) -> list[FoundCode]:
    """Bring back modules that a blur has merged."""
    if not _is_up_to(plane, DOUBLE_UP_TO):
        return plane.look(plane.at_most(LOOK_CLOSELY_UP_TO).filter(ImageFilter.UnsharpMask(radius=2, percent=200, threshold=0)))
    return plane.look(_twice(plane).filter(ImageFilter.UnsharpMask(radius=2, percent=200, threshold=0)))


def _above_what_lies_around(plane: Plane) -> list[FoundCode]:
    """Find faint modules in changing light: dark is what is darker than its surroundings, by however little."""
    picture = _twice(plane) if _is_up_to(plane, DOUBLE_UP_TO // 2) else plane.at_most(LOOK_CLOSELY_UP_TO)
    return plane.look(thresholded(picture, max(picture.size) // 20))


def _second_reader(plane: Plane) -> list[FoundCode]:
    return scan.with_zbar(plane.at_most(ZBAR_UP_TO))


def _second_reader_above_what_lies_around(plane: Plane) -> list[FoundCode]:
    picture = plane.at_most(ZBAR_UP_TO)
    return scan.with_zbar(thresholded(picture, max(picture.size) // 10))


def _stretched(plane: Plane) -> list[FoundCode]:
    """Undo a steep tilt: make the picture twice as wide along each of a few directions."""
    for turn in range(STRETCHES):
        read = plane.look(_twice_as_wide(plane.at_most(STRETCH_UP_TO), pi * turn / STRETCHES))
        if read:
            return read
    return []


STEPS = (
    Step("one threshold", _one_threshold),
    Step("slightly blurred", _blurred),
    Step("straightened", _straightened),
    Step("doubled", _doubled),
    Step("doubled, straightened", _straightened),
    Step("ZBar", _second_reader),
    Step("stretched", _stretched),
    Step("stretched, straightened", _straightened),
    Step("ZBar, local threshold", _second_reader_above_what_lies_around),
    Step("local threshold", _above_what_lies_around),
    Step("blurred", _blurred_more),
    Step("doubled, one threshold", _doubled_one_threshold),
    Step("sharpened", _sharpened),
    Step("last, straightened", _straightened),
)


def _is_up_to(plane: Plane, side: int) -> bool:
    return max(plane.brightness.size) <= side


def _twice(plane: Plane) -> Image.Image:
    width, height = plane.brightness.size
    framed = Image.new("L", (width + 2 * FRAME, height + 2 * FRAME), WHITE)
    framed.paste(plane.brightness, (FRAME, FRAME))
    return framed.resize((framed.width * 2, framed.height * 2), Image.Resampling.BICUBIC)


def thresholded(picture: Image.Image, radius: int) -> Image.Image:
    """Return white where a pixel is as bright as the mean of those up to *radius* away, black elsewhere."""
    around = picture.filter(ImageFilter.BoxBlur(max(radius, 5)))
    return ImageChops.subtract(picture, around, offset=128).point([0] * 128 + [WHITE] * 128)


def _twice_as_wide(picture: Image.Image, way: float) -> Image.Image:
    """Return the picture stretched to twice its size along the direction *way*, in radians, and not across it."""
    along, across, mixed = 1 + cos(way) ** 2, 1 + sin(way) ** 2, cos(way) * sin(way)
    width = ceil(along * picture.width + abs(mixed) * picture.height)
    height = ceil(abs(mixed) * picture.width + across * picture.height)
    back = (across / 2, -mixed / 2, along / 2)  # the inverse; the area doubles
    left = picture.width / 2 - back[0] * width / 2 - back[1] * height / 2
    top = picture.height / 2 - back[1] * width / 2 - back[2] * height / 2
    factors = (back[0], back[1], left, back[1], back[2], top)
    return picture.transform((width, height), Image.Transform.AFFINE, factors, Image.Resampling.BILINEAR, fillcolor=128)
