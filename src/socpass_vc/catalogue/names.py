"""Names for the numbers of a pass, out of a file; knows neither passes nor what a category entitles to.

A category is one number: the region's times 1,000 plus the three-digit code of its register (specs/credential.md, section 3).
People write it "02-545". What it is called is the agency's to say, so names are data; a number without one is shown as it is.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from socpass_vc.errors import CatalogueError

LARGEST_CATEGORY = 999_999  # specs/credential.md, section 3
LARGEST_DOCUMENT_KIND = 65_535  # specs/credential.md, section 3
MAX_PLACE_CHARACTERS = 32
MAX_NAME_CHARACTERS = 120  # one line of a till's screen, generously
FALLBACK_LANGUAGE = "en"

Names = Mapping[str, str]  # by language, such as "ru"
Key = TypeVar("Key", int, str)


class BuiltInNames(NamedTuple):
    """What categories, kinds of document and kinds of place are called.

    Args:
        categories: names by category number.
        document_kinds: names by the number of the kind.
        places: names by key, such as "museum", in the order in which to offer them.
    """

    categories: Mapping[int, Names]
    document_kinds: Mapping[int, Names]
    places: Mapping[str, Names]

    @property
    def place_keys(self) -> tuple[str, ...]:
        """The keys of all kinds of place."""
        return tuple(self.places)

    def category(self, code: int, language: str) -> str:
        """Return the name of a category in *language*, else in English, else the number as people write it."""
        return _name(self.categories.get(code), language) or show_category(code)

    def document_kind(self, kind: int, language: str) -> str:
        """Return the name of a kind of document in *language*, else in English, else its number."""
        return _name(self.document_kinds.get(kind), language) or str(kind)

    def place(self, key: str, language: str) -> str:
        """Return the name of a kind of place in *language*, else in English, else its key."""
        return _name(self.places.get(key), language) or key


def show_category(code: int) -> str:
    """Return a category number as people write it: 2545 is "02-545"."""
    region, rest = divmod(code, 1000)
    return f"{region:02d}-{rest:03d}"


def read_category(text: str) -> int:
    """Return the category number that *text* means.

    Args:
        text: "02-545" or the number itself, "2545"; ASCII digits, no spaces.

    Raises:
        CatalogueError: it is neither, or not from 1 to 999999.
    """
    region, dash, rest = text.partition("-")
    if dash:  # a region has two digits, or three from 100 on; a code of its register has three
        fits = len(rest) == 3 and (len(region) == 2 or (len(region) == 3 and region[0] != "0"))  # noqa: PLR2004 -- said above
    else:
        fits = 1 <= len(region) <= len(str(LARGEST_CATEGORY)) and region[0] != "0"
    code = int(region + rest) if fits and _is_digits(region + rest) else 0
    if code == 0:
        raise CatalogueError(f'{text[:40]!r} is no category: write it as "02-545" or as 2545', text=text)
    return code


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@functools.cache
def builtin() -> BuiltInNames:
    """Return the catalogue that comes with the program: the federal register, that of Bashkortostan (02) and the usual places."""
    return read_catalogue(Path(__file__).with_name("builtin.json"))


def read_catalogue(path: Path) -> BuiltInNames:
    """Return the catalogue in a JSON file, which is taken whole or not at all.

    Args:
        path: {"categories": {"02-545": {"en": "Pensioner", ...}, ...}, "document_kinds": {"1": ...}, "places": {"museum": ...}}

    Raises:
        CatalogueError: the file cannot be read, or an entry is wrong; the sentence names both.
    """
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_without_repetition)
    except OSError as error:
        raise CatalogueError(f"{path} cannot be read: {error.strerror or error}", path=str(path)) from error
    except (ValueError, RecursionError) as error:
        raise CatalogueError(f"{path} is not good JSON: {error}", path=str(path)) from error
    if not isinstance(content, dict) or content.keys() != {"categories", "document_kinds", "places"}:
        raise CatalogueError(f"{path} must hold categories, document_kinds and places, and nothing else", path=str(path))
    return BuiltInNames(
        categories=_section(path, "categories", content["categories"], read_category),
        document_kinds=_section(path, "document_kinds", content["document_kinds"], _read_document_kind),
        places=_section(path, "places", content["places"], _read_place),
    )


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return one JSON object; Python's reader would keep the last of two entries and say nothing."""
    entries: dict[str, object] = {}
    for key, value in pairs:
        if key in entries:
            raise ValueError(f"{key!r} stands there twice")
        entries[key] = value
    return entries


def _section(path: Path, title: str, content: object, read_key: Callable[[str], Key]) -> Mapping[Key, Names]:
    if not isinstance(content, dict):
        raise CatalogueError(f"{path}: {title} is no object", path=str(path), entry=title)
    section: dict[Key, Names] = {}
    for written, names in content.items():
        try:
            key, named = read_key(written), _names(names)
        except CatalogueError as error:
            raise CatalogueError(f"{path}: {title}, {written!r}: {error}", path=str(path), entry=written) from error
        if key in section:
            raise CatalogueError(
                f"{path}: {title}, {written!r}: it stands there before, written otherwise", path=str(path), entry=written
            )
        section[key] = named
    return MappingProxyType(section)


def _names(content: object) -> Names:
    if not isinstance(content, dict) or not content:
        raise CatalogueError("the names must be an object with one entry or more, by language")
    for language, name in content.items():
        if not (2 <= len(language) <= 3 and _SMALL_LETTERS.issuperset(language)):  # noqa: PLR2004 -- ISO 639
            raise CatalogueError(f'{language!r} is no language: two or three small letters, as in "ru"')
        if not isinstance(name, str) or not _is_one_line(name):
            raise CatalogueError(f"the name in {language!r} must be 1 to {MAX_NAME_CHARACTERS} printable characters in NFC")
    return MappingProxyType(content)


_SMALL_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_PLACE_CHARACTERS = _SMALL_LETTERS | frozenset("0123456789_")


def _is_one_line(name: str) -> bool:
    fits = 0 < len(name) <= MAX_NAME_CHARACTERS
    return fits and name.isprintable() and name == name.strip() and unicodedata.is_normalized("NFC", name)


def _read_document_kind(text: str) -> int:
    fits = _is_digits(text) and len(text) <= len(str(LARGEST_DOCUMENT_KIND)) and text[0] != "0"
    if not fits or int(text) > LARGEST_DOCUMENT_KIND:
        raise CatalogueError(f"a kind of document is a number from 1 to {LARGEST_DOCUMENT_KIND}")
    return int(text)


def _read_place(text: str) -> str:
    if not (1 <= len(text) <= MAX_PLACE_CHARACTERS and text[0] in _SMALL_LETTERS and _PLACE_CHARACTERS.issuperset(text)):
        raise CatalogueError("a kind of place is a word of up to 32 small letters, digits and underscores")
    return text


def _name(names: Names | None, language: str) -> str | None:
    if names is None:
        return None
    return names.get(language) or names.get(FALLBACK_LANGUAGE)
