"""Issuing by several processes, and what is left when they die, lose their database or fill the disk.

``SOCPASS_SURVIVAL_RESIDENTS`` and ``SOCPASS_SURVIVAL_KILLS`` make the killing as long as one likes (``make survival``).
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sql

import town
from postgres import running_server
from said import refused, text
from socpass_vc.errors import RegisterError, RegisterUnreachable, WorkerLost
from socpass_vc.format.keys import PublicKey, Signer
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.batch_issue import BATCH, issue_due
from socpass_vc.issuer.issuance.workers import Workers, WorkerTask
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.event_log import audit
from socpass_vc.issuer.register.migrate import create_register
from socpass_vc.issuer.register.schema import credentials, events, residents
from socpass_vc.messages import Message

RESIDENTS = int(os.environ.get("SOCPASS_SURVIVAL_RESIDENTS", "9000"))
KILLS = int(os.environ.get("SOCPASS_SURVIVAL_KILLS", "3"))
KILLED = Message("worker_killed", signal=9)
SEED = int(os.environ.get("SOCPASS_SURVIVAL_SEED", str(time.time_ns())))


def settings() -> AgencySettings:
    return replace(town.settings(), list_entries=2**12)  # so that lists fill up, and others open


def task(location: Location) -> WorkerTask:
    return WorkerTask(location=location, order=town.order(settings()))


@contextmanager
def crowded(location: Location, count: int) -> Iterator[Register]:
    create_register(location)
    with Register.open(location) as register:
        town.crowd(register, count)
        yield register


def finish(register: Register) -> int:
    return sum(1 for _ in issue_due(register, town.order(settings())))


def check_whole(register: Register, count: int) -> None:
    """Every resident has one live pass, no place was given twice, and the event log tells of each pass."""
    with register.transaction() as connection:

        def number(query: sql.Select[Any]) -> int:
            return int(connection.scalar(query) or 0)

        live = sql.select(sql.func.count()).select_from(credentials).where(credentials.c.status == 0)
        assert number(live) == number(sql.select(sql.func.count()).select_from(residents)) == count
        assert number(sql.select(sql.func.count(sql.distinct(credentials.c.resident_id)))) == count
        places = sql.select(credentials.c.list_number, credentials.c.list_index).distinct().subquery()
        assert number(sql.select(sql.func.count()).select_from(places)) == count
        assert number(sql.select(sql.func.count()).select_from(events).where(events.c.act == "issue")) == count
        assert audit(connection)[0] == count


def test_a_worker_killed_at_any_moment_leaves_whole_batches_and_the_next_goes_on(location: Location) -> None:
    chance = random.Random(SEED)  # noqa: S311 -- moments, no secrets
    print(f"seed {SEED}")  # noqa: T201 -- what a failed run needs to be told again
    killed = 0
    with crowded(location, RESIDENTS) as register:
        for _ in range(KILLS):
            with Workers(task(location), 1) as workers:
                (pid,) = workers.pids.values()
                left = chance.randrange(2)
                with refused(WorkerLost, "worker_died", process=pid, how=KILLED):
                    if not left:  # while it starts, or within its first batch
                        time.sleep(chance.random() / 2)
                        os.kill(pid, signal.SIGKILL)
                    for _batch in workers.batches():
                        left -= 1
                        if left == 0:
                            time.sleep(chance.random() / 20)  # within a batch or two
                            os.kill(pid, signal.SIGKILL)
                    killed -= 1
                    raise WorkerLost("worker_died", process=pid, how=KILLED)  # it was done before it could be killed
                killed += 1
        print(f"killed at work: {killed} of {KILLS}; issued afterwards: {finish(register)}")  # noqa: T201 -- how hard it was
        assert killed
        check_whole(register, RESIDENTS)
        assert finish(register) == 0


def test_workers_side_by_side_issue_each_pass_once(location: Location) -> None:
    count = 2 if isinstance(location, Path) else 4
    people = count * BATCH + 500
    with crowded(location, people) as register:
        with Workers(task(location), count) as workers:
            assert len(workers.pids) == count
            batches = list(workers.batches())
        assert sum(len(batch.issued) for batch in batches) == people
        check_whole(register, people)


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_a_limit_is_shared_out_among_workers(location: Location) -> None:
    with crowded(location, 40) as register:
        with Workers(task(location).limited_to(25), 2) as workers:
            assert sum(len(batch.issued) for batch in workers.batches()) <= 25
        finish(register)
        check_whole(register, 40)


def test_a_worker_that_dies_is_named_and_the_others_finish(tmp_path: Path) -> None:
    location = tmp_path / "register.sqlite"
    with crowded(location, 2 * BATCH) as register:
        with Workers(task(location), 2) as workers:
            pid = workers.pids[1]
            os.kill(pid, signal.SIGKILL)
            issued = 0
            with refused(WorkerLost, "worker_died", worker=1, process=pid, how=KILLED):
                for batch in workers.batches():
                    issued += len(batch.issued)
        assert issued == 2 * BATCH
        check_whole(register, 2 * BATCH)


def test_workers_that_are_told_to_stop_end_with_the_batch_that_they_are_at(location: Location) -> None:
    with crowded(location, 4 * BATCH) as register:
        with Workers(task(location), 1) as workers:
            batches = workers.batches()
            kept = len(next(batches).issued)
            workers.stop()
            kept += sum(len(batch.issued) for batch in batches)
        assert 0 < kept < 4 * BATCH
        assert finish(register) == 4 * BATCH - kept
        check_whole(register, 4 * BATCH)


def test_what_stops_a_worker_comes_as_its_own_error(tmp_path: Path) -> None:
    with Workers(task(tmp_path / "nowhere.sqlite"), 1) as workers, refused(RegisterError, "register.missing"):
        list(workers.batches())


@dataclass
class Cutting:
    """A key that lets something happen, once, by default in the middle of the second batch."""

    key: Signer
    act: Callable[[], None]
    left: int = BATCH + BATCH // 2

    @property
    def public_key(self) -> PublicKey:
        return self.key.public_key

    def sign(self, message: bytes) -> bytes:
        self.left -= 1
        if self.left == 0:
            self.act()
        return self.key.sign(message)


def cut(location: Location) -> None:
    """End every connection of ours, as an administrator or a failing network does."""
    with closing(psycopg.connect(str(location), autocommit=True)) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'socpass'")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let issuing give up soon."""
    monkeypatch.setattr("socpass_vc.issuer.register.retry.PAUSES", (0.05, 0.05))


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_a_connection_lost_in_mid_batch_is_made_anew_and_the_batch_issued_once(location: Location) -> None:
    with crowded(location, 3 * BATCH) as register:
        signer = Cutting(town.pass_key(), lambda: cut(location))
        issued = list(issue_due(register, town.order(settings(), signer=signer)))
        assert len({entry.ref for entry in issued}) == len(issued) == 3 * BATCH
        check_whole(register, 3 * BATCH)


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_who_cannot_be_given_a_pass_is_told_once_though_the_connection_is_lost(location: Location) -> None:
    with crowded(location, 3) as register:
        with register.transaction() as connection:
            connection.execute(residents.update().where(residents.c.id == 1).values(name=""))
        signer = Cutting(town.pass_key(), lambda: cut(location), left=2)
        done = list(issue_due(register, town.order(settings(), signer=signer)))
        assert sorted(entry.ref for entry in done) == ["R0000001", "R0000002", "R0000003"]


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_one_residents_pass_is_issued_once_though_the_connection_is_lost(location: Location) -> None:
    with crowded(location, 1) as register:
        signer = Cutting(town.pass_key(), lambda: cut(location), left=1)
        (issued,) = issue_due(register, town.order(settings(), signer=signer, ref="R0000001"))
        assert issued.ref == "R0000001"
        check_whole(register, 1)


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_a_batch_whose_commit_nobody_confirmed_is_not_issued_again(location: Location) -> None:
    """A server may keep a transaction and fail before it says so; here the connection is cut at that moment."""
    with crowded(location, 1) as register:
        once = [None]

        def lose_the_answer(connection: sql.Connection) -> None:
            if once:
                once.clear()
                driver = connection.connection.driver_connection
                assert isinstance(driver, psycopg.Connection)
                driver.commit()
                driver.execute("SELECT 1")  # begins another transaction, so that there is something left to confirm
                cut(location)

        sql.event.listen(sql.Engine, "commit", lose_the_answer)
        try:
            (issued,) = issue_due(register, town.order(settings(), ref="R0000001"))
        finally:
            sql.event.remove(sql.Engine, "commit", lose_the_answer)
        assert not once
        assert issued.ref == "R0000001"
        check_whole(register, 1)


@pytest.mark.usefixtures("impatient")
def test_a_server_that_does_not_come_back_is_said_and_what_was_confirmed_is_kept() -> None:
    with running_server() as server, crowded(server.new_database(), 2 * BATCH) as register:
        with refused(RegisterUnreachable, "register.no_answer"):
            list(issue_due(register, town.order(settings(), signer=Cutting(town.pass_key(), server.stop))))
        server.start()
        assert finish(register) == BATCH
        check_whole(register, 2 * BATCH)


def test_workers_go_on_by_themselves_when_the_server_was_restarted() -> None:
    with running_server() as server, crowded(location := server.new_database(), 4 * BATCH) as register:
        with Workers(task(location), 2) as workers:
            batches = workers.batches()
            issued = len(next(batches).issued)
            server.stop()
            time.sleep(0.5)
            server.start()
            issued += sum(len(batch.issued) for batch in batches)
        assert issued == 4 * BATCH
        check_whole(register, 4 * BATCH)


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_whom_another_worker_had_and_left_are_waited_for_and_looked_at(location: Location) -> None:
    with crowded(location, 30) as register, ThreadPoolExecutor(1) as pool:
        with Register.open(location) as others, others.transaction() as connection:
            connection.execute(sql.select(residents.c.id).where(residents.c.id <= 10).with_for_update())
            issuing = pool.submit(finish, register)
            issued = 0
            while issued < 20 and not issuing.done():  # however long the machine takes
                with register.snapshot() as seen:
                    issued = seen.scalar(sql.select(sql.func.count()).select_from(credentials)) or 0
            with pytest.raises(TimeoutError):
                issuing.result(timeout=1.5)
            assert issued == 20
        assert issuing.result(timeout=60) == 30
        check_whole(register, 30)


@pytest.mark.parametrize("location", ["postgresql"], indirect=True)
def test_whom_another_worker_never_lets_go_is_an_error(location: Location, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socpass_vc.issuer.issuance.renewal_queue.BUSY_SECONDS", 0.2)
    with crowded(location, 3) as register, Register.open(location) as others, others.transaction() as connection:
        connection.execute(sql.select(residents.c.id).where(residents.c.id == 1).with_for_update())
        with refused(RegisterError, "register.held"):
            finish(register)


def test_a_register_in_a_file_that_fails_is_not_tried_again(tmp_path: Path) -> None:
    with crowded(tmp_path / "register.sqlite", 1) as register:
        with register.transaction() as connection:
            connection.execute(sql.text("DROP TABLE event_head"))
        with refused(RegisterError, "register.refused") as caught:
            finish(register)
        assert "no such table: event_head" in str(caught.value.facts["said"])
        assert not isinstance(caught.value, RegisterUnreachable)


ROOM = 2**22
"""Bytes that are left when issuing begins: enough for some batches."""


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a disk of 32 MiB at *folder*, and tell whether that was allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def use_up(register: Path, *, mounted: bool) -> Callable[[], None] | None:
    """Leave no more than ROOM on the disk; where none could be mounted, return what keeps a process from writing longer files."""
    if mounted:
        (register.parent / "ballast").write_bytes(bytes(shutil.disk_usage(register.parent).free - ROOM))
        return None
    longest = register.stat().st_size + ROOM
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))


def test_a_full_disk_is_said_and_the_same_command_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (tmp_path / "pw").write_text(f"{town.PASSPHRASE}\n")
    with small_disk(disk) as mounted:
        agency = town.agency(disk)
        with agency.register() as register:
            town.crowd(register, 4 * BATCH)
        limit = use_up(Path(register.name), mounted=mounted)
        command = [sys.executable, "-m", "socpass_cli", "issuer", "issue", "--lang", "en", "--agency", str(agency.folder)]
        command += ["--passphrase-file", str(tmp_path / "pw")]
        said = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)
        assert (said.returncode, "[bad_register]" in said.stderr) == (1, True), said.stderr
        assert text("register.disk_full", said="database or disk is full") in said.stderr
        assert "Traceback" not in said.stderr
        (agency.folder / "ballast").unlink(missing_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        with agency.register() as register:
            check_whole(register, 4 * BATCH)


def two_workers(agency: Agency, lang: str) -> list[str]:
    command = [sys.executable, "-m", "socpass_cli", "issuer", "issue", "--workers", "2", "--out", "tokens.jsonl"]
    return [*command, "--lang", lang, "--agency", str(agency.folder), "--passphrase-file", "pw"]


def wait_for_the_first_batch(process: subprocess.Popen[str], file: Path) -> None:
    while process.poll() is None and not (file.exists() and file.stat().st_size):
        time.sleep(0.002)  # all batches take half a second


def test_ctrl_c_lets_the_workers_end_their_batch_and_loses_nothing(tmp_path: Path) -> None:
    agency = town.agency(tmp_path)
    (tmp_path / "pw").write_text(f"{town.PASSPHRASE}\n")
    with agency.register() as register:
        town.crowd(register, 10 * BATCH)
        command = two_workers(agency, "en")
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
            file = tmp_path / "tokens.jsonl"
            wait_for_the_first_batch(process, file)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
            said = process.stderr.read() if process.stderr is not None else ""
        assert (process.returncode, text("cli.interrupted") in said) == (130, True), said
        with register.transaction() as connection:
            kept = int(connection.scalar(sql.select(sql.func.count()).select_from(credentials)) or 0)
        lines = file.read_text(encoding="utf-8").splitlines()
        assert 0 < len(lines) == kept < 10 * BATCH


def test_workers_that_died_are_named_in_the_operators_language(tmp_path: Path) -> None:
    agency = town.agency(tmp_path)
    (tmp_path / "pw").write_text(f"{town.PASSPHRASE}\n")
    with agency.register() as register:
        town.crowd(register, 10 * BATCH)
        command = two_workers(agency, "ru")
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
            file = tmp_path / "tokens.jsonl"
            wait_for_the_first_batch(process, file)
            workers = children(process.pid)
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            said = process.stderr.read() if process.stderr is not None else ""
        assert process.returncode == 1
        assert "[worker_lost]" in said
        for number, worker in enumerate(workers, 1):
            assert text("worker_died", "ru", worker=number, process=worker, how=KILLED) in said
        assert text("cli.issue.texts_missing", "ru", file="tokens.jsonl") in said
        kept = len(file.read_text(encoding="utf-8").splitlines())
        assert finish(register) <= 10 * BATCH - kept
        check_whole(register, 10 * BATCH)


def children(pid: int) -> list[int]:
    """Return the processes that issue for the process *pid*."""
    found = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split())
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
