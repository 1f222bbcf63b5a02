"""Find QR codes in a plane of brightness, with one of two decoders; the only place that touches either.

zxing-cpp is quick, reads turned, mirrored and inverted codes, and reports a code that it found and could not read. ZBar
(through pyzbar) reads some covered and cut codes that zxing-cpp does not; it needs a shared library of the system and is done
without where that is missing. Both vouch for what they read by the code's own error correction.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import Any, NamedTuple, cast

import zxingcpp
from PIL import Image

# Whole QR codes, today's and those of before 1997; plain "QRCode" would take in Micro QR, and other kinds are read from noise.
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCodeModel2, zxingcpp.BarcodeFormat.QRCodeModel1])


class FoundCode(NamedTuple):
    """A QR code and where it lies, in pixels from the upper left corner of the picture."""

    text: str
    left: int
    top: int
    bottom: int


class UnreadCode(NamedTuple):
    """A QR code that was found and could not be read: too much of it is wrong.

    Args:
        corners: upper left, upper right, lower right and lower left of the code as it was printed, x and y in pixels.
        modules: how many it has per side.
    """

    corners: tuple[tuple[int, int], ...]
    modules: int


class ScanResult(NamedTuple):
    """What one look at a picture gave."""

    read: list[FoundCode]
    unread: list[UnreadCode]


def with_zxing(brightness: Image.Image, *, one_threshold: bool = False) -> ScanResult:
    """Return the QR codes that zxing-cpp finds; neither Micro QR codes nor other kinds. What is UTF-8 is taken as it is.

    Args:
        brightness: mode L, at most 65,535 pixels per side.
        one_threshold: call dark what is darker than one value, the same everywhere, instead of than what lies around it.
    """
    pixels = memoryview(brightness.tobytes()).cast("B", (brightness.height, brightness.width))
    found = zxingcpp.read_barcodes(
        pixels,
        formats=_QR,
        text_mode=zxingcpp.TextMode.Plain,
        binarizer=zxingcpp.Binarizer.GlobalHistogram if one_threshold else zxingcpp.Binarizer.LocalAverage,
        return_errors=True,
    )
    sight = ScanResult([], [])
    for code in found:
        place = code.position
        corners = tuple(
            (corner.x, corner.y) for corner in (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        )
        rows = [y for _, y in corners]
        if code.valid:
            sight.read.append(FoundCode(text=code.text, left=min(x for x, _ in corners), top=min(rows), bottom=max(rows)))
        else:
            version = str(cast("dict[str, str]", code.extra or {}).get("Version"))  # it may have been too far gone to tell
            if version.isdecimal():
                sight.unread.append(UnreadCode(corners=corners, modules=17 + 4 * int(version)))
    return sight


def with_zbar(brightness: Image.Image) -> list[FoundCode]:
    """Return the QR codes that ZBar finds; none where its library is missing.

    Only its decoder of QR codes is switched on: those of bar codes write failed assertions to standard error. A text with more
    than ASCII in it is left out, because ZBar guesses its encoding, often wrongly; a pass has none.

    Args:
        brightness: mode L.
    """
    zbar = _zbar()
    if zbar is None:
        return []
    pixels = (brightness.tobytes(), *brightness.size)
    try:
        found: list[Any] = zbar.decode(pixels, symbols=[zbar.ZBarSymbol.QRCODE])
    except (zbar.PyZbarError, ValueError, IndexError, AssertionError):
        return []
    return [
        FoundCode(
            text=code.data.decode("ascii"),
            left=code.rect.left,
            top=code.rect.top,
            bottom=code.rect.top + code.rect.height,
        )
        for code in found
        if code.data.isascii()
    ]


@functools.cache
def _zbar() -> ModuleType | None:
    """Return pyzbar, which looks for its library while it is imported, or None. Asked once: the search starts other programs."""
    try:
        return importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError, AttributeError):  # no library; one that does not load; one too old to have all functions
        return None
