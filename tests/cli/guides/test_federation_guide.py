"""docs/guides/federation.md and runbooks.md: their commands, typed as printed, the second where the first has left off."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from said import before_facts, pattern, text

DOCS = Path(__file__).parents[3] / "docs" / "guides"
UP_TO_THE_FIRST_PASSES = 8
"""Blocks of federation.md after which docs/guides/runbooks.md goes on: its section 6."""

pytestmark = pytest.mark.xdist_group("federation")  # the first blocks are typed once for both pages


STOLEN = text("verdict.reason.key_compromised")


def blocks(page: str) -> list[str]:
    """Return the commands of a page."""
    return re.findall(r"^```sh\n(.*?)^```$", (DOCS / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def typed(commands: list[str], folder: Path) -> str:
    """Type *commands* into one shell, which stops at the first that fails; return what was said."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOCPASS_")}
    environment |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
    script = "set -e\n" + "\n".join(commands)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the folder after section 6 of federation.md, and what was said up to there."""
    folder = tmp_path_factory.mktemp("founded") / "work"
    folder.mkdir()
    return folder, typed(blocks("federation.md")[:UP_TO_THE_FIRST_PASSES], folder)


def test_the_federation_guides_commands_work_as_printed(founded: tuple[Path, str], tmp_path: Path) -> None:
    # given
    folder, said = founded
    commands = blocks("federation.md")
    assert len(commands) == 13

    # then a pass of each is accepted in the shop of one
    assert said.count(before_facts("cli.root.root", version=1, threshold=2, keys=3)) >= 3
    assert said.count(text("verdict.colour.accepted")) == 3
    assert text("cli.root.request.all_new") in said

    # when
    work = shutil.copytree(folder, tmp_path / "work")
    said = typed(commands[UP_TO_THE_FIRST_PASSES:], work)

    # then the rotation shows in the request; what both keys signed counts
    assert text("cli.root.request.differences", version=1) in said
    after = (work / "after-rotation.txt").read_text(encoding="utf-8")
    assert (after.count(text("verdict.colour.accepted")), after.count("\n")) == (3, 3)

    # and the theft too; what the stolen key signed is refused with the reason, and what was issued anew counts
    assert re.search(f"~ {text('cli.root.key', key_id='[0-9a-f]{16}')}: active -> compromised", said)
    assert f"{text('verdict.colour.rejected')}   {STOLEN}" in said
    assert "refused, exit 1" in said
    assert said.rindex(text("verdict.colour.accepted")) > said.rindex(STOLEN)


def test_the_runbooks_commands_work_as_printed(founded: tuple[Path, str], tmp_path: Path) -> None:
    # given
    folder, _ = founded
    work = shutil.copytree(folder, tmp_path / "work")
    commands = blocks("runbooks.md")
    assert len(commands) == 12

    # when
    said = typed(commands, work)

    # then
    assert said.count(text("cli.written", path="federation/trust.spt")) == 7
    assert (work / "federation-lost" / "roots" / "4.root").is_file()
    refused = (work / "refused.txt").read_text(encoding="utf-8")
    assert refused.count(STOLEN) == 1
    assert "refused, exit 1" in said[said.rindex(before_facts("cli.written")) :]
    lost, compromised = (pattern(f"cli.rotation.{what}").search(said) for what in ("lost", "compromised"))
    assert lost
    assert compromised
    assert text("verdict.colour.rejected") not in said[lost.start() : compromised.start()]
