"""Passphrases and other secrets of one line: from a file, or asked for at the terminal; never an argument."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from socpass_cli.app.language import tr


def obtain(file: Path | None, *, confirm: bool = False) -> str:
    """Return the passphrase from a file, or ask for it.

    Args:
        file: whose first line it is, or None.
        confirm: ask twice, for a new one.
    """
    if file is not None:
        return first_line(file, empty="cli.error.passphrase_empty")
    if not sys.stdin.isatty():
        raise click.UsageError(tr("cli.usage.passphrase_needed"))
    asked: str = click.prompt(tr("cli.prompt.passphrase"), hide_input=True, confirmation_prompt=confirm, err=True)
    return asked


def first_line(file: Path, *, empty: str) -> str:
    """Return the first line of *file*, a secret; *empty* is the reason of the error if there is none."""
    from socpass_vc.errors import KeyFileError  # noqa: PLC0415 -- not on the path of verify
    from socpass_vc.files import read_file  # noqa: PLC0415 -- likewise

    content = read_file(file, MAX_PASSPHRASE_FILE_BYTES, error=KeyFileError)
    try:
        line = content.decode("utf-8-sig").splitlines()[:1]
    except UnicodeDecodeError as error:
        raise KeyFileError("cli.usage.not_utf8").at(file) from error
    if not line or not line[0]:
        raise KeyFileError(empty).at(file)
    return line[0]


MAX_PASSPHRASE_FILE_BYTES = 4_096
