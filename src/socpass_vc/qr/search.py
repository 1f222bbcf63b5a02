"""Look for QR codes in a file: every picture in it, one way of looking after another, until the time is up.

It bounds pixels and begins no look too late; how much memory and processor time a decoder may take is others' to limit. It does
not know where the file is from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import monotonic
from typing import NamedTuple

from PIL import Image

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import scan
from socpass_vc.qr.container import Container
from socpass_vc.qr.picture import BLACK, BOUNDS, WHITE, Bounds, Picture, open_pictures
from socpass_vc.qr.scan import FoundCode, UnreadCode

LEAST_SPREAD = 3  # grey levels; a plane with fewer shows nothing


def find_codes(
    file: bytes,
    kind: Container,
    *,
    enough: Callable[[str], bool],
    budget_seconds: float,
    bounds: Bounds = BOUNDS,
) -> tuple[str, ...]:
    """Return the texts of all QR codes in *file* as :func:`socpass_vc.qr.read.read_codes` does, in this process.

    Args:
        file: its content, of at most MAX_FILE_BYTES.
        kind: what :func:`container.identify` says of it.
        enough: tells of a text whether to stop looking.
        budget_seconds: after which no further look is begun.
        bounds: of its pixels.

    Raises:
        NoCodeFound: there is no QR code to be read, or no picture.
    """
    search = _Search(enough, monotonic() + budget_seconds)
    try:
        search.run(open_pictures(file, kind, bounds))
        if not search.texts:
            raise search.error or (_nothing_found(search.glimpses) if budget_seconds else NoCodeFound("no_code_in_view"))
    except MemoryError as error:
        if not search.texts:
            raise NoCodeFound("picture_takes_too_much") from error
    return tuple(search.texts)


def find_at_a_glance(file: bytes, kind: Container, *, enough: Callable[[str], bool], bounds: Bounds) -> tuple[str, ...] | None:
    """Return the texts of the codes in the only picture in *file* if one cheap look finds one that is *enough*, else None.

    Raises:
        NoCodeFound: the picture is damaged.
    """
    search = _Search(enough, monotonic())
    try:
        search.glance_at_all(open_pictures(file, kind, bounds))
    except MemoryError:
        return None
    except NoCodeFound as error:
        if error.reason == "picture_damaged":
            raise
        return None
    return tuple(search.texts) if search.is_satisfied and search.pictures == 1 else None


class FirstLook(NamedTuple):
    """A plane of brightness that was looked at once, and what was found in it and could not be read."""

    brightness: Image.Image
    unread: list[UnreadCode]


class _Search:
    """What was found so far in a file, what is left to look at, and when to stop."""

    def __init__(self, enough: Callable[[str], bool], deadline: float) -> None:
        self._enough = enough
        self._deadline = deadline
        self.is_satisfied = False
        self.pictures = 0
        self.texts: dict[str, None] = {}  # a set that keeps its order
        self.glimpses: list[FirstLook] = []
        self.error: NoCodeFound | None = None

    def run(self, pictures: Iterator[Picture]) -> None:
        """Look at every picture in the cheapest way, then, if that is not enough, at each in all ways."""
        try:
            self.glance_at_all(pictures)
        except NoCodeFound as error:
            if not self.texts and not self.glimpses:
                raise
            self.error = error  # a frame behind good ones; it matters if those held nothing
        if not self.is_satisfied:
            self._look_closely()

    def glance_at_all(self, pictures: Iterator[Picture]) -> None:
        """Look at every picture in the cheapest way."""
        for picture in pictures:
            self.pictures += 1
            for brightness in _planes(picture):
                sight = scan.with_zxing(brightness)
                self._take(sight.read)
                if not (picture.is_preview or self.is_satisfied) and _shows_something(brightness):
                    self.glimpses.append(FirstLook(brightness, sight.unread))
            if (picture.is_preview and self.is_satisfied) or self._is_over():
                return

    def _look_closely(self) -> None:
        from socpass_vc.qr.cascade import STEPS, Plane  # noqa: PLC0415 -- a clean picture does not come so far

        for brightness, unread in self.glimpses:
            plane = Plane(brightness, unread)
            for step in STEPS:
                if self._is_over():
                    return
                self._take(step.look(plane))
                if self.is_satisfied:
                    return

    def _take(self, codes: list[FoundCode]) -> None:
        for code in _in_reading_order(codes):
            self.texts[code.text] = None
            self.is_satisfied = self.is_satisfied or self._enough(code.text)

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
