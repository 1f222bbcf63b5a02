"""Deciding applications, one or a file of them: granted, which makes the entitlement, or refused with the reason.

A decision is staged like a row of an import, completed from the application, and merged the same way. A decision stands unless
whoever decides asks to decide anew. It knows the register's applications and no terminal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import RegisterError
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.imports.columns import RowKind, check_columns
from socpass_vc.issuer.imports.merge import Merge, same_key, with_residents
from socpass_vc.issuer.imports.progress import ImportProgress
from socpass_vc.issuer.imports.readers import OneRecord, open_records
from socpass_vc.issuer.imports.row_errors import BadRows, RowError, RowErrors
from socpass_vc.issuer.imports.row_validation import Row, RowReader
from socpass_vc.issuer.imports.staging import Staging, people, staged
from socpass_vc.issuer.imports.text_file import survey
from socpass_vc.issuer.register.applications import GRANTED, IN_PROGRESS, REFUSED, Application
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append
from socpass_vc.issuer.register.schema import applications, residents
from socpass_vc.messages import Message

IMPORT_LOCK = 0x736F_6370_6173_7301
"""Key of the advisory lock in PostgreSQL that one import or decision holds at a time: two could deadlock on residents."""

_KEY = ("subject", "submitted_on")
_OWN = ("first_day", "last_day", "document_kind", "document_number", "document_issued_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionSummary:
    """What was decided.

    Attributes:
        granted: how many applications.
        refused: likewise.
        unchanged: rows without a decision, or with the one that stands already.
        faults: what was wrong with the others, which were skipped.
    """

    granted: int
    refused: int
    unchanged: int
    faults: RowErrors


def decide_file(
    register: Register,
    path: Path,
    issuer: Issuer,
    *,
    now: datetime,
    actor: str,
    skip_bad: bool = False,
    again: bool = False,
    watch: ImportProgress | None = None,
) -> DecisionSummary:
    """Decide as a file says: all of it or nothing.

    Args:
        register: open.
        path: CSV or JSON Lines; a row without a decision is passed over.
        issuer: whose categories are allowed.
        now: the time, aware.
        actor: who decides.
        skip_bad: decide the good rows although others are bad.
        again: decide anew what is decided already.
        watch: receives the progress.

    Raises:
        ImportRefused: the file as a whole cannot be read.
        BadRows: some rows are wrong; nothing was decided.
        RegisterError: the database refused; nothing was decided.
    """
    watch = watch or ImportProgress()
    file = survey(path)
    records = open_records(file)
    check_columns(records, RowKind.DECISIONS)
    rows = RowReader(records, RowKind.DECISIONS, issuer, today=now.astimezone(ZoneInfo(issuer.time_zone)).date())
    faults = RowErrors()
    with register.transaction() as connection:
        decided = _decide(connection, rows, faults, now=now, actor=actor, again=again, watch=watch, length=file.line_count)
        if faults and not skip_bad:
            good = decided.granted + decided.refused + decided.unchanged
            raise BadRows(str(path), faults, good)
    return decided


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is decided of one application.

    Attributes:
        application: as it was found.
        granted: or refused.
        reason: why; a refusal has one.
        first: first day of the entitlement; by default as it was applied for.
        last: its last day; likewise.
    """

    application: Application
    granted: bool
    reason: str | None = None
    first: date | None = None
    last: date | None = None


def decide_one(
    register: Register, decision: Decision, issuer: Issuer, *, now: datetime, actor: str, again: bool = False
) -> DecisionSummary:
    """Decide one application.

    Args:
        register: open.
        decision: what is decided.
        issuer: whose categories are allowed.
        now: the time, aware.
        actor: who decides.
        again: decide anew if it is decided already.

    Raises:
        RegisterError: the application is gone or decided already, the decision contradicts itself, or the database refused.
    """
    application = decision.application
    cells = {
        "ref": application.ref,
        "measure" if application.category is None else "category": application.subject,
        "submitted": application.submitted_on.isoformat(),
        "decision": "grant" if decision.granted else "refuse",
        "reason": decision.reason or "",
        "from": decision.first.isoformat() if decision.first else "",
        "until": decision.last.isoformat() if decision.last else "",
    }
    faults = RowErrors()
    with register.transaction() as connection:
        rows = RowReader(OneRecord(cells), RowKind.DECISIONS, issuer, today=now.astimezone(ZoneInfo(issuer.time_zone)).date())
        decided = _decide(connection, rows, faults, now=now, actor=actor, again=again, watch=ImportProgress(), length=1)
        for fault in faults.kept:
            raise RegisterError(f"row.{fault.code}", **fault.facts).at(application.ref)
    return decided


def _decide(
    connection: Connection,
    rows: Iterable[Row | list[RowError]],
    faults: RowErrors,
    *,
    now: datetime,
    actor: str,
    again: bool,
    watch: ImportProgress,
    length: int,
) -> DecisionSummary:
    wait_for_turn(connection)
    staging = Staging(connection, RowKind.DECISIONS)
    watch.begin("read", length)
    staging.load(rows, faults, watch.advance)
    passed_over = connection.execute(sql.delete(staged).where(staged.c.status.is_(None))).rowcount
    staging.rows -= passed_over
    staging.settle(faults)
    _refuse_unknown(staging, faults)
    if again:
        _refuse_taking_back(staging, faults)
    else:
        refuse_undoing(staging, faults)
        passed_over += _pass_over_decided(connection)
    _complete(connection)
    merge = Merge(connection, RowKind.APPLICATIONS, {"status", "reason", "from", "until", "document_kind"}, now=now, again=again)
    watch.begin("merge", staging.rows)
    taken = merge.run(staging.people, watch.advance)
    acts = record_acts(connection, merge, now=now, actor=actor)
    merge.clear()
    staging.clear()
    return DecisionSummary(
        granted=acts["grant"],
        refused=acts["refuse"],
        unchanged=passed_over + taken.unchanged,
        faults=faults,
    )


def wait_for_turn(connection: Connection) -> None:
    """Wait until no other import or decision works on a shared register."""
    if connection.dialect.name == "postgresql":
        connection.execute(sql.select(sql.func.pg_advisory_xact_lock(IMPORT_LOCK)))


def record_acts(connection: Connection, merge: Merge, *, now: datetime, actor: str) -> Counter[str]:
    """Write to the event log what was done to applications, and count the acts; the log is locked from here on."""
    count: Counter[str] = Counter()
    for acts in merge.acts():
        events = [
            Event(act, ref=ref, reason=reason, facts={"subject": subject, "submitted_on": submitted_on.isoformat()})
            for act, ref, reason, subject, submitted_on in acts
        ]
        append(connection, events, at=now, actor=actor)
        count.update(act.act for act in acts)
    return count


def refuse_undoing(staging: Staging, faults: RowErrors) -> None:
    """Note and drop rows that contradict a decision; a row from before the decision does not."""
    refused = (
        sql.select(staged.c.line, applications.c.status)
        .select_from(with_residents().join(applications, same_key(applications, _KEY)))
        .where(applications.c.status != IN_PROGRESS, staged.c.status != IN_PROGRESS, staged.c.status != applications.c.status)
    )
    staging.drop(refused, faults, _decided_already)


def _refuse_taking_back(staging: Staging, faults: RowErrors) -> None:
    """Note and drop refusals of granted applications: an entitlement ends with its last day, and passes follow that."""
    refused = (
        sql.select(staged.c.line, applications.c.status)
        .select_from(with_residents().join(applications, same_key(applications, _KEY)))
        .where(applications.c.status == GRANTED, staged.c.status == REFUSED, staged.c.category.is_not(None))
    )
    staging.drop(refused, faults, _granted_already)


def _pass_over_decided(connection: Connection) -> int:
    """Drop decisions that stand already, and return how many."""
    same = (
        sql.exists()
        .where(people.c.id == staged.c.person, residents.c.ref == people.c.ref, same_key(applications, _KEY))
        .where(applications.c.status == staged.c.status)
        .correlate(staged)
    )
    return connection.execute(sql.delete(staged).where(same)).rowcount


def _refuse_unknown(staging: Staging, faults: RowErrors) -> None:
    known = (
        sql.exists()
        .where(people.c.id == staged.c.person, residents.c.ref == people.c.ref, same_key(applications, _KEY))
        .correlate(staged)
    )
    refused = sql.select(staged.c.line, sql.func.coalesce(staged.c.subject, "")).where(~known)
    staging.drop(refused, faults, _no_application)


def _complete(connection: Connection) -> None:
    """Fill in the days that a decision leaves open, and the document, from the application."""
    match = sql.and_(people.c.id == staged.c.person, residents.c.ref == people.c.ref, same_key(applications, _KEY))
    values = {name: sql.func.coalesce(staged.c[name], applications.c[name]) for name in _OWN}
    connection.execute(staged.update().where(match).values(values))


def _decided_already(line: int, status: str) -> RowError:
    return RowError(line=line, column="status", code="decided", facts={"status": Message(f"application_status.{status}")})


def _granted_already(line: int, _: str) -> RowError:
    return RowError(line=line, column="decision", code="granted_already")


def _no_application(line: int, subject: str) -> RowError:
    return RowError(line=line, column=None, code="no_application", facts={"subject": subject})
