"""click's options, commands and groups with their help in the language of the run. It knows click and no command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from socpass_cli.app.language import speaker, tr
from socpass_vc.messages import Message

Text = str | Message
"""The key of a sentence in the message catalogues, or a message with its facts."""


def _said(text: Text) -> str:
    return tr(text) if isinstance(text, str) else text.said_by(speaker())


class Option(click.Option):
    """An option whose help is a key of the message catalogues, or a message."""

    def __init__(self, *arguments: Any, help: Text = "", **settings: Any) -> None:  # noqa: A002 -- click's word
        super().__init__(*arguments, **settings | {"help": str(help)})
        self._text = help

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option's line of the help page."""
        self.help = _said(self._text)
        return super().get_help_record(ctx)


class Command(click.Command):
    """A command whose help is a key of the message catalogues, or a message."""

    def __init__(self, *arguments: Any, help: Text = "", **settings: Any) -> None:  # noqa: A002 -- click's word
        super().__init__(*arguments, **settings | {"help": str(help)})
        self._text = help

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option ``--help``, which click makes only once, in the language of this run."""
        return _in_our_words(super().get_help_option(ctx))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        self.help = _said(self._text)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 100) -> str:
        """Return the first sentence, for the page of the group."""
        self.help = _said(self._text)
        return super().get_short_help_str(limit)


class Group(click.Group):
    """A group of commands, in the order in which they were added; its help is a key of the message catalogues, or a message."""

    command_class = Command

    def __init__(self, *arguments: Any, help: Text = "", **settings: Any) -> None:  # noqa: A002 -- click's word
        super().__init__(*arguments, **settings | {"help": str(help)})
        self._text = help

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- click's signature
        """Return the names of the commands."""
        return list(self.commands)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the option ``--help``, which click makes only once, in the language of this run."""
        return _in_our_words(super().get_help_option(ctx))

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page."""
        self.help = _said(self._text)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 100) -> str:
        """Return the first sentence, for the page of the group above."""
        self.help = _said(self._text)
        return super().get_short_help_str(limit)


class Folder(click.Path):
    """A folder of the user's; an empty name, as from a variable that was never set, would mean the current folder."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, file_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path."""
        if value == "":
            self.fail(tr("cli.usage.folder_empty"), param, ctx)
        return super().convert(value, param, ctx)


def _in_our_words(option: click.Option | None) -> click.Option | None:
    if option is not None:
        option.help = tr("cli.option.help")
    return option
