"""Two heads of a log, beyond what the vectors of log/ say."""

from __future__ import annotations

from said import refused
from socpass_vc.errors import LogRewritten
from socpass_vc.format.transparency.checkpoint import Checkpoint
from socpass_vc.verifier.pass_log import check_continued


def test_a_head_of_another_log_continues_none() -> None:
    root = bytes(32)
    before, after = (Checkpoint(origin=origin, size=1 << 16, root=root) for origin in ("a.example/log", "b.example/log"))
    with refused(LogRewritten, "log.other_origin", origin="b.example/log", before="a.example/log"):
        check_continued(before, after, [root])
