"""The processor time that reading pictures takes, here and in the process that decodes them."""

from __future__ import annotations

import os
import resource
import time
from pathlib import Path

from socpass_vc.qr import worker_process


def processor_seconds() -> float:
    """Return what this process, those it has seen end, and the one that decodes pictures have used so far."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + seconds_of(worker_process.pid_if_warm())


def seconds_of(pid: int | None) -> float:
    """Return the processor time of a process that runs (Linux), 0 for none."""
    if pid is None:
        return 0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_bytes_of(pid: int | None) -> int:
    """Return the most memory that a process which runs has had at once (Linux)."""
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024
