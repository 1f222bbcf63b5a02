"""Whether a person at the keyboard asks to leave: keys with pauses around each, which nothing within a code has.

It knows keys and pauses, and neither a clock nor a terminal.
"""

from __future__ import annotations

PAUSE_SECONDS = 0.2
"""A person's pause between two keys; scanners wait for 0 to 0.1 s between two characters of a code."""
FORGET_SECONDS = 5.0
"""A person who waits longer than this between two keys has begun to leave, and thought better of it."""

_INTERRUPT = "interrupt"
_QUIT = "quit"
_ENTER = "enter"
_KEYS = (
    {b"\x03": _INTERRUPT, b"\r": _ENTER, b"\n": _ENTER}
    | dict.fromkeys((b"q", b"Q"), _QUIT)
    | {letter.encode(encoding): _QUIT for letter in "йЙ" for encoding in ("utf-8", "cp1251")}  # q under a Russian layout
)
_ACTS = ((_INTERRUPT, _INTERRUPT, _INTERRUPT), (_QUIT, _ENTER))


class Leaving:
    """Follows what is typed: three times Ctrl-C, or q and Enter, each key alone between two pauses."""

    def __init__(self) -> None:
        self._pressed: tuple[str, ...] = ()
        self._held = b""  # a key that a pause came before; whether one comes after is not known yet
        self._is_after_pause = False

    @property
    def is_begun(self) -> bool:
        """Whether Ctrl-C was pressed once, and nothing since."""
        return self._pressed == (_INTERRUPT,)

    @property
    def is_asked_for(self) -> bool:
        """Whether a person asks to leave."""
        return self._pressed in _ACTS

    def type(self, received: bytes) -> bytes:
        """Take what came at once; return what of it, and of what came before, belongs to a scan."""
        held, self._held = self._held, b""
        is_after_pause, self._is_after_pause = self._is_after_pause, False
        key = _KEYS.get(received)
        if is_after_pause and key is not None:
            if not _begins((*self._pressed, key)):
                self._pressed = ()
            if _begins((*self._pressed, key)):
                self._held = received
                return b""
        self._pressed = ()
        return held + received

    def pause(self) -> None:
        """Note that nothing came for PAUSE_SECONDS."""
        self._is_after_pause = True
        if self._held:
            self._pressed += (_KEYS[self._held],)
            self._held = b""

    def forget(self) -> None:
        """Note that nothing came for FORGET_SECONDS."""
        self._pressed = ()


def _begins(pressed: tuple[str, ...]) -> bool:
    return any(act[: len(pressed)] == pressed for act in _ACTS)
