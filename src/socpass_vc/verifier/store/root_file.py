"""A root in a file, as an agency hands it out: the fingerprint for a person to compare, and what a new store begins with."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from socpass_vc.errors import SocpassError, SourceError
from socpass_vc.files import read_file
from socpass_vc.format.trust.bundle import MAX_ROOT_TOKEN_BYTES, fingerprint, read_root_token
from socpass_vc.format.trust.issuers import Root


class RootFile(NamedTuple):
    """A root that nobody has confirmed yet.

    Attributes:
        payload: what :meth:`Store.create` takes, once a person has compared the fingerprint.
        fingerprint: SHA-256 of the payload: 64 hexadecimal digits in groups of four.
        root: what it says, by its own word.
    """

    payload: bytes
    fingerprint: str
    root: Root


def read_root_file(path: Path) -> RootFile:
    """Return the root in the file *path*, its signatures unchecked: whether it is the right one is for a person to say.

    Args:
        path: such as ``roots/1.root`` of an agency; at most 512 KiB.

    Raises:
        SourceError: the file is missing or cannot be read.
        Malformed, Unsupported: it is no root (specs/trust.md, section 2).
    """
    content = read_file(path, MAX_ROOT_TOKEN_BYTES, error=SourceError)
    try:
        signed = read_root_token(content)
    except SocpassError as error:
        error.at(path)
        raise
    payload = signed.signed.payload
    return RootFile(payload=payload, fingerprint=fingerprint(payload), root=signed.root)
