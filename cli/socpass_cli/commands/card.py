"""``socpass card``: what people carry, made from a pass: a plastic card, a sheet, a letter, a phone's picture, a page."""

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
"""Of a sheet; a printing house is given several."""


@click.command(
    cls=click_classes.Command,
    help_texts=(
        "Make a card from the pass in PASS, without checking it. PASS is what 'socpass show' takes; a sheet takes several, or a "
        "folder.\n\nThe issuer's name is not in a pass: give it with --issuer-name, or let it be found in the till's store.",
        "Сделать карточку из пропуска PASS, не проверяя его. PASS — то же, что для «socpass show»; для листа можно несколько или "
        "папку.\n\nИмени ведомства в пропуске нет: укажите --issuer-name, или оно будет взято из хранилища кассы.",
    ),
)
@click.argument("sources", metavar="PASS...", nargs=-1, required=True)
@options.option(
    "--format",
    "kind",
    type=click.Choice(list(_SUFFIXES)),
    default="card",
    show_default=True,
    en="A plastic card (PDF), a sheet of ten (PDF), a letter (PDF), a phone's picture (PNG), a page (HTML), the bare code.",
    ru="Пластиковая карта (PDF), лист на десять карт (PDF), письмо (PDF), изображение для телефона (PNG), страница (HTML), код.",
)
@options.option(
    "--out",
    "out_file",
    metavar="FILE",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    en="Write it into this file; of a bare code *.png, *.svg, *.pdf or *.eps.",
    ru="Записать в этот файл; для одного кода — *.png, *.svg, *.pdf или *.eps.",
)
@options.option("--issuer-name", metavar="NAME", callback=options.parse_text, en="Who issued the pass.", ru="Кем выдан пропуск.")
@options.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default="M",
    show_default=True,
    en="How much of the code may be damaged: Q for paper that will wear (docs/printing.md).",
    ru="Запас прочности кода: Q — для бумаги, которая изнашивается (docs/printing.md).",
)
@options.option(
    "--width-mm",
    metavar="MM",
    type=click.FloatRange(5, 1_000),
    en="How wide a bare code is in PDF or EPS, its white margin included; by default 0.5 mm a module.",
    ru="Ширина одного кода в PDF или EPS вместе с белым полем; по умолчанию 0,5 мм на модуль.",
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
        raise click.BadParameter(tr(f"{out_file}: name it {ends}", f"{out_file}: имя должно кончаться на {ends}"))
    if width_mm is not None and (kind != "code" or suffix not in {"pdf", "eps"}):
        raise click.UsageError(tr("--width-mm is for a bare code in PDF or EPS", "--width-mm — для одного кода в PDF или EPS"))
    passes = list(_passes(sources))
    if kind != "sheet" and len(passes) != 1:
        raise click.UsageError(
            tr(f"{len(passes)} passes were found; this format takes one", f"найдено пропусков: {len(passes)}; нужен один")
        )
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
    output.say(tr(f"Written: {out_file}", f"Записано: {out_file}"))


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
                raise CardError(f"more than {_MAX_PASSES} passes; make several sheets")
            with naming(source.name):
                unverified = read_frame(frame)
            yield unverified, write_pass(unverified.token, prefix=prefix)


def _prefix(source: Source) -> str:
    """Return what stands before the digits in the code of *source*: an agency's page stays on the card."""
    if source.path is None and source.text is None:  # standard input is read once
        return PREFIX
    start = source.texts().found[0].strip().rstrip("0123456789")
    return start if start.startswith("HTTPS://") and start.isascii() and start.isprintable() else PREFIX


def _describe(unverified: UnverifiedPass, text: str, issuer_name: str | None, till: Till, level: Level) -> Card:
    issuer = _issuer(unverified, till)
    name = issuer_name or (None if issuer is None else any_name(issuer.names))
    if name is None:
        raise click.UsageError(
            tr(
                "this till's store does not know who issued the pass: say it with --issuer-name",
                "хранилище кассы не знает, кем выдан пропуск: укажите --issuer-name",
            )
        )
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
    """Return whose pass it is, as far as the till's store knows and the signature holds; whether it counts is not asked."""
    try:
        return till(unverified).issuer
    except SocpassError as error:
        found = error.facts.get("issuer")
        return found if isinstance(found, Issuer) else None


def _draw_code(text: str, suffix: str, level: Level, width_mm: float | None) -> tuple[bytes, int, float | None]:
    """Return the file of a bare code, its modules a side and its width on paper; None where that is not settled."""
    code = write.encode(text, level=level)
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
        output.complain(
            tr(
                f"Warning: modules of {module:.2f} mm are too small for many scanners ({LEAST_MODULE_MM} mm are not): "
                f"{least} mm wide would do.",
                f"Внимание: модули по {module:.2f} мм малы для многих сканеров (нужно {LEAST_MODULE_MM} мм): "
                f"хватило бы ширины {least} мм.",
            )
        )
    if version > MOST_CARD_VERSION:
        output.complain(
            tr(
                f"Warning: the code has version {version}; above {MOST_CARD_VERSION} it is dense for a card. "
                "Fewer categories or no document numbers make it smaller.",
                f"Внимание: версия кода {version}; больше {MOST_CARD_VERSION} — слишком плотно для карты. "
                "Меньше категорий или без номеров документов — и код станет проще.",
            )
        )
