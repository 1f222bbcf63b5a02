"""Deterministic CBOR both ways (RFC 8949, section 4.2.1), for the few types that specs/credential.md, section 1 allows.

It knows nothing of COSE or of claims. The reader accepts, by construction, only what the writer writes. No library refuses longer
forms and unordered keys; reading with one, encoding again and comparing costs more than this (specs/decisions/0002-cbor.md).
Tests compare it with cbor2.
"""

from __future__ import annotations

from struct import Struct
from typing import TypeAlias

from socpass_vc.errors import Malformed

# In quotes: building the union at each start of the command would cost time and serve nobody.
Value: TypeAlias = "int | str | bytes | bool | list[Value] | dict[int | str, Value] | None"

MAX_DEPTH = 8
"""How deep items may nest (specs/credential.md, section 1)."""
MAX_ITEMS = 4_096
"""Most items of an encoding whose format says nothing else: as many as a pass has bytes (specs/credential.md, section 1).

An item takes one byte and becomes up to 100 bytes in memory (a map with one entry, which is an empty map), so a status list of
8 MiB would become 800 MiB; so many items become less than half a megabyte. COSE_Sign has the most otherwise: 128 signatures of 4
items, and 5 around them.
"""

# RFC 8949, section 3: the head itself holds arguments below this; otherwise its five lower bits say how many bytes follow.
_INLINE = 24
_OF_2_BYTES = 25
_LONGEST_FORM = 27
_WITH_2_BYTES, _WITH_4_BYTES, _WITH_8_BYTES = Struct(">BH").pack, Struct(">BI").pack, Struct(">BQ").pack
_MAX_ARGUMENT = (1 << 64) - 1
_SMALLEST_OF_2_BYTES, _SMALLEST_OF_4_BYTES, _SMALLEST_OF_8_BYTES = 1 << 8, 1 << 16, 1 << 32
_SHORT_TEXTS = tuple(bytes((0x60 | length,)) for length in range(_INLINE))
_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
# By major type, what an argument of 1 says: how many items an array or a map holds, and how many bytes a string.
_ITEMS_WITHIN = (0, 0, 0, 0, 1, 2, 0, 0)
_BYTES_WITHIN = (0, 0, 1, 1, 0, 0, 0, 0)
_FALSE, _TRUE, _NULL = 20, 21, 22
_FIRST_NEGATIVE, _NEGATIVE_OF_2_BYTES = 0x20, 0x39  # heads of major type 1


def decode(encoded: bytes, *, items: int = MAX_ITEMS) -> Value:
    """Return the value of *encoded*, which must be one deterministic CBOR item without tags.

    Args:
        encoded: the whole item; the caller bounds its size.
        items: how many the kind of *encoded* can have, itself, keys and values counted; with more, nothing is built.

    Raises:
        Malformed: it has more items, is cut off, has trailing bytes, a tag, a float, a length form or order of keys that is not
            the deterministic one, text that is not UTF-8, or nests deeper than 8 (specs/credential.md, section 1).
    """
    try:
        check_items(encoded, items)
        value, end = _read(encoded, 0, 1)
    except IndexError as error:
        raise Malformed("cbor_cut_off") from error
    except UnicodeDecodeError as error:
        raise Malformed("cbor_not_utf8") from error
    if end != len(encoded):
        raise Malformed("cbor_bytes_follow", count=len(encoded) - end)
    return value


def check_items(encoded: bytes, most: int) -> None:
    """Return if *encoded* has no more items than *most*. However they nest, one follows the other, so nothing need be built.

    Raises:
        Malformed: it has more, or a head is longer than needed.
        IndexError: it is cut off.
    """
    at, end, left = 0, len(encoded), most
    if end <= most:  # an item takes a byte or more: a pass, and most trust lists, need not be counted
        return
    while at < end:
        head = encoded[at]
        kind, argument = head >> 5, head & 31
        at += 1
        if argument >= _INLINE:
            argument, at = _read_argument(encoded, at, argument)
        left -= 1
        if left < argument * _ITEMS_WITHIN[kind]:
            raise Malformed("cbor_too_many_items", most=most)
        at += argument * _BYTES_WITHIN[kind]


def _read(encoded: bytes, at: int, depth: int) -> tuple[Value, int]:
    """Return the item at *at* and where the next one begins; IndexError if it is cut off."""
    head = encoded[at]
    kind, argument = head >> 5, head & 31
    at += 1
    if kind == _SIMPLE:
        return _read_simple(argument, at)
    if argument >= _INLINE:
        argument, at = _read_argument(encoded, at, argument)
    if kind == _UNSIGNED:
        return argument, at
    if kind == _ARRAY:
        return _read_array(encoded, at, argument, depth)
    if kind == _MAP:
        return _read_map(encoded, at, argument, depth)
    if kind == _NEGATIVE:
        return -1 - argument, at
    if kind == _TAG:
        raise Malformed("cbor_tag", tag=argument)
    end = at + argument
    if end > len(encoded):
        raise IndexError(end)
    string = encoded[at:end]
    return (string.decode() if kind == _TEXT else string), end


def _read_argument(encoded: bytes, at: int, form: int) -> tuple[int, int]:
    if form == _INLINE:
        argument, end, lowest = encoded[at], at + 1, _INLINE
    elif form == _OF_2_BYTES:  # days and categories, the commonest by far of the longer ones
        argument, end, lowest = encoded[at] << 8 | encoded[at + 1], at + 2, 1 << 8
    elif form <= _LONGEST_FORM:
        size = 1 << form - _INLINE
        end, lowest = at + size, 1 << size * 4
        argument = int.from_bytes(encoded[at:end], "big")
        if end > len(encoded):
            raise IndexError(end)
    else:
        raise Malformed("cbor_length_form", byte=at)
    if argument < lowest:
        raise Malformed("cbor_longer_form", byte=at)
    return argument, end


def _read_simple(argument: int, at: int) -> tuple[Value, int]:
    if argument == _NULL:
        return None, at
    if argument == _FALSE:
        return False, at
    if argument == _TRUE:
        return True, at
    raise Malformed("cbor_simple_value", byte=at)


def _read_array(encoded: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    if count and depth == MAX_DEPTH:
        raise Malformed("cbor_too_deep", deepest=MAX_DEPTH)
    items: list[Value] = []
    for _ in range(count):
        head = encoded[at]
        if head < _INLINE:  # a small number, the commonest item by far, without a call
            items.append(head)
            at += 1
        else:
            item, at = _read(encoded, at, depth + 1)
            items.append(item)
    return items, at


def _read_map(encoded: bytes, at: int, count: int, depth: int) -> tuple[Value, int]:
    if count and depth == MAX_DEPTH:
        raise Malformed("cbor_too_deep", deepest=MAX_DEPTH)
    pairs: dict[int | str, Value] = {}
    before = b""
    for _ in range(count):
        start = at
        key: Value = encoded[at]
        if key < _INLINE:  # type: ignore[operator]  # a byte; a small number without a call, as above
            at += 1
        else:
            key, at = _read(encoded, at, depth + 1)
            if key.__class__ is not int and key.__class__ is not str:
                raise Malformed("cbor_key_type", byte=start)
        written = encoded[start:at]
        if written <= before:
            raise Malformed("cbor_key_order", byte=start)
        before = written
        pairs[key], at = _read(encoded, at, depth + 1)  # type: ignore[index]  # the class was compared above
    return pairs, at


def encode(value: Value) -> bytes:
    """Return the one deterministic encoding of *value*.

    Raises:
        TypeError: a type that the format does not have, floats among them.
        ValueError: an integer beyond 64 bits, text that is not Unicode, or nesting deeper than 8.
    """
    return _encode(value, 1)


def _encode(value: Value, depth: int) -> bytes:  # noqa: PLR0911 -- one return per type
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, bytes):
        return byte_string(value)
    if depth == MAX_DEPTH and value:
        raise ValueError(f"nested deeper than {MAX_DEPTH} items")
    if isinstance(value, list | tuple):
        return head(0x80, len(value)) + b"".join([_encode(item, depth + 1) for item in value])
    if isinstance(value, dict):
        pairs = sorted((_encode_key(key), _encode(item, depth + 1)) for key, item in value.items())
        return head(0xA0, len(pairs)) + b"".join([key + item for key, item in pairs])
    raise TypeError(f"a {type(value).__name__} where none may stand")


def _encode_key(key: int | str) -> bytes:
    if isinstance(key, str):
        return text(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return integer(key)
    raise TypeError(f"a {type(key).__name__} as a map key")


# --- The pieces, for callers that know the shape of what they write and put it together themselves (twice as fast) ------


def head(major: int, argument: int) -> bytes:
    """Return the shortest head of a data item (RFC 8949, section 3).

    Args:
        major: the major type in the upper three bits: 0x00, 0x20 ... 0xC0.
        argument: 0 to 2^64 - 1.

    Raises:
        ValueError: the argument is out of range.
    """
    if argument < _INLINE:
        return bytes((major | argument,))
    if argument < 1 << 8:
        return bytes((major | 24, argument))
    if argument < 1 << 16:
        return _WITH_2_BYTES(major | 25, argument)
    if argument < 1 << 32:
        return _WITH_4_BYTES(major | 26, argument)
    if argument <= _MAX_ARGUMENT:
        return _WITH_8_BYTES(major | 27, argument)
    raise ValueError("an integer beyond 64 bits")


def integer(number: int) -> bytes:
    """Return the encoding of an integer from -2^64 to 2^64 - 1; ValueError beyond."""
    if _SMALLEST_OF_2_BYTES <= number < _SMALLEST_OF_8_BYTES:  # categories, days and indexes, without another call
        return _WITH_2_BYTES(25, number) if number < _SMALLEST_OF_4_BYTES else _WITH_4_BYTES(26, number)
    return head(0, number) if number >= 0 else head(0x20, -1 - number)


def text(string: str) -> bytes:
    """Return the encoding of a text string; ValueError where it holds surrogates."""
    encoded = string.encode()
    length = len(encoded)
    if length < _INLINE:  # the number of a document, likewise
        return _SHORT_TEXTS[length] + encoded
    return head(0x60, length) + encoded


def byte_string(string: bytes) -> bytes:
    """Return the encoding of a byte string."""
    return head(0x40, len(string)) + string


# Their counterparts for reading. Each takes the bytes and where the item begins, and returns the item and where the next one
# begins; IndexError where the bytes end before the item does.


def read_head(encoded: bytes, at: int, major: int) -> tuple[int, int]:
    """Return the argument of a head, and where what follows the head begins.

    Args:
        encoded: what holds the item.
        at: where it begins.
        major: the major type that must stand there, in the upper three bits: 0x00, 0x20 ... 0xA0.

    Raises:
        Malformed: the item is of another type, or its head is longer than needed.
        IndexError: it is cut off.
    """
    form = encoded[at] - major
    if 0 <= form < _INLINE:
        return form, at + 1
    if form == _INLINE and encoded[at + 1] >= _INLINE:  # the length of a name and of a payload, without another call
        return encoded[at + 1], at + 2
    if _INLINE <= form <= _LONGEST_FORM:
        return _read_argument(encoded, at + 1, form)
    raise Malformed("cbor_other_type", byte=at)


def read_unsigned(encoded: bytes, at: int) -> tuple[int, int]:
    """Return an integer from 0 to 2^64 - 1; Malformed and IndexError as of :func:`read_head`."""
    form = encoded[at]
    if form < _INLINE:
        return form, at + 1
    if form == _OF_2_BYTES and encoded[at + 1]:  # days and categories, the commonest by far, without another call
        return encoded[at + 1] << 8 | encoded[at + 2], at + 3
    if form == _INLINE and encoded[at + 1] >= _INLINE:  # likewise
        return encoded[at + 1], at + 2
    return read_head(encoded, at, 0)


def read_integer(encoded: bytes, at: int) -> tuple[int, int]:
    """Return an integer from -2^64 to 2^64 - 1; Malformed and IndexError as of :func:`read_head`."""
    form = encoded[at]
    if form < _FIRST_NEGATIVE:
        return read_unsigned(encoded, at)
    if form == _NEGATIVE_OF_2_BYTES and encoded[at + 1]:  # days of birth before 1970, likewise
        return ~(encoded[at + 1] << 8 | encoded[at + 2]), at + 3
    argument, end = read_head(encoded, at, _FIRST_NEGATIVE)
    return ~argument, end


def read_byte_string(encoded: bytes, at: int) -> tuple[bytes, int]:
    """Return a byte string; Malformed and IndexError as of :func:`read_head`."""
    length, start = read_head(encoded, at, 0x40)
    end = start + length
    if end > len(encoded):
        raise IndexError(end)
    return encoded[start:end], end


def read_text(encoded: bytes, at: int) -> tuple[str, int]:
    """Return a text string; Malformed and IndexError as of :func:`read_head`, UnicodeDecodeError where it is not UTF-8."""
    length, start = read_head(encoded, at, 0x60)
    end = start + length
    if end > len(encoded):
        raise IndexError(end)
    return encoded[start:end].decode(), end
