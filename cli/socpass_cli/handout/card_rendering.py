"""Passes as cards: which module draws which kind, and what an agency's cards say beside the pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple

from socpass_cli.app.language import chosen
from socpass_cli.words.agency_names import AgencyNames
from socpass_vc.catalogue.names import show_category
from socpass_vc.holder import page, paper, phone
from socpass_vc.holder.card import Card, describe
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.person import IssuedPass
from socpass_vc.qr.sizes import Level


class CardKind(NamedTuple):
    """A kind of card.

    Attributes:
        suffix: of its files.
        draw: returns the content of a file.
        cards_per_file: the most cards that one file holds, where each holder is to get one.
    """

    suffix: str
    draw: Callable[[Sequence[Card]], bytes]
    cards_per_file: int = 1


def _alone(draw: Callable[[Card], bytes]) -> Callable[[Sequence[Card]], bytes]:
    return lambda cards: draw(cards[0])


KINDS: Mapping[str, CardKind] = {
    "card": CardKind("pdf", _alone(paper.to_card)),
    "sheet": CardKind("pdf", paper.to_sheet, paper.SHEET_CARDS),
    "letter": CardKind("pdf", _alone(paper.to_letter)),
    "phone": CardKind("png", _alone(phone.to_png)),
    "html": CardKind("html", _alone(page.to_html)),
}
"""By the names that the command line uses."""


def code_seen(kind: str, card: Card, content: bytes) -> bytes:
    """Return a picture from which the code of a card is read back: the picture itself, or a PNG of the same modules."""
    return content if kind == "phone" else card.modules.png()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRendering:
    """Draws cards of an agency's passes.

    Attributes:
        kind: of KINDS.
        issuer: the agency's name.
        language: of the words.
        zone: the agency's time zone, which counts the days of a pass.
        categories: their names; one without is shown by its number.
        level: of error correction.
    """

    kind: str
    issuer: str
    language: str
    zone: tzinfo
    categories: Mapping[int, str]
    level: Level

    @property
    def suffix(self) -> str:
        """The ending of file names; a sheet's says so, since it is named after one of its cards."""
        kind = KINDS[self.kind]
        return kind.suffix if kind.cards_per_file == 1 else f"{self.kind}.{kind.suffix}"

    @property
    def is_card(self) -> bool:
        """It is."""
        return True

    @property
    def passes_per_file(self) -> int:
        """The most cards that one file holds."""
        return KINDS[self.kind].cards_per_file

    def __call__(self, passes: Sequence[IssuedPass]) -> bytes:
        """Return the cards of some passes."""
        return KINDS[self.kind].draw([self._describe(issued) for issued in passes])

    def as_seen(self, issued: IssuedPass, content: bytes) -> bytes:
        """Return a picture of its code."""
        return code_seen(self.kind, self._describe(issued), content)

    def _describe(self, issued: IssuedPass) -> Card:
        return describe(
            issued.claims,
            issued.text,
            issuer=self.issuer,
            language=self.language,
            zone=self.zone,
            category_name=lambda code: self.categories.get(code, show_category(code)),
            level=self.level,
        )


def rendering_for(agency: Agency, kind: str, level: Level) -> CardRendering:
    """Return what draws the cards of *agency* in the language of this run.

    Raises:
        CatalogueError: catalogue.toml is wrong.
    """
    names = AgencyNames(agency)
    return CardRendering(
        kind=kind,
        issuer=names.issuer(),
        language=chosen(),
        zone=agency.settings.zone,
        categories=names.categories(),
        level=level,
    )
