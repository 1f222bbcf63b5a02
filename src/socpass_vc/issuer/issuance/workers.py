"""Several processes issuing side by side from one register; their batches and their errors arrive in one place.

It knows processes and pipes. On PostgreSQL, workers share the residents among themselves, across machines too; a register in a
file takes one writer at a time, so there they only take turns. The key travels through a pipe, never as an argument or in the
environment, which others can read.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Self

from socpass_vc.errors import SocpassError, WorkerLost, system_reason
from socpass_vc.issuer.issuance.batch_issue import Batch, IssueOrder, Issuing
from socpass_vc.issuer.register.database import Location, Register
from socpass_vc.issuer.register.person import IssuedPass, NotIssued
from socpass_vc.issuer.register.retry import persist
from socpass_vc.messages import Message

MAX_WORKERS = 64
"""For one run; each holds a connection to the database."""

_JOIN_SECONDS = 10  # for a process that has said its last word to be gone


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerTask:
    """What each worker is to do; it can be pickled.

    Attributes:
        location: of the register; each worker opens its own connection.
        order: what to issue.
        afterwards: what a worker does with the passes of a committed batch, such as drawing them; it returns the failures.
    """

    location: Location
    order: IssueOrder
    afterwards: Callable[[Sequence[IssuedPass]], list[NotIssued]] | None = None

    def batches(self) -> Iterator[Batch]:
        """Carry the task out in this process."""
        with persist(lambda: Register.open(self.location)) as register:
            for batch in Issuing(register, self.order).batches():
                failed = [] if self.afterwards is None else self.afterwards(batch.issued)
                yield batch._replace(refused=batch.refused + failed)

    def limited_to(self, count: int | None) -> WorkerTask:
        """Return the same task with another limit."""
        return replace(self, order=replace(self.order, limit=count))


@dataclass(frozen=True, slots=True)
class _LastWord:
    """How a worker ended: with an error, or with its work done."""

    error: SocpassError | None


class Workers:
    """Processes that carry out a task together; a context manager.

    Args:
        task: for all of them; a limit is divided among them.
        count: how many.
    """

    def __init__(self, task: WorkerTask, count: int) -> None:
        self._task = task
        self._count = count
        self._running: dict[Connection, tuple[int, BaseProcess]] = {}
        self._lost: list[SocpassError] = []
        self._refused: set[str] = set()

    def __enter__(self) -> Self:
        # A fresh interpreter each: open databases and hardware must not be shared, as a fork would.
        context = get_context("spawn")
        for number in range(1, self._count + 1):
            ours, theirs = context.Pipe()
            process = context.Process(target=_run, args=(theirs,), name=f"socpass-issue-{number}", daemon=True)
            try:
                process.start()
                ours.send(self._task.limited_to(self._share(number)))
            except OSError as error:
                self._lost.append(WorkerLost("worker_not_started", worker=number, why=system_reason(error)))
                continue
            finally:
                theirs.close()
            self._running[ours] = (number, process)
        return self

    def __exit__(self, *_: object) -> None:
        """Kill whoever is still at work; what they had not committed is rolled back."""
        for pipe, (_number, process) in self._running.items():
            process.kill()
            process.join(_JOIN_SECONDS)
            pipe.close()
        self._running.clear()

    @property
    def pids(self) -> dict[int, int]:
        """The processes still at work, by worker number."""
        return {number: int(process.pid or 0) for number, process in self._running.values()}

    def batches(self) -> Iterator[Batch]:
        """Yield the batches as they are committed, by whichever worker.

        Raises:
            SocpassError: what stopped a worker, once the others are done.
            WorkerLost: a worker died, or several stopped; each is named.
        """
        while self._running:
            ready = wait(list(self._running))
            for pipe in [pipe for pipe in self._running if pipe in ready]:
                batch = self._hear(pipe)
                if batch is not None:
                    yield batch
        if len(self._lost) == 1:
            raise self._lost[0]
        if self._lost:
            raise WorkerLost("workers_stopped", count=len(self._lost), errors=_listed(self._lost))

    def stop(self) -> None:
        """Let every worker end after its current batch; :meth:`batches` yields what is still to come."""
        for pipe in self._running:
            try:
                pipe.send(None)
            except OSError:
                continue  # it has ended already; batches() learns how

    def _share(self, number: int) -> int | None:
        limit = self._task.order.limit
        return None if limit is None else limit // self._count + (number <= limit % self._count)

    def _hear(self, pipe: Connection) -> Batch | None:
        number, process = self._running[pipe]
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            process.join(_JOIN_SECONDS)
            message = _LastWord(_died(number, process))
        if isinstance(message, Batch):
            # Whoever could not be given a pass stays in the queue, so another worker may meet them too.
            new = [refusal for refusal in message.refused if refusal.ref not in self._refused]
            self._refused.update(refusal.ref for refusal in new)
            return message._replace(refused=new)
        if message.error is not None:
            self._lost.append(message.error)
        del self._running[pipe]
        pipe.close()
        process.join(_JOIN_SECONDS)
        return None


def _died(number: int, process: BaseProcess) -> WorkerLost:
    code = process.exitcode
    is_killed = code is not None and code < 0
    how = Message("worker_killed", signal=-(code or 0)) if is_killed else Message("worker_exited", exit_code=code)
    return WorkerLost("worker_died", worker=number, process=process.pid, how=how)


def _listed(errors: Sequence[SocpassError]) -> SocpassError | Message:
    said: SocpassError | Message = errors[0]
    for error in errors[1:]:
        said = Message("workers_errors", before=said, after=error)
    return said


def _run(pipe: Connection) -> None:
    """Be a worker."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches every process of a terminal; the parent lets us finish our batch
    try:
        task: WorkerTask = pipe.recv()
        for batch in task.batches():
            pipe.send(batch)
            if pipe.poll():  # the parent wants us to stop, or is gone
                break
        pipe.send(_LastWord(None))
    except SocpassError as error:
        pipe.send(_LastWord(error))
    except (EOFError, OSError):
        return  # nobody listens any more; what was committed stays
    except Exception as error:  # noqa: BLE001 -- the last net: a fault of ours must be named where a user sees it, without a traceback
        pipe.send(_LastWord(WorkerLost("worker_fault", kind=type(error).__name__, said=str(error))))
