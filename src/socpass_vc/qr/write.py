"""Draw text as a QR code, in as few modules as its characters allow; knows nothing of what the text says.

QR offers three ways to pack characters (ISO/IEC 18004, section 7.4): digits at 3 1/3 bits, 45 characters at 5 1/2, bytes at 8,
each stretch behind a head of 12 to 20 bits. The cheapest mixture is worked out here: the drawing library takes one mode for
everything unless it is told otherwise, and joins neighbouring stretches of one mode wrongly, so it must never see any.
"""

from __future__ import annotations

import io
import itertools
import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import segno
from segno import consts

from socpass_vc.qr.sizes import MOST_CHARACTERS, PIXELS_PER_MODULE, QUIET_ZONE, Level, too_large

LARGEST_VERSION = 40
POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class QrCode:
    """A drawn QR code."""

    symbol: segno.QRCode = field(repr=False, hash=False)

    @property
    def version(self) -> int:
        """The size class, 1 to 40."""
        return int(self.symbol.version)

    @property
    def size(self) -> int:
        """Modules per side, the quiet zone included."""
        return int(self.symbol.symbol_size(border=QUIET_ZONE)[0])

    def rows(self) -> list[list[bool]]:
        """Return which modules are dark, row by row, the quiet zone included; for whoever draws them on a page."""
        return [[bool(dark) for dark in row] for row in self.symbol.matrix_iter(border=QUIET_ZONE)]

    def png(self, *, scale: int = PIXELS_PER_MODULE) -> bytes:
        """Return a black-on-white PNG file.

        Args:
            scale: whole pixels per module, 1 or more.
        """
        file = io.BytesIO()
        self.symbol.save(file, kind="png", scale=scale, border=QUIET_ZONE)
        return file.getvalue()

    def svg(self) -> str:
        """Return an SVG element without a size of its own, black on a white ground that a page in dark mode cannot take away."""
        file = io.BytesIO()
        self.symbol.save(
            file,
            kind="svg",
            border=QUIET_ZONE,
            light="#fff",
            svgclass=None,
            lineclass=None,
            xmldecl=False,
            omitsize=True,
            nl=False,
        )
        return file.getvalue().decode().replace("<svg ", '<svg shape-rendering="crispEdges" ', 1)  # no seams between the rows

    def pdf(self, *, width_mm: float) -> bytes:
        """Return a PDF file of one page that is the code, *width_mm* wide, its quiet zone included."""
        file = io.BytesIO()
        self.symbol.save(file, kind="pdf", scale=self._points_per_module(width_mm), border=QUIET_ZONE, light="#fff")
        # The same text gives the same bytes: the time of writing is put back, in as many bytes, for the file counts them.
        return re.sub(rb"\(D:[0-9]{14}", b"(D:20000101000000", file.getvalue())

    def eps(self, *, width_mm: float) -> bytes:
        """Return an EPS file of the code, *width_mm* wide, its quiet zone included, for a printing house."""
        scale = self._points_per_module(width_mm)
        file = io.StringIO()
        self.symbol.save(file, kind="eps", scale=scale, border=QUIET_ZONE, light="#fff")
        points = self.size * scale
        # whole points, as the format wants them (Adobe Technical Note 5002, section 5.1), and the exact ones beside them
        box = f"%%BoundingBox: 0 0 {math.ceil(points)} {math.ceil(points)}\n%%HiResBoundingBox: 0 0 {points:.4f} {points:.4f}"
        return re.sub(r"%%CreationDate: [^\n]*\n", "", re.sub("%%BoundingBox: [^\n]*", box, file.getvalue())).encode()

    def _points_per_module(self, width_mm: float) -> float:
        return width_mm * POINTS_PER_MM / self.size

    def terminal(self) -> str:
        """Return lines of half blocks, two modules per character, for a terminal with a light or a dark ground.

        The blocks are the light modules: the code looks as it should where letters are light, and inverted where they are dark,
        which cameras read too. The quiet zone is of blocks, so both ways it is whole, and no line ends in spaces that get lost.
        """
        rows = [[not dark for dark in row] for row in self.rows()]
        rows.append([True] * self.size)  # the number of rows is odd; the last line needs a lower half
        blocks = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}
        return "\n".join(
            "".join(blocks[pair] for pair in zip(upper, lower, strict=True))
            for upper, lower in zip(rows[::2], rows[1::2], strict=True)
        )


def draw_code(text: str, *, level: Level = Level.M) -> QrCode:
    """Return the smallest QR code of *level* that says *text*; the same text gives the same code. Never a Micro QR code.

    Args:
        text: a prefix and decimal digits as of specs/credential.md, section 5; other text, of 1 character or more, goes as UTF-8.
        level: exactly this one, even where the code has room for a better: a till's camera is helped more by larger modules.

    Raises:
        CodeTooLarge: the text does not fit into version 40.
    """
    data = text.encode()
    if len(data) <= MOST_CHARACTERS:
        for packing in _PACKINGS:
            bits, stretches = _cheapest(data, packing)
            for version in packing.versions:
                if bits <= _capacity_bits(version, level):
                    return QrCode(
                        symbol=segno.make(
                            cast("Any", stretches),  # a list of stretches is missing from the stubs
                            error=level.value,
                            version=version,
                            boost_error=False,
                        )
                    )
    raise too_large(text, level)


class _Packing(NamedTuple):
    """The versions whose heads have the same length, and those lengths: 4 bits of mode and a count (ISO/IEC 18004, table 3)."""

    versions: range
    head_bits: dict[int, int]


_DIGITS, _CHARACTERS, _BYTES = consts.MODE_NUMERIC, consts.MODE_ALPHANUMERIC, consts.MODE_BYTE

_PACKINGS = (
    _Packing(range(1, 10), {_DIGITS: 14, _CHARACTERS: 13, _BYTES: 12}),
    _Packing(range(10, 27), {_DIGITS: 16, _CHARACTERS: 15, _BYTES: 20}),
    _Packing(range(27, LARGEST_VERSION + 1), {_DIGITS: 18, _CHARACTERS: 17, _BYTES: 20}),
)
_SIXTHS = {_DIGITS: 20, _CHARACTERS: 33, _BYTES: 48}  # of a bit, for one character: so all three are whole numbers
_RUN = re.compile(rb"(?P<digits>[0-9]+)|(?P<characters>[A-Z $%*+\-./:]+)|[^0-9A-Z $%*+\-./:]+")
_MODES = {"digits": (_DIGITS, _CHARACTERS, _BYTES), "characters": (_CHARACTERS, _BYTES), None: (_BYTES,)}


class _Way(NamedTuple):
    """The cheapest way found to pack the text so far, its last run in a given mode."""

    sixths: int
    mode: int | None
    run: bytes
    before: _Way | None

    def and_then(self, run: bytes, mode: int, head_bits: int) -> _Way:
        """Return this way, gone on with *run*: in the same stretch where the mode is the same, else behind a head."""
        start = self.sixths if mode == self.mode else 6 * (_whole_bits(self.sixths) + head_bits)
        return _Way(start + _SIXTHS[mode] * len(run), mode, run, self)


def _cheapest(data: bytes, packing: _Packing) -> tuple[int, list[tuple[bytes, int]]]:
    """Return the bits that *data* needs and the stretches (bytes, mode) that need no more.

    It is never cheaper to change the mode inside a run of characters of one kind, so only its ends are looked at.
    """
    ways = [_Way(0, None, b"", None)]
    for run in _RUN.finditer(data):
        ways = [
            min((way.and_then(run[0], mode, packing.head_bits[mode]) for way in ways), key=lambda way: way.sixths)
            for mode in _MODES[run.lastgroup]
        ]
    best = min(ways, key=lambda way: _whole_bits(way.sixths))
    runs: list[_Way] = []
    way: _Way | None = best
    while way is not None and way.mode is not None:
        runs.append(way)
        way = way.before
    stretches = itertools.groupby(reversed(runs), key=lambda way: cast("int", way.mode))
    return _whole_bits(best.sixths), [(b"".join(way.run for way in same), mode) for mode, same in stretches]


def _whole_bits(sixths: int) -> int:
    return -(-sixths // 6)


def _capacity_bits(version: int, level: Level) -> int:
    """Return the data bits that a code holds (ISO/IEC 18004, table 7)."""
    capacities = cast("dict[int, dict[int, int]]", consts.SYMBOL_CAPACITY)
    return capacities[version][consts.ERROR_MAPPING[level.value]]
