"""README.md and docs/start/: their commands and the program, typed as printed, by somebody who has nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from said import text

ROOT = Path(__file__).parents[3]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("SOCPASS_")} | {
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "LC_ALL": "C.UTF-8",
}


def blocks(page: str, language: str) -> list[str]:
    """Return the blocks of a page that are in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def typed(page: str, folder: Path) -> str:
    """Type the page's commands into one shell, which stops at the first that fails; return what was said."""
    script = "set -e\n" + "\n".join(blocks(page, "sh"))
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=CLEAN, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture
def folder_with_demo(demo_folder: Path, tmp_path: Path) -> Path:
    """Return a folder in which the demo was played, as README.md asks for."""
    shutil.copytree(demo_folder, tmp_path / "demo")
    return tmp_path


def test_the_commands_of_the_readme_work_as_printed(folder_with_demo: Path) -> None:
    # when
    said = typed("README.md", folder_with_demo)

    # then the new pass is accepted, with what it opens at a museum
    assert "ACCEPTED" in said
    assert "[02-545]" in said
    assert (folder_with_demo / "demo" / "new" / "passes.csv").is_file()


def test_the_make_targets_of_the_readme_are_there() -> None:
    # given
    page, makefile = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "Makefile"))
    named = set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", page, flags=re.MULTILINE))

    # then
    assert {"demo", "test", "check", "docs", "interop"} <= {first or second for first, second in named}
    for target in (first or second for first, second in named):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target


def program_of_the_readme(folder: Path) -> list[str]:
    """Run the program, and return the lines that it prints."""
    (folder / "program.py").write_text(blocks("README.md", "python")[0], encoding="utf-8")
    ran = subprocess.run([sys.executable, "program.py"], cwd=folder, env=CLEAN, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_the_program_of_the_readme_works_as_printed(demo_folder: Path, tmp_path: Path) -> None:
    # given
    shutil.copytree(demo_folder / "till", tmp_path / "till")
    shutil.copy(demo_folder / "passes" / "accepted.png", tmp_path / "photo.png")

    # when
    for_programs, for_cashiers, person = program_of_the_readme(tmp_path)

    # then
    assert for_programs == "accepted accepted"
    assert text("verdict.reason.accepted", "ru") in for_cashiers
    assert person.startswith("Константинопольская Анна Сергеевна")


@pytest.mark.parametrize("ailment", ["missing", "locked", "a folder", "empty", "no till"])
def test_the_program_of_the_readme_survives_what_files_do(demo_folder: Path, tmp_path: Path, ailment: str) -> None:
    # given
    photo = tmp_path / "photo.png"
    if ailment == "locked":
        photo.symlink_to(photo)  # like a file that another program holds, the system lets nobody open it, not even root
    elif ailment == "a folder":
        photo.mkdir()
    elif ailment == "empty":
        photo.touch()
    elif ailment == "no till":
        shutil.copy(demo_folder / "passes" / "accepted.png", photo)

    # when
    for_programs, for_cashiers = program_of_the_readme(tmp_path)

    # then
    codes = {"missing": "bad_source", "locked": "bad_source", "a folder": "no_code_found", "empty": "no_code_found"}
    code = codes.get(ailment, "bad_store")
    assert for_programs == f"{'undecided' if code == 'bad_store' else 'unreadable'} {code}"
    assert text(f"verdict.reason.{code}", "ru") in for_cashiers


def test_an_operator_comes_from_nothing_to_a_revoked_pass(tmp_path: Path) -> None:
    # when
    said = typed("docs/start/operator.md", tmp_path)

    # then: both count, then one of them, also at a museum
    assert [said.count(word) for word in ("ACCEPTED", "REJECTED")] == [2 + 1 + 1, 1 + 1]


@pytest.mark.parametrize("page", ["docs/start/cashier.md", "docs/start/cashier.ru.md", "docs/start/till-vendor.md"])
def test_the_first_pages_of_a_till_work_as_printed(page: str, tmp_path: Path) -> None:
    # when
    said = typed(page, tmp_path)

    # then
    assert ("ПРИНЯТО" if ".ru" in page else "ACCEPTED") in said


@pytest.mark.parametrize(("page", "language"), [("docs/start/cashier.md", "en"), ("docs/start/cashier.ru.md", "ru")])
def test_the_cashiers_pages_have_the_words_of_the_screen(page: str, language: str, demo_folder: Path) -> None:
    # when
    command = [sys.executable, "-m", "socpass_cli", "--lang", language, "verify", "passes", "--store", "till"]
    ran = subprocess.run(command, cwd=demo_folder, env=CLEAN, capture_output=True, text=True, check=False)

    # then
    words = {line.partition("passes")[0].strip() for line in ran.stdout.splitlines()}
    assert len(words) == 3
    for word in words:
        assert f"**{word}**" in (ROOT / page).read_text(encoding="utf-8")


def test_the_readme_issues_a_pass_and_revokes_it(tmp_path: Path) -> None:
    # given
    program = blocks("README.md", "python")[1]
    assert program.count("\n") <= 25

    # when
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=False)

    # then
    assert (ran.returncode, ran.stderr) == (0, "")
    *code, accepted, revoked = ran.stdout.splitlines()
    assert (accepted, revoked, len(code) > 20) == ("accepted", "revoked", True)


def test_the_guide_to_issuing_works_as_printed_without_a_register(tmp_path: Path) -> None:
    # given
    programs = blocks("docs/guides/library.md", "python")
    assert programs[0].count("\n") <= 25
    asked = """
import sys
assert not {"sqlalchemy", "click", "reportlab", "cbor2"} & set(sys.modules)
for ref, blob in database.execute("SELECT ref, pass FROM people WHERE ref IN ('16', '17', '999')"):
    lists = {issuer.status_uri(0): sp.admit(Path("0.cwt").read_bytes(), trust=trust)}
    (verdict,) = sp.check_texts([sp.write_pass(blob)], lambda read: sp.verify_pass(read, trust=trust, status=lists, now=now))
    print(ref, verdict.code)
(shown,) = sp.read_codes(Path("pass.png"))
print(shown == text, Path("pass.svg").read_text().startswith("<svg "))
"""

    # when
    whole = "\n".join([*programs, asked])
    ran = subprocess.run([sys.executable, "-c", whole], cwd=tmp_path, env=CLEAN, capture_output=True, text=True, check=False)

    # then
    assert (ran.returncode, ran.stderr) == (0, "")
    said = ran.stdout.splitlines()[-6:]
    assert said == ["accepted", "revoked", "16 accepted", "17 revoked", "999 accepted", "True True"]
