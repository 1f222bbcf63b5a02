"""Golomb-Rice coded gaps, specs/status-delta.md section 2."""

import random
import time
import tracemalloc
from math import lgamma, log

import pytest

from packed_changes import positions_in
from said import refused
from socpass_vc.errors import Malformed
from socpass_vc.format.status import golomb


def test_the_worked_example_of_the_specification_is_coded() -> None:
    assert golomb.encode([[], [70, 2000], [333]], 4096).hex() == "08d71229a0"
    assert positions_in(bytes.fromhex("08d71229a0"), (0, 2, 1), 4096) == [[], [70, 2000], [333]]


def test_no_positions_take_no_bytes() -> None:
    assert golomb.encode([[], []], 100) == b""
    assert positions_in(b"", (0, 0), 100) == [[], []]


@pytest.mark.parametrize(
    ("count", "span", "low_bits"),
    [
        (1, 1, 0),
        (1, 3, 0),
        (1, 4, 1),
        (1, 5, 1),
        (1, 6, 2),
        (20, 60, 0),
        (21, 64, 1),
        (64, 64, 0),
        (1, 2**25, 24),
        (524, 2**20, 10),
    ],
)
def test_the_parameter_is_the_smallest_whose_low_bits_reach_half_of_the_average_gap(count: int, span: int, low_bits: int) -> None:
    assert golomb.parameter(count, span) == low_bits


def strewn(share: float, span: int) -> list[int]:
    """Return a share of all positions."""
    return sorted(random.Random(span).sample(range(span), round(span * share)))  # noqa: S311 -- no secret


@pytest.mark.parametrize("share", [0.0005, 0.001, 0.01, 0.02, 0.05, 0.1, 0.3])
def test_the_code_of_strewn_positions_has_less_than_1_02_times_their_entropy(share: float) -> None:
    # given
    span = 2**20
    positions = strewn(share, span)
    count = len(positions)
    entropy_bits = (lgamma(span + 1) - lgamma(count + 1) - lgamma(span - count + 1)) / log(2)

    # when
    coded = golomb.encode([positions], span)

    # then
    assert positions_in(coded, [count], span) == [positions]
    assert 8 * len(coded) < 1.02 * entropy_bits


def test_positions_with_gaps_above_every_table_are_coded_and_read_again() -> None:
    sets = [[0, 2**24, 2**25 - 1], [2**25 - 1]]
    assert positions_in(golomb.encode(sets, 2**25), (3, 1), 2**25) == sets


def test_positions_on_a_heap_make_no_long_code() -> None:
    # given positions that are not strewn: the parameter is the wrong one for them, and the unary part is bounded all the same
    span = 2**20
    positions = [*range(1000), *range(span - 1000, span)]

    # when
    coded = golomb.encode([positions], span)

    # then
    assert positions_in(coded, [2000], span) == [positions]
    assert 8 * len(coded) <= 2000 * (golomb.parameter(2000, span) + 1) + (span >> golomb.parameter(2000, span))


@pytest.mark.parametrize(
    ("coded", "counts", "span"),
    [
        (b"", (1,), 8),
        (b"\xff", (1,), 8),
        (b"\x00", (0,), 8),
        (b"\x00\x00", (1,), 8),
        (b"\x01", (1,), 3),
        (b"\xf8", (1,), 3),
        (b"\x00", (9,), 100),
        (b"\x00", (1,), 2**25),
    ],
    ids=["nothing", "ones", "code for nothing", "a byte more", "ones to fill", "beyond the span", "too many", "low bits cut off"],
)
def test_what_no_writer_writes_is_malformed(coded: bytes, counts: tuple[int, ...], span: int) -> None:
    with pytest.raises(Malformed):
        positions_in(coded, counts, span)


def test_a_count_of_millions_in_a_few_bytes_costs_nothing() -> None:
    # given
    tracemalloc.start()
    before = time.process_time()

    # when
    with refused(Malformed, "gaps_cut_off"):
        positions_in(bytes(8), (2**25,), 2**25)

    # then
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - before < 0.5  # of processor time
    assert most < 2**20


@pytest.mark.parametrize(
    "sets",
    [
        [[2**25 - 1], []],
        [list(range(0, 2**18, 3)), [5, 2**25 - 2]],
        [[*range(2**16), *range(2**25 - 2**16, 2**25)]],
        [list(range(2**15 + 1))],
    ],
    ids=["one gap", "low bits", "a run of ones through many windows", "one more than are yielded at once"],
)
def test_a_code_is_read_window_by_window_whatever_lies_across_their_borders(sets: list[list[int]]) -> None:
    coded = golomb.encode(sets, 2**25)
    assert positions_in(coded, list(map(len, sets)), 2**25) == sets
    with refused(Malformed, "gaps_followed_by_more"):
        positions_in(coded + b"\0", list(map(len, sets)), 2**25)
    with refused(Malformed, "gaps_cut_off"):
        positions_in(coded[:-1], list(map(len, sets)), 2**25)


def test_ones_without_end_are_malformed_in_little_memory() -> None:
    # given
    coded = b"\xff" * 2**20
    tracemalloc.start()

    # when
    with refused(Malformed, "gaps_cut_off"):
        positions_in(coded, [2**20], 2**21)

    # then
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2**20
