"""Full disks and closed folders: each is named in both languages, and nothing half-made is in the way afterwards."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from command import Shell
from said import refused, text
from small_disk import small_disk
from socpass_vc.errors import RegisterError
from socpass_vc.issuer.config.agency_toml import write_settings
from socpass_vc.issuer.register.migrate import create_register

INIT_AGENCY = ("issuer", "init", "disk/made", "--id", "RU-BA", "--name", "ru=Минсемьи")
INIT_ROOT = ("root", "init", "disk/made", "--keys", "3")


@pytest.fixture
def room(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Return a shell in a folder with a passphrase."""
    (tmp_path / "passphrase.txt").write_text("correct horse\n")
    monkeypatch.setenv("SOCPASS_PASSPHRASE_FILE", "passphrase.txt")
    return shell


@contextmanager
def nobody() -> Iterator[None]:
    """Let this process be one that permissions count for."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.skipif(sys.platform == "win32", reason="no disk can be made small there")
@pytest.mark.parametrize("command", [INIT_AGENCY, INIT_ROOT])
@pytest.mark.parametrize("room_kib", [4, 12, 20])
def test_a_full_disk_leaves_nothing_and_the_next_attempt_succeeds(
    room: Shell, tmp_path: Path, command: tuple[str, ...], room_kib: int
) -> None:
    with small_disk(tmp_path / "disk", 400) as disk:
        filler = disk / "filler"
        filler.write_bytes(bytes((400 - room_kib) * 1024))
        said = room(*command, "--lang", "ru")
        assert (said.code, text("system.disk_full", "ru") in said.err) == (1, True), said.err
        assert [path.name for path in disk.iterdir()] == ["filler"]
        filler.unlink()
        assert room(*command).code == 0


@pytest.mark.parametrize("is_there", [False, True])
def test_ctrl_c_while_an_agency_is_made_leaves_the_folder_as_it_was(
    room: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    made = tmp_path / "disk" / "made"
    (made if is_there else made.parent).mkdir(parents=True)
    with monkeypatch.context() as patched:

        def interrupted(*_: object) -> None:
            assert sorted(path.name for path in made.iterdir()) == ["keys", "register.sqlite", "roots"]
            raise KeyboardInterrupt

        patched.setattr("socpass_vc.issuer.agency.write_settings", _second_time(write_settings, interrupted))
        assert room(*INIT_AGENCY).code == 130
    assert made.exists() is is_there
    assert not is_there or list(made.iterdir()) == []
    assert room(*INIT_AGENCY).code == 0


def _second_time(function: object, then: object) -> object:
    """Return *function*, which is *then* from its second call on: the first is on trial, before anything is written."""
    calls = [function]

    def call(*arguments: object) -> object:
        return (calls.pop() if calls else then)(*arguments)  # type: ignore[operator]  # both are functions

    return call


def test_a_register_that_is_there_is_not_taken_back(tmp_path: Path) -> None:
    path = tmp_path / "register.sqlite"
    path.write_bytes(b"somebody else's")
    with refused(RegisterError, "register.exists_already"):
        create_register(path)
    assert path.read_bytes() == b"somebody else's"


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_a_closed_folder_is_named_in_both_languages(shell: Shell, demo_folder: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    shutil.copytree(demo_folder / "site", "site")
    shutil.copytree(demo_folder / "till", "till")
    Path("till").chmod(0o755)
    assert shell("sync", "site", "--store", "till").code == 0
    Path("site").chmod(0)
    for lang in ("en", "ru"):
        with nobody():
            said = shell("sync", "site", "--store", "till", "--lang", lang)
        why = text("system.permission_denied", lang)
        assert (said.code, "[bad_source]" in said.err, why in said.err, "site" in said.err) == (1, True, True, True), said.err
    Path("site").chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")
def test_a_register_that_may_only_be_read_says_what_it_needs(room: Shell, tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    assert room(*INIT_AGENCY).code == 0
    assert room("issuer", "report", "--agency", "disk/made").code == 0
    folder = tmp_path / "disk" / "made"
    for path in (*folder.rglob("*"), folder, tmp_path):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for lang in ("en", "ru"):
        words = text("register.not_writable", lang, said="unable to open database file")
        with nobody():
            said = room("issuer", "report", "--agency", "disk/made", "--lang", lang)
        assert (said.code, "[bad_register]" in said.err, words in said.err) == (1, True, True), said.err
