"""Options that several commands share, and how texts of the command line are read. It knows click and no command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from socpass_cli.app.click_classes import Folder, Option, Text
from socpass_cli.app.language import tr
from socpass_vc.messages import languages

Function = TypeVar("Function", bound=Callable[..., Any])


def option(*names: str, help: Text, **settings: Any) -> Callable[[Function], Function]:  # noqa: A002 -- click's word
    """Add an option; *help* is the key of its sentence in the message catalogues, or a message."""
    return click.option(*names, cls=Option, help=help, **settings)


class _Language(click.Choice[str]):
    """A language that has a catalogue when the command line is read."""

    def __init__(self) -> None:
        super().__init__(())

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the language's code."""
        self.choices = languages()
        return super().convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return the codes, for the help page."""
        self.choices = languages()
        return super().get_metavar(param, ctx)


def lang_option(function: Function) -> Function:
    """Add ``--lang``, which was looked for before click began (language.choose)."""
    return option("--lang", type=_Language(), expose_value=False, help="cli.option.lang")(function)


def store_option(function: Function) -> Function:
    """Add ``--store``, the till's folder."""
    return option(
        "--store",
        "store_folder",
        type=Folder(),
        envvar="SOCPASS_STORE",
        show_envvar=True,
        help="cli.option.store",
    )(function)


def agency_option(function: Function) -> Function:
    """Add ``--agency``, the agency's folder."""
    return option(
        "--agency",
        "agency_folder",
        type=Folder(),
        envvar="SOCPASS_AGENCY",
        show_envvar=True,
        help="cli.option.agency",
    )(function)


def passphrase_option(function: Function) -> Function:
    """Add ``--passphrase-file``; a passphrase is never an argument, which every process can read."""
    return option(
        "--passphrase-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="SOCPASS_PASSPHRASE_FILE",
        show_envvar=True,
        help="cli.option.passphrase_file",
    )(function)


def json_option(function: Function) -> Function:
    """Add ``--json``."""
    return option("--json", "as_json", is_flag=True, help="cli.option.json")(function)


def parse_text(_: click.Context, __: click.Parameter, text: str | None) -> str | None:
    """Return a text that a register can hold; bytes of the command line that are not UTF-8 are wrong usage."""
    if text is not None and any("\ud800" <= character <= "\udfff" for character in text):
        raise click.BadParameter(tr("cli.usage.not_utf8"))
    return text
