"""Text becomes a QR code: as small as it can be, the same every time, readable in every form it is given out in."""

from __future__ import annotations

import io
import itertools
import math
import re
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from said import refused
from socpass_vc.errors import CodeTooLarge
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.sizes import Level
from socpass_vc.qr.write import draw_code

DIGITS = "0123456789"
ALPHANUMERIC = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

# Data bits of versions 9 to 12 at level M, and the bits of a stretch's head by mode (ISO/IEC 18004, tables 7, 2 and 3).
CAPACITIES_OF_LEVEL_M = {9: 182 * 8, 10: 216 * 8, 11: 254 * 8, 12: 290 * 8}
HEADS = {9: (14, 13, 12), 10: (16, 15, 20), 11: (16, 15, 20), 12: (16, 15, 20)}


def prefixes() -> st.SearchStrategy[str]:
    hosts = st.text(ALPHANUMERIC, min_size=1, max_size=30)
    return st.one_of(st.just("SOCPASS:"), hosts.map(lambda host: f"HTTPS://{host}#"), st.text(ALPHANUMERIC + "#", max_size=20))


@settings(max_examples=40, deadline=None)
@given(prefix=prefixes(), digits=st.text(DIGITS, min_size=1, max_size=700), level=st.sampled_from(Level))
def test_what_is_written_is_read_back(prefix: str, digits: str, level: Level) -> None:
    # when
    picture = draw_code(prefix + digits, level=level).png()
    # then
    assert read_codes(picture) == (prefix + digits,)


def fewest_bits(prefix: str, digits: int, heads: tuple[int, int, int]) -> int:
    """Try every way to cut *prefix* and to choose modes for its pieces, before *digits* digits in numeric mode."""

    def bits(piece: str, mode: int) -> float:
        if mode == 0:
            return math.inf if piece.strip(DIGITS) else heads[0] + math.ceil(len(piece) * 10 / 3)
        if mode == 1:
            return math.inf if piece.strip(ALPHANUMERIC) else heads[1] + math.ceil(len(piece) * 11 / 2)
        return heads[2] + 8 * len(piece)

    best = math.inf
    for cuts in itertools.product((False, True), repeat=len(prefix)):
        pieces, start = [], 0
        for end, cut in enumerate(cuts, start=1):
            if cut:
                pieces.append(prefix[start:end])
                start = end
        rest = prefix[start:]  # runs on into the digits
        before = sum(min(bits(piece, mode) for mode in range(3)) for piece in pieces)
        best = min(best, before + min(bits(rest + "0" * digits, mode) for mode in range(3)))
    return int(best)


@settings(max_examples=20, deadline=None)
@given(prefix=st.text("AB:1#", max_size=7), version=st.sampled_from([9, 10, 11]))
def test_no_way_to_mix_the_modes_would_fit_more_digits_into_the_same_version(prefix: str, version: int) -> None:
    # given the most digits that fit, by trying all mixtures
    capacity = CAPACITIES_OF_LEVEL_M[version]
    surely = (capacity - 200) * 3 // 10
    most = next(n for n in itertools.count(surely) if fewest_bits(prefix, n + 1, HEADS[version]) > capacity)
    # then they do fit, and one more needs the next version
    assert draw_code(prefix + "7" * most).version == version
    assert draw_code(prefix + "7" * (most + 1)).version == version + 1


@pytest.mark.parametrize(
    ("level", "digits"),
    [(Level.L, 7089), (Level.M, 5596), (Level.Q, 3993), (Level.H, 3057)],  # ISO/IEC 18004, table 7
)
def test_version_40_takes_what_the_standard_says_and_not_one_digit_more(level: Level, digits: int) -> None:
    # given
    full = "9" * digits
    # when
    code = draw_code(full, level=level)
    # then
    assert (code.version, code.size) == (40, 177 + 8)
    assert read_codes(code.png(scale=4)) == (full,)
    with refused(CodeTooLarge, "text_too_long_for_code") as caught:
        draw_code(full + "9", level=level)
    assert caught.value.facts == {"characters": digits + 1, "level": level.value}


@pytest.mark.parametrize("text", ["A", "12345", "SOCPASS:123"])
def test_a_short_text_gives_a_whole_qr_code_of_just_the_level_asked_for(text: str) -> None:
    # when
    (read,) = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(draw_code(text).png())), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    # then
    assert (read.format, read.ec_level, read.text) == (zxingcpp.BarcodeFormat.QRCode, "M", text)


@settings(max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=60))
@example(text="Предъявите паспорт №1\x1d\r\n")
def test_other_text_is_written_and_read_back_too(text: str) -> None:
    assert read_codes(draw_code(text).png()) == (text,)


def test_the_same_text_gives_the_same_bytes() -> None:
    # given
    text = "HTTPS://EXAMPLE.ORG/P#" + "271828" * 70
    # when
    one, other = draw_code(text), draw_code(text)
    # then
    assert (one.png(), one.svg(), one.terminal()) == (other.png(), other.svg(), other.terminal())
    assert one == other
    assert one != draw_code(text + "1")


@pytest.mark.parametrize("scale", [1, 2, 5])
def test_a_png_has_whole_pixels_for_each_module_and_a_quiet_zone_of_four(scale: int) -> None:
    # given
    code = draw_code("SOCPASS:" + "8" * 300)
    # when
    picture = Image.open(io.BytesIO(code.png(scale=scale))).convert("L")
    # then
    assert picture.size == (code.size * scale, code.size * scale)
    dark = picture.point(lambda value: 255 - value).getbbox()
    assert dark == (4 * scale, 4 * scale, (code.size - 4) * scale, (code.size - 4) * scale)


def test_the_usual_png_gives_a_camera_four_pixels_per_module_or_more() -> None:
    # given
    code = draw_code("SOCPASS:" + "8" * 300)
    # then
    assert Image.open(io.BytesIO(code.png())).width >= 4 * code.size


def test_an_svg_shows_the_code_on_a_white_ground_at_any_size() -> None:
    # given
    code = draw_code("SOCPASS:" + "4" * 200)
    # when
    root = ET.fromstring(code.svg())  # noqa: S314 - as above
    ground, modules = root
    # then
    assert root.attrib == {"viewBox": f"0 0 {code.size} {code.size}", "shape-rendering": "crispEdges"}
    assert ground.attrib == {"fill": "#fff", "d": f"M0 0h{code.size}v{code.size}h-{code.size}z"}
    picture = Image.new("L", (code.size * 4, code.size * 4), 255)
    pencil, x, y = ImageDraw.Draw(picture), 0.0, 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", modules.attrib["d"]):
        steps = [float(number) for number in numbers.split()]
        if command == "h":
            pencil.rectangle((x * 4, y * 4 - 2, (x + steps[0]) * 4 - 1, y * 4 + 1), fill=0)
            x += steps[0]
        else:
            x, y = (steps[0], steps[1]) if command == "M" else (x + steps[0], y + steps[1])
    assert read_codes(_png(picture)) == ("SOCPASS:" + "4" * 200,)


@pytest.mark.parametrize(("ink", "ground"), [(255, 0), (0, 255)], ids=["dark terminal", "light terminal"])
def test_a_terminal_shows_a_code_that_can_be_read_on_either_ground(ink: int, ground: int) -> None:
    # given
    lines = draw_code("SOCPASS:" + "6" * 250).terminal().split("\n")
    # when a terminal paints each character as two squares, one above the other
    picture = Image.new("L", (len(lines[0]), len(lines) * 2), ground)
    for row, line in enumerate(lines):
        for column, block in enumerate(line):
            picture.putpixel((column, row * 2), ink if block in "█▀" else ground)
            picture.putpixel((column, row * 2 + 1), ink if block in "█▄" else ground)
    screen = Image.new("L", (1200, 800), ground)
    screen.paste(picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST), (16, 16))
    # then
    assert read_codes(_png(screen)) == ("SOCPASS:" + "6" * 250,)
    assert {len(line) for line in lines} == {picture.width}
    assert not any(line.endswith(" ") for line in lines)


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
