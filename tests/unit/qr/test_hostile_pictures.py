"""Files made to hurt, and files that are hurt: one typed error, soon, in little memory, and not a word on standard error."""

from __future__ import annotations

import io
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pillow_heif
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from said import refused
from socpass_vc.errors import NoCodeFound, SocpassError, SourceError
from socpass_vc.qr.container import MAX_FILE_BYTES
from socpass_vc.qr.limits import PROCESSOR_SECONDS
from socpass_vc.qr.read import read_codes
from unit.qr.pictures import bmp, drawn, gif, png, png_chunk, saved, tiff, tiff_tags
from unit.qr.processor import processor_seconds

MEBIBYTE = 1024 * 1024
GREY_ROWS = bytes(101 * 100)


def endless_scans() -> bytes:
    """Return a progressive JPEG whose last scan comes a thousand times."""
    file = saved(Image.new("L", (4000, 4000), 128), "JPEG", progressive=True)
    scan = file[file.rindex(b"\xff\xda") : -2]
    return file[:-2] + scan * 1000 + b"\xff\xd9"


def webp_bomb() -> bytes:
    """Return a lossless WebP whose header claims 16,383 x 16,383 pixels."""
    file = saved(Image.new("RGB", (9, 9)), "WEBP", lossless=True)
    return file[:21] + (16_382 << 14 | 16_382).to_bytes(4, "little") + file[25:]


def round_in_a_circle() -> bytes:
    """Return a TIFF file whose only image names itself as the next."""
    file = tiff([*tiff_tags(800, 800, strips=1)], content=bytes(80_000))
    return file[:-4] + file[4:8]


def packed_and_damaged() -> bytes:
    """Return a TIFF of which libtiff says on standard error what is wrong."""
    file = saved(Image.effect_noise((300, 300), 80), "TIFF", compression="tiff_lzw")
    return file[:200] + bytes(100) + file[300:]


def packed_tags(way: int) -> list[tuple[int, int, int, int]]:
    tags = tiff_tags(80, 80, strips=1)
    tags[3] = (259, 3, 1, way)
    return tags


def heic(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    pillow_heif.from_pillow(picture).save(file, format="HEIF")
    return file.getvalue()


def cut(file: bytes) -> bytes:
    return file[: len(file) // 2]


class Why(NamedTuple):
    """Why a file is refused: one of these reasons, with at least these facts."""

    reasons: tuple[str, ...]
    facts: dict[str, object]


def why(*reasons: str, **facts: object) -> Why:
    return Why(reasons, facts)


def too_large(width: int, height: int) -> Why:
    return why("picture_too_large", width_pixels=width, height_pixels=height, limit_pixels=64_000_000)


# What the file is -> how to make it, and why it is refused.
HOSTILE: dict[str, tuple[Callable[[], bytes], Why]] = {
    "nothing": (lambda: b"", why("picture_file_empty")),
    "text": ("Добрый день! Вот мой пропуск.".encode, why("not_a_picture")),
    "zeros": (lambda: bytes(5000), why("not_a_picture")),
    "EPS": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", why("not_a_picture")),
    "PSD": (lambda: b"8BPS\x00\x01" + bytes(60), why("not_a_picture")),
    "SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", why("not_a_picture")),
    "more bytes than are read": (
        lambda: b"\x89PNG\r\n\x1a\n" + bytes(MAX_FILE_BYTES),
        why("picture_file_too_large", limit_bytes=67_108_864),
    ),
    "PNG of its first bytes": (lambda: b"\x89PNG\r\n\x1a\n", why("picture_damaged", kind="PNG")),
    "PNG cut short": (lambda: cut(saved(drawn(scale=9), "PNG")), why("picture_damaged", kind="PNG")),
    "JPEG cut short": (lambda: cut(saved(drawn(scale=9), "JPEG")), why("picture_damaged", kind="JPEG")),
    "JPEG without pixels": (lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\xff\xd9", why("picture_damaged", kind="JPEG")),
    "WebP cut short": (lambda: cut(saved(drawn(scale=9), "WEBP")), why("picture_damaged", kind="WebP")),
    "AVIF cut short": (lambda: cut(saved(drawn(scale=9), "AVIF")), why("picture_damaged", kind="AVIF")),
    "GIF cut short": (lambda: cut(saved(drawn(scale=9), "GIF")), why("picture_damaged", kind="GIF")),
    "BMP cut short": (lambda: cut(saved(drawn(scale=9), "BMP")), why("picture_damaged", kind="BMP")),
    "TIFF cut short": (lambda: cut(saved(drawn(scale=9), "TIFF")), why("picture_damaged", kind="TIFF")),
    "PPM cut short": (lambda: cut(saved(drawn(scale=9), "PPM")), why("picture_damaged", kind="PNM")),
    "PNG with a wrong checksum": (
        lambda: png(100, 100, GREY_ROWS)[:29] + b"none" + png(100, 100, GREY_ROWS)[33:],
        why("picture_damaged", kind="PNG"),
    ),
    "PNG of no width": (lambda: png(0, 100, GREY_ROWS), why("picture_damaged", kind="PNG")),
    "PNG bomb": (lambda: png(65_535, 65_535, bytes(MEBIBYTE)), too_large(65_535, 65_535)),
    "PNG just too large": (lambda: png(8001, 8000, b""), too_large(8001, 8000)),
    "PNG just too wide": (lambda: png(65_536, 1, b""), too_large(65_536, 1)),
    "PNG of many chunks": (
        lambda: png(100, 100, GREY_ROWS, before=png_chunk(b"aaAa", b"") * 700_000),
        why("picture_in_too_many_pieces", kind="PNG"),
    ),
    "PNG of many pixel chunks": (
        lambda: png(100, 100, GREY_ROWS, after=png_chunk(b"IDAT", b"") * 700_000),
        why("picture_in_too_many_pieces", kind="PNG"),
    ),
    "GIF bomb": (lambda: gif(65_535, 65_535), too_large(65_535, 65_535)),
    "GIF whose frame is larger than its screen": (
        lambda: gif(9, 9).replace(b",\x00\x00\x00\x00\x09\x00\x09\x00", b",\x00\x00\x00\x00\x10\x27\x10\x27"),
        too_large(10_000, 10_000),
    ),
    "GIF whose frame is a bomb": (
        lambda: gif(9, 9).replace(b",\x00\x00\x00\x00\x09\x00\x09\x00", b",\x00\x00\x00\x00\xff\xff\xff\xff"),
        why("picture_far_too_large", limit_pixels=64_000_000),
    ),
    "GIF of many comments": (
        lambda: gif(9, 9, before=b"!\xfe\x01A\x00" * 2 * MEBIBYTE),
        why("picture_in_too_many_pieces", kind="GIF"),
    ),
    "GIF of a comment in many pieces": (
        lambda: gif(9, 9, before=b"!\xfe" + b"\x01A" * 4 * MEBIBYTE + b"\x00"),
        why("picture_in_too_many_pieces", kind="GIF"),
    ),
    "GIF of stray bytes": (lambda: gif(9, 9, before=b"\x01" * 8 * MEBIBYTE), why("picture_in_too_many_pieces", kind="GIF")),
    "JPEG of many scans": (endless_scans, why("picture_in_too_many_pieces", kind="JPEG")),
    "JPEG of many remarks": (
        lambda: b"\xff\xd8" + b"\xff\xe1\x00\x02" * 2 * MEBIBYTE,
        why("picture_in_too_many_pieces", kind="JPEG"),
    ),
    "JPEG of fill bytes": (lambda: b"\xff\xd8" + b"\xff" * 16 * MEBIBYTE, why("picture_damaged", kind="JPEG")),
    "BMP bomb": (
        lambda: bmp(9, 9, packing=0).replace(b"\x09\x00\x00\x00" * 2, b"\x00\xf0\x00\x00" * 2),
        too_large(61_440, 61_440),
    ),
    # Twelve million runs that Pillow undoes one by one; how far it comes depends on the machine.
    "BMP in runs": (lambda: bmp(5000, 5000, packing=1), why("picture_takes_too_much", "picture_shows_nothing")),
    "TIFF bomb": (lambda: tiff(tiff_tags(60_000, 60_000, strips=1)), too_large(60_000, 60_000)),
    "TIFF of the same strip again and again": (
        lambda: tiff(tiff_tags(8000, 8000, strips=60_000, rows=4000), content=bytes(8_000_000)),
        why("picture_painted_again"),
    ),
    "TIFF of too many strips": (
        lambda: tiff(tiff_tags(800, 800, strips=70_000), content=bytes(700_000)),
        why("picture_in_too_many_pieces", kind="TIFF"),
    ),
    "TIFF of insane tags": (
        lambda: tiff([(tag, 7, MEBIBYTE, 8) for tag in range(1000, 60_000)], content=bytes(MEBIBYTE)),
        why("picture_damaged", kind="TIFF"),
    ),
    "TIFF of tags beyond its end": (lambda: b"II*\x00\xf0\xff\xff\xff" + bytes(90), why("picture_damaged", kind="TIFF")),
    "TIFF packed and damaged": (packed_and_damaged, why("picture_damaged", kind="TIFF")),
    "TIFF packed bomb": (lambda: saved(Image.new("1", (9_000, 9_000)), "TIFF", compression="group4"), too_large(9000, 9000)),
    "TIFF packed in a way of nobody's": (
        lambda: tiff(packed_tags(61_000), content=bytes(800)),
        why("picture_damaged", kind="TIFF"),
    ),
    "PGM in decimals": (lambda: b"P2 2000 2000 255\n" + b"1 " * 4_000_000, why("not_a_picture")),
    "PGM of odd greys": (lambda: b"P5 2000 2000 254\n" + bytes(4_000_000), why("not_a_picture")),
    "PGM of one long comment": (lambda: b"P5 #" + b"x" * 16 * MEBIBYTE, why("not_a_picture")),
    # Pillow 12 leaves the size to our own bound; later ones refuse it when the file is opened.
    "WebP bomb": (webp_bomb, why("picture_far_too_large", "picture_too_large", limit_pixels=64_000_000)),
    "GIF of many comments behind its first frame": (
        lambda: saved(drawn(), "GIF")[:-1] + b"!\xfe\x01A\x00" * 2 * MEBIBYTE + b";",
        why("picture_in_too_many_pieces", kind="GIF"),
    ),
    "TIFF whose images go round in a circle": (round_in_a_circle, why("picture_shows_nothing")),
    "PDF of its first bytes": (lambda: b"%PDF-1.7\n", why("picture_damaged", kind="PDF")),
    "PDF cut short": (lambda: saved(drawn(scale=9), "PDF")[:300], why("picture_damaged", kind="PDF")),
    "PDF of an endless page": (
        lambda: saved(drawn(), "PDF").replace(b"/MediaBox [ 0 0 ", b"/MediaBox [0 0 9999999"),
        why("no_code_can_be_read", "picture_shows_nothing", "picture_damaged"),
    ),
    "HEIC of its first bytes": (lambda: b"\x00\x00\x00\x18ftypheic" + bytes(40), why("picture_damaged", kind="HEIC")),
    "HEIC cut short": (lambda: cut(heic(drawn(scale=9))), why("picture_damaged", kind="HEIC")),
    "a blank sheet": (lambda: png(2000, 2000, bytes(2001 * 2000)), why("picture_shows_nothing")),
}


# Of processor time, so that a machine busy with other things fails no test; the worker's counts.
BOUND_SECONDS = 2
BOUND_SECONDS_OF_WHAT_TAKES_TOO_MUCH = PROCESSOR_SECONDS + 2  # limits are in whole seconds


@pytest.mark.parametrize("name", HOSTILE)
def test_this_is_refused_with_a_reason_and_soon(name: str) -> None:
    # given
    make, expected = HOSTILE[name]
    file = make()
    # when
    started = processor_seconds()
    with pytest.raises(NoCodeFound) as caught:
        read_codes(file)
    # then
    bound = BOUND_SECONDS_OF_WHAT_TAKES_TOO_MUCH if "picture_takes_too_much" in expected.reasons else BOUND_SECONDS
    assert caught.value.reason in expected.reasons
    assert expected.facts.items() <= caught.value.facts.items()
    assert processor_seconds() - started < bound


def test_what_is_too_large_is_told_in_numbers() -> None:
    with refused(NoCodeFound, "picture_too_large") as caught:
        read_codes(png(9000, 8000, b""))
    sizes = {"width_pixels": 9000, "height_pixels": 8000, "limit_pixels": 64_000_000, "limit_side_pixels": 65_535}
    assert caught.value.facts == sizes


def test_a_picture_of_just_64_megapixels_is_looked_at() -> None:
    with refused(NoCodeFound, "picture_shows_nothing"):
        read_codes(png(8000, 8000, bytes(8001 * 8000)))


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with refused(NoCodeFound, "picture_is_a_folder") as caught:
        read_codes(tmp_path)
    assert caught.value.where == (str(tmp_path),)


@pytest.mark.parametrize("name", ["missing.png", "a\x00b.png", "x" * 5000])
def test_a_file_that_is_not_there_is_a_bad_source(name: str, tmp_path: Path) -> None:
    with refused(SourceError, "cannot_be_read", path=str(tmp_path / name)) as caught:
        read_codes(tmp_path / name)
    assert caught.value.facts.keys() == {"path", "why"}
    assert caught.value.where == (str(tmp_path / name),)


def test_a_file_is_read_no_further_than_its_limit(tmp_path: Path) -> None:
    # given a file of 100 GiB that takes no room
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * MEBIBYTE)
    # then
    with refused(NoCodeFound, "picture_file_too_large", limit_bytes=67_108_864):
        read_codes(path)


KINDS: dict[str, bytes] = {
    kind: saved(drawn("SOCPASS:123", scale=3), kind) for kind in ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF", "PPM")
} | {
    "PNG with palette": saved(drawn("SOCPASS:123", scale=3).convert("RGB").quantize(4), "PNG", transparency=1),
    "PNG of 16 bits": saved(Image.new("I;16", (40, 40), 700), "PNG"),
    "PNG with metadata": saved(drawn("SOCPASS:123", scale=3), "PNG", exif=b"Exif\x00\x00II*\x00", icc_profile=b"profile"),
    "JPEG, CMYK and EXIF": saved(Image.new("CMYK", (40, 40)), "JPEG", exif=b"Exif\x00\x00MM\x00*" + bytes(40)),
    "TIFF, RGB": saved(drawn("SOCPASS:123", scale=3).convert("RGB"), "TIFF"),
    "TIFF of two images": saved(Image.new("L", (40, 40)), "TIFF", save_all=True, append_images=[Image.new("L", (30, 30), 9)]),
    "GIF of two frames": saved(Image.new("L", (40, 40)), "GIF", save_all=True, append_images=[Image.new("L", (40, 40), 9)]),
    "PDF": saved(drawn("SOCPASS:123", scale=3), "PDF"),
    "HEIC": heic(drawn("SOCPASS:123", scale=3)),
}


@settings(max_examples=300, deadline=None)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=6), st.integers(0, 6)), max_size=8),
    left=st.integers(0, 100),
)
def test_a_damaged_picture_raises_nothing_but_our_errors(kind: str, changes: list[tuple[int, bytes, int]], left: int) -> None:
    # given a good file with bytes put in and taken out, of which a part is left
    file = KINDS[kind]
    for place, put_in, taken_out in changes:
        at = place % len(file)
        file = file[:at] + put_in + file[at + taken_out :]
    file = file[: len(file) * left // 100] if left < 90 else file
    # then
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            texts = read_codes(file)
        except SocpassError:
            return
    assert texts
    assert all(isinstance(text, str) for text in texts)


@settings(max_examples=300, deadline=None)
@given(
    start=st.sampled_from([b"", *(file[:size] for file in KINDS.values() for size in (12, 30, 60))]),
    rest=st.binary(max_size=300),
)
@example(start=b"GIF89a", rest=b"")
@example(start=b"BM", rest=b"")
@example(start=b"MM\x00*", rest=b"\x00\x00\x00\x08")
def test_no_bytes_whatever_raise_anything_but_our_errors(start: bytes, rest: bytes) -> None:
    try:
        read_codes(start + rest)
    except SocpassError as error:
        assert error.code == "no_code_found"  # noqa: PT017 - that there is one is not certain


READ_ALL = """
import resource, sys
from pathlib import Path
from socpass_vc.errors import NoCodeFound
from socpass_vc.qr.container import identify
from socpass_vc.qr.search import find_codes

limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        file = path.read_bytes()
        find_codes(file, identify(file), enough=lambda _: True, budget_seconds=2)
    except NoCodeFound as refused:
        print(path.name, refused.reason, refused.facts.get("kind"))
"""


@contextmanager
def reasons_of_refusal() -> Iterator[list[str]]:
    """Give a list into which the reason comes why there is no code, if there is none."""
    reasons: list[str] = []
    try:
        yield reasons
    except NoCodeFound as error:
        reasons.append(error.reason)


def read_all_in_a_child(folder: Path, *, memory_bytes: int) -> subprocess.CompletedProcess[str]:
    """Read all files of *folder* in a process of its own that may have so much memory, its own code and libraries included."""
    command = [sys.executable, "-W", "always", "-c", READ_ALL, str(folder), str(memory_bytes)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


def test_bombs_are_refused_in_little_memory(tmp_path: Path) -> None:
    # given
    bombs = [name for name in HOSTILE if "bomb" in name or "insane" in name or "again" in name]
    for name in bombs:
        (tmp_path / name).write_bytes(HOSTILE[name][0]())
    # when
    child = read_all_in_a_child(tmp_path, memory_bytes=512 * MEBIBYTE)
    # then
    assert len(child.stdout.splitlines()) == len(bombs) >= 6
    assert "picture_takes_too_much" not in child.stdout


@pytest.mark.parametrize("memory_bytes", [100 * MEBIBYTE, 130 * MEBIBYTE], ids=["decoding", "looking"])
def test_what_does_not_fit_into_memory_is_a_picture_that_cannot_be_read(memory_bytes: int, tmp_path: Path) -> None:
    # given a picture within all limits that takes more memory than the process may have
    (tmp_path / "sheet").write_bytes(png(8000, 8000, bytes(8001 * 7999) + b"\0" + b"\xff" * 8000))
    # when
    child = read_all_in_a_child(tmp_path, memory_bytes=memory_bytes)
    # then
    assert child.stdout == "sheet picture_takes_too_much None\n"


def test_damaged_pictures_write_nothing_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    # given pictures of every kind with one byte wrong, here and there
    files = {
        f"{kind}{part}": file[: len(file) * part // 10] + b"U" + file[len(file) * part // 10 + 1 :]
        for kind, file in KINDS.items()
        for part in range(1, 10)
    }
    inks = tiff_tags(8, 8, strips=1)
    inks[6] = (277, 3, 1, 600)
    files |= {"inks": tiff(inks, content=bytes(64)), "packed": packed_and_damaged()}
    # when
    reasons = {}
    for name, file in files.items():
        with reasons_of_refusal() as reasons[name]:
            read_codes(file)
    # then
    assert capfd.readouterr() == ("", "")
    assert reasons["inks"] == reasons["packed"] == ["picture_damaged"]


def test_reading_leaves_the_filters_of_warnings_alone() -> None:
    # given
    before = list(warnings.filters)
    # when
    for file in KINDS.values():
        try:
            read_codes(cut(file))
        except NoCodeFound:
            continue
    # then
    assert warnings.filters == before
