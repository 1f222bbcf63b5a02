"""Read the texts of the QR codes in a file that comes from outside, wherever that is safe to do.

A decoder may be led to take any time and any memory. So files are decoded in a process of its own, which is ended when it passes
its limits. One small picture is looked at here first: whoever verifies a single pass does not wait for a process.

It knows one thing of the texts, to know when to stop: how the check digits of a pass are worked out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_vc.errors import NoCodeFound, SourceError, system_reason
from socpass_vc.qr.container import MAX_FILE_BYTES, Container, identify, pixels_claimed

if TYPE_CHECKING:
    from socpass_vc.qr.picture import Bounds

BUDGET_SECONDS = 2.0  # a cashier waits that long; what is begun is finished, which takes up to a third of a second more
MIN_DIGITS = 157  # of a pass, which has a signature in it (specs/credential.md, section 5)

MAX_PIXELS_HERE = 1_500_000
"""Pixels of the one picture that is looked at in the caller's process.

The largest code, drawn as we draw it, has 2.2 megapixels, and a pass of ten categories 0.4. The time to look grows with the
square of the pixels where a picture is tiled with finder patterns: 0.4 s for so many, 5 s for a screenshot of 2,400 x 2,400."""
MAX_BYTES_HERE = 2**20
"""Of its file: a JPEG of so many pixels in 32 scans has less."""
MAX_PIXELS_WITHOUT_A_PROCESS = 16_000_000
"""Pixels of a picture where no process can be started (a frozen program): a photograph, which takes 80 MB and is seen smaller."""
KINDS_HERE = ("PNG", "JPEG")
KINDS_WITHOUT_A_PROCESS = ("PNG", "JPEG", "PNM")
"""Decoders whose time and memory the number of pixels bounds."""

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

    The first picture of a program is looked at in its process if it is small, all others in one of their own, which stays for the
    next. Threads may call it: they take turns.

    Args:
        picture: a file, or its content: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PNM, and HEIC or PDF where their extras
            are installed; at most 64 MiB, 64 megapixels, 16 frames or pages.
        enough: tells of a text whether to stop looking; by default one whose check digits hold. A caller who can verify may.
            It must not read a picture itself.
        budget_seconds: after which no further look is begun; with 0, for one frame of a film after another, the first picture is
            looked at once, in the cheapest way, and no diagnosis is made.

    Raises:
        NoCodeFound: there is no QR code to be read, or no picture; the sentence says what is wrong. Where there is a picture,
            the facts hold ``hints``, words of qr.diagnose that say what would help, and ``pixels_per_module`` if that is known
            (but see *budget_seconds*). ``picture_takes_too_much``: decoding was ended, because it took too much memory or time.
        SourceError: the file is missing or cannot be read.
    """
    file = picture if isinstance(picture, bytes) else _read(picture)
    if not file:
        raise NoCodeFound("picture_file_empty")
    if len(file) > MAX_FILE_BYTES:
        raise NoCodeFound("picture_file_too_large", limit_bytes=MAX_FILE_BYTES)
    kind = identify(file)
    if budget_seconds and _is_for_here(file, kind):
        found = _at_a_glance(file, kind, enough)
        if found is not None:
            return found
    from socpass_vc.qr import worker_process  # noqa: PLC0415 -- a single clean picture does not come so far

    if not worker_process.can_start():
        return _without_a_process(file, kind, enough, budget_seconds)
    try:
        return worker_process.find_codes_apart(file, enough=enough, budget_seconds=budget_seconds)
    except OSError as error:
        raise NoCodeFound("picture_reader_does_not_start", why=system_reason(error)) from error


class FirstGlance:
    """Whether the one picture that may be looked at here has been."""

    is_over = False


def _is_for_here(file: bytes, kind: Container) -> bool:
    if FirstGlance.is_over:
        return False
    FirstGlance.is_over = True
    if kind.name not in KINDS_HERE or len(file) > MAX_BYTES_HERE:
        return False
    pixels = pixels_claimed(file, kind)
    return pixels is not None and pixels <= MAX_PIXELS_HERE


def _at_a_glance(file: bytes, kind: Container, enough: Callable[[str], bool]) -> tuple[str, ...] | None:
    from socpass_vc.qr.search import find_at_a_glance  # noqa: PLC0415 -- the decoders, which most callers leave to the process

    return find_at_a_glance(file, kind, enough=enough, bounds=_bounds(MAX_PIXELS_HERE))


def _without_a_process(file: bytes, kind: Container, enough: Callable[[str], bool], budget_seconds: float) -> tuple[str, ...]:
    from socpass_vc.qr.search import find_codes  # noqa: PLC0415 -- likewise

    if kind.name not in KINDS_WITHOUT_A_PROCESS:
        raise NoCodeFound("picture_needs_an_interpreter", kind=kind.name)
    bounds = _bounds(MAX_PIXELS_WITHOUT_A_PROCESS)
    return find_codes(file, kind, enough=enough, budget_seconds=budget_seconds, bounds=bounds)


def _bounds(decoded_pixels: int) -> Bounds:
    from socpass_vc.qr.picture import Bounds  # noqa: PLC0415 -- likewise

    return Bounds(decoded_pixels, MAX_PIXELS_HERE)


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise NoCodeFound("picture_is_a_folder").at(path)
        with path.open("rb") as file:
            size = min(os.fstat(file.fileno()).st_size, MAX_FILE_BYTES)
            content = file.read(size + 1)  # to ask for as much as may be costs a buffer of so much
            return content if len(content) <= size else content + file.read(MAX_FILE_BYTES + 1 - len(content))
    except (OSError, ValueError) as error:  # ValueError: a path that no system can have, such as one with a zero byte
        raise SourceError("cannot_be_read", path=str(path), why=system_reason(error)).at(path) from error
