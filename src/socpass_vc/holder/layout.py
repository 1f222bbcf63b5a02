"""The lines of a card within a width and a height: wrapped, made smaller, or reduced to numbers, but never cut.

It knows the words of a card and, from a function that measures them, their widths; it draws nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from socpass_vc.errors import CardError
from socpass_vc.holder import fonts
from socpass_vc.holder.card import Card, CardEntry

Measure = Callable[[str, float, bool], float]
"""Returns the width of a text at a size, regular or bold, in the unit of the size."""

LEADING = 1.2
_STEP = 0.95  # from one size to the next smaller one that is tried
_NAME, _SMALL = 1.4, 0.8  # times the size of the text
_NAMED_CHARACTERS = 5  # of those that the fonts lack
_PART = re.compile("[^-]*-|[^-]+")  # of a word, with the hyphen at its end


class Piece(NamedTuple):
    """A text in a line: where it begins or, if flush right, where it ends."""

    text: str
    x: float
    flush_right: bool = False


class Line(NamedTuple):
    """A line of a card.

    Attributes:
        pieces: its texts.
        size: of the letters.
        bold: whether they are.
        above: empty space above it.
    """

    pieces: tuple[Piece, ...]
    size: float
    bold: bool = False
    above: float = 0

    @property
    def height(self) -> float:
        """Including the space above it."""
        return self.above + self.size * LEADING


def settable(card: Card) -> Card:
    """Return the card with a name that the fonts can show: the one in Latin letters if they lack the other.

    Raises:
        CardError: they can show neither, or not the issuer's name or a category's.
    """
    if fonts.missing(card.name) and card.latin_name is not None:
        card = replace(card, name=card.latin_name)
    _check_letters("name_not_in_fonts", card.name)
    _check_letters("issuer_not_in_fonts", card.issuer)
    for entry in card.entries:
        _check_letters("category_not_in_fonts", entry.name)
    return card


def _check_letters(reason: str, text: str) -> None:
    lacking = fonts.missing(text)
    if lacking:
        raise CardError(reason, characters=[f"U+{ord(character):04X}" for character in lacking[:_NAMED_CHARACTERS]])


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """Return *text* in lines no wider than *width*; a wider word is broken, after a hyphen if it has one."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if measure(longer) <= width:
            lines[-1] = longer
            continue
        if lines[-1]:
            lines.append("")
        for part in _PART.findall(word) if measure(word) > width else (word,):
            if lines[-1] and measure(lines[-1] + part) > width:
                lines.append("")
            for character in part:
                if lines[-1] and measure(lines[-1] + character) > width:
                    lines.append("")
                lines[-1] += character
    return lines


def fitted(card: Card, width: float, height: float, measure: Measure, *, largest: float, smallest: float) -> list[Line]:
    """Return the lines of a card in the largest letters that fit; if none do, categories by number alone, in columns.

    If that is not enough either, the name is set in the same size as the rest.

    Raises:
        CardError: even so they do not fit.
    """
    for by_number, name in ((False, _NAME), (True, _NAME), (True, 1.0)):
        for size in _sizes(largest, smallest):
            lines = list(_lines(card, width, measure, size, by_number=by_number, name=name))
            if sum(line.height for line in lines) <= height and all(_is_within(line, width, measure) for line in lines):
                return lines
    raise CardError("card_too_full")


def paragraph(
    text: str, width: float, measure: Measure, size: float, *, bold: bool = False, above: float = 0, x: float = 0
) -> Iterator[Line]:
    """Yield the lines of a text."""
    for line in wrapped(text, width, lambda part: measure(part, size, bold)):
        yield Line((Piece(line, x),), size, bold, above)
        above = 0


def entry_lines(entry: CardEntry, width: float, measure: Measure, size: float, *, above: float) -> Iterator[Line]:
    """Yield the lines of a category: its name on the left, its days on the right of the first line."""
    room = max(width - measure(entry.days, size, False) - size, size)
    first, *others = paragraph(entry.name, room, measure, size, above=above)
    yield first._replace(pieces=(*first.pieces, Piece(entry.days, width, flush_right=True)))
    yield from others


def _is_within(line: Line, width: float, measure: Measure) -> bool:
    """Tell whether no text of *line* leaves the card or overlaps the next one."""
    end = 0.0
    for piece in line.pieces:
        reach = measure(piece.text, line.size, line.bold)
        start = piece.x - reach if piece.flush_right else piece.x
        if start < end - 1e-6:
            return False
        end = start + reach
    return end <= width + 1e-6


def _lines(card: Card, width: float, measure: Measure, size: float, *, by_number: bool, name: float) -> Iterator[Line]:
    yield from paragraph(card.issuer, width, measure, size * _SMALL)
    yield from paragraph(card.name, width, measure, size * name, bold=True, above=size * 0.4)
    if by_number:
        yield from paragraph(card.say("card.see_letter"), width, measure, size * _SMALL, above=size * 0.3)
        yield from _columns(card.entries, width, measure, size)
    else:
        above = size * 0.5
        for entry in card.entries:
            yield from entry_lines(entry, width, measure, size, above=above)
            above = size * 0.15
    yield from paragraph(card.expiry, width, measure, size, bold=True, above=size * 0.5)


def _columns(entries: tuple[CardEntry, ...], width: float, measure: Measure, size: float) -> Iterator[Line]:
    texts = [f"{entry.number} {entry.short_days}" for entry in entries]
    widest = max(measure(text, size, False) for text in texts) + size
    count = max(int((width + size) / widest), 1)
    rows = -(-len(texts) // count)
    for row in range(rows):
        pieces = tuple(Piece(text, column * (width + size) / count) for column, text in enumerate(texts[row::rows]))
        yield Line(pieces, size)


def _sizes(largest: float, smallest: float) -> Iterator[float]:
    size = largest
    while size > smallest:
        yield size
        size *= _STEP
    yield smallest
