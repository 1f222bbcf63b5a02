"""Which of the codes that were read together are passes: parts of one are joined, and what is no pass is set aside beside one.

Pure: it is given texts. It knows frames, and not whether what they carry is genuine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from socpass_vc.errors import NotAPass, SocpassError, Unreadable
from socpass_vc.format import armor
from socpass_vc.verifier.verdict.other_codes import kind_of

KEEP_PARTS_SECONDS = 60.0
"""How long one code of several waits for the others."""
MAX_PARTS = 255
"""How many wait at most: no pass has more (specs/credential.md, section 5)."""


class FoundFrames(NamedTuple):
    """What texts that were read together hold.

    Attributes:
        frames: whole ones, in the order of their texts, joined ones last.
        errors: why other texts hold none.
    """

    frames: list[bytes]
    errors: list[SocpassError]


def frames_in(texts: Sequence[str], *, is_list: bool = False) -> FoundFrames:
    """Return the whole frames in *texts*, and what is to be said of the others; both are empty only where *texts* is.

    Args:
        texts: of the codes of one picture, or the lines of a list.
        is_list: each text counts. Of a picture, other codes are set aside where there is a pass; where there is none, the most
            telling reason stands for all of them.
    """
    found = whole_frames(texts)
    if is_list:
        return found
    if found.frames:
        return found._replace(errors=[])
    telling = [error for error in found.errors if not isinstance(error, NotAPass)] or found.errors
    return found._replace(errors=telling[:1])


def whole_frames(texts: Iterable[str]) -> FoundFrames:
    """Return the whole frames among *texts*, joined ones included, and what is wrong with each other text."""
    frames: list[bytes] = []
    errors: list[SocpassError] = []
    parts: dict[bytes, list[armor.Part]] = {}
    for text in texts:
        try:
            frame = armor.read_armor(text)
        except Unreadable as error:
            if isinstance(error, NotAPass):
                error.add(found=kind_of(text))
            errors.append(error)
            continue
        if frame[0] == armor.PART:
            part = armor.read_part(frame)
            parts.setdefault(part.digest, []).append(part)
        else:
            frames.append(frame)
    for together in parts.values():
        try:
            frames.append(armor.join_parts(tuple(together)))
        except Unreadable as error:
            errors.append(error)
    return FoundFrames(frames, errors)


class PartCollector:
    """Remembers the codes of a pass of several codes that a till scans one after another, for a while.

    Args:
        keep_seconds: how long one code waits for the others.
    """

    def __init__(self, *, keep_seconds: float = KEEP_PARTS_SECONDS) -> None:
        self._keep_seconds = keep_seconds
        self._scanned_at: dict[str, float] = {}

    def add(self, texts: Sequence[str], *, at_seconds: float) -> list[str]:
        """Return *texts*, and behind them the codes that were scanned before and are parts of the same pass.

        Args:
            texts: of one scan.
            at_seconds: when it was, by a clock that never goes back, such as ``time.monotonic()``.
        """
        self._scanned_at = {text: at for text, at in self._scanned_at.items() if at_seconds - at < self._keep_seconds}
        parts = {text: digest for text in texts if (digest := _digest_of_whole(text)) is not None}
        if not parts:
            return list(texts)
        self._scanned_at |= dict.fromkeys(parts, at_seconds)
        if len(self._scanned_at) > MAX_PARTS:
            self._scanned_at = dict.fromkeys(parts, at_seconds)
        digests = set(parts.values())
        return list(dict.fromkeys([*texts, *(text for text in self._scanned_at if _digest_of_whole(text) in digests)]))


def _digest_of_whole(text: str) -> bytes | None:
    """Return what all codes of one pass share, or None if this is not one of several."""
    try:
        frame = armor.read_armor(text)
    except Unreadable:
        return None
    return armor.read_part(frame).digest if frame[0] == armor.PART else None
