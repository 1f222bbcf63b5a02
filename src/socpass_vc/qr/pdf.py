"""Set the pages of a PDF document as pictures; knows no QR codes. Its library, pypdfium2, comes with the extra ``pdf``."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
from PIL import Image

LONGER_SIDE_PIXELS = 2_000  # a card of 85 mm on a page of A4 gets 570 of them, 8 per module of a code that is 30 mm wide
MOST_PIXELS_PER_POINT = 4.0  # for pages smaller than a card


def pages(file: bytes, most: int) -> Iterator[Image.Image]:
    """Yield the first pages of a document, mode L, black on white.

    Args:
        file: its content.
        most: how many.

    Raises:
        pypdfium2.PdfiumError: it is damaged, or locked with a password.
    """
    document = pypdfium2.PdfDocument(file)
    try:
        for number in range(min(len(document), most)):
            page = document[number]
            longer = max(page.get_size())
            scale = min(LONGER_SIDE_PIXELS / max(longer, 1), MOST_PIXELS_PER_POINT)
            yield page.render(scale=scale, grayscale=True, may_draw_forms=False).to_pil().convert("L")
    finally:
        document.close()
