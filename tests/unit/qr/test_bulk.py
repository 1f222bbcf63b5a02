"""Many codes at a time: as small as the careful writer's, of the same level, and read as the same."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from said import refused
from socpass_vc.errors import CodeTooLarge, NotReadBack
from socpass_vc.qr import readback
from socpass_vc.qr.bulk import draw
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.sizes import Level, is_small_on_paper, least_width_mm
from socpass_vc.qr.write import draw_code

PREFIXES = ("SOCPASS:", "HTTPS://PASS.EXAMPLE.RU/P#", "HTTPS://EXAMPLE.ORG/P?")


@settings(max_examples=60, deadline=None)
@given(prefix=st.sampled_from(PREFIXES), digits=st.text("0123456789", min_size=157, max_size=2500), level=st.sampled_from(Level))
def test_a_code_drawn_in_bulk_has_the_size_and_the_level_of_one_drawn_alone_and_says_the_same(
    prefix: str, digits: str, level: Level
) -> None:
    # when
    modules = draw(prefix + digits, level=level)
    # then
    alone = draw_code(prefix + digits, level=level)
    assert (modules.version, modules.side) == (alone.version, alone.size)
    picture = Image.open(io.BytesIO(modules.png(scale=4)))
    # QR codes alone: among so many bars the reader finds a barcode now and then.
    (read,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    assert (read.text, read.ec_level) == (prefix + digits, level.value)


@pytest.mark.parametrize("scale", [1, 3, 8, 11])
def test_each_module_has_whole_pixels_and_the_quiet_zone_is_of_four(scale: int) -> None:
    # given
    modules = draw("SOCPASS:" + "7" * 400)
    # when
    picture = Image.open(io.BytesIO(modules.png(scale=scale)))
    # then
    assert (picture.mode, picture.size) == ("1", (modules.side * scale, modules.side * scale))
    small = picture.convert("L").resize((modules.side, modules.side), Image.Resampling.NEAREST)
    assert small.tobytes() == modules.light
    dark = picture.convert("L").point(lambda value: 255 - value).getbbox()
    assert dark == (4 * scale, 4 * scale, (modules.side - 4) * scale, (modules.side - 4) * scale)


def test_the_stretches_of_dark_modules_are_all_of_the_code() -> None:
    # given
    modules = draw("SOCPASS:" + "1234567890" * 30)
    # when painted
    canvas = bytearray(b"\xff" * len(modules.light))
    for left, top, length in modules.dark_runs():
        canvas[top * modules.side + left : top * modules.side + left + length] = bytes(length)
    # then
    assert bytes(canvas) == modules.light


@pytest.mark.parametrize("digits", [5_597, 7_090, 12_000])
def test_what_does_not_fit_is_refused_as_by_the_other_writer(digits: int) -> None:
    with refused(CodeTooLarge, "text_too_long_for_code") as caught:
        draw("9" * digits)
    assert caught.value.facts == {"characters": digits, "level": "M"}


def test_a_code_that_reads_as_something_else_or_not_at_all_is_told() -> None:
    # given
    good = draw("SOCPASS:" + "5" * 200).png()
    # then
    readback.check(good, "SOCPASS:" + "5" * 200)
    with refused(NotReadBack, "written_code_says_something_else", found=1):
        readback.check(good, "SOCPASS:" + "5" * 199 + "6")
    with refused(NotReadBack, "written_code_cannot_be_read"):
        readback.check(draw("SOCPASS:" + "5" * 2_000).png(scale=1)[:-40], "SOCPASS:" + "5" * 2_000)


def test_paper_wants_modules_of_42_hundredths_of_a_millimetre() -> None:
    side = draw("SOCPASS:" + "1" * 400).side
    assert least_width_mm(side) == pytest.approx(side * 0.42)
    assert not is_small_on_paper(side, least_width_mm(side))
    assert is_small_on_paper(side, least_width_mm(side) - 0.1)


@pytest.mark.parametrize("kind", ["pdf", "eps"])
def test_a_drawing_for_print_is_the_same_each_time_and_as_wide_as_was_asked_for(kind: str) -> None:
    # given
    code = draw_code("SOCPASS:" + "3" * 300)
    # when
    one, other = (code.pdf(width_mm=30) if kind == "pdf" else code.eps(width_mm=30) for _ in range(2))
    # then
    assert one == other
    box = b"[0 0 85.03" if kind == "pdf" else b"%%BoundingBox: 0 0 86 86"
    assert box in one
    assert read_codes(code.png()) == ("SOCPASS:" + "3" * 300,)
