"""A till in a folder, and the command run within this process as a user would type it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from command import Said, Shell
from socpass_cli.main import run as run_command
from socpass_vc.format import keyfile
from socpass_vc.issuer.agency import set_up
from socpass_vc.issuer.rotation.rotate_key import make_file_key


def exit_code_of(arguments: list[str]) -> int:
    """Run one command line, and return its exit code."""
    try:
        run_command(arguments)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """Return a function that runs one command line in an empty folder of its own and says how it ended."""
    monkeypatch.chdir(tmp_path)
    for name in ("SOCPASS_STORE", "SOCPASS_AGENCY", "SOCPASS_LANG", "SOCPASS_PASSPHRASE_FILE", "LC_MESSAGES", "SOCPASS_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    # New key files open quickly here; that they are costly by default is a test of its own.
    for function in (keyfile.seal, set_up, make_file_key):
        monkeypatch.setitem(function.__kwdefaults__ or {}, "cost", keyfile.SealingCost.INTERACTIVE)

    def run(*arguments: object, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = exit_code_of([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.out + captured.err
        return Said(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the demo in it, for tests that do not change it."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    assert exit_code_of(["demo", str(folder), "--lang", "en"]) == 0
    return folder
