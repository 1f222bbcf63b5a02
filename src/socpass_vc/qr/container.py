"""Tell what kind of picture file this is, and leave of it only what paints; knows no pixels and no QR codes.

Files come from strangers. A decoder that meets comments, colour profiles, metadata or animation spends time and memory on what
nobody looks at: 60 MiB of empty PNG chunks or of GIF comments, or ten thousand scans of one JPEG, keep a till busy for minutes.
So the parts that paint are copied out first, MAX_PIECES at most, and what is slow or noisy to decode is refused.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import NamedTuple

from socpass_vc.errors import NoCodeFound

MAGIC_BYTES = 512  # enough to tell the format; only PNM needs more than 16, for its comments
MAX_PIECES = 65_536  # chunks, segments or blocks of one file; 64 MiB of PNG in the usual pieces of 8 KiB are 8,192
MAX_JPEG_SCANS = 32  # of a progressive JPEG; encoders write about 10, and each costs a walk over all pixels
MAX_TIFF_VALUES = 65_536  # of one tag: as many strips
MAX_TIFF_SAMPLES = 5  # of one pixel: CMYK and opacity


class Container(NamedTuple):
    """A format of picture files that is read here.

    Args:
        name: what people call it.
        magic: what its files begin with, as a regular expression; compiled when it is first tried.
        decoder: the module and the class of Pillow that open it.
        strip: returns the file without what does not paint; raises NoCodeFound for what must not reach the decoder.
    """

    name: str
    magic: bytes
    decoder: tuple[str, str]
    strip: Callable[[bytes], bytes]


def identify(file: bytes) -> Container:
    """Return the format that *file* is of.

    Raises:
        NoCodeFound: it is of none that is read here.
    """
    head = file[:MAGIC_BYTES]
    for container in _CONTAINERS:
        if re.match(container.magic, head, re.DOTALL):
            return container
    names = ", ".join(container.name for container in _CONTAINERS)
    raise NoCodeFound(f"this is not a picture of a kind that is read here ({names})")


def damaged(name: str) -> NoCodeFound:
    """Return the error for a picture of the format *name* of which a part is missing or wrong."""
    return NoCodeFound(f"the {name} picture is cut short or damaged")


def _as_it_is(file: bytes) -> bytes:
    return file


def _strip_png(file: bytes) -> bytes:
    """Keep the chunks that paint (PNG, third edition, section 5.3); animation and what follows the end go with the rest."""
    kept = [file[:8]]
    at = 8
    for _ in range(MAX_PIECES):
        length, kind = int.from_bytes(file[at : at + 4]), file[at + 4 : at + 8]
        if kind in {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}:
            kept.append(file[at : at + 12 + length])
        at += 12 + length
        if kind == b"IEND" or at >= len(file):  # one that is cut short goes on to the decoder, which knows whether all is there
            return b"".join(kept)
    raise _too_many_pieces("PNG")


def _strip_jpeg(file: bytes) -> bytes:
    """Drop what applications and people add (ITU-T T.81, annex B), and what follows the end: a second picture, a film."""
    kept = [file[:2]]
    at, painted_from, scans = 2, 0, 0
    pattern = re.compile(_JPEG_MARKER)
    for _ in range(MAX_PIECES):
        marker = pattern.search(file, at)
        if marker is None or marker[0] == b"\xff\xd9":
            if scans == 0:
                break
            return b"".join([*kept, file[painted_from : marker.end() if marker else None]])
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
_JPEG_REMARKS = {*range(0xE1, 0xEE), 0xEF, 0xFE}  # APP1 to APP13, APP15, COM; APP0 and APP14 tell how the colours are stored


def _strip_gif(file: bytes) -> bytes:
    """Keep the screen, its palette, the first frame's transparency, and all from that frame on (GIF89a, sections 17 to 23)."""
    flags = int.from_bytes(file[10:11])
    at = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    kept = [file[:at]]
    within_extension = False
    for _ in range(MAX_PIECES):
        head = file[at : at + 1]
        if within_extension:
            within_extension = head not in {b"", b"\0"}
            at += 1 + int.from_bytes(head)
        elif head == b"!":
            if file[at + 1 : at + 2] == b"\xf9":  # graphic control
                kept.append(file[at : at + 8])
            within_extension = True
            at += 2
        elif head in {b"", b",", b";"}:
            return b"".join([*kept, file[at:]])
        else:
            at += 1
    raise _too_many_pieces("GIF")


def _strip_bmp(file: bytes) -> bytes:
    """Refuse run-length packing, which is decoded pixel by pixel in Python: minutes for a large picture."""
    header_bytes, packing = int.from_bytes(file[14:18], "little"), int.from_bytes(file[30:34], "little")
    if header_bytes > 12 and packing not in {0, 3}:  # noqa: PLR2004 - 12: the oldest header, which knows no packing
        raise NoCodeFound("this BMP picture is packed in a way that is not read here: save it as PNG or JPEG")
    return file


def _strip_tiff(file: bytes) -> bytes:
    """Keep of the first image the tags that lay out its pixels (TIFF 6.0, section 2); refuse packed pixels.

    Packed ones go to libtiff, which writes about damage to standard error and reads the tags once more by itself.
    """
    order: str = ">" if file.startswith(b"MM") else "<"
    try:
        (at,) = struct.unpack_from(f"{order}I", file, 4)
        (count,) = struct.unpack_from(f"{order}H", file, at)
        kept: dict[int, bytes] = {}
        for place in range(at + 2, at + 2 + 12 * count, 12):
            tag, kind, values, first = struct.unpack_from(f"{order}HHIH", file, place)
            if tag == _COMPRESSION and (kind, values, first) != (_SHORT, 1, _UNPACKED):
                raise NoCodeFound("this TIFF picture is packed in a way that is not read here: save it as PNG or JPEG")
            if tag == _SAMPLES and ((kind, values) != (_SHORT, 1) or first > MAX_TIFF_SAMPLES):
                raise damaged("TIFF")  # Pillow would log it, and a log that nobody keeps goes to standard error
            if tag in _TIFF_LAYOUT:
                if values > MAX_TIFF_VALUES:
                    raise _too_many_pieces("TIFF")
                kept.setdefault(tag, file[place : place + 12])
    except struct.error as error:
        raise damaged("TIFF") from error
    directory = struct.pack(f"{order}H", len(kept)) + b"".join(kept.values()) + bytes(4)
    return file[:4] + struct.pack(f"{order}I", len(file)) + file[8:] + directory


_COMPRESSION, _SAMPLES = 259, 277  # tags
_SHORT, _UNPACKED = 3, 1  # a type and a value
# Size and depth; colours and bit order; strips, samples and planes; palette; tiles; what the further samples are.
_TIFF_LAYOUT = {256, 257, 258, 262, 266, 273, _SAMPLES, 278, 279, 284, 320, 322, 323, 324, 325, 338}


def _too_many_pieces(name: str) -> NoCodeFound:
    return NoCodeFound(f"the {name} picture is cut into more pieces than any real one")


_GAP = rb"(?:\s|#[^\r\n]*[\r\n])+"  # between the numbers of a PNM header

_CONTAINERS = (
    Container(name="PNG", magic=rb"\x89PNG\r\n\x1a\n", decoder=("PIL.PngImagePlugin", "PngImageFile"), strip=_strip_png),
    Container(name="JPEG", magic=rb"\xff\xd8\xff", decoder=("PIL.JpegImagePlugin", "JpegImageFile"), strip=_strip_jpeg),
    Container(
        name="WebP",
        magic=rb"RIFF.{4}WEBPVP8[ LX]",
        decoder=("PIL.WebPImagePlugin", "WebPImageFile"),
        strip=_as_it_is,
    ),
    Container(name="GIF", magic=rb"GIF8[79]a", decoder=("PIL.GifImagePlugin", "GifImageFile"), strip=_strip_gif),
    Container(name="BMP", magic=rb"BM", decoder=("PIL.BmpImagePlugin", "BmpImageFile"), strip=_strip_bmp),
    Container(name="TIFF", magic=rb"II\*\0|MM\0\*", decoder=("PIL.TiffImagePlugin", "TiffImageFile"), strip=_strip_tiff),
    Container(
        name="AVIF",
        magic=rb".{4}ftypavi[fs]",
        decoder=("PIL.AvifImagePlugin", "AvifImageFile"),
        strip=_as_it_is,
    ),
    Container(
        # One byte a sample, in binary: the other varieties are decoded number by number in Python.
        name="PNM",
        magic=rb"P4%b\d{1,8}%b\d{1,8}\s|P[56]%b\d{1,8}%b\d{1,8}%b255\s" % ((_GAP,) * 5),
        decoder=("PIL.PpmImagePlugin", "PpmImageFile"),
        strip=_as_it_is,
    ),
)
