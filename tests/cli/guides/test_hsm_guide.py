"""docs/guides/hsm.md: its commands, typed as printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from said import text

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "hsm.md"


def test_the_guides_commands_work_as_printed(tmp_path: Path) -> None:
    # given
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    own = {name: value for name, value in os.environ.items() if not name.startswith(("SOCPASS_", "SOFTHSM2_"))}
    own["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), own["PATH"], "/usr/sbin"))

    # when
    ran = subprocess.run(
        ["bash", "-eux", "-c", "".join(blocks)],
        cwd=tmp_path,
        env={**own, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )

    # then
    if "softhsm2-util: command not found" in ran.stderr:
        pytest.fail("SoftHSM is not installed: apt-get install softhsm2")
    assert (ran.returncode, len(blocks) >= 6) == (0, True), ran.stderr
    assert sorted(path.name for path in (tmp_path / "agency" / "keys").iterdir()) == ["root.json"]
    assert ran.stdout.count(text("cli.rotation.what_to_do")) == 2
