"""The bulletin: changes of the status lists as QR codes on a printable page, for tills that have no link at all.

It knows the page and not the content of the codes, which are split as specs/status-delta.md, section 5 says.
"""

from __future__ import annotations

import html
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from socpass_cli.app.language import chosen, show_day, tr
from socpass_vc.errors import AgencyError, CodeTooLarge
from socpass_vc.files import make_folder, write_file
from socpass_vc.format import armor
from socpass_vc.format.status.status_delta import StatusDelta, read_delta
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.qr.sizes import Level
from socpass_vc.qr.write import LARGEST_VERSION, QrCode, encode

EASY_VERSION = 25
"""The largest code that a phone reads at once from half a page: 117 modules, 0.7 mm each."""
MOST_EASY_CODES = 3
"""If there would be more, codes of the largest version are used."""
FOLDER_NAME = "bulletin"

_MOST_CODES = 255  # parts of one frame (specs/credential.md, section 5)
_MOST_BYTES = {EASY_VERSION: 1_269, LARGEST_VERSION: 2_943}
"""The bytes that the digits of a code of level L carry, 3,057 and 7,089 of them (ISO/IEC 18004, table 7)."""

# Fonts with Cyrillic letters, regular and bold, where systems keep them; the first that is there is put into the PDF.
_FONTS = (
    ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"),
    ("/usr/share/fonts/TTF/DejaVuSans.ttf", "/usr/share/fonts/TTF/DejaVuSans-Bold.ttf"),
    ("/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf", "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf"),
    (
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    ),
    ("/System/Library/Fonts/Supplemental/Arial.ttf", "/System/Library/Fonts/Supplemental/Arial Bold.ttf"),
    (r"C:\Windows\Fonts\arial.ttf", r"C:\Windows\Fonts\arialbd.ttf"),
)
# Of the page, in points of 1/72 inch: A4, margins of 15 mm.
_WIDTH, _HEIGHT, _MARGIN = 595.28, 841.89, 42.5
_GAP, _CAPTION = 12.0, 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinPage:
    """What stands on the bulletin."""

    issuer: str
    day: str
    lines: tuple[str, ...]
    codes: tuple[QrCode, ...]

    @property
    def columns(self) -> int:
        """Codes side by side: the largest stand alone."""
        return 2 if self.codes[0].version <= EASY_VERSION and len(self.codes) > 1 else 1


def write_bulletin(site: Path, issuer: Issuer, tokens: Sequence[bytes]) -> list[Path]:
    """Write the page of the newest deltas, as HTML and, where a font is found, as PDF; return what was written.

    Raises:
        CodeTooLarge: too much has changed for paper.
        AgencyError: the folder cannot be written.
    """
    deltas = [read_delta(token).content for token in tokens]
    page = _page(issuer, deltas, tuple(code for token in tokens for code in codes_of(token)))
    folder = site / FOLDER_NAME
    make_folder(folder, error=AgencyError)
    name = f"{_local(issuer, deltas[0].issued_at):%Y-%m-%d-%H%M%S}"
    written = [folder / f"{name}.html"]
    write_file(written[0], _as_html(page).encode(), error=AgencyError)
    content = _as_pdf(page)
    if content is not None:
        written.append(folder / f"{name}.pdf")
        write_file(written[1], content, error=AgencyError)
    return written


def codes_of(token: bytes) -> list[QrCode]:
    """Return the QR codes of a delta: as few as possible of version 25 at level L or, if these are many, of version 40.

    Raises:
        CodeTooLarge: the token has more bytes than codes can carry.
    """
    if len(token) > armor.MAX_DELTA_BYTES:
        raise CodeTooLarge("cli.bulletin.too_many_bytes", size=len(token), most=armor.MAX_DELTA_BYTES)
    frame = bytes((armor.DELTA,)) + token
    if len(frame) <= MOST_EASY_CODES * _MOST_BYTES[EASY_VERSION]:
        easy = _fewest(frame, EASY_VERSION)
        if len(easy) <= MOST_EASY_CODES:
            return easy
    return _fewest(frame, LARGEST_VERSION)


def _fewest(frame: bytes, version: int) -> list[QrCode]:
    for count in range(-(-len(frame) // _MOST_BYTES[version]), _MOST_CODES + 1):
        frames = (frame,) if count == 1 else armor.split_frame(frame, count=count)
        try:  # the first is the longest
            if encode(armor.write_armor(frames[0]), level=Level.L).version > version:
                continue
        except CodeTooLarge:
            continue
        return [encode(armor.write_armor(part), level=Level.L) for part in frames]
    raise CodeTooLarge("cli.bulletin.too_many_codes", most=_MOST_CODES, version=version)


def _local(issuer: Issuer, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(issuer.time_zone))


def _page(issuer: Issuer, deltas: Sequence[StatusDelta], codes: tuple[QrCode, ...]) -> BulletinPage:
    first = deltas[0]
    made, until = _local(issuer, first.issued_at), _local(issuer, first.expires_at)
    base = first.base_issued_at
    begin = tr("cli.bulletin.the_beginning") if base is None else _moment(_local(issuer, base))
    count = sum(sum(delta.counts) for delta in deltas)
    return BulletinPage(
        issuer=issuer.names.get(chosen()) or next(iter(issuer.names.values())),
        day=show_day(made),
        lines=(
            tr("cli.bulletin.changes", begin=begin, made=_moment(made), changes=count, until=_moment(until)),
            tr("cli.bulletin.how", codes=len(codes)),
            tr("cli.bulletin.missed"),
        ),
        codes=codes,
    )


def _moment(moment: datetime) -> str:
    return f"{show_day(moment)} {moment:%H:%M}"


def _title() -> str:
    return tr("cli.bulletin.title")


_STYLE = """
@page { size: A4; margin: 15mm }
body { font-family: sans-serif; color: #000; background: #fff; max-width: 180mm; margin: 0 auto }
h1 { font-size: 16pt; margin: 0 } .day { font-size: 48pt; font-weight: bold; margin: 0 } p { font-size: 11pt; margin: 1mm 0 }
.codes { display: grid; grid-template-columns: repeat(COLUMNS, 1fr); gap: 4mm } figure { margin: 0; break-inside: avoid }
figcaption { text-align: center; font-size: 11pt } svg { width: 100%; height: auto; display: block }
"""


def _as_html(page: BulletinPage) -> str:
    codes = "\n".join(
        f"<figure>{code.svg()}<figcaption>{at} / {len(page.codes)}</figcaption></figure>"
        for at, code in enumerate(page.codes, start=1)
    )
    lines = "\n".join(f"<p>{html.escape(line)}</p>" for line in page.lines)
    style = _STYLE.replace("COLUMNS", str(page.columns))
    return (
        f'<!doctype html>\n<html lang="{chosen()}">\n<head><meta charset="utf-8">'
        f"<title>{html.escape(f'{_title()} {page.day}')}</title>\n<style>{style}</style></head>\n"
        f"<body>\n<h1>{html.escape(f'{_title()} · {page.issuer}')}</h1>\n"
        f'<p class="day">{html.escape(page.day)}</p>\n{lines}\n<div class="codes">\n{codes}\n</div>\n</body>\n</html>\n'
    )


def _as_pdf(page: BulletinPage) -> bytes | None:
    """Return the page as PDF, or None where no font with its letters is found."""
    fonts = next((pair for pair in _FONTS if all(map(os.path.isfile, pair))), None)
    if fonts is None:
        return None
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 -- only where a bulletin is asked for
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 -- likewise
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 -- likewise

    for name, path in zip(("socpass", "socpass-bold"), fonts, strict=True):
        pdfmetrics.registerFont(TTFont(name, path))
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(_WIDTH, _HEIGHT), invariant=1)
    canvas.setTitle(f"{_title()} {page.day}")
    top = _HEIGHT - _MARGIN
    for name, size, line in (
        ("socpass", 14, f"{_title()} · {page.issuer}"),
        ("socpass-bold", 48, page.day),
        *(("socpass", 9.5, line) for line in page.lines),
    ):
        top -= size * 1.2
        wide = pdfmetrics.stringWidth(line, name, size)
        canvas.setFont(name, min(size, size * (_WIDTH - 2 * _MARGIN) / wide))  # a long name of an agency is written smaller
        canvas.drawString(_MARGIN, top, line)
    top -= _GAP
    side = min((_WIDTH - 2 * _MARGIN - (page.columns - 1) * _GAP) / page.columns, top - _MARGIN - _CAPTION)
    for at, code in enumerate(page.codes):
        column = at % page.columns
        if column == 0 and top - side - _CAPTION < _MARGIN:
            canvas.showPage()
            top = _HEIGHT - _MARGIN
        left = _MARGIN + column * (side + _GAP)
        _draw(canvas, code, left, top, side)
        canvas.setFont("socpass", 11)
        canvas.drawCentredString(left + side / 2, top - side - _CAPTION + 4, f"{at + 1} / {len(page.codes)}")
        if column == page.columns - 1:
            top -= side + _CAPTION + _GAP
    canvas.save()
    return file.getvalue()


def _draw(canvas: object, code: QrCode, left: float, top: float, side: float) -> None:
    """Draw a code as black runs of modules, which no viewer smooths."""
    module = side / code.size
    path = canvas.beginPath()  # type: ignore[attr-defined]  # reportlab has no types
    for row, modules in enumerate(code.rows()):
        begin: int | None = None
        for column, dark in enumerate([*modules, False]):
            if dark and begin is None:
                begin = column
            elif not dark and begin is not None:
                path.rect(left + begin * module, top - (row + 1) * module, (column - begin) * module, module)
                begin = None
    canvas.drawPath(path, stroke=0, fill=1)  # type: ignore[attr-defined]  # as above
