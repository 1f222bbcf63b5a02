"""Pictures for the tests of qr: drawn by Pillow and by hand, none kept in a file."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

from socpass_vc.format.armor import write_armor
from socpass_vc.qr.write import draw_code

TEXT = write_armor(b"\x01" + b"not signed; this is of no account" * 2)


def drawn(text: str = TEXT, *, scale: int = 4) -> Image.Image:
    """Return a clean code: mode L, black on white."""
    return Image.open(io.BytesIO(draw_code(text).png(scale=scale))).convert("L")


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return *picture* as a file of Pillow's format *kind*."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, pixels: bytes, *, before: bytes = b"", after: bytes = b"") -> bytes:
    """Return a PNG of 8-bit grey with other chunks *before* and *after* the pixels, which are filtered rows."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = png_chunk(b"IHDR", header) + before + png_chunk(b"IDAT", zlib.compress(pixels)) + after
    return b"\x89PNG\r\n\x1a\n" + body + png_chunk(b"IEND", b"")


def gif(width: int, height: int, *, before: bytes = b"") -> bytes:
    """Return a GIF that names a screen and a frame of a size and holds next to no pixels."""
    screen = b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0)
    return screen + before + b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x4c\x01\x00;"


def bmp(width: int, height: int, *, packing: int, pixels: bytes | None = None) -> bytes:
    """Return a BMP of 8-bit grey whose header claims *packing*; unless *pixels* are given, each is black, a run of its own."""
    pixels = pixels or (b"\x01\x00" * width + b"\x00\x00") * height
    palette = b"".join(bytes((grey, grey, grey, 0)) for grey in range(256))
    start = 54 + len(palette)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, packing, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + palette + pixels


def tiff(tags: list[tuple[int, int, int, int]], *, content: bytes = b"") -> bytes:
    """Return a little-endian TIFF of *tags* (tag, type, count, value or offset) with *content* at byte 8."""
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\x00" + struct.pack("<I", 8 + len(content)) + content + directory


def tiff_tags(width: int, height: int, *, strips: int, rows: int | None = None) -> list[tuple[int, int, int, int]]:
    """Return the tags of an unpacked picture of 1 bit a pixel."""
    return [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 1), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, strips, 8),
            (277, 3, 1, 1), (278, 4, 1, rows or height), (279, 4, strips, 8)]  # fmt: skip
