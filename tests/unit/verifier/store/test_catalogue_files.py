"""Catalogues in the till's store, specs/catalogue.md section 5: newer ones only, everything checked again when it is read."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import world
from said import refused
from socpass_vc.errors import (
    Contradicted,
    Forged,
    Malformed,
    NotYetValid,
    OutOfScope,
    RolledBack,
    SocpassError,
    StoreError,
    UnknownIssuer,
    Unsupported,
)
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.verifier.decide import LEEWAY
from socpass_vc.verifier.store.file_kind import FileKind
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome

LATER = world.ISSUED_AT + world.DAY


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return a store whose trust list knows a key for catalogues."""
    made = Store.create(tmp_path / "store", world.root().encode())
    made.offer(world.bundle(world.trust_list(world.publisher())))
    return made


def path_of(store: Store, uri: str = world.CATALOGUE_URI) -> Path:
    """Return where a catalogue lies."""
    return store.folder / "catalogue" / f"{sha256(uri.encode()).hexdigest()}.cwt"


def token(**changes: Any) -> bytes:
    """Return the catalogue, changed, signed."""
    return world.catalogue_token(world.catalogue(**changes))


def test_a_store_without_a_catalogue_says_so_and_gives_none(store: Store) -> None:
    assert not store.has_catalogues
    assert store.catalogues.get(world.CATALOGUE_URI) is None
    assert list(store.catalogues.all()) == []


def test_a_catalogue_that_is_kept_is_there_at_the_next_start(store: Store) -> None:
    # when
    assert store.offer(token()) is UpdateOutcome.NEW

    # then
    opened = Store.open(store.folder)
    found = opened.catalogues.get(world.CATALOGUE_URI)
    assert opened.has_catalogues
    assert found is not None
    assert (found.issuer, found.content) == (world.publisher(), world.catalogue())
    assert list(opened.catalogues.all()) == [found]
    assert store.offer(token()) is UpdateOutcome.SAME


def test_a_catalogue_raises_the_clock_floor_even_if_it_was_there(store: Store) -> None:
    # given
    store.offer(token(issued_at=LATER))
    assert store.clock_floor == LATER

    # when the power went before it was noted
    (store.folder / "clock").unlink()
    store.offer(token(issued_at=LATER))

    # then
    assert store.clock_floor == LATER


def test_only_a_newer_catalogue_takes_the_place_of_another(store: Store) -> None:
    # given
    store.offer(token(issued_at=LATER))

    # then
    with refused(RolledBack, "file_older_than_seen", newest_at=LATER):
        store.offer(token())
    with refused(Contradicted, "contradicted.catalogues"):
        store.offer(token(issued_at=LATER, expires_at=world.NEXT_UPDATE_AT))
    assert path_of(store).read_bytes() == token(issued_at=LATER)
    assert store.offer(token(issued_at=LATER + world.SECOND)) is UpdateOutcome.NEW


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        (b"rubbish", Malformed),
        (token(issued_at=LATER)[:-1] + b"\0", Forged),
        (token(issued_at=LATER, uri="https://pass.example.com/catalogue"), UnknownIssuer),
        (world.catalogue_token(world.catalogue(issued_at=LATER), signer="status"), OutOfScope),
        (token(issued_at=LATER, names_page=b"\xff"), Malformed),
        (token(issued_at=LATER, measures_page=b"\xff"), Malformed),
        (token(issued_at=LATER, measures_page=b"\x81\xa1\x18\x3f\x00"), Unsupported),
    ],
    ids=["no token", "forged", "nobody's", "wrong key", "no names", "no measures", "newer"],
)
def test_a_bad_catalogue_never_takes_the_place_of_a_good_one(store: Store, bad: bytes, error: type[SocpassError]) -> None:
    # given
    store.offer(token())

    # when
    with pytest.raises(error):
        store.offer(bad, kind=FileKind.CATALOGUE)

    # then
    assert path_of(store).read_bytes() == token()
    assert store.clock_floor == world.ISSUED_AT


def test_a_catalogue_from_the_future_is_refused_as_it_would_raise_the_clock_floor(store: Store) -> None:
    # given
    store.offer(token(issued_at=LATER), now=LATER - LEEWAY)

    # then
    with pytest.raises(NotYetValid):
        store.offer(token(issued_at=LATER + world.SECOND), now=LATER - LEEWAY)


def test_a_catalogue_that_the_trust_list_no_longer_stands_behind_is_not_at_hand(store: Store) -> None:
    # given
    store.offer(token())
    stolen = world.issuer_key("catalogue", Use.CATALOGUE, state=KeyState.COMPROMISED)
    keys = (world.issuer_key("pass", Use.PASS), world.issuer_key("status", Use.STATUS), stolen)

    # when
    store.offer(world.bundle(world.trust_list(world.issuer(*keys), version=2)))

    # then
    assert store.catalogues.get(world.CATALOGUE_URI) is None
    assert list(store.catalogues.all()) == []


def test_a_damaged_file_is_named(store: Store) -> None:
    # given
    store.offer(token())
    path_of(store).write_bytes(token()[:-1] + b"\0")

    # then
    for ask in (lambda: store.catalogues.get(world.CATALOGUE_URI), lambda: list(store.catalogues.all())):
        with refused(StoreError, "damaged_file") as refusal:
            ask()
        assert refusal.value.where == (str(path_of(store)),)


def test_a_page_that_cannot_be_read_is_noticed_where_all_are_shown(store: Store) -> None:
    # given
    store.offer(token())
    path_of(store).write_bytes(token(measures_page=b"\xff"))

    # then
    with refused(StoreError, "damaged_file") as refusal:
        list(store.catalogues.all())
    assert refusal.value.where == (str(path_of(store)),)


def test_a_file_with_the_name_of_another_catalogue_is_damaged(store: Store) -> None:
    # given
    store.offer(token())
    path_of(store).rename(path_of(store, "https://pass.example.com/catalogue"))

    # then
    with refused(StoreError, "file_of_another_uri", uri=world.CATALOGUE_URI):
        store.catalogues.get("https://pass.example.com/catalogue")
