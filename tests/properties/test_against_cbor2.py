"""Our reader of CBOR against another one: cbor2, made strict by hand."""

from io import BytesIO
from typing import Any

import cbor2
from hypothesis import given
from hypothesis import strategies as st

import strategies
from socpass_vc.errors import Malformed
from socpass_vc.format import cbor

MAX_DEPTH = 8
INTEGERS = range(-(2**64), 2**64)


class NotOurs(Exception):
    """What cbor2 read is outside of the format."""


def strictly(encoded: bytes) -> Any:
    """Return what cbor2 reads, if it is of the format's types and its one spelling."""
    stream = BytesIO(encoded)
    decoder = cbor2.CBORDecoder(stream, max_depth=50, allow_indefinite=False, allow_duplicate_keys=False, read_size=1)
    try:
        value = decoder.decode()
    except Exception as error:  # a reader of hostile bytes may fail in any way; ours may not
        raise NotOurs from error
    if written(value, 1) != encoded:
        raise NotOurs
    return value


def written(value: Any, depth: int) -> bytes:
    """Return the deterministic encoding by RFC 8949, section 4.2.1, with the heads of cbor2 and the order made here."""
    if depth > MAX_DEPTH:
        raise NotOurs
    if type(value) is int and value in INTEGERS:
        return cbor2.dumps(value)
    if value is None or type(value) in (bool, str, bytes):
        return cbor2.dumps(value)
    if type(value) is list:
        return _head(0x80, len(value)) + b"".join(written(item, depth + 1) for item in value)
    if type(value) is dict and all(_is_key(key) for key in value):
        pairs = sorted((cbor2.dumps(key), written(item, depth + 1)) for key, item in value.items())
        return _head(0xA0, len(value)) + b"".join(key + item for key, item in pairs)
    raise NotOurs


def _is_key(key: Any) -> bool:
    return type(key) is str or (type(key) is int and key in INTEGERS)


def _head(major: int, count: int) -> bytes:
    head = cbor2.dumps(count)
    return bytes((head[0] | major,)) + head[1:]


def same(ours: Any, theirs: Any) -> bool:
    """Tell whether two values are equal with their types."""
    if type(ours) is not type(theirs):
        return False
    if isinstance(ours, dict):
        return list(map(repr, ours)) == list(map(repr, theirs)) and all(same(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    return bool(ours == theirs)


def agree(encoded: bytes) -> None:
    """Fail if one reader accepts what the other refuses, or reads something else."""
    try:
        theirs = strictly(encoded)
    except NotOurs:
        try:
            ours = cbor.decode(encoded)
        except Malformed:
            return
        raise AssertionError(f"accepted here alone: {encoded.hex()} as {ours!r}") from None
    assert same(cbor.decode(encoded), theirs), encoded.hex()


encodings = strategies.values.map(cbor.encode)


@given(encodings | strategies.mutated(encodings) | strategies.mutated(strategies.mutated(encodings)))
def test_both_readers_accept_the_same_bytes_near_what_is_right(encoded: bytes) -> None:
    agree(encoded)


@given(st.binary(max_size=60))
def test_both_readers_accept_the_same_bytes_anywhere(encoded: bytes) -> None:
    agree(encoded)


foreign: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        strategies.scalars,
        st.floats(),
        st.integers(),
        st.builds(cbor2.CBORTag, st.integers(0, 70000), st.integers(0, 9) | st.binary(max_size=4) | st.text(max_size=4)),
        st.integers(0, 19).map(cbor2.CBORSimpleValue),
        st.just(cbor2.undefined),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.integers() | st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(foreign, st.booleans())
def test_both_readers_agree_on_what_cbor2_writes(value: Any, canonical: bool) -> None:
    agree(cbor2.dumps(value, canonical=canonical))


def test_both_readers_agree_on_all_items_of_up_to_two_bytes() -> None:
    for first in range(256):
        agree(bytes((first,)))
        for second in range(256):
            agree(bytes((first, second)))


def test_both_readers_agree_on_every_beginning_before_a_few_ends() -> None:
    # given a thousand heads of two bytes in front of what makes arrays, maps, strings and long arguments complete
    ends = [bytes(1), bytes(2), bytes(8), b"\x01\x02\x03", b"aa", b"\x80", b"\xff" * 8, b"\x61a\x61b"]
    for first in range(256):
        for second in (0x00, 0x01, 0x17, 0x18, 0x19, 0x1F, 0x20, 0x41, 0x61, 0x80, 0x82, 0xA0, 0xA1, 0xC2, 0xF5, 0xF6, 0xFF):
            for end in ends:
                agree(bytes((first, second)) + end)
