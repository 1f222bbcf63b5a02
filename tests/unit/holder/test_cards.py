"""What people carry: every kind of card is read back from its pixels, nothing is cut, and nothing private is printed."""

from __future__ import annotations

import io
import subprocess
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageDraw

from said import refused
from socpass_vc.errors import CardError
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.keys import SecretKey
from socpass_vc.holder import fonts, layout, page, paper, phone
from socpass_vc.holder.card import Card, describe
from socpass_vc.qr.read import read_codes
from socpass_vc.qr.sizes import Level

ISSUER = {
    "ru": "Министерство семьи, труда и социальной защиты населения Республики Башкортостан",
    "en": "Ministry of Family, Labour and Social Protection of the Republic of Bashkortostan",
}
LONG_NAME = (
    "Абдулгазизова-Константинопольская Гөлҗамал-Әминә Ҡотлоғәлләм ҡыҙы Һөйөндөк Фәхретдинова Александра Константиновна Өфөнән"
)
MANY = tuple(Entitlement(category=number, last=date(2027, 6, 30)) for number in range(2501, 2533))
FEW = (
    Entitlement(category=30, document=Document(kind=1, number="АБ 7654321")),
    Entitlement(category=2545, last=date(2027, 6, 30)),
    Entitlement(category=2580, first=date(2027, 1, 1), last=date(2030, 12, 31)),
)


def claims(name: str = "Иванова Мария Петровна", entitlements: tuple[Entitlement, ...] = FEW) -> Claims:
    return Claims(
        name=name,
        entitlements=entitlements,
        status=StatusReference(list_number=0, index=153421),
        issued_at=datetime(2026, 11, 1, tzinfo=UTC),
        expires_at=datetime(2027, 12, 31, 19, tzinfo=UTC),  # midnight in Ufa
        born_on=date(1958, 3, 14),
    )


def card(what: Claims, language: str = "ru", *, issuer: str | None = None, digits: int = 420, number: int = 0) -> Card:
    text = "SOCPASS:" + f"{number:03d}" + "7" * digits  # what a till would say of it is no matter of a card's
    return describe(what, text, issuer=issuer or ISSUER[language], language=language, zone=ZoneInfo("Asia/Yekaterinburg"))


def pages(pdf: bytes, folder: Path, dots_per_inch: int = 200) -> list[Path]:
    (folder / "card.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dots_per_inch), "-png", "card.pdf", "page"], cwd=folder, check=True)
    return sorted(folder.glob("page*.png"))


def test_a_pass_until_the_last_second_of_the_calendar_has_a_last_day_in_every_zone() -> None:
    for zone in ("Asia/Yekaterinburg", "America/New_York"):
        endless = replace(claims(), expires_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
        made = describe(endless, "SOCPASS:" + "7" * 420, issuer="A", language="en", zone=ZoneInfo(zone))
        assert "9999" in made.expiry


def words(pdf: bytes, folder: Path) -> str:
    (folder / "card.pdf").write_bytes(pdf)
    said = subprocess.run(["pdftotext", "-layout", "card.pdf", "-"], cwd=folder, check=True, capture_output=True).stdout
    return " ".join(said.decode().split())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_plastic_card_says_whose_it_is_until_when_and_by_whom_and_its_code_is_read(language: str, tmp_path: Path) -> None:
    # when
    drawn = card(claims(), language)
    pdf = paper.to_card(drawn)
    front, back = pages(pdf, tmp_path)
    # then
    with Image.open(front) as picture:
        assert picture.size == pytest.approx((85.6 / 25.4 * 200, 54 / 25.4 * 200), abs=1)
    assert read_codes(back, enough=lambda _: True) == (drawn.text,)
    said = words(pdf, tmp_path)
    expected = {
        "ru": ("Иванова Мария Петровна", "Ветеран боевых действий", "бессрочно", "по 30.06.2027", "с 01.01.2027 по 31.12.2030"),
        "en": ("Иванова Мария Петровна", "Combat veteran", "no end", "until 2027-06-30", "from 2027-01-01 until 2030-12-31"),
    }
    for part in (*expected[language], *ISSUER[language].split(), "31 декабря 2027" if language == "ru" else "31 December 2027"):
        assert part in said
    for private in ("1958", "7654321", "14.03"):
        assert private not in said


def test_even_the_widest_letters_and_32_categories_of_two_days_each_are_on_a_card_and_on_a_phone(tmp_path: Path) -> None:
    # given
    name = f"{'Щ' * 55} {'Ж' * 64}"
    two_days = tuple(replace(entitlement, first=date(2026, 1, 1)) for entitlement in MANY)
    drawn = card(claims(name, two_days), digits=1_100)
    # when
    said = words(paper.to_card(drawn), tmp_path)
    # then
    assert (said.count("Щ"), said.count("Ж")) == (55, 64)
    assert all(f"{entry.number} 01.01.2026–30.06.2027" in said for entry in drawn.entries)
    assert phone.to_png(drawn)


def test_a_word_that_is_too_wide_is_broken_behind_its_hyphen_and_only_then_within() -> None:
    def wrapped(text: str) -> list[str]:
        return layout.wrapped(text, 12, len)

    assert wrapped("Анна Верхнеславянская") == ["Анна", "Верхнеславян", "ская"]
    assert wrapped("Анна Петрова-Водкина") == ["Анна", "Петрова-", "Водкина"]
    assert wrapped("Римский-Корсаков-Младший") == ["Римский-", "Корсаков-", "Младший"]
    assert wrapped("а-б-в Верхнеславянская-Я") == ["а-б-в", "Верхнеславян", "ская-Я"]


def test_fonts_are_embedded_and_the_same_card_gives_the_same_bytes(tmp_path: Path) -> None:
    drawn = card(claims())
    for draw in (paper.to_card, paper.to_letter, phone.to_png, page.to_html):
        assert draw(drawn) == draw(drawn)
    (tmp_path / "card.pdf").write_bytes(paper.to_card(drawn))
    listed = (
        subprocess.run(["pdffonts", "card.pdf"], cwd=tmp_path, check=True, capture_output=True).stdout.decode().splitlines()[2:]
    )
    assert len(listed) == 2
    assert all("DejaVuSansCondensed" in line and " yes yes yes " in line for line in listed)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_longest_name_and_32_categories_are_all_on_every_card(language: str, tmp_path: Path) -> None:
    # given
    assert len(LONG_NAME) <= 120
    drawn = card(claims(LONG_NAME, MANY), language, digits=1_100)
    # then
    for number, pdf in enumerate((paper.to_card(drawn), paper.to_letter(drawn))):
        folder = tmp_path / str(number)
        folder.mkdir()
        said = words(pdf, folder)
        assert all(part in said for part in LONG_NAME.split())
        shown = [entry.number if number == 0 else entry.name for entry in drawn.entries]
        assert all(entry in said for entry in shown)
        assert read_codes(pages(pdf, folder)[1 - number], enough=lambda _: True) == (drawn.text,)
    assert read_codes(phone.to_png(drawn), enough=lambda _: True) == (drawn.text,)


@pytest.mark.parametrize("width", [60.0, 200.0])
def test_no_line_is_wider_than_the_card_or_lower_than_its_edge(width: float) -> None:
    # given letters of one width
    def measure(text: str, size: float, bold: bool) -> float:
        return len(text) * size * (0.6 if bold else 0.5)

    for what in (claims(), claims("Я" * 120, MANY), claims("А " * 59 + "Я", FEW)):
        lines = layout.fitted(card(what), width, 400, measure, largest=10, smallest=1)
        assert sum(line.height for line in lines) <= 400
        for line in lines:
            for piece in line.pieces:
                reach = measure(piece.text, line.size, line.bold)
                assert (reach <= piece.x + 1e-6) if piece.flush_right else (piece.x + reach <= width + 1e-6)


def test_a_sheet_takes_ten_cards_and_each_back_stands_behind_its_front(tmp_path: Path) -> None:
    # given
    drawn = [card(replace(claims(), name=f"Житель {chr(0x410 + number)}"), number=number) for number in range(11)]
    # when
    fronts, backs, _, last_back = pages(paper.to_sheet(drawn), tmp_path, 300)
    # then
    with Image.open(backs) as picture:
        half = picture.width // 2
        for row in range(5):
            top, bottom = (round((13.5 + 54 * edge) / 25.4 * 300) for edge in (row, row + 1))
            for column, left in ((0, half), (1, 0)):  # turned over the long edge
                place = io.BytesIO()
                picture.crop((left, top, left + half, bottom)).save(place, "PNG")
                assert read_codes(place.getvalue(), enough=lambda _: True) == (drawn[2 * row + column].text,)
    assert read_codes(last_back, enough=lambda _: True) == (drawn[10].text,)
    assert fronts.exists()
    with pytest.raises(ValueError, match="no cards"):
        paper.to_sheet([])


@pytest.mark.parametrize("digits", [300, 2_000, 5_500])
def test_a_phones_picture_is_dark_and_its_code_has_four_pixels_per_module_on_white(digits: int) -> None:
    # when
    drawn = card(claims(), digits=digits)
    content = phone.to_png(drawn)
    # then
    picture = Image.open(io.BytesIO(content)).convert("L")
    assert picture.size == (1080, 1920)
    assert read_codes(content, enough=lambda _: True) == (drawn.text,)
    assert phone.CODE_WIDTH // drawn.modules.side >= 4
    values = picture.histogram()
    assert sum(values[:32]) > 0.5 * 1080 * 1920 * 0.8
    # and dimmed to an eighth it is read still
    dim = io.BytesIO()
    picture.point(lambda value: value // 8).save(dim, "PNG")
    assert read_codes(dim.getvalue(), enough=lambda _: True) == (drawn.text,)


def test_a_page_fetches_nothing_escapes_what_it_says_and_shows_the_code_on_white() -> None:
    # given
    drawn = card(claims('Мария <script>alert("x")</script>'), issuer="А & Б")
    # when
    said = page.to_html(drawn).decode()
    # then
    assert "<script" not in said
    assert "&lt;script&gt;" in said
    assert "А &amp; Б" in said
    assert "default-src 'none'" in said
    assert "http://" not in said
    assert "https://" not in said
    start = said.index("<svg")
    svg = ET.fromstring(said[start : said.index("</svg>") + 6])  # noqa: S314 - our own page
    ground, runs = svg
    assert ground.attrib["fill"] == "#fff"
    side = int(svg.attrib["viewBox"].split()[2])
    picture = Image.new("L", (side * 4, side * 4), 255)
    pencil = ImageDraw.Draw(picture)
    for run in runs.attrib["d"].split("M")[1:]:
        place, length = run.split("h")[:2]
        left, top = (int(number) for number in place.split())
        width = int(length.split("v")[0])
        pencil.rectangle((left * 4, top * 4, (left + width) * 4 - 1, top * 4 + 3), fill=0)
    file = io.BytesIO()
    picture.save(file, "PNG")
    assert read_codes(file.getvalue(), enough=lambda _: True) == (drawn.text,)


def test_the_fonts_have_the_letters_of_the_peoples_of_the_volga_and_the_urals() -> None:
    for letters in ("әөүҗңһ", "ҙғәөүңҡһҫ", "ӑӗҫӳ", "ӝӟӥӧӵ", "ӓӧӱӹҥ", "ёъыьэщ", "ąćęłńóśźż", "äöüßéèçñşğıİ"):
        assert fonts.missing(letters + letters.upper().replace("SS", "")) == ""


@pytest.mark.parametrize("name", ["محمد علي", "משה", "王小明", "अनीता"])
def test_a_name_that_the_fonts_cannot_show_is_set_in_latin_letters_or_refused_but_never_in_boxes(
    name: str, tmp_path: Path
) -> None:
    # given
    plain = claims(name)
    # then
    lacking = [f"U+{ord(letter):04X}" for letter in dict.fromkeys(name) if letter != " "]
    for draw in (paper.to_card, paper.to_letter, phone.to_png):
        with refused(CardError, "name_not_in_fonts", characters=lacking[:5]):
            draw(card(plain))
    assert "Muhammad Ali" in words(paper.to_card(card(replace(plain, latin_name="Muhammad Ali"))), tmp_path)
    assert name in page.to_html(card(plain)).decode()


def test_a_pass_bound_to_a_key_has_no_card_for_every_till_would_refuse_it() -> None:
    with refused(CardError, "card_of_a_bound_pass"):
        card(replace(claims(), holder_key=SecretKey(bytes(range(32))).public_key))


def test_a_code_of_a_higher_level_is_drawn_where_it_is_asked_for() -> None:
    text = "SOCPASS:" + "7" * 420
    sizes = [
        describe(claims(), text, issuer="A", language="en", zone=UTC, level=level).modules.version for level in (Level.M, Level.Q)
    ]
    assert sizes[0] < sizes[1]
