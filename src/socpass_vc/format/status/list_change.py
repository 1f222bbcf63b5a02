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

_BYTES_AT_ONCE = 2**12
_UNCHANGED = bytes(_BYTES_AT_ONCE)
_LOWER_BITS = int.from_bytes(b"\x55" * _BYTES_AT_ONCE, "little")


class EntryChanges(NamedTuple):
    """The entries of one list that changed, packed like the list: two bits per entry, whatever their number.

    As pairs of Python's numbers, the changes of one delta would take a gigabyte.

    Attributes:
        mask: 3 where an entry changed, else 0.
        values: the new value where it changed, else 0.
    """

    mask: memoryview | bytes
    values: memoryview | bytes


Changes = Mapping[int, EntryChanges]
"""The entries that changed, by list number."""


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


def changed(base: bytes, changes: EntryChanges) -> bytes:
    """Return a list's bytes, two bits per entry, after *changes* of a list of this length.

    Raises:
        Malformed: a change changes nothing.
    """
    raw = bytearray(base)
    for at in range(0, len(raw), _BYTES_AT_ONCE):  # as large numbers, thousands of entries change in one step
        part = slice(at, at + _BYTES_AT_ONCE)
        packed = bytes(changes.mask[part])
        if packed == _UNCHANGED[: len(packed)]:
            continue
        mask = int.from_bytes(packed, "little")
        before, values = int.from_bytes(raw[part], "little"), int.from_bytes(changes.values[part], "little")
        differing = (before ^ values) & mask
        same = mask & _LOWER_BITS & ~(differing | differing >> 1)
        if same:
            first = (same & -same).bit_length() - 1
            raise Malformed("delta_changes_nothing", index=at * _PER_BYTE + first // BITS, value=values >> first & 3)
        raw[part] = (before ^ differing).to_bytes(len(raw[part]), "little")
    return bytes(raw)
