"""Where passes come from: pictures, text files, folders of them, standard input, or the text itself on the command line.

It knows files and pictures, and returns texts; what they mean is decided elsewhere.
"""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from socpass_cli.app.language import tr
from socpass_cli.app.output import printable
from socpass_vc.errors import NoCodeFound, SocpassError, SourceError, system_reason
from socpass_vc.files import read_file
from socpass_vc.format.armor import MIN_DIGITS

STANDARD_INPUT = "-"
MAX_FILE_BYTES = 64 * 2**20
"""Largest file looked at; a picture of 64 megapixels has less."""
ENDINGS = frozenset(
    {
        ".png",
        ".jpg",
        ".jpeg",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".avif",
        ".heic",
        ".heif",
        ".pdf",
        ".ppm",
        ".pgm",
        ".pbm",
        ".txt",
    }
)
"""What is looked at in a folder."""

MAX_TEXT_FILE_BYTES = 2**20
"""Largest file taken for a text: some thousand passes, one per line."""

_DIGITS = re.compile(f"[0-9]{{{MIN_DIGITS}}}")
_PICTURE = re.compile(rb"P[1-6]\s|%PDF-")  # PNM and PDF, which may be written in ASCII, and in digits


class SourceTexts(NamedTuple):
    """The texts in a source.

    Attributes:
        found: at least one.
        is_list: they are lines that each should be a pass; in a picture, a code that is none stands there for another reason.
    """

    found: tuple[str, ...]
    is_list: bool = False


class Source(NamedTuple):
    """One thing to look at: its name for people, and its file, its content or its text.

    Attributes:
        name: as the user named it.
        path: the file, or None.
        text: what was given instead of a file, or None; with none of the three it is standard input.
        content: likewise, as a file's content.
        error: why there is nothing to look at, or None.
    """

    name: str
    path: Path | None = None
    text: str | None = None
    content: bytes | None = None
    error: SocpassError | None = None

    def texts(self) -> SourceTexts:
        """Return the texts of the codes in it, at least one.

        Raises:
            NoCodeFound: it is neither text nor a picture with a code.
            SourceError: it cannot be read.
        """
        if self.error is not None:
            raise self.error
        if self.text is not None:
            return _passes_in(self.text) or SourceTexts((self.text,))
        content = self.content
        if content is None:
            content = _read_standard_input(self.name) if self.path is None else _read_regular(self.path)
        found = _as_texts(content)
        if found is not None:
            return found
        from socpass_vc.qr.read import read_codes  # noqa: PLC0415 -- pictures cost an import that texts do not need

        return SourceTexts(read_codes(content))


def find_sources(arguments: Sequence[str]) -> Iterator[Source]:
    """Yield what the *arguments* of a command name; a folder gives the pictures and texts in it, by name.

    Raises:
        click.UsageError: an argument is empty, or no file, no folder and no text of a pass.
    """
    for argument in arguments:
        if argument == STANDARD_INPUT:
            yield Source(tr("cli.source.standard_input"))
        elif _is_pass_text(argument):
            yield Source(tr("cli.source.text"), text=argument)
        else:
            yield from _at(argument)


def paste_sources() -> Iterator[Source]:
    """Yield what the clipboard holds: a picture, or files that were copied."""
    from socpass_cli.verdict.clipboard import paste  # noqa: PLC0415 -- for this one option

    name = tr("cli.source.clipboard")
    try:
        pasted = paste()
    except SourceError as error:
        yield Source(name, error=error)
        return
    if isinstance(pasted, bytes):
        yield Source(name, content=pasted)
    else:
        for path in pasted:
            yield Source(str(path), path=path)


def mode_of(name: str) -> int:
    """Return what kind of thing the file system holds under *name* (stat's st_mode).

    Raises:
        click.UsageError: the name is empty.
        SourceError: there is nothing, or it may not be looked at.
    """
    if not name:
        raise click.UsageError(tr("cli.source.empty_argument"))
    try:
        return Path(name).stat().st_mode
    except (OSError, ValueError) as error:
        raise SourceError("cannot_be_read", path=name, why=system_reason(error)).at(name) from error


def _at(argument: str) -> Iterator[Source]:
    try:
        is_folder = stat.S_ISDIR(mode_of(argument))
    except SourceError as error:
        why = error.__cause__
        if isinstance(why, (FileNotFoundError, NotADirectoryError)):
            raise click.UsageError(tr("cli.source.no_such_file", argument=printable(argument))) from error
        if isinstance(why, OSError) and why.errno == errno.ENAMETOOLONG:  # no file has such a name, so it is a text
            yield Source(tr("cli.source.text"), text=argument)
        else:
            yield Source(argument, error=error)
        return
    if is_folder:
        yield from _in_folder(Path(argument))
    else:
        yield Source(argument, path=Path(argument))


def _in_folder(folder: Path) -> Iterator[Source]:
    try:
        found = sorted(_pictures_in(folder))
    except OSError as error:
        yield Source(str(folder), error=SourceError("cannot_be_read", path=str(folder), why=system_reason(error)).at(folder))
        return
    if not found:
        yield Source(str(folder), error=NoCodeFound("cli.source.empty_folder").at(folder))
    for path in found:
        yield Source(str(path), path=path)


def _pictures_in(folder: Path) -> Iterator[Path]:
    """Yield the pictures and texts in *folder* and those within it, as an agency's are; links to folders are not followed."""
    for place, names, files in os.walk(folder, onerror=_refuse):
        names[:] = [name for name in names if not name.startswith(".")]
        for path in (Path(place, name) for name in files if not name.startswith(".")):
            if path.suffix.lower() in ENDINGS and path.is_file():  # a pipe or a device in it is no picture
                yield path


def _refuse(error: OSError) -> None:
    raise error


def _read_regular(path: Path) -> bytes:
    """Return the content of a file; a pipe, which might keep us waiting for ever, or a device is refused."""
    if not stat.S_ISREG(mode_of(str(path))):
        raise SourceError("not_a_regular_file", path=str(path)).at(path)
    return read_file(path, MAX_FILE_BYTES, error=SourceError)


def _read_standard_input(name: str) -> bytes:
    if sys.stdin is None:
        raise SourceError("cli.source.closed").at(name)
    try:
        content = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
    except ValueError as error:  # since then
        raise SourceError("cli.source.closed").at(name) from error
    except OSError as error:
        raise SourceError("cannot_be_read", why=system_reason(error)).at(name) from error
    if len(content) > MAX_FILE_BYTES:
        raise SourceError("file_too_large", longest=MAX_FILE_BYTES).at(name)
    return content


def _is_pass_text(argument: str) -> bool:
    return _DIGITS.search(argument) is not None


def _as_texts(content: bytes) -> SourceTexts | None:
    """Return the texts of a text file, or None if *content* is no text.

    Text is UTF-8, UTF-16 with its byte order mark, or, where it holds the digits of a pass, any encoding that leaves them as they
    are, such as cp1251. Control characters count as text only beside such digits: some scanners put STX and ETX around them.
    """
    if len(content) > MAX_TEXT_FILE_BYTES or not content.strip() or _PICTURE.match(content):
        return None
    text = _decode(content)
    if text is None or "\0" in text:
        return None
    is_plain = all(character.isprintable() or character in "\r\n\t" for character in text)
    return _passes_in(text) or (SourceTexts((text,)) if is_plain else None)


def _passes_in(text: str) -> SourceTexts | None:
    """Return the lines with digits enough for a pass, or None if there is none."""
    lines = [line for line in text.splitlines() if _DIGITS.search(line)]
    return SourceTexts(tuple(lines), is_list=len(lines) > 1) if lines else None


def _decode(content: bytes) -> str | None:
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("latin-1") if re.search(_DIGITS.pattern.encode(), content) else None
