"""Open the pictures in a file from a stranger, within bounds, and see how bright they are; knows no QR codes.

Pillow decodes; what it raises, warns of or would spend on a hostile file stays in here. QR codes are made of brightness alone.
"""

from __future__ import annotations

import importlib
import io
import os
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

from PIL import Image

from socpass_vc.errors import NoCodeFound, SourceError, system_reason
from socpass_vc.qr import container

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

MAX_FILE_BYTES = 64 * 1024 * 1024  # 64 MiB; a photograph has 2 to 10
MAX_PIXELS = 64_000_000  # 64 megapixels; a telephone's largest photograph has 50, and decoding takes up to 8 bytes for each
MAX_SIDE_PIXELS = 65_535  # the reader's own limit
PREVIEW_OVER_PIXELS = 2_400  # the longer side of a JPEG that is first decoded at half its size or less, in a third of the time
MAX_COATS = 5  # how often the same pixels may be painted: once for each ink of CMYK and once for transparency

ANIMATED = {"GIF", "PNG", "WebP", "AVIF"}
UNPACKED_APART = {"TIFF", "BMP"}  # where their pixels are packed: see qr.unpacking

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


def open_pictures(source: bytes | Path) -> Iterator[Picture]:
    """Yield the pictures in *source* as their pixels are stored: EXIF may say how to turn them.

    Animations and TIFF give each of their frames, PDF its pages, MAX_FRAMES at most and MAX_PIXELS in all.

    Args:
        source: a file, or its content: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF or PNM; HEIC and PDF where their extras
            are installed; at most MAX_FILE_BYTES.

    Raises:
        NoCodeFound: there is no picture in it, or one that is damaged or too large; or an extra is missing.
        MemoryError: it is within the limits, but the machine is not up to them.
        SourceError: the file is missing or cannot be read.
    """
    file = source if isinstance(source, bytes) else _read(source)
    if not file:
        raise NoCodeFound("picture_file_empty")
    if len(file) > MAX_FILE_BYTES:
        raise NoCodeFound("picture_file_too_large", limit_bytes=MAX_FILE_BYTES)
    kind = container.identify(file)
    pixels_left = MAX_PIXELS
    for bare in kind.strip(file):
        opened = _pages(bare) if kind.decoder is None else _frames(bare, kind)
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


def _frames(file: bytes, kind: container.Container) -> Iterator[Picture]:
    """Yield the frames of a file that Pillow opens; a large JPEG smaller first."""
    opened = _opened(file, kind)
    if kind.name == "JPEG" and max(opened.size) > PREVIEW_OVER_PIXELS:
        width, height = opened.size
        shrink = max(width, height) / PREVIEW_OVER_PIXELS * 2
        opened.draft("L", (round(width / shrink), round(height / shrink)))
        if max(opened.size) < max(width, height):
            opened.load()
            yield _seen(opened)._replace(is_preview=True)
            opened = _opened(file, kind)
    opened.draft("L", None)  # lets JPEG leave the colours out
    opened.load()
    yield _seen(opened)
    if kind.name in ANIMATED:
        for number in range(1, container.MAX_FRAMES):
            try:
                opened.seek(number)
            except EOFError:
                return
            _check_size(opened)
            opened.load()
            yield _seen(opened)


def _opened(file: bytes, kind: container.Container) -> ImageFile:
    opened = _opened_by(cast("tuple[str, str]", kind.decoder), file)
    if kind.name not in UNPACKED_APART or not _is_packed(opened):
        return opened
    from socpass_vc.qr.unpacking import TIFF, unpacked  # noqa: PLC0415 -- rare, and it brings subprocess

    try:
        opened = _opened_by(TIFF, unpacked(file))
    except OSError as error:
        raise NoCodeFound("picture_packed_strangely", kind=kind.name) from error
    if _is_packed(opened):
        raise container.damaged(kind.name)
    return opened


def _opened_by(decoder: tuple[str, str], file: bytes) -> ImageFile:
    module, name = decoder
    opened = cast("ImageFile", getattr(importlib.import_module(module), name)(io.BytesIO(file)))
    _check_size(opened)
    return opened


def _is_packed(opened: ImageFile) -> bool:
    return any(tile.codec_name != "raw" for tile in opened.tile)


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise NoCodeFound("picture_is_a_folder").at(path)
        with path.open("rb") as file:
            size = min(os.fstat(file.fileno()).st_size, MAX_FILE_BYTES)
            content = file.read(size + 1)  # to ask for as much as may be costs a buffer of so much
            return content if len(content) <= size else content + file.read(MAX_FILE_BYTES + 1 - len(content))
    except (OSError, ValueError) as error:  # ValueError: a path that no system can have, such as one with a zero byte
        raise SourceError("cannot_be_read", path=str(path), why=system_reason(error)).at(path) from error


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


def _check_size(opened: ImageFile) -> None:
    """Refuse, before a pixel is decoded, what would take too much memory or time."""
    width, height = opened.size
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE_PIXELS:
        raise NoCodeFound(
            "picture_too_large",
            width_pixels=width,
            height_pixels=height,
            limit_pixels=MAX_PIXELS,
            limit_side_pixels=MAX_SIDE_PIXELS,
        )
    painted = sum(
        (right - left) * (lower - upper) for left, upper, right, lower in (tile.extents for tile in opened.tile if tile.extents)
    )
    if painted > MAX_COATS * width * height:
        raise NoCodeFound("picture_painted_again")


def _seen(image: Image.Image) -> Picture:
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
