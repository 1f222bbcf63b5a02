"""A proof that a pass is in its issuer's log: a text that its holder keeps beside the pass (C2SP tlog-proof; specs/log.md).

It holds a salt, hashes and a checkpoint, and nothing of the pass itself: whoever checks it is shown the pass too.
"""

from __future__ import annotations

from dataclasses import dataclass

from socpass_vc.errors import Malformed
from socpass_vc.format.transparency.checkpoint import BLOCK_LEAVES, MAX_BLOCKS, UnverifiedCheckpoint, read_checkpoint
from socpass_vc.format.transparency.log_block import SALT_BYTES, pass_leaf
from socpass_vc.format.transparency.merkle import HASH_BYTES, check_inclusion
from socpass_vc.format.transparency.signed_note import MAX_NOTE_BYTES, read_base64, write_base64
from socpass_vc.messages import Message

FIRST_LINE = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES = MAX_NOTE_BYTES + 4_096
"""Largest proof that is read: 36 hashes take 1,620 bytes, and the rest is its checkpoint."""

_EXTRA, _INDEX = "extra ", "index "
_INDEX_DIGITS = len(str(MAX_BLOCKS * BLOCK_LEAVES))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogProof:
    """A proof of inclusion, unchecked.

    Attributes:
        salt: 32 bytes, which hide the leaf from those who have seen the pass.
        index: of the leaf, from 0.
        path: the hashes that lead from the leaf to the root.
        note: the checkpoint as it was published.
    """

    salt: bytes
    index: int
    path: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        """Return the text."""
        hashes = "".join(f"{write_base64(found)}\n" for found in self.path)
        return f"{FIRST_LINE}\n{_EXTRA}{write_base64(self.salt)}\n{_INDEX}{self.index}\n{hashes}\n".encode() + self.note

    def checkpoint(self) -> UnverifiedCheckpoint:
        """Return the checkpoint, unchecked.

        Raises:
            Malformed, Unsupported: as :func:`checkpoint.read_checkpoint`.
        """
        return read_checkpoint(self.note)

    def check(self, token: bytes, unverified: UnverifiedCheckpoint) -> None:
        """Return if the proof leads from the pass *token* to the checkpoint; who signed that, is not asked here.

        Raises:
            NotLogged: it does not.
        """
        head = unverified.content
        check_inclusion(pass_leaf(self.salt, token), self.index, size=head.size, path=self.path, root=head.root)


def read_log_proof(content: bytes) -> LogProof:
    """Return a proof, unchecked; its checkpoint is not read yet.

    Raises:
        Malformed: it is none.
    """
    if len(content) > MAX_PROOF_BYTES:
        raise Malformed("too_many_bytes", found=len(content), longest=MAX_PROOF_BYTES).at(Message("field.log_proof"))
    above, _, note = content.partition(b"\n\n")
    try:
        first, extra, index, *hashes = above.decode("ascii").split("\n")
    except ValueError as error:  # UnicodeDecodeError is one; so is it that there are too few lines
        raise Malformed("log.not_a_proof") from error
    number = index.removeprefix(_INDEX)
    is_number = len(number) <= _INDEX_DIGITS and number.isdigit() and (number[0] != "0" or number == "0")
    if first != FIRST_LINE or not extra.startswith(_EXTRA) or not index.startswith(_INDEX) or not is_number:
        raise Malformed("log.not_a_proof")
    salt, path = read_base64(extra.removeprefix(_EXTRA)), tuple(map(read_base64, hashes))
    if len(salt) != SALT_BYTES or any(len(found) != HASH_BYTES for found in path):
        raise Malformed("log.not_a_proof")
    return LogProof(salt=salt, index=int(number), path=path, note=note)
