"""``socpass card``: a pass as people carry it: a plastic card, a sheet, a letter, a picture for a phone, a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from socpass_cli.app import click_classes, clock, environment, options, output
from socpass_cli.app.errors import naming
from socpass_cli.app.language import chosen, tr
from socpass_cli.handout.card_rendering import KINDS, code_seen
from socpass_cli.verdict.check import read_frames
from socpass_cli.verdict.inputs import Source, find_sources
from socpass_cli.words.names import any_name, name_book, names_of
from socpass_vc.errors import CardError, SocpassError
from socpass_vc.files import SECRET_MODE, write_file
from socpass_vc.format.armor import PREFIX
from socpass_vc.format.credential.token import UnverifiedPass, read_frame, write_pass
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.holder import paper
from socpass_vc.holder.card import Card, describe
from socpass_vc.qr import readback, write
from socpass_vc.qr.sizes import LEAST_MODULE_MM, MOST_CARD_VERSION, PRINTED_MODULE_MM, Level, is_small_on_paper, least_width_mm
from socpass_vc.verifier.verdict.till import Till

_CODE_SUFFIXES = ("png", "svg", "pdf", "eps")
_SUFFIXES = {name: (kind.suffix,) for name, kind in KINDS.items()} | {"code": _CODE_SUFFIXES}
_WIDTHS_MM = {"card": paper.CARD_CODE_MM, "sheet": paper.CARD_CODE_MM, "letter": paper.LETTER_CODE_MM}
_MAX_PASSES = 1_000
"""On one sheet; a printing house gets several."""


@click.command(
    cls=click_classes.Command,
    help="cli.card.help",
)
@click.argument("sources", metavar="PASS...", nargs=-1, required=True)
@options.option(
    "--format",
    "kind",
    type=click.Choice(list(_SUFFIXES)),
    default="card",
    show_default=True,
    help="cli.card.option_format",
)
@options.option(
    "--out",
    "out_file",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.card.option_out",
)
@options.option("--issuer-name", metavar="NAME", callback=options.parse_text, help="cli.card.option_issuer_name")
@options.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default="M",
    show_default=True,
    help="cli.card.option_level",
)
@options.option(
    "--width-mm",
    metavar="MM",
    type=click.FloatRange(5, 1_000),
    help="cli.card.option_width_mm",
)
@options.store_option
@options.lang_option
def command(
    *,
    sources: tuple[str, ...],
    kind: str,
    out_file: Path,
    issuer_name: str | None,
    level: str,
    width_mm: float | None,
    store_folder: Path | None,
) -> None:
    """Read the passes, describe, draw, read back, write."""
    suffix = out_file.suffix.lower().removeprefix(".")
    if suffix not in _SUFFIXES[kind]:
        ends = ", ".join(f"*.{known}" for known in _SUFFIXES[kind])
        raise click.BadParameter(tr("cli.card.out_suffix", file=out_file, endings=ends))
    if width_mm is not None and (kind != "code" or suffix not in {"pdf", "eps"}):
        raise click.UsageError(tr("cli.card.width_of_a_code"))
    passes = list(_passes(sources))
    if kind != "sheet" and len(passes) != 1:
        raise click.UsageError(tr("cli.card.not_one_pass", count=len(passes)))
    if kind == "code":
        content, side, width_mm = _draw_code(passes[0][1], suffix, Level(level), width_mm)
    else:
        till = Till(store_folder or environment.user_folder("till"), now=clock.now())
        cards = [_describe(unverified, text, issuer_name, till, Level(level)) for unverified, text in passes]
        content = KINDS[kind].draw(cards)
        for card in cards:
            readback.check(code_seen(kind, card, content), card.text)
        side, width_mm = max(card.modules.side for card in cards), _WIDTHS_MM.get(kind)
    write_file(out_file, content, error=CardError, mode=SECRET_MODE)
    _warn(side, width_mm)
    output.say(tr("cli.written", path=out_file))


def _passes(sources: Sequence[str]) -> Iterator[tuple[UnverifiedPass, str]]:
    """Yield each pass and the text of its code."""
    count = 0
    for source in find_sources(list(sources)):
        with naming(source.name):
            frames, errors = read_frames(source)
            if errors:
                raise errors[0]
        prefix = _prefix(source) if len(frames) == 1 else PREFIX
        for frame in frames:
            count += 1
            if count > _MAX_PASSES:
                raise CardError("cli.card.too_many_passes", most=_MAX_PASSES)
            with naming(source.name):
                unverified = read_frame(frame)
            yield unverified, write_pass(unverified.token, prefix=prefix)


def _prefix(source: Source) -> str:
    """Return the prefix of the code in *source*, which may be an agency's page and stays on the card."""
    if source.path is None and source.text is None:  # standard input is read once
        return PREFIX
    start = source.texts().found[0].strip().rstrip("0123456789")
    return start if start.startswith("HTTPS://") and start.isascii() and start.isprintable() else PREFIX


def _describe(unverified: UnverifiedPass, text: str, issuer_name: str | None, till: Till, level: Level) -> Card:
    issuer = _issuer(unverified, till)
    name = issuer_name or (None if issuer is None else any_name(issuer.names))
    if name is None:
        raise click.UsageError(tr("cli.card.issuer_unknown"))
    return describe(
        unverified.claims(),
        text,
        issuer=name,
        language=chosen(),
        zone=None if issuer is None else ZoneInfo(issuer.time_zone),
        category_name=(name_book() if issuer is None else names_of(issuer, till.store)).category,
        level=level,
    )


def _issuer(unverified: UnverifiedPass, till: Till) -> Issuer | None:
    """Return the issuer, if the till's store knows it and the signature holds; whether the pass is valid does not matter."""
    try:
        return till(unverified).issuer
    except SocpassError as error:
        found = error.facts.get("issuer")
        return found if isinstance(found, Issuer) else None


def _draw_code(text: str, suffix: str, level: Level, width_mm: float | None) -> tuple[bytes, int, float | None]:
    """Return the file of a bare code, its modules per side and its width on paper, or None if that is not fixed."""
    code = write.draw_code(text, level=level)
    picture = code.png()
    readback.check(picture, text)
    width = width_mm or code.size * PRINTED_MODULE_MM
    match suffix:
        case "png":
            return picture, code.size, None
        case "svg":
            return code.svg().encode(), code.size, None
        case "pdf":
            return code.pdf(width_mm=width), code.size, width
        case _:
            return code.eps(width_mm=width), code.size, width


def _warn(side: int, width_mm: float | None) -> None:
    version = (side - 25) // 4
    if width_mm is not None and is_small_on_paper(side, width_mm):
        module, least = width_mm / side, ceil(least_width_mm(side))
        output.complain(tr("cli.card.small_modules", module=round(module, 2), enough=LEAST_MODULE_MM, width=least))
    if version > MOST_CARD_VERSION:
        output.complain(tr("cli.card.dense_code", version=version, most=MOST_CARD_VERSION))
