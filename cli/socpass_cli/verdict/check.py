"""From a source to verdicts: its texts are read here, and which of them are passes is the library's to know."""

from __future__ import annotations

from socpass_cli.verdict.inputs import Source
from socpass_vc.errors import SourceError, Unreadable
from socpass_vc.verifier.verdict.check import Decide, check_texts
from socpass_vc.verifier.verdict.codes import FoundFrames, frames_in
from socpass_vc.verifier.verdict.verdict import Verdict


def check_source(source: Source, decide: Decide) -> list[Verdict]:
    """Return a verdict for each pass in *source*, or one that says why there is none."""
    try:
        texts = source.texts()
    except (Unreadable, SourceError) as error:
        return [Verdict(source=source.name, error=error)]
    return check_texts(texts.found, decide, source=source.name, is_list=texts.is_list)


def read_frames(source: Source) -> FoundFrames:
    """Return the whole frames in *source*, and what is to be said of its other texts; not both are empty.

    Raises:
        Unreadable, SourceError: there is nothing to read.
    """
    texts = source.texts()
    return frames_in(texts.found, is_list=texts.is_list)
