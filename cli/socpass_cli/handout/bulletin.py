"""The bulletin: changes of the status lists as QR codes on a printable page, for tills that have no link at all.

It knows the page and not the content of the codes, which are split as specs/status-delta.md, section 5 says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from socpass_cli.app.language import chosen, show_day, tr
from socpass_vc.errors import AgencyError, CodeTooLarge
from socpass_vc.files import make_folder, write_file
from socpass_vc.format import armor
from socpass_vc.format.status.status_delta import StatusDelta, read_delta
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.holder import fonts
from socpass_vc.holder.html_frame import code_svg, to_page
from socpass_vc.holder.layout import Line, Piece, paragraph
from socpass_vc.holder.pdf_pages import A4_MM, MM, PdfPages, draw_code, measure, set_lines
from socpass_vc.qr.bulk import QrModules, draw
from socpass_vc.qr.sizes import Level
from socpass_vc.qr.write import LARGEST_VERSION

EASY_VERSION = 25
"""The largest code that a phone reads at once from half a page: 117 modules, 0.7 mm each."""
MOST_EASY_CODES = 3
"""If there would be more, codes of the largest version are used."""
FOLDER_NAME = "bulletin"

_MOST_CODES = 255  # parts of one frame (specs/credential.md, section 5)
_MOST_BYTES = {EASY_VERSION: 1_269, LARGEST_VERSION: 2_943}
"""The bytes that the digits of a code of level L carry, 3,057 and 7,089 of them (ISO/IEC 18004, table 7)."""

# Of the page, in points.
_MARGIN = 15 * MM
_WIDTH, _HEIGHT = A4_MM[0] * MM - 2 * _MARGIN, A4_MM[1] * MM - 2 * _MARGIN
_GAP, _CAPTION, _CAPTION_SIZE = 12.0, 16.0, 11.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinPage:
    """The content of a bulletin.

    Attributes:
        issuer: its name.
        printed_issuer: a name that the packaged fonts can show.
        day: of the publication, in the issuer's time zone.
        lines: what a cashier needs to know.
        codes: in their order.
    """

    issuer: str
    printed_issuer: str
    day: str
    lines: tuple[str, ...]
    codes: tuple[QrModules, ...]

    @property
    def columns(self) -> int:
        """How many codes stand side by side; the largest stand alone."""
        return 2 if self.codes[0].version <= EASY_VERSION and len(self.codes) > 1 else 1

    @property
    def captions(self) -> list[str]:
        """The number of each code, and of all."""
        return [f"{number} / {len(self.codes)}" for number in range(1, len(self.codes) + 1)]


def write_bulletin(site: Path, issuer: Issuer, tokens: Sequence[bytes]) -> list[Path]:
    """Write the page of the newest deltas, as HTML and as PDF, and return their paths.

    Raises:
        CodeTooLarge: too much has changed for paper.
        AgencyError: the folder cannot be written.
    """
    deltas = [read_delta(token).content for token in tokens]
    page = _page(issuer, deltas, tuple(code for token in tokens for code in codes_of(token)))
    folder = site / FOLDER_NAME
    make_folder(folder, error=AgencyError)
    name = f"{_local(issuer, deltas[0].issued_at):%Y-%m-%d-%H%M%S}"
    contents = {folder / f"{name}.html": _as_html(page), folder / f"{name}.pdf": _as_pdf(page)}
    for path, content in contents.items():
        write_file(path, content, error=AgencyError)
    return list(contents)


def codes_of(token: bytes) -> list[QrModules]:
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


def _fewest(frame: bytes, version: int) -> list[QrModules]:
    for count in range(-(-len(frame) // _MOST_BYTES[version]), _MOST_CODES + 1):
        frames = (frame,) if count == 1 else armor.split_frame(frame, count=count)
        try:  # the first is the longest
            if draw(armor.write_armor(frames[0]), level=Level.L).version > version:
                continue
        except CodeTooLarge:
            continue
        return [draw(armor.write_armor(part), level=Level.L) for part in frames]
    raise CodeTooLarge("cli.bulletin.too_many_codes", most=_MOST_CODES, version=version)


def _local(issuer: Issuer, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(issuer.time_zone))


def _page(issuer: Issuer, deltas: Sequence[StatusDelta], codes: tuple[QrModules, ...]) -> BulletinPage:
    first = deltas[0]
    names = [name for name in (issuer.names.get(chosen()), *issuer.names.values()) if name]
    made, until = _local(issuer, first.issued_at), _local(issuer, first.expires_at)
    base = first.base_issued_at
    begin = tr("cli.bulletin.the_beginning") if base is None else _moment(_local(issuer, base))
    count = sum(sum(delta.counts) for delta in deltas)
    return BulletinPage(
        issuer=names[0],
        printed_issuer=next((name for name in names if not fonts.missing(name)), issuer.id),
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


_STYLE = """\
@page { size: A4; margin: 15mm; }
body { font-family: sans-serif; color: #000; background: #fff; max-width: 180mm; margin: 0 auto; }
h1 { font-size: 16pt; margin: 0; }
p { font-size: 11pt; margin: 1mm 0; }
.day { font-size: 48pt; font-weight: bold; margin: 0; }
.codes { display: grid; grid-template-columns: repeat(COLUMNS, 1fr); gap: 4mm; }
figure { margin: 0; break-inside: avoid; }
figcaption { text-align: center; font-size: 11pt; }
svg { width: 100%; height: auto; display: block; forced-color-adjust: none; }
"""


def _as_html(page: BulletinPage) -> bytes:
    codes = "".join(
        f"<figure>{code_svg(code, caption)}<figcaption>{caption}</figcaption></figure>\n"
        for code, caption in zip(page.codes, page.captions, strict=True)
    )
    lines = "".join(f"<p>{escape(line)}</p>\n" for line in page.lines)
    body = (
        f"<h1>{escape(f'{_title()} · {page.issuer}')}</h1>\n"
        f'<p class="day">{escape(page.day)}</p>\n{lines}<div class="codes">\n{codes}</div>\n'
    )
    style = _STYLE.replace("COLUMNS", str(page.columns))
    return to_page(body, language=chosen(), title=f"{_title()} {page.day}", style=style)


def _as_pdf(page: BulletinPage) -> bytes:
    pages = PdfPages(A4_MM, title=f"{_title()} {page.day}", language=chosen())
    canvas, bottom = pages.canvas, _MARGIN
    top = bottom + _HEIGHT
    head = [
        *paragraph(f"{_title()} · {page.printed_issuer}", _WIDTH, measure, 14),
        *paragraph(page.day, _WIDTH, measure, 48, bold=True),
        *(line for text in page.lines for line in paragraph(text, _WIDTH, measure, 9.5)),
    ]
    again = paragraph(f"{_title()} · {page.day}", _WIDTH, measure, 14)  # a sheet that is by itself says of which day it is
    at = set_lines(canvas, head, _MARGIN, top) - _GAP
    side = min((_WIDTH - (page.columns - 1) * _GAP) / page.columns, at - _CAPTION - bottom)
    for number, (code, caption) in enumerate(zip(page.codes, page.captions, strict=True)):
        column = number % page.columns
        if column == 0 and at - side - _CAPTION < bottom:
            pages.turn()
            at = set_lines(canvas, again, _MARGIN, top) - _GAP
        left = _MARGIN + column * (side + _GAP)
        draw_code(canvas, code, left, at - side, side)
        middle = (side - measure(caption, _CAPTION_SIZE, False)) / 2
        set_lines(canvas, [Line((Piece(caption, middle),), _CAPTION_SIZE)], left, at - side)
        if column == page.columns - 1:
            at -= side + _CAPTION + _GAP
    return pages.finished()
