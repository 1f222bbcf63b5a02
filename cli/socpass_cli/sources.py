"""Where passes come from: pictures, text files, folders of them, standard input, or the text itself on the command line.

It knows files and pictures, and returns texts; what they mean is decided elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from socpass_cli.language import tr
from socpass_vc.errors import NoCodeFound, SocpassError, SourceError
from socpass_vc.files import read_file
from socpass_vc.format.armor import MAX_TEXT_CHARACTERS, MIN_DIGITS

STANDARD_INPUT = "-"
MAX_FILE_BYTES = 64 * 2**20
"""Largest file looked at; a picture of 64 megapixels has less."""
ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif", ".ppm", ".pgm", ".pbm", ".txt"})
"""What is looked at in a folder."""

_MAX_TEXT_BYTES = 4 * MAX_TEXT_CHARACTERS


class Source(NamedTuple):
    """One thing to look at: its name for people, and its file or text.

    Attributes:
        name: as the user named it.
        path: the file, or None.
        text: what was given instead of a file, or None; with neither it is standard input.
        error: why there is nothing to look at, or None.
    """

    name: str
    path: Path | None = None
    text: str | None = None
    error: SocpassError | None = None

    def texts(self) -> tuple[str, ...]:
        """Return the texts of the codes in it, at least one.

        Raises:
            NoCodeFound: it is neither text nor a picture with a code.
            SourceError: it cannot be read.
        """
        if self.error is not None:
            raise self.error
        if self.text is not None:
            return (self.text,)
        if self.path is None:
            content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        else:
            content = read_file(self.path, MAX_FILE_BYTES, error=SourceError)
        if len(content) > MAX_FILE_BYTES:
            raise SourceError(f"{self.name}: larger than {MAX_FILE_BYTES} bytes")
        text = _as_text(content)
        if text is not None:
            return (text,)
        from socpass_vc.qr.read import read_codes  # noqa: PLC0415 -- pictures cost an import that texts do not need

        return read_codes(content)


def find_sources(arguments: Sequence[str]) -> Iterator[Source]:
    """Yield what the *arguments* of a command name; a folder gives the pictures and texts in it, by name.

    Raises:
        click.UsageError: an argument is no file, no folder and no text of a pass.
    """
    for argument in arguments:
        path = Path(argument)
        if argument == STANDARD_INPUT:
            yield Source(tr("standard input", "стандартный ввод"))
        elif _is_pass_text(argument):
            yield Source(tr("the text given", "данный текст"), text=argument)
        elif path.is_dir():
            yield from _in_folder(path)
        elif path.exists():
            yield Source(argument, path=path)
        else:
            raise click.UsageError(tr(f"{argument!r}: no such file", f"{argument!r}: нет такого файла"))


def _in_folder(folder: Path) -> Iterator[Source]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS and not path.name.startswith("."))
    except OSError as error:
        yield Source(str(folder), error=SourceError(f"{folder}: {error.strerror}"))
        return
    if not found:
        yield Source(str(folder), error=NoCodeFound(f"{folder}: no pictures or texts in it"))
    for path in found:
        yield Source(str(path), path=path)


def _is_pass_text(argument: str) -> bool:
    return sum(character.isdigit() for character in argument) >= MIN_DIGITS and len(argument) <= MAX_TEXT_CHARACTERS


def _as_text(content: bytes) -> str | None:
    """Return *content* as text if it is text: UTF-8 without control characters but line ends and tabs."""
    if len(content) > _MAX_TEXT_BYTES or not content.strip():
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return text if all(character.isprintable() or character in "\r\n\t" for character in text) else None
