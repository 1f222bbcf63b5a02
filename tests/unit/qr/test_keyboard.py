"""What scanners that play a keyboard make of passes under Russian layouts, and that all of it is undone.

The layouts here are written from their publication, key by key and apart from the tables under test: Unicode CLDR 43, keyboards/
(windows/ru-t-k0-windows.xml, osx/ru-t-k0-osx.xml), and xkeyboard-config, symbols/ru (winkeys, legacy over common).
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from said import refused
from socpass_cli.scan.line_framing import MAX_SCAN_BYTES, LineFraming
from socpass_vc.errors import NotAPass
from socpass_vc.format import armor
from socpass_vc.format.armor import read_armor, write_armor
from socpass_vc.qr.keyboard import as_coded


class Layout(NamedTuple):
    """What the keys type, row by row from the digits down: alone, with Shift; and what Caps Lock does to a letter with Shift."""

    plain: str
    shifted: str
    shift_undoes_caps: bool = True


US = Layout("1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./", '!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>?')
US_ON_A_MAC = US._replace(shift_undoes_caps=False)
WINDOWS = Layout("1234567890-=йцукенгшщзхъфывапролджэячсмитьбю.", '!"№;%:?*()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,')
MACOS = Layout(
    "1234567890-=йцукенгшщзхъфывапролджэячсмитьбю/",
    '!"№%:,.;()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ?',
    shift_undoes_caps=False,
)
XKB = WINDOWS  # ru(winkeys), the default: the same but for the keys that no prefix needs
XKB_LEGACY = Layout("1234567890-=йцукенгшщзхъфывапролджэячсмитьбю/", '!"#*:,.;()_+ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ?')
LAYOUTS = {"us": US, "us on a mac": US_ON_A_MAC, "windows": WINDOWS, "macos": MACOS, "xkb": XKB, "xkb legacy": XKB_LEGACY}
ENDINGS = ("", "\r", "\n", "\r\n", "\t")
AIMS = ("", "]Q0", "]Q1", "]Q3")
PREFIXES = ("SOCPASS:", "HTTPS://PASS.EXAMPLE.RU/P#", "HTTPS://P1.02.GOV-RU.EXAMPLE/PASS/5#", "HTTPS://A.RU/$%*+-./:0#")


def typed(text: str, layout: Layout, *, caps: bool = False, shift_works: bool = True) -> str:
    """Return what comes when a scanner presses the American keys of *text*."""
    pressed = {ord(sign): _pressed(sign, layout, caps=caps, shift_works=shift_works) for sign in set(text)}
    return text.translate(pressed)


def _pressed(sign: str, layout: Layout, *, caps: bool, shift_works: bool) -> str:
    if sign in "\r\n\t":
        return sign
    shift = sign in US.shifted
    key = (US.shifted if shift else US.plain).index(sign)
    shift = shift and shift_works
    is_letter = layout.plain[key].isalpha()
    if caps and is_letter:
        shift = not shift or not layout.shift_undoes_caps
    return (layout.shifted if shift else layout.plain)[key]


def typed_signs(layout: Layout, *, caps: bool) -> dict[str, str]:
    """Return what comes of each sign that a scanner may press."""
    return {sign: typed(sign, layout, caps=caps) for sign in US.plain + US.shifted + "\r\n\t"}


def frames(count: int, seed: int) -> Iterator[bytes]:
    rng = random.Random(seed)  # noqa: S311 -- sizes and bytes of examples
    for _ in range(count):
        yield bytes((armor.WHOLE,)) + rng.randbytes(rng.randrange(65, 600))


COMBINATIONS = tuple(product(LAYOUTS.values(), (False, True), AIMS, ENDINGS, PREFIXES))
SCANNED_PASSES = int(os.environ.get("SOCPASS_SCANNED_PASSES", "100"))
"""In every combination; ``make scanner`` takes 10,000."""


def test_the_prefix_arrives_as_people_report_it() -> None:
    assert typed("SOCPASS:", WINDOWS) == typed("SOCPASS:", MACOS) == typed("SOCPASS:", XKB) == "ЫЩСЗФЫЫЖ"
    assert typed("]Q1", WINDOWS, caps=True) == "Ъй1"
    assert typed("HTTPS://A#", WINDOWS) == "РЕЕЗЫЖ..Ф№"


def test_ten_thousand_passes_come_back_through_layouts_caps_lock_aim_identifiers_and_endings() -> None:
    lines = LineFraming()
    for number, frame in enumerate(frames(10_000, seed=1)):
        layout, caps, aim, ending, prefix = COMBINATIONS[number % len(COMBINATIONS)]
        text = write_armor(frame, prefix=prefix)
        received = lines.feed(typed(aim + text + ending, layout, caps=caps).encode()) or lines.end()
        assert [as_coded(scan) for scan in received] == [text]
        assert read_armor(as_coded(received[0])) == frame


@pytest.mark.parametrize("caps", [False, True], ids=["", "caps lock"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_each_pass_comes_back_through_every_layout_caps_lock_aim_identifier_and_ending(layout: Layout, caps: bool) -> None:
    # given
    keys = str.maketrans(typed_signs(layout, caps=caps))
    lines = LineFraming()
    recovered = 0
    # when
    for number, frame in enumerate(frames(SCANNED_PASSES, seed=3)):
        text = write_armor(frame, prefix=PREFIXES[number % len(PREFIXES)])
        for aim, ending in product(AIMS, ENDINGS):
            received = lines.feed((aim + text + ending).translate(keys).encode()) or lines.end()
            recovered += [as_coded(scan) for scan in received] == [text]
        assert read_armor(text) == frame
    # then
    assert recovered == SCANNED_PASSES * len(AIMS) * len(ENDINGS)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("prefix", ["SOCPASS:", "HTTPS://PASS.EXAMPLE.RU/P#", "HTTPS://P1.EXAMPLE.RU/P12#"])
def test_a_shift_that_is_lost_glues_no_three_to_the_digits(layout: Layout, prefix: str) -> None:
    frame = next(frames(1, seed=2))
    text = write_armor(frame, prefix=prefix)
    for caps in (False, True):
        assert read_armor(as_coded(typed(text, layout, caps=caps, shift_works=False))) == frame


@given(number=st.integers(0, len(COMBINATIONS) - 1), path=st.text("ABZ019$%*+-./:", max_size=20), size=st.integers(65, 4_096))
def test_whatever_the_address_it_comes_back(number: int, path: str, size: int) -> None:
    layout, caps, aim, ending, _ = COMBINATIONS[number]
    text = write_armor(b"\x01" + b"\xa5" * size, prefix=f"HTTPS://HOST/{path}#")
    assert as_coded(typed(aim + text + ending, layout, caps=caps)) == text


@given(st.text())
def test_any_text_whatever_comes_through_and_twice_is_as_once(text: str) -> None:
    once = as_coded(text)
    assert not once.startswith(("\n", " ", "\0"))
    if once.isascii():
        assert as_coded(once).upper() in (once.upper(), as_coded(once))


def test_russian_words_that_are_no_prefix_stay_as_they_are() -> None:
    for text in ("Ы", "Скидка 10%", "реестр№5", "ST00012|Name=Детский сад|PersonalAcc=40702810"):
        assert as_coded(text) == text


def test_a_link_that_is_no_pass_is_known_for_a_link_under_each_layout() -> None:
    for layout in LAYOUTS.values():
        assert as_coded(typed("https://QR.example.ru/a", layout)).startswith("HTTPS://QR.EXAMPLE.RU/A")


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_lines_give_the_same_however_the_bytes_are_cut(chunks: list[bytes]) -> None:
    apart, whole = LineFraming(), LineFraming()
    cut = [text for chunk in chunks for text in apart.feed(chunk)] + apart.end()
    assert cut == whole.feed(b"".join(chunks)) + whole.end()


def test_a_scanner_that_types_for_ever_is_said_once_and_kept_within_bounds() -> None:
    lines = LineFraming()
    said = [text for _ in range(1_000) for text in lines.feed(b"7" * 4_096)]
    assert [len(text) for text in said] == [MAX_SCAN_BYTES]
    with refused(NotAPass, "code_text_too_long"):
        read_armor(said[0])
    assert lines.feed(b"777\rnext\r") == ["next"]
    assert lines.end() == []


def test_bytes_that_are_no_utf_8_are_a_text_all_the_same() -> None:
    assert LineFraming().feed("ЫЩСЗФЫЫЖ12\r".encode("cp1251")) == ["ЫЩСЗФЫЫЖ12"]
    assert LineFraming().feed(b"\xff\x98\0\x1b\r") != []
