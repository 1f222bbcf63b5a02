"""An import that is killed, or runs out of disk: nothing of it is kept, and the same file works the next time."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sql

import town
from said import text
from socpass_vc.issuer.imports.import_file import import_file
from socpass_vc.issuer.register import event_log
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import entitlements, residents

ROWS = 30_000
TO_BE_KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.imports.import_file import import_file
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.imports.progress import ImportProgress

agency, file, location, wanted = sys.argv[1:]

class Waiting(ImportProgress):
    done = 0

    def begin(self, step, length):
        self.step = step

    def advance(self, rows):
        self.done += rows
        if self.step == wanted:
            print(self.done, flush=True)
            sys.stdin.read()

with Register.open(location if "://" in location else Path(location)) as register:
    import_file(register, Path(file), Agency.open(Path(agency)).issuer, now=datetime.now(UTC), actor="x", watch=Waiting())
"""


def write(path: Path, rows: int) -> Path:
    lines = (f"{number};Иванова Мария Петровна;04.03.1951;02-545;;;3;{number:010d};01.04.2006" for number in range(rows))
    path.write_text("\n".join((town.HEADER, *lines)), encoding="utf-8")
    return path


def counts(location: Location) -> tuple[int, int, int]:
    with Register.open(location) as register, register.transaction() as connection:
        people = connection.scalar(sql.select(sql.func.count()).select_from(residents))
        granted = connection.scalar(sql.select(sql.func.count()).select_from(entitlements))
        return int(people or 0), int(granted or 0), event_log.audit(connection)[0]


@pytest.mark.parametrize("step", ["read", "merge"])
def test_an_import_that_is_killed_leaves_nothing_and_can_be_repeated(location: Location, tmp_path: Path, step: str) -> None:
    create_register(location)
    agency = town.agency(tmp_path)
    file = write(tmp_path / "a.csv", ROWS)
    command = [sys.executable, "-c", TO_BE_KILLED, str(agency.folder), str(file), str(location), step]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.kill()
        assert process.wait() == -signal.SIGKILL

    assert counts(location) == (0, 0, 0)
    with Register.open(location) as register:
        again = import_file(register, file, agency.issuer, now=town.NOW, actor="test")
    assert again.taken.changed == 2 * ROWS
    assert counts(location) == (ROWS, ROWS, 1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no bound on the size of files")
def test_a_disk_that_fills_is_named_and_the_same_file_works_when_there_is_room(tmp_path: Path) -> None:
    agency = town.agency(tmp_path)
    register = agency.folder / "register.sqlite"
    with Register.open(register) as opened:
        import_file(opened, write(tmp_path / "first.csv", 3), agency.issuer, now=town.NOW, actor="test")
    file = write(tmp_path / "a.csv", ROWS)
    program = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20)); "
        "from socpass_cli.main import run; run(sys.argv[1:])"
    )
    arguments = ["issuer", "import", str(file), "--agency", str(agency.folder), "--lang", "en"]

    said = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)

    assert said.returncode == 1, said.stderr
    assert "[bad_register]" in said.stderr
    assert text("register.disk_full", said="disk I/O error") in said.stderr
    assert counts(register) == (3, 3, 1)
    again = subprocess.run([sys.executable, "-m", "socpass_cli", *arguments], capture_output=True, text=True, check=False)
    new = {"new": ROWS - 3, "changed": 0}
    parts = (text("cli.import.residents", **new), "; ", text("cli.import.entitlements", **new))
    assert (again.returncode, again.stdout) == (0, f"{''.join(parts)}, {text('cli.import.unchanged', count=3)}\n"), again.stderr
