"""How a status list changes from one publication to the next, as a status delta says it (specs/status-delta.md).

It knows the bytes of lists, and no tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import Malformed
from socpass_vc.format.status.status_list import BITS, StatusList

DIGEST_BYTES = 32
"""A whole SHA-256: of a part of it a signer finds two lists, 2^64 attempts for 16 bytes (specs/status-delta.md, section 1)."""

_PER_BYTE = 8 // BITS
# One bit per entry widened to two: the lower and the upper half of a byte, each as a byte.
_LOW_HALF, _HIGH_HALF = (
    bytes(sum((byte >> shift + bit & 1) << bit * BITS for bit in range(4)) for byte in range(256)) for shift in (0, 4)
)

Changes = Mapping[int, list[tuple[int, int]]]
"""Index and new value of the entries that changed, by list number."""


class ListChange(NamedTuple):
    """One list of a delta.

    Attributes:
        number: the list number.
        entries: how many it has.
        digest: :func:`digest` of the list as it is now; None in a full form until it is :meth:`StatusDelta.opened`.
        base_digest: of the list as it was; None if all its entries were 0.
    """

    number: int
    entries: int
    digest: bytes | None
    base_digest: bytes | None


def digest(raw: bytes) -> bytes:
    """Return what a delta says of a list: the SHA-256 of *raw*, the list's bytes at two bits per entry.

    Of the lists of a full form it gives the digest of their concatenated digests.
    """
    return sha256(raw)


def widened(content: StatusList) -> bytes | None:
    """Return the bytes of a list at two bits per entry, or None where two bits do not hold its values."""
    if content.bits == BITS:
        return content.raw
    if content.bits != 1:
        return None
    raw = bytearray(2 * len(content.raw))
    raw[::2], raw[1::2] = content.raw.translate(_LOW_HALF), content.raw.translate(_HIGH_HALF)
    return bytes(raw)


def changed(base: bytes, changes: list[tuple[int, int]]) -> bytes:
    """Return a list's bytes, two bits per entry, after *changes*: indexes within it, and new values.

    Raises:
        Malformed: a change changes nothing.
    """
    raw = bytearray(base)
    for index, value in changes:
        shift = index % _PER_BYTE * BITS
        difference = raw[index // _PER_BYTE] >> shift & 3 ^ value
        if not difference:
            raise Malformed("delta_changes_nothing", index=index, value=value)
        raw[index // _PER_BYTE] ^= difference << shift
    return bytes(raw)
