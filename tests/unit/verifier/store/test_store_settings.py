"""What a till's owner wants, store.toml of specs/cli.md section 5: strict, so that a misspelt key is no silent default."""

import os
import sys
from pathlib import Path

import pytest

import world
from said import refused
from socpass_vc.errors import StoreError
from socpass_vc.verifier.decide import OnStale
from socpass_vc.verifier.store.store_settings import StoreSettings
from socpass_vc.verifier.store.till_store import Store


def settings(folder: Path, content: str | None) -> StoreSettings:
    """Return the settings of a till with this store.toml, or with none."""
    store = Store.create(folder / "till", world.root().encode())
    if content is not None:
        (store.folder / "store.toml").write_bytes(content.encode(errors="surrogateescape"))
    return store.settings


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, StoreSettings()),
        ("", StoreSettings(on_stale=OnStale.REFUSE, warn_days=None)),
        ('on_stale = "refuse"', StoreSettings()),
        ('on_stale = "warn"\nwarn_days = 0', StoreSettings(on_stale=OnStale.WARN, warn_days=0)),
        ("\ufeffwarn_days = 3660 # ten years", StoreSettings(warn_days=3660)),
    ],
)
def test_what_an_owner_wrote_counts_and_what_is_left_out_is_as_usual(
    tmp_path: Path, content: str | None, expected: StoreSettings
) -> None:
    assert settings(tmp_path, content) == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("on_stael = 'warn'", "settings.unknown"),
        ("[on_stale]", "settings.on_stale"),
        ("on_stale = 1", "settings.on_stale"),
        ("warn_days = -1", "settings.warn_days"),
        ("warn_days = 3661", "settings.warn_days"),
        ("warn_days = '7'", "settings.warn_days"),
        ("x", "toml.unreadable"),
        ("\udcff", "toml.unreadable"),
    ],
)
def test_what_is_no_setting_of_ours_is_refused_by_name(tmp_path: Path, content: str, reason: str) -> None:
    with refused(StoreError, reason) as refusal:
        settings(tmp_path, content)
    assert refusal.value.where == (str(tmp_path / "till" / "store.toml"),)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
def test_a_pipe_in_the_place_of_the_file_is_not_waited_for(tmp_path: Path) -> None:
    # given
    store = Store.create(tmp_path / "till", world.root().encode())
    os.mkfifo(store.folder / "store.toml")

    # then
    with refused(StoreError, "not_a_regular_file"):
        assert store.settings
