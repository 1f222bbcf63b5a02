"""The cells of one CSV row: each parsed, and what is wrong with it said without showing what it holds.

A shifted column may hold what must not get into a log, so digits of a wrong cell are masked. It knows columns and no files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from unicodedata import normalize

from socpass_vc.catalogue.names import read_category
from socpass_vc.errors import CatalogueError
from socpass_vc.format import fields
from socpass_vc.format.claims import FIRST_BIRTH_YEAR, MAX_DOCUMENT_KIND
from socpass_vc.format.issuers import Issuer

MAX_FIELD_CHARACTERS = 1_000
"""Longest field looked at; no column has longer values."""

Kind = TypeVar("Kind")

_SHOWN_CHARACTERS = 40
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_ROUNDED = re.compile(r"\d[.,]\d+E\+\d+", re.ASCII)
# Signs that stand in no name, or a word like "нБТЙС": what a name decoded with the wrong table looks like (cp866, KOI8-R).
_GARBLED = re.compile("\\b[а-яё][А-ЯЁ]{2}|[^\\w\\s.,'’ʼ`()«»\"/-]|_")  # noqa: RUF001 -- letters of both alphabets are meant
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a file.

    Attributes:
        line: of the file, from 1.
        column: its name, or None for the row as a whole.
        code: one word for what is wrong, for callers that word it themselves.
        wrong: what is wrong, and what would be right, in English.
        facts: the values that the sentence speaks of; digits of the cell are masked.
    """

    line: int
    column: str | None
    code: str
    wrong: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"line {self.line}" if self.column is None else f"line {self.line}, column {self.column}"
        return f"{place}: {self.wrong}"


class WrongCellError(Exception):
    """What one cell should not hold; never leaves the import."""

    def __init__(self, code: str, wrong: str, **facts: object) -> None:
        super().__init__(wrong)
        self.code = code
        self.wrong = wrong
        self.facts = facts


class Cells:
    """The cells of one row by column, and what turned out to be wrong with them.

    Args:
        line: of the file, from 1.
        cells: by column.
        required: columns that must not be empty.
    """

    def __init__(self, line: int, cells: Mapping[str, str], required: tuple[str, ...]) -> None:
        self.line = line
        self.faults: list[Fault] = []
        self._cells = cells
        self._required = required

    def wrong(self, column: str | None, code: str, what: str, **facts: object) -> None:
        """Note a fault."""
        self.faults.append(Fault(line=self.line, column=column, code=code, wrong=what, facts=facts))

    def read(self, column: str, parse: Callable[[str], Kind]) -> Kind | None:
        """Return what *parse* makes of a cell; None if it is empty or wrong."""
        text = normalize("NFC", self._cells.get(column, "").strip())
        if not text:
            if column in self._required:
                self.wrong(column, "empty", "empty; it is needed in every row")
            return None
        if len(text) > MAX_FIELD_CHARACTERS:
            what = f"{len(text)} characters; no field has more than {MAX_FIELD_CHARACTERS}"
            self.wrong(column, "long_field", what, length=len(text), longest=MAX_FIELD_CHARACTERS)
            return None
        try:
            return parse(text)
        except WrongCellError as error:
            self.wrong(column, error.code, error.wrong, **error.facts)
            return None


def parse_text(text: str, longest: int) -> str:
    """Return *text* if it may stand in a pass."""
    try:
        fields.check_text(text, longest)
    except ValueError as error:
        raise WrongCellError("bad_text", str(error), why=str(error), longest=longest) from error
    return text


def parse_name(text: str, longest: int) -> str:
    """Return a person's name: letters of any script, and what stands between them in names."""
    parse_text(text, longest)
    found = _GARBLED.search(text)
    if found or not _LETTER.search(text):
        at = found.start() + 1 if found else 1
        what = f"looks like a name in another encoding, at character {at}; save the file as 'CSV UTF-8'"
        raise WrongCellError("garbled_name", what, position=at)
    return text


def parse_document_number(text: str, longest: int) -> str:
    """Return a document's number, if no spreadsheet has rounded it."""
    if _ROUNDED.fullmatch(text):
        raise WrongCellError("rounded_number", "a number that the spreadsheet has rounded; format the column as text")
    return parse_text(text, longest)


def parse_day(text: str) -> date:
    """Return a day from 1800 on, written as 2026-12-31 or 31.12.2026."""
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    if iso:
        year, month, day = map(int, iso.groups())
    elif dotted:
        day, month, year = map(int, dotted.groups())
    else:
        shown = masked(text)
        raise WrongCellError("day_form", f"{shown} is not a day; write it as 2026-12-31 or 31.12.2026", cell=shown)
    try:
        found = date(year, month, day)
        fields.to_day(found)
    except ValueError as error:
        raise WrongCellError("no_such_day", f"{text} is not a day that exists, from 1800 on", cell=text) from error
    return found


def parse_birth(text: str, today: date) -> date | int:
    """Return a day or a year of birth, not later than *today*."""
    if not _YEAR.fullmatch(text):
        born = parse_day(text)
        if born > today:
            raise WrongCellError("born_later", f"{text} is still to come", cell=text)
        return born
    if not FIRST_BIRTH_YEAR <= int(text) <= today.year:
        what = f"{text} is not a year from {FIRST_BIRTH_YEAR} to this one"
        raise WrongCellError("birth_year", what, cell=text, first=FIRST_BIRTH_YEAR)
    return int(text)


def parse_category(text: str, issuer: Issuer) -> int:
    """Return a category within the issuer's scope."""
    try:
        category = read_category(text)
    except CatalogueError as error:
        shown = masked(text)
        raise WrongCellError("no_category", f'{shown} is no category: write it as "02-545" or as 2545', cell=shown) from error
    if not issuer.may_grant(category):
        scopes = ", ".join(f"{first}-{last}" for first, last in issuer.scopes)
        what = f"{text} is not a category that {issuer.id} may grant: {scopes}"
        raise WrongCellError("out_of_scope", what, cell=text, issuer=issuer.id, scopes=scopes)
    return category


def parse_document_kind(text: str) -> int:
    """Return the number of a kind of document."""
    if text.isascii() and text.isdigit() and len(text) <= len(str(MAX_DOCUMENT_KIND)) and 1 <= int(text) <= MAX_DOCUMENT_KIND:
        return int(text)
    shown = masked(text)
    what = f"{shown} is not a number of a document kind, 1 to {MAX_DOCUMENT_KIND}"
    raise WrongCellError("document_kind", what, cell=shown, highest=MAX_DOCUMENT_KIND)


def masked(text: str) -> str:
    """Return a cell as it may be shown: its beginning, every digit a star."""
    short = text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
    return repr("".join("*" if character.isdigit() else character for character in short))
