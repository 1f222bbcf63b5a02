"""The names that an agency gives: the page of names of a catalogue, and its bytes (specs/catalogue.md, section 2).

It knows texts by language, and nothing of measures or signatures. A till that shows a name loads this, not the measures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from socpass_vc.errors import ClaimsError, Malformed
from socpass_vc.format import cbor, characters, fields
from socpass_vc.format.cbor import Value
from socpass_vc.messages import Message

MAX_NAMED = 4_096
"""Names per section: four whole registers of a region."""
MAX_PAGE_ITEMS = 2**18
"""Items of CBOR per page of a catalogue (specs/catalogue.md, section 1): 300 measures for 91 categories each have 33,000."""
MAX_LANGUAGES = 16
MAX_NAME_CHARACTERS = 200
MAX_PLACE_CHARACTERS = 32
MAX_CATEGORY = 999_999
MAX_DOCUMENT_KIND = 65_535

_NAMES_KEYS = frozenset({1, 2, 3})
_SMALL_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_PLACE_CHARACTERS = _SMALL_LETTERS | frozenset("0123456789_")

Names = Mapping[str, str]
"""Language, such as "ru", to text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesPage:
    """The names that an agency gives to categories, kinds of document and kinds of place.

    Attributes:
        categories: category to its names.
        document_kinds: kind to its names.
        places: word such as "museum" to its names.
    """

    categories: Mapping[int, Names]
    document_kinds: Mapping[int, Names]
    places: Mapping[str, Names]

    def __post_init__(self) -> None:
        for field, section in (
            ("field.names_of_category", self.categories),
            ("field.names_of_document_kind", self.document_kinds),
            ("field.names_of_place", self.places),
        ):
            if len(section) > MAX_NAMED:
                raise ClaimsError("too_many_named", count=len(section), most=MAX_NAMED)
            for key, names in section.items():
                check_texts(field, key, names, MAX_NAME_CHARACTERS)
        if not all(1 <= category <= MAX_CATEGORY for category in self.categories):
            raise ClaimsError("named_category", highest=MAX_CATEGORY)
        if not all(1 <= kind <= MAX_DOCUMENT_KIND for kind in self.document_kinds):
            raise ClaimsError("named_document_kind", highest=MAX_DOCUMENT_KIND)
        if not all(map(is_place, self.places)):
            raise ClaimsError("named_place", longest=MAX_PLACE_CHARACTERS)

    def encode(self) -> bytes:
        """Return the deterministic CBOR of the page.

        Raises:
            ClaimsError: it has too many items.
        """
        sections = (self.categories, self.document_kinds, self.places)
        return encode_page({number: _encode_section(section) for number, section in enumerate(sections, start=1)})


def read_names(page: bytes) -> NamesPage:
    """Return the names that *page* encodes.

    Raises:
        Malformed: it is not a page of names.
        Unsupported: it has a field that this program does not know.
    """
    sections = fields.read_numbered_map(cbor.decode(page, items=MAX_PAGE_ITEMS), "field.catalogue_names", _NAMES_KEYS)
    categories, kinds, places = (_read_section(sections.get(number)) for number in (1, 2, 3))
    try:
        return NamesPage(
            categories={fields.read_uint(key, "field.category", 1, MAX_CATEGORY): names for key, names in categories.items()},
            document_kinds={
                fields.read_uint(key, "field.document_kind", 1, MAX_DOCUMENT_KIND): names for key, names in kinds.items()
            },
            places={fields.read_text(key, "field.place"): names for key, names in places.items()},
        )
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error


def encode_page(page: Value) -> bytes:
    """Return the deterministic CBOR of a page; ClaimsError where it has more items than a reader takes."""
    encoded = cbor.encode(page)
    try:
        cbor.check_items(encoded, MAX_PAGE_ITEMS)
    except Malformed as error:
        raise error.as_kind(ClaimsError) from error
    return encoded


def is_place(text: str) -> bool:
    """Tell whether *text* is a word for a kind of place: up to 32 small letters, digits and underscores after a letter."""
    return 1 <= len(text) <= MAX_PLACE_CHARACTERS and text[0] in _SMALL_LETTERS and _PLACE_CHARACTERS.issuperset(text)


def is_language(text: str) -> bool:
    """Tell whether *text* is two or three small letters, as in "ru" (ISO 639)."""
    return 2 <= len(text) <= 3 and _SMALL_LETTERS.issuperset(text)  # noqa: PLR2004 -- said above


# --- Texts by language, which measures have too -------------------------------------------------------------------------


def _encode_section(section: Mapping[int, Names] | Mapping[str, Names]) -> dict[int | str, Value]:
    return {key: encode_texts(names) for key, names in section.items()}


def encode_texts(names: Names) -> dict[int | str, Value]:
    """Return the map of texts by language."""
    return {language: name for language, name in names.items()}  # noqa: C416 -- dict() keeps too narrow a type


def _read_section(value: Value) -> dict[int | str, Names]:
    section = fields.read_map(value, "field.names_section")
    return {key: read_texts(names, "field.names_of_one") for key, names in section.items()}


def read_texts(value: Value, field: str) -> Names:
    """Return texts by language, at least one, or raise Malformed."""
    names = fields.read_map(value, field)
    if not names:
        raise Malformed("no_texts").at(Message(field))
    return {fields.read_text(language, "field.language"): fields.read_text(name, field) for language, name in names.items()}


def check_texts(
    field: str, of: int | str, names: Names, longest: int, check: Callable[[str, int], None] = characters.check_name
) -> None:
    """Return if *names* are 1 to 16 texts of 1 to *longest* characters by language, or raise ClaimsError.

    Args:
        field: what the texts are, as a key of the message catalogues.
        of: what has them, such as a category.
        names: the texts.
        longest: in code points.
        check: what each is, a name or a text.
    """
    if not 1 <= len(names) <= MAX_LANGUAGES or not all(map(is_language, names)):
        raise ClaimsError("texts_by_language", most=MAX_LANGUAGES).at(Message(field, of=of))
    for name in names.values():
        try:
            check(name, longest)
        except fields.FieldError as error:
            raise error.as_kind(ClaimsError).at(Message(field, of=of)) from error
