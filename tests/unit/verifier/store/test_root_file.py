"""A root in a file, for a person to confirm."""

from __future__ import annotations

from pathlib import Path

import pytest

import world
from socpass_vc import Malformed, SourceError, Store, confirm_root, read_bundle, read_root_file


@pytest.fixture
def handed_out(tmp_path: Path) -> Path:
    (tmp_path / "1.root").write_bytes(world.root_token())
    return tmp_path / "1.root"


def test_a_store_begins_with_the_root_whose_fingerprint_a_person_compared(handed_out: Path, tmp_path: Path) -> None:
    # given
    found = read_root_file(handed_out)
    assert found.root == world.root()

    # when
    store = Store.create(tmp_path / "till", found.payload)
    store.offer(world.bundle())

    # then
    assert store.fingerprint == found.fingerprint == store.newest_fingerprint
    assert confirm_root(read_bundle(world.bundle()), found.fingerprint) == found.payload


def test_a_file_that_is_no_root_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.root").write_bytes(b"rubbish")
    with pytest.raises(Malformed) as caught:
        read_root_file(tmp_path / "1.root")
    assert caught.value.where[0] == str(tmp_path / "1.root")


def test_a_file_that_is_missing_or_far_too_large_is_a_bad_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_root_file(tmp_path / "missing.root")
    with (tmp_path / "large.root").open("wb") as file:
        file.truncate(2**30)
    with pytest.raises(SourceError):
        read_root_file(tmp_path / "large.root")
