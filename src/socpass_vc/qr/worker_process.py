"""Hand files from strangers to the one process that decodes them, and end it when it takes too much.

The process is started when it is first needed, stays for the next file, and ends with its owner. It knows no pictures: what
happens to them is :mod:`socpass_vc.qr.worker`'s.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from io import BufferedReader, FileIO
from pathlib import Path
from threading import Lock, Timer, get_ident
from typing import TYPE_CHECKING, Any, cast

from socpass_vc.errors import NoCodeFound
from socpass_vc.messages import has_sentence
from socpass_vc.qr import limits
from socpass_vc.qr.worker import FILE, FILM, HEAD, NO, YES

if TYPE_CHECKING:
    from socpass_vc.qr.windows_job import WindowsJob

MAX_ANSWER_BYTES = 2**20  # a code holds 7,089 characters, and a picture of 24 megapixels some hundred codes
PIPE_BYTES = 2**20  # what Linux lets anybody ask for: a photograph in a few pieces

_INTERPRETERS = r"(?i)python|pypy"  # in a program that embeds one, sys.executable may be that program: a second till would start
START = "import sys; sys.path[:] = sys.argv[1:]; from socpass_vc.qr.worker import run; run()"


def can_start() -> bool:
    """Tell whether there is an interpreter that a process can be started with: a program frozen into one file has none."""
    return not getattr(sys, "frozen", False) and re.match(_INTERPRETERS, Path(sys.executable or "").name) is not None


def pid_if_warm() -> int | None:
    """Return the number of the process, if it runs already."""
    return _warm.process.pid if _warm.process is not None and _warm.process.is_running else None


def end_if_warm() -> None:
    """End the process, if it runs; the next file starts another."""
    _warm.end()


def find_codes_apart(file: bytes, *, enough: Callable[[str], bool], budget_seconds: float) -> tuple[str, ...]:
    """Return what :func:`socpass_vc.qr.search.find_codes` finds in *file*, in the process for that; one file at a time.

    Raises:
        NoCodeFound: as it does; ``picture_takes_too_much`` too where the process was ended, with nothing read.
        OSError: no process can be started.
        RuntimeError: *enough* reads a picture itself.
    """
    if _warm.thread == get_ident():
        raise RuntimeError("a picture is being read already: `enough` must not read another")
    with _warm.lock:
        _warm.thread = get_ident()
        try:
            return _warm.process_for_a_file().find_codes(file, enough, budget_seconds)
        finally:
            _warm.thread = None


class _EndedError(Exception):
    """The process is gone, or does not say what it should."""


class WorkerProcess:
    """The process, and how it is talked to."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
            # -I: no variable and no folder of the caller changes what it imports, but for the path that the caller has itself.
            [sys.executable, "-I", "-c", START, *(place for place in sys.path if Path(place).is_absolute())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would open a console over the till's
            process_group=None if sys.platform == "win32" else 0,  # Ctrl-C and Ctrl-Z are for its owner
        )
        self._requests = cast("FileIO", self._process.stdin)
        self._answers = BufferedReader(cast("FileIO", self._process.stdout))
        self._job = self._bounded_by_windows()
        _widen(self._requests)

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None

    def find_codes(self, file: bytes, enough: Callable[[str], bool], budget_seconds: float) -> tuple[str, ...]:
        """Return the texts in *file*; see :func:`find_codes_apart`."""
        asked: dict[str, None] = {}
        clock = self._start_clock()
        try:
            self._send(HEAD.pack(FILE, budget_seconds, len(file)), file)
            answer = self._answer()
            while "ask" in answer:
                text = str(answer["ask"])
                asked[text] = None
                self._send(YES if enough(text) else NO)
                answer = self._answer()
            if answer.get("last"):
                self.end()
            return _texts_in(answer)
        except NoCodeFound:
            raise
        except (_EndedError, OSError) as error:
            self.end()
            if not asked:
                raise NoCodeFound("picture_takes_too_much") from error
            return tuple(asked)
        except BaseException:
            self.end()  # it still waits for a word
            raise
        finally:
            clock.cancel()

    def start_film(self, path: str) -> None:
        """Begin with the frames of a film."""
        name = os.fsencode(path)
        self._send(HEAD.pack(FILM, 0, len(name)), name)

    def next_frame(self, *, is_first: bool) -> tuple[str, ...] | None:
        """Return the texts in the next frame of the film, None behind the last; see :class:`Film`."""
        clock = self._start_clock()
        try:
            if not is_first:
                self._send(NO)
            answer = self._answer()
        except (_EndedError, OSError) as error:
            raise NoCodeFound("picture_takes_too_much") from error
        finally:
            clock.cancel()
        match answer:
            case {"frame": [*texts]} if all(isinstance(text, str) for text in texts):
                return tuple(texts)
            case {"over": True}:
                return None
        raise OSError("no video")

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._close()
        self._process.wait()
        if self._job is not None:
            self._job.close()
            self._job = None

    def _start_clock(self) -> Timer:
        """Allow it the time for one file, or one frame."""
        clock = Timer(limits.CLOCK_SECONDS, self._process.kill)
        clock.daemon = True
        clock.start()
        if self._job is not None:
            self._job.allow(limits.PROCESSOR_SECONDS)
        return clock

    def disown(self) -> None:
        """Close this side of the pipes and leave the process, which is a brother here, to its owner."""
        self._close()
        self._process.returncode = 0  # so that nobody waits for it, nor warns that nobody did

    def _close(self) -> None:
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()

    def _send(self, *parts: bytes) -> None:
        for part in parts:
            rest = memoryview(part)
            while rest:
                rest = rest[self._requests.write(rest) :]

    def _answer(self) -> dict[str, Any]:
        line = self._answers.readline(MAX_ANSWER_BYTES)
        try:
            answer = json.loads(line) if line.endswith(b"\n") else None
        except ValueError as error:
            raise _EndedError from error
        if not isinstance(answer, dict):
            raise _EndedError
        return answer

    def _bounded_by_windows(self) -> WindowsJob | None:
        if sys.platform != "win32":
            return None
        import ctypes  # noqa: PLC0415 -- nobody else needs them

        from socpass_vc.qr.windows_job import WindowsJob  # noqa: PLC0415

        try:
            return WindowsJob(int(self._process._handle), ctypes.WinDLL("kernel32", use_last_error=True))  # noqa: SLF001
        except OSError:
            return None  # the clock is left


def _texts_in(answer: dict[str, Any]) -> tuple[str, ...]:
    """Return what was found, or raise what was refused."""
    match answer:
        case {"found": [*texts]} if texts and all(isinstance(text, str) for text in texts):
            return tuple(texts)
        case {"refused": str(reason), "facts": dict(facts)} if has_sentence(reason):
            if isinstance(facts.get("hints"), list):
                facts["hints"] = tuple(facts["hints"])
            raise NoCodeFound(reason, **facts)
    raise _EndedError


def _widen(pipe: FileIO) -> None:
    """Let more go through a pipe at once, where the system can."""
    if sys.platform == "linux":
        import fcntl  # noqa: PLC0415 -- Windows has none

        with contextlib.suppress(OSError):  # the user may have too many wide ones
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


class Film:
    """A video file, decoded in a process for it alone, with the same limits: those of time are for a frame.

    Args:
        path: of the file.

    Raises:
        OSError: no process can be started.
    """

    def __init__(self, path: str) -> None:
        if not can_start():
            raise OSError("there is no interpreter to start")
        self._process = WorkerProcess()
        self._is_first = True
        atexit.register(self.close)
        self._process.start_film(path)

    def next_frame(self) -> tuple[str, ...] | None:
        """Return the texts of the codes in the next frame, None when the film is over.

        Raises:
            NoCodeFound: a frame takes too much (``picture_takes_too_much``).
            OSError: it is no video that OpenCV reads.
        """
        is_first, self._is_first = self._is_first, False
        return self._process.next_frame(is_first=is_first)

    def close(self) -> None:
        """End the process."""
        atexit.unregister(self.close)
        self._process.end()


class _Warm:
    """The process that is there for the next file, if one is, and who uses it."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.process: WorkerProcess | None = None
        self.thread: int | None = None

    def process_for_a_file(self) -> WorkerProcess:
        if self.process is None or not self.process.is_running:
            self.end()
            self.process = WorkerProcess()
        return self.process

    def end(self) -> None:
        if self.process is not None:
            self.process.end()
            self.process = None

    def forget(self) -> None:
        """Leave the process to the parent of this one, which was forked from it."""
        if self.process is not None:
            self.process.disown()
        self.lock = Lock()  # the other may have been copied while it was held
        self.process = None
        self.thread = None


_warm = _Warm()
atexit.register(end_if_warm)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_warm.forget)
