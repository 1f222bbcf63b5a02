"""A terminal of Linux, macOS and their like, by termios."""

from __future__ import annotations

import errno
import os
import termios
from contextlib import suppress
from select import select

from socpass_cli.app.language import tr
from socpass_vc.errors import SourceError

_CHUNK_BYTES = 4_096

_INPUT, _LOCAL, _SPECIAL = 0, 3, 6  # of what tcgetattr returns


class PosixTerminal:
    """The terminal that the open *file* is."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._before = termios.tcgetattr(file)

    @staticmethod
    def is_at(file: int) -> bool:
        """Tell whether *file* is a terminal."""
        try:
            termios.tcgetattr(file)
        except termios.error:
            return False
        return True

    @property
    def is_ours(self) -> bool:
        """Whether we are in its foreground."""
        try:
            return os.tcgetpgrp(self._file) == os.getpgrp()
        except OSError:  # it controls no session of ours, so no shell of it is behind us
            return True

    def take(self) -> None:
        """Switch to raw input; what is printed stays as it is.

        A terminal that waits for whole lines cuts them at 4,095 bytes on Linux and 1,024 on macOS, which is less than a large
        pass.
        """
        modes = [*self._before[:_SPECIAL], [*self._before[_SPECIAL]]]
        modes[_INPUT] &= ~(
            termios.IGNBRK
            | termios.BRKINT
            | termios.PARMRK
            | termios.ISTRIP
            | termios.INLCR
            | termios.IGNCR
            | termios.ICRNL
            | termios.IXON
            | termios.IXOFF
        )
        modes[_LOCAL] &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
        modes[_SPECIAL][termios.VMIN], modes[_SPECIAL][termios.VTIME] = 1, 0
        while True:
            try:
                termios.tcsetattr(self._file, termios.TCSAFLUSH, modes)
            except termios.error as error:
                if error.args[0] != errno.EINTR:  # that is: we were in the background, slept, and are in front again
                    raise SourceError("cli.source.closed").at(tr("cli.source.standard_input")) from error
            else:
                return

    def give_back(self) -> None:
        """Restore its modes."""
        with suppress(termios.error):  # it is gone
            termios.tcsetattr(self._file, termios.TCSAFLUSH, self._before)

    def wait(self, seconds: float) -> bool:
        """Wait until there is something to read."""
        return bool(select([self._file], [], [], seconds)[0])

    def read(self) -> bytes:
        """Return what is there."""
        try:
            return os.read(self._file, _CHUNK_BYTES)
        except OSError:  # it is gone
            return b""
