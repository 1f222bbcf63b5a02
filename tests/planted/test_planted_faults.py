"""Each fault of the table, planted in a copy of the source, must be noticed: the tests are tested."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import vectors
from planted.fault import Fault
from planted.faults import FAULTS

TESTS = Path(__file__).parents[1]
WHOLE_FILES = ("unit/test_files.py", "unit/issuer/issuance/test_batch_issue.py", "unit/issuer/issuance/test_index_permutation.py")
"""Tests that notice faults and pass, one by one, without pytest's plugins and our fixtures."""
SOURCE = TESTS.parent / "src"


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the source, compiled, to plant faults in."""
    folder = tmp_path_factory.mktemp("planted") / "src"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, "-m", "compileall", "-q", str(folder)], check=True)
    return folder


@contextmanager
def planted(folder: Path, fault: Fault) -> Iterator[None]:
    """Plant a fault in the copy, and take it out again."""
    path = folder / "socpass_vc" / fault.file
    good = path.read_text(encoding="utf-8")
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()  # a fault of the same size within the same second would not be compiled anew
    path.write_text(good.replace(fault.old, fault.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(good, encoding="utf-8")


def notices(folder: Path, noticed_by: str, *others: str) -> bool:
    """Tell whether the vectors of a folder, or one test or one of several, fail with the source in *folder*."""
    if noticed_by in vectors.RUNNERS:
        command = [str(TESTS / "vectors.py"), noticed_by]
    else:
        named = [str(TESTS / name) for name in (noticed_by, *others)]
        command = ["-m", "pytest", "-q", "-x", "--noconftest", "-p", "no:cacheprovider", *named]
    # Coverage of a copy that is gone afterwards would be of no use.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE_", "COV_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(folder), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ran = subprocess.run([sys.executable, "-B", *command], env=environment, cwd=TESTS.parent, capture_output=True, check=False)
    assert ran.returncode in (0, 1), ran.stderr.decode()
    return ran.returncode == 1


@pytest.mark.parametrize("noticed_by", [*vectors.RUNNERS, *WHOLE_FILES])
def test_the_source_without_a_fault_passes(copied: Path, noticed_by: str) -> None:
    assert not notices(copied, noticed_by)


def test_every_test_that_is_to_notice_a_fault_passes_without_one(copied: Path) -> None:
    # one that fails here for another reason, such as a fixture of a conftest.py, would notice whatever is planted
    assert not notices(copied, *sorted({fault.noticed_by for fault in FAULTS} - set(vectors.RUNNERS)))


def test_every_fault_is_one_of_its_own() -> None:
    assert len({(fault.file, fault.old, fault.new) for fault in FAULTS}) == len({fault.breaks for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.breaks)
def test_a_planted_fault_is_noticed(copied: Path, fault: Fault) -> None:
    # given
    good = (SOURCE / "socpass_vc" / fault.file).read_text(encoding="utf-8")
    assert good.count(fault.old) == 1, f"src/socpass_vc/{fault.file} no longer holds once what the fault replaces: {fault.old!r}"

    # when
    with planted(copied, fault):
        noticed = notices(copied, fault.noticed_by)

    # then
    assert noticed, f"nobody noticed that {fault.breaks}"
