"""Deterministic CBOR written out by hand, and the ways to write it wrongly on purpose.

Knows RFC 8949 and nothing of passes. A scenario that breaks the encoding splices `Raw` bytes or `Pairs` in an order of its own.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes that stand in the output as they are."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Tagged:
    """An item under a tag."""

    number: int
    item: "Item"


@dataclass(frozen=True, slots=True)
class Pairs:
    """A map whose entries stand in the given order, twice if given twice."""

    entries: "tuple[tuple[Item, Item], ...]"


Item: TypeAlias = "int | str | bytes | Raw | Tagged | Pairs | Sequence[Item] | Mapping[int | str, Item] | None"
Entries: TypeAlias = Mapping[int | str, Item]

Change: TypeAlias = tuple[str, str, str, Entries]  # name, verdict, rule, what to lay over good entries
Value: TypeAlias = tuple[str, str, Item]  # name, rule, what to put in place of a good value

ABSENT: Final = Raw(b"")  # as a value in `changed`: leaves the entry out
NO_CHANGE: Final[Entries] = MappingProxyType({})

UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG = range(7)  # major types, RFC 8949, section 3.1
_FALSE, _TRUE, _NULL = b"\xf4", b"\xf5", b"\xf6"
_ARGUMENT_IN_HEAD: Final = 24  # smaller arguments stand in the head itself


def head(major: int, argument: int, *, width: int | None = None) -> bytes:
    """Return the head of an item.

    Args:
        major: the major type, 0 to 7.
        argument: a length or a value below 2^64.
        width: bytes that the argument takes after the first one (0, 1, 2, 4, 8); the shortest that fits by default.
    """
    if width is None:
        width = next(
            w for w, end in ((0, _ARGUMENT_IN_HEAD), (1, 1 << 8), (2, 1 << 16), (4, 1 << 32), (8, 1 << 64)) if argument < end
        )
    if width == 0:
        return bytes([major << 5 | argument])
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + argument.to_bytes(width, "big")


def encode(item: Item) -> bytes:
    """Return the deterministic encoding of *item* (RFC 8949, section 4.2.1): map keys in the bytewise order."""
    if isinstance(item, Raw):
        return item.octets
    if isinstance(item, Tagged):
        return head(TAG, item.number) + encode(item.item)
    if isinstance(item, Pairs):
        return head(MAP, len(item.entries)) + b"".join(encode(key) + encode(value) for key, value in item.entries)
    if isinstance(item, Mapping):
        written = sorted((encode(key), encode(value)) for key, value in item.items())
        return head(MAP, len(written)) + b"".join(key + value for key, value in written)
    if item is None or isinstance(item, bool | int | str | bytes):
        return _encode_scalar(item)
    return head(ARRAY, len(item)) + b"".join(encode(member) for member in item)


def _encode_scalar(item: int | str | bytes | None) -> bytes:
    if item is None or isinstance(item, bool):
        return {None: _NULL, True: _TRUE, False: _FALSE}[item]
    if isinstance(item, int):
        return head(UNSIGNED, item) if item >= 0 else head(NEGATIVE, -1 - item)
    octets = item if isinstance(item, bytes) else item.encode()
    return head(BYTES if isinstance(item, bytes) else TEXT, len(octets)) + octets


def float64(value: float) -> Raw:
    """Return a floating-point number of eight bytes, which no file of socpass holds."""
    return Raw(b"\xfb" + struct.pack(">d", value))


def in_order(entries: Entries, *keys: int | str) -> Pairs:
    """Return the entries as a map whose keys stand in the order of *keys*."""
    return Pairs(tuple((key, entries[key]) for key in keys))


def changed(entries: Entries, changes: Entries) -> dict[int | str, Item]:
    """Return *entries* with *changes* laid over them; `ABSENT` takes an entry away."""
    return {key: value for key, value in {**entries, **changes}.items() if value is not ABSENT}


def count_items(item: Item) -> int:
    """Return how many items *item* is, itself, its keys and its values counted (specs/credential.md, section 1)."""
    if isinstance(item, Mapping):
        return 1 + sum(1 + count_items(value) for value in item.values())
    if isinstance(item, Sequence) and not isinstance(item, str | bytes):
        return 1 + sum(map(count_items, item))
    return 1


def with_items(entries: Entries, key: int, most: int) -> dict[int | str, Item]:
    """Return *entries* with zeros under the unknown *key*, so that all together have *most* items."""
    return {**entries, key: [0] * (most - count_items(entries) - 2)}
