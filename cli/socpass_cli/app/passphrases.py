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
        return first_line(file, "passphrase")
    if not sys.stdin.isatty():
        raise click.UsageError(
            tr(
                "a passphrase is needed and there is no terminal to ask at: use --passphrase-file or SOCPASS_PASSPHRASE_FILE",
                "нужна парольная фраза, а терминала нет: укажите --passphrase-file или SOCPASS_PASSPHRASE_FILE",
            )
        )
    asked: str = click.prompt(tr("Passphrase", "Парольная фраза"), hide_input=True, confirmation_prompt=confirm, err=True)
    return asked


def first_line(file: Path, what: str) -> str:
    """Return the first line of *file*, a secret; *what* names it in messages."""
    from socpass_vc.errors import KeyFileError  # noqa: PLC0415 -- not on the path of verify
    from socpass_vc.files import read_file  # noqa: PLC0415 -- likewise

    content = read_file(file, MAX_PASSPHRASE_FILE_BYTES, error=KeyFileError)
    try:
        line = content.decode("utf-8-sig").splitlines()[:1]
    except UnicodeDecodeError as error:
        raise KeyFileError(f"{file}: not UTF-8") from error
    if not line or not line[0]:
        raise KeyFileError(f"{file}: the first line, which is the {what}, is empty")
    return line[0]


MAX_PASSPHRASE_FILE_BYTES = 4_096
