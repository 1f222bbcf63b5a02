"""Open the pictures in a file from a stranger, within bounds, and see how bright they are; knows no QR codes.

Pillow decodes; what it raises, warns of or would spend on a hostile file stays in here. QR codes are made of brightness alone.
"""

from __future__ import annotations

import importlib
import io
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple, cast

from PIL import Image

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import container

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_PIXELS = 64_000_000  # 64 megapixels; a telephone's largest photograph has 50, and decoding takes up to 8 bytes for each
MAX_SEEN_PIXELS = 24_000_000  # 24 megapixels; a look takes another two bytes for each
MAX_SIDE_PIXELS = 65_535  # the reader's own limit
PREVIEW_OVER_PIXELS = 2_400  # the longer side of a picture that is first seen smaller; JPEG is decoded so, in a third of the time
PREVIEW_PIXELS = 1_440_000  # of such a smaller picture, where its kind leaves the choice
MOST_BYTES_PER_PIXEL = 4  # of what Pillow decodes to: red, green, blue and opacity
MAX_COATS = 5  # how often the same pixels may be painted: once for each ink of CMYK and once for transparency

ANIMATED = {"GIF", "PNG", "WebP", "AVIF"}

_THREADS = {
    "PIL.AvifImagePlugin": (("PIL.AvifImagePlugin", "DEFAULT_MAX_THREADS"),),
    "pillow_heif.as_plugin": (("pillow_heif.options", "DECODE_THREADS"),),
}
"""Where a decoder says how many threads it starts: one, for each takes memory of its own, and there may be 64 cores."""

WHITE = 255
BLACK = 0
OPAQUE = 255

_one_at_a_time = threading.Lock()  # because Python's warning filters belong to the whole process


class Picture(NamedTuple):
    """What there is to see: two planes of the same size, one byte per pixel (Pillow's mode L).

    Args:
        brightness: 0 black to 255 white.
        opacity: 0 for a pixel that shows what lies behind the picture, to 255; None where nothing does.
        is_preview: whether the same comes once more, larger.
    """

    brightness: Image.Image
    opacity: Image.Image | None
    is_preview: bool = False

    def on(self, paper: int) -> Image.Image:
        """Return the brightness as seen on *paper*, WHITE or BLACK."""
        if self.opacity is None:
            return self.brightness
        seen = Image.new("L", self.brightness.size, paper)
        seen.paste(self.brightness, mask=self.opacity)
        return seen


class Bounds(NamedTuple):
    """What may be spent on a file.

    Args:
        decoded_pixels: of one picture, as its file says.
        seen_pixels: of what is looked at; a larger picture is made so small.
    """

    decoded_pixels: int
    seen_pixels: int


BOUNDS = Bounds(MAX_PIXELS, MAX_SEEN_PIXELS)
"""Where memory and processor time are limited from outside."""


def open_pictures(file: bytes, kind: container.Container, bounds: Bounds) -> Iterator[Picture]:
    """Yield the pictures in *file* as their pixels are stored: EXIF may say how to turn them.

    Animations and TIFF give each of their frames, PDF its pages, MAX_FRAMES at most and MAX_PIXELS in all. A large picture comes
    twice, first as a smaller one.

    Args:
        file: its content, of at most MAX_FILE_BYTES.
        kind: what :func:`container.identify` says of it.
        bounds: of its pixels.

    Raises:
        NoCodeFound: there is no picture in it, or one that is damaged or too large; or an extra is missing.
        MemoryError: it is within the limits, but the memory is not.
    """
    pixels_left = MAX_PIXELS
    for bare in kind.strip(file):
        opened = _pages(bare) if kind.decoder is None else _frames(bare, kind, bounds)
        while True:
            with _errors_of_pillow(kind):
                picture = next(opened, None)
            if picture is None:
                break
            pixels_left -= picture.brightness.width * picture.brightness.height
            yield picture
            if pixels_left <= 0:
                return


def _pages(file: bytes) -> Iterator[Picture]:
    from socpass_vc.qr.pdf import pages  # noqa: PLC0415 -- an extra, which need not be there

    for page in pages(file, container.MAX_FRAMES):
        yield Picture(brightness=page, opacity=None)


def _frames(file: bytes, kind: container.Container, bounds: Bounds) -> Iterator[Picture]:
    """Yield the frames of a file that Pillow opens, a large one smaller first."""
    opened = _opened(file, kind, bounds)
    if kind.name == "JPEG":
        preview = _drafted(opened, max(opened.size) / PREVIEW_OVER_PIXELS * 2) if _is_large(opened) else None
        if preview is not None:
            yield preview._replace(is_preview=True)
            opened = _opened(file, kind, bounds)
        width, height = opened.size
        shrink = sqrt(max(width * height / bounds.seen_pixels, 1))
        opened.draft("L", (round(width / shrink), round(height / shrink)))  # lets JPEG leave the colours out, too
    # A GIF does not say how many it has: Pillow would go and look.
    is_single = kind.name not in ANIMATED or (kind.name != "GIF" and getattr(opened, "n_frames", 1) == 1)
    for number in range(1 if is_single else container.MAX_FRAMES):
        if number:
            try:
                opened.seek(number)
            except EOFError:
                return
            _check_size(opened, bounds)
        _load(opened)
        picture = _within(_seen(opened, may_keep=is_single), bounds.seen_pixels)
        if is_single:
            del opened  # in colours, it takes four times as much as what is looked at
        if kind.name != "JPEG" and _is_large(picture.brightness):
            yield _within(picture, PREVIEW_PIXELS)._replace(is_preview=True)
        yield picture


def _is_large(picture: Image.Image) -> bool:
    return max(picture.size) > PREVIEW_OVER_PIXELS


def _drafted(opened: ImageFile, shrink: float) -> Picture | None:
    """Return a JPEG decoded at about its size through *shrink*, or None if its coding allows no other than its own."""
    width, height = opened.size
    opened.draft("L", (round(width / shrink), round(height / shrink)))
    if opened.size == (width, height):
        return None
    _load(opened)
    return _seen(opened, may_keep=True)


def _load(opened: ImageFile) -> None:
    """Decode the pixels.

    Raises:
        MemoryError: there is not enough for them; some decoders call that damage.
    """
    try:
        opened.load()
    except MemoryError:
        raise
    except Exception:
        bytearray(MOST_BYTES_PER_PIXEL * opened.width * opened.height)
        raise


def _within(picture: Picture, pixels: int) -> Picture:
    """Return *picture*, made smaller if it has more than so many."""
    width, height = picture.brightness.size
    if width * height <= pixels:
        return picture
    shrink = sqrt(width * height / pixels)
    size = (max(int(width / shrink), 1), max(int(height / shrink), 1))
    return picture._replace(
        brightness=picture.brightness.resize(size, Image.Resampling.BOX),
        opacity=None if picture.opacity is None else picture.opacity.resize(size, Image.Resampling.BOX),
    )


def _opened(file: bytes, kind: container.Container, bounds: Bounds) -> ImageFile:
    name, opener = cast("tuple[str, str]", kind.decoder)
    module = importlib.import_module(name)
    for holder, setting in _THREADS.get(name, ()):
        setattr(sys.modules[holder], setting, 1)
    opened = cast("ImageFile", getattr(module, opener)(io.BytesIO(file)))
    _check_size(opened, bounds)
    return opened


@contextmanager
def _errors_of_pillow(kind: container.Container) -> Iterator[None]:
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (NoCodeFound, MemoryError):
        raise
    except ImportError as error:
        if kind.extra is None:
            raise
        raise NoCodeFound("picture_needs_extra", kind=kind.name, hints=("missing_extra",), missing_extra=kind.extra) from error
    except Image.DecompressionBombError as error:
        raise NoCodeFound("picture_far_too_large", limit_pixels=MAX_PIXELS) from error
    except Exception as error:  # OSError, SyntaxError, ValueError, struct.error, EOFError, zlib.error ...: any there is
        raise container.damaged(kind.name) from error


def _check_size(opened: ImageFile, bounds: Bounds) -> None:
    """Refuse, before a pixel is decoded, what would take too much memory or time."""
    width, height = opened.size
    if width * height > bounds.decoded_pixels or max(width, height) > MAX_SIDE_PIXELS:
        raise NoCodeFound(
            "picture_too_large",
            width_pixels=width,
            height_pixels=height,
            limit_pixels=bounds.decoded_pixels,
            limit_side_pixels=MAX_SIDE_PIXELS,
        )
    painted = sum(
        (right - left) * (lower - upper) for left, upper, right, lower in (tile.extents for tile in opened.tile if tile.extents)
    )
    if painted > MAX_COATS * width * height:
        raise NoCodeFound("picture_painted_again")


def _seen(image: Image.Image, *, may_keep: bool) -> Picture:
    if may_keep and image.mode == "L" and not image.has_transparency_data:
        return Picture(brightness=image, opacity=None)  # no copy; an animation would paint over it
    if image.mode.startswith("I"):
        return Picture(brightness=_in_bytes(image), opacity=None)
    if not image.has_transparency_data:
        return Picture(brightness=_grey(image), opacity=None)
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    opacity = image.getchannel("A")
    return Picture(brightness=image.convert("L"), opacity=None if opacity.getextrema()[0] == OPAQUE else opacity)


def _grey(image: Image.Image) -> Image.Image:
    if image.mode == "LAB":
        return image.getchannel("L")
    if image.mode == "P":  # straight to L takes Pillow half as long again: it divides once per pixel
        image = image.convert("RGBA")
    return image.convert("L")


def _in_bytes(image: Image.Image) -> Image.Image:
    """Return a picture of 16 or 32 bits per pixel with 8, stretched from darkest to brightest: Pillow would cut at 255."""
    image = image.convert("I")
    darkest, brightest = cast("tuple[int, int]", image.getextrema())
    scale = WHITE / max(brightest - darkest, 1)
    return image.point(lambda value: value * scale - darkest * scale).convert("L")
