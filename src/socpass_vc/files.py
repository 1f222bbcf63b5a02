"""Files read whole within a bound, and written whole or not at all.

All towers use the disk through this module. It knows nothing of what the bytes mean.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from socpass_vc.errors import SocpassError, system_reason

PUBLIC_MODE = 0o644
SECRET_MODE = 0o600
LOCK_WAIT_SECONDS = 30.0
"""How long a writer waits for another: each holds a lock to write one file, for milliseconds, or a second on a slow stick."""

_LOCK_PAUSE_SECONDS = 0.01
_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # how systems report a lock that another process holds


def read_file(path: Path, longest: int, *, error: type[SocpassError]) -> bytes:
    """Return the content of *path*.

    Args:
        path: a file; a device or a pipe is read only up to the bound.
        longest: in bytes.
        error: what to raise.

    Raises:
        SocpassError: of the kind *error*, naming the path: it is missing, a folder, not permitted, or longer.
    """
    try:
        with path.open("rb") as file:
            size = min(os.fstat(file.fileno()).st_size, longest)
            content = file.read(size + 1)  # asking for *longest* bytes would allocate them
            if len(content) > size:  # a pipe, a device, or a file that grows
                content += file.read(longest + 1 - len(content))
    except (OSError, ValueError) as reason:  # ValueError: a NUL in the path
        raise error("cannot_be_read", why=system_reason(reason), path=str(path)).at(path) from reason
    if len(content) > longest:
        raise error("file_too_large", longest=longest, path=str(path)).at(path)
    return content


def write_file(path: Path, content: bytes, *, error: type[SocpassError], mode: int = PUBLIC_MODE) -> None:
    """Write *content* to *path* so that a reader, even after a loss of power, finds the old file or the new one.

    Args:
        path: the file, whose folder exists.
        content: all of it.
        error: what to raise.
        mode: its permissions; a secret file never exists with wider ones.

    Raises:
        SocpassError: of the kind *error*, naming the path; the old file is unchanged.
    """
    try:
        path = Path(os.path.realpath(path))  # a link is followed, and stays one
        if path.exists() and not path.is_file():
            raise error("not_a_regular_file", path=str(path)).at(path)
    except (OSError, ValueError) as reason:
        raise error("cannot_be_written", why=system_reason(reason), path=str(path)).at(path) from reason
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.unlink(missing_ok=True)  # left by a process of the same number, or put there by another
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except (OSError, ValueError) as reason:
        raise error("cannot_be_written", why=system_reason(reason), path=str(path)).at(path) from reason
    finally:
        with suppress(OSError, ValueError):
            partial.unlink(missing_ok=True)


def write_files(contents: Mapping[Path, bytes], *, error: type[SocpassError], mode: int = PUBLIC_MODE) -> None:
    """Write many new files, each whole or not at all, in a third of the time that writing them one by one would take.

    Args:
        contents: path to content; the folders exist. All files are open at once: pass no more than a hundred.
        error: what to raise.
        mode: their permissions.

    Raises:
        SocpassError: of the kind *error*, naming a path; earlier files may be there.
    """
    partials: dict[Path, Path] = {}
    path = Path()
    try:
        with ExitStack() as opened:
            files = []
            for path, content in contents.items():
                partial = path.with_name(f".{path.name}.{os.getpid()}.part")
                partial.unlink(missing_ok=True)
                descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
                partials[path] = partial
                files.append(opened.enter_context(os.fdopen(descriptor, "wb")))
                files[-1].write(content)
                files[-1].flush()
            for file in files:  # after all are written, so that one wait for the disk serves many
                os.fsync(file.fileno())
        for path, partial in partials.items():
            partial.replace(path)
        for folder in {path.parent for path in partials}:
            _sync_folder(folder)
    except (OSError, ValueError) as reason:
        raise error("cannot_be_written", why=system_reason(reason), path=str(path)).at(path) from reason
    finally:
        for partial in partials.values():
            with suppress(OSError, ValueError):
                partial.unlink(missing_ok=True)


def make_folder(path: Path, *, error: type[SocpassError]) -> None:
    """Make the folder *path* and those above it, if they are not there.

    Raises:
        SocpassError: of the kind *error*, naming the path.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as reason:
        raise error("cannot_be_made", why=system_reason(reason), path=str(path)).at(path) from reason


def files_in(folder: Path, ending: str, *, error: type[SocpassError]) -> list[Path]:
    """Return the files in *folder* whose names have this ending, by name; none if the folder does not exist.

    Raises:
        SocpassError: of the kind *error*, naming the folder: it may not be read.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(ending) and not path.name.startswith("."))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as reason:
        raise error("cannot_be_read", why=system_reason(reason), path=str(folder)).at(folder) from reason


def remove_file(path: Path, *, error: type[SocpassError]) -> None:
    """Remove the file *path*, unless it is gone already.

    Raises:
        SocpassError: of the kind *error*, naming the path.
    """
    try:
        path.unlink(missing_ok=True)
    except (OSError, ValueError) as reason:
        raise error("cannot_be_removed", why=system_reason(reason), path=str(path)).at(path) from reason


@contextmanager
def locked(path: Path, *, error: type[SocpassError], wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock *path*, which one process at a time can hold; it is released when the process ends, however it ends.

    Args:
        path: an empty file, made if it is missing, and left there.
        error: what to raise.
        wait_seconds: how long to wait for another process.

    Raises:
        SocpassError: of the kind *error*, naming the path: it cannot be made, or another process holds it the whole time.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PUBLIC_MODE)
    except (OSError, ValueError) as reason:
        raise error("cannot_be_written", why=system_reason(reason), path=str(path)).at(path) from reason
    try:
        until = time.monotonic() + wait_seconds
        while not _try_lock(descriptor, path, error):
            if time.monotonic() > until:
                raise error("locked_by_another", seconds=round(wait_seconds), path=str(path)).at(path)
            time.sleep(_LOCK_PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)  # which releases the lock


@contextmanager
def taken_back_on_failure() -> Iterator[list[Path]]:
    """Yield a list for the files and folders that a task makes; if it does not finish, they are removed, the last first.

    A folder is removed only if it is empty.
    """
    made: list[Path] = []
    try:
        yield made
    except BaseException:  # Ctrl-C too: what is half done is in the way of the next attempt
        for path in reversed(made):
            with suppress(OSError):
                path.rmdir() if path.is_dir() else path.unlink()
        raise


def remove_partial_files(folder: Path) -> None:
    """Remove what a process that was killed while writing left in *folder*; the caller holds the folder's lock."""
    for partial in folder.glob(".*.part"):
        with suppress(OSError):
            partial.unlink()


def _try_lock(descriptor: int, path: Path, error: type[SocpassError]) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 -- exists on this one system

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 -- exists on all others; a till that only verifies needs neither

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as reason:
        if reason.errno in _HELD:
            return False
        raise error("cannot_be_locked", why=system_reason(reason), path=str(path)).at(path) from reason
    return True


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a loss of power on systems that can open a folder (Windows cannot)."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
