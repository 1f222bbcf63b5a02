"""PDF pages of text and QR codes: fonts are embedded, codes are shapes, and the same content gives the same bytes.

It knows lines and where they go, and not what they say.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from socpass_vc.holder import fonts
from socpass_vc.holder.layout import LEADING, Line
from socpass_vc.qr.bulk import QrModules

MM = 72 / 25.4  # points
A4_MM = (210.0, 297.0)

_FONT, _BOLD_FONT = "SocpassCard", "SocpassCardBold"


class PdfPages:
    """A PDF that grows page by page.

    Args:
        size_mm: width and height of every page.
        title: of the file, which print queues show.
        language: of the texts.
    """

    def __init__(self, size_mm: tuple[float, float], *, title: str, language: str) -> None:
        _register_fonts()
        self._file = io.BytesIO()
        size = (size_mm[0] * MM, size_mm[1] * MM)
        self.canvas = Canvas(self._file, pagesize=size, invariant=1, pageCompression=1, lang=language, initialFontName=_FONT)
        self.canvas.setTitle(title)
        self.canvas.setCreator("socpass")

    def turn(self) -> None:
        """Begin another page."""
        self.canvas.showPage()

    def finished(self) -> bytes:
        """Return the file."""
        self.canvas.showPage()
        self.canvas.save()
        return self._file.getvalue()


@cache
def _register_fonts() -> None:
    pdfmetrics.registerFont(TTFont(_FONT, str(fonts.REGULAR)))
    pdfmetrics.registerFont(TTFont(_BOLD_FONT, str(fonts.BOLD)))


def measure(text: str, size: float, bold: bool) -> float:
    """Return the width of a text, in points; once a :class:`PdfPages` was made."""
    width: float = pdfmetrics.stringWidth(text, _BOLD_FONT if bold else _FONT, size)
    return width


def set_lines(canvas: Canvas, lines: Iterable[Line], left: float, top: float) -> float:
    """Draw *lines* from *top* downwards, and return where they end; all in points."""
    for line in lines:
        top -= line.height
        canvas.setFont(_BOLD_FONT if line.bold else _FONT, line.size)
        baseline = top + line.size * (LEADING - 0.95)
        for piece in line.pieces:
            draw = canvas.drawRightString if piece.flush_right else canvas.drawString
            draw(left + piece.x, baseline, piece.text)
    return top


def draw_code(canvas: Canvas, modules: QrModules, x: float, y: float, side: float) -> None:
    """Draw a code on white; one shape of all modules, so that no viewer shows seams between them.

    Args:
        canvas: of the page.
        modules: of the code.
        x: of the lower left corner, in points.
        y: likewise.
        side: in points, including the quiet zone.
    """
    canvas.setFillGray(1)
    canvas.rect(x, y, side, side, stroke=0, fill=1)
    canvas.setFillGray(0)
    module = side / modules.side
    shape = canvas.beginPath()
    for left, top, length in modules.dark_runs():
        shape.rect(x + left * module, y + side - (top + 1) * module, length * module, module)
    canvas.drawPath(shape, stroke=0, fill=1)
