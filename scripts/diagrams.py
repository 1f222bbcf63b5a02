"""Draws docs/diagrams/*.svg from the descriptions beside them (*.toml); with --check, says whether they are the same.

Two kinds: `boxes` on a grid with arrows between them, and a `sequence` of messages between parties. A text too wide for its box
is an error, so that the description is mended before anybody sees a spoiled drawing. It needs nothing but the standard library.
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "diagrams"

SIZE = 14
LINE = 19
ADVANCE = {"title": 9.4, "small": 7.2}
"""Pixels that a character takes on the mean, in the widest of the fonts named below: bold, and two pixels smaller."""

STYLE = f"""  <style>
    text {{ font: {SIZE}px "DejaVu Sans", Verdana, Arial, sans-serif; fill: #1f2933; }}
    .title {{ font-weight: bold; }}
    .small {{ font-size: {SIZE - 2}px; fill: #3e4c59; }}
    .box {{ fill: #e6f4f1; stroke: #00796b; stroke-width: 1.5; }}
    .person {{ fill: #fff3dc; stroke: #b26a00; stroke-width: 1.5; }}
    .file {{ fill: #eef1f6; stroke: #52606d; stroke-width: 1.5; }}
    .line {{ stroke: #1f2933; stroke-width: 1.5; fill: none; marker-end: url(#head); }}
    .back {{ stroke-dasharray: 6 4; }}
    .life {{ stroke: #9aa5b1; stroke-dasharray: 2 4; }}
    .plate {{ fill: #ffffff; }}
  </style>
  <defs>
    <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
      <path d="M0 0 L10 5 L0 10 z" fill="#1f2933"/>
    </marker>
  </defs>"""


class DoesNotFit(Exception):
    """A text of a description is wider than the room for it."""


def lines(text: str, x: float, middle: float, room: float, *, first: str = "") -> list[str]:
    """Return the lines of *text*, centred on a point; the first one in the style *first*."""
    said = text.strip().split("\n")
    top = middle - (len(said) - 1) * LINE / 2 + SIZE * 0.36
    drawn = []
    for number, line in enumerate(said):
        style = first if number == 0 and first else "small"
        taken = len(line) * ADVANCE[style]
        if taken > room:
            raise DoesNotFit(f"{line!r} takes {taken:.0f} pixels of {room:.0f}")
        drawn.append(f'  <text class="{style}" x="{x:g}" y="{top + number * LINE:g}" text-anchor="middle">{escape(line)}</text>')
    return drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box of a drawing, by its middle and size in pixels."""

    x: float
    y: float
    width: float
    height: float

    def edge_towards(self, x: float, y: float) -> tuple[float, float]:
        """Return where a straight line from the middle to (x, y) leaves the box."""
        across, down = x - self.x, y - self.y
        scale = min(
            self.width / 2 / abs(across) if across else float("inf"),
            self.height / 2 / abs(down) if down else float("inf"),
        )
        return self.x + across * scale, self.y + down * scale


def boxes(drawing: dict[str, Any]) -> tuple[float, float, list[str]]:
    """Draw boxes on a grid, and arrows between them."""
    wide, high = drawing["box"]
    across, down = drawing["step"]
    placed = {
        name: Box(
            x=20 + wide / 2 + box["column"] * across,
            y=20 + high / 2 + box["row"] * down,
            width=wide,
            height=high,
        )
        for name, box in drawing["boxes"].items()
    }
    drawn = []
    labels = []
    for arrow in drawing["arrows"]:
        begin, end = placed[arrow["from"]], placed[arrow["to"]]
        (x1, y1), (x2, y2) = begin.edge_towards(end.x, end.y), end.edge_towards(begin.x, begin.y)
        drawn.append(f'  <path class="line" d="M{x1:.1f} {y1:.1f} L{x2:.1f} {y2:.1f}"/>')
        said = arrow["says"].strip().split("\n")
        x, y = (x1 + x2) / 2, (y1 + y2) / 2
        if y1 == y2:  # above the arrow, whose length would not hold both
            labels += lines(arrow["says"], x, y - len(said) * LINE / 2 - 2, abs(x2 - x1))
            continue
        plate = max(len(line) for line in said) * ADVANCE["small"] + 8
        top = y - len(said) * LINE / 2
        labels.append(
            f'  <rect class="plate" x="{x - plate / 2:.1f}" y="{top:.1f}" width="{plate:.1f}" height="{len(said) * LINE}"/>'
        )
        labels += lines(arrow["says"], round(x, 1), round(y, 1), plate)
    for name, box in drawing["boxes"].items():
        at = placed[name]
        kind = box.get("kind", "box")
        drawn.append(
            f'  <rect class="{kind}" x="{at.x - wide / 2:g}" y="{at.y - high / 2:g}" width="{wide}" height="{high}" rx="8"/>'
        )
        labels += lines(box["says"], at.x, at.y, wide - 12, first="title")
    width = max(box.x for box in placed.values()) + wide / 2 + 20
    height = max(box.y for box in placed.values()) + high / 2 + 20
    return width, height, drawn + labels


def sequence(drawing: dict[str, Any]) -> tuple[float, float, list[str]]:
    """Draw parties side by side, and what passes between them, from the top down."""
    parties, step = drawing["parties"], drawing["step"]
    wide = drawing["box"]
    middle = {party["id"]: 20 + wide / 2 + number * step for number, party in enumerate(parties)}
    y: float = 100
    drawn = []
    for message in drawing["messages"]:
        said = message["says"].strip().split("\n")
        if "at" in message:
            height = len(said) * LINE + 12
            room = message.get("room", wide)
            x = middle[message["at"]]
            drawn.append(f'  <rect class="file" x="{x - room / 2:g}" y="{y:g}" width="{room}" height="{height}" rx="4"/>')
            drawn += lines(message["says"], x, y + height / 2, room - 8)
            y += height + 18
            continue
        begin, end = middle[message["from"]], middle[message["to"]]
        y += (len(said) - 1) * LINE + 8
        drawn += lines(message["says"], (begin + end) / 2, y - len(said) * LINE / 2 - 2, abs(end - begin) - 10)
        back = " back" if message.get("answer") else ""
        drawn.append(f'  <path class="line{back}" d="M{begin:g} {y + 4:g} L{end:g} {y + 4:g}"/>')
        y += 36
    heads = []
    for party in parties:
        x = middle[party["id"]]
        heads.append(f'  <path class="life" d="M{x:g} 70 L{x:g} {y:g}"/>')
    tops = []
    for party in parties:
        x = middle[party["id"]]
        kind = party.get("kind", "box")
        tops.append(f'  <rect class="{kind}" x="{x - wide / 2:g}" y="20" width="{wide}" height="50" rx="8"/>')
        tops += lines(party["says"], x, 45, wide - 12, first="title")
    return max(middle.values()) + wide / 2 + 20, y + 10, heads + drawn + tops


def svg(drawing: dict[str, Any]) -> str:
    """Return the drawing of a description."""
    width, height, drawn = {"boxes": boxes, "sequence": sequence}[drawing["kind"]](drawing)
    title = escape(drawing["title"])
    view = f'viewBox="0 0 {width:g} {height:g}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" {view} role="img">',
            f"  <title>{title}</title>",
            STYLE,
            f'  <rect class="plate" width="{width:g}" height="{height:g}" rx="8"/>',
            *drawn,
            "</svg>",
            "",
        ]
    )


def main() -> int:
    """Draw, or compare; return the exit code."""
    stale = []
    for source in sorted(FOLDER.glob("*.toml")):
        want = svg(tomllib.loads(source.read_text(encoding="utf-8")))
        target = source.with_suffix(".svg")
        if "--check" not in sys.argv[1:]:
            target.write_text(want, encoding="utf-8")
        elif not target.is_file() or target.read_text(encoding="utf-8") != want:
            stale.append(target.name)
    if stale:
        print(f"{', '.join(stale)}: not what the description says; run 'make diagrams'", file=sys.stderr)  # noqa: T201 -- a script's message
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
