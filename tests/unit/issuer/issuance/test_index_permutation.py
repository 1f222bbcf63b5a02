"""The keyed permutation of a status list's indexes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socpass_vc.issuer.issuance.index_permutation import permute


@given(entries=st.integers(2, 300), key=st.binary(min_size=32, max_size=32))
def test_every_counter_gives_another_index_below_the_length(entries: int, key: bytes) -> None:
    assert sorted(permute(counter, entries=entries, key=key) for counter in range(entries)) == list(range(entries))


@pytest.mark.parametrize("counter", [-1, 4, 100])
def test_a_counter_beyond_the_length_is_an_error(counter: int) -> None:
    with pytest.raises(ValueError, match="counter"):
        permute(counter, entries=4, key=bytes(32))


def test_another_key_gives_another_order() -> None:
    orders = {tuple(permute(counter, entries=64, key=bytes([number]) * 32) for counter in range(64)) for number in range(20)}
    assert len(orders) == 20


def test_neighbours_in_time_are_not_neighbours_in_the_list() -> None:
    places = [permute(counter, entries=2**20, key=b"k" * 32) for counter in range(2_000)]
    near = sum(abs(a - b) < 100 for a, b in pairwise(places))
    assert near < 10  # 0.4 are expected of chance
