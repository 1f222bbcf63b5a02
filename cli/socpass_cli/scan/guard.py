"""What stands between the till's loop at a terminal and the shell behind it, however the loop ends.

The loop runs in a child process and this one keeps the terminal. A child that crashes, or that the system kills, is started anew;
whatever ends this process drains the terminal and gives it back. Only SIGKILL, which asks nobody, does not:
``exec socpass scan`` leaves no shell to that (docs/guides/scanning.md).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from select import select
from time import monotonic, sleep

from socpass_cli.scan.terminal import Terminal, leave
from socpass_vc.errors import SourceError

GRACE_SECONDS = 2.0
"""How long a loop that is told to stop may take for its last scan."""

_AGAIN_SECONDS = 1.0
_LOOK_SECONDS = 0.05

IsStopped = Callable[[], bool]


def guard(terminal: Terminal, run: Callable[[IsStopped], None], is_stopped: IsStopped, on_crash: Callable[[], None]) -> None:
    """Run *run* while *terminal* is taken, in a process of its own where the system can fork.

    Args:
        terminal: what is taken and given back.
        run: the loop; it ends when what it is given says so. In the child it does not return: the child leaves by SystemExit.
        is_stopped: whether this process was told to end.
        on_crash: called before a child that was killed is followed by another.

    Raises:
        SystemExit: of a child that did not end well, with its exit code.
        SourceError: the terminal is gone.
    """
    if sys.platform == "win32":
        try:
            terminal.take()
            run(is_stopped)
        finally:
            leave(terminal)
        return
    keeper = os.getpid()
    try:
        with _suspended_well(terminal):
            terminal.take()
            while os.WIFSIGNALED(status := _run_in_child(run, is_stopped)) and not is_stopped():
                on_crash()
                sleep(_AGAIN_SECONDS)
    finally:
        if os.getpid() == keeper:
            leave(terminal)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        sys.exit(os.WEXITSTATUS(status))


def _run_in_child(run: Callable[[IsStopped], None], is_stopped: IsStopped) -> int:
    """Return how the child ended, as waitpid tells it."""
    ours, lifeline = os.pipe()  # it ends when we close it, or are no more
    child = os.fork()
    if child == 0:
        os.close(lifeline)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)  # who keeps the terminal suspends, and nobody else
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        run(lambda: is_stopped() or bool(select([ours], [], [], 0)[0]))
        sys.exit()
    os.close(ours)
    kill_at: float | None = None
    try:
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return status
            if kill_at is None and is_stopped():
                lifeline = _close(lifeline)
                kill_at = monotonic() + GRACE_SECONDS
            if kill_at is not None and monotonic() >= kill_at:
                os.kill(child, signal.SIGKILL)
            sleep(_LOOK_SECONDS)
    except BaseException:
        with suppress(ProcessLookupError, ChildProcessError):  # it has ended
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise
    finally:
        _close(lifeline)


def _close(file: int) -> int:
    """Close *file* if it is open, and return what says that it is not."""
    if file >= 0:
        os.close(file)
    return -1


@contextmanager
def _suspended_well(terminal: Terminal) -> Iterator[None]:
    """As long as this is open, give *terminal* back while we are suspended, and take it anew when we go on.

    No key suspends us; another process can.
    """

    def suspend(number: int, _: object) -> None:
        leave(terminal)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # here we sleep
        signal.signal(number, suspend)
        go_on()

    def go_on(*_: object) -> None:
        with suppress(SourceError):  # the loop notices that, too
            terminal.take()

    before = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
    if before[signal.SIGTSTP] is not signal.SIG_IGN:
        signal.signal(signal.SIGTSTP, suspend)
    signal.signal(signal.SIGCONT, go_on)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
