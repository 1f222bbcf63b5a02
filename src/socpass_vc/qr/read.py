"""Read the texts of the QR codes in a picture, trying one way of looking after another; knows nothing of what the texts say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import scan
from socpass_vc.qr.picture import BLACK, WHITE, Picture, open_picture
from socpass_vc.qr.scan import Seen

ENLARGE_UP_TO_PIXELS = 2_000  # the longer side of a picture whose modules may be too small for the decoder
FRAME_PIXELS = 16  # on every side of such a picture, for a code that fills it to the edge
ZBAR_UP_TO_PIXELS = 16_000_000  # 16 megapixels, a second of work; larger pictures are halved until they fit


def read_codes(picture: bytes | Path) -> tuple[str, ...]:
    """Return the texts of all QR codes in *picture*, each once, from the top left to the bottom right.

    Micro QR codes and other kinds are not looked for. A code that holds no text is returned as the decoder guesses it.

    Args:
        picture: a file, or its content: PNG, JPEG, WebP, GIF, BMP, TIFF (unpacked), AVIF or PNM; at most 64 MiB, 64 megapixels.

    Raises:
        NoCodeFound: there is no QR code to be read, or no picture; the sentence says what is wrong.
        SourceError: the file is missing or cannot be read.
    """
    try:
        for codes in _looks(open_picture(picture)):
            if codes:
                return tuple(dict.fromkeys(code.text for code in _in_reading_order(codes)))
    except MemoryError as error:
        raise NoCodeFound("the picture needs more memory than there is") from error
    raise NoCodeFound("no QR code can be read in the picture")


def _looks(picture: Picture) -> Iterator[list[Seen]]:
    """Yield what each way of looking finds, the cheap and the likely first."""
    on_white = picture.on(WHITE)
    yield scan.with_zxing(on_white)
    if picture.opacity is not None:
        yield scan.with_zxing(picture.on(BLACK))
    if max(on_white.size) <= ENLARGE_UP_TO_PIXELS:
        doubled = _framed_and_doubled(on_white)
        yield scan.with_zxing(doubled)
        yield scan.with_zxing(_sharpened(doubled))
    while on_white.width * on_white.height > ZBAR_UP_TO_PIXELS:
        on_white = on_white.reduce(2)
    yield scan.with_zbar(on_white)


def _framed_and_doubled(brightness: Image.Image) -> Image.Image:
    width, height = brightness.size
    framed = Image.new("L", (width + 2 * FRAME_PIXELS, height + 2 * FRAME_PIXELS), WHITE)
    framed.paste(brightness, (FRAME_PIXELS, FRAME_PIXELS))
    return framed.resize((framed.width * 2, framed.height * 2), Image.Resampling.BICUBIC)


def _sharpened(brightness: Image.Image) -> Image.Image:
    """Bring back modules that a blur has merged."""
    from PIL import ImageFilter  # noqa: PLC0415 -- clean pictures do not come so far

    return brightness.filter(ImageFilter.UnsharpMask(radius=2, percent=200, threshold=0))


def _in_reading_order(codes: list[Seen]) -> list[Seen]:
    """Sort into rows, then along each; a code that starts above the middle of a row's first one stands in that row."""
    rows: list[list[Seen]] = []
    for code in sorted(codes, key=lambda code: code.top):
        if rows and code.top < (rows[-1][0].top + rows[-1][0].bottom) / 2:
            rows[-1].append(code)
        else:
            rows.append([code])
    return [code for row in rows for code in sorted(row, key=lambda code: code.left)]
