"""What a cashier is told where there is no pass: what the code is instead, or what would help."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from command import Shell
from said import pattern, text
from socpass_vc.messages import has_sentence
from socpass_vc.qr import container, diagnose, worker_process
from socpass_vc.qr.write import draw_code

OTHERS = {
    "ST00012|Name=ООО Ромашка|PersonalAcc=40702810": "payment",
    "https://qr.nspk.ru/AS10003P3RH0LJ2A9ROO038L6NT5RU1M?type=01": "payment",
    "t=20260930T1342&s=1299.90&fn=9289000100123456&i=123456&fp=3412345678&n=1": "receipt",
    "Design\r\nhttp://example.org/ ": "link",
    "WIFI:T:WPA;S=cafe;P:secret;;": "wifi",
    "BEGIN:VCARD\nVERSION:3.0\nN:Иванова": "contact",
    "BEGIN:VEVENT\nSUMMARY:Концерт": "event",
    "tel:+74951234567": "message",
    "geo:55.75,37.61": "place",
    "HC1:6BFOXN%TS3DH": "health_certificate",
    "otpauth://totp/x?secret=y": "one_time_code",
    "HTTPS://EXAMPLE.ORG/": "link",
    "tg://resolve?domain=x": "link",
    "4601234567890": "number",
    "Добро пожаловать": "text",
}


@pytest.mark.parametrize("content", OTHERS)
def test_a_code_that_is_no_pass_is_called_what_it_is(shell: Shell, tmp_path: Path, content: str) -> None:
    # given
    (tmp_path / "other.png").write_bytes(draw_code(content).png())
    # when
    found = json.loads(shell("verify", tmp_path / "other.png", "--json").out)
    # then
    assert (found["code"], found["found"]) == ("not_a_pass", OTHERS[content])
    assert json.loads(shell("show", tmp_path / "other.png", "--json").out)["found"] == OTHERS[content]
    for lang in ("en", "ru"):
        assert text(f"verdict.other.{OTHERS[content]}", lang) in shell("verify", tmp_path / "other.png", "--lang", lang).out


def test_nothing_of_what_another_code_holds_is_shown(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "wifi.png").write_bytes(draw_code("WIFI:T:WPA;S:cafe;P:geheim;;").png())
    for arguments in ((), ("--json",)):
        assert "geheim" not in shell("verify", tmp_path / "wifi.png", *arguments).out


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_what_would_help_is_said_with_the_verdict_and_in_json(shell: Shell, demo_folder: Path, tmp_path: Path, lang: str) -> None:
    # given
    code = Image.open(demo_folder / "passes" / "accepted.png").convert("L")
    code.filter(ImageFilter.GaussianBlur(9)).save(tmp_path / "blurred.png")
    # when
    said = shell("verify", tmp_path / "blurred.png", "--lang", lang)
    found = json.loads(shell("verify", tmp_path / "blurred.png", "--json").out)
    # then
    assert f"  ? {text('verdict.hint.blurred', lang)}" in said.out
    assert (said.code, found["code"], found["hints"]) == (3, "no_code_found", ["blurred"])
    assert json.loads(shell("show", tmp_path / "blurred.png", "--json").out)["hints"] == ["blurred"]


def test_every_word_of_the_library_has_its_sentence_in_both_languages() -> None:
    words = {value for name, value in vars(diagnose).items() if name.isupper() and isinstance(value, str)}
    assert len(words) >= 7
    assert all(has_sentence(f"verdict.hint.{word}", lang) for word in words for lang in ("en", "ru"))


def test_a_missing_extra_is_named_with_the_way_to_get_it(
    shell: Shell, demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    Image.open(demo_folder / "passes" / "accepted.png").convert("L").save(tmp_path / "pass.pdf")
    assert shell("verify", tmp_path / "pass.pdf", "--store", demo_folder / "till").code == 0
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "pypdfium2.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path / "without")
    worker_process.end_if_warm()
    # then
    for lang in ("en", "ru"):
        said = shell("verify", tmp_path / "pass.pdf", "--lang", lang)
        assert (said.code, text("verdict.hint.missing_extra", lang, missing_extra="pdf") in said.out) == (3, True)
        assert "pip install 'socpass-vc[pdf]'" in said.out
    worker_process.end_if_warm()


def paste_by(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program in *folder* that gives out what was copied, as xclip does, and let no other be found."""
    (folder / "xclip").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "xclip").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/bin{os.pathsep}/usr/bin")
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the clipboard is asked without another program")


@linux_only
def test_a_copied_picture_is_checked(shell: Shell, demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    paste_by(tmp_path, monkeypatch, f"cat '{demo_folder}/passes/accepted.png'")
    # then
    assert shell("verify", "--clipboard", "--store", demo_folder / "till").code == 0
    found = json.loads(shell("verify", "--clipboard", "--store", demo_folder / "till", "--json").out)
    assert (found["source"], found["code"]) == (text("cli.source.clipboard"), "accepted")


@linux_only
@pytest.mark.parametrize(
    "script",
    [
        "echo 'Error: target image/png not available' >&2; exit 1",
        "echo 'no display' >&2; exit 1",
        "echo 'this is no picture'",
        "exit 0",
    ],
    ids=["no picture", "no display", "not a picture", "nothing"],
)
def test_a_clipboard_without_a_picture_is_a_bad_source(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    paste_by(tmp_path, monkeypatch, script)
    for lang in ("en", "ru"):
        assert shell("verify", "--clipboard", "--lang", lang).code == 3
    assert json.loads(shell("verify", "--clipboard", "--json").out)["code"] == "bad_source"


@linux_only
def test_a_system_without_a_clipboard_says_what_it_lacks(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for lang in ("en", "ru"):
        said = shell("verify", "--clipboard", "--lang", lang)
        assert (said.code, bool(pattern("cli.clipboard.none", lang).search(said.out))) == (3, True)


def test_nothing_to_look_at_is_wrong_usage(shell: Shell) -> None:
    said = shell("verify")
    assert (said.code, "--clipboard" in said.err) == (2, True)


UNREADABLE: dict[str, tuple[bytes, str, dict[str, object]]] = {
    "empty.png": (b"", "picture_file_empty", {}),
    "noise.png": (bytes(range(256)) * 10, "not_a_picture", {"kinds": [kind.name for kind in container.KINDS]}),
    "cut.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "picture_damaged", {"kind": "PNG"}),
    "huge.pbm": (
        b"P4 70000 70000\n",
        "picture_too_large",
        {"width_pixels": 70_000, "height_pixels": 70_000, "limit_pixels": 64_000_000, "limit_side_pixels": 65_535},
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_why_a_file_cannot_be_read_is_said_in_both_languages(shell: Shell, demo_folder: Path, tmp_path: Path, name: str) -> None:
    content, reason, facts = UNREADABLE[name]
    (tmp_path / name).write_bytes(content)
    for lang in ("en", "ru"):
        said = shell("verify", tmp_path / name, "--store", demo_folder / "till", "--lang", lang)
        assert (said.code, text(reason, lang, **facts) in said.out) == (3, True)


@pytest.mark.parametrize("content", ["7" * 400, "привет"])
def test_why_a_text_is_no_pass_is_said_in_russian_too(shell: Shell, tmp_path: Path, content: str) -> None:
    (tmp_path / "given.txt").write_text(content, encoding="utf-8")
    *_, why, advice = shell("verify", tmp_path / "given.txt", "--lang", "ru").out.splitlines()
    assert any("а" <= letter <= "я" for letter in why)
    assert advice.startswith("  > ")


def test_a_document_in_plain_ascii_is_a_document_and_no_text(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    # given a PDF whose streams are written in hexadecimal digits, of which a run is as long as a pass
    made = in_ascii(Image.open(demo_folder / "passes" / "accepted.png").convert("L"))
    (tmp_path / "pass.pdf").write_bytes(made)
    assert made.isascii()

    # then
    assert shell("verify", tmp_path / "pass.pdf", "--store", demo_folder / "till").code == 0


def in_ascii(picture: Image.Image) -> bytes:
    """Return a PDF of one page with one picture, in ASCII alone."""
    width, height = picture.size
    pixels = picture.tobytes().hex().encode() + b">"
    page = f"{width} 0 0 {height} 0 0 cm /P Do".encode()
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Resources<</XObject<</P 5 0 R>>>>/Contents 4 0 R>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        f"<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceGray/BitsPerComponent 8".encode()
        + b"/Filter/ASCIIHexDecode/Length %d>>stream\n%s\nendstream" % (len(pixels), pixels),
    )
    body = b"%PDF-1.4\n"
    starts = []
    for number, written in enumerate(objects, start=1):
        starts.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, written)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    return body + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(body),
    )
