"""How a line, a refusal or progress is shown on the terminal. What it says is up to the caller."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from socpass_cli.app.exit_codes import EXIT_FAILED
from socpass_cli.app.language import tr
from socpass_vc.errors import SocpassError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar  # click exports what makes bars, and not their type

_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
"""Between the thousands of a number; Python calls no space but one printable."""


def say(text: str = "") -> None:
    """Print a line for people."""
    click.echo(text)


def complain(text: str) -> None:
    """Print a line on standard error."""
    click.echo(text, err=True)


def fail(error: SocpassError) -> NoReturn:
    """Show a refusal that is no verdict, and leave."""
    from socpass_cli.app.errors import say_error  # noqa: PLC0415 -- most commands do not fail

    label = tr("cli.error.label")
    text = "\n".join(printable(line) for line in say_error(error).split("\n"))
    complain(f"{click.style(label, fg='red', bold=True)} [{error.code}]: {text}")
    sys.exit(EXIT_FAILED)


def printable(text: str) -> str:
    """Return *text* without what could command a terminal; for names of files and other things from outside."""
    return "".join(
        character if character.isprintable() or character in _SPACES else "\N{REPLACEMENT CHARACTER}" for character in text
    )


def json_text(value: object, *, indent: int | None = None) -> str:
    """Return *value* as JSON, with whatever could command or mislead a terminal as an escape; a program reads the same."""
    return escaped(json.dumps(value, ensure_ascii=False, indent=indent))


def escaped(written: str) -> str:
    """Return JSON as :func:`json_text` does, of what was *written* without escapes for what is not ASCII."""
    if written.isprintable():
        return written
    return "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1] for character in written
    )


def progress(length: int, label: str) -> ProgressBar[int]:
    """Return a bar with rate and time left on standard error; without a terminal there it stays silent.

    Args:
        length: how many steps there are.
        label: what is done, a key of the message catalogues.
    """
    bar: ProgressBar[int] = click.progressbar(
        length=length,
        label=tr(label),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
        show_pos=True,
        item_show_func=lambda _: tr("cli.progress.rate", rate=round(1 / (bar.time_per_iteration or 1))),
    )
    return bar
