"""Tell what kind of picture file this is, and keep only what paints it; knows no pixels and no QR codes.

Files come from strangers. A decoder that meets comments, colour profiles, metadata or animation spends time and memory on what
nobody looks at: 60 MiB of empty PNG chunks or of GIF comments, or ten thousand scans of one JPEG, keep a till busy for minutes.
So the parts that paint are copied out first, MAX_PIECES at most, and what is slow or noisy to decode is refused.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from socpass_vc.errors import NoCodeFound

MAX_FILE_BYTES = 64 * 1024 * 1024  # 64 MiB; a photograph has 2 to 10
MAGIC_BYTES = 512  # enough to tell the format; only PNM needs more than 16, for its comments
MAX_PIECES = 65_536  # chunks, segments or blocks of one file; 64 MiB of PNG in the usual pieces of 8 KiB are 8,192
MAX_JPEG_SCANS = 32  # of a progressive JPEG; encoders write about 10, and each costs a walk over all pixels
MAX_JPEG_HEADERS = 64  # segments before the one that tells the size; cameras write up to about 20
MAX_TIFF_VALUES = 65_536  # of one tag: as many strips
MAX_GIF_BLOCKS = 262_144  # of 255 bytes; 64 MiB has as many
MAX_FRAMES = 16  # of an animation, images of a TIFF file, pages of a document: a photographed card has two sides
MAX_TIFF_SAMPLES = 5  # of one pixel: CMYK and opacity


class Container(NamedTuple):
    """A format of picture files that is read here.

    Args:
        name: what people call it.
        magic: what its files begin with, as a regular expression; compiled when it is first tried.
        decoder: the module and the class, in Pillow's manner, that open it; None for a document, which is not painted but set.
        strip: yields a file for each image, without what does not paint; raises NoCodeFound for what must not reach the decoder.
        extra: the extra of this package that brings the decoder, or None.
    """

    name: str
    magic: bytes
    decoder: tuple[str, str] | None
    strip: Callable[[bytes], Iterator[bytes]]
    extra: str | None = None


def identify(file: bytes) -> Container:
    """Return the format that *file* is of.

    Raises:
        NoCodeFound: it is of none that is read here.
    """
    head = file[:MAGIC_BYTES]
    for container in KINDS:
        if re.match(container.magic, head, re.DOTALL):
            return container
    raise NoCodeFound("not_a_picture", kinds=[container.name for container in KINDS])


def pixels_claimed(file: bytes, kind: Container) -> int | None:
    """Return how many pixels a PNG or JPEG says it has, without a decoder; None where it does not say, or is of another format.

    A file may say more than one thing, so whoever decodes it asks the decoder again.
    """
    match kind.name:
        case "PNG":
            return int.from_bytes(file[16:20]) * int.from_bytes(file[20:24])
        case "JPEG":
            return _jpeg_pixels(file)
    return None


def _jpeg_pixels(file: bytes) -> int | None:
    pattern = re.compile(_JPEG_MARKER)
    at = 2
    for _ in range(MAX_JPEG_HEADERS):
        marker = pattern.search(file, at)
        if marker is None:
            return None
        at = marker.end()
        if marker[0][1] in _JPEG_FRAMES:
            return int.from_bytes(file[at + 3 : at + 5]) * int.from_bytes(file[at + 5 : at + 7])
        at += int.from_bytes(file[at : at + 2])
    return None


def damaged(name: str) -> NoCodeFound:
    """Return the error for a picture of the format *name* of which a part is missing or wrong."""
    return NoCodeFound("picture_damaged", kind=name)


def _as_it_is(file: bytes) -> Iterator[bytes]:
    yield file


def _strip_png(file: bytes) -> Iterator[bytes]:
    """Keep the chunks that paint (PNG, third edition, sections 5.3 and 11.3.2); what follows the end goes with the rest."""
    kept = [file[:8]]
    at = 8
    for _ in range(MAX_PIECES):
        length, kind = int.from_bytes(file[at : at + 4]), file[at + 4 : at + 8]
        if kind in _PNG_PAINTING:
            kept.append(file[at : at + 12 + length])
        at += 12 + length
        if kind == b"IEND" or at >= len(file):  # one that is cut short goes on to the decoder, which knows whether all is there
            yield b"".join(kept)
            return
    raise _too_many_pieces("PNG")


_PNG_PAINTING = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fcTL", b"fdAT", b"IEND"}


def _strip_jpeg(file: bytes) -> Iterator[bytes]:
    """Drop what applications and people add (ITU-T T.81, annex B), and what follows the end: a second picture, a film."""
    kept = [file[:2]]
    at, painted_from, scans = 2, 0, 0
    pattern = re.compile(_JPEG_MARKER)
    for _ in range(MAX_PIECES):
        marker = pattern.search(file, at)
        if marker is None or marker[0] == b"\xff\xd9":
            if scans == 0:
                break
            yield b"".join([*kept, file[painted_from : marker.end() if marker else None]])
            return
        start, at = marker.start(), marker.end() + int.from_bytes(file[marker.end() : marker.end() + 2])
        if marker[0] == b"\xff\xda":
            painted_from = painted_from or start
            scans += 1
            if scans > MAX_JPEG_SCANS:
                raise _too_many_pieces("JPEG")
        elif scans and marker[0][1] in _JPEG_REMARKS:
            kept.append(file[painted_from:start])
            painted_from = at
        elif not scans and marker[0][1] not in _JPEG_REMARKS:
            kept.append(file[start:at])
    else:
        raise _too_many_pieces("JPEG")
    raise damaged("JPEG")


_JPEG_MARKER = rb"\xff[^\x00\xff\xd0-\xd7]"  # in painted data 0xFF is followed by 0 or a restart (B.1.1.2)
_JPEG_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15 (ITU-T T.81, table B.1)
_JPEG_REMARKS = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # APP1 to APP13, APP15, COM; APP0 and APP14 tell how the colours are stored


def _strip_gif(file: bytes) -> Iterator[bytes]:
    """Keep the screen, its palette, and MAX_FRAMES frames with their graphic control (GIF89a, sections 17 to 23)."""
    at = 13 + _palette_bytes(file, 10)
    kept = [file[:at]]
    blocks = frames = 0
    while frames < MAX_FRAMES and at < len(file) and file[at] != ord(";"):
        start, head = at, file[at : at + 2]
        if head[:1] == b",":
            at += 11 + _palette_bytes(file, at + 9)  # and the size of the first code
            frames += 1
        elif head[:1] == b"!":
            at += 2
        else:
            at += 1
        if head[:1] in b",!":
            while at < len(file) and file[at] and blocks < MAX_GIF_BLOCKS:
                at += 1 + file[at]
                blocks += 1
            at += 1
        if head[:1] == b"," or head == b"!\xf9":
            kept.append(file[start:at])
        blocks += 1
        if blocks >= MAX_GIF_BLOCKS:
            raise _too_many_pieces("GIF")
    yield b"".join([*kept, b";" if at <= len(file) else b""])  # one that is cut short goes on to the decoder, which sees it


def _palette_bytes(file: bytes, place: int) -> int:
    """Return the size of the palette that the flags at *place* promise."""
    flags = int.from_bytes(file[place : place + 1])
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _strip_tiff(file: bytes) -> Iterator[bytes]:
    """Make a file of each image, with the tags that lay out its pixels (TIFF 6.0, section 2)."""
    order: str = ">" if file.startswith(b"MM") else "<"
    try:
        (at,) = struct.unpack_from(f"{order}I", file, 4)
        for _ in range(MAX_FRAMES):
            (count,) = struct.unpack_from(f"{order}H", file, at)
            tags = _tiff_layout(file, order, at + 2, count)
            directory = struct.pack(f"{order}H", len(tags)) + b"".join(tags.values()) + bytes(4)
            yield file[:4] + struct.pack(f"{order}I", len(file)) + file[8:] + directory
            (at,) = struct.unpack_from(f"{order}I", file, at + 2 + 12 * count)
            if at == 0:
                return
    except struct.error as error:
        raise damaged("TIFF") from error


def _tiff_layout(file: bytes, order: str, start: int, count: int) -> dict[int, bytes]:
    """Return the tags of one image that lay out its pixels."""
    kept: dict[int, bytes] = {}
    for place in range(start, start + 12 * count, 12):
        tag, kind, values, first = struct.unpack_from(f"{order}HHIH", file, place)
        if tag == _SAMPLES and ((kind, values) != (_SHORT, 1) or first > MAX_TIFF_SAMPLES):
            raise damaged("TIFF")  # Pillow would log it, and a log that nobody keeps goes to standard error
        if tag in _TIFF_LAYOUT:
            if values > MAX_TIFF_VALUES:
                raise _too_many_pieces("TIFF")
            kept.setdefault(tag, file[place : place + 12])
    return kept


_SAMPLES = 277  # a tag
_SHORT = 3  # a type
# Size and depth; packing; colours and bit order; strips, samples and planes; how a fax is packed, and differences; palette;
# tiles; what the further samples are; how a JPEG is packed, and its colours.
_TIFF_LAYOUT = {
    *(256, 257, 258, 259, 262, 266, 273, _SAMPLES, 278, 279, 284, 292, 293, 317, 320),
    *(322, 323, 324, 325, 338, 347, 529, 530, 531, 532),
}


def _too_many_pieces(name: str) -> NoCodeFound:
    return NoCodeFound("picture_in_too_many_pieces", kind=name)


_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"  # between the numbers of a PNM header

KINDS = (
    Container(name="PNG", magic=rb"\x89PNG\r\n\x1a\n", decoder=("PIL.PngImagePlugin", "PngImageFile"), strip=_strip_png),
    Container(name="JPEG", magic=rb"\xff\xd8\xff", decoder=("PIL.JpegImagePlugin", "JpegImageFile"), strip=_strip_jpeg),
    Container(
        name="WebP",
        magic=rb"RIFF.{4}WEBPVP8[ LX]",
        decoder=("PIL.WebPImagePlugin", "WebPImageFile"),
        strip=_as_it_is,
    ),
    Container(name="GIF", magic=rb"GIF8[79]a", decoder=("PIL.GifImagePlugin", "GifImageFile"), strip=_strip_gif),
    Container(name="BMP", magic=rb"BM", decoder=("PIL.BmpImagePlugin", "BmpImageFile"), strip=_as_it_is),
    Container(name="TIFF", magic=rb"II\*\0|MM\0\*", decoder=("PIL.TiffImagePlugin", "TiffImageFile"), strip=_strip_tiff),
    Container(
        name="AVIF",
        magic=rb".{4}ftyp(?:avi[fs]|mi[af]1.{4}(?:.{4}){0,8}avif)",
        decoder=("PIL.AvifImagePlugin", "AvifImageFile"),
        strip=_as_it_is,
    ),
    Container(
        name="HEIC",
        magic=rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)",
        decoder=("pillow_heif.as_plugin", "HeifImageFile"),
        strip=_as_it_is,
        extra="heic",
    ),
    Container(name="PDF", magic=rb"%PDF-", decoder=None, strip=_as_it_is, extra="pdf"),
    Container(
        # One byte per sample, in binary: the other varieties are decoded number by number in Python.
        name="PNM",
        magic=rb"P4%b\d{1,8}%b\d{1,8}\s|P[56]%b\d{1,8}%b\d{1,8}%b255\s" % ((_GAP,) * 5),
        decoder=("PIL.PpmImagePlugin", "PpmImageFile"),
        strip=_as_it_is,
    ),
)
