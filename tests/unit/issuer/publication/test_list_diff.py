"""What changed between two publications, and what has no delta."""

import random

import world
from packed_changes import unpacked
from said import refused
from socpass_vc.errors import ClaimsError
from socpass_vc.format.status.status_list import Status, StatusList, pack
from socpass_vc.issuer.publication.list_diff import compare

LATER = world.ISSUED_AT + world.DAY


def test_every_change_is_found_in_long_lists_with_few() -> None:
    # given
    draw = random.Random(7)  # noqa: S311 -- no secret
    entries = 2**16
    old = {index: draw.choice([Status.INVALID, Status.SUSPENDED]) for index in draw.sample(range(entries), 500)}
    new = {index: draw.choice(list(Status)) for index in draw.sample(range(entries), 60)}
    after = {index: value for index, value in (old | new).items() if value}
    lists = [
        {number: listed(number, old if number else {}, entries, later=False) for number in range(2)},
        {number: listed(number, after if number else new, entries, later=True) for number in range(2)},
    ]

    # when
    changes = compare(world.STATUS_BASE, *lists).changes()

    # then
    assert unpacked(changes[0]) == {index: value for index, value in new.items() if value}
    assert unpacked(changes[1]) == {index: value for index, value in new.items() if value != old.get(index, 0)}


def listed(number: int, values: dict[int, Status], entries: int, *, later: bool) -> StatusList:
    """Return a list with a number."""
    raw = pack({index: value for index, value in values.items() if value}, entries=entries)
    return world.status_list(uri=f"{world.STATUS_BASE}{number}", issued_at=LATER if later else world.ISSUED_AT, raw=raw)


def test_what_no_delta_can_say_is_refused() -> None:
    # given
    old, new = world.status_list(), world.status_list(issued_at=LATER)
    other_time = world.status_list(issued_at=LATER + world.DAY)

    # then
    with refused(ClaimsError, "lists_of_different_times"):
        compare(world.STATUS_BASE, {}, {0: new, 1: other_time})
    with refused(ClaimsError, "lists_of_different_times"):
        compare(world.STATUS_BASE, {0: old, 1: new}, {0: other_time, 1: other_time})
    with refused(ClaimsError, "list_length_changed"):
        compare(world.STATUS_BASE, {0: old}, {0: world.status_list(issued_at=LATER, raw=bytes(4))})
    with refused(ClaimsError, "value_not_in_a_delta", value=3):
        compare(world.STATUS_BASE, {0: old}, {0: world.status_list(issued_at=LATER, raw=b"\xc0" + bytes(world.ENTRIES // 4 - 1))})
    with refused(ClaimsError, "list_bits_not_in_a_delta", bits=8):
        compare(world.STATUS_BASE, {}, {0: world.status_list(bits=8, raw=bytes(8))})
