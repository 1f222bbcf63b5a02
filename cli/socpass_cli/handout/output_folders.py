"""The folders that passes are written to: bare codes, cards, or both.

It knows which picture goes into which folder. Their renderings know how to draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from socpass_cli.handout.qr_folder import CodeRendering, FolderDrawing, PassFolder
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.person import IssuedPass, NotIssued
from socpass_vc.qr.sizes import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputRequest:
    """The pictures that an operator asked for.

    Attributes:
        qr_folder: for bare codes, or None.
        picture_format: of the codes.
        cards_folder: for cards, or None.
        card_format: of the cards.
        level: of error correction, a letter.
        verify_all: read every picture back.
    """

    qr_folder: Path | None
    picture_format: str
    cards_folder: Path | None
    card_format: str
    level: str
    verify_all: bool

    def arguments(self) -> str:
        """Return the options that ask for the same pictures."""
        said = ""
        if self.qr_folder is not None:
            said += f" --qr {self.qr_folder}" + ("" if self.picture_format == "png" else f" --format {self.picture_format}")
        if self.cards_folder is not None:
            said += f" --cards {self.cards_folder}"
            said += "" if self.card_format == "card" else f" --card-format {self.card_format}"
        return said + ("" if self.level == "M" else f" --level {self.level}")


@dataclass(frozen=True, slots=True)
class DrawAll:
    """Draws passes into several folders, in any process."""

    drawings: tuple[FolderDrawing, ...]

    def __call__(self, passes: Sequence[IssuedPass]) -> list[NotIssued]:
        """Draw *passes*, and return those that lack a picture."""
        refused: dict[str, NotIssued] = {}
        for draw in self.drawings:
            refused |= {refusal.ref: refusal for refusal in draw(passes)}
        return list(refused.values())


def folders_for(agency: Agency, wanted: OutputRequest) -> list[PassFolder]:
    """Return the folders that were asked for, not opened yet.

    Raises:
        CatalogueError: cards were asked for, and catalogue.toml is wrong.
    """
    folders = []
    level = Level(wanted.level)
    if wanted.qr_folder is not None:
        rendering = CodeRendering(wanted.picture_format, level)
        folders.append(PassFolder(wanted.qr_folder, rendering, verify_all=wanted.verify_all))
    if wanted.cards_folder is not None:
        from socpass_cli.handout.card_rendering import rendering_for  # noqa: PLC0415 -- fonts and PDF only where cards are asked for

        cards = rendering_for(agency, wanted.card_format, level)
        folders.append(PassFolder(wanted.cards_folder, cards, verify_all=wanted.verify_all))
    return folders
