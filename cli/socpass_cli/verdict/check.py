"""From a source to verdicts: every code in it looked at, parts joined, and what is no pass set aside where a pass is there too.

It knows the decision's face and no terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from socpass_cli.verdict.foreign_codes import kind_of
from socpass_cli.verdict.inputs import Source
from socpass_cli.verdict.words import COLOURS, WORST_FIRST
from socpass_vc.errors import NotAPass, Rejected, SocpassError, SourceError, Undecided, Unreadable
from socpass_vc.format import armor
from socpass_vc.format.credential.token import UnverifiedPass, read_frame
from socpass_vc.verifier.decide import Verified

Decide = Callable[[UnverifiedPass], Verified]


class Verdict(NamedTuple):
    """What came of one code, or of a source without one.

    Attributes:
        source: its name for people.
        verified: the pass, if it was accepted.
        error: the reason, if not.
    """

    source: str
    verified: Verified | None = None
    error: SocpassError | None = None

    @property
    def family(self) -> str:
        """accepted, rejected, undecided or unreadable."""
        if self.error is None:
            return "accepted"
        families = ((Rejected, "rejected"), (Undecided, "undecided"), ((Unreadable, SourceError), "unreadable"))
        return next((name for kinds, name in families if isinstance(self.error, kinds)), "undecided")

    @property
    def code(self) -> str:
        """The code of specs/credential.md, section 6, or accepted."""
        return "accepted" if self.error is None else self.error.code


def check_source(source: Source, decide: Decide) -> list[Verdict]:
    """Return a verdict for each pass in *source*, or one that says why there is none."""
    try:
        frames, errors = read_frames(source)
    except (Unreadable, SourceError) as error:
        return [Verdict(source=source.name, error=error)]
    verdicts = [_check(source.name, frame, decide) for frame in frames]
    return verdicts + [Verdict(source=source.name, error=error) for error in errors]


def read_frames(source: Source) -> tuple[list[bytes], list[SocpassError]]:
    """Return the whole frames in *source*, and what is to be said of its other texts; not both are empty.

    Where a picture holds a pass, its other codes are left alone; where it holds none, one reason says why. Of lines, each counts.

    Raises:
        Unreadable, SourceError: there is nothing to read.
    """
    texts = source.texts()
    frames, errors = whole_frames(texts.found)
    if texts.is_list:
        return frames, errors
    best = next((error for error in errors if not isinstance(error, NotAPass)), None)
    return frames, [] if frames else [best or errors[0]]


def worst_exit_code(verdicts: list[Verdict]) -> int:
    """Return the exit code of the worst verdict: rejected, then undecided, then unreadable, then accepted."""
    families = {verdict.family for verdict in verdicts}
    return next(COLOURS[family].exit_code for family in WORST_FIRST if family in families)


def _check(name: str, frame: bytes, decide: Decide) -> Verdict:
    try:
        return Verdict(source=name, verified=decide(read_frame(frame)))
    except SocpassError as error:
        return Verdict(source=name, error=error)


def whole_frames(texts: tuple[str, ...]) -> tuple[list[bytes], list[SocpassError]]:
    """Return the whole frames among *texts*, joined ones included, and what was wrong with the other texts."""
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
    return frames, errors
