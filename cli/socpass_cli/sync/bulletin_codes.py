"""The codes of a bulletin: from photographs or texts of them, in any order, to the status deltas that they carry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from socpass_cli.app.errors import naming
from socpass_cli.verdict.inputs import ENDINGS, Source
from socpass_vc.errors import NotAPass, SourceError
from socpass_vc.format import armor
from socpass_vc.verifier.verdict.codes import whole_frames


def is_bulletin(source: str) -> bool:
    """Tell by its name whether a source is a picture or a text, which can hold nothing else here."""
    return Path(source).suffix.lower() in ENDINGS and not Path(source).is_dir()


def read_bulletin(sources: Sequence[str]) -> list[bytes]:
    """Return the deltas that the codes of all *sources* carry together, at least one.

    Raises:
        SocpassError: a source cannot be read, codes are missing, or they carry no status changes.
    """
    texts: list[str] = []
    for source in sources:
        with naming(Path(source)):
            texts += Source(source, path=Path(source)).texts().found
    frames, errors = whole_frames(texts)
    deltas = [frame[1:] for frame in frames if frame[0] == armor.DELTA]
    refusal = next((error for error in errors if not isinstance(error, NotAPass)), None)
    if refusal is not None:  # a code that was not read may be the one that matters
        raise refusal.at(", ".join(sources))
    if not deltas:
        raise SourceError("cli.sync.no_status_changes").at(sources[0])
    return deltas
