"""Small files made to take much memory or time: each is made by code, and opened only where both are limited."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

from PIL import Image

_LIGHT, _CORE = b"\0" + b"\xff" * 5 + b"\0", b"\0\xff" + b"\0" * 3 + b"\xff\0"
FINDER = (b"\0" * 7, _LIGHT, _CORE, _CORE, _CORE, _LIGHT, b"\0" * 7)
"""A finder pattern of one pixel per module (ISO/IEC 18004, section 6.3.3)."""


def tiled(side: int) -> Image.Image:
    """Return a picture full of finder patterns, of which a decoder tries all triples."""
    rows = [*((row + b"\xff\xff") for row in FINDER), *((b"\xff" * 9,) * 2)]
    across = -(-side // 9)
    sheet = b"".join((row * across)[:side] for row in rows) * across
    return Image.frombytes("L", (side, side), sheet[: side * side])


def pdf(*objects: bytes) -> bytes:
    """Return a PDF file of *objects*, numbered from 1; the first is the catalogue."""
    file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # not plain text, as ISO 32000 wants it to be seen
    for number, content in enumerate(objects, start=1):
        file += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return file + b"trailer\n<< /Size %d /Root 1 0 R >>\n%%%%EOF\n" % (len(objects) + 1)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object of PDF."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def nested_forms(depth: int = 9, each: int = 10) -> bytes:
    """Return a PDF of 3 kB whose page draws a form that draws a form: each + ... + each ** depth in all."""
    forms = []
    for level in range(depth):
        number = 5 + level
        form = b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]"
        if level == depth - 1:
            forms.append(stream(b"0 0 10 10 re f", form))
        else:
            inner = b"/Resources << /XObject << /X %d 0 R >> >>" % (number + 1)
            forms.append(stream(b"/X Do " * each, form + b" " + inner))
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", tree, page, stream(b"/X Do " * each), *forms)


def pdf_of_a_packed_page(pixels: int = 2_000_000_000) -> bytes:
    """Return a PDF whose page is a run of zeros, packed twice, that unpack to two gigabytes."""
    once = zlib.compressobj(9)
    block = bytes(10_000_000)
    packed = b"".join(once.compress(block) for _ in range(pixels // len(block))) + once.flush()
    twice = zlib.compress(packed, 9)
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << >> >>"
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    content = stream(twice, b"/Filter [/FlateDecode /FlateDecode]")
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", tree, page, content)


def pdf_of_a_large_image(side: int = 60_000) -> bytes:
    """Return a PDF that shows an image of 3,600 megapixels."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
    tree = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    size = b"/Type /XObject /Subtype /Image /Width %d /Height %d" % (side, side)
    size += b" /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /FlateDecode"
    image = stream(zlib.compress(bytes(side * side // 8), 9), size)
    return pdf(b"<< /Type /Catalog /Pages 2 0 R >>", tree, page, stream(b"100 0 0 100 0 0 cm /X Do"), image)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """Return *picture* as a file of Pillow's format *kind*."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def bmp_in_runs(side: int = 5000) -> bytes:
    """Return a BMP in which each pixel is a run of its own."""
    palette = b"".join(bytes((grey, grey, grey, 0)) for grey in range(256))
    start = 54 + len(palette)
    pixels = (b"\x01\x00" * side + b"\x00\x00") * side
    header = struct.pack("<IiiHHIIiiII", 40, side, side, 1, 8, 1, len(pixels), 0, 0, 256, 0)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + palette + pixels


def tiff_of_one_strip(times: int = 60_000) -> bytes:
    """Return a TIFF of 8,000 x 8,000 pixels that says again and again that the same strip lies on top."""
    tags = [(256, 4, 1, 8000), (257, 4, 1, 8000), (258, 3, 1, 1), (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, times, 8),
            (277, 3, 1, 1), (278, 4, 1, 4000), (279, 4, times, 8)]  # fmt: skip
    content = bytes(8_000_000)
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    return b"II*\x00" + struct.pack("<I", 8 + len(content)) + content + directory


def in_colours(kind: str, side: int = 8000, **options: Any) -> bytes:
    """Return a picture of one colour and 64 megapixels, four bytes each where it is decoded."""
    return saved(Image.new("RGB", (side, side), (10, 200, 30)), kind, **options)


def frames(kind: str, side: int, count: int) -> bytes:
    """Return an animation that changes every pixel in each frame."""
    shades = [Image.new("RGB", (side, side), (10 * number, 5, 9)) for number in range(count)]
    return saved(shades[0], kind, save_all=True, append_images=shades[1:])


PICTURES: dict[str, Callable[[], bytes]] = {
    "PNG, finder patterns, 2,400 px": lambda: saved(tiled(2400), "PNG"),
    "PNG, finder patterns, 8,000 px": lambda: saved(tiled(8000), "PNG"),
    "PNG, finder patterns, 1,200 px": lambda: saved(tiled(1200), "PNG"),
    "PNG, 64 megapixels in colours": lambda: in_colours("PNG"),
    "PNG, 64 megapixels, 16 bits": lambda: saved(Image.new("I;16", (8000, 8000), 700), "PNG"),
    "PNG, one line of 65,535 px": lambda: saved(Image.new("L", (65_535, 900)), "PNG"),
    "PNG, 16 frames of 16 megapixels": lambda: frames("PNG", 4000, 16),
    "JPEG, progressive, 64 megapixels": lambda: in_colours("JPEG", progressive=True),
    "JPEG, finder patterns": lambda: saved(tiled(4000), "JPEG", quality=95),
    "WebP, 16,383 px": lambda: in_colours("WEBP", 7900, lossless=True),
    "WebP, 16 frames": lambda: frames("WEBP", 3000, 16),
    "GIF, 16 frames": lambda: frames("GIF", 4000, 16),
    "BMP in runs": bmp_in_runs,
    "BMP, 64 megapixels": lambda: saved(Image.new("1", (8000, 8000)), "BMP"),
    "TIFF, group 4": lambda: saved(Image.new("1", (8000, 8000)), "TIFF", compression="group4"),
    "TIFF, packed in colours": lambda: in_colours("TIFF", compression="tiff_adobe_deflate"),
    "TIFF, the same strip again": tiff_of_one_strip,
    "AVIF": lambda: in_colours("AVIF", 7900, speed=10),
    "PDF, nested forms": nested_forms,
    "PDF, a page packed twice": pdf_of_a_packed_page,
    "PDF, an image of 3,600 megapixels": pdf_of_a_large_image,
}
"""What it is -> how to make it."""


def zip_of(*entries: tuple[str, bytes]) -> bytes:
    """Return a ZIP archive of files."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return file.getvalue()


def tagged_list(payload: bytes) -> bytes:
    """Return something signed by nobody, as a status list would begin: COSE_Sign1 around *payload*."""
    head = b"\xd2\x84\x43\xa1\x01\x27\xa1\x04\x48" + bytes(8)  # Ed25519, and a key that nobody has
    return head + b"\x5a" + struct.pack(">I", len(payload)) + payload + b"\x58\x40" + bytes(64)


MEBIBYTE = 2**20

TEXTS: dict[str, Callable[[], bytes]] = {
    "text, one line of digits, 1 MiB": lambda: b"SOCPASS:" + b"7" * (MEBIBYTE - 8),
    "text, a pass per line, 1 MiB": lambda: (b"SOCPASS:" + b"7" * 192 + b"\n") * 5_000,
    "text, digits, 64 MiB": lambda: b"7" * 64 * MEBIBYTE,
    "text, UTF-16, 1 MiB": lambda: ("SOCPASS:" + "7" * 500_000).encode("utf-16"),
}
SUPPLIES: dict[str, Callable[[], bytes]] = {
    "CBOR, small items, 8 MiB": lambda: tagged_list(b"\x9a\x00\x80\x00\x00" + b"\x80" * 8 * MEBIBYTE),
    "CBOR, small items, 64 MiB": lambda: b"\x9a\x03\xff\xff\x00" + b"\x80" * 0x3FFFF00,
    "CBOR, nested arrays": lambda: b"\x81" * 16 * MEBIBYTE,
    "CBOR, maps of maps": lambda: b"\xba\x00\x40\x00\x00" + b"\x00\xa0" * 4 * MEBIBYTE,
    "zip, 1.7 GB of zeros": lambda: zip_of(*((f"status/{number}.cwt", bytes(17 * 10**6)) for number in range(100))),
    "zip, lists of small items": lambda: zip_of(*((f"status/{n}.cwt", tagged_list(b"\x80" * 8 * 10**6)) for n in range(20))),
    "zip, 60,000 files": lambda: zip_of(*((f"status/{number}.cwt", b"") for number in range(60_000))),
}
ROWS: dict[str, Callable[[], bytes]] = {
    "CSV, one line of commas, 64 MiB": lambda: b"ref,name,born\n" + b"," * (64 * MEBIBYTE - 14),
    "CSV, a quote that is not closed": lambda: b'ref,name,born\n"' + b"x\n" * (32 * MEBIBYTE - 9),
    "CSV, 10 million short rows": lambda: b"ref,name,born\n" + b"1,A,2\n" * 10_000_000,
    "CSV, one cell of 64 MiB": lambda: b"ref,name,born\n" + b"x" * (64 * MEBIBYTE - 14),
}
