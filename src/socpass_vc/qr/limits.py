"""What a process that decodes files from strangers may take, and how each system is told; knows no pictures.

POSIX limits a process from within, before a file comes. Windows limits it from outside (:mod:`socpass_vc.qr.windows_job`). Where
neither works, whoever started the process still ends it by the clock.
"""

from __future__ import annotations

import math
import os
import sys
import time
from threading import Thread

MEMORY_BYTES = 240 * 2**20  # 240 MiB: with the interpreter's code, the caller and a file of 64 MiB it stays under 400 MB
PROCESSOR_SECONDS = 6  # for one file; 2 s of looking (BUDGET_SECONDS), what is begun then, and a machine half as fast
CLOCK_SECONDS = 30  # for one file: the processor time on a machine that has five times as much to do
ADDRESS_BYTES = MEMORY_BYTES + 512 * 2**20  # where only the address space can be limited, code and reserves count too
LOOK_EVERY_SECONDS = 0.05  # how often macOS, which limits no memory, is asked how much there is

if sys.platform != "win32":
    import resource

    def limit_memory(memory_bytes: int = MEMORY_BYTES) -> None:
        """Bound the memory of this process for good, and leave no core dump of what it sees."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":  # counts what is written to, not what is reserved
            _lower(resource.RLIMIT_DATA, memory_bytes)
        elif sys.platform == "darwin":  # accepts a limit and does not hold it
            watch_memory(memory_bytes, unit_bytes=1)
        else:
            _lower(resource.RLIMIT_AS, ADDRESS_BYTES)

    def limit_processor(seconds: int = PROCESSOR_SECONDS) -> None:
        """Let the system end this process when it has used *seconds* more of processor time; a second later at most."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        wanted = math.ceil(used.ru_utime + used.ru_stime) + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))

    def watch_memory(memory_bytes: int, *, unit_bytes: int) -> None:
        """End this process once its memory has passed *memory_bytes*; *unit_bytes* is what the system counts it in."""

        def watch() -> None:
            while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes <= memory_bytes:
                time.sleep(LOOK_EVERY_SECONDS)
            os._exit(1)

        Thread(target=watch, daemon=True).start()

    def _lower(which: int, most: int) -> None:
        _, hard = resource.getrlimit(which)
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(which, (most, most))

else:

    def limit_memory(memory_bytes: int = MEMORY_BYTES) -> None:
        """Leave it to the job object."""

    def limit_processor(seconds: int = PROCESSOR_SECONDS) -> None:
        """Leave it to the job object."""
