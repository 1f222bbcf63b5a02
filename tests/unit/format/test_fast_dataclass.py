"""Frozen records made by their slots: the same records, by the same rules."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from socpass_vc.format.fast_dataclass import maker


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A record with a rule and a default."""

    first: int
    last: int = 10

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("ends before it begins")


make_span = maker(Span)


@pytest.mark.parametrize("fields", [{"first": 1, "last": 2}, {"first": 1}])
def test_what_is_made_is_the_record_that_its_class_makes(fields: dict[str, int]) -> None:
    # when
    made = make_span(**fields)

    # then
    assert type(made) is Span
    assert made == Span(**fields)
    assert hash(made) == hash(Span(**fields))


def test_what_the_record_forbids_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        make_span(first=11)


@pytest.mark.parametrize("fields", [{}, {"last": 2}, {"first": 1, "middle": 2}])
def test_a_field_that_is_missing_or_unknown_is_a_mistake_of_the_caller(fields: dict[str, int]) -> None:
    with pytest.raises(TypeError):
        make_span(**fields)


def test_what_is_made_is_frozen() -> None:
    # given
    made = make_span(first=1)

    # then
    with pytest.raises(FrozenInstanceError):
        made.first = 2  # type: ignore[misc]  # the point of the case
