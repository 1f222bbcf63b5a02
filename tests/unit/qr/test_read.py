"""Pictures as people bring them: screenshots, dark mode, turned, cut close, in every format; the codes in them are read."""

from __future__ import annotations

import io
import itertools
import math
import re
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFilter, ImageOps
from pyzbar import pyzbar

from said import refused
from socpass_vc.errors import NoCodeFound
from socpass_vc.format.armor import write_armor
from socpass_vc.qr import cascade
from socpass_vc.qr.container import identify
from socpass_vc.qr.read import has_check_digits, read_codes
from socpass_vc.qr.search import find_codes
from unit.qr.pictures import TEXT, bmp, drawn, saved
from unit.qr.processor import processor_seconds


def read_here(file: bytes, *, enough: Callable[[str], bool] = has_check_digits) -> tuple[str, ...]:
    """Read a picture in this process, where its decoders can be replaced."""
    return find_codes(file, identify(file), enough=enough, budget_seconds=2)


def turned(degrees: float) -> Callable[[], bytes]:
    return lambda: saved(drawn().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255), "PNG")


def on_a_screen(code: Image.Image, ground: int, kind: str = "PNG", *, factor: int = 1) -> bytes:
    screen = Image.new("L", (2400 * factor, 1600 * factor), ground)
    screen.paste(code, (1500, 900))
    return saved(screen, kind)


def see_through(ink: int) -> Image.Image:
    """Return a code of *ink* in which the other modules are not painted at all."""
    dark = ImageChops.invert(drawn())
    picture = Image.new("RGBA", dark.size, (ink, ink, ink, 0))
    picture.putalpha(dark)
    return picture


def with_orientation(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(drawn(), "JPEG", exif=exif)


def in_16_bits(darkest: int, brightest: int) -> Image.Image:
    picture = Image.new("I;16", drawn().size)
    picture.putdata([brightest if value else darkest for value in drawn().convert("L").tobytes()])
    return picture


def flat(shade: int) -> Image.Image:
    return Image.new("L", drawn().size, shade)


def cut_close(scale: int, margin: int) -> Image.Image:
    edge = (4 - margin) * scale
    return ImageOps.crop(drawn(scale=scale), edge)


def animation(kind: str) -> bytes:
    code = drawn()
    return saved(code, kind, save_all=True, append_images=[Image.new("L", code.size, 255)], duration=100)


def with_a_remark_between_scans() -> bytes:
    file = saved(drawn(), "JPEG", progressive=True)
    third_scan = [match.start() for match in re.finditer(rb"\xff\xda", file)][2]
    return file[:third_scan] + b"\xff\xfe\x00\x06\xff\xd9.." + file[third_scan:]


def bent(degrees: float) -> Image.Image:
    """Return a code on a bottle whose edges are turned away so far: no plane fits it."""
    flat = ImageOps.expand(drawn(scale=8), 40, 255)
    half, turned = flat.width / 2, math.radians(degrees)
    seen = half * math.sin(turned) / turned
    mesh = []
    for left in range(0, int(2 * seen), 8):
        here, there = (half + half / turned * math.asin((x - seen) * turned / half) for x in (left, min(left + 8, 2 * seen)))
        mesh.append(
            ((left, 0, min(left + 8, int(2 * seen)), flat.height), (here, 0, here, flat.height, there, flat.height, there, 0))
        )
    return flat.transform((int(2 * seen), flat.height), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def noisy(sigma: float) -> Image.Image:
    code = drawn(scale=5)
    return ImageChops.add(code, Image.effect_noise(code.size, sigma), 1, -128)


def narrowed(part: float) -> Image.Image:
    code = drawn(scale=6).rotate(30, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return code.resize((code.width, round(code.height * part)), Image.Resampling.BOX)


def in_pages(kind: str, **options: Any) -> bytes:
    """Return a file of three pictures, the code on the last."""
    pages = [Image.new("L", drawn().size, 255 - 9 * number) for number in range(2)]
    return saved(pages[0], kind, save_all=True, append_images=[pages[1], drawn()], **options)


def packed(way: str) -> bytes:
    """Return a TIFF of one bit a pixel where that is all that the way knows."""
    return saved(drawn().convert("1") if way in {"group3", "group4", "tiff_ccitt"} else drawn(), "TIFF", compression=way)


def bmp_in_runs() -> bytes:
    """Return a BMP of 8 bits a pixel in runs (its packing 1), as Pillow writes none."""
    code = drawn()
    lines = [code.crop((0, top, code.width, top + 1)).tobytes() for top in reversed(range(code.height))]
    pixels = b""
    for line in lines:
        for value, same in itertools.groupby(line):
            length = len(list(same))
            pixels += bytes((255, value)) * (length // 255) + (bytes((length % 255, value)) if length % 255 else b"")
        pixels += b"\0\0"
    return bmp(code.width, code.height, packing=1, pixels=pixels + b"\0\1")


def heic(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(picture).save(file, format="HEIF", quality=60)
    return file.getvalue()


PALETTE = Image.Quantize.MEDIANCUT

PICTURES: dict[str, Callable[[], bytes]] = {
    "clean": lambda: saved(drawn(), "PNG"),
    "two pixels a module": lambda: saved(drawn(scale=2), "PNG"),
    "turned by 7 degrees": turned(7),
    "turned by 45 degrees": turned(45),
    "turned by 90 degrees": turned(90),
    "turned by 133 degrees": turned(133),
    "upside down": turned(180),
    "mirrored": lambda: saved(ImageOps.mirror(drawn()), "PNG"),
    "inverted": lambda: saved(ImageChops.invert(drawn()), "PNG"),
    "inverted and turned": lambda: saved(ImageChops.invert(drawn().rotate(20, expand=True, fillcolor=255)), "PNG"),
    **{f"EXIF orientation {number}": partial(with_orientation, number) for number in range(1, 9)},
    "no margin": lambda: saved(cut_close(4, 0), "PNG"),
    "no margin, inverted": lambda: saved(ImageChops.invert(cut_close(4, 0)), "PNG"),
    "a margin of one module of two pixels": lambda: saved(cut_close(2, 1), "PNG"),
    "small on a large light screen": lambda: on_a_screen(drawn(scale=2), 245),
    "small on a large dark screen": lambda: on_a_screen(ImageChops.invert(drawn(scale=2)), 18),
    "hardly any contrast": lambda: saved(drawn().point(lambda value: 120 + value // 10), "PNG"),
    "blurred and small": lambda: saved(drawn(scale=2).filter(ImageFilter.GaussianBlur(1.0)), "PNG"),
    "dark ink on nothing": lambda: saved(see_through(0), "PNG"),
    "light ink on nothing": lambda: saved(see_through(255), "PNG"),
    "light ink on nothing, grey": lambda: saved(see_through(255).convert("LA"), "PNG"),
    "light ink on nothing, palette": lambda: saved(see_through(255).quantize(4), "PNG"),
    "light ink on nothing, WebP": lambda: saved(see_through(255), "WEBP", lossless=True),
    "light ink on nothing, GIF": lambda: saved(see_through(255), "GIF"),
    "a colour that counts as nothing": lambda: saved(drawn().point(lambda value: value and 1), "PNG", transparency=1),
    "RGBA without transparency": lambda: saved(drawn().convert("RGBA"), "PNG"),
    "grey with opacity": lambda: saved(drawn().convert("LA"), "PNG"),
    "palette": lambda: saved(drawn().convert("RGB").quantize(8, PALETTE), "PNG"),
    "one bit": lambda: saved(drawn().convert("1"), "PNG"),
    "16 bits": lambda: saved(in_16_bits(0, 65_535), "PNG"),
    "16 bits, dark": lambda: saved(in_16_bits(300, 1_300), "PNG"),
    "16 bits, pale": lambda: saved(in_16_bits(60_000, 60_500), "PNG"),
    "PNG, a long tail": lambda: saved(drawn(), "PNG") + bytes(2_000_000),
    "16 bits, TIFF": lambda: saved(in_16_bits(20_000, 60_000), "TIFF"),
    "JPEG": lambda: saved(drawn().convert("RGB"), "JPEG", quality=30),
    "JPEG, grey": lambda: saved(drawn(), "JPEG", quality=30),
    "JPEG, progressive": lambda: saved(drawn().convert("RGB"), "JPEG", progressive=True),
    "JPEG, CMYK": lambda: saved(drawn().convert("RGB").convert("CMYK"), "JPEG"),
    "JPEG, remarks": lambda: saved(
        drawn(), "JPEG", comment=b"a\xff\xd9b", icc_profile=b"rubbish" * 9_999, exif=b"Exif\x00\x00rubbish"
    ),
    "JPEG, a remark between two scans": with_a_remark_between_scans,
    "JPEG, a film behind it": lambda: saved(drawn(), "JPEG") + b"\x00\x00\x00\x18ftypmp42" + b"\xff\xda\x00\x02" * 99,
    "several JPEG pictures": lambda: saved(drawn(), "MPO", save_all=True, append_images=[Image.new("L", (90, 90))]),
    "WebP": lambda: saved(drawn().convert("RGB"), "WEBP", quality=40),
    "WebP, lossless": lambda: saved(drawn().convert("RGB"), "WEBP", lossless=True),
    "AVIF": lambda: saved(drawn().convert("RGB"), "AVIF", quality=50),
    "GIF": lambda: saved(drawn(), "GIF"),
    "GIF, comment": lambda: saved(drawn(), "GIF", comment=b"a,b;c!" * 200),
    "BMP": lambda: saved(drawn().convert("RGB"), "BMP"),
    "BMP, one bit": lambda: saved(drawn().convert("1"), "BMP"),
    "TIFF": lambda: saved(drawn(), "TIFF"),
    "TIFF, RGB": lambda: saved(drawn().convert("RGB"), "TIFF"),
    "TIFF, RGBA": lambda: saved(drawn().convert("RGBA"), "TIFF"),
    "TIFF, CMYK": lambda: saved(drawn().convert("RGB").convert("CMYK"), "TIFF"),
    "TIFF, LAB": lambda: saved(Image.merge("LAB", (drawn(), flat(128), flat(128))), "TIFF"),
    "TIFF, one bit": lambda: saved(drawn().convert("1"), "TIFF"),
    **{
        f"TIFF, packed by {way}": partial(packed, way)
        for way in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "group3", "group4", "tiff_ccitt", "jpeg", "lzma", "zstd")
    },
    "TIFF, packed, 16 bits": lambda: saved(in_16_bits(20_000, 60_000), "TIFF", compression="tiff_lzw"),
    "TIFF, packed, RGBA": lambda: saved(see_through(255), "TIFF", compression="tiff_lzw"),
    "TIFF, packed, CMYK": lambda: saved(drawn().convert("RGB").convert("CMYK"), "TIFF", compression="tiff_lzw"),
    "TIFF, packed, LAB": lambda: saved(
        Image.merge("LAB", (drawn(), flat(128), flat(128))), "TIFF", compression="tiff_adobe_deflate"
    ),
    "TIFF, packed, the last image": lambda: in_pages("TIFF", compression="tiff_lzw"),
    "BMP in runs": bmp_in_runs,
    "PGM": lambda: saved(drawn(), "PPM"),
    "PPM, comment": lambda: saved(drawn().convert("RGB"), "PPM").replace(b"P6\n", b"P6\n# from a scanner\n", 1),
    "PBM": lambda: saved(drawn().convert("1"), "PPM"),
    "GIF, the last frame": lambda: in_pages("GIF", duration=100),
    "TIFF, the last image": lambda: in_pages("TIFF"),
    "PNG, the last frame": lambda: in_pages("PNG", duration=100),
    "PNG, the last frame, the first not shown": lambda: in_pages("PNG", duration=100, default_image=True),
    "WebP, the last frame": lambda: in_pages("WEBP", duration=100, lossless=True),
    "AVIF, the last frame": lambda: in_pages("AVIF", duration=100),
    "PDF, the last page": lambda: in_pages("PDF"),
    "PDF, RGB": lambda: saved(drawn().convert("RGB"), "PDF"),
    "HEIC": lambda: heic(drawn().convert("RGB")),
    "HEIC, with transparency": lambda: heic(see_through(0)),
    "JPEG, large": lambda: saved(drawn(scale=60), "JPEG", quality=40),
    "JPEG, large, the code too small for a preview": lambda: on_a_screen(drawn(scale=2), 245, "JPEG", factor=2),
    "bent around a bottle": lambda: saved(bent(60), "PNG"),
    "a lot of noise": lambda: saved(noisy(90), "PNG"),
    "seen from the side": lambda: saved(narrowed(0.36), "PNG"),
    "animated GIF": lambda: animation("GIF"),
    "animated PNG": lambda: animation("PNG"),
    "animated WebP": lambda: animation("WEBP"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_code_is_read_from_a_picture_that_is(name: str) -> None:
    assert read_codes(PICTURES[name]()) == (TEXT,)


def test_a_file_is_read_like_its_content(tmp_path: Path) -> None:
    # given a file whose name lies about its kind
    path = tmp_path / "пропуск.jpg"
    path.write_bytes(saved(drawn(), "PNG"))
    # then
    assert read_codes(path) == (TEXT,)


def test_several_codes_come_in_reading_order_and_each_text_once() -> None:
    # given two rows, not quite straight, and one text twice
    sheet = Image.new("L", (1000, 900), 255)
    for text, place in {"A": (700, 20), "B": (20, 40), "C": (350, 10), "D": (40, 460), "E": (420, 430)}.items():
        sheet.paste(drawn(f"SOCPASS:{text}"), place)
    sheet.paste(drawn("SOCPASS:B"), (700, 440))
    # then
    assert read_codes(saved(sheet, "PNG")) == ("SOCPASS:B", "SOCPASS:C", "SOCPASS:A", "SOCPASS:D", "SOCPASS:E")


@pytest.mark.parametrize("kind", ["MicroQRCode", "DataMatrix", "Aztec", "PDF417", "Code128"])
def test_other_kinds_of_code_are_not_looked_for(kind: str) -> None:
    # given
    code = zxingcpp.create_barcode("12345", getattr(zxingcpp.BarcodeFormat, kind))
    picture = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6))
    assert zxingcpp.read_barcodes(picture)
    # then
    with refused(NoCodeFound, "no_code_can_be_read"):
        read_codes(saved(picture, "PNG"))


def test_a_code_that_holds_no_text_is_returned_as_some_text() -> None:
    # given
    code = zxingcpp.create_barcode(bytes([0xFF, 0xFE, 0x80, 0x00, 0xD8, 0x31]), zxingcpp.BarcodeFormat.QRCode)
    # when
    (text,) = read_codes(saved(Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=6)), "PNG"))
    # then
    assert text.endswith("1")


@pytest.mark.parametrize("side", [1, 2, 30, 900])
def test_an_empty_picture_holds_no_code(side: int) -> None:
    with refused(NoCodeFound, "picture_shows_nothing"):
        read_codes(saved(Image.new("L", (side, side), 255), "PNG"))


def test_a_clean_picture_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    looks: list[memoryview] = []
    real = zxingcpp.read_barcodes

    def look(pixels: memoryview, **options: Any) -> list[zxingcpp.Barcode]:
        looks.append(pixels)
        return real(pixels, **options)

    monkeypatch.setattr(zxingcpp, "read_barcodes", look)
    # when
    read_here(saved(drawn(), "PNG"))
    # then
    assert [(*reversed(pixels.shape or ()),) for pixels in looks] == [drawn().size]


def nothing_seen(*_: object, **__: object) -> list[zxingcpp.Barcode]:
    return []


def test_a_second_reader_steps_in_where_the_first_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(zxingcpp, "read_barcodes", nothing_seen)
    # then
    assert read_here(saved(drawn(), "PNG")) == (TEXT,)


def test_the_second_reader_is_not_believed_where_it_guesses_an_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(zxingcpp, "read_barcodes", nothing_seen)
    # then
    with pytest.raises(NoCodeFound):
        read_here(saved(drawn("Пропуск"), "PNG"))


def test_the_second_reader_sees_a_large_picture_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    seen: list[tuple[int, int]] = []
    real = pyzbar.decode

    def decode(pixels: tuple[bytes, int, int], **options: Any) -> Any:
        seen.append(pixels[1:])
        return real(pixels, **options)

    monkeypatch.setattr(zxingcpp, "read_barcodes", nothing_seen)
    monkeypatch.setattr(pyzbar, "decode", decode)
    # then
    assert read_here(saved(drawn(scale=30), "PNG")) == (TEXT,)
    assert seen == [(cascade.ZBAR_UP_TO, cascade.ZBAR_UP_TO)]


@pytest.mark.parametrize(
    "failure", [pyzbar.PyZbarError("Could not create image scanner"), ValueError("9 is not a valid ZBarOrientation")]
)
def test_a_failure_of_the_second_reader_is_no_failure_of_ours(failure: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(pyzbar, "decode", fail)
    # then
    with refused(NoCodeFound, "picture_shows_nothing"):
        read_here(saved(Image.new("L", (90, 90), 255), "PNG"))


def test_two_passes_beside_each_other_are_both_returned_and_so_are_other_codes() -> None:
    # given
    other = write_armor(b"\x01" + b"another pass, of another resident, beside the first one, by chance")
    codes = [drawn(), drawn(other), drawn("https://example.org/")]
    sheet = Image.new("L", (sum(code.width for code in codes), max(code.height for code in codes)), 255)
    for number, code in enumerate(codes):
        sheet.paste(code, (sum(before.width for before in codes[:number]), 0))
    # then
    assert read_codes(saved(sheet, "PNG")) == (TEXT, other, "https://example.org/")


def test_looking_goes_on_for_a_pass_where_another_code_was_read() -> None:
    # given a clean code that is no pass, and a pass that takes more than one look
    link = drawn("https://example.org/")
    noise = noisy(80)
    sheet = Image.new("L", (link.width + noise.width, max(link.height, noise.height)), 255)
    sheet.paste(link, (0, 0))
    sheet.paste(noise, (link.width, 0))
    # then
    assert set(read_codes(saved(sheet, "PNG"))) == {"https://example.org/", TEXT}
    assert read_codes(saved(sheet, "PNG"), enough=lambda text: text.startswith("https:")) == ("https://example.org/",)


def test_a_stronger_test_is_asked_of_every_text() -> None:
    # given
    asked: list[str] = []

    def refuse(text: str) -> bool:
        asked.append(text)
        return False

    # when
    read_codes(saved(drawn(), "PNG"), enough=refuse)
    # then
    assert set(asked) == {TEXT}
    assert len(asked) > 1


def test_no_look_is_begun_when_the_time_is_up() -> None:
    # given a picture that takes more than one look
    picture = saved(noisy(90), "PNG")
    assert read_codes(picture) == (TEXT,)
    # then
    with pytest.raises(NoCodeFound):
        read_codes(picture, budget_seconds=0)


def test_a_frame_of_a_film_is_looked_at_once_and_what_ails_it_is_not_asked() -> None:
    assert read_codes(saved(drawn(), "PPM"), budget_seconds=0) == (TEXT,)
    with refused(NoCodeFound, "no_code_in_view") as caught:
        read_codes(saved(Image.linear_gradient("L"), "PPM"), budget_seconds=0)
    assert caught.value.facts == {}


def test_a_damaged_page_does_not_take_away_what_the_pages_before_it_held() -> None:
    # given a TIFF file whose second directory lies beyond its end
    first = saved(drawn(), "TIFF")
    (at,) = struct.unpack_from("<I", first, 4)
    (count,) = struct.unpack_from("<H", first, at)
    end = at + 2 + 12 * count
    # then
    assert read_codes(first[:end] + b"\xf0\xff\xff\x00" + first[end + 4 :]) == (TEXT,)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "PDF"])
def test_no_more_than_sixteen_frames_are_looked_at(kind: str) -> None:
    # given
    blank = [Image.new("L", (80, 80), 250 - 10 * number) for number in range(17)]
    file = saved(blank[0], kind, save_all=True, append_images=[*blank[1:], drawn()])
    # then
    with pytest.raises(NoCodeFound):
        read_codes(file)


@pytest.mark.parametrize(("extra", "module"), [("heic", "pillow_heif.as_plugin"), ("pdf", "pypdfium2")])
def test_an_extra_that_is_missing_is_named(extra: str, module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "socpass_vc.qr.pdf", raising=False)
    file = heic(drawn()) if extra == "heic" else saved(drawn(), "PDF")
    # then
    with refused(NoCodeFound, "picture_needs_extra") as caught:
        read_here(file)
    assert caught.value.facts == {"kind": extra.upper(), "hints": ("missing_extra",), "missing_extra": extra}
    for language in ("en", "ru"):
        assert f"pip install 'socpass-vc[{extra}]'" in caught.value.sentence(language)


@settings(max_examples=25, deadline=None)
@given(
    scale=st.sampled_from([3, 4, 6]),
    angle=st.floats(0, 360),
    blur=st.floats(0, 0.3),
    dimmed=st.floats(0.25, 1),
    quality=st.integers(30, 95),
    inverted=st.booleans(),
    sigma=st.floats(1, 15),
)
def test_a_pass_that_is_turned_soft_dim_noisy_and_squeezed_is_read(
    scale: int, angle: float, blur: float, dimmed: float, quality: int, inverted: bool, sigma: float
) -> None:
    # given
    picture = ImageOps.expand(drawn(scale=scale), 20, 255).rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    if inverted:
        picture = ImageChops.invert(picture)
    picture = picture.filter(ImageFilter.GaussianBlur(blur * scale)).point(lambda value: value * dimmed)
    picture = ImageChops.add(picture, Image.effect_noise(picture.size, sigma), 1, -128)
    # then
    assert read_codes(saved(picture, "JPEG", quality=quality)) == (TEXT,)


def test_what_holds_nothing_takes_no_longer_than_a_cashier_waits() -> None:
    # given a large photograph of nothing in particular
    picture = saved(Image.effect_noise((3000, 2250), 60), "JPEG")
    # when
    started = processor_seconds()
    with pytest.raises(NoCodeFound):
        read_codes(picture)
    # then
    assert processor_seconds() - started < 4
