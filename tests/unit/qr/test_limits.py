"""The limits of a process, set from within and by a job object of Windows, which a stand-in takes here."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from typing import Any

import pytest

from socpass_vc.qr import limits
from socpass_vc.qr.windows_job import JobLimits, WindowsJob

if sys.platform == "win32":
    pytest.skip("POSIX sets limits from within", allow_module_level=True)


def ended(program: str) -> int:
    """Return how a program that imports the limits ends."""
    return subprocess.run(
        [sys.executable, "-c", f"from socpass_vc.qr import limits\n{program}"], check=False, timeout=60
    ).returncode


def test_a_process_that_computes_for_ever_is_ended_by_the_system() -> None:
    assert ended("limits.limit_processor(1)\nwhile True: pass") == -signal.SIGXCPU


def test_each_file_has_its_own_processor_time() -> None:
    program = """
import time
for _ in range(3):
    limits.limit_processor(2)
    end = time.process_time() + 1
    while time.process_time() < end: pass
"""
    assert ended(program) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere other limits are set")
def test_memory_beyond_the_limit_is_not_given() -> None:
    program = """
limits.limit_memory(50 * 2**20)
try: bytearray(80 * 2**20)
except MemoryError: raise SystemExit(7)
"""
    assert ended(program) == 7


def test_a_limit_that_is_lower_already_stays() -> None:
    program = """
import resource
resource.setrlimit(resource.RLIMIT_DATA, (200 * 2**20,) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (3, 3))
limits.limit_memory()
limits.limit_processor()
assert resource.getrlimit(resource.RLIMIT_DATA) == (200 * 2**20,) * 2
assert resource.getrlimit(resource.RLIMIT_CPU) == (3, 3)
"""
    assert ended(program) == 0


def test_where_the_system_does_not_limit_memory_the_process_watches_itself() -> None:
    program = """
import time
limits.watch_memory(60 * 2**20, unit_bytes=1 if __import__("sys").platform == "darwin" else 1024)
time.sleep(0.2)
print("alive")
kept = bytearray(b"x" * 90 * 2**20)
time.sleep(30)
"""
    assert ended(program) == 1


class Kernel:
    """Stands in for kernel32: takes notes, and fails where it is told to."""

    def __init__(self, fails: str = "") -> None:
        self.calls: list[str] = []
        self.limits: list[JobLimits] = []
        for name, result in (("CreateJobObjectW", 77), ("AssignProcessToJobObject", 1), ("CloseHandle", 1)):
            setattr(self, name, self._function(name, 0 if name == fails else result))
        self.SetInformationJobObject = self._function("SetInformationJobObject", 0 if fails == "SetInformationJobObject" else 1)

    def _function(self, name: str, result: int) -> Any:
        def call(*arguments: Any) -> int:
            self.calls.append(name)
            if name == "SetInformationJobObject":
                assert (arguments[0].value, arguments[1], arguments[3]) == (77, 9, ctypes.sizeof(JobLimits))
                self.limits.append(JobLimits.from_buffer_copy(arguments[2]._obj))  # noqa: SLF001 -- what byref was given
            return result

        return call


def test_a_job_object_bounds_memory_and_time_before_the_process_is_in_it_and_each_file_has_its_own_time() -> None:
    # given
    kernel = Kernel()
    # when
    job = WindowsJob(5, kernel)
    job.allow(3)
    job.close()
    # then
    assert " ".join(kernel.calls) == (
        "CreateJobObjectW SetInformationJobObject AssignProcessToJobObject SetInformationJobObject CloseHandle"
    )
    first, second = kernel.limits
    assert first.basic.limit_flags == 0x4 | 0x200 | 0x400 | 0x2000
    assert first.job_memory_limit == limits.MEMORY_BYTES
    assert (first.basic.per_job_user_time_limit, second.basic.per_job_user_time_limit) == (60_000_000, 30_000_000)


@pytest.mark.parametrize("name", ["CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"])
def test_a_system_that_refuses_is_said_and_leaves_no_handle(name: str) -> None:
    kernel = Kernel(fails=name)
    with pytest.raises(OSError, match="job object"):
        WindowsJob(5, kernel)
    assert kernel.calls.count("CloseHandle") == (name != "CreateJobObjectW")


@pytest.mark.skipif(sys.maxsize < 2**32, reason="of 64 bits")
def test_the_limits_lie_where_windows_looks_for_them() -> None:
    assert ctypes.sizeof(JobLimits) == 144  # winnt.h, 64 bits
    assert JobLimits.basic.offset + type(JobLimits().basic).limit_flags.offset == 16
    assert JobLimits.job_memory_limit.offset == 120
