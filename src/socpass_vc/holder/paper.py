"""Cards on paper, as PDF: one plastic card, front and back; ten on a sheet; a letter. Fonts are embedded, codes are shapes.

It knows pages and millimetres. The same cards give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from reportlab.pdfgen.canvas import Canvas

from socpass_vc.holder.card import Card
from socpass_vc.holder.layout import Line, entry_lines, fitted, paragraph, settable
from socpass_vc.holder.pdf_pages import A4_MM, MM, PdfPages, draw_code, measure, set_lines

CARD_MM = (85.6, 54.0)  # ID-1 (ISO/IEC 7810, section 5)
CARD_CODE_MM = 49.0  # the side on the back of a card, including the quiet zone
CARD_MARGIN_MM = 4.0
SHEET_COLUMNS, SHEET_ROWS = 2, 5
SHEET_CARDS = SHEET_COLUMNS * SHEET_ROWS
LETTER_CODE_MM = 75.0
LETTER_MARGIN_MM = 20.0

_CORNER_MM = 3.18  # ISO/IEC 7810, section 5.1.1


def to_card(card: Card) -> bytes:
    """Return a PDF of two pages, the front and the back of a plastic card.

    Raises:
        CardError: a letter is missing in the fonts, or the text does not fit.
    """
    pages = _pages(CARD_MM, card)
    _front(pages.canvas, settable(card))
    pages.turn()
    _back(pages.canvas, settable(card))
    return pages.finished()


def to_sheet(cards: Iterable[Card]) -> bytes:
    """Return a PDF of A4 pages with ten cards each: a page of fronts, then a page of backs, for printing on both sides.

    Backs are laid out mirrored, so that each falls behind its front when the sheet is turned over its long edge.

    Args:
        cards: one or more.

    Raises:
        CardError: as for :func:`to_card`.
    """
    remaining = iter(cards)
    pages: PdfPages | None = None
    while ten := [settable(card) for card in islice(remaining, SHEET_CARDS)]:
        if pages is None:
            pages = _pages(A4_MM, ten[0])
        else:
            pages.turn()
        for card, (x, y) in zip(ten, _corners(mirrored=False), strict=False):
            _draw_at(pages.canvas, card, x, y, is_front=True)
        pages.turn()
        for card, (x, y) in zip(ten, _corners(mirrored=True), strict=False):
            _draw_at(pages.canvas, card, x, y, is_front=False)
    if pages is None:
        raise ValueError("no cards")
    return pages.finished()


def to_letter(card: Card) -> bytes:
    """Return a PDF of one A4 page, or more if there are many categories: a letter to be handed or sent to the holder.

    Raises:
        CardError: a letter is missing in the fonts.
    """
    card = settable(card)
    pages = _pages(A4_MM, card)
    canvas = pages.canvas
    left, top = LETTER_MARGIN_MM * MM, (A4_MM[1] - LETTER_MARGIN_MM) * MM
    width = (A4_MM[0] - 2 * LETTER_MARGIN_MM) * MM
    side = LETTER_CODE_MM * MM
    at = set_lines(canvas, paragraph(card.issuer, width, measure, 10), left, top)
    at = set_lines(canvas, paragraph(card.say("card.title"), width, measure, 18, bold=True, above=14), left, at)
    at = set_lines(canvas, paragraph(card.name, width, measure, 15, bold=True, above=10), left, at) - 6 * MM
    draw_code(canvas, card.modules, left, at - side, side)
    beside = left + side + 8 * MM
    room = width - side - 8 * MM
    set_lines(canvas, _beside_the_code(card, room), beside, at - 4 * MM)
    at = set_lines(canvas, paragraph(card.say("card.categories"), width, measure, 12, bold=True, above=4 * MM), left, at - side)
    for entry in card.entries:
        lines = list(entry_lines(entry, width, measure, 10, above=4))
        if at - sum(line.height for line in lines) < LETTER_MARGIN_MM * MM:
            pages.turn()
            heading = f"{card.say('card.continued')}: {card.name}"
            at = set_lines(canvas, paragraph(heading, width, measure, 10, bold=True), left, top) - 6
        at = set_lines(canvas, lines, left, at)
    return pages.finished()


def _beside_the_code(card: Card, width: float) -> Iterator[Line]:
    yield from paragraph(card.expiry, width, measure, 12, bold=True)
    for text in (card.say("card.how"), card.say("card.identity"), card.say("card.keep")):
        yield from paragraph(text, width, measure, 11, above=9)
    yield from paragraph(_number(card), width, measure, 9, above=14)


def _pages(size_mm: tuple[float, float], card: Card) -> PdfPages:
    return PdfPages(size_mm, title=card.say("card.title"), language=card.language)  # no name: print queues show the title


def _front(canvas: Canvas, card: Card) -> None:
    width, height = ((side - 2 * CARD_MARGIN_MM) * MM for side in CARD_MM)
    at = (CARD_MM[1] - CARD_MARGIN_MM) * MM
    title = list(paragraph(card.say("card.title").upper(), width, measure, 6.5, bold=True))
    height -= sum(line.height for line in title)
    left = CARD_MARGIN_MM * MM
    at = set_lines(canvas, title, left, at)
    set_lines(canvas, fitted(card, width, height, measure, largest=10, smallest=4.5), left, at)


def _back(canvas: Canvas, card: Card) -> None:
    side = CARD_CODE_MM * MM
    edge = (CARD_MM[1] - CARD_CODE_MM) / 2 * MM
    draw_code(canvas, card.modules, edge, edge, side)
    left = edge + side + 1 * MM
    width = CARD_MM[0] * MM - left - CARD_MARGIN_MM * MM
    lines = [
        *paragraph(card.expiry, width, measure, 7.5, bold=True),
        *paragraph(card.say("card.how"), width, measure, 6.5, above=5),
        *paragraph(card.say("card.identity"), width, measure, 6.5, above=5),
        *paragraph(_number(card), width, measure, 6, above=5),
    ]
    set_lines(canvas, lines, left, (CARD_MM[1] - CARD_MARGIN_MM - 1) * MM)


def _draw_at(canvas: Canvas, card: Card, x: float, y: float, *, is_front: bool) -> None:
    canvas.saveState()
    canvas.translate(x * MM, y * MM)
    canvas.setLineWidth(0.25)
    canvas.setStrokeGray(0.7)
    canvas.roundRect(0, 0, CARD_MM[0] * MM, CARD_MM[1] * MM, _CORNER_MM * MM, stroke=1, fill=0)  # where to cut
    (_front if is_front else _back)(canvas, card)
    canvas.restoreState()


def _corners(*, mirrored: bool) -> Sequence[tuple[float, float]]:
    """Return the lower left corners of a sheet's cards in mm, row by row from the top left, or from the top right."""
    width, height = CARD_MM
    left, bottom = (A4_MM[0] - SHEET_COLUMNS * width) / 2, (A4_MM[1] - SHEET_ROWS * height) / 2
    columns = range(SHEET_COLUMNS - 1, -1, -1) if mirrored else range(SHEET_COLUMNS)
    return [(left + column * width, bottom + row * height) for row in range(SHEET_ROWS - 1, -1, -1) for column in columns]


def _number(card: Card) -> str:
    return f"{card.say('card.number')} {card.reference}"
