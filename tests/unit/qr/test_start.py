"""What a till pays before it reads its first code: no library that it does not use, and none that it cannot do without."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ImageOps

from unit.qr.pictures import TEXT, drawn, saved

READ = """
import sys
from pathlib import Path
{first}
from socpass_vc.errors import NoCodeFound
{read}

for path in sys.argv[1:]:
    try:
        print(*read(Path(path)))
    except NoCodeFound as refused:
        print(refused.reason, *refused.facts["hints"])
print(*sorted(sys.modules))
"""


AS_A_TILL_DOES = "from socpass_vc.qr.read import read_codes as read"
IN_ONE_PROCESS = """
from socpass_vc.qr.container import identify
from socpass_vc.qr.read import has_check_digits
from socpass_vc.qr.search import find_codes

def read(path):
    file = path.read_bytes()
    return find_codes(file, identify(file), enough=has_check_digits, budget_seconds=2)
"""


def read_in_a_child(*paths: Path, first: str = "", read: str = IN_ONE_PROCESS) -> tuple[list[str], set[str]]:
    """Return what a process of its own prints for each of *paths*, and the modules that it has imported."""
    command = [sys.executable, "-c", READ.format(first=first, read=read), *map(str, paths)]
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}  # it imports a good deal
    child = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=unmeasured)
    assert child.stderr == ""
    *said, modules = child.stdout.splitlines()
    return said, set(modules.split())


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    path = tmp_path / "clean.png"
    path.write_bytes(saved(drawn(), "PNG"))
    return path


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    path.write_bytes(saved(ImageOps.expand(drawn().point(lambda _: 255), 30, 120), "PNG"))
    return path


def test_a_clean_png_is_read_with_two_libraries_and_one_decoder_of_pictures(clean: Path, tmp_path: Path) -> None:
    # given stand-ins, so that these could be imported wherever the test runs
    for name in ("numpy", "segno", "sqlalchemy", "pyzbar"):
        (tmp_path / f"{name}.py").write_text("")
    # when
    said, modules = read_in_a_child(clean, first=f"sys.path.insert(0, {str(tmp_path)!r})", read=AS_A_TILL_DOES)
    # then
    assert said == [TEXT]
    assert "zxingcpp" in modules
    assert modules.isdisjoint({"numpy", "segno", "sqlalchemy", "pyzbar", "socpass_vc.qr.write"})
    assert modules.isdisjoint({"subprocess", "ctypes", "json", "socpass_vc.qr.worker_process"})
    assert {name for name in modules if name.endswith("ImagePlugin")} == {"PIL.PngImagePlugin"}


def test_the_second_reader_is_imported_only_when_the_first_has_found_nothing(clean: Path, blank: Path) -> None:
    assert "pyzbar.pyzbar" not in read_in_a_child(clean)[1]
    assert "pyzbar.pyzbar" in read_in_a_child(blank)[1]


def test_a_missing_library_is_looked_for_once(clean: Path, blank: Path) -> None:
    # given
    search = "import ctypes.util; ctypes.util.find_library = lambda name: print('looking for', name)"
    # when
    said, _ = read_in_a_child(blank, clean, blank, first=search)
    # then
    assert said.count("looking for zbar") == 1


@pytest.mark.parametrize(
    "first",
    [
        "import ctypes.util; ctypes.util.find_library = lambda name: None",
        "import ctypes.util; ctypes.util.find_library = lambda name: 'libnothing.so.9'",
        "import ctypes.util; ctypes.util.find_library = lambda name: 'libc.so.6'",
        "sys.modules['pyzbar'] = None",
    ],
    ids=["no libzbar", "a libzbar that does not load", "a libzbar without its functions", "no pyzbar"],
)
def test_reading_goes_on_without_the_second_reader(first: str, clean: Path, blank: Path) -> None:
    # when
    said, modules = read_in_a_child(blank, clean, blank, first=first)
    # then
    nothing = "no_code_can_be_read no_code"
    assert said == [nothing, TEXT, nothing]
    assert "pyzbar.pyzbar" not in modules
