"""Hash trees of RFC 6962, section 2.1: roots, and proofs that a leaf is in a tree or that one tree continues another.

Pure: it knows hashes and numbers, not what a leaf says. Where a function takes hashes, these may be of leaves or of complete
subtrees of one size: a tree of 3 * 2^16 leaves has the root of a tree over the roots of its three subtrees of 2^16.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from socpass_vc.errors import NotLogged

HASH_BYTES = 32

LEAF, NODE = b"\x00", b"\x01"
"""What stands before a leaf and before two hashes, so that neither passes for the other."""


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 || content)."""
    return sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(NODE + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over *hashes*; over none it is SHA-256 of nothing."""
    if not hashes:
        return sha256().digest()
    level = list(hashes)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def inclusion_path(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Return the hashes that lead from one of *hashes* to the root, the lowest first (RFC 6962, section 2.1.1).

    Args:
        hashes: of all leaves, or of all subtrees of one size.
        index: which of them, from 0.
    """
    level = list(hashes)
    path = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):  # the last of an odd number goes up as it is
            path.append(level[beside])
        level, index = _above(level), index >> 1
    return path


def consistency_path(hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the hashes that show that the tree over all *hashes* continues the one over the first *old_size* (section 2.1.2).

    Args:
        hashes: of all leaves, or of all subtrees of one size.
        old_size: how many there were, from 1 to their number.
    """
    path: list[bytes] = []
    start, end, is_old_root = 0, len(hashes), True
    while old_size != end:
        split = start + (1 << (end - start - 1).bit_length() - 1)
        if old_size <= split:
            path.append(root_of(hashes[split:end]))
            end = split
        else:
            path.append(root_of(hashes[start:split]))
            start, is_old_root = split, False
    if not is_old_root:
        path.append(root_of(hashes[start:end]))
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, *, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Return if *path* leads from *leaf* to *root* (RFC 9162, section 2.1.3.2).

    Args:
        leaf: its hash.
        index: of the leaf, from 0.
        size: how many leaves the tree has.
        path: as :func:`inclusion_path` gives it.
        root: of the tree.

    Raises:
        NotLogged: it does not.
    """
    if not 0 <= index < size:
        raise NotLogged("log.index_outside_tree", index=index, size=size)
    found, last = leaf, size - 1
    for beside in path:
        if not last:
            raise NotLogged("log.path_length", size=size)
        if index & 1 or index == last:
            found = node_hash(beside, found)
            while index and not index & 1:  # on these levels the last node, without a sibling, went up as it was
                index, last = index >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        index, last = index >> 1, last >> 1
    if last:
        raise NotLogged("log.path_length", size=size)
    if found != root:
        raise NotLogged("log.other_root")


def _above(level: list[bytes]) -> list[bytes]:
    """Return the next level of a tree; the last of an odd number goes up as it is."""
    above = list(map(node_hash, level[::2], level[1::2]))
    return above if len(level) % 2 == 0 else [*above, level[-1]]
