"""The process in which files from strangers are decoded: takes one after another, and says what it finds.

It reads, from standard input, the head of a request and a file, and writes lines of JSON: ``ask``, a text of which one byte
says whether it is enough, then ``found`` or ``refused``. Of a film it is given the path, and says the texts of one ``frame``
after another, until a byte says that it is enough. ``last`` says that it ends and another is needed.
It is started by :mod:`socpass_vc.qr.worker_process`, which sets the interpreter up so that it finds the same modules.
"""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import sys
import warnings
from typing import BinaryIO

from socpass_vc.errors import NoCodeFound
from socpass_vc.qr import limits

HEAD = struct.Struct(">BdQ")
"""Of a request: what follows, the budget in seconds, and how many bytes follow."""
FILE, FILM = 0, 1
"""What follows: the content of a file, or the path of a film."""
YES, NO = b"\1", b"\0"
"""Whether a text is enough."""
MOST_FILES = 1_000
"""That one process decodes: what a decoder leaks ends with it."""


def run() -> None:
    """Serve until there are no more requests."""
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the program that asks
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # a decoder that prints must not be taken for us
    warnings.simplefilter("ignore")
    limits.limit_memory()
    try:
        serve(sys.stdin.buffer, answers)
    except (BrokenPipeError, EOFError):
        return  # the program that asked is gone


def serve(requests: BinaryIO, answers: io.RawIOBase | BinaryIO) -> None:
    """Answer each request.

    Raises:
        EOFError: the requests end in the middle of one.
    """
    for number in range(1, MOST_FILES + 1):
        head = requests.read(HEAD.size)
        if not head:
            return
        limits.limit_processor()
        what, budget_seconds, length = HEAD.unpack(_whole(head, HEAD.size))
        if what == FILM:
            _show(requests, answers, os.fsdecode(_whole(requests.read(length), length)))
            return
        answer = _answer(requests, answers, length, budget_seconds)
        answer["last"] = number == MOST_FILES or answer.get("refused") == "picture_takes_too_much"
        _say(answers, answer)
        if answer["last"]:
            return


def _answer(requests: BinaryIO, answers: io.RawIOBase | BinaryIO, length: int, budget_seconds: float) -> dict[str, object]:
    from socpass_vc.qr.container import identify  # noqa: PLC0415 -- after the limits are set, as all decoders are
    from socpass_vc.qr.search import find_codes  # noqa: PLC0415

    def enough(text: str) -> bool:
        _say(answers, {"ask": text})
        return _whole(requests.read(1), 1) == YES

    try:
        file = _whole(requests.read(length), length)
        return {"found": find_codes(file, identify(file), enough=enough, budget_seconds=budget_seconds)}
    except NoCodeFound as error:
        return {"refused": error.reason, "facts": error.facts}
    except MemoryError:
        return {"refused": "picture_takes_too_much", "facts": {}}


def _show(requests: BinaryIO, answers: io.RawIOBase | BinaryIO, path: str) -> None:
    """Say what the frames of a film hold, one look at each, until it ends or is enough."""
    from socpass_vc.qr.container import identify  # noqa: PLC0415 -- as above
    from socpass_vc.qr.film import frames  # noqa: PLC0415
    from socpass_vc.qr.search import find_codes  # noqa: PLC0415

    try:
        for frame in frames(path):
            try:
                texts = find_codes(frame, identify(frame), enough=lambda _: True, budget_seconds=0)
            except NoCodeFound:
                texts = ()
            _say(answers, {"frame": texts})
            if _whole(requests.read(1), 1) == YES:
                return
            limits.limit_processor()
        _say(answers, {"over": True, "last": True})
    except (OSError, ImportError):
        _say(answers, {"over": False, "last": True})


def _whole(content: bytes, size: int) -> bytes:
    if len(content) != size:
        raise EOFError
    return content


def _say(answers: io.RawIOBase | BinaryIO, answer: dict[str, object]) -> None:
    line = memoryview(json.dumps(answer).encode() + b"\n")
    while line:
        line = line[answers.write(line) or 0 :]
