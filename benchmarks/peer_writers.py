"""Writers of QR codes side by side, in the peers' environment: text to a PNG of 8 pixels a module, level M, margin of four.

Ours runs in the same process (PYTHONPATH=src). Reads texts as JSON from standard input, writes figures as JSON.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from statistics import mean, median
from time import process_time_ns
from typing import Any

import qrcode
import segno
import zxingcpp
from PIL import Image

from socpass_vc.qr import bulk, write

SCALE, BORDER = 8, 4
QR = zxingcpp.barcode_formats_from_str("QRCode")
ROUNDS, WARM_UP_ROUNDS = 60, 5


def by_bulk(text: str) -> bytes:
    """Draw as ``issuer issue --qr`` does."""
    return bulk.draw(text).png(scale=SCALE)


def by_single(text: str) -> bytes:
    """Draw as ``socpass card --format code`` does."""
    return write.draw_code(text).png(scale=SCALE)


def by_zxing(text: str) -> bytes:
    """Draw with zxing-cpp's writer, and Pillow for the PNG."""
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    image: Any = barcode.to_image(SCALE)  # its stub does not say that it is a buffer
    return _saved(Image.frombytes("L", (image.shape[1], image.shape[0]), bytes(memoryview(image))))


def by_segno(text: str) -> bytes:
    """Draw with segno, which takes one mode for the whole text."""
    file = io.BytesIO()
    segno.make(text, error="M", boost_error=False, micro=False).save(file, kind="png", scale=SCALE, border=BORDER)
    return file.getvalue()


def by_qrcode(text: str) -> bytes:
    """Draw with qrcode, and Pillow for the PNG."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=SCALE, border=BORDER)
    code.add_data(text)
    code.make(fit=True)
    return _saved(code.make_image().get_image())


WRITERS: dict[str, Callable[[str], bytes]] = {
    "socpass, bulk": by_bulk,
    "socpass, single": by_single,
    "zxing-cpp + Pillow": by_zxing,
    "segno": by_segno,
    "qrcode + Pillow": by_qrcode,
}


def measure(texts: list[str]) -> list[dict[str, object]]:
    """Return, for each writer, the processor time of a code, the size of the file and of the code."""
    turns = list(WRITERS.items())
    taken: dict[str, list[int]] = {name: [] for name in WRITERS}
    written: dict[str, list[bytes]] = {name: [] for name in WRITERS}
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        text = texts[number % len(texts)]
        for name, writer in turns:
            start = process_time_ns()
            content = writer(text)
            end = process_time_ns()
            _check(content, text, name)
            if number >= WARM_UP_ROUNDS:
                taken[name].append(end - start)
                written[name].append(content)
        turns.append(turns.pop(0))
    return [
        {
            "name": name,
            "ms": median(taken[name]) / 1e6,
            "bytes": round(mean(map(len, written[name]))),
            "version": mean(_version(content) for content in written[name]),
        }
        for name in WRITERS
    ]


def _check(content: bytes, text: str, name: str) -> None:
    with Image.open(io.BytesIO(content)) as picture:
        read = [found.text for found in zxingcpp.read_barcodes(picture.convert("L"), formats=QR)]
    if read != [text]:
        sys.exit(f"{name} wrote what is not read back")


def _version(content: bytes) -> int:
    with Image.open(io.BytesIO(content)) as picture:
        return (picture.width // SCALE - 2 * BORDER - 17) // 4


def _saved(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    json.dump(measure(json.load(sys.stdin)), sys.stdout)
