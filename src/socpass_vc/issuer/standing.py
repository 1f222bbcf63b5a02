"""Revoking, suspending and reinstating the passes of a resident; the reason stays in the register.

It knows the register. A till learns of it with the next published status list, which :mod:`publishing` writes.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sql

from socpass_vc.errors import RegisterError
from socpass_vc.format.statuslist import Status
from socpass_vc.issuer.eventlog import Event, append
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.schema import credentials, residents


class Act(StrEnum):
    """What may be done to passes."""

    REVOKE = "revoke"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"


# From which states an act leads, and to which. A revocation is final (specs/credential.md, section 6): a new pass is issued
# instead.
_MOVES = {
    Act.REVOKE: ((Status.VALID, Status.SUSPENDED), Status.INVALID),
    Act.SUSPEND: ((Status.VALID,), Status.SUSPENDED),
    Act.REINSTATE: ((Status.SUSPENDED,), Status.VALID),
}
_NOTHING = {
    Act.REVOKE: "has no pass that could be revoked",
    Act.SUSPEND: "has no valid pass that could be suspended",
    Act.REINSTATE: "has no suspended pass; a revoked one stays revoked, issue a new one with 'socpass issuer issue --ref'",
}


def change_standing(register: Register, ref: str, act: Act, *, reason: str, now: datetime, actor: str) -> int:
    """Do *act* to the unexpired passes of one resident, and return how many it was done to.

    Args:
        register: open.
        ref: the agency's reference of the resident.
        act: what.
        reason: why; kept in the register, never published.
        now: the time, aware.
        actor: who.

    Raises:
        RegisterError: there is no such resident, or none of their passes is in a state for it.
    """
    sources, target = _MOVES[act]
    with register.transaction() as connection:
        resident_id = connection.scalar(sql.select(residents.c.id).where(residents.c.ref == ref))
        if resident_id is None:
            raise RegisterError(f"{register.name}: there is no resident with the reference {ref!r}", ref=ref)
        theirs = (
            (credentials.c.resident_id == resident_id)
            & (credentials.c.expires_at > int(now.timestamp()))
            & credentials.c.status.in_([int(status) for status in sources])
        )
        changed = connection.execute(credentials.update().where(theirs).values(status=int(target), reason=reason)).rowcount
        if not changed:
            raise RegisterError(f"{register.name}: the resident {ref!r} {_NOTHING[act]}", ref=ref)
        append(connection, [Event(act, ref, reason, {"passes": changed})], at=now, actor=actor)
    return int(changed)
