"""Publications with deltas, seen with a till's eyes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import town
from socpass_vc.errors import AgencyError, BaseMissing
from socpass_vc.format import statusdelta
from socpass_vc.format.trust import read_root_token
from socpass_vc.issuer import deltas as issuer_deltas
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publishing import Published, publish
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.standing import Act, change_standing
from socpass_vc.verifier.store import Outcome, Store

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


def publish_at(agency: Agency, register: Register, day: int, **settings: Any) -> Published:
    return publish(agency, register, agency.folder / "site", town.PASSPHRASE, now=town.NOW + day * DAY, actor="test", **settings)


def act(register: Register, ref: str, what: Act) -> None:
    change_standing(register, ref, what, reason="why", now=town.NOW, actor="test")


def till(agency: Agency, folder: Path) -> Store:
    """Return a till that saw the first publication."""
    anchor = read_root_token((agency.folder / "roots" / "1.root").read_bytes()).signed.payload
    store = Store.create(folder, anchor)
    store.offer_bundle((agency.folder / "site" / "trust.spt").read_bytes())
    store.offer_status_list((agency.folder / "site" / "status" / "0.cwt").read_bytes())
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
    act(register, "1001", Act.SUSPEND)
    publish_at(agency, register, 1)
    act(register, "1002", Act.REVOKE)
    publish_at(agency, register, 2)
    act(register, "1001", Act.REINSTATE)

    # when
    done = publish_at(agency, register, 3, deltas=14)

    # then
    assert len(done.newest) == 1
    assert [path.read_bytes() for path in done.deltas][-1:] == list(done.newest)
    seen = []
    for path in done.deltas:
        assert store.offer_delta(path.read_bytes()) is Outcome.NEW
        seen.append(entries(store, agency))
    assert seen == [(1, [2]), (2, [1, 2]), (3, [1])]
    assert store.offer_status_list((agency.folder / "site" / "status" / "0.cwt").read_bytes()) is Outcome.SAME


def test_only_the_last_deltas_are_on_the_site(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    for day in range(1, 4):
        publish_at(agency, register, day, deltas=2)

    # then
    assert names(agency) == [f"{int((town.NOW + day * DAY).timestamp())}-0.delta" for day in (1, 2)]
    with pytest.raises(BaseMissing):
        store.offer_delta((agency.folder / "site" / "status" / names(agency)[0]).read_bytes())
    publish_at(agency, register, 4)
    assert len(names(agency)) == 2
    publish_at(agency, register, 5, deltas=366)
    assert len(names(agency)) == 5


def test_the_first_publication_has_no_delta_and_one_without_passes_neither(agency: Agency) -> None:
    with agency.register() as register:
        assert publish_at(agency, register, 0, deltas=3, compact=True).deltas == ()
        town.take(register, agency, town.ANNA)
        town.issue(register, agency.settings)
        first = publish_at(agency, register, 1, deltas=3)
        assert (first.deltas, first.newest) == ((), ())
        assert len(publish_at(agency, register, 2, deltas=3).newest) == 1


def test_the_compact_form_is_the_list(agency: Agency, register: Register, tmp_path: Path) -> None:
    # given
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    act(register, "1002", Act.REVOKE)

    # when
    done = publish_at(agency, register, 1, compact=True)

    # then
    assert [path.name for path in done.deltas] == ["0.gaps"]
    assert store.offer_delta(done.deltas[0].read_bytes()) is Outcome.NEW
    assert entries(store, agency) == (1, [1])
    assert store.offer_status_list(done.status_lists[0].read_bytes()) is Outcome.SAME


@pytest.mark.parametrize("damage", [b"", b"\x80", b"\x01", b"\x81\x41\x00"])
def test_a_damaged_copy_of_the_last_publication_means_full_lists_once_and_stops_nothing(
    agency: Agency, register: Register, damage: bytes
) -> None:
    publish_at(agency, register, 0)
    (agency.folder / "published" / "lists.cbor").write_bytes(damage)
    assert publish_at(agency, register, 1, deltas=3).newest == ()
    assert len(publish_at(agency, register, 2, deltas=3).newest) == 1


def test_where_the_power_goes_before_the_site_is_written_the_chain_is_whole(
    agency: Agency, register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a publication that ends after the agency's own copy
    publish_at(agency, register, 0)
    store = till(agency, tmp_path / "till")
    act(register, "1001", Act.REVOKE)
    monkeypatch.setattr("socpass_vc.issuer.publishing.write_file", interrupt)
    with pytest.raises(KeyboardInterrupt):
        publish_at(agency, register, 1, deltas=3)
    monkeypatch.undo()

    # when
    done = publish_at(agency, register, 2, deltas=3)

    # then
    for path in done.deltas:
        store.offer_delta(path.read_bytes())
    assert entries(store, agency) == (2, [1])


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_another_status_base_begins_a_new_chain(agency: Agency, register: Register) -> None:
    publish_at(agency, register, 0)
    path = agency.folder / "agency.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("https://pass.example.ru/status/", "https://new.example.ru/s/"))
    moved = Agency.open(agency.folder)
    assert publish_at(moved, register, 1, deltas=3).newest == ()


def test_lists_of_more_entries_than_a_delta_holds_have_several(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given an agency with three lists, of which a delta holds two
    for number in range(1, 3):
        add_list(register, number)
    monkeypatch.setattr(issuer_deltas, "MAX_ENTRIES", 2048)
    publish_at(agency, register, 0)

    # when
    done = publish_at(agency, register, 1, deltas=3, compact=True)

    # then
    contents = [statusdelta.read_delta(token).content for token in done.newest]
    assert [[entry.number for entry in content.lists] for content in contents] == [[0, 1], [2]]
    assert names(agency, "*.gaps") == ["0.gaps", "2.gaps"]


def test_more_changes_than_a_delta_holds_stop_no_publication(
    agency: Agency, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_at(agency, register, 0)
    act(register, "1002", Act.REVOKE)
    monkeypatch.setattr(statusdelta, "MAX_CODED_BYTES", 0)
    done = publish_at(agency, register, 1, deltas=3)
    assert (done.newest, done.deltas, len(done.status_lists), done.not_valid) == ((), (), 1, 1)


def add_list(register: Register, number: int) -> None:
    from socpass_vc.issuer.register import status_lists  # noqa: PLC0415 -- the tables are nobody else's business

    with register.transaction() as connection:
        connection.execute(status_lists.insert().values(number=number, entries=1024, used=0, permutation_key=bytes(16)))


def test_a_file_that_cannot_be_removed_is_named(agency: Agency, register: Register) -> None:
    publish_at(agency, register, 0)
    (agency.folder / "site" / "status" / "1-0.delta").mkdir()
    with pytest.raises(AgencyError, match=r"1-0\.delta"):
        publish_at(agency, register, 1, deltas=3)
