"""A text file of any size, read line by line: its encoding, how many lines it has, and that it is text at all.

It knows encodings and lines, and neither CSV nor JSON. A file is read twice, because only its last byte settles the encoding.
"""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from socpass_vc.errors import ImportRefused, system_reason
from socpass_vc.messages import Message

MAX_LINE_CHARACTERS = 2**24
"""The longest line that is read; no row of an import has a thousandth of it, and a line must fit into memory."""

_AT_ONCE_BYTES = 2**20
_CYRILLIC_IN_UTF8 = re.compile(rb"[\xd0\xd1][\x80-\xbf]")
_NOT_IN_CP1251 = b"\x98"  # the one byte that the code page does not assign
# No cp1251 text holds so many pairs of bytes that look like Cyrillic in UTF-8: one in this many bytes.
_BYTES_PER_PAIR = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file that is text throughout.

    Attributes:
        path: where it is.
        encoding: one of Python's names.
        line_count: how many lines it has, but for a last one without an end.
        begins: its first characters.
    """

    path: Path
    encoding: str
    line_count: int
    begins: str

    @contextmanager
    def lines(self) -> Iterator[Iterator[str]]:
        """Open the file and give its lines, each with its end.

        Raises:
            ImportRefused: a line is too long, or the file is no longer what it was.
        """
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                yield self._bounded(file.readline)
        except OSError as error:
            raise ImportRefused("cannot_be_read", why=system_reason(error)).at(self.path) from error
        except UnicodeDecodeError as error:
            raise ImportRefused("row_file.changed_meanwhile").at(self.path) from error

    def _bounded(self, read_line: Callable[[int], str]) -> Iterator[str]:
        number = 0
        while line := read_line(MAX_LINE_CHARACTERS + 1):
            number += 1
            if len(line) > MAX_LINE_CHARACTERS:
                raise ImportRefused("row_file.long_line", longest=MAX_LINE_CHARACTERS).at(*self.at_line(number))
            yield line

    def at_line(self, line: int) -> tuple[Path, Message]:
        """Return how an error names the file and a line of it."""
        return self.path, Message("at.line", line=line)


def survey(path: Path) -> TextFile:
    """Read the file through once, and return what it is.

    Args:
        path: UTF-8 with or without byte order mark, or cp1251.

    Raises:
        ImportRefused: it is missing, a folder, a pipe, no text, or text with a damaged character.
    """
    try:
        with os.fdopen(_open_regular(path), "rb") as file:
            return _Survey(path).read(file)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise ImportRefused("cannot_be_read", why=system_reason(error)).at(path) from error


class _Survey:
    """One reading of the bytes, block by block."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line_count = 0
        self.size_bytes = 0
        self.damaged_line: int | None = None
        self.has_unassigned = False
        self.begins = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def read(self, file: BinaryIO) -> TextFile:
        while block := file.read(_AT_ONCE_BYTES):
            if b"\0" in block:
                raise ImportRefused("row_file.nul_bytes").at(self.path)
            self.begins = self.begins or block
            self._look_for_damage(block, final=False)
            self.line_count += block.count(b"\n")
            self.size_bytes += len(block)
            self.has_unassigned |= _NOT_IN_CP1251 in block
        self._look_for_damage(b"", final=True)
        encoding = self._encoding(file)
        begins = self.begins.decode(encoding, "ignore")
        return TextFile(path=self.path, encoding=encoding, line_count=self.line_count, begins=begins)

    def _look_for_damage(self, block: bytes, *, final: bool) -> None:
        if self.damaged_line is not None:
            return
        try:
            self._decoder.decode(block, final)
        except UnicodeDecodeError as error:
            # A character that the block before began counts among the bytes of the error, and holds no line's end.
            self.damaged_line = self.line_count + error.object.count(b"\n", 0, error.start) + 1

    def _encoding(self, file: BinaryIO) -> str:
        if self.damaged_line is None:
            return "utf-8-sig"
        if self._count_pairs(file) > self.size_bytes // _BYTES_PER_PAIR:
            raise ImportRefused("row_file.damaged_character").at(self.path, Message("at.line", line=self.damaged_line))
        if self.has_unassigned:
            raise ImportRefused("row_file.unknown_encoding").at(self.path)
        return "cp1251"

    def _count_pairs(self, file: BinaryIO) -> int:
        """Count what looks like Cyrillic letters in UTF-8, in a file that is not UTF-8 throughout."""
        file.seek(0)
        found = 0
        while block := file.read(_AT_ONCE_BYTES):
            found += len(_CYRILLIC_IN_UTF8.findall(block))
        return found


def _open_regular(path: Path) -> int:
    """Open a file without waiting for whoever writes into a pipe, and refuse what is no file: it could not be read twice."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0))
    kind = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(kind):
        os.close(descriptor)
        raise ImportRefused("system.is_a_folder" if stat.S_ISDIR(kind) else "not_a_regular_file").at(path)
    return descriptor
