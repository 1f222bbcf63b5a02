"""The cells of a row: each parsed by its column; what is wrong with one is said without showing what it holds.

A shifted column may hold what must not get into a log, so digits of a wrong cell are masked. It knows columns and no files.
A register is given text and numbers; days are text too, as 2026-12-31, which sorts as days do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from datetime import date
from unicodedata import normalize

from socpass_vc.catalogue.names import read_category
from socpass_vc.errors import CatalogueError
from socpass_vc.format import fields
from socpass_vc.format.characters import check_name, check_text
from socpass_vc.format.credential.claims import (
    FIRST_BIRTH_YEAR,
    MAX_DOCUMENT_KIND,
    MAX_DOCUMENT_NUMBER_CHARACTERS,
    MAX_NAME_CHARACTERS,
)
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.imports.row_errors import WrongCellError
from socpass_vc.messages import Message

MAX_FIELD_CHARACTERS = 1_000
"""The longest field that is parsed; no column has longer values."""
MAX_REF_CHARACTERS = 64
MAX_REASON_CHARACTERS = 500
"""A sentence or two, for whoever was refused."""
MAX_MEASURE_CHARACTERS = 64

_MAX_REMEMBERED = 50_000
"""Cells of a column whose values are not parsed again; a century has 36,525 days."""
_SHOWN_CHARACTERS = 40
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.ASCII)
# Signs that stand in no name, or a word like "нБТЙС": what a name decoded with the wrong table looks like (cp866, KOI8-R).
_GARBLED = re.compile("\\b[а-яё][А-ЯЁ]{2}|[^\\w\\s.,'’ʼ`()«»\"/-]|_")  # noqa: RUF001 -- letters of both alphabets are meant
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u1e00-\u1eff"
_CYRILLIC = "\u0400-\u052f\u1c80-\u1c8f"
_TWO_ALPHABETS = re.compile(f"[{_LATIN}]+[{_CYRILLIC}]|[{_CYRILLIC}]+[{_LATIN}]")
_SNILS = re.compile(r"\d{3}-\d{3}-\d{3}[ -]\d{2}|\d{11}", re.ASCII)
_LAST_UNCHECKED_SNILS = 1_001_998  # up to here the numbers were given without check digits
_MEASURE = re.compile(r"[a-z][a-z0-9_.-]*", re.ASCII)
# What most cells look like, and nothing is wrong with: such a cell means itself, and is looked at no closer.
PLAIN_REF = re.compile(r"[A-Za-z0-9]{1,10}", re.ASCII)
PLAIN_NAME = re.compile(
    f"(?!.{{{MAX_NAME_CHARACTERS + 1}}})[А-ЯЁ][а-яё]*(?:[ -][А-ЯЁ][а-яё]+)*"  # noqa: RUF001 -- Cyrillic letters are meant
)
PLAIN_LATIN_NAME = re.compile(f"(?!.{{{MAX_NAME_CHARACTERS + 1}}})[A-Z][a-z]*(?:[ -][A-Z][a-z]+)*")
PLAIN_NUMBER = re.compile(  # letters of both alphabets are meant
    f"(?!.{{{MAX_DOCUMENT_NUMBER_CHARACTERS + 1}}})[0-9A-ZА-ЯЁ№-]+(?: [0-9A-ZА-ЯЁ№-]+)*"  # noqa: RUF001 -- as said
)


class ColumnParser(dict[str, object]):
    """What the cells of one column mean; asking for a cell parses it, and one that was seen before is not parsed again.

    Args:
        parse: of a cell in NFC, without spaces at its ends but those that a guard against formulas kept, not empty.
        required: whether a cell may be empty.
        empty: what an empty one means.
        plain: matches cells that mean themselves; such ones differ from row to row, and are not remembered.
        undo: takes from a cell what its file's form adds (:class:`.RecordReader`).
    """

    __slots__ = ("_empty", "_is_plain", "_parse", "_required", "_undo")

    def __init__(
        self,
        parse: Callable[[str], object],
        *,
        required: bool = False,
        empty: object = None,
        plain: re.Pattern[str] | None = None,
        undo: Callable[[str], str] = str,
    ) -> None:
        super().__init__()
        self._parse = parse
        self._required = required
        self._empty = empty
        self._is_plain = plain.fullmatch if plain else None
        self._undo = undo

    def __missing__(self, cell: str) -> object:
        """Return what a cell means that was not seen before.

        Raises:
            WrongCellError: it should not hold what it holds.
        """
        if self._is_plain and self._is_plain(cell):
            return cell
        text = normalize("NFC", self._undo(cell.strip())) if len(cell) <= MAX_FIELD_CHARACTERS else cell
        if len(text) > MAX_FIELD_CHARACTERS:
            raise WrongCellError("long_field", length=len(text), longest=MAX_FIELD_CHARACTERS)
        if text:
            found = self._parse(text)
        elif self._required:
            raise WrongCellError("empty")
        else:
            found = self._empty
        if (self._is_plain is None or not text) and len(self) < _MAX_REMEMBERED:
            self[cell] = found
        return found


def parse_text(text: str, longest: int) -> str:
    """Return *text* if it may stand in a pass."""
    if len(text) > longest:
        raise WrongCellError("long_text", length=len(text), longest=longest)
    try:
        check_text(text, longest)
    except fields.FieldError as error:
        raise WrongCellError("bad_text", why=Message(error.reason, **error.facts)) from error
    return text


def parse_ref(text: str) -> str:
    """Return the agency's own reference of a person, which must not be a number that the state gave that person."""
    if _SNILS.fullmatch(text) and _is_snils(text):
        raise WrongCellError("snils", cell=masked(text))
    return parse_text(text, MAX_REF_CHARACTERS)


def parse_known_ref(text: str) -> str:
    """Return the reference of a person to look up: it may begin with a tab or a line's end, as none that is imported does.

    Others than the import may have written the register; a cell keeps such a beginning behind the guard against formulas.
    """
    parse_ref(text.lstrip("\t\r\n"))
    return text


def _is_snils(text: str) -> bool:
    """Tell whether *text* is written as an SNILS only is, or has its check digits: nine digits weighted 9 to 1, modulo 101."""
    digits = "".join(character for character in text if character.isdigit())
    weighted = sum(weight * int(digit) for weight, digit in zip(range(9, 0, -1), digits, strict=False))
    return "-" in text or (int(digits[:9]) > _LAST_UNCHECKED_SNILS and weighted % 101 % 100 == int(digits[9:]))


def parse_name(text: str) -> str:
    """Return a person's name: letters of any script, one script per word, and the signs that names have between them."""
    parse_text(text, MAX_NAME_CHARACTERS)
    found = _GARBLED.search(text)
    if found:
        raise WrongCellError("garbled_name", position=found.start() + 1)
    try:
        check_name(text, MAX_NAME_CHARACTERS)
    except fields.FieldError as error:
        raise WrongCellError("garbled_name", position=1) from error
    mixed = _TWO_ALPHABETS.search(text)
    if mixed:
        raise WrongCellError("two_alphabets", position=mixed.end())
    return text


def parse_latin_name(text: str) -> str:
    """Return a person's name in Latin letters."""
    parse_name(text)
    cyrillic = re.search(f"[{_CYRILLIC}]", text)
    if cyrillic:
        raise WrongCellError("not_latin", position=cyrillic.end())
    return text


def parse_document_number(text: str) -> str:
    """Return a document's number; one that a spreadsheet has rounded is refused."""
    if _ROUNDED.fullmatch(text):
        raise WrongCellError("rounded_number")
    return parse_text(text, MAX_DOCUMENT_NUMBER_CHARACTERS)


def parse_reason(text: str) -> str:
    """Return why something was decided."""
    return parse_text(text, MAX_REASON_CHARACTERS)


def parse_day(text: str) -> str:
    """Return a day from 1800 on, written as 2026-12-31 or 31.12.2026."""
    return _read_day(text).isoformat()


def _read_day(text: str) -> date:
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif dotted:
        day, month, year = map(int, dotted.groups())
    else:
        raise WrongCellError("day_form", cell=masked(text))
    try:
        found = date(year, month, day)
        fields.to_day(found)
    except ValueError as error:
        raise WrongCellError("no_such_day", cell=text) from error
    return found


def parse_past_day(text: str, today: date) -> str:
    """Return a day that is not later than *today*."""
    found = _read_day(text)
    if found > today:
        raise WrongCellError("born_later", cell=text)
    return found.isoformat()


def parse_birth(text: str, today: date) -> tuple[str | None, int | None]:
    """Return a day or a year of birth, not later than *today*; the other one is None."""
    if not _YEAR.fullmatch(text):
        return parse_past_day(text, today), None
    if not FIRST_BIRTH_YEAR <= int(text) <= today.year:
        raise WrongCellError("birth_year", cell=text, first=FIRST_BIRTH_YEAR)
    return None, int(text)


def parse_category(text: str, issuer: Issuer) -> int:
    """Return a category within the issuer's scope."""
    try:
        category = read_category(text)
    except CatalogueError as error:
        raise WrongCellError("no_category", cell=masked(text)) from error
    if not issuer.may_grant(category):
        scopes = ", ".join(f"{first}-{last}" for first, last in issuer.scopes)
        raise WrongCellError("out_of_scope", cell=text, issuer=issuer.id, scopes=scopes)
    return category


def parse_measure(text: str, known: Collection[str] | None = None) -> str:
    """Return the name by which the catalogue knows a measure; one of *known*, if the agency has a catalogue."""
    if _MEASURE.fullmatch(text) and len(text) <= MAX_MEASURE_CHARACTERS:
        if known is None or text in known:
            return text
        raise WrongCellError("unknown_measure", cell=text)
    raise WrongCellError("no_measure", cell=masked(text), longest=MAX_MEASURE_CHARACTERS)


def parse_choice(text: str, words: dict[str, str]) -> str:
    """Return the meaning of *text*, one of *words* in capital or small letters."""
    found = words.get(text.lower())
    if found is None:
        raise WrongCellError("no_choice", cell=masked(text), words=list(words))
    return found


def parse_document_kind(text: str) -> int:
    """Return the number of a kind of document."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_DOCUMENT_KIND)) and 1 <= int(text) <= MAX_DOCUMENT_KIND:
        return int(text)
    raise WrongCellError("document_kind", cell=masked(text), highest=MAX_DOCUMENT_KIND)


def masked(text: str) -> str:
    """Return a cell as it may be shown: its beginning, every digit a star, nothing that commands a screen."""
    short = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
    return "".join(_masked_sign(character) for character in short)


def _masked_sign(character: str) -> str:
    if character.isdigit():
        return "*"
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"
