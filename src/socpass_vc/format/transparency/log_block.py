"""A block of the log: 2^16 leaves, of which a few or many say something, in places that tell nobody which, or how many.

Pure: the same key and leaves give the same block. All that is not a leaf of ours is a dummy; a subtree without a leaf of ours is
one number that nobody can tell from the hash of a subtree, so a block of few passes costs little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from struct import unpack

from socpass_vc.format.transparency.merkle import LEAF, NODE, leaf_hash

LEVELS = 16
"""A block is a complete tree of 2^16 leaves."""
MAX_PASSES = 49_151
"""Passes of a block: with the leaf of the events three quarters, so that a free place is soon drawn, and none is known full."""
KEY_BYTES = 32
SALT_BYTES = 32

_PASS, _EVENTS = b"\x01", b"\x02"
_EVENT_NUMBER_BYTES = 8
_DRAWN = ">16H"
_DRAW, _EVENTS_SALT = b"\xff", b"\xfe"


def pass_leaf(salt: bytes, token: bytes) -> bytes:
    """Return the hash of the leaf of a pass.

    Args:
        salt: 32 secret bytes, of this pass alone.
        token: its signed bytes.
    """
    return sha256(LEAF + salt + _PASS + token).digest()


def events_leaf(salt: bytes, number: int, digest: bytes) -> bytes:
    """Return the hash of the leaf that holds the head of the register's event chain (specs/register.md, section 3).

    Args:
        salt: 32 secret bytes.
        number: of the last event.
        digest: its 32 bytes.
    """
    return leaf_hash(salt + _EVENTS + number.to_bytes(_EVENT_NUMBER_BYTES, "big") + digest)


class LogBlock:
    """A block of the log.

    Args:
        key: 32 secret bytes, of this block alone.
        number: of the last event up to which its leaves go.
        digest: of the event chain there.
        leaves: hashes of the leaves of passes, at most 49,151, each once.

    Attributes:
        root: the hash of the whole block.
    """

    def __init__(self, key: bytes, *, number: int, digest: bytes, leaves: Sequence[bytes]) -> None:
        if len(key) != KEY_BYTES or len(leaves) > MAX_PASSES:
            raise ValueError(f"a block of {len(leaves)} passes with a key of {len(key)} bytes")
        self._key = key
        salt = sha256(key + _EVENTS_SALT).digest()
        said = [events_leaf(salt, number, digest), *leaves]
        self._place_of = dict(zip(said, _places(key), strict=False))
        level: list[bytes | None] = [None] * 2**LEVELS
        for leaf, place in self._place_of.items():
            level[place] = leaf
        self._levels = []
        for height in range(LEVELS):
            self._levels.append(level)
            level = self._above(height, level)
        self.root = level[0] or b""

    def path_of(self, leaf: bytes) -> tuple[int, list[bytes]] | None:
        """Return a leaf's place in the block, and the 16 hashes that lead from it to the root; None if it is not in here."""
        place = self._place_of.get(leaf)
        if place is None:
            return None
        besides = (place >> height ^ 1 for height in range(LEVELS))
        return place, [
            level[beside] or self._dummy(height, beside)
            for height, (level, beside) in enumerate(zip(self._levels, besides, strict=True))
        ]

    def _above(self, height: int, level: list[bytes | None]) -> list[bytes | None]:
        """Return the next level; a subtree without a leaf that says something has no hash yet."""
        dummy = self._dummy
        # Not by a call per node: millions of passes are sealed after a night.
        return [
            sha256(NODE + (left or dummy(height, 2 * place)) + (right or dummy(height, 2 * place + 1))).digest()
            if left or right
            else None
            for place, (left, right) in enumerate(zip(level[::2], level[1::2], strict=True))
        ]

    def _dummy(self, height: int, place: int) -> bytes:
        """Return what stands for a subtree, of one leaf at height 0, that holds nothing."""
        return sha256(self._key + bytes((height,)) + place.to_bytes(2, "big")).digest()


def _places(key: bytes) -> Iterator[int]:
    """Yield places in the block, each once, in an order that follows from the key."""
    taken = bytearray(2**LEVELS)
    counter = 0
    while True:
        drawn = sha256(key + _DRAW + counter.to_bytes(4, "big")).digest()
        counter += 1
        for place in unpack(_DRAWN, drawn):
            if not taken[place]:
                taken[place] = 1
                yield place
