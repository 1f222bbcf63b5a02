"""Publications with deltas, seen with a till's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

import town
from said import before_facts, refused
from socpass_vc.errors import AgencyError, BaseMissing
from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.status import status_delta
from socpass_vc.format.status.status_list import read_status_list
from socpass_vc.format.trust.bundle import read_root_token
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication import status_deltas as issuer_deltas
from socpass_vc.issuer.publication.publish import Published, publish
from socpass_vc.issuer.publication.status_deltas import PublishedChanges
from socpass_vc.issuer.register.bulk_sql import insert_rows
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.schema import credentials, status_lists
from socpass_vc.issuer.revocation.revoke import StatusAction, change_status
from socpass_vc.verifier.store.till_store import Store, UpdateOutcome

DAY = timedelta(days=1)


@pytest.fixture
def agency(tmp_path: Path) -> Agency:
    return town.agency(tmp_path)


@pytest.fixture
def register(agency: Agency) -> Iterator[Register]:
    with agency.register() as register:
        town.take(register, agency, town.ANNA, town.RUSTEM)
        town.issue(register, agency.settings)
        yield register


class Seen(NamedTuple):
    """What a publication wrote, and what it told of changes."""

    done: Published
    newest: list[bytes]


def publish_at(agency: Agency, register: Register, day: float, *, last: int = 0, compact: bool = False) -> Seen:
    """Publish with changes."""
    newest: list[bytes] = []
    changes = PublishedChanges(last=last, compact=compact, told=newest.extend)
    return Seen(publish_plainly(agency, register, day, changes), newest)


def publish_plainly(agency: Agency, register: Register, day: float, changes: PublishedChanges | None = None) -> Published:
    now = town.NOW + day * DAY
    return publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=now, actor="test", changes=changes)


def act(register: Register, ref: str, what: StatusAction) -> None:
    change_status(register, ref, what, reason="why", now=town.NOW, actor="test")


def till(agency: Agency, folder: Path) -> Store:
    """Return a till that saw the first publication."""
    anchor = read_root_token((agency.folder / "roots" / "1.root").read_bytes()).signed.payload
    store = Store.create(folder, anchor)
    store.offer((agency.folder / "site" / "trust.spt").read_bytes())
    store.offer((agency.folder / "site" / "status" / "0.cwt").read_bytes())
    return store


def names(agency: Agency, pattern: str = "*.delta") -> list[str]:
    return sorted(path.name for path in (agency.folder / "site" / "status").glob(pattern))


def entries(store: Store, agency: Agency) -> tuple[int, list[int]]:
    found = store.get(agency.issuer.status_uri(0))
    assert found is not None
    return (found.content.issued_at - town.NOW).days, sorted(value for _, value in found.content.set_entries())


def test_a_till_that_missed_three_publications_goes_after_them_by_deltas(
    agency: Agency, register: Register, tmp_path: Path
) -> None:
    # given
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    act(register, "1001", StatusAction.SUSPEND)
    publish_at(agency, register, 1)
    act(register, "1002", StatusAction.REVOKE)
    publish_at(agency, register, 2)
    act(register, "1001", StatusAction.REINSTATE)

    # when
    done, newest = publish_at(agency, register, 3, last=14)

    # then
    assert len(newest) == 1
    assert [path.read_bytes() for path in done.deltas][-1:] == newest
    seen = []
    for path in done.deltas:
        assert store.offer(path.read_bytes()) is UpdateOutcome.NEW
        seen.append(entries(store, agency))
    assert seen == [(1, [2]), (2, [1, 2]), (3, [1])]
    assert store.offer((agency.folder / "site" / "status" / "0.cwt").read_bytes()) is UpdateOutcome.SAME


def test_only_the_last_deltas_are_on_the_site(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    for day in range(1, 4):
        publish_at(agency, register, day, last=2)

    # then
    assert names(agency) == [f"{int((town.NOW + day * DAY).timestamp())}-0.delta" for day in (1, 2)]
    with pytest.raises(BaseMissing):
        store.offer((agency.folder / "site" / "status" / names(agency)[0]).read_bytes())
    publish_at(agency, register, 4)
    assert len(names(agency)) == 2
    publish_at(agency, register, 5, last=366)
    assert len(names(agency)) == 5


def test_the_first_publication_has_no_delta_and_one_without_passes_neither(agency: Agency) -> None:
    with agency.register() as register:
        assert publish_at(agency, register, 0, last=3, compact=True).done.deltas == ()
        town.take(register, agency, town.ANNA)
        town.issue(register, agency.settings)
        first = publish_at(agency, register, 1, last=3)
        assert (first.done.deltas, first.newest) == ((), [])
        assert len(publish_at(agency, register, 2, last=3).newest) == 1


def test_the_compact_form_is_the_list(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    act(register, "1002", StatusAction.REVOKE)

    # when
    done, _ = publish_at(agency, register, 1, compact=True)

    # then
    assert [path.name for path in done.deltas] == ["0.gaps"]
    assert store.offer(done.deltas[0].read_bytes()) is UpdateOutcome.NEW
    assert entries(store, agency) == (1, [1])
    assert store.offer(done.status_lists[0].read_bytes()) is UpdateOutcome.SAME


@pytest.mark.parametrize("damage", [b"", b"\x80", b"\x01", b"\x81\x41\x00"])
def test_a_damaged_copy_of_the_last_publication_means_full_lists_once_and_stops_nothing(
    agency: Agency, register: Register, damage: bytes
) -> None:
    publish_at(agency, register, 0)
    (agency.folder / "published" / "lists.cbor").write_bytes(damage)
    assert publish_at(agency, register, 1, last=3).newest == []
    assert len(publish_at(agency, register, 2, last=3).newest) == 1


def test_where_the_power_goes_before_the_site_is_written_the_chain_is_whole(
    agency: Agency, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a publication that ends after the agency's own copy
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    act(register, "1001", StatusAction.REVOKE)
    before = on_site(agency)
    monkeypatch.setattr("socpass_vc.issuer.publication.static_site.Site.show", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish_at(agency, register, 1, last=3)
    monkeypatch.undo()
    assert on_site(agency) == before

    # when
    done, _ = publish_at(agency, register, 2, last=3)

    # then
    for path in done.deltas:
        store.offer(path.read_bytes())
    assert entries(store, agency) == (2, [1])


def on_site(agency: Agency) -> dict[str, bytes]:
    site = agency.folder / "site"
    return {str(path.relative_to(site)): path.read_bytes() for path in site.rglob("*") if path.is_file()}


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_another_status_base_begins_a_new_chain(agency: Agency, register: Register) -> None:
    publish_at(agency, register, 0)
    path = agency.folder / "agency.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("https://pass.example.ru/status/", "https://new.example.ru/s/"))
    moved = Agency.open(agency.folder)
    assert publish_at(moved, register, 1, last=3).newest == []


def test_lists_of_more_entries_than_a_delta_holds_have_several(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an agency with three lists, of which a delta holds two
    for number in range(1, 3):
        add_list(register, number)
    monkeypatch.setattr(issuer_deltas, "MAX_ENTRIES", 2048)
    publish_at(agency, register, 0)

    # when
    _, newest = publish_at(agency, register, 1, last=3, compact=True)

    # then
    contents = [status_delta.read_delta(token).content for token in newest]
    assert [[entry.number for entry in content.lists] for content in contents] == [[0, 1], [2]]
    assert names(agency, "*.gaps") == ["0.gaps", "2.gaps"]


def test_more_changes_than_a_delta_holds_stop_no_publication(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_at(agency, register, 0)
    act(register, "1002", StatusAction.REVOKE)
    monkeypatch.setattr(status_delta, "MAX_CODED_BYTES", 0)
    done, newest = publish_at(agency, register, 1, last=3)
    assert (newest, done.deltas, len(done.status_lists), done.not_valid) == ([], (), 1, 1)


def test_lists_that_one_compact_file_cannot_hold_stand_in_several(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # given four lists in one file, and then two revocations in each of two of them, of which a code holds two
    for number in range(1, 4):
        add_list(register, number, used=2)
        add_passes(register, number, [3, 700])
    assert [path.name for path in publish_at(agency, register, 0, compact=True).done.deltas] == ["0.gaps"]
    store = till(agency, tmp_path / "till")
    for place in ((1, 3), (1, 700), (2, 3), (2, 700)):
        revoke(register, *place)
    monkeypatch.setattr(status_delta, "MAX_CODED_BYTES", 3)

    # when
    done, _ = publish_at(agency, register, 1, compact=True)

    # then
    assert names(agency, "*.gaps") == ["0.gaps", "2.gaps"]
    assert done.not_compact == ()
    for path in done.deltas:
        store.offer(path.read_bytes())
    for number in (1, 2):
        found = store.get(agency.issuer.status_uri(number))
        assert found is not None
        assert [index for index, _ in found.content.set_entries()] == [3, 700]
    monkeypatch.undo()
    publish_at(agency, register, 2, compact=True)
    assert names(agency, "*.gaps") == ["0.gaps"]


def test_a_list_that_no_compact_file_holds_is_published_in_full_and_named(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_list(register, 1)
    publish_at(agency, register, 0, compact=True)
    act(register, "1002", StatusAction.REVOKE)
    monkeypatch.setattr(status_delta, "MAX_CODED_BYTES", 0)
    done, _ = publish_at(agency, register, 1, compact=True)
    assert ([path.name for path in done.deltas], done.not_compact, done.not_valid) == (["1.gaps"], (0,), 1)
    assert names(agency, "*.gaps") == ["1.gaps"]
    assert [path.name for path in done.status_lists] == ["0.cwt", "1.cwt"]


def add_passes(register: Register, number: int, indexes: list[int]) -> None:
    rows = [(1, number, index, 0, 2**32, b"", b"") for index in indexes]
    names = ("resident_id", "list_number", "list_index", "issued_at", "expires_at", "content", "token")
    with register.transaction() as connection:
        insert_rows(connection, credentials, names, rows)


def revoke(register: Register, number: int, index: int) -> None:
    place = StatusReference(list_number=number, index=index)
    change_status(register, place, StatusAction.REVOKE, reason="lost", now=town.NOW, actor="test")


def add_list(register: Register, number: int, *, used: int = 0) -> None:
    with register.transaction() as connection:
        connection.execute(status_lists.insert().values(number=number, entries=1024, used=used, permutation_key=bytes(16)))


def test_a_file_that_cannot_be_removed_is_named(agency: Agency, register: Register) -> None:
    publish_at(agency, register, 0)
    (agency.folder / "site" / "status" / "1-0.delta").mkdir()
    with pytest.raises(AgencyError, match=r"1-0\.delta"):
        publish_at(agency, register, 1, last=3)
    assert (agency.folder / "site" / "status" / "0.cwt").is_file()


def test_all_lists_of_a_publication_with_changes_have_one_time_later_than_that_of_each(
    agency: Agency, register: Register
) -> None:
    # given two lists, of which the second was signed alone a day later
    publish_plainly(agency, register, 0)
    add_list(register, 1)
    alone = publish_plainly(agency, register, 0.25)
    assert (len(alone.status_lists), alone.unchanged) == (1, 1)

    # when the clock stands
    done, _ = publish_at(agency, register, 0.25)

    # then
    times = [read_status_list(path.read_bytes()).content.issued_at for path in done.status_lists]
    assert times == 2 * [town.NOW + 0.25 * DAY + timedelta(seconds=1)]
    assert done.unchanged == 0


def test_what_is_published_without_changes_is_no_link_of_the_chain(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    publish_at(agency, register, 0)
    store, other = till(agency, tmp_path / "till"), till(agency, tmp_path / "other")
    act(register, "1001", StatusAction.SUSPEND)
    between = publish_plainly(agency, register, 1)
    other.offer(between.status_lists[0].read_bytes())
    act(register, "1002", StatusAction.REVOKE)

    # when
    _, (newest,) = publish_at(agency, register, 2)

    # then a till that knows of deltas alone misses nothing, and one that took a list in between is asked for the next
    assert store.offer(newest) is UpdateOutcome.NEW
    assert entries(store, agency) == (2, [1, 2])
    with pytest.raises(BaseMissing):
        other.offer(newest)
    assert entries(other, agency) == (1, [2])


def test_a_list_that_opened_since_is_new_in_the_delta(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    add_list(register, 1)

    # when
    _, (newest,) = publish_at(agency, register, 1)

    # then
    assert store.offer(newest) is UpdateOutcome.NEW
    assert store.get(agency.issuer.status_uri(1)) is not None


def test_a_clock_behind_the_last_list_is_refused_before_anything_is_signed(agency: Agency, register: Register) -> None:
    publish_at(agency, register, 0)
    before = on_site(agency)
    with refused(AgencyError, "status_list_signed_later"):
        publish_at(agency, register, -1)
    assert on_site(agency) == before


@pytest.mark.parametrize("last", [-1, issuer_deltas.MAX_KEPT + 1])
def test_more_deltas_than_are_kept_cannot_be_asked_for(last: int) -> None:
    with refused(AgencyError, "deltas_not_kept", last=last, most=366):
        PublishedChanges(last=last)


def test_of_older_publications_no_delta_is_kept(agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    monkeypatch.setattr(issuer_deltas, "MAX_KEPT", 2)
    for day in range(4):
        publish_at(agency, register, day)
    kept = agency.folder / "published"
    assert len(list(kept.glob("*.delta"))) == 2

    # when one cannot be removed
    (kept / "1-0.delta").mkdir()

    # then
    with pytest.raises(AgencyError, match=r"published/1-0\.delta: " + before_facts("cannot_be_removed")):
        publish_at(agency, register, 5)
