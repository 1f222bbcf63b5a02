"""Pictures as people bring them: screenshots, dark mode, turned, cut close, in every format; the codes in them are read."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps
from pyzbar import pyzbar

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import cascade
from socpass_vc.qr.read import read_codes
from unit.qr.pictures import TEXT, drawn, saved


def turned(degrees: float) -> Callable[[], bytes]:
    return lambda: saved(drawn().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255), "PNG")


def on_a_screen(code: Image.Image, ground: int) -> bytes:
    screen = Image.new("L", (2400, 1600), ground)
    screen.paste(code, (1500, 900))
    return saved(screen, "PNG")


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
    picture.putdata([brightest if value else darkest for value in drawn().get_flattened_data()])
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
    "PGM": lambda: saved(drawn(), "PPM"),
    "PPM, comment": lambda: saved(drawn().convert("RGB"), "PPM").replace(b"P6\n", b"P6\n# from a scanner\n", 1),
    "PBM": lambda: saved(drawn().convert("1"), "PPM"),
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
    with pytest.raises(NoCodeFound, match="no QR code"):
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
    with pytest.raises(NoCodeFound, match="no QR code can be read"):
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
    read_codes(saved(drawn(), "PNG"))
    # then
    assert [(*reversed(pixels.shape or ()),) for pixels in looks] == [drawn().size]


def nothing_seen(*_: object, **__: object) -> list[zxingcpp.Barcode]:
    return []


def test_a_second_reader_steps_in_where_the_first_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(zxingcpp, "read_barcodes", nothing_seen)
    # then
    assert read_codes(saved(drawn(), "PNG")) == (TEXT,)


def test_the_second_reader_is_not_believed_where_it_guesses_an_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(zxingcpp, "read_barcodes", nothing_seen)
    # then
    with pytest.raises(NoCodeFound):
        read_codes(saved(drawn("Пропуск"), "PNG"))


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
    assert read_codes(saved(drawn(scale=30), "PNG")) == (TEXT,)
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
    with pytest.raises(NoCodeFound, match="no QR code can be read"):
        read_codes(saved(Image.new("L", (90, 90), 255), "PNG"))
