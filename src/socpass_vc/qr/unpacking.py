"""Unpack the pixels of TIFF and BMP files in another process, which may write, hang or die without harm to this one.

libtiff writes about damage to standard error, straight from C, and Pillow undoes the runs of a BMP one by one in Python. Both are
rare: scanners of documents and fax machines pack what they scan. So it may cost a tenth of a second, and takes no library
but Pillow. Run as a program, this module is that other process.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

UNPACK_SECONDS = 1.5  # of the clock; a page of 600 dots per inch takes half a second
MEMORY_BYTES = 2**30  # of the process: 64 megapixels in four colours, twice in grey, and the file

TIFF = ("PIL.TiffImagePlugin", "TiffImageFile")
"""What opens a file that was unpacked."""

_INTERPRETERS = r"(?i)python|pypy"  # in a program that embeds one, sys.executable may be that program: a second till would start
_KINDS = ("TIFF", "BMP")


def unpacked(file: bytes) -> bytes:
    """Return the first picture in *file* as a TIFF file with unpacked pixels, in grey where nothing shows through.

    Args:
        file: TIFF or BMP, of a size that its caller has looked at.

    Raises:
        OSError: it is damaged, takes longer than UNPACK_SECONDS, or no other process can be started.
    """
    if getattr(sys, "frozen", False) or not re.match(_INTERPRETERS, Path(sys.executable or "").name):
        raise OSError("there is no interpreter to start: this one is part of another program")
    try:
        return subprocess.run(  # noqa: S603 -- our own interpreter and this file
            [sys.executable, "-I", __file__],
            input=file,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=UNPACK_SECONDS,
            check=True,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would open a console over the till's
        ).stdout
    except subprocess.SubprocessError as error:
        raise OSError(f"the pixels cannot be unpacked: {error}") from error


def _unpack() -> None:
    _limit_memory()
    picture: Image.Image = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=_KINDS)
    picture.load()
    if picture.mode == "LAB":
        picture = picture.getchannel("L")
    elif not (picture.mode.startswith("I") or picture.has_transparency_data):
        picture = picture.convert("L")
    file = io.BytesIO()
    picture.save(file, "TIFF", compression="raw")
    sys.stdout.buffer.write(file.getvalue())


def _limit_memory() -> None:
    try:
        import resource  # noqa: PLC0415 -- Windows has none
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    _unpack()
