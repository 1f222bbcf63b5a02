"""A libsodium that accepts what can be forged: each role refuses to work with it, and calls no file damaged for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import nacl
import pytest
from nacl import bindings as sodium

from command import Shell
from said import text
from socpass_vc.format.keys import refuse_lax_library

WHY = {"version": nacl.__version__, "needed": "1.6.2"}


@pytest.fixture
def lax(shell: Shell, demo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """Return a shell whose libsodium takes every point for a key."""
    assert demo_folder.is_dir()
    monkeypatch.setattr(sodium, "crypto_core_ed25519_is_valid_point", lambda _: True)
    refuse_lax_library.cache_clear()  # as a new process
    yield shell
    refuse_lax_library.cache_clear()


def test_a_till_is_amber_and_says_whom_to_call_and_what_is_needed(lax: Shell, demo_folder: Path) -> None:
    # given
    picture, store = demo_folder / "passes" / "accepted.png", demo_folder / "till"

    for language in ("en", "ru"):
        # when
        said = lax("verify", picture, "--store", store, "--json", "--lang", language)
        found = json.loads(said.out)

        # then
        why = text("libsodium_too_lax", language, **WHY)
        assert (said.code, found["verdict"], found["code"]) == (4, "undecided", "lax_library")
        assert found["reason"] == text("verdict.reason.lax_library", language)
        assert found["advice"] == text("verdict.advice.call_owner", language, why=why)


@pytest.mark.parametrize(
    "arguments",
    [
        ("store", "--store", "demo/till"),
        ("sync", "demo/site", "--store", "demo/till"),
        ("sync", "demo/site", "--store", "new", "--root", "demo/agency/roots/1.root"),
        ("issuer", "publish", "--agency", "demo/agency"),
        ("issuer", "issue", "--agency", "demo/agency", "--passphrase-file", "demo/passphrase.txt"),
        ("key", "make", "new.json", "--passphrase-file", "demo/passphrase.txt"),
    ],
    ids=" ".join,
)
def test_every_other_command_ends_with_the_reason_alone(
    lax: Shell, demo_folder: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    # given
    shutil.copytree(demo_folder, tmp_path / "demo")

    # when
    said = lax(*arguments)

    # then
    assert said.code == 1
    assert said.err.startswith("Error [lax_library]: ")
    assert said.err.strip().endswith(f": {text('libsodium_too_lax', **WHY)}")
    assert "damaged" not in said.err
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "new.json").exists()


def test_a_root_authority_is_not_called_damaged(lax: Shell, tmp_path: Path) -> None:
    # given
    for name in ("keys", "issuers"):
        (tmp_path / "federation" / name).mkdir(parents=True)

    # when
    said = lax("root", "show", "federation")

    # then
    assert (said.code, text("libsodium_too_lax", **WHY) in said.err) == (1, True)
