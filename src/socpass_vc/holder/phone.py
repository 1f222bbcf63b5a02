"""A card for a phone, as a picture of 1080 x 1920 pixels: dark around a white code, so that it dazzles nobody.

It knows pixels. The same card gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from socpass_vc.holder import fonts
from socpass_vc.holder.card import Card
from socpass_vc.holder.layout import LEADING, Line, fitted, paragraph, settable
from socpass_vc.qr.bulk import QrModules

WIDTH, HEIGHT = 1080, 1920
MARGIN = 56
CODE_WIDTH = 960
"""Of the code's white ground: modules have whole pixels, 5 in version 40, and the rest is added to the quiet zone."""
GROUND, INK, SOFT_INK = 18, 242, 176
"""Of 255; a contrast of 16.7 and 8.6 (WCAG 2.2, 1.4.6 wants 7)."""

_LARGEST, _SMALLEST = 40, 20
_HEAD = 34


def to_png(card: Card) -> bytes:
    """Return the picture.

    Raises:
        CardError: a letter is missing in the fonts, or the text does not fit.
    """
    card = settable(card)
    picture = Image.new("L", (WIDTH, HEIGHT), GROUND)
    draw = ImageDraw.Draw(picture)
    width = WIDTH - 2 * MARGIN
    at = _set(draw, paragraph(card.say("card.title"), width, _measure, _HEAD, bold=True), MARGIN, SOFT_INK) + MARGIN / 2
    picture.paste(_code(card.modules), ((WIDTH - CODE_WIDTH) // 2, round(at)))
    at += CODE_WIDTH + MARGIN / 2
    below = [
        *paragraph(card.say("card.identity"), width, _measure, 24, above=12),
        *paragraph(f"{card.say('card.number')} {card.reference}", width, _measure, 24),
    ]
    foot = sum(line.height for line in below)
    room = HEIGHT - MARGIN - foot - at
    at = _set(draw, fitted(card, width, room, _measure, largest=_LARGEST, smallest=_SMALLEST), at, INK)
    _set(draw, below, max(at, HEIGHT - MARGIN - foot), SOFT_INK)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _code(modules: QrModules) -> Image.Image:
    scale = CODE_WIDTH // modules.side
    ground = Image.new("L", (CODE_WIDTH, CODE_WIDTH), 255)
    side = modules.side * scale
    code = Image.frombytes("L", (modules.side, modules.side), modules.light).resize((side, side), Image.Resampling.NEAREST)
    ground.paste(code, ((CODE_WIDTH - side) // 2, (CODE_WIDTH - side) // 2))
    return ground


def _set(draw: ImageDraw.ImageDraw, lines: Iterable[Line], top: float, ink: int) -> float:
    """Draw *lines* from *top* downwards, and return where they end."""
    for line in lines:
        top += line.height
        for piece in line.pieces:
            anchor = (MARGIN + piece.x, top - line.size * (LEADING - 0.95))
            draw.text(anchor, piece.text, fill=ink, font=_font(line.size, line.bold), anchor="rs" if piece.flush_right else "ls")
    return top


def _measure(text: str, size: float, bold: bool) -> float:
    return _font(size, bold).getlength(text)


@cache
def _font(size: float, bold: bool) -> ImageFont.FreeTypeFont:
    # BASIC: the letters of these fonts need no shaping, and the system may lack the library that does it
    return ImageFont.truetype(str(fonts.BOLD if bold else fonts.REGULAR), size, layout_engine=ImageFont.Layout.BASIC)
