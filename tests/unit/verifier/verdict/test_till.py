"""A till at one time: its store is opened at the first pass, and its owner's choice counts unless another is given."""

from __future__ import annotations

from pathlib import Path

import pytest

import world
from socpass_vc import OnStale, Store, StoreError, Till, Verdict, check_picture, check_texts, verdict_as_dict

PLACE = "museum"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a till's folder, with a trust list, a status list and a catalogue."""
    publisher = world.publisher()
    store = Store.create(tmp_path / "till", world.root().encode())
    store.offer(world.bundle(world.trust_list(publisher)))
    store.offer(world.status_token())
    store.offer(world.catalogue_token(world.catalogue(world.measure(places=(PLACE,), categories=(2545,)))))
    return store.folder


def till(folder: Path, **wanted: object) -> Till:
    return Till(folder, now=world.NOW, **wanted)  # type: ignore[arg-type]  # what a test changes


def test_a_pass_is_decided_with_what_the_store_holds(folder: Path) -> None:
    (verdict,) = check_texts([world.text()], till(folder))
    assert (verdict.code, verdict.issuer and verdict.issuer.id) == ("accepted", "RU-BA")


def test_a_category_and_a_place_are_asked_for(folder: Path) -> None:
    assert check_texts([world.text()], till(folder, category=2545))[0].code == "accepted"
    (verdict,) = check_texts([world.text()], till(folder, category=2580))
    assert (verdict.code, verdict.missing_category) == ("no_entitlement", 2580)
    (verdict,) = check_texts([world.text()], till(folder, place=PLACE))
    assert verdict.verified is not None
    assert len(verdict.verified.measures) == 1
    assert check_texts([world.text()], till(folder, place="shop"))[0].closed_place == "shop"


def test_a_catalogue_is_read_once(folder: Path) -> None:
    # given
    of_run = till(folder, place=PLACE)
    first = check_texts([world.text()], of_run)

    # when
    (folder / "catalogue").rename(folder / "away")

    # then
    assert check_texts([world.text()], of_run)[0].code == first[0].code == "accepted"


def test_the_owner_s_choice_counts_unless_another_is_given(folder: Path) -> None:
    late = world.STATUS_EXPIRES_AT
    assert check_texts([world.text()], Till(folder, now=late))[0].code == "status_stale"
    (folder / "store.toml").write_text('on_stale = "warn"\n')
    assert check_texts([world.text()], Till(folder, now=late))[0].code == "accepted"
    assert check_texts([world.text()], Till(folder, now=late, on_stale=OnStale.REFUSE))[0].code == "status_stale"


def test_an_unreadable_picture_is_that_whatever_the_store(tmp_path: Path) -> None:
    nowhere = till(tmp_path / "nowhere")
    assert check_picture(b"", nowhere)[0].code == "no_code_found"
    (verdict,) = check_texts([world.text()], nowhere)
    assert (verdict.code, verdict.family) == ("bad_store", "undecided")
    assert not (tmp_path / "nowhere").exists()
    with pytest.raises(StoreError):
        _ = nowhere.policy


def test_names_are_those_of_the_pass_s_issuer_once_it_is_known(folder: Path) -> None:
    # given
    of_run = till(folder)
    (verdict,) = check_texts([world.text()], of_run)

    # then
    names = of_run.names_for(verdict)
    assert names is not None
    assert of_run.names_for(verdict) is names
    assert of_run.names_for(Verdict(source="", error=StoreError("x"))) is None


def test_without_a_catalogue_or_with_a_damaged_one_the_built_in_names_do(folder: Path) -> None:
    # given
    (verdict,) = check_texts([world.text()], till(folder))
    file = next((folder / "catalogue").iterdir())

    # then
    file.write_bytes(b"rubbish")
    assert till(folder).names_for(verdict) is None
    file.unlink()
    assert till(folder).names_for(verdict) is None
    (folder / "catalogue").rmdir()
    assert till(folder).names_for(verdict) is None
    found = verdict_as_dict(verdict, checked_at=world.NOW)
    assert "Pensioner" in str(found["pass"])


def test_what_no_pass_can_have_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="museum"):
        till(tmp_path, place="Art Museum")
