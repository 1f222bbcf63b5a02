"""The text in a QR code, specs/credential.md section 5."""

import random

import pytest

from said import refused
from socpass_vc.errors import Incomplete, Misread, NotAPass
from socpass_vc.format import armor

FRAME = b"\x01" + bytes(range(64))


def digits_of(frame: bytes) -> str:
    """Return what the specification says, written down once more."""
    number = int.from_bytes(frame, "big") * 100
    return str(number + (98 - number % 97))


def test_the_text_is_the_prefix_the_frame_as_a_number_and_two_check_digits() -> None:
    # when
    text = armor.write_armor(FRAME)

    # then
    assert text == "SOCPASS:" + digits_of(FRAME)
    assert int(text.removeprefix("SOCPASS:")) % 97 == 1
    assert armor.read_armor(text) == FRAME


@pytest.mark.parametrize("size", [64, 1659, 1660, 1661, 3320, 3321, 3322, 4096])
def test_long_frames_are_written_and_read_in_blocks_without_a_seam(size: int) -> None:
    # given sizes around 4,000 and 8,000 digits, where Python's own conversion stops at 4,300, and bytes that make blocks of zeros
    for frame in (b"\x01" + bytes(size), b"\x01" + b"\xff" * size, b"\x01" + random.Random(size).randbytes(size)):  # noqa: S311 -- no secret
        # when
        text = armor.write_armor(frame)

        # then
        assert armor.read_armor(text) == frame
        assert text.removeprefix("SOCPASS:")[0] != "0"


@pytest.mark.parametrize(
    "text",
    [
        "HTTPS://PASS.EXAMPLE.RU/P#{}",
        "ЫЩСЗФЫЫЖ{}",
        "  {}\r\n",
        "2026-01-01 12:00 {} the end",
        "{}٣",
        "{}",
    ],
)
def test_whatever_stands_around_the_last_run_of_digits_is_ignored(text: str) -> None:
    assert armor.read_armor(text.format(digits_of(FRAME))) == FRAME


@pytest.mark.parametrize(
    "text",
    ["", "SOCPASS:", "SOCPASS:1", "٣" * 200, "1" * 156, "9" * 157 + "X1", "X" * 12_001],
    ids=["empty", "no digits", "one digit", "Arabic digits", "156 digits", "the last run is short", "too long"],
)
def test_a_text_without_a_run_that_holds_a_signature_is_not_a_pass(text: str) -> None:
    with pytest.raises(NotAPass):
        armor.read_armor(text)


def test_a_text_of_12000_characters_is_read_and_one_more_is_not() -> None:
    # given
    digits = digits_of(FRAME)

    # then
    assert armor.read_armor(digits.rjust(12_000, "X")) == FRAME
    with refused(NotAPass, "code_text_too_long", longest=12_000):
        armor.read_armor(digits.rjust(12_001, "X"))


def test_runs_of_exactly_4000_and_8000_digits_are_read() -> None:
    for size in (1660, 3321):
        # given
        frame = b"\x01" + bytes(size)
        text = armor.write_armor(frame, prefix="")

        # then
        assert len(text) in (4000, 8000)
        assert armor.read_armor(text) == frame


def test_the_smallest_frame_with_a_signature_has_157_digits() -> None:
    assert len(digits_of(b"\x01" + bytes(64))) == 157


def test_every_single_wrong_digit_is_misread() -> None:
    # given
    digits = digits_of(FRAME)

    # then
    for at, digit in enumerate(digits):
        for wrong in "0123456789".replace(digit, ""):
            with pytest.raises(Misread):
                armor.read_armor(digits[:at] + wrong + digits[at + 1 :])


def test_every_swap_of_neighbours_is_misread() -> None:
    # given
    digits = digits_of(FRAME)

    # then
    for at in range(len(digits) - 1):
        if digits[at] != digits[at + 1]:
            with pytest.raises(Misread):
                armor.read_armor(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :])


def test_a_run_that_starts_with_zero_is_misread() -> None:
    with pytest.raises(Misread):
        armor.read_armor("0" + digits_of(FRAME))


def test_a_pass_has_one_pair_of_check_digits() -> None:
    # given that 00, 01 and 99 leave the same remainder as 97, 98 and 02 (ISO 7064, MOD 97-10)
    twins = {"97": "00", "98": "01", "02": "99"}
    frames = [bytes((1, first, second)) + bytes(62) for first in range(256) for second in range(4)]
    digits = {text[-2:]: text for text in map(digits_of, frames)}

    # then
    for written, twin in twins.items():
        with pytest.raises(Misread):
            armor.read_armor(digits[written][:-2] + twin)


@pytest.mark.parametrize("kind", [0x05, 0x10, 0xFF])
def test_another_frame_byte_is_misread(kind: int) -> None:
    with refused(Misread, "check_digits_by_chance"):
        armor.read_armor(digits_of(bytes((kind,)) + bytes(64)))


@pytest.mark.parametrize(
    ("kind", "head", "longest"),
    [(1, b"", 4096), (3, b"", 4608), (2, bytes((0, 2)) + bytes(8), 4096)],
    ids=["token", "presentation", "part"],
)
def test_more_bytes_than_the_limits_allow_are_misread(kind: int, head: bytes, longest: int) -> None:
    # given
    frame = bytes((kind,)) + head + bytes(longest)

    # then
    assert armor.read_armor(digits_of_long(frame)) == frame
    with pytest.raises(Misread):
        armor.read_armor(digits_of_long(frame + b"\x00"))


def digits_of_long(frame: bytes) -> str:
    return armor.write_armor(frame, prefix="")


@pytest.mark.parametrize(
    ("index", "count", "size"),
    [(0, 0, 64), (0, 1, 64), (1, 1, 64), (2, 2, 64), (255, 255, 64), (0, 2, 63), (0, 2, 54)],
    ids=["no parts", "one part", "beyond one", "beyond two", "beyond 255", "63 bytes", "shortest number"],
)
def test_a_part_with_an_impossible_head_or_a_short_share_is_misread(index: int, count: int, size: int) -> None:
    with pytest.raises(Misread):
        armor.read_armor(digits_of(bytes((2, index, count)) + bytes(8) + bytes(size)))


# --- Parts --------------------------------------------------------------------------------------------------


LONG = b"\x01" + random.Random(5).randbytes(999)  # noqa: S311 -- no secret


def test_a_frame_splits_into_parts_of_almost_equal_length_the_longer_first_and_joins_again_in_any_order() -> None:
    # when
    frames = [armor.read_armor(armor.write_armor(part)) for part in armor.split_frame(LONG, count=7)]
    parts = [armor.read_part(frame) for frame in frames]

    # then
    assert [len(part.share) for part in parts] == [143] * 6 + [142]
    assert [(part.index, part.count) for part in parts] == [(index, 7) for index in range(7)]
    assert armor.join_parts((*reversed(parts), parts[3])) == LONG


def test_a_part_alone_is_incomplete_and_says_which_it_is() -> None:
    # given
    part = armor.split_frame(LONG, count=3)[1]

    # then
    with refused(Incomplete, "one_of_several_codes", index=2, count=3):
        armor.whole(part)


def test_a_whole_frame_is_whole() -> None:
    assert armor.whole(LONG) == LONG


@pytest.mark.parametrize("count", [-1, 0, 1, 16, 256])
def test_a_frame_cannot_be_split_into_too_many_or_too_few_parts(count: int) -> None:
    with pytest.raises(ValueError, match=f"into {count} parts"):
        armor.split_frame(LONG, count=count)


def test_missing_parts_are_named() -> None:
    # given
    parts = tuple(armor.read_part(frame) for frame in armor.split_frame(LONG, count=4))

    # then
    with refused(Incomplete, "parts_missing", missing=[2, 4], count=4):
        armor.join_parts((parts[0], parts[2]))


def test_parts_of_two_passes_do_not_join() -> None:
    # given
    first = armor.read_part(armor.split_frame(LONG, count=2)[0])
    second = armor.read_part(armor.split_frame(LONG + b"\x00", count=2)[1])

    # then
    with refused(Incomplete, "parts_of_different_passes"):
        armor.join_parts((first, second))


def test_no_parts_at_all_are_incomplete() -> None:
    with pytest.raises(Incomplete):
        armor.join_parts(())


def test_parts_that_do_not_make_the_whole_that_they_name_are_misread() -> None:
    # given
    first, second = (armor.read_part(frame) for frame in armor.split_frame(LONG, count=2))
    wrong = armor.Part(index=1, count=2, digest=second.digest, share=bytes(len(second.share)))

    # then
    with refused(Misread, "parts_do_not_fit"):
        armor.join_parts((first, wrong))


def test_parts_that_make_more_than_the_largest_frame_are_misread() -> None:
    # given
    parts = tuple(armor.read_part(frame) for frame in armor.split_frame(b"\x03" + bytes(4609), count=2))

    # then
    with pytest.raises(Misread):
        armor.join_parts(parts)
