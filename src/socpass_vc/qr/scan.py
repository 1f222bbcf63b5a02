"""Find QR codes in a plane of brightness, with one of two decoders; the only place that touches either.

zxing-cpp is quick and reads turned, mirrored and inverted codes. ZBar (through pyzbar) reads some bent and worn ones that
zxing-cpp does not; it needs a shared library of the system and is done without where that is missing.
"""

from __future__ import annotations

import functools
import importlib
from types import ModuleType
from typing import Any, NamedTuple

import zxingcpp
from PIL import Image

_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)  # plain "QRCode" would take in Micro QR


class Seen(NamedTuple):
    """A QR code and where it lies, in pixels from the upper left corner of the picture."""

    text: str
    left: int
    top: int
    bottom: int


def with_zxing(brightness: Image.Image) -> list[Seen]:
    """Return the QR codes that zxing-cpp finds; neither Micro QR codes nor other kinds. What is UTF-8 is taken as it is.

    Args:
        brightness: mode L, at most 65,535 pixels a side.
    """
    pixels = memoryview(brightness.tobytes()).cast("B", (brightness.height, brightness.width))
    found = zxingcpp.read_barcodes(pixels, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
    codes = []
    for code in found:
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
        rows = [corner.y for corner in corners]
        codes.append(Seen(text=code.text, left=min(corner.x for corner in corners), top=min(rows), bottom=max(rows)))
    return codes


def with_zbar(brightness: Image.Image) -> list[Seen]:
    """Return the QR codes that ZBar finds; none where its library is missing.

    Only its decoder of QR codes is switched on: those of bar codes write failed assertions to standard error.

    Args:
        brightness: mode L.
    """
    zbar = _zbar()
    if zbar is None:
        return []
    pixels = (brightness.tobytes(), *brightness.size)
    try:
        found: list[Any] = zbar.decode(pixels, symbols=[zbar.ZBarSymbol.QRCODE])
    except (zbar.PyZbarError, ValueError, IndexError):
        return []
    return [
        Seen(
            text=code.data.decode(errors="replace"),
            left=code.rect.left,
            top=code.rect.top,
            bottom=code.rect.top + code.rect.height,
        )
        for code in found
    ]


@functools.cache
def _zbar() -> ModuleType | None:
    """Return pyzbar, which looks for its library while it is imported, or None. Asked once: the search starts other programs."""
    try:
        return importlib.import_module("pyzbar.pyzbar")
    except (ImportError, OSError, AttributeError):  # no library; one that does not load; one too old to have all functions
        return None
