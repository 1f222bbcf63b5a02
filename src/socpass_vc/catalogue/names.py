"""Names for the numbers in a pass, from a file. It knows neither passes nor what a category entitles to.

A category is one number: the region's, times 1,000, plus the three-digit code of its register (specs/credential.md, section 3).
People write it "02-545". The agency decides what it is called, so names are data; a number without a name is shown as it is.
"""

from __future__ import annotations

import functools
import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from socpass_vc.errors import CatalogueError, system_reason

LARGEST_CATEGORY = 999_999  # specs/credential.md, section 3
LARGEST_DOCUMENT_KIND = 65_535  # specs/credential.md, section 3
MAX_PLACE_CHARACTERS = 32
MAX_NAME_CHARACTERS = 120  # one line of a till's screen, generously
FALLBACK_LANGUAGE = "en"

Names = Mapping[str, str]  # by language, such as "ru"
Key = TypeVar("Key", int, str)


class BuiltInNames(NamedTuple):
    """The names of categories, kinds of document and kinds of place.

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
        raise CatalogueError("not_a_category", shown=text[:40], text=text)
    return code


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


@functools.cache
def builtin() -> BuiltInNames:
    """Return the catalogue that comes with the program: the federal register, that of Bashkortostan (02) and the usual places."""
    return read_catalogue(Path(__file__).with_name("builtin.json"))


def read_catalogue(path: Path) -> BuiltInNames:
    """Return the catalogue in a JSON file; one wrong entry refuses it all.

    Args:
        path: {"categories": {"02-545": {"en": "Pensioner", ...}, ...}, "document_kinds": {"1": ...}, "places": {"museum": ...}}

    Raises:
        CatalogueError: the file cannot be read, or an entry is wrong; the error names the file and the entry.
    """
    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=_without_repetition)
    except OSError as error:
        raise CatalogueError("cannot_be_read", why=system_reason(error), path=str(path)).at(path) from error
    except json.JSONDecodeError as error:
        raise CatalogueError("json_broken", line=error.lineno, column=error.colno, path=str(path)).at(path) from error
    except (ValueError, RecursionError) as error:  # not UTF-8, a number of 5,000 digits, or nested too deep
        raise CatalogueError("json_unreadable", path=str(path)).at(path) from error
    except CatalogueError as error:
        error.add(path=str(path))
        error.at(path)
        raise
    if not isinstance(content, dict) or content.keys() != {"categories", "document_kinds", "places"}:
        raise CatalogueError("catalogue_sections", path=str(path)).at(path)
    return BuiltInNames(
        categories=_section(path, "categories", content["categories"], read_category),
        document_kinds=_section(path, "document_kinds", content["document_kinds"], _read_document_kind),
        places=_section(path, "places", content["places"], _read_place),
    )


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return one JSON object; of two entries with one key, Python's reader would silently keep the last."""
    entries: dict[str, object] = {}
    for key, value in pairs:
        if key in entries:
            raise CatalogueError("entry_twice", entry=key)
        entries[key] = value
    return entries


def _section(path: Path, title: str, content: object, read_key: Callable[[str], Key]) -> Mapping[Key, Names]:
    if not isinstance(content, dict):
        raise CatalogueError("not_a_json_object", path=str(path), entry=title).at(path, title)
    section: dict[Key, Names] = {}
    for written, names in content.items():
        try:
            key, named = read_key(written), _names(names)
        except CatalogueError as error:
            error.add(path=str(path), entry=written)
            error.at(path, title, written)
            raise
        if key in section:
            raise CatalogueError("entry_twice_otherwise", path=str(path), entry=written).at(path, title, written)
        section[key] = named
    return MappingProxyType(section)


def _names(content: object) -> Names:
    if not isinstance(content, dict) or not content:
        raise CatalogueError("names_not_by_language")
    for language, name in content.items():
        if not (2 <= len(language) <= 3 and _SMALL_LETTERS.issuperset(language)):  # noqa: PLR2004 -- ISO 639
            raise CatalogueError("not_a_language", language=language)
        if not isinstance(name, str) or not _is_one_line(name):
            raise CatalogueError("name_not_one_line", language=language, longest=MAX_NAME_CHARACTERS)
    return MappingProxyType(content)


_SMALL_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_PLACE_CHARACTERS = _SMALL_LETTERS | frozenset("0123456789_")


def _is_one_line(name: str) -> bool:
    fits = 0 < len(name) <= MAX_NAME_CHARACTERS
    return fits and name.isprintable() and name == name.strip() and unicodedata.is_normalized("NFC", name)


def _read_document_kind(text: str) -> int:
    fits = _is_digits(text) and len(text) <= len(str(LARGEST_DOCUMENT_KIND)) and text[0] != "0"
    if not fits or int(text) > LARGEST_DOCUMENT_KIND:
        raise CatalogueError("not_a_document_kind", highest=LARGEST_DOCUMENT_KIND)
    return int(text)


def _read_place(text: str) -> str:
    if not (1 <= len(text) <= MAX_PLACE_CHARACTERS and text[0] in _SMALL_LETTERS and _PLACE_CHARACTERS.issuperset(text)):
        raise CatalogueError("not_a_place", longest=MAX_PLACE_CHARACTERS)
    return text


def _name(names: Names | None, language: str) -> str | None:
    if names is None:
        return None
    return names.get(language) or names.get(FALLBACK_LANGUAGE)
