"""The line of a TOML file on which a table or an option begins, which Python's reader does not tell.

It parses nothing itself: a statement is as many lines as Python's reader accepts as one, and what the reader makes of it alone
tells which table or option it is. The whole file must have been read before.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import TypeAlias

Path: TypeAlias = tuple[str | int, ...]
"""Names of tables and options, and positions in lists of tables, from the top: ("measures", 3, "names", "ru")."""

_CLOSERS = ("]", "}", '"""', "'''")
"""How the last line of a statement of several lines can end, a comment aside."""


class LineIndex:
    """The lines of a TOML file by the tables and options on them.

    Args:
        text: of a file that tomllib has read without complaint.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {}
        counts: dict[Path, int] = {}
        table: Path = ()
        for line, statement, found in _statements(text):
            path = _resolve(_path_in(found), counts)
            if not statement.startswith("["):
                path = table + _path_in(found)
            elif statement.startswith("[["):
                position = counts.get(path, -1) + 1
                counts[path] = position
                table = path = (*path, position)
            else:
                table = path
            for end in range(len(path), 0, -1):  # the tables around it begin here too, if nothing said so before
                self._lines.setdefault(path[:end], line)

    def line_of(self, path: Path) -> int:
        """Return the line of *path*, from 1; for what is missing, or written inside a value, the line of what contains it."""
        return next((self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), 1)


def _statements(text: str) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    """Yield each statement: its first line, its text without leading spaces, and its content read alone."""
    lines = text.replace("\r\n", "\n").split("\n")  # TOML knows these two line ends alone
    at = 0
    while at < len(lines):
        end = at + 1
        found = _read("\n".join(lines[at:end]))
        while found is None and end < len(lines):
            end += 1
            if _may_end(lines[end - 1]):
                found = _read("\n".join(lines[at:end]))
        if found:
            yield at + 1, lines[at].lstrip(" \t"), found
        at = end


def _may_end(line: str) -> bool:
    """Tell whether a statement of several lines may end here, comments aside: most lines of a long list need no attempt."""
    ends = [position for position, character in enumerate(line) if character == "#"]
    return any(line[:end].rstrip(" \t").endswith(_CLOSERS) for end in (*ends, len(line)))


def _read(statement: str) -> Mapping[str, object] | None:
    try:
        return tomllib.loads(statement)
    except (ValueError, RecursionError):
        return None


def _path_in(found: Mapping[str, object]) -> Path:
    """Return the names that lead to the one thing in *found*: those of a header, or of a dotted key.

    The value of an option may be a table itself, as in ``names = {ru = "..."}``; one with a single name is then followed inwards,
    which does no harm: that name is on this line.
    """
    path: list[str] = []
    inner: object = found
    while isinstance(inner, Mapping) and len(inner) == 1:
        name, inner = next(iter(inner.items()))
        path.append(name)
    return tuple(path)


def _resolve(path: Path, counts: Mapping[Path, int]) -> Path:
    """Return *path* with the position of the newest table wherever it leads through a list of tables."""
    resolved: Path = ()
    for name in path[:-1]:
        resolved = (*resolved, name)
        if resolved in counts:
            resolved = (*resolved, counts[resolved])
    return (*resolved, *path[-1:])
