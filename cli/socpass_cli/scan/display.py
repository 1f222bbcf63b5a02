"""How the till's loop shows verdicts: large on a terminal, in lines elsewhere, as JSON for a program.

It keeps nothing: what a terminal shows is wiped with its scrolled lines, and nothing is written anywhere else.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol

import click

from socpass_cli.app import output
from socpass_cli.app.language import speaker, tr
from socpass_cli.scan.big_letters import draw
from socpass_cli.verdict import render
from socpass_cli.verdict.colours import COLOURS
from socpass_cli.words.names import name_book
from socpass_vc.verifier.verdict.json_object import verdict_as_dict
from socpass_vc.verifier.verdict.verdict import Verdict, worst_family

if TYPE_CHECKING:
    from socpass_vc.format.catalogue.names import NamesPage

_WIPE = "\x1b[H\x1b[2J\x1b[3J"  # to the corner; the screen; what was scrolled out of it
_SMALLEST_COLUMNS = 20


class NamedVerdict(NamedTuple):
    """A verdict, and what the issuer of its pass calls things; None for the built-in names."""

    verdict: Verdict
    names: NamesPage | None


class Display(Protocol):
    """Shows what came of a scan."""

    def ready(self) -> None:
        """Show that the next pass may come, and nothing of the last."""

    def verdicts(self, found: Sequence[NamedVerdict], *, checked_at: datetime, scanned_at: datetime) -> None:
        """Show the verdicts of one scan."""

    def notice(self, text: str) -> None:
        """Show what is no verdict."""

    def wipe(self) -> None:
        """Leave nothing of a person behind."""


class ScreenDisplay:
    """A terminal: one verdict at a time, large, wiped when the next comes or the time is up.

    Args:
        bell: ring on all but an accepted pass.
        is_typed: the scanner types at the same terminal, and so Ctrl-C alone is no way out.
    """

    def __init__(self, *, bell: bool, is_typed: bool = False) -> None:
        self._bell = bell
        self._is_typed = is_typed
        self._notice = ""
        self._is_ready = False

    def ready(self) -> None:
        """Show that the next pass may come."""
        self._is_ready = True
        output.say(_WIPE + (tr("cli.scan.ready_typed") if self._is_typed else tr("cli.scan.ready")))
        if self._notice:
            output.say(self._notice)

    def verdicts(self, found: Sequence[NamedVerdict], *, checked_at: datetime, scanned_at: datetime) -> None:  # noqa: ARG002 -- a person at a terminal knows the time
        """Show the worst colour large, and each verdict in full."""
        worst = worst_family(named.verdict for named in found)
        lines = _banner(worst)
        for verdict, names in found:
            lines += ["", *render.in_full(verdict, name_book(names))]
        self._is_ready = False
        output.say(_WIPE + "\n".join(lines))
        if self._bell and worst != "accepted":
            click.echo("\a", nl=False)

    def notice(self, text: str) -> None:
        """Show it now, below a verdict that is being read, and while the till is ready."""
        self._notice = output.printable(text)
        if self._is_ready:
            self.ready()
        else:
            output.say(f"\n{self._notice}")

    def wipe(self) -> None:
        """Leave an empty terminal."""
        click.echo(_WIPE, nl=False)


class LineDisplay:
    """No terminal: each verdict as lines, an empty one behind it, or as one object per line; notices on standard error.

    Args:
        as_json: objects of specs/cli.md.
    """

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def ready(self) -> None:
        """Do nothing."""

    def verdicts(self, found: Sequence[NamedVerdict], *, checked_at: datetime, scanned_at: datetime) -> None:
        """Write them; click flushes each line."""
        for verdict, names in found:
            if self._as_json:
                said = verdict_as_dict(verdict, checked_at=checked_at, speaker=speaker(), names=names)
                said["scanned_at"] = scanned_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                output.say(output.json_text(said))
            else:
                output.say("\n".join([*render.in_full(verdict, name_book(names)), ""]))

    def notice(self, text: str) -> None:
        """Write it where no verdict stands."""
        output.complain(output.printable(text))

    def wipe(self) -> None:
        """Do nothing: what was written is the reader's."""


def _banner(family: str) -> list[str]:
    """Return a block of the colour, across the terminal, with its word in letters of five rows, or, if narrow, in plain ones."""
    colour = COLOURS[family]
    word = tr(f"verdict.colour.{family}")
    columns = max(shutil.get_terminal_size().columns - 1, _SMALLEST_COLUMNS)
    rows = draw(word)
    if len(rows[0]) + 2 > columns:
        rows = []
    empty = click.style(" " * columns, bg=colour.terminal)
    if not rows:
        return [empty, click.style(word[:columns].center(columns), fg="black", bg=colour.terminal, bold=True), empty]
    return [empty, *(_row(f"..{row}".ljust(columns, "."), colour.terminal) for row in rows), empty]


def _row(drawn: str, colour: str) -> str:
    return "".join(click.style(" " * len(list(signs)), bg="black" if sign == "#" else colour) for sign, signs in groupby(drawn))
