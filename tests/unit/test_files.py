"""Files read whole within a bound, and written whole or not at all."""

import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

from said import refused
from socpass_vc.errors import AgencyError, SocpassError, SourceError, StoreError
from socpass_vc.files import (
    PUBLIC_MODE,
    SECRET_MODE,
    files_in,
    locked,
    make_folder,
    read_file,
    remove_file,
    remove_partial_files,
    write_file,
)
from socpass_vc.messages import Message


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return path.stat().st_mode & 0o777


def reason_within(error: SocpassError) -> str:
    """Return the key of what the system said."""
    why = error.facts["why"]
    assert isinstance(why, Message)
    return why.key


def names(folder: Path) -> set[str]:
    """Return what lies in a folder."""
    return {path.name for path in folder.iterdir()}


# --- Reading ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_file_up_to_the_bound_is_read_whole(tmp_path: Path, size: int) -> None:
    # given
    (tmp_path / "a").write_bytes(b"x" * size)

    # then
    assert read_file(tmp_path / "a", 10, error=SourceError) == b"x" * size


def test_a_file_beyond_the_bound_is_refused_by_name(tmp_path: Path) -> None:
    # given
    (tmp_path / "a").write_bytes(bytes(11))

    # then
    with refused(SourceError, "file_too_large", longest=10, path=str(tmp_path / "a")) as refusal:
        read_file(tmp_path / "a", 10, error=SourceError)
    assert refusal.value.where == (str(tmp_path / "a"),)


def test_a_device_without_an_end_is_read_no_further_than_the_bound() -> None:
    with refused(SourceError, "file_too_large", longest=1000):
        read_file(Path("/dev/zero"), 1000, error=SourceError)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("missing", "system.no_such_file"),
        ("folder", "system.is_a_folder"),
        ("file/inside", "system.not_a_folder"),
        ("loop", "system.other"),
        ("a" * 300, "system.name_too_long"),
        ("nul\0byte", "system.impossible_name"),
    ],
)
def test_what_cannot_be_read_is_the_error_asked_for_and_names_the_path(tmp_path: Path, name: str, why: str) -> None:
    # given
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")

    # then
    with refused(AgencyError, "cannot_be_read", path=str(tmp_path / name)) as refusal:
        read_file(tmp_path / name, 10, error=AgencyError)
    assert refusal.value.where == (str(tmp_path / name),)
    assert str(tmp_path / name) in str(refusal.value)
    assert reason_within(refusal.value) == why


# --- Writing ------------------------------------------------------------------------------------------------


def test_a_file_is_written_whole_with_its_permissions_and_nothing_beside_it(tmp_path: Path) -> None:
    for content, permissions in ((b"first", PUBLIC_MODE), (b"", SECRET_MODE), (b"x" * 100_000, PUBLIC_MODE)):
        # when
        write_file(tmp_path / "a", content, error=StoreError, mode=permissions)

        # then
        assert (tmp_path / "a").read_bytes() == content
        assert mode(tmp_path / "a") == permissions
        assert names(tmp_path) == {"a"}


def test_a_secret_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    # when
    write_file(tmp_path / "key.json", b"secret", error=StoreError, mode=SECRET_MODE)

    # then
    assert mode(tmp_path / "key.json") == 0o600


def test_a_secret_file_never_has_wider_permissions_even_where_something_was_left_lying(tmp_path: Path) -> None:
    # given what a program that was killed may have left, readable by everybody
    left = tmp_path / f".key.json.{os.getpid()}.part"
    left.write_bytes(b"old")
    left.chmod(0o666)

    # when
    write_file(tmp_path / "key.json", b"secret", error=StoreError, mode=SECRET_MODE)

    # then
    assert mode(tmp_path / "key.json") == SECRET_MODE


def test_a_link_that_somebody_put_where_the_file_is_prepared_is_not_followed(tmp_path: Path) -> None:
    # given
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / f".key.json.{os.getpid()}.part").symlink_to(victim)

    # when
    write_file(tmp_path / "key.json", b"secret", error=StoreError, mode=SECRET_MODE)

    # then
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "key.json").is_symlink()


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let this process write no file beyond a size, which fails for every user as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_where_there_is_no_room_the_old_file_stays_and_nothing_beside_it(tmp_path: Path) -> None:
    # given
    write_file(tmp_path / "a", b"old", error=StoreError)

    # when
    with refused(StoreError, "cannot_be_written") as refusal, files_of_at_most(1000):
        write_file(tmp_path / "a", bytes(5000), error=StoreError)

    # then
    assert refusal.value.where == (str(tmp_path / "a"),)
    assert reason_within(refusal.value) == "system.file_too_large"
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == {"a"}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_program_that_is_killed_in_the_middle_leaves_the_old_file(tmp_path: Path, step: str) -> None:
    # given a program that dies at once when it comes to the step
    write_file(tmp_path / "a", b"old", error=StoreError)
    program = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from socpass_vc.errors import StoreError\n"
        "from socpass_vc.files import write_file\n"
        "def die(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"setattr({'os' if step == 'fsync' else 'Path'}, {step!r}, die)\n"
        f"write_file(Path({str(tmp_path / 'a')!r}), b'new' * 1000, error=StoreError)\n"
    )

    # when
    ran = subprocess.run([sys.executable, "-c", program], check=False)

    # then
    assert ran.returncode == -signal.SIGKILL
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/a", "cannot_be_written"),
        ("file/a", "cannot_be_written"),
        ("folder", "not_a_regular_file"),
        ("a" * 300, "cannot_be_written"),
        ("nul\0byte", "cannot_be_written"),
    ],
)
def test_what_cannot_be_written_is_the_error_asked_for_and_leaves_nothing(tmp_path: Path, name: str, reason: str) -> None:
    # given
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()

    # then
    with refused(StoreError, reason, path=str(tmp_path / name)):
        write_file(tmp_path / name, b"x", error=StoreError)
    assert names(tmp_path) == {"folder", "file"}


def test_a_folder_that_cannot_be_synced_does_not_stop_the_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given a system that opens no folders, as Windows does
    real = os.open

    def refuse_folders(path: Path, flags: int, mode: int = 0o777) -> int:
        if path == tmp_path:
            raise PermissionError(13, "no folders here")
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse_folders)

    # when
    write_file(tmp_path / "a", b"x", error=StoreError)

    # then
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_folder_on_a_file_system_that_syncs_no_folders_does_not_stop_the_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    real = os.fsync

    def refuse_folders(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").resolve() == tmp_path:
            raise OSError(22, "not here")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", refuse_folders)

    # when
    write_file(tmp_path / "a", b"x", error=StoreError)

    # then
    assert (tmp_path / "a").read_bytes() == b"x"


# --- Folders ------------------------------------------------------------------------------------------------


def test_a_folder_is_made_with_those_above_it_and_may_be_there(tmp_path: Path) -> None:
    for _ in range(2):
        # when
        make_folder(tmp_path / "a" / "b", error=StoreError)

        # then
        assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("name", ["file", "file/inside", "a" * 300, "nul\0byte"])
def test_a_folder_that_cannot_be_made_is_the_error_asked_for(tmp_path: Path, name: str) -> None:
    # given
    (tmp_path / "file").touch()

    # then
    with refused(StoreError, "cannot_be_made", path=str(tmp_path / name)):
        make_folder(tmp_path / name, error=StoreError)


# --- What lies in a folder ----------------------------------------------------------------------------------


def test_files_with_an_ending_are_found_by_name_and_hidden_ones_are_not(tmp_path: Path) -> None:
    # given
    for name in ("b.pem", "a.pem", ".c.pem.7.part", ".d.pem", "e.txt"):
        (tmp_path / name).touch()

    # then
    assert [path.name for path in files_in(tmp_path, ".pem", error=StoreError)] == ["a.pem", "b.pem"]
    assert files_in(tmp_path / "missing", ".pem", error=StoreError) == []
    for wrong in (tmp_path / "a.pem", tmp_path / "a\0b"):
        with refused(StoreError, "cannot_be_read", path=str(wrong)):
            files_in(wrong, ".pem", error=StoreError)


def test_a_file_is_removed_once_and_a_folder_is_not(tmp_path: Path) -> None:
    # given
    (tmp_path / "a").touch()
    (tmp_path / "folder").mkdir()

    # when
    remove_file(tmp_path / "a", error=StoreError)
    remove_file(tmp_path / "a", error=StoreError)

    # then
    assert names(tmp_path) == {"folder"}
    with refused(StoreError, "cannot_be_removed", path=str(tmp_path / "folder")):
        remove_file(tmp_path / "folder", error=StoreError)


# --- Locks --------------------------------------------------------------------------------------------------

HOLD = (
    "import sys\n"
    "from pathlib import Path\n"
    "from socpass_vc.errors import StoreError\n"
    "from socpass_vc.files import locked\n"
    "with locked(Path(sys.argv[1]), error=StoreError):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def hold(path: Path) -> subprocess.Popen[str]:
    """Return a process that holds a lock until its input ends."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("end", ["by itself", "killed"])
def test_one_process_at_a_time_holds_a_lock_which_ends_with_the_process(tmp_path: Path, end: str) -> None:
    # given
    path = tmp_path / "lock"
    other = hold(path)

    # then
    with refused(StoreError, "locked_by_another") as refusal, locked(path, error=StoreError, wait_seconds=0.05):
        pass
    assert refusal.value.where == (str(path),)
    if end == "killed":
        other.kill()
    other.communicate()
    with locked(path, error=StoreError, wait_seconds=0):
        assert path.read_bytes() == b""


def test_who_waits_for_a_lock_has_it_when_it_is_given_back(tmp_path: Path) -> None:
    # given
    path = tmp_path / "lock"
    other = hold(path)
    later = Timer(0.1, other.communicate)

    # when
    later.start()

    # then
    with locked(path, error=StoreError):
        later.join()
        assert other.returncode == 0


def test_a_lock_that_cannot_be_made_is_the_error_asked_for(tmp_path: Path) -> None:
    with refused(StoreError, "cannot_be_written"), locked(tmp_path / "missing" / "lock", error=StoreError):
        pass


def test_a_file_system_without_locks_is_the_error_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # given one that answers as some network file systems do
    def without_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", without_locks)

    # then
    why = Message("system.other", said="No locks available")
    with refused(StoreError, "cannot_be_locked", why=why), locked(tmp_path / "lock", error=StoreError):
        pass


def test_what_was_left_half_written_is_removed_and_nothing_else(tmp_path: Path) -> None:
    # given
    for name in (".a.cwt.12.part", "a.part", ".b", "c.cwt"):
        (tmp_path / name).touch()
    (tmp_path / ".folder.1.part").mkdir()

    # when
    remove_partial_files(tmp_path)
    remove_partial_files(tmp_path / "missing")

    # then
    assert names(tmp_path) == {"a.part", ".b", "c.cwt", ".folder.1.part"}
