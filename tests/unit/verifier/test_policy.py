"""What a till may want, and what is no category, no place and no choice."""

from __future__ import annotations

from typing import Any, cast

import pytest

from socpass_vc import OnStale, Policy, read_category


def test_a_policy_wants_a_category_and_a_place() -> None:
    policy = Policy(category=read_category("02-545"), place="museum", on_stale=OnStale.WARN)
    assert (policy.category, policy.place, policy.on_stale) == (2545, "museum", OnStale.WARN)
    assert [Policy(category=category).category for category in (1, 999_999)] == [1, 999_999]


@pytest.mark.parametrize("category", ["02-545", "2545", 2545.0, True, (2545,)])
def test_a_category_that_is_no_number_is_refused_with_what_to_write(category: object) -> None:
    with pytest.raises(TypeError, match=r'read_category\("02-545"\)'):
        Policy(category=cast("Any", category))


@pytest.mark.parametrize("category", [0, -1, 1_000_000])
def test_a_category_that_no_pass_can_have_is_refused(category: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 999999"):
        Policy(category=category)


@pytest.mark.parametrize("place", ["", "Museum", "музей", "art museum", "1st", "a" * 33, "museum\n"])
def test_a_place_that_no_catalogue_can_have_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match='"museum"'):
        Policy(place=place)


def test_a_place_that_is_no_word_is_refused() -> None:
    with pytest.raises(TypeError, match='"museum"'):
        Policy(place=cast("Any", ["museum"]))


@pytest.mark.parametrize("on_stale", ["refuse", "warn", None])
def test_a_choice_by_its_name_is_refused_because_it_would_let_expired_lists_pass(on_stale: object) -> None:
    with pytest.raises(TypeError, match="OnStale"):
        Policy(on_stale=cast("Any", on_stale))
