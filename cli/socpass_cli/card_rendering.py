"""Passes as cards: which kind is drawn by which module, and what an agency's cards say beside the pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo

from socpass_cli.agency_names import AgencyNames
from socpass_cli.language import chosen
from socpass_vc.catalogue.names import show_category
from socpass_vc.holder import page, paper, phone
from socpass_vc.holder.card import Card, describe
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.people import Issued
from socpass_vc.qr.sizes import Level

KINDS: Mapping[str, tuple[str, Callable[[Card], bytes]]] = {
    "card": ("pdf", paper.to_card),
    "letter": ("pdf", paper.to_letter),
    "phone": ("png", phone.to_png),
    "html": ("html", page.to_html),
}
"""By the word for the kind: how its files end, and what draws it."""


def code_seen(kind: str, card: Card, content: bytes) -> bytes:
    """Return a picture in which the code of a card is read back: a picture itself; of a drawing, a PNG of the same modules."""
    return content if kind == "phone" else card.modules.png()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRendering:
    """Draws cards of an agency's passes.

    Attributes:
        kind: of KINDS.
        issuer: the agency's name.
        language: of the words.
        zone: in whose days passes count.
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
        """How the files' names end."""
        return KINDS[self.kind][0]

    def __call__(self, issued: Issued) -> bytes:
        """Return the card of a pass."""
        return KINDS[self.kind][1](self._describe(issued))

    def as_seen(self, issued: Issued, content: bytes) -> bytes:
        """Return a picture of its code."""
        return code_seen(self.kind, self._describe(issued), content)

    def _describe(self, issued: Issued) -> Card:
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
