"""CBOR values as JSON, without loss, for two processes that may share no CBOR library; standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "int | str | bool | list[Json] | dict[str, Json] | None"


def to_json(value: object) -> Json:
    """Return a CBOR value with byte strings as {"bytes": hex} and maps as {"map": [[key, value], ...]}, in their order.

    Raises:
        TypeError: it holds something else, such as a tag or a float.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {"map": [[to_json(key), to_json(item)] for key, item in value.items()]}
    raise TypeError(f"a {type(value).__name__} has no notation here")


def from_json(written: Json) -> object:
    """Return the value that :func:`to_json` wrote."""
    match written:
        case {"bytes": str(digits)}:
            return bytes.fromhex(digits)
        case {"map": list(pairs)}:
            return dict(map(_pair, pairs))
        case list(items):
            return [from_json(item) for item in items]
        case _:
            return written


def _pair(pair: Json) -> tuple[object, object]:
    match pair:
        case [key, item]:
            return from_json(key), from_json(item)
        case _:
            raise ValueError(f"not a pair: {pair!r}")
