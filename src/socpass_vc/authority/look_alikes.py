"""Issuers that people would take for one another: whose ids or names look alike, letter for letter (UTS 39, section 4).

It knows texts and issuers. A custodian is told before a list is signed; two issuers may rightly be called alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple
from unicodedata import normalize

from socpass_vc.authority.confusables_table import PAIRS
from socpass_vc.format.trust.issuers import Issuer


class LookAlike(NamedTuple):
    """Two issuers, by their ids, and what of each looks like that of the other: an id or a name."""

    one: str
    other: str
    of_one: str
    of_other: str


def skeleton(text: str) -> str:
    """Return what all texts have in common that look like *text*, whatever their spaces; it is nothing to show."""
    mapped = normalize("NFKD", text).translate(_prototypes())
    return " ".join(normalize("NFD", mapped).split())


def look_alikes(issuers: Sequence[Issuer]) -> Iterator[LookAlike]:
    """Yield the pairs of issuers that look alike, each once; of several that do, each beside the first."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    seen: set[tuple[str, str]] = set()
    for issuer in issuers:
        for kind, text in (("id", issuer.id), *(("name", name) for name in issuer.names.values())):
            for spelling in _spellings(text):
                other, of_other = first.setdefault((kind, spelling), (issuer.id, text))
                if other != issuer.id and (other, issuer.id) not in seen:
                    seen.add((other, issuer.id))
                    yield LookAlike(other, issuer.id, of_other, text)


def _spellings(text: str) -> Iterable[str]:
    """Return the skeletons by which *text* is compared: as it is, and whatever the case of its letters."""
    return dict.fromkeys((f"={skeleton(text)}", f"~{skeleton(text.casefold())}"))


@cache
def _prototypes() -> dict[int, str]:
    pairs = (pair.split("=") for pair in PAIRS.split())
    return {int(character, 16): "".join(chr(int(each, 16)) for each in like.split("+")) for character, like in pairs}
