"""How large a QR code is to be, on screens and on paper; knows neither drawing nor reading.

On paper a module of 0.42 mm is five dots of a printer of 300 dots per inch; smaller ones are four dots here and five there, and
ink that spreads by half a dot shifts their edges by an eighth. Above version 13 a card leaves no reserve
(docs/guides/printing.md).
"""

from __future__ import annotations

from enum import Enum

from socpass_vc.errors import CodeTooLarge

QUIET_ZONE = 4  # modules on every side (ISO/IEC 18004, section 6.3.8)
PIXELS_PER_MODULE = 8  # of a PNG: screens and messengers shrink pictures, and below 2 pixels per module no reader copes
MOST_CHARACTERS = 7089  # digits in version 40, level L (ISO/IEC 18004, table 7); nothing longer fits in any mode
LEAST_MODULE_MM = 0.42
PRINTED_MODULE_MM = 0.5  # where nobody says how wide the code is to be
MOST_CARD_VERSION = 13


class Level(Enum):
    """How much of the code may be lost and still be restored (ISO/IEC 18004, section 6.5.1)."""

    L = "L"  # 7 %
    M = "M"  # 15 %
    Q = "Q"  # 25 %
    H = "H"  # 30 %


def least_width_mm(side: int) -> float:
    """Return how wide a code of *side* modules, its quiet zone included, must be on paper, in mm."""
    return side * LEAST_MODULE_MM


def is_small_on_paper(side: int, width_mm: float) -> bool:
    """Tell whether the modules of a code are too small for a scanner when it is *width_mm* wide, its quiet zone included."""
    return width_mm < least_width_mm(side) - 1e-9


def too_large(text: str, level: Level) -> CodeTooLarge:
    """Return the refusal of a text that does not fit."""
    characters = len(text.encode())
    return CodeTooLarge("text_too_long_for_code", characters=characters, level=level.value)
