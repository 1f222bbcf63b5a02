"""Read the texts of the QR codes in a file: every picture in it, one way of looking after another, until the time is up.

It knows one thing of the texts, to know when to stop: how the check digits of a pass are worked out.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from PIL import Image

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import scan
from socpass_vc.qr.picture import BLACK, WHITE, Picture, open_pictures
from socpass_vc.qr.scan import FoundCode, UnreadCode

BUDGET_SECONDS = 2.0  # a cashier waits that long; what is begun is finished, which takes up to a third of a second more
MIN_DIGITS = 157  # of a pass, which has a signature in it (specs/credential.md, section 5)
LEAST_SPREAD = 3  # grey levels; a plane with fewer shows nothing

_DIGITS_AT_ONCE = 4_000  # CPython converts no more than 4,300 in one go


def has_check_digits(text: str) -> bool:
    """Tell whether *text* ends in digits enough for a pass whose check digits hold (specs/credential.md, section 5)."""
    start = len(text)
    while start and text[start - 1] in "0123456789":
        start -= 1
    digits = text[start:]
    rest = 0
    for at in range(0, len(digits), _DIGITS_AT_ONCE):
        block = digits[at : at + _DIGITS_AT_ONCE]
        rest = (rest * pow(10, len(block), 97) + int(block)) % 97
    return len(digits) >= MIN_DIGITS and rest == 1


def read_codes(
    picture: bytes | Path, *, enough: Callable[[str], bool] = has_check_digits, budget_seconds: float = BUDGET_SECONDS
) -> tuple[str, ...]:
    """Return the texts of all QR codes in *picture*, each once, from the top left to the bottom right as they were found.

    Every frame is looked at in the cheapest way. If no text is *enough* then, further ways follow until one is, or time is up.
    Micro QR codes and other kinds are not looked for. A code that holds no text is returned as the decoder guesses it.

    Args:
        picture: a file, or its content: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PNM, and HEIC or PDF where their extras
            are installed; at most 64 MiB, 64 megapixels, 16 frames or pages.
        enough: tells of a text whether to stop looking; by default one whose check digits hold. A caller who can verify may.
        budget_seconds: after which no further look is begun; with 0, for one frame of a film after another, the first picture is
            looked at once, in the cheapest way, and no diagnosis is made.

    Raises:
        NoCodeFound: there is no QR code to be read, or no picture; the sentence says what is wrong. Where there is a picture,
            the facts hold ``hints``, words of qr.diagnose that say what would help, and ``pixels_per_module`` if that is known
            (but see *budget_seconds*).
        SourceError: the file is missing or cannot be read.
    """
    search = _Search(enough, monotonic() + budget_seconds)
    try:
        search.run(picture)
        if not search.texts:
            raise search.error or (_nothing_found(search.glimpses) if budget_seconds else NoCodeFound("no_code_in_view"))
    except MemoryError as error:
        if not search.texts:
            raise NoCodeFound("picture_needs_memory") from error
    return tuple(search.texts)


class FirstLook(NamedTuple):
    """A plane of brightness that was looked at once, and what was found in it and could not be read."""

    brightness: Image.Image
    unread: list[UnreadCode]


class _Search:
    """What was found so far in a file, what is left to look at, and when to stop."""

    def __init__(self, enough: Callable[[str], bool], deadline: float) -> None:
        self._enough = enough
        self._deadline = deadline
        self._is_satisfied = False
        self.texts: dict[str, None] = {}  # a set that keeps its order
        self.glimpses: list[FirstLook] = []
        self.error: NoCodeFound | None = None

    def run(self, source: bytes | Path) -> None:
        """Look at every picture in the cheapest way, then, if that is not enough, at each in all ways."""
        try:
            self._glance_at_all(source)
        except NoCodeFound as error:
            if not self.texts and not self.glimpses:
                raise
            self.error = error  # a frame behind good ones; it matters if those held nothing
        if not self._is_satisfied:
            self._look_closely()

    def _glance_at_all(self, source: bytes | Path) -> None:
        for picture in open_pictures(source):
            for brightness in _planes(picture):
                sight = scan.with_zxing(brightness)
                self._take(sight.read)
                if not (picture.is_preview or self._is_satisfied) and _shows_something(brightness):
                    self.glimpses.append(FirstLook(brightness, sight.unread))
            if (picture.is_preview and self._is_satisfied) or self._is_over():
                return

    def _look_closely(self) -> None:
        from socpass_vc.qr.cascade import STEPS, Plane  # noqa: PLC0415 -- a clean picture does not come so far

        for brightness, unread in self.glimpses:
            plane = Plane(brightness, unread)
            for step in STEPS:
                if self._is_over():
                    return
                self._take(step.look(plane))
                if self._is_satisfied:
                    return

    def _take(self, codes: list[FoundCode]) -> None:
        for code in _in_reading_order(codes):
            self.texts[code.text] = None
            self._is_satisfied = self._is_satisfied or self._enough(code.text)

    def _is_over(self) -> bool:
        return monotonic() > self._deadline


def _planes(picture: Picture) -> list[Image.Image]:
    """Return the picture as seen on white, and on black if anything shows through."""
    return [picture.on(WHITE)] if picture.opacity is None else [picture.on(WHITE), picture.on(BLACK)]


def _shows_something(brightness: Image.Image) -> bool:
    match brightness.getextrema():
        case (int() as darkest, int() as brightest):
            return brightest - darkest >= LEAST_SPREAD
    return False


def _nothing_found(glimpses: list[FirstLook]) -> NoCodeFound:
    from socpass_vc.qr.diagnose import FLAT, symptoms  # noqa: PLC0415 -- a clean picture does not come so far

    if not glimpses:
        return NoCodeFound("picture_shows_nothing", hints=(FLAT,))
    found = symptoms(*glimpses[0])
    facts = {} if found.pixels_per_module is None else {"pixels_per_module": found.pixels_per_module}
    return NoCodeFound("no_code_can_be_read", hints=found.hints, **facts)


def _in_reading_order(codes: list[FoundCode]) -> list[FoundCode]:
    """Sort into rows, then along each; a code that starts above the middle of a row's first one stands in that row."""
    rows: list[list[FoundCode]] = []
    for code in sorted(codes, key=lambda code: code.top):
        if rows and code.top < (rows[-1][0].top + rows[-1][0].bottom) / 2:
            rows[-1].append(code)
        else:
            rows.append([code])
    return [code for row in rows for code in sorted(row, key=lambda code: code.left)]
