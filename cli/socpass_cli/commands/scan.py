"""``socpass scan``: the till's loop, from the scanner, port, folder or camera that was named to a verdict a scan."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import click

from socpass_cli.app import click_classes, clock, environment, options
from socpass_cli.app.language import tr
from socpass_cli.commands.verify import at_option, category_option, on_stale_option, place_option
from socpass_cli.scan.display import Display, LineDisplay, ScreenDisplay
from socpass_cli.scan.loop import LoopTiming, ScanLoop, stop_on_signals
from socpass_cli.scan.streams import Scanner, SerialPort, StandardInput, quiet_terminal
from socpass_cli.scan.watched_folder import WatchedFolder
from socpass_cli.verdict.till import Till
from socpass_cli.words.names import check_place
from socpass_vc.verifier.decide import OnStale, Policy
from socpass_vc.verifier.store.till_store import Store

LONGEST_SECONDS = 3_600

_SECONDS = click.FloatRange(0, LONGEST_SECONDS)


class _Named(NamedTuple):
    """The scanner that the user named; with none of them it is standard input."""

    port: str | None
    baud: int
    watch: Path | None
    camera: str | None


@click.command(
    cls=click_classes.Command,
    help_texts=(
        "Check passes as they are scanned, offline, one after another, until Ctrl-C or the end of the input.\n\nReads a scanner "
        "that plays a keyboard (standard input), one at a serial port, a folder that pictures come into, or a camera. Each scan "
        "gets a verdict; nothing is written down, and the screen is wiped. The same pass again within seconds is one scan.",
        "Проверять пропуска без сети один за другим, по мере сканирования, до Ctrl-C или конца ввода.\n\nЧитает сканер, который "
        "работает как клавиатура (стандартный ввод), сканер на последовательном порту, папку, куда попадают снимки, или камеру. "
        "На каждый пропуск — результат; ничего не сохраняется, экран стирается. Тот же пропуск за несколько секунд — одно "
        "сканирование.",
    ),
)
@options.option(
    "--port",
    metavar="NAME",
    en="Read the scanner at this serial port, such as COM3 or /dev/ttyACM0.",
    ru="Читать сканер на этом последовательном порту, например COM3 или /dev/ttyACM0.",
)
@options.option(
    "--baud",
    type=click.IntRange(300, 4_000_000),
    default=9600,
    show_default=True,
    en="Speed of the serial port; a scanner at USB takes any.",
    ru="Скорость последовательного порта; сканеру на USB подойдёт любая.",
)
@options.option(
    "--watch",
    metavar="DIR",
    type=click_classes.Folder(),
    en="Read the pictures and texts that come into this folder; those in it already are not read.",
    ru="Читать изображения и тексты, которые появятся в этой папке; прежние не читаются.",
)
@options.option(
    "--camera",
    metavar="N",
    en="Read the camera with this number, from 0, or a video file.",
    ru="Читать камеру с этим номером (с 0) или видеофайл.",
)
@options.option(
    "--json-lines",
    "as_json",
    is_flag=True,
    en="Say each verdict as JSON, a line each (specs/cli.md).",
    ru="Выводить каждый результат строкой JSON (specs/cli.md).",
)
@options.option(
    "--clear-after",
    type=_SECONDS,
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    en="Wipe a verdict from the terminal after so long.",
    ru="Через сколько секунд стереть результат с экрана.",
)
@options.option(
    "--repeat-after",
    type=_SECONDS,
    metavar="SECONDS",
    default=3.0,
    show_default=True,
    en="Take the same pass again for a new scan once it was away for so long.",
    ru="Через сколько секунд тот же пропуск считается отсканированным заново.",
)
@options.option(
    "--bell",
    is_flag=True,
    en="Ring the terminal's bell on all but an accepted pass.",
    ru="Подавать звуковой сигнал, если пропуск не принят.",
)
@options.store_option
@category_option
@place_option
@at_option
@on_stale_option
@options.lang_option
def command(
    *,
    port: str | None,
    baud: int,
    watch: Path | None,
    camera: str | None,
    as_json: bool,
    clear_after: float,
    repeat_after: float,
    bell: bool,
    store_folder: Path | None,
    category: int | None,
    place: str | None,
    at: datetime | None,
    on_stale: OnStale | None,
) -> None:
    """Set everything up, so that what is wrong is said at once; then loop."""
    if sum(named is not None for named in (port, watch, camera)) > 1:
        raise click.UsageError(
            tr("name one of --port, --watch and --camera", "укажите что-то одно: --port, --watch или --camera")
        )
    folder = store_folder or environment.user_folder("till")
    if place is not None:
        check_place(place, folder)
    store = Store.open(folder)
    _ = store.trust, store.settings  # raises if this till is not set up
    policy = Policy(category=category, place=place)
    shown = _shown(as_json=as_json, bell=bell)
    _load_all()
    with stop_on_signals() as is_stopped:
        scanner = _scanner(_Named(port, baud, watch, camera))
        loop = ScanLoop(
            scanner,
            shown,
            lambda: Till(folder, at or clock.now(), policy, on_stale=on_stale),
            LoopTiming(clear_after, repeat_after),
            now=clock.now,
        )
        try:
            if isinstance(scanner, StandardInput):
                with quiet_terminal():
                    loop.run(is_stopped)
            else:
                loop.run(is_stopped)
        finally:
            shown.wipe()


def _scanner(named: _Named) -> Scanner:
    if named.port is not None:
        return SerialPort(named.port, named.baud)
    if named.watch is not None:
        return WatchedFolder(named.watch)
    if named.camera is not None:
        from socpass_cli.scan.camera import Camera  # noqa: PLC0415 -- a till with a scanner has no use for OpenCV

        return Camera(named.camera)
    return StandardInput()


def _shown(*, as_json: bool, bell: bool) -> Display:
    is_screen = not as_json and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return ScreenDisplay(bell=bell) if is_screen else LineDisplay(as_json=as_json)


def _load_all() -> None:
    """Load what other commands load when they need it: a queue must not wait, nor a signal meet an import."""
    for name in (
        "socpass_cli.words.measures",
        "socpass_cli.app.errors",
        "socpass_vc.verifier.store.catalogue_files",
        "encodings.cp1251",
    ):
        import_module(name)
