"""Deterministic CBOR both ways (RFC 8949, section 4.2.1), for the few types that specs/credential.md, section 1 allows.

It knows nothing of COSE or of claims. Reading rests on the library cbor2, told to refuse every tag, and on one comparison:
whatever the writer below would not have written is refused. Writing is ours, because no library sorts keys bytewise and the
order is the format.
"""

from __future__ import annotations

from typing import Never, TypeAlias

import cbor2

from socpass_vc.errors import Malformed

# Unions of string annotations only: this runs at each start of the command, and typing machinery costs milliseconds.
Value: TypeAlias = "int | str | bytes | bool | list[Value] | dict[int | str, Value] | None"

MAX_DEPTH = 8
"""Items inside items: what specs/credential.md, section 1 allows."""

_MAX_HEAD = 1 << 64  # one past what the eight bytes of a head can count
_SMALL = tuple(bytes((n,)) for n in range(24))


class _TagRefused(Exception):
    """A signal that never leaves this module."""


def _refuse_tag(*_: object) -> Never:
    raise _TagRefused


# cbor2 turns these tags into dates, bignums, regular expressions, shared references ...: each is overridden by a refusal. Tags
# that it does not know go to tag_hook. A test walks all tag numbers of up to two bytes, so a later cbor2 with another built-in
# tag does not go unnoticed.
_BUILT_IN_TAGS = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799)
_REFUSALS = dict.fromkeys(_BUILT_IN_TAGS, _refuse_tag)


def decode(encoded: bytes) -> Value:
    """Return the value of *encoded*, which must be one deterministic CBOR item without tags.

    Args:
        encoded: the whole item; the caller bounds its size.

    Raises:
        Malformed: it is not CBOR, has trailing bytes, a tag, a float, a wrong order or length form, or nests deeper than 8
            (specs/credential.md, section 1).
    """
    try:
        value: Value = cbor2.loads(
            encoded,
            tag_hook=_refuse_tag,
            semantic_decoders=_REFUSALS,
            allow_indefinite=False,
            allow_duplicate_keys=False,
            max_depth=MAX_DEPTH + 1,
        )
        again = encode(value)
    except (_TagRefused, cbor2.CBORError, ValueError, TypeError, RecursionError, OverflowError, MemoryError) as error:
        raise Malformed(f"not deterministic CBOR: {_reason(error)}") from error
    if again != encoded:
        raise Malformed("not deterministic CBOR: trailing bytes, a longer form than needed, or map keys out of order")
    return value


def _reason(error: BaseException) -> str:
    if isinstance(error, _TagRefused) or isinstance(error.__cause__, _TagRefused):
        return "a tag where none may stand"
    return str(error) or type(error).__name__


def encode(value: Value) -> bytes:
    """Return the one deterministic encoding of *value*.

    Raises:
        TypeError: a type that the format does not have, floats among them.
        ValueError: an integer beyond 64 bits, text that is not Unicode, or nesting deeper than 8.
    """
    return _encode(value, 0)


def _encode(value: Value, depth: int) -> bytes:  # noqa: PLR0911 -- one return a type; a table of functions is slower
    kind = value.__class__
    if kind is int:
        return integer(value)  # type: ignore[arg-type]  # the class was compared, which mypy does not follow
    if kind is str:
        return text(value)  # type: ignore[arg-type]  # likewise
    if kind is bytes:
        return byte_string(value)  # type: ignore[arg-type]  # likewise
    if value is None:
        return b"\xf6"
    if kind is bool:
        return b"\xf5" if value else b"\xf4"
    if depth >= MAX_DEPTH - 1 and value:  # what is inside would be one too deep
        raise ValueError(f"nested deeper than {MAX_DEPTH}")
    if isinstance(value, list | tuple):
        return head(0x80, len(value)) + b"".join([_encode(item, depth + 1) for item in value])
    if isinstance(value, dict):
        pairs = [(_key(key), _encode(item, depth + 1)) for key, item in value.items()]
        pairs.sort()
        return head(0xA0, len(pairs)) + b"".join([key + item for key, item in pairs])
    raise TypeError(f"a {kind.__name__} where none may stand")


def _key(key: int | str) -> bytes:
    if isinstance(key, int) and not isinstance(key, bool):
        return integer(key)
    if isinstance(key, str):
        return text(key)
    raise TypeError(f"a {key.__class__.__name__} as a map key")


# --- The pieces, for callers that know their shape and put it together themselves (twice as fast) ----------------------


def head(major: int, argument: int) -> bytes:
    """Return the shortest head of a data item (RFC 8949, section 3).

    Args:
        major: the major type in the upper three bits: 0x00, 0x20 ... 0xC0.
        argument: 0 to 2^64 - 1.

    Raises:
        ValueError: the argument is out of range.
    """
    if argument < 24:  # noqa: PLR2004 -- RFC 8949, section 3: the argument is in the head itself
        return bytes((major | argument,))
    if argument < 1 << 8:
        return bytes((major | 24, argument))
    if argument < 1 << 16:
        return bytes((major | 25,)) + argument.to_bytes(2, "big")
    if argument < 1 << 32:
        return bytes((major | 26,)) + argument.to_bytes(4, "big")
    if argument < _MAX_HEAD:
        return bytes((major | 27,)) + argument.to_bytes(8, "big")
    raise ValueError("an integer beyond 64 bits")


def integer(number: int) -> bytes:
    """Return the encoding of an integer from -2^64 to 2^64 - 1; ValueError beyond."""
    if number >= 0:
        return _SMALL[number] if number < 24 else head(0, number)  # noqa: PLR2004 -- as in head
    return head(0x20, -1 - number)


def text(string: str) -> bytes:
    """Return the encoding of a text string; ValueError where it holds surrogates."""
    encoded = string.encode()
    return head(0x60, len(encoded)) + encoded


def byte_string(string: bytes) -> bytes:
    """Return the encoding of a byte string."""
    return head(0x40, len(string)) + string
