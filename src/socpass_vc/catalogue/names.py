"""Names for the numbers in a pass. It knows neither passes nor what a category entitles to.

A category is one number: the region's, times 1,000, plus the three-digit code of its register (specs/credential.md, section 3).
People write it "02-545". The agency decides what it is called, so names are data; a number without a name is shown as it is.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from socpass_vc.catalogue.builtin_names import CATEGORIES, DOCUMENT_KINDS, PLACES
from socpass_vc.errors import CatalogueError

LARGEST_CATEGORY = 999_999  # specs/credential.md, section 3
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

    def category(self, code: int, language: str) -> str:
        """Return the name of a category in *language*, else in English, else the number as people write it."""
        return _name(self.categories.get(code), language) or show_category(code)


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
    """Return the names that come with the program."""
    return BuiltInNames(categories=_read_only(CATEGORIES), document_kinds=_read_only(DOCUMENT_KINDS), places=_read_only(PLACES))


def _read_only(names: Mapping[Key, Names]) -> Mapping[Key, Names]:
    return MappingProxyType({key: MappingProxyType(named) for key, named in names.items()})


def _name(names: Names | None, language: str) -> str | None:
    if names is None:
        return None
    return names.get(language) or names.get(FALLBACK_LANGUAGE)
