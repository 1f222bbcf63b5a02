"""A checkpoint: the signed head of an issuer's log of passes, as text that witnesses know (C2SP tlog-checkpoint; specs/log.md).

It knows three lines and nothing of trust: whose log it is, how long it is, and the root of its hash tree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from socpass_vc.errors import ClaimsError, Malformed, Unsupported
from socpass_vc.format.keys import Signer
from socpass_vc.format.transparency.merkle import HASH_BYTES
from socpass_vc.format.transparency.signed_note import SignedNote, read_base64, read_note, sign_note, write_base64

BLOCK_LEAVES = 2**16
"""A log grows by whole blocks of so many leaves, dummies included: its length does not tell how many passes there are."""
MAX_BLOCKS = 2**20
"""The longest log that is read: a block in each hour of a century."""
LOG_NAME = "log"
"""What follows the status base, its scheme aside, in the origin of a log."""

_SIZE_DIGITS = len(str(MAX_BLOCKS * BLOCK_LEAVES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a log.

    Attributes:
        origin: names the log: printable ASCII without a space and "+".
        size: leaves, a multiple of 2^16.
        root: 32 bytes, of the hash tree over them.
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin.isascii() or not self.origin.isprintable() or not self.origin or {" ", "+"} & set(self.origin):
            raise ClaimsError("log.origin", origin=self.origin)
        if self.size % BLOCK_LEAVES or not 1 <= self.blocks <= MAX_BLOCKS:
            raise ClaimsError("log.size", size=self.size, block=BLOCK_LEAVES)
        if len(self.root) != HASH_BYTES:
            raise ClaimsError("log.root_length", size=HASH_BYTES, found=len(self.root))

    @property
    def blocks(self) -> int:
        """How many blocks of 2^16 leaves there are."""
        return self.size // BLOCK_LEAVES

    @property
    def text(self) -> str:
        """The text that is signed: three lines."""
        return f"{self.origin}\n{self.size}\n{write_base64(self.root)}\n"


class UnverifiedCheckpoint(NamedTuple):
    """A checkpoint whose signatures are unchecked."""

    note: SignedNote
    content: Checkpoint


def log_origin(status_base: str) -> str:
    """Return the origin of the log of the issuer with this status base."""
    return f"{status_base.partition('://')[2].replace('+', '%2B')}{LOG_NAME}"


def sign_checkpoint(content: Checkpoint, signer: Signer) -> bytes:
    """Return the note of *content*, signed under the name of its origin."""
    return sign_note(content.text, content.origin, signer)


def read_checkpoint(content: bytes) -> UnverifiedCheckpoint:
    """Return a checkpoint, unchecked.

    Raises:
        Malformed: it is none, or not as a conforming issuer writes it.
        Unsupported: there are further lines, whose meaning this program does not know.
    """
    note = read_note(content)
    lines = note.text[:-1].split("\n")
    if len(lines) < 3 or not all(lines):  # noqa: PLR2004 -- origin, size and root
        raise Malformed("log.not_a_checkpoint")
    origin, size, root, *further = lines
    if len(size) > _SIZE_DIGITS or not (size.isascii() and size.isdigit()) or size[0] == "0":
        raise Malformed("log.not_a_checkpoint")
    try:
        found = Checkpoint(origin=origin, size=int(size), root=read_base64(root))
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error
    if further:
        raise Unsupported("log.further_lines")
    return UnverifiedCheckpoint(note, found)
