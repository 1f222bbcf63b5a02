"""The head of the log of passes: signed with each publication that has something new, and the tiles beside it (specs/log.md).

    status/log/checkpoint    the head
    status/log/tile/2/000    the roots of the blocks, from which heads can be compared

It knows the agency's folder, where the last head is kept too: a log that does not continue it is not published.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sql

from socpass_vc.errors import AgencyError, Forged, Malformed, RegisterError, SocpassError, Unsupported
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.keys import PublicKey, Signer
from socpass_vc.format.transparency.checkpoint import (
    BLOCK_LEAVES,
    Checkpoint,
    UnverifiedCheckpoint,
    log_origin,
    read_checkpoint,
    sign_checkpoint,
)
from socpass_vc.format.transparency.log_proof import LogProof
from socpass_vc.format.transparency.merkle import inclusion_path, root_of
from socpass_vc.format.transparency.signed_note import MAX_NOTE_BYTES
from socpass_vc.format.transparency.tiles import tiles_of
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.pass_log import find_pass, read_blocks, seal
from socpass_vc.issuer.register.schema import credentials, residents

KEPT_NAME = "log.checkpoint"
"""In the agency's folder."""
LOG_FOLDER = "log"
"""In status/ of the site."""
CHECKPOINT_NAME = "checkpoint"


def has_head_key(agency: Agency) -> bool:
    """Tell whether the agency has a key that signs heads, now or later."""
    return any(Use.CHECKPOINTS in key.uses and key.state is KeyState.ACTIVE for key in agency.issuer.keys)


def publish_head(agency: Agency, register: Register, folder: Path, opened: Callable[[], Signer], *, now: datetime) -> Path | None:
    """Write the head of the log and its tiles into *folder*, and return the head's path.

    None is returned if the agency has no key for it, or none that has begun, or nothing has happened yet.

    The caller sees to it that nobody else publishes for the agency meanwhile.

    Args:
        agency: open.
        register: its register, open.
        folder: status/ of the site; it exists.
        opened: gives the key that signs heads, opened; called only if something is to be signed.
        now: whole second.

    Raises:
        AgencyError: the register does not continue the last head, the key has ended, or a file cannot be written.
        WrongPassphrase, KeyFileError: the key does not open.
    """
    mine = [key for key in agency.issuer.keys if Use.CHECKPOINTS in key.uses and key.state is KeyState.ACTIVE]
    if not any(key.sign_from <= now for key in mine):
        return None
    signers = [public for key in mine if key.covers(Use.CHECKPOINTS, now) and isinstance(public := key.public_key, PublicKey)]
    with register.transaction() as connection:
        seal(connection)
        roots = [block.root for block in read_blocks(connection)]
    if not roots:
        return None
    kept = agency.folder / KEPT_NAME
    origin = log_origin(agency.issuer.status_base)
    head = Checkpoint(origin=origin, size=_leaves(roots), root=root_of(roots))
    before = _read_kept(kept) if kept.exists() else None
    if before is not None and before.content.origin == origin:
        size = before.content.blocks
        if size > len(roots) or root_of(roots[:size]) != before.content.root:
            raise AgencyError("log.head_not_continued", size=before.content.size).at(kept)
    if before is not None and before.content == head and any(before.note.names(origin, key) for key in signers):
        note = read_file(kept, MAX_NOTE_BYTES, error=AgencyError)
    else:
        note = sign_checkpoint(head, opened())
        write_file(kept, note, error=AgencyError)  # first: nobody may have seen a later head than we have
    return _show(folder / LOG_FOLDER, note, roots)


def prove_pass(agency: Agency, register: Register, ref: str) -> bytes:
    """Return the proof that the newest pass of a resident is in the log, under the last head that was signed.

    Raises:
        AgencyError: no head was signed yet, or the last one is damaged.
        RegisterError: there is no such resident or pass, no head speaks of it yet, or the register was changed since.
    """
    kept = agency.folder / KEPT_NAME
    if not kept.exists():
        raise AgencyError("log.no_head_yet").at(kept)
    note = read_file(kept, MAX_NOTE_BYTES, error=AgencyError)
    head = _read_kept(kept).content
    newest = (
        sql.select(credentials.c.id, credentials.c.token)
        .join(residents, residents.c.id == credentials.c.resident_id)
        .where(residents.c.ref == ref)
        .order_by(credentials.c.id.desc())
        .limit(1)
    )
    with register.snapshot() as connection:
        row = connection.execute(newest).first()
        if row is None:
            raise RegisterError("log.no_such_pass", ref=ref).at(register.name)
        blocks = read_blocks(connection)[: head.blocks]
        found = find_pass(connection, row.id, bytes(row.token), blocks)
    roots = [block.root for block in blocks]
    if len(roots) < head.blocks or root_of(roots) != head.root:
        raise AgencyError("log.head_not_continued", size=head.size).at(kept)
    if found is None:
        raise RegisterError("log.not_published_yet", ref=ref).at(register.name)
    index = _leaves(roots[: found.block]) + found.place
    return LogProof(salt=found.salt, index=index, path=(*found.path, *inclusion_path(roots, found.block)), note=note).encode()


def read_own_head(agency: Agency, path: Path) -> Checkpoint:
    """Return the head in the file *path*, published at any time, after checking that a key of the agency signed it.

    Raises:
        AgencyError: it is no head, or no key of the agency signed it.
    """
    unverified = _read_kept(path)
    origin = unverified.content.origin
    for key in agency.issuer.keys:
        public = key.public_key
        if Use.CHECKPOINTS in key.uses and isinstance(public, PublicKey) and unverified.note.names(origin, public):
            try:
                unverified.note.check(origin, public)
            except Forged as error:
                raise error.as_kind(AgencyError).at(path) from error
            return unverified.content
    raise AgencyError("log.head_not_ours").at(path)


def _leaves(roots: Sequence[bytes]) -> int:
    return len(roots) * BLOCK_LEAVES


def _read_kept(path: Path) -> UnverifiedCheckpoint:
    try:
        return read_checkpoint(read_file(path, MAX_NOTE_BYTES, error=AgencyError))
    except (Malformed, Unsupported) as error:
        raise AgencyError("log.head_damaged", why=error).at(path) from error


def _show(folder: Path, note: bytes, roots: Sequence[bytes]) -> Path:
    """Write the tiles, then the head, then remove what became of partial tiles once they are full."""
    for name, content in tiles_of(roots):
        path = folder / name
        if not _has(path, content):
            make_folder(path.parent, error=AgencyError)
            write_file(path, content, error=AgencyError)
    head = folder / CHECKPOINT_NAME
    if not _has(head, note):
        write_file(head, note, error=AgencyError)
    for partial in folder.glob("tile/*/**/*.p"):
        if partial.with_suffix("").is_file():
            shutil.rmtree(partial, ignore_errors=True)
    return head


def _has(path: Path, content: bytes) -> bool:
    """Tell whether the site has this file already; what cannot be read is written anew."""
    try:
        return read_file(path, MAX_NOTE_BYTES, error=AgencyError) == content
    except SocpassError:
        return False
