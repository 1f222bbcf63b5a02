"""Errors of the library as the command says them: in the language of this run, with what to do next. It knows no command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from socpass_cli.app.language import speaker, tr
from socpass_vc.errors import Contradicted, SocpassError
from socpass_vc.messages import has_sentence

if TYPE_CHECKING:
    from socpass_vc.issuer.imports.row_errors import RowError


def say_fault(fault: RowError) -> str:
    """Return where a file of rows is wrong and how, and what to type next where the catalogues have ``cli.next.row.CODE``."""
    sentence = fault.said_by(speaker())
    key = f"cli.next.{fault.wrong.key}"
    return f"{sentence}; {tr(key, **fault.facts)}" if has_sentence(key) else sentence


def say_error(error: SocpassError) -> str:
    """Return what went wrong, and what to do next where the catalogues have ``cli.next.REASON`` for it.

    The library names no command; what to type is ours. The hint may speak of the error's facts. For a file, it may depend on the
    code alone: ``cli.next_of.CODE``.
    """
    if isinstance(error, Contradicted):
        from socpass_cli.app.alarms import say_alarm  # noqa: PLC0415 -- alarms are rare

        return say_alarm(error)
    sentence = error.said_by(speaker())
    if has_sentence(f"cli.next.{error.reason}"):
        return f"{sentence}; {tr(f'cli.next.{error.reason}', **error.facts)}"
    if error.where and isinstance(error.where[0], str) and has_sentence(f"cli.next_of.{error.code}"):
        return f"{sentence}; {tr(f'cli.next_of.{error.code}')}"
    return sentence


@contextmanager
def naming(path: Path | str) -> Iterator[None]:
    """Let what is wrong with the file *path*, or at this URL, begin with its name."""
    try:
        yield
    except SocpassError as error:
        error.at(path)
        raise
