"""One resident's statement: their applications, entitlements and passes, as a personal account would show them.

It knows the register. Names and layout are known elsewhere. Why a pass was revoked is not in a statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.errors import RegisterError
from socpass_vc.format.credential.claims import Document
from socpass_vc.format.status.status_list import Status
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.issuance.pass_policy import SUPERSEDED
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.person import mask_number
from socpass_vc.issuer.register.schema import applications, credentials, entitlements, residents


class EntitlementState(StrEnum):
    """Whether an entitlement counts today."""

    COUNTS = "counts"
    ENDED = "ended"
    NOT_YET = "not_yet"


class PassState(StrEnum):
    """The state of a pass."""

    LIVE = "live"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedApplication:
    """An application.

    Attributes:
        category: what it is for, if that is a category.
        measure: its id, if it is for a measure.
        submitted_on: the day.
        status: in_progress, granted or refused.
        reason: of a refusal.
        decided_at: the time of the decision.
    """

    category: int | None
    measure: str | None
    submitted_on: date
    status: str
    reason: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEntitlement:
    """A category that was granted.

    Attributes:
        category: its number.
        first: the first day, or None for no beginning.
        last: the last day, included, or None for no end.
        state: whether it counts today.
        document: what confirms it.
    """

    category: int
    first: date | None
    last: date | None
    state: EntitlementState
    document: Document | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPass:
    """A pass that was issued: its status list and index, its times and its state."""

    list_number: int
    index: int
    issued_at: datetime
    expires_at: datetime
    state: PassState


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the register says of one resident at one moment.

    Attributes:
        at: the time.
        today: the agency's civil day at that time.
        ref: the agency's reference.
        name: of the resident.
        latin_name: as in a passport, or None.
        born_on: the day of birth, or None if it is not known.
        born_in: the year of birth, if that alone is known.
        applications: newest first.
        entitlements: those that count today first, then by category.
        passes: newest first.
    """

    at: datetime
    today: date
    ref: str
    name: str
    latin_name: str | None
    born_on: date | None
    born_in: int | None
    applications: tuple[StatedApplication, ...]
    entitlements: tuple[StatedEntitlement, ...]
    passes: tuple[StatedPass, ...]

    @property
    def counting(self) -> tuple[int, ...]:
        """The categories that count today, ascending."""
        return tuple(sorted(granted.category for granted in self.entitlements if granted.state is EntitlementState.COUNTS))


def read_statement(
    register: Register, settings: AgencySettings, ref: str, *, now: datetime, full_numbers: bool = False
) -> Statement:
    """Return the statement of one resident.

    Args:
        register: open.
        settings: the agency's, for its civil day.
        ref: the agency's reference.
        now: the time, aware.
        full_numbers: show document numbers in full, not their last four characters.

    Raises:
        RegisterError: there is no such resident, or the database refused.
    """
    today = now.astimezone(settings.zone).date()
    with register.snapshot() as connection:
        person = connection.execute(sql.select(residents).where(residents.c.ref == ref)).mappings().first()
        if person is None:
            raise RegisterError("register.no_such_resident", ref=ref).at(register.name)
        granted = _theirs(connection, entitlements, person["id"], entitlements.c.category)
        applied = _theirs(connection, applications, person["id"], applications.c.submitted_on.desc(), applications.c.id.desc())
        issued = _theirs(connection, credentials, person["id"], credentials.c.id.desc())
    stated = [_entitlement(row, today, full_numbers=full_numbers) for row in granted]
    return Statement(
        at=now,
        today=today,
        ref=person["ref"],
        name=person["name"],
        latin_name=person["name_latin"],
        born_on=person["born_on"],
        born_in=person["born_in"],
        applications=tuple(map(_application, applied)),
        entitlements=tuple(sorted(stated, key=lambda entitlement: entitlement.state is not EntitlementState.COUNTS)),
        passes=tuple(_pass(row, now) for row in issued),
    )


def _theirs(
    connection: Connection, table: sql.Table, resident_id: int, *order: sql.ColumnElement[object]
) -> Sequence[RowMapping]:
    return connection.execute(sql.select(table).where(table.c.resident_id == resident_id).order_by(*order)).mappings().all()


def _application(row: RowMapping) -> StatedApplication:
    subject = row["subject"]
    is_category = subject.isascii() and subject.isdigit()
    return StatedApplication(
        category=int(subject) if is_category else None,
        measure=None if is_category else subject,
        submitted_on=row["submitted_on"],
        status=row["status"],
        reason=row["reason"],
        decided_at=None if row["decided_at"] is None else _moment(row["decided_at"]),
    )


def _entitlement(row: RowMapping, today: date, *, full_numbers: bool) -> StatedEntitlement:
    first, last = row["first_day"], row["last_day"]
    state = EntitlementState.COUNTS
    if last is not None and last < today:
        state = EntitlementState.ENDED
    elif first is not None and first > today:
        state = EntitlementState.NOT_YET
    document = None
    if row["document_kind"] is not None:
        number = row["document_number"] if full_numbers else mask_number(row["document_number"])
        document = Document(kind=row["document_kind"], number=number, issued_on=row["document_issued_on"])
    return StatedEntitlement(category=row["category"], first=first, last=last, state=state, document=document)


def _pass(row: RowMapping, now: datetime) -> StatedPass:
    expires_at = _moment(row["expires_at"])
    if row["status"] == Status.INVALID:
        state = PassState.SUPERSEDED if row["reason"] == SUPERSEDED else PassState.REVOKED
    elif expires_at <= now:
        state = PassState.EXPIRED
    else:
        state = PassState.SUSPENDED if row["status"] == Status.SUSPENDED else PassState.LIVE
    return StatedPass(
        list_number=row["list_number"],
        index=row["list_index"],
        issued_at=_moment(row["issued_at"]),
        expires_at=expires_at,
        state=state,
    )


def _moment(seconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=seconds)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
