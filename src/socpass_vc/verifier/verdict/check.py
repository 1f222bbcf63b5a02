"""From a picture, or the texts of its codes, to verdicts.

It knows no trust list: the decision is given, most often a :class:`~socpass_vc.verifier.verdict.till.Till`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from socpass_vc.errors import SocpassError, SourceError, Unreadable
from socpass_vc.format.credential.token import UnverifiedPass, read_frame
from socpass_vc.verifier.decide import Verified
from socpass_vc.verifier.verdict.codes import frames_in
from socpass_vc.verifier.verdict.verdict import Verdict

Decide = Callable[[UnverifiedPass], Verified]
"""Returns the verified pass, or raises the reason why it does not count."""


def check_picture(picture: bytes | Path, decide: Decide, *, source: str | None = None) -> list[Verdict]:
    """Return a verdict on each pass in *picture*, or one that says why there is none; a file that is missing is one too.

    Args:
        picture: a file, or its content: PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF, PNM, and HEIC or PDF where their extras are
            installed; at most 64 MiB and 64 megapixels.
        decide: a :class:`Till`, or a function that calls :func:`verify_pass`.
        source: its name for people; by default the file's.
    """
    from socpass_vc.qr.read import read_codes  # noqa: PLC0415 -- whoever has texts needs no pictures

    name = source if source is not None else "" if isinstance(picture, bytes) else str(picture)
    try:
        texts = read_codes(picture)
    except (Unreadable, SourceError) as error:
        return [Verdict(source=name, error=error)]
    return check_texts(texts, decide, source=name)


def check_texts(texts: Sequence[str], decide: Decide, *, source: str = "", is_list: bool = False) -> list[Verdict]:
    """Return a verdict on each pass in *texts*, parts joined, or one that says why there is none; none for no texts.

    Args:
        texts: what was scanned or read together, of at most 12,000 characters each.
        decide: a :class:`Till`, or a function that calls :func:`verify_pass`.
        source: what was looked at, for people.
        is_list: each text gets a verdict. By default they are the codes of one picture, where a code that is no pass is set aside
            if a pass lies beside it.
    """
    found = frames_in(texts, is_list=is_list)
    verdicts = [_check(frame, decide, source) for frame in found.frames]
    return verdicts + [Verdict(source=source, error=error) for error in found.errors]


def _check(frame: bytes, decide: Decide, source: str) -> Verdict:
    try:
        return Verdict(source=source, verified=decide(read_frame(frame)))
    except SocpassError as error:
        return Verdict(source=source, error=error)
