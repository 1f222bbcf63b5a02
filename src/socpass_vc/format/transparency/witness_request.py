"""What a witness is asked with: the head that it saw last, and why the new one continues it (C2SP tlog-witness, add-checkpoint).

Pure: it knows the text, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from socpass_vc.format.transparency.checkpoint import Checkpoint
from socpass_vc.format.transparency.merkle import consistency_path
from socpass_vc.format.transparency.signed_note import write_base64


def write_request(before: Checkpoint | None, note: bytes, blocks: Sequence[bytes]) -> bytes:
    """Return the body of a request to a witness to sign a head too.

    Args:
        before: the head that the witness saw last; None if it saw none.
        note: the new head, as it is published.
        blocks: roots of all blocks of the log at the new head.
    """
    path = [] if before is None else consistency_path(blocks, before.blocks)
    hashes = "".join(f"{write_base64(found)}\n" for found in path)
    return f"old {0 if before is None else before.size}\n{hashes}\n".encode() + note
