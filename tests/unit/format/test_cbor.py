"""Deterministic CBOR, specs/credential.md section 1."""

import tracemalloc

import pytest

from said import refused
from socpass_vc.errors import Malformed
from socpass_vc.format import cbor
from socpass_vc.format.cbor import Value

WRITTEN: list[tuple[Value, str]] = [
    (0, "00"),
    (23, "17"),
    (24, "1818"),
    (255, "18ff"),
    (256, "190100"),
    (65535, "19ffff"),
    (65536, "1a00010000"),
    (2**32 - 1, "1affffffff"),
    (2**32, "1b0000000100000000"),
    (2**64 - 1, "1bffffffffffffffff"),
    (-1, "20"),
    (-24, "37"),
    (-25, "3818"),
    (-(2**64), "3bffffffffffffffff"),
    (b"", "40"),
    (b"\x01\x02", "420102"),
    ("", "60"),
    ("Ю", "62d0ae"),
    ([], "80"),
    ([1, [2, 3]], "8201820203"),
    ({}, "a0"),
    ({1: 2, -1: "a", "b": None}, "a301022061616162f6"),
    (False, "f4"),
    (True, "f5"),
    (None, "f6"),
]


@pytest.mark.parametrize(("value", "encoded"), WRITTEN, ids=[encoded for _, encoded in WRITTEN])
def test_a_value_has_one_encoding_and_is_read_back_with_its_type(value: Value, encoded: str) -> None:
    # when
    read = cbor.decode(bytes.fromhex(encoded))

    # then
    assert cbor.encode(value).hex() == encoded
    assert read == value
    assert type(read) is type(value)


def test_map_keys_stand_in_the_bytewise_order_of_their_encodings_not_in_the_order_of_their_lengths() -> None:
    # given keys whose two orders differ: 1a00010000 (five bytes) sorts before 20 (one byte), which is shorter
    value: Value = {"": 5, -1: 4, 65536: 3, 24: 2, 0: 1}

    # when
    encoded = cbor.encode(value)

    # then
    assert encoded.hex() == "a50001181802" + "1a0001000003" + "2004" + "6005"


REFUSED = {
    "nothing at all": "",
    "an integer cut off in its head": "18",
    "an integer cut off in its argument": "1900",
    "a long integer cut off in its argument": "1a000100",
    "bytes cut off": "4201",
    "text cut off": "6261",
    "an array cut off": "8201",
    "a map cut off after a key": "a101",
    "a map cut off before a key": "a1",
    "a trailing byte": "0000",
    "0 in two bytes": "1800",
    "23 in two bytes": "1817",
    "255 in three bytes": "1900ff",
    "65535 in five bytes": "1a0000ffff",
    "2^32 - 1 in nine bytes": "1b00000000ffffffff",
    "-1 in two bytes": "3800",
    "a length in two bytes that fits into one": "580100",
    "a reserved length, 28": "1c00",
    "a reserved length, 29": "1d00",
    "a reserved length, 30": "1e00",
    "bytes of indefinite length": "5f4101ff",
    "text of indefinite length": "7f6161ff",
    "an array of indefinite length": "9f01ff",
    "a map of indefinite length": "bf0102ff",
    "a break alone": "ff",
    "a key twice": "a201020103",
    "keys out of order": "a202000100",
    "keys in the order of RFC 7049": "a220041a0001000003",
    "bytes as a key": "a1410000",
    "a map as a key": "a1a000",
    "true as a key": "a1f500",
    "null as a key": "a1f600",
    "text that is not UTF-8": "61ff",
    "a surrogate in UTF-8": "63eda080",
    "undefined": "f7",
    "a simple value": "f0",
    "a simple value in two bytes": "f8ff",
    "true in two bytes": "f815",
    "a half float": "f93c00",
    "a single float": "fa3f800000",
    "a double float": "fb3ff0000000000000",
    "a bignum": "c24101",
    "a tag inside": "81c100",
    "an array that claims 2^64 - 1 items": "9bffffffffffffffff",
    "a map that claims 2^64 - 1 entries": "bbffffffffffffffff",
    "bytes that claim 2^63": "5b800000000000000000",
}


@pytest.mark.parametrize("encoded", REFUSED.values(), ids=REFUSED.keys())
def test_what_no_deterministic_writer_writes_is_malformed(encoded: str) -> None:
    with pytest.raises(Malformed):
        cbor.decode(bytes.fromhex(encoded))


@pytest.mark.parametrize("kind", ["81", "a100"], ids=["arrays", "maps"])
def test_an_item_eight_deep_is_read_and_one_nine_deep_is_not(kind: str) -> None:
    # given
    shell = bytes.fromhex(kind)

    # then
    assert cbor.encode(cbor.decode(shell * 7 + b"\x00")) == shell * 7 + b"\x00"
    with refused(Malformed, "cbor_too_deep", deepest=8):
        cbor.decode(shell * 8 + b"\x00")


def test_an_empty_array_or_map_may_be_the_item_at_depth_eight() -> None:
    # given
    for empty in (b"\x80", b"\xa0"):
        encoded = b"\x81" * 7 + empty

        # then
        assert cbor.encode(cbor.decode(encoded)) == encoded


def test_nesting_of_a_million_arrays_is_refused_without_running_out_of_stack() -> None:
    with refused(Malformed, "cbor_too_deep", deepest=8):
        cbor.decode(b"\x81" * 1_000_000, items=1_000_000)


@pytest.mark.parametrize(
    ("item", "count"),
    [("00", 1), ("1818", 1), ("390100", 1), ("40", 1), ("6161", 1), ("f6", 1), ("80", 1), ("a0", 1), ("8100", 2), ("a100a0", 3)],
)
def test_items_are_counted_by_their_heads_whatever_they_hold(item: str, count: int) -> None:
    # given
    most = 12_000
    encoded = cbor.head(0x80, (most - 1) // count) + bytes.fromhex(item) * ((most - 1) // count)
    counted = 1 + (most - 1) // count * count

    # then
    assert cbor.encode(cbor.decode(encoded, items=counted)) == encoded
    if len(encoded) > counted:
        with refused(Malformed, "cbor_too_many_items", most=counted - 1):
            cbor.decode(encoded, items=counted - 1)


def test_what_is_as_small_as_a_pass_may_have_an_item_in_each_byte() -> None:
    most = cbor.head(0x80, 4_093) + bytes(4_093)
    assert len(most) == 4_096
    assert cbor.encode(cbor.decode(most)) == most
    assert len(str(cbor.decode(cbor.head(0x80, 4_095) + bytes(4_095)))) == 3 * 4_095
    with refused(Malformed, "cbor_too_many_items", most=4_096):
        cbor.decode(cbor.head(0x80, 4_096) + bytes(4_096))


@pytest.mark.parametrize(
    "encoded",
    [
        b"\x9a\x00\x80\x00\x00" + bytes(2**23),
        b"\x81\xa1\x00\xa0" * 2**21,
        b"\xa1\x00\xa0" * 2**21,
        b"\x40" * 2**23,
        b"\x62\xd0\xb0" * 2**21,
        b"\x82\x82" * 2**21,
        b"\xbb" + b"\xff" * 2**22,
    ],
    ids=["numbers", "shells", "maps", "bytes", "text", "arrays", "a map of 2^64 - 1"],
)
def test_megabytes_of_items_are_refused_before_one_is_built(encoded: bytes) -> None:
    # given
    tracemalloc.start()

    # when
    with pytest.raises(Malformed):
        cbor.decode(encoded)

    # then
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**16


def test_every_tag_number_of_up_to_two_bytes_is_refused_at_the_beginning_and_inside() -> None:
    for number in range(65536):
        tag = cbor.head(0xC0, number)
        for around in (tag + b"\x80", b"\x81" + tag + b"\x80", b"\xa1" + tag + b"\x00\x00"):
            with pytest.raises(Malformed):
                cbor.decode(around)


@pytest.mark.parametrize("value", [1.0, (1, {2}), {1.0: 2}, {True: 2}, {None: 2}, ...], ids=repr)
def test_a_type_that_the_format_does_not_have_is_a_type_error_of_the_writer(value: Value) -> None:
    with pytest.raises(TypeError, match=r"where none may stand|as a map key"):
        cbor.encode(value)


@pytest.mark.parametrize("number", [2**64, -(2**64) - 1])
def test_an_integer_beyond_64_bits_cannot_be_written(number: int) -> None:
    with pytest.raises(ValueError, match="beyond 64 bits"):
        cbor.encode(number)


def test_nesting_deeper_than_eight_cannot_be_written() -> None:
    # given
    value: Value = 0
    for _ in range(7):
        value = [value]

    # then
    assert cbor.decode(cbor.encode(value)) == value
    with pytest.raises(ValueError, match="deeper than 8"):
        cbor.encode([value])


def test_text_with_a_surrogate_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        cbor.encode("\ud800")
