"""Status deltas, specs/status-delta.md: their content, signing, reading and applying."""

import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

import world
from packed_changes import packed, unpacked
from said import refused
from socpass_vc.errors import BaseMissing, ClaimsError, Malformed
from socpass_vc.format import cbor, cose
from socpass_vc.format.status import golomb
from socpass_vc.format.status.list_change import digest, widened
from socpass_vc.format.status.status_delta import (
    MAX_CODED_BYTES,
    MAX_TOKEN_BYTES,
    TYP,
    StatusDelta,
    read_delta,
    sign_delta,
)
from socpass_vc.format.status.status_list import MAX_ENTRIES, Status, StatusList, pack
from socpass_vc.issuer.publication.list_diff import compare

LATER = world.ISSUED_AT + world.DAY


def made(changes: Mapping[int, Status] | None = None, **settings: Any) -> StatusDelta:
    """Return the delta of a day for the agency's first list, in which 5 was suspended and 9 revoked."""
    old = world.status_list({5: Status.SUSPENDED, 9: Status.INVALID})
    values = {5: Status.SUSPENDED, 9: Status.INVALID} | dict(changes or {})
    new = world.status_list({index: value for index, value in values.items() if value}, issued_at=LATER)
    return replace(compare(world.STATUS_BASE, {0: old}, {0: new}), **settings)


def test_a_delta_is_signed_and_read_again() -> None:
    # given
    delta = made({5: Status.VALID, 70: Status.INVALID, 4095: Status.SUSPENDED})

    # when
    unverified = read_delta(sign_delta(delta, world.key("status")))

    # then
    assert unverified.content == delta
    assert delta.counts == (1, 1, 1)
    assert {number: unpacked(of) for number, of in delta.changes().items()} == {0: {5: 0, 70: 1, 4095: 2}}
    unverified.signed.check(world.key("status").public_key)


def test_a_delta_makes_the_new_list_of_the_old_one_whatever_width_both_were_published_at() -> None:
    # given
    values = {9: Status.INVALID}
    narrow = world.status_list(bits=1, raw=pack(values, entries=world.ENTRIES, bits=1))
    wide = world.status_list(values)
    new = world.status_list(values | {5: Status.SUSPENDED}, issued_at=LATER)
    delta = compare(world.STATUS_BASE, {0: narrow}, {0: new})

    # then
    for base in (narrow, wide):
        assert delta.apply(delta.lists[0], base, delta.changes()[0]) == new
    assert compare(world.STATUS_BASE, {0: wide}, {0: new}) == delta


def test_without_a_base_the_delta_is_the_whole_list() -> None:
    # given
    new = world.status_list({9: Status.INVALID, 5: Status.SUSPENDED})
    full = compare(world.STATUS_BASE, {}, {0: new})

    # then
    assert (full.base_issued_at, full.lists[0].base_digest) == (None, None)
    assert full.apply(full.lists[0], None, full.changes()[0]) == new


def test_a_list_that_was_opened_since_begins_with_zeros() -> None:
    # given
    first, later = world.status_list({1: Status.INVALID}), world.status_list({1: Status.INVALID}, issued_at=LATER)
    opened = world.status_list({3: Status.INVALID}, uri=f"{world.STATUS_BASE}1", issued_at=LATER)

    # when
    delta = compare(world.STATUS_BASE, {0: first}, {0: later, 1: opened})

    # then
    changes = delta.changes()
    assert {number: unpacked(of) for number, of in changes.items()} == {0: {}, 1: {3: 1}}
    assert delta.apply(delta.lists[0], first, changes[0]) == later
    assert delta.apply(delta.lists[1], None, changes[1]) == opened


@pytest.mark.parametrize(
    "base",
    [
        None,
        world.status_list({5: Status.SUSPENDED}),
        world.status_list({5: Status.SUSPENDED, 9: Status.INVALID}, issued_at=world.ISSUED_AT + timedelta(seconds=1)),
        world.status_list(bits=4, raw=bytes(world.ENTRIES // 2)),
    ],
    ids=["none", "other entries", "another time", "four bits"],
)
def test_another_base_than_the_one_it_was_made_from_asks_for_the_full_list(base: StatusList | None) -> None:
    delta = made({70: Status.INVALID})
    with refused(BaseMissing, "no_list_for_delta" if base is None else "other_list_for_delta"):
        delta.apply(delta.lists[0], base, delta.changes()[0])


def test_a_result_that_was_not_signed_is_never_returned() -> None:
    # given
    old = world.status_list({5: Status.SUSPENDED, 9: Status.INVALID})
    delta = made({70: Status.INVALID})

    # then
    with refused(Malformed, "delta_list_differs"):
        delta.apply(delta.lists[0], old, packed({71: 1}, world.ENTRIES))
    with refused(Malformed, "delta_changes_nothing", index=9, value=1):
        delta.apply(delta.lists[0], old, packed({9: 1}, world.ENTRIES))
    with refused(Malformed, "delta_list_differs"):
        delta.state(delta.lists[0], bytes(4))


def test_one_bit_becomes_two_entry_by_entry() -> None:
    # given
    narrow = world.status_list(bits=1, raw=bytes((0b1000_0110, 0b0000_0001)))
    wide = widened(narrow)

    # then
    assert wide is not None
    listed = world.status_list(raw=wide)
    assert [listed[index] for index in range(16)] == [narrow[index] for index in range(16)]
    assert widened(listed) == wide
    assert digest(wide) == digest(wide[:])
    assert digest(b"") == sha256(b"").digest()


GOOD = made({70: Status.INVALID})
ENTRY = GOOD.lists[0]

SECOND_URI = f"{world.STATUS_BASE}1"
LISTED = {
    0: world.status_list({9: Status.INVALID, 5: Status.SUSPENDED}),
    1: world.status_list({7: Status.INVALID}, uri=SECOND_URI),
}
FULL = compare(world.STATUS_BASE, {}, LISTED)


def digests(of: StatusDelta) -> bytes:
    """Return the digests of a delta's lists, one behind the other."""
    return b"".join(entry.digest or b"" for entry in of.lists)


def test_a_full_form_has_one_digest_for_its_lists_and_each_its_own_once_all_were_made() -> None:
    # when
    found = read_delta(sign_delta(FULL, world.key("status"))).content

    # then
    assert [entry.digest for entry in found.lists] == [None, None]
    opened = found.opened(found.changes())
    assert opened == FULL
    assert found.with_digests(digests(FULL)) == FULL
    assert {entry.number: opened.apply(entry, None, opened.changes()[entry.number]) for entry in opened.lists} == LISTED


def test_a_list_of_a_full_form_is_not_believed_before_all_were_made() -> None:
    # given
    found = read_delta(sign_delta(FULL, world.key("status"))).content

    # then
    with refused(Malformed, "delta_list_differs"):
        found.apply(found.lists[0], None, found.changes()[0])


def test_other_lists_than_those_of_a_full_form_are_refused_whatever_each_of_them_is() -> None:
    # given
    found = read_delta(sign_delta(FULL, world.key("status"))).content
    first, second = digests(FULL)[:32], digests(FULL)[32:]

    # then
    for wrong in (b"", first, first + first, second + first, first + second + second, first + second[:-1] + b"\0"):
        with refused(Malformed, "delta_lists_differ"):
            found.with_digests(wrong)
    with refused(Malformed, "delta_lists_differ"):
        found.opened({0: found.changes()[0], 1: packed({8: 1}, world.ENTRIES)})
    with refused(Malformed, "delta_changes_nothing", index=1, value=0):
        found.opened({0: packed({1: 0}, world.ENTRIES), 1: found.changes()[1]})


def test_a_digest_over_more_or_fewer_lists_than_there_are_is_of_no_lists() -> None:
    for wrong in (digests(FULL)[:32], digests(FULL) + bytes(32), digests(FULL) + b"\0"):
        found = replace(read_delta(sign_delta(FULL, world.key("status"))).content, combined=digest(wrong))
        with refused(Malformed, "delta_lists_differ"):
            found.with_digests(wrong)


def test_a_delta_with_a_base_needs_no_opening_and_takes_no_digests() -> None:
    assert GOOD.opened({}) is GOOD
    with refused(Malformed, "delta_lists_differ"):
        GOOD.with_digests(digests(GOOD))


def test_a_full_form_contradicts_itself_without_its_digest_and_with_others_beside_it() -> None:
    for changes in (
        {"combined": None},
        {"combined": digest(b"")},
        {"lists": tuple(entry._replace(digest=bytes(32)) for entry in FULL.lists)},
        {"lists": FULL.lists[::-1]},
    ):
        with pytest.raises(ClaimsError):
            replace(FULL, **changes)


IMPOSSIBLE: dict[str, dict[str, Any]] = {
    "expires when it is issued": {"expires_at": LATER},
    "no ttl": {"ttl": timedelta(0)},
    "a ttl with a fraction": {"ttl": timedelta(seconds=1.5)},
    "no status base": {"status_base": ""},
    "a status base that is not ASCII": {"status_base": "https://пасс.рф/"},
    "a status base with a line end": {"status_base": "https://a/\n"},
    "no lists": {"lists": ()},
    "a list twice": {"lists": (ENTRY, ENTRY)},
    "1,001 lists": {"lists": tuple(ENTRY._replace(number=number, entries=4) for number in range(1001))},
    "no entries": {"lists": (ENTRY._replace(entries=0),)},
    "a length that fills no bytes": {"lists": (ENTRY._replace(entries=6),)},
    "more than 2^25 entries": {"lists": (ENTRY._replace(entries=MAX_ENTRIES), ENTRY._replace(number=1))},
    "no time of the base": {"base_issued_at": None},
    "a base of the same time": {"base_issued_at": LATER},
    "a time of no base": {"lists": (ENTRY._replace(base_digest=None),)},
    "a digest for all lists beside a base": {"combined": digest(ENTRY.digest or b"")},
    "no digest of a list beside a base": {"lists": (ENTRY._replace(digest=None),)},
    "a code of more than 4 MiB": {"coded": bytes(MAX_CODED_BYTES + 1)},
}


@pytest.mark.parametrize("changes", IMPOSSIBLE.values(), ids=IMPOSSIBLE.keys())
def test_a_delta_that_contradicts_the_specification_cannot_be_made(changes: dict[str, Any]) -> None:
    with pytest.raises(ClaimsError):
        replace(GOOD, **changes)


def test_a_time_with_a_fraction_is_refused_when_a_delta_is_signed() -> None:
    with refused(ClaimsError, "no_whole_second"):
        sign_delta(replace(GOOD, issued_at=LATER + timedelta(milliseconds=1)), world.key("status"))


def test_an_entry_that_changes_twice_is_malformed() -> None:
    twice = replace(GOOD, counts=(0, 1, 1), coded=golomb.encode([[], [70], [70]], world.ENTRIES))
    with refused(Malformed, "delta_entry_twice"):
        twice.changes()


def test_a_token_that_is_too_large_is_not_looked_at() -> None:
    with refused(Malformed, "too_many_bytes", longest=MAX_TOKEN_BYTES):
        read_delta(bytes(MAX_TOKEN_BYTES + 1))
    with refused(Malformed, "not_cose_sign1"):
        read_delta(bytes(MAX_TOKEN_BYTES))


def test_what_contradicts_itself_is_malformed_when_it_is_read() -> None:
    # given
    claims = cbor.decode(read_delta(sign_delta(GOOD, world.key("status"))).signed.payload)
    assert isinstance(claims, dict)

    # then
    wrong: list[tuple[int, cbor.Value]] = [(2, 7), (4, claims[6]), (-65541, {1: [], 2: [0, 0, 0, b""]})]
    for claim, value in wrong:
        with pytest.raises(Malformed):
            read_delta(cose.sign1(cbor.encode(claims | {claim: value}), world.key("status"), typ=TYP))


def test_changes_take_twice_the_bytes_of_the_lists_however_many_they_are() -> None:
    # given half a million changes in two million entries
    entries, one = 2**21, world.status_list(raw=bytes(2**19))
    other = world.status_list(raw=b"\x10" * 2**19, issued_at=LATER)
    delta = compare(world.STATUS_BASE, {0: one}, {0: other})
    tracemalloc.start()

    # when
    made = delta.apply(delta.lists[0], one, delta.changes()[0])

    # then
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made == other
    assert most < 6 * entries // 4
