"""The tiles of a log, as they are published: from them, heads can be compared with each other (C2SP tlog-tiles; specs/log.md).

A tile holds 256 hashes of one level. Levels 0 and 1, of leaves and of 256 leaves each, stay with the issuer; level 2 holds the
roots of the blocks. Pure: it gives names and contents, and knows no file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from socpass_vc.errors import Malformed
from socpass_vc.format.transparency.merkle import HASH_BYTES, root_of

WIDTH = 256
MAX_TILE_BYTES = WIDTH * HASH_BYTES

_BLOCKS_LEVEL = 2
_GROUP = 1_000


def tiles_of(blocks: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each tile of a log.

    Args:
        blocks: roots of its blocks, at least one.
    """
    level, hashes = _BLOCKS_LEVEL, list(blocks)
    while hashes:
        for start in range(0, len(hashes), WIDTH):
            some = hashes[start : start + WIDTH]
            yield _name(level, start // WIDTH, len(some)), b"".join(some)
        level += 1
        hashes = [root_of(hashes[start : start + WIDTH]) for start in range(0, len(hashes) - WIDTH + 1, WIDTH)]


def read_blocks(count: int, read: Callable[[str], bytes]) -> list[bytes]:
    """Return the roots of the blocks of a log from its tiles.

    Args:
        count: how many blocks there are.
        read: returns the content of the tile with this name.

    Raises:
        Malformed: a tile has another length than its name says.
    """
    hashes: list[bytes] = []
    for number in range(0, count, WIDTH):
        width = min(WIDTH, count - number)
        name = _name(_BLOCKS_LEVEL, number // WIDTH, width)
        content = read(name)
        if len(content) != width * HASH_BYTES:
            raise Malformed("log.tile_length", found=len(content), size=width * HASH_BYTES).at(name)
        hashes += (content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES))
    return hashes


def _name(level: int, number: int, width: int) -> str:
    """Return the path of a tile: the number in groups of three digits, all but the last behind an x."""
    groups = [f"{number % _GROUP:03}"]
    while number := number // _GROUP:
        groups.insert(0, f"x{number % _GROUP:03}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(groups)}{partial}"
