"""A picture in which nothing can be read says what ails it, in stable words."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr.read import read_codes
from unit.qr.pictures import drawn, saved


def framed(scale: int = 6) -> Image.Image:
    return ImageOps.expand(drawn(scale=scale), 30, 120)


def blurred(sigma: float) -> Image.Image:
    return framed().filter(ImageFilter.GaussianBlur(sigma))


def moved(*, across: bool) -> Image.Image:
    """Return a picture smeared over some three modules."""
    smeared = framed()
    for number, step in enumerate(range(-10, 11), 2):
        smeared = Image.blend(smeared, ImageChops.offset(framed(), *((step, 0) if across else (0, step))), 1 / number)
    return smeared


def preview() -> Image.Image:
    file = io.BytesIO()
    code = drawn(scale=8)
    small = code.resize((round(code.width * 2.3 / 8),) * 2, Image.Resampling.BOX)
    ImageDraw.Draw(small).rectangle((60, 60, 105, 105), fill=150)
    ImageOps.expand(small, 12, 120).save(file, "JPEG", quality=8)
    return Image.open(file).convert("L")


def thumbnail(side: int) -> Image.Image:
    return drawn(scale=8).resize((side, side), Image.Resampling.BOX)


def covered() -> Image.Image:
    picture = framed()
    side = picture.width
    ImageDraw.Draw(picture).rectangle((side * 0.35, side * 0.35, side * 0.8, side * 0.72), fill=130)
    return picture


def written() -> Image.Image:
    page = Image.new("L", (500, 700), 240)
    for line in range(12):
        ImageDraw.Draw(page).text((40, 30 + 50 * line), "Выдано по месту требования", fill=20, font_size=24)
    return page


# What the picture is -> how to make it, and what must and what must not be said.
PICTURES: dict[str, tuple[Callable[[], Image.Image], str, set[str]]] = {
    "a thumbnail": (lambda: thumbnail(30), "too_small", {"cut_off", "no_code"}),
    "out of focus": (lambda: blurred(6), "blurred", {"too_dark", "flat", "no_code"}),
    "shaken from side to side": (lambda: moved(across=True), "blurred", {"flat", "no_code", "cut_off"}),
    "shaken up and down": (lambda: moved(across=False), "blurred", {"flat", "no_code", "cut_off"}),
    "a preview of a messenger": (preview, "too_small", {"cut_off", "blurred", "no_code"}),
    "in the dark": (lambda: blurred(6).point(lambda value: value // 12), "too_dark", {"flat"}),
    "all grey": (lambda: blurred(6).point(lambda value: 120 + value // 16), "flat", {"too_dark"}),
    "the right half cut away": (lambda: framed().crop((0, 0, 260, 470)), "cut_off", {"blurred", "damaged"}),
    "the upper half cut away": (lambda: framed().crop((0, 200, 470, 470)), "cut_off", {"blurred", "damaged"}),
    "a thumb on it": (covered, "damaged", {"cut_off", "blurred", "too_small"}),
    "writing": (written, "no_code", {"cut_off", "damaged", "blurred"}),
    "one grey": (lambda: Image.new("L", (300, 300), 90), "flat", {"blurred"}),
}


@pytest.mark.parametrize("name", PICTURES)
def test_it_is_said_of_a_picture_that_is(name: str) -> None:
    # given
    make, expected, others = PICTURES[name]
    # when
    with pytest.raises(NoCodeFound) as refused:
        read_codes(saved(make(), "PNG"))
    # then
    hints = refused.value.facts["hints"]
    assert isinstance(hints, tuple)
    assert expected in hints
    assert others.isdisjoint(hints)


def test_the_size_of_a_module_is_told_where_a_code_was_found() -> None:
    with pytest.raises(NoCodeFound) as refused:
        read_codes(saved(covered(), "PNG"))
    assert refused.value.facts["pixels_per_module"] == pytest.approx(6, abs=0.3)
