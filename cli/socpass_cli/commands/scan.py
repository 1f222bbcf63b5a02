"""``socpass scan``: the till's loop, from the scanner, port, folder or camera that was named to a verdict per scan."""

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
from socpass_cli.scan.guard import IsStopped, guard
from socpass_cli.scan.loop import LoopTiming, ScanLoop, stop_on_signals
from socpass_cli.scan.streams import Scanner, SerialPort, StandardInput
from socpass_cli.scan.terminal import open_terminal
from socpass_cli.scan.typed import TypedScans
from socpass_cli.scan.watched_folder import WatchedFolder
from socpass_cli.words.names import check_place
from socpass_vc.verifier.decide import OnStale
from socpass_vc.verifier.store.till_store import Store
from socpass_vc.verifier.verdict.till import Till

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
    help="cli.scan.help",
)
@options.option(
    "--port",
    metavar="NAME",
    help="cli.scan.option_port",
)
@options.option(
    "--baud",
    type=click.IntRange(300, 4_000_000),
    default=9600,
    show_default=True,
    help="cli.scan.option_baud",
)
@options.option(
    "--watch",
    metavar="DIR",
    type=click_classes.Folder(),
    help="cli.scan.option_watch",
)
@options.option(
    "--camera",
    metavar="N",
    help="cli.scan.option_camera",
)
@options.option(
    "--json-lines",
    "as_json",
    is_flag=True,
    help="cli.scan.option_json_lines",
)
@options.option(
    "--clear-after",
    type=_SECONDS,
    metavar="SECONDS",
    default=30.0,
    show_default=True,
    help="cli.scan.option_clear_after",
)
@options.option(
    "--repeat-after",
    type=_SECONDS,
    metavar="SECONDS",
    default=3.0,
    show_default=True,
    help="cli.scan.option_repeat_after",
)
@options.option(
    "--bell",
    is_flag=True,
    help="cli.scan.option_bell",
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
        raise click.UsageError(tr("cli.scan.one_scanner"))
    folder = store_folder or environment.user_folder("till")
    if place is not None:
        check_place(place, folder)
    store = Store.open(folder)
    _ = store.trust, store.settings  # raises if this till is not set up
    named = _Named(port, baud, watch, camera)
    terminal = open_terminal() if (port, watch, camera) == (None, None, None) else None
    shown = _shown(as_json=as_json, bell=bell, is_typed=terminal is not None)

    def run(is_stopped: IsStopped) -> None:
        _load_all()
        loop = ScanLoop(
            TypedScans(terminal) if terminal is not None else _scanner(named),
            shown,
            lambda: Till(folder, now=at or clock.now(), category=category, place=place, on_stale=on_stale),
            LoopTiming(clear_after, repeat_after),
            now=clock.now,
        )
        loop.run(is_stopped)

    with stop_on_signals() as is_stopped:
        try:
            if terminal is not None:
                guard(terminal, run, is_stopped, on_crash=lambda: shown.notice(tr("cli.scan.crashed")))
            else:
                run(is_stopped)
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


def _shown(*, as_json: bool, bell: bool, is_typed: bool) -> Display:
    is_screen = not as_json and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return ScreenDisplay(bell=bell, is_typed=is_typed) if is_screen else LineDisplay(as_json=as_json)


def _load_all() -> None:
    """Load what other commands load when they need it: a queue must not wait, nor a signal meet an import."""
    for name in (
        "socpass_cli.words.measures",
        "socpass_vc.verifier.verdict.measure_words",
        "socpass_vc.verifier.store.catalogue_files",
        "encodings.cp1251",
    ):
        import_module(name)
