"""An agency's own database needs a secret and a counter to allocate indexes: no index twice, no order to be seen."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.issuer.issuance.index_sequence import SECRET_BYTES, IndexSequence

SECRET = bytes(range(SECRET_BYTES))
KNOWN = (588_281, 365_197, 543_637)
"""Indexes of the counters 0, 1 and 2^20."""


def test_no_index_is_given_twice_and_every_index_is_given_once() -> None:
    given_out = list(IndexSequence(SECRET, entries=64).references(0, 3 * 64))
    assert len(set(given_out)) == 3 * 64
    assert {reference.list_number for reference in given_out} == {0, 1, 2}
    for number in range(3):
        assert {found.index for found in given_out if found.list_number == number} == set(range(64))


@given(first=st.integers(0, 500), count=st.integers(0, 300), cut=st.integers(0, 300))
def test_counters_asked_for_in_any_portions_have_the_same_references(first: int, count: int, cut: int) -> None:
    sequence = IndexSequence(SECRET, entries=96)
    cut = min(cut, count)
    whole = list(sequence.references(first, count))
    assert whole == [*sequence.references(first, cut), *sequence.references(first + cut, count - cut)]
    assert whole == [sequence.reference(counter) for counter in range(first, first + count)]


def test_the_order_of_issuing_is_not_the_order_of_indexes_and_lists_differ() -> None:
    sequence = IndexSequence(SECRET)
    first, second = ([found.index for found in sequence.references(start, 100)] for start in (0, sequence.entries))
    assert first != sorted(first)
    assert first != second


def test_another_secret_gives_other_indexes_and_the_same_one_the_same_for_ever() -> None:
    other = bytes(SECRET_BYTES)
    assert list(IndexSequence(SECRET).references(0, 50)) != list(IndexSequence(other).references(0, 50))
    # the right values of today: a change of the derivation would give passes in the field other people's entries
    assert [IndexSequence(SECRET).reference(counter) for counter in (0, 1, 1_048_576)] == [
        StatusReference(list_number=0, index=KNOWN[0]),
        StatusReference(list_number=0, index=KNOWN[1]),
        StatusReference(list_number=1, index=KNOWN[2]),
    ]


@pytest.mark.parametrize(("secret", "entries"), [(bytes(31), 64), (bytes(33), 64), (SECRET, 0), (SECRET, 12), (SECRET, 1 << 26)])
def test_a_secret_or_a_length_that_cannot_be_is_refused(secret: bytes, entries: int) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        IndexSequence(secret, entries=entries)


def test_a_negative_counter_is_refused() -> None:
    with pytest.raises(ValueError, match="-1"):
        IndexSequence(SECRET).reference(-1)


def test_no_database_is_imported() -> None:
    program = "import sys, socpass_vc.issuer.issuance.index_sequence; sys.exit('sqlalchemy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
