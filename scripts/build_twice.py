"""Builds the wheel and the source archive of HEAD twice, under different circumstances, and compares them byte for byte.

Each build is of a clone of its own, at another path, with other times on its files, another umask, time zone and language. What
is built depends on the commit alone: times inside are those of the commit (SOURCE_DATE_EPOCH).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent


class Circumstance(NamedTuple):
    """What must make no difference."""

    folder: str
    umask: int
    touched_at: int
    environment: dict[str, str]


CIRCUMSTANCES = (
    Circumstance("a", 0o022, 1_000_000_000, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}),
    Circumstance(
        "somewhere else/much deeper", 0o077, 1_700_000_000, {"TZ": "Asia/Kamchatka", "LC_ALL": "C", "PYTHONHASHSEED": "2"}
    ),
)


def commit_time(root: Path) -> str:
    """Return the time of HEAD in seconds since 1970."""
    return _git(root, "log", "-1", "--format=%ct").strip()


def build_twice(root: Path, out: Path) -> list[Path]:
    """Build HEAD of *root* into *out*, and return the files.

    Raises:
        SystemExit: the two builds differ; it names the files.
    """
    with tempfile.TemporaryDirectory() as scratch:
        built = [_build(root, Path(scratch), circumstance) for circumstance in CIRCUMSTANCES]
        names = [sorted(path.name for path in folder.iterdir()) for folder in built]
        differ = [name for name in names[0] if names[0] == names[1] and len({digest(folder / name) for folder in built}) > 1]
        if names[0] != names[1] or differ:
            sys.exit(f"not reproducible: {', '.join(differ) or names}")
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(built[0], out)
    return sorted(out.iterdir())


def digest(path: Path) -> str:
    """Return SHA-256 of a file in hexadecimal digits."""
    return sha256(path.read_bytes()).hexdigest()


def _build(root: Path, scratch: Path, circumstance: Circumstance) -> Path:
    clone = scratch / circumstance.folder
    clone.parent.mkdir(parents=True, exist_ok=True)
    before = os.umask(circumstance.umask)
    try:
        _git(root, "clone", "--quiet", "--no-local", "--depth=1", root.as_uri(), str(clone))
        environment = {**os.environ, **circumstance.environment, "SOURCE_DATE_EPOCH": commit_time(clone)}
        environment["PYTHONPATH"] = os.pathsep.join((str(clone / "src"), str(clone / "cli")))
        subprocess.run([sys.executable, "scripts/translations.py"], cwd=clone, env=environment, check=True)
        for path in clone.rglob("*"):
            if ".git" not in path.parts:
                os.utime(path, (circumstance.touched_at, circumstance.touched_at), follow_symlinks=False)
        out = scratch / f"{len(circumstance.folder)}-dist"
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(out)]
        subprocess.run(command, cwd=clone, env=environment, check=True, capture_output=True)  # noqa: S603 -- our own builder
    finally:
        os.umask(before)
    return out


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout  # noqa: S603 -- git from the path


def main() -> None:
    """Build into build/reproducible, and print the digests."""
    for path in build_twice(ROOT, ROOT / "build" / "reproducible"):
        print(f"{digest(path)}  {path.name}: the same bytes twice")  # noqa: T201 -- a script's message


if __name__ == "__main__":
    main()
