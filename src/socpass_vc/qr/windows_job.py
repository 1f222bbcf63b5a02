"""A job object of Windows: a bound of memory and processor time around a process; knows no pictures.

The functions of the system are given, so that the calls can be looked at where there is no Windows.
"""

from __future__ import annotations

import ctypes
from typing import Any

from socpass_vc.qr.limits import MEMORY_BYTES, PROCESSOR_SECONDS

TICKS_PER_SECOND = 10_000_000  # 100 ns each


class WindowsJob:
    """A job object: a bound around a process and what it starts, which ends with its owner.

    Args:
        process: the handle of a process.
        kernel: kernel32, or what stands in for it.

    Raises:
        OSError: the system refuses.
    """

    def __init__(self, process: int, kernel: Any) -> None:
        self._kernel = kernel
        for name in ("CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject", "CloseHandle"):
            getattr(kernel, name).restype = ctypes.c_void_p if name == "CreateJobObjectW" else ctypes.c_int
        self._job = kernel.CreateJobObjectW(None, None)
        if not self._job:
            raise OSError("no job object")
        try:
            self.allow(PROCESSOR_SECONDS)
            self._take_in(process)
        except OSError:
            self.close()
            raise

    def allow(self, seconds: int) -> None:
        """Let the process use *seconds* more of processor time: what it has used is added by the system.

        Raises:
            OSError: the system refuses.
        """
        limits = JobLimits()
        limits.basic.limit_flags = _JOB_TIME | _DIE_ON_UNHANDLED_EXCEPTION | _JOB_MEMORY | _KILL_ON_JOB_CLOSE
        limits.basic.per_job_user_time_limit = seconds * TICKS_PER_SECOND
        limits.job_memory_limit = MEMORY_BYTES
        size = ctypes.sizeof(limits)
        if not self._kernel.SetInformationJobObject(ctypes.c_void_p(self._job), _EXTENDED, ctypes.byref(limits), size):
            raise OSError("the job object takes no limits")

    def _take_in(self, process: int) -> None:
        if not self._kernel.AssignProcessToJobObject(ctypes.c_void_p(self._job), ctypes.c_void_p(process)):
            raise OSError("the process does not enter the job object")

    def close(self) -> None:
        """End what still runs in it."""
        self._kernel.CloseHandle(ctypes.c_void_p(self._job))


class _BasicLimits(ctypes.Structure):
    """JOBOBJECT_BASIC_LIMIT_INFORMATION (winnt.h)."""

    _fields_ = (
        ("per_process_user_time_limit", ctypes.c_int64),
        ("per_job_user_time_limit", ctypes.c_int64),
        ("limit_flags", ctypes.c_uint32),
        ("minimum_working_set_size", ctypes.c_size_t),
        ("maximum_working_set_size", ctypes.c_size_t),
        ("active_process_limit", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority_class", ctypes.c_uint32),
        ("scheduling_class", ctypes.c_uint32),
    )


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION (winnt.h)."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("io_info", ctypes.c_uint64 * 6),
        ("process_memory_limit", ctypes.c_size_t),
        ("job_memory_limit", ctypes.c_size_t),
        ("peak_process_memory_used", ctypes.c_size_t),
        ("peak_job_memory_used", ctypes.c_size_t),
    )


_EXTENDED = 9  # JobObjectExtendedLimitInformation
_JOB_TIME = 0x4
_JOB_MEMORY = 0x200
_DIE_ON_UNHANDLED_EXCEPTION = 0x400  # without asking the person at the till
_KILL_ON_JOB_CLOSE = 0x2000
