"""Finding applications in the register: by subject, status, resident and the day of submission.

It knows the register and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import sqlalchemy as sql

from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.schema import applications, residents

IN_PROGRESS, GRANTED, REFUSED = STATUSES = ("in_progress", "granted", "refused")
"""What becomes of an application; ``application_status.STATUS`` is the key of the word for it."""

AT_ONCE = 10_000
"""Applications read per transaction."""


class Application(NamedTuple):
    """One application as the register has it.

    Attributes:
        ref: of the resident.
        name: of the resident.
        subject: a category as a decimal number, or the name of a measure.
        submitted_on: the day.
        status: one of :data:`STATUSES`.
        reason: of the decision.
        decided_at: when, in seconds since 1970; None while in progress, or if the agency's export did not say.
        first_day: of what is asked for or granted; None for no beginning.
        last_day: likewise; None for no end.
    """

    id: int
    ref: str
    name: str
    subject: str
    submitted_on: date
    status: str
    reason: str | None
    decided_at: int | None
    first_day: date | None
    last_day: date | None

    @property
    def category(self) -> int | None:
        """The category that is applied for, or None if it is a measure."""
        return int(self.subject) if self.subject.isdigit() else None


def find_applications(
    register: Register,
    *,
    status: str | None = None,
    subject: str | None = None,
    ref: str | None = None,
    before: date | None = None,
) -> Iterator[Application]:
    """Yield applications, the oldest first.

    Args:
        register: open.
        status: only those of this status.
        subject: only those for this.
        ref: only those of this resident.
        before: only those submitted before this day.

    Raises:
        RegisterError: the database refused.
    """
    columns = [applications.c.id if name == "id" else _column(name) for name in Application._fields]
    query = sql.select(*columns).join(residents, residents.c.id == applications.c.resident_id)
    for column, wanted in ((applications.c.status, status), (applications.c.subject, subject), (residents.c.ref, ref)):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(applications.c.submitted_on < before)
    query = query.order_by(applications.c.submitted_on, applications.c.id).limit(AT_ONCE)
    order = sql.tuple_(applications.c.submitted_on, applications.c.id)
    onward = query
    while True:
        with register.transaction() as connection:
            batch = connection.execute(onward).all()
        for row in batch:
            yield Application._make(row)
        if len(batch) < AT_ONCE:
            return
        onward = query.where(order > sql.tuple_(sql.literal(batch[-1].submitted_on), sql.literal(batch[-1].id)))


def _column(name: str) -> sql.Column[object]:
    return residents.c[name] if name in {"ref", "name"} else applications.c[name]
