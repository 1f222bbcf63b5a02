"""The till's store brought up to date by deltas, specs/status-delta.md section 4."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

import world
from said import because, refused
from socpass_vc.errors import (
    BaseMissing,
    Contradicted,
    Forged,
    Malformed,
    NotYetValid,
    OutOfScope,
    OverQuota,
    RolledBack,
    SocpassError,
    StoreError,
    UnknownIssuer,
)
from socpass_vc.format import cbor
from socpass_vc.format.status import status_delta, status_list
from socpass_vc.format.status.list_change import ListChange, digest
from socpass_vc.format.status.status_delta import StatusDelta, sign_delta
from socpass_vc.format.status.status_list import Status, StatusList, pack
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.verifier.admit_delta import kept_bytes
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.status_list_files import MAX_KEPT_BYTES
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome

Values = Mapping[int, Status]
NONE: Values = {}
ONE: Values = {5: Status.INVALID}
TWO: Values = {5: Status.INVALID, 7: Status.SUSPENDED}
SECOND_URI = f"{world.STATUS_BASE}1"


def listed(values: Values, day: int, number: int = 0) -> StatusList:
    """Return a list as it was signed on a day."""
    at = world.ISSUED_AT + day * world.DAY
    return world.status_list(values, uri=f"{world.STATUS_BASE}{number}", issued_at=at, expires_at=at + 14 * world.DAY)


def delta(old: tuple[Values, int] | None, new: tuple[Values, int]) -> StatusDelta:
    """Return the delta from one day's values of list 0 to another's."""
    return compare(world.STATUS_BASE, {} if old is None else {0: listed(*old)}, {0: listed(*new)})


def token(of: StatusDelta, signer: str = "status") -> bytes:
    """Return a delta, signed."""
    return sign_delta(of, world.key(signer))


def digests(of: StatusDelta) -> bytes:
    """Return the digests of a delta's lists, one behind the other."""
    return b"".join(entry.digest or b"" for entry in of.lists)


def unopened(of: StatusDelta) -> tuple[ListChange, ...]:
    """Return a full form's lists as they are read: without a digest each."""
    return tuple(entry._replace(digest=None) for entry in of.lists)


def full(values: Values, day: int, number: int = 0) -> bytes:
    """Return the list's own token."""
    return world.status_token(listed(values, day, number))


def in_store(store: Store, uri: str = world.STATUS_URI) -> tuple[int, dict[int, int]]:
    """Return the day and the entries of a list, as the next start of the till reads them."""
    found = Store.open(store.folder).get(uri)
    assert found is not None
    return (found.content.issued_at - world.ISSUED_AT).days, dict(found.content.set_entries())


FULL = compare(world.STATUS_BASE, {}, {0: listed(ONE, 1), 1: listed(TWO, 1, 1)})
"""The compact full form of two lists, a day on."""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store with a trust list and the list of day 0."""
    made = Store.create(tmp_path / "store", world.root().encode())
    made.offer(world.bundle())
    made.offer(full(NONE, 0))
    return made


def test_a_chain_of_deltas_makes_the_lists_that_were_signed(store: Store) -> None:
    for old, new in (((NONE, 0), (ONE, 1)), ((ONE, 1), (TWO, 2)), ((TWO, 2), (ONE, 3)), ((ONE, 3), (ONE, 4))):
        # when
        outcome = store.offer(token(delta(old, new)))

        # then
        assert outcome is UpdateOutcome.NEW
        assert in_store(store) == (new[1], new[0])
        assert store.clock_floor == world.ISSUED_AT + new[1] * world.DAY


def test_what_a_delta_made_is_the_published_list_in_everything(store: Store) -> None:
    store.offer(token(delta((NONE, 0), (TWO, 1))))
    found = store.get(world.STATUS_URI)
    assert found is not None
    assert found.content == listed(TWO, 1)
    assert found.issuer.id == "RU-BA"
    assert [each.content.uri for each in store.status_lists()] == [world.STATUS_URI]


def test_a_delta_that_comes_twice_or_late_changes_nothing_and_is_no_error(store: Store) -> None:
    # given
    first, second = token(delta((NONE, 0), (ONE, 1))), token(delta((ONE, 1), (TWO, 2)))
    store.offer(first)
    store.offer(second)

    # then
    for late in (first, second, token(delta(None, (ONE, 1)))):
        assert store.offer(late) is UpdateOutcome.SAME
        assert in_store(store) == (2, TWO)


def test_a_missing_link_asks_for_the_full_list_which_goes_on_from_there(store: Store) -> None:
    # when
    with refused(BaseMissing, "other_list_for_delta", base_issued_at=world.ISSUED_AT + world.DAY):
        store.offer(token(delta((ONE, 1), (TWO, 2))))

    # then
    assert in_store(store) == (0, NONE)
    assert store.offer(token(delta(None, (ONE, 1)))) is UpdateOutcome.NEW
    assert store.offer(token(delta((ONE, 1), (TWO, 2)))) is UpdateOutcome.NEW
    assert in_store(store) == (2, TWO)


def test_a_token_goes_on_from_a_delta_and_a_delta_from_a_token(store: Store) -> None:
    store.offer(token(delta((NONE, 0), (ONE, 1))))
    assert store.offer(full(TWO, 2)) is UpdateOutcome.NEW
    assert store.offer(token(delta((TWO, 2), (ONE, 3)))) is UpdateOutcome.NEW
    assert in_store(store) == (3, ONE)


def test_the_token_and_the_delta_of_one_publication_are_the_same(store: Store) -> None:
    # given
    store.offer(token(delta((NONE, 0), (ONE, 1))))

    # then
    assert store.offer(full(ONE, 1)) is UpdateOutcome.SAME
    store.offer(full(TWO, 2))
    assert store.offer(token(delta((ONE, 1), (TWO, 2)))) is UpdateOutcome.SAME
    assert store.offer(token(delta(None, (TWO, 2)))) is UpdateOutcome.SAME


def test_lists_of_one_bit_and_of_two_say_the_same(store: Store) -> None:
    # given a list whose entries need one bit, at two bits
    store.offer(full(ONE, 1))

    # then
    narrow = replace(listed(ONE, 1), bits=1, raw=pack(ONE, entries=world.ENTRIES, bits=1))
    assert store.offer(world.status_token(narrow)) is UpdateOutcome.SAME
    other = replace(listed(ONE, 1), bits=1, raw=pack({6: Status.INVALID}, entries=world.ENTRIES, bits=1))
    with pytest.raises(Contradicted):
        store.offer(world.status_token(other))


def test_lists_of_four_bits_are_compared_as_they_are(store: Store) -> None:
    # given
    wide = replace(listed(NONE, 1), bits=4, raw=bytes(2048))
    store.offer(world.status_token(wide))

    # then
    assert store.offer(world.status_token(wide)) is UpdateOutcome.SAME
    with pytest.raises(Contradicted):
        store.offer(world.status_token(replace(wide, raw=b"\1" + bytes(2047))))


def test_two_contents_of_one_time_are_a_contradiction(store: Store) -> None:
    # given
    store.offer(token(delta((NONE, 0), (ONE, 1))))

    # then
    with refused(Contradicted, "contradicted.status_lists"):
        store.offer(token(delta((NONE, 0), (TWO, 1))))
    with refused(Contradicted, "contradicted.status_lists"):
        store.offer(full(TWO, 1))
    with refused(Contradicted, "contradicted.status_lists"):
        store.offer(world.status_token(replace(listed(ONE, 1), ttl=timedelta(1.5))))
    assert in_store(store) == (1, ONE)


def test_a_file_that_a_delta_made_may_be_as_long_as_a_delta_and_a_list_together() -> None:
    assert MAX_KEPT_BYTES == status_delta.MAX_TOKEN_BYTES + status_list.MAX_TOKEN_BYTES + 2**15


def test_an_older_token_does_not_follow_a_delta(store: Store) -> None:
    store.offer(token(delta((NONE, 0), (ONE, 1))))
    with refused(RolledBack, "file_older_than_seen"):
        store.offer(full(NONE, 0))


def test_of_several_lists_those_that_can_be_are_brought_up_to_date(store: Store) -> None:
    # given a delta of two lists, of which the second is not at hand
    old = {0: listed(NONE, 0), 1: listed(NONE, 0, 1)}
    new = {0: listed(ONE, 1), 1: listed(TWO, 1, 1)}
    both = token(compare(world.STATUS_BASE, old, new))

    # when
    with refused(BaseMissing, "no_list_for_delta", uri=SECOND_URI):
        store.offer(both)

    # then
    assert in_store(store) == (1, ONE)
    store.offer(full(NONE, 0, 1))
    assert store.offer(both) is UpdateOutcome.NEW
    assert in_store(store, SECOND_URI) == (1, TWO)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (b"", Malformed),
        (token(delta((NONE, 0), (ONE, 1)))[:-1] + b"\xff", Forged),
        (token(delta((NONE, 0), (ONE, 1)), "pass"), OutOfScope),
        (token(replace(delta((NONE, 0), (ONE, 1)), status_base="https://other.example.ru/")), UnknownIssuer),
        (token(replace(delta((NONE, 0), (ONE, 1)), status_base=f"{world.STATUS_BASE}1")), UnknownIssuer),
        (token(replace(delta((NONE, 0), (ONE, 1)), coded=b"")), Malformed),
        (token(replace(delta((NONE, 0), (ONE, 1)), counts=(0, 0, 1))), Malformed),
        (token(replace(delta(None, (ONE, 1)), counts=(0, 0, 1))), Malformed),
        (token(replace(FULL, combined=digest(b""), lists=unopened(FULL))), Malformed),
        (token(replace(FULL, combined=digest(digests(FULL)[::-1]), lists=unopened(FULL))), Malformed),
    ],
    ids=[
        "nothing",
        "forged",
        "a key for passes",
        "of nobody",
        "a number in the base",
        "no code",
        "suspended, not revoked",
        "a full form of others",
        "a full form with the digest of nothing",
        "a full form with another digest",
    ],
)
def test_a_delta_that_is_not_good_changes_nothing(store: Store, bad: bytes, error: type[SocpassError]) -> None:
    # given
    before = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}

    # then
    with pytest.raises(error):
        store.offer(bad, kind=FileKind.STATUS_DELTA)
    assert before == {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}


def test_a_delta_from_the_future_is_not_taken(store: Store) -> None:
    with pytest.raises(NotYetValid):
        store.offer(token(delta((NONE, 0), (ONE, 1))), now=world.NOW)
    assert store.offer(token(delta((NONE, 0), (ONE, 1))), now=world.NOW + world.DAY) is UpdateOutcome.NEW


def test_a_list_that_a_compromised_key_signed_by_delta_is_no_longer_at_hand(store: Store) -> None:
    # given
    store.offer(token(delta((NONE, 0), (ONE, 1))))

    # when
    stolen = world.issuer(world.issuer_key("pass", Use.PASS), world.issuer_key("status", Use.STATUS, state=KeyState.COMPROMISED))
    store.offer(world.bundle(world.trust_list(stolen, version=2)))

    # then
    assert Store.open(store.folder).get(world.STATUS_URI) is None


def kept_of(store: Store, uri: str) -> Path:
    """Return the file of the list with this URI."""
    return store.folder / "status" / f"{sha256(uri.encode()).hexdigest()}.cwt"


def test_of_a_full_form_each_list_is_taken_and_read_alone(store: Store) -> None:
    # when
    assert store.offer(token(FULL)) is UpdateOutcome.NEW

    # then
    assert in_store(store) == (1, ONE)
    assert in_store(store, SECOND_URI) == (1, TWO)
    kept_of(store, world.STATUS_URI).unlink()
    assert in_store(store, SECOND_URI) == (1, TWO)
    assert store.offer(token(FULL)) is UpdateOutcome.NEW
    assert in_store(store) == (1, ONE)
    assert store.offer(token(FULL)) is UpdateOutcome.SAME


def test_a_full_form_of_the_lists_at_hand_is_told_by_their_digests_and_not_decoded(store: Store) -> None:
    # given a full form without its code, which is right in all else
    store.offer(token(FULL))
    undecodable = token(replace(FULL, coded=b""))

    # then
    assert store.offer(undecodable) is UpdateOutcome.SAME
    kept_of(store, world.STATUS_URI).unlink()
    with pytest.raises(Malformed):
        store.offer(undecodable)
    assert store.offer(token(FULL)) is UpdateOutcome.NEW


def test_of_a_full_form_a_newer_list_at_hand_stays_and_the_others_are_taken(store: Store) -> None:
    # given
    store.offer(full(TWO, 2))
    newer = kept_file(store).read_bytes()

    # when
    assert store.offer(token(FULL)) is UpdateOutcome.NEW

    # then
    assert kept_of(store, world.STATUS_URI).read_bytes() == newer
    assert in_store(store) == (2, TWO)
    assert in_store(store, SECOND_URI) == (1, TWO)
    with refused(Contradicted, "contradicted.status_lists"):
        store.offer(token(compare(world.STATUS_BASE, {}, {0: listed(ONE, 2), 1: listed(TWO, 2, 1)})))
    assert in_store(store, SECOND_URI) == (1, TWO)


def test_deltas_go_on_from_a_full_form_list_by_list(store: Store) -> None:
    # given
    store.offer(token(FULL))
    both = compare(world.STATUS_BASE, {0: listed(ONE, 1), 1: listed(TWO, 1, 1)}, {0: listed(TWO, 2), 1: listed(ONE, 2, 1)})

    # then
    assert store.offer(token(both)) is UpdateOutcome.NEW
    assert (in_store(store), in_store(store, SECOND_URI)) == ((2, TWO), (2, ONE))


def test_no_byte_of_what_a_full_form_made_can_be_changed_on_the_disk_unnoticed(store: Store) -> None:
    # given
    store.offer(token(FULL))
    path = kept_of(store, SECOND_URI)
    good = path.read_bytes()

    for at in range(len(good)):
        # when
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x20]) + good[at + 1 :])

        # then
        with suppress(StoreError):
            assert Store.open(store.folder).get(SECOND_URI) is None


OTHER = delta((NONE, 0), (ONE, 1))


@pytest.mark.parametrize(
    "kept",
    [
        [token(FULL), listed(ONE, 1).raw],
        [token(FULL), listed(ONE, 1).raw, b""],
        [token(FULL), listed(ONE, 1).raw, digests(FULL)[32:] + digests(FULL)[:32]],
        [token(FULL), listed(TWO, 1).raw, digests(FULL)[32:] + digests(FULL)[:32]],
        [token(FULL), listed(TWO, 1).raw, digests(FULL)],
        [token(FULL), listed(NONE, 1).raw, digests(FULL)],
        [token(FULL), listed(NONE, 1).raw, digest(listed(NONE, 1).raw) + digests(FULL)[32:]],
        [token(FULL), listed(ONE, 1).raw, digests(FULL)[:32]],
        [token(FULL), listed(ONE, 1).raw, digests(FULL) + bytes(32)],
        [token(FULL), listed(ONE, 1).raw, digests(FULL), b""],
        [token(FULL), listed(ONE, 1).raw, [digests(FULL)]],
        [token(OTHER), listed(ONE, 1).raw, b""],
        [token(OTHER), listed(ONE, 1).raw, digests(OTHER)],
    ],
    ids=[
        "no digests",
        "empty digests",
        "digests exchanged",
        "digests exchanged, and the lists",
        "the other list",
        "an older list",
        "an older list with its digest",
        "one digest",
        "a digest too many",
        "something behind the digests",
        "digests in an array",
        "nothing beside a delta with a base",
        "digests beside a delta with a base",
    ],
)
def test_what_lies_beside_a_full_form_is_damaged_if_it_is_not_what_was_signed(store: Store, kept: list[cbor.Value]) -> None:
    # given
    store.offer(token(FULL))
    path = kept_of(store, world.STATUS_URI)
    good = path.read_bytes()
    assert good == cbor.encode([token(FULL), listed(ONE, 1).raw, digests(FULL)])

    # when
    path.write_bytes(cbor.encode(kept))

    # then
    with refused(StoreError, "damaged_file"):
        Store.open(store.folder).get(world.STATUS_URI)
    path.write_bytes(good)
    assert in_store(store) == (1, ONE)


def kept_file(store: Store) -> Path:
    """Return the one file of a status list."""
    (path,) = (store.folder / "status").glob("*.cwt")
    return path


def test_no_byte_of_what_a_delta_made_can_be_changed_on_the_disk_unnoticed(store: Store) -> None:
    # given
    store.offer(token(delta((NONE, 0), (ONE, 1))))
    path = kept_file(store)
    good = path.read_bytes()

    for at in range(len(good)):
        # when
        path.write_bytes(good[:at] + bytes([good[at] ^ 0x20]) + good[at + 1 :])

        # then the list is damaged, or, where the key id was hit, of nobody
        with suppress(StoreError):
            assert Store.open(store.folder).get(world.STATUS_URI) is None


def test_the_delta_of_another_list_proves_nothing(store: Store) -> None:
    # given
    store.offer(token(compare(world.STATUS_BASE, {}, {1: listed(ONE, 1, 1)})))
    paths = sorted((store.folder / "status").glob("*.cwt"), key=lambda path: path.stat().st_size)
    mine = kept_of(store, world.STATUS_URI)
    (other,) = [path for path in paths if path != mine]

    # when
    mine.write_bytes(other.read_bytes())

    # then
    with refused(StoreError, "damaged_file") as refusal:
        store.get(world.STATUS_URI)
    assert because(refusal.value) == "kept_list.not_of_delta"
    mine.write_bytes(cbor.encode([b"", 0]))
    with refused(StoreError, "damaged_file") as refusal:
        store.get(world.STATUS_URI)
    assert because(refusal.value) == "kept_list.shape"


def test_a_delta_that_makes_more_than_a_till_keeps_of_one_issuer_makes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given two lists that a delta makes, of which one fits
    made = compare(world.STATUS_BASE, {}, {number: listed(ONE, 1, number) for number in range(2)})
    monkeypatch.setattr("socpass_vc.verifier.store.status_list_files.MAX_ISSUER_BYTES", 2 * len(token(made)))

    # then
    with refused(OverQuota, "issuer_bytes"):
        store.offer(token(made))
    at_hand = store.get(world.STATUS_URI)
    assert at_hand is not None
    assert at_hand.content == listed(NONE, 0)
    with refused(OverQuota, "issuer_lists", number=1_000):
        store.offer(token(compare(world.STATUS_BASE, {}, {1_000: listed(ONE, 1, 1_000)})))


def test_what_is_kept_of_a_delta_is_never_longer_than_was_counted(store: Store) -> None:
    for at, of in enumerate((compare(world.STATUS_BASE, {}, {0: listed(ONE, 1)}), delta((ONE, 1), (TWO, 2)))):
        store.offer(token(of))
        (path,) = (store.folder / "status").glob("*.cwt")
        assert path.stat().st_size <= kept_bytes(token(of), of, of.lists[0]), at
