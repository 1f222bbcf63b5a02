"""Draw many QR codes fast: text to modules by the encoder of zxing-cpp, modules to a PNG of one bit per pixel.

It knows nothing of files. The codes are as small as those of :mod:`write`, of the same level, and say the same; they may differ
in the mask, of which ISO/IEC 18004 has eight and which every reader takes off (benchmarks/writing.py measures both).
"""

from __future__ import annotations

import struct
import zlib
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, cast

import zxingcpp

from socpass_vc.qr.sizes import MOST_CHARACTERS, PIXELS_PER_MODULE, QUIET_ZONE, Level, too_large

if TYPE_CHECKING:
    from typing_extensions import Buffer  # the stub of an image does not say that it is one

ZLIB_LEVEL = 3  # 0.04 ms more than level 1 for a tenth less; level 6 takes three times as long for another fifth
_BYTE_BITS = 8


class QrModules(NamedTuple):
    """The modules of a QR code.

    Attributes:
        side: how many in a row, the quiet zone included.
        light: row by row, 255 where a module is light, 0 where it is dark.
    """

    side: int
    light: bytes

    @property
    def version(self) -> int:
        """The size class, 1 to 40 (ISO/IEC 18004, table 1)."""
        return (self.side - 2 * QUIET_ZONE - 17) // 4

    def rows(self) -> list[bytes]:
        """Return the rows, from the top."""
        return [self.light[at : at + self.side] for at in range(0, len(self.light), self.side)]

    def dark_runs(self) -> list[tuple[int, int, int]]:
        """Return the stretches of dark modules, row by row: left, top, length."""
        runs = []
        for top, row in enumerate(self.rows()):
            left = 0
            for light, stretch in groupby(row):
                length = len(list(stretch))
                if not light:
                    runs.append((left, top, length))
                left += length
        return runs

    def png(self, *, scale: int = PIXELS_PER_MODULE) -> bytes:
        """Return a black-on-white PNG file of one bit per pixel.

        Args:
            scale: whole pixels per module, 1 or more.
        """
        width = self.side * scale
        row_bytes = -(-width // _BYTE_BITS)
        again = (b"\x02" + bytes(row_bytes)) * (scale - 1)  # filter "up": as the row above (PNG, section 9.2)
        rows = self.rows() if scale == _BYTE_BITS else [_packed(row, scale, row_bytes) for row in self.rows()]
        lines = b"\x00" + (again + b"\x00").join(rows) + again  # a module of 8 pixels is a byte already, 0 or 255
        header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)  # one bit, grey (PNG, section 11.2.2)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"IDAT", zlib.compress(lines, ZLIB_LEVEL))
            + _chunk(b"IEND", b"")
        )


def draw(text: str, *, level: Level = Level.M) -> QrModules:
    """Return the modules of the smallest QR code of *level* that says *text*; the same text gives the same modules.

    Args:
        text: a pass: a prefix and decimal digits (specs/credential.md, section 5).
        level: exactly this one.

    Raises:
        CodeTooLarge: the text does not fit into version 40.
    """
    if len(text) > MOST_CHARACTERS:
        raise too_large(text, level)
    try:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level.value)
    except ValueError as error:  # it says "Input too long", and there is nothing else wrong with a text
        raise too_large(text, level) from error
    image = barcode.to_image(1)
    return QrModules(image.shape[0], bytes(memoryview(cast("Buffer", image))))


def _packed(row: bytes, scale: int, row_bytes: int) -> bytes:
    """Return one line of pixels, eight to a byte."""
    pixels = "".join(("1" if light else "0") * scale for light in row)
    return int(pixels.ljust(row_bytes * _BYTE_BITS, "0"), 2).to_bytes(row_bytes, "big")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
