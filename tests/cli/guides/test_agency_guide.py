"""docs/guides/agency.md: its commands, typed as printed, on an SQLite register and on PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from postgres import Server
from said import text

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "agency.md"


def typed(blocks: list[str], folder: Path) -> str:
    """Type *blocks* into one shell, which stops at the first command that fails; return what was said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOCPASS_")}
    environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    script = "set -e\n" + "\n".join(blocks)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture
def blocks() -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def check(said: str, folder: Path) -> None:
    for count in (4, 0):
        assert text("cli.issue.done", count=count) in said
    assert said.count(text("verdict.colour.accepted")) == 4
    assert text("cli.import.entitlements", new=0, changed=0) in said
    assert (folder / "site" / "status" / "catalogue.cwt").is_file()
    assert "Иванова" in (folder / "1001.html").read_text(encoding="utf-8")
    assert '"act": "refuse"' in (folder / "events.jsonl").read_text(encoding="utf-8")
    assert text("cli.log.check.done", issuer_id="RU-BA") in said
    assert (folder / "seen-by-the-auditor").read_bytes() == (folder / "head-of-today").read_bytes()
    assert re.search(r"^\d+:[0-9a-f]{64}$", (folder / "audit.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_the_guides_commands_work_as_printed(blocks: list[str], tmp_path: Path) -> None:
    assert len(blocks) == 10
    check(typed(blocks, tmp_path), tmp_path)


def test_they_work_alike_on_postgresql(blocks: list[str], tmp_path: Path, postgres: Server) -> None:
    blocks[0] = blocks[0].replace(
        "socpass issuer init agency", f"socpass issuer init agency --register {postgres.new_database()}"
    )
    check(typed(blocks, tmp_path), tmp_path)
