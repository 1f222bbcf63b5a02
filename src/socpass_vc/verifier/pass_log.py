"""What outsiders check of an issuer's log of passes: who signed a head, that a pass is in it, that a later head continues it.

The steps are those of specs/log.md, section 4. Pure: it is given bytes and the trust list. No verdict on a pass asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from socpass_vc.errors import KeyCompromised, LogRewritten, OutOfScope, RolledBack, UnknownIssuer
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.transparency.checkpoint import Checkpoint, UnverifiedCheckpoint, log_origin
from socpass_vc.format.transparency.merkle import root_of
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Use


class AdmittedCheckpoint(NamedTuple):
    """A head whose signature was checked; only :func:`admit_checkpoint` makes one.

    Attributes:
        issuer: whose log it is.
        content: the head.
        key: the key that signed.
    """

    issuer: Issuer
    content: Checkpoint
    key: IssuerKey


def admit_checkpoint(unverified: UnverifiedCheckpoint, *, trust: Trust) -> AdmittedCheckpoint:
    """Return the head if *trust* stands behind it.

    A head carries no time, so the window of the key is not asked.

    Raises:
        UnknownIssuer: the log or the key belongs to no issuer of the trust list.
        KeyCompromised: the key is known to be stolen.
        Forged: a signature that should be the key's does not verify.
        OutOfScope: the key may not sign heads of logs.
    """
    note, content = unverified
    origin = content.origin
    issuers = [issuer for issuer in trust.list.issuers if log_origin(issuer.status_base) == origin]
    if not issuers:
        raise UnknownIssuer("no_issuer_publishes", uri=origin)
    candidates = [
        (issuer, key, public)
        for issuer in issuers
        for key in issuer.keys
        if isinstance(public := key.public_key, PublicKey) and note.names(origin, public)  # of later types we check no signature
    ]
    if not candidates:
        raise UnknownIssuer("log.no_known_key", origin=origin)
    usable = [found for found in candidates if found[1].state is not KeyState.COMPROMISED]
    if not usable:
        issuer, key, _ = candidates[0]
        raise KeyCompromised("key_known_stolen", **_who(issuer, key))
    for _, _, public in usable:
        note.check(origin, public)
    issuer, key, _ = next((found for found in usable if Use.CHECKPOINTS in found[1].uses), usable[0])
    if Use.CHECKPOINTS not in key.uses:
        raise OutOfScope("key_may_not_sign.checkpoints", **_who(issuer, key))
    return AdmittedCheckpoint(issuer, content, key)


def check_continued(before: Checkpoint, after: Checkpoint, blocks: Sequence[bytes]) -> None:
    """Return if the log at *after* begins with the whole of the log at *before*.

    Args:
        before: a head seen earlier.
        after: another head of the same log.
        blocks: roots of all blocks of the log at *after*, from its tiles.

    Raises:
        RolledBack: it is the older of the two.
        LogRewritten: it does not, is of another log, or its tiles are not what it says.
    """
    if after.origin != before.origin:
        raise LogRewritten("log.other_origin", origin=after.origin, before=before.origin)
    if root_of(blocks) != after.root or len(blocks) != after.blocks:
        raise LogRewritten("log.tiles_differ", origin=after.origin)
    if after.size < before.size:
        raise RolledBack("log.shrunk", old_size=before.size, size=after.size)
    if root_of(blocks[: before.blocks]) != before.root:
        raise LogRewritten("log.not_continued", old_size=before.size, size=after.size)


def _who(issuer: Issuer, key: IssuerKey) -> dict[str, object]:
    return {"key_id": key.public_key.key_id.hex(), "issuer_id": issuer.id, "issuer": issuer}
