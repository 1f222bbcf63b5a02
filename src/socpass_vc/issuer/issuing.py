"""Issuing what is due: for each resident whose pass is missing, outdated or about to end, one new pass, in transactions.

It knows the register and a signer. A pass that the agency revoked or suspended is never replaced unless that resident is named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from secrets import token_bytes

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.errors import ClaimsError, RegisterError
from socpass_vc.format.armor import MAX_TOKEN_BYTES
from socpass_vc.format.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.claims_reader import read_claims
from socpass_vc.format.cose import read_sign1
from socpass_vc.format.credential import sign_pass, write_pass
from socpass_vc.format.keys import Signer
from socpass_vc.format.statuslist import Status
from socpass_vc.issuer.eventlog import Event, append
from socpass_vc.issuer.permutation import KEY_BYTES, permute
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.schema import credentials, entitlements, residents, status_lists
from socpass_vc.issuer.settings import DocumentNumbers, Settings

BATCH = 500
"""Residents a transaction."""
RENEW_WITHIN = timedelta(days=30)
"""How long before its end a pass is due again, unless the caller says otherwise."""
SUPERSEDED = "superseded"
"""The reason kept with a pass that a newer one with other content replaced."""

_SHOWN_DIGITS = 4
_ENVELOPE_BYTES = 96  # of COSE around the claims, and a longer place in a status list than the draft's
_DIGITS_A_BYTE = 2.409  # log10(256)
_CODE_CHARACTERS = 5_500  # digits of a QR code of version 40 and level M: 5,596, less what another prefix costs
_NOWHERE = StatusReference(list_number=0, index=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A pass that was issued and stored.

    Attributes:
        ref: the agency's reference of the resident.
        claims: what it says.
        token: the signed bytes.
        text: for the QR code.
    """

    ref: str
    claims: Claims
    token: bytes
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotIssued:
    """A pass that was due and cannot be issued: *why* says what to mend in the register."""

    ref: str
    why: str


def count_residents(register: Register) -> int:
    """Return how many residents there are: what :func:`issue_due` looks through."""
    with register.transaction() as connection:
        return int(connection.scalar(sql.select(sql.func.count()).select_from(residents)) or 0)


def issue_due(
    register: Register,
    settings: Settings,
    signer: Signer,
    *,
    now: datetime,
    actor: str,
    ref: str | None = None,
    renew_within: timedelta = RENEW_WITHIN,
    looked_at: Callable[[int], None] = lambda _: None,
) -> Iterator[Issued | NotIssued]:
    """Issue every pass that is due, yielding each once its transaction is kept.

    Args:
        register: open.
        settings: the agency's.
        signer: its key for passes.
        now: the time, aware; fractions of a second are dropped.
        actor: who issues.
        ref: this resident alone, whether due or not.
        renew_within: how long before its end a pass is due again.
        looked_at: told how many residents were looked at, batch by batch.

    Raises:
        RegisterError: the database refused, or there is no such resident; batches already kept stay.
    """
    now = now.replace(microsecond=0)
    last_id = 0
    while True:
        with register.transaction() as connection:
            batch = _next_batch(connection, last_id, ref)
            if ref is not None and not batch and not last_id:
                raise RegisterError(f"{register.name}: there is no resident with the reference {ref!r}")
            done: list[Issued | NotIssued] = []
            ended = 0
            for resident, granted, newest in batch:
                draft = _draft(resident, granted, settings, now)
                if isinstance(draft, NotIssued):
                    done.append(draft)
                elif draft is None:
                    ended += _supersede(connection, resident["id"], now) if newest is not None else 0
                elif ref is not None or _is_due(draft, newest, now, renew_within):
                    done.append(_issue_one(connection, settings, signer, resident, newest, draft))
            acts = [Event("supersede", ref=ref, facts={"passes": ended})] if ended else []
            issued = [entry for entry in done if isinstance(entry, Issued)]
            if issued:
                acts.append(Event("issue", ref=ref, facts={"passes": len(issued)}))
            append(connection, acts, at=now, actor=actor)
        yield from done
        looked_at(len(batch))
        if not batch or ref is not None:
            return
        last_id = int(batch[-1][0]["id"])


_Candidate = tuple[RowMapping, Sequence[RowMapping], RowMapping | None]


def _next_batch(connection: Connection, last_id: int, ref: str | None) -> list[_Candidate]:
    """Return the next residents with their entitlements and newest credential."""
    wanted = residents.c.ref == ref if ref is not None else residents.c.id > last_id
    people = connection.execute(sql.select(residents).where(wanted).order_by(residents.c.id).limit(BATCH)).mappings().all()
    ids = [person["id"] for person in people]
    granted: dict[int, list[RowMapping]] = {number: [] for number in ids}
    query = sql.select(entitlements).where(entitlements.c.resident_id.in_(ids)).order_by(entitlements.c.category)
    for row in connection.execute(query).mappings():
        granted[row["resident_id"]].append(row)
    newest_ids = (
        sql.select(sql.func.max(credentials.c.id)).where(credentials.c.resident_id.in_(ids)).group_by(credentials.c.resident_id)
    )
    columns = [credentials.c[name] for name in ("id", "resident_id", "expires_at", "content", "status")]
    found = connection.execute(sql.select(*columns).where(credentials.c.id.in_(newest_ids))).mappings()
    newest = {row["resident_id"]: row for row in found}
    return [(person, granted[person["id"]], newest.get(person["id"])) for person in people]


def _draft(resident: RowMapping, granted: Sequence[RowMapping], settings: Settings, now: datetime) -> Claims | NotIssued | None:
    """Return what a pass of today would say; None if no entitlement is left."""
    today = now.astimezone(settings.zone).date()
    current = [row for row in granted if row["last_day"] is None or row["last_day"] >= today]
    if not current:
        return None
    try:
        return Claims(
            name=resident["name"],
            born_on=resident["born_on"],
            born_in=resident["born_in"],
            entitlements=tuple(_entitlement(row, settings.document_numbers) for row in current),
            status=_NOWHERE,
            issued_at=now,
            expires_at=_expiry([row["last_day"] for row in current], settings, now),
        )
    except ClaimsError as error:
        return NotIssued(ref=resident["ref"], why=str(error))


def _expiry(last_days: list[date | None], settings: Settings, now: datetime) -> datetime:
    """Return the end of the pass: the usual one, or the midnight after the last entitlement's last day if that comes first."""
    usual = now + settings.pass_validity
    if None in last_days:
        return usual
    last = max(day for day in last_days if day is not None)
    if last == date.max:
        return usual
    midnight = datetime.combine(last + timedelta(days=1), datetime.min.time(), settings.zone)
    return min(usual, midnight.astimezone(UTC))


def _entitlement(row: RowMapping, numbers: DocumentNumbers) -> Entitlement:
    document = None
    if row["document_kind"] is not None and numbers is not DocumentNumbers.NONE:
        number = row["document_number"]
        if numbers is DocumentNumbers.LAST_FOUR and len(number) > _SHOWN_DIGITS:
            number = "*" + number[-_SHOWN_DIGITS:].strip()
        document = Document(kind=row["document_kind"], number=number, issued_on=row["document_issued_on"])
    return Entitlement(category=row["category"], first=row["first_day"], last=row["last_day"], document=document)


def _content(draft: Claims) -> bytes:
    """Return a digest of what a pass says, its times and its place in the status list aside."""
    return sha256(replace(draft, issued_at=_EPOCH, expires_at=_EPOCH + timedelta(days=1), status=_NOWHERE).encode()).digest()


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _is_due(draft: Claims, newest: RowMapping | None, now: datetime, renew_within: timedelta) -> bool:
    if newest is None:
        return True
    if newest["status"] != Status.VALID:
        return False
    if newest["content"] != _content(draft):
        return True
    ends = datetime.fromtimestamp(newest["expires_at"], UTC)
    return ends - now <= renew_within and draft.expires_at > ends


def _issue_one(
    connection: Connection, settings: Settings, signer: Signer, resident: RowMapping, newest: RowMapping | None, draft: Claims
) -> Issued | NotIssued:
    content = _content(draft)
    too_long = _too_long(draft, settings)
    if too_long is not None:
        return NotIssued(ref=resident["ref"], why=too_long)
    claims = replace(draft, status=_allocate(connection, settings.list_entries))
    token = sign_pass(claims, signer)
    if newest is not None and (newest["content"] != content or newest["status"] == Status.SUSPENDED):
        _supersede(connection, resident["id"], claims.issued_at)
    connection.execute(
        credentials.insert().values(
            resident_id=resident["id"],
            list_number=claims.status.list_number,
            list_index=claims.status.index,
            issued_at=int(claims.issued_at.timestamp()),
            expires_at=int(claims.expires_at.timestamp()),
            content=content,
            token=token,
        )
    )
    return Issued(ref=resident["ref"], claims=claims, token=token, text=write_pass(token, prefix=settings.prefix))


def _supersede(connection: Connection, resident_id: int, now: datetime) -> int:
    """Revoke what the resident holds, because it says what is no longer so; return how many passes that were."""
    theirs = (credentials.c.resident_id == resident_id) & (credentials.c.status != Status.INVALID)
    live = theirs & (credentials.c.expires_at > int(now.timestamp()))
    changed = connection.execute(credentials.update().where(live).values(status=int(Status.INVALID), reason=SUPERSEDED))
    return int(changed.rowcount)


def _too_long(draft: Claims, settings: Settings) -> str | None:
    """Say why a pass cannot be drawn as one code, before a place in a list is spent on it."""
    token_bytes = len(draft.encode()) + _ENVELOPE_BYTES
    characters = len(settings.prefix) + int(token_bytes * _DIGITS_A_BYTE) + 1
    if token_bytes <= MAX_TOKEN_BYTES and characters <= _CODE_CHARACTERS:
        return None
    return f"the pass would have {token_bytes} bytes, too many for one code; shorten or leave out document numbers"


def _allocate(connection: Connection, entries: int) -> StatusReference:
    """Return a place in the newest status list that no pass has had; a new list opens when it is full."""
    newest = sql.select(status_lists).order_by(status_lists.c.number.desc()).limit(1)
    row = connection.execute(newest).mappings().first()
    if row is None or row["used"] >= row["entries"]:
        number = 0 if row is None else row["number"] + 1
        opened = status_lists.insert().values(number=number, entries=entries, used=0, permutation_key=token_bytes(KEY_BYTES))
        connection.execute(opened)
        row = connection.execute(newest).mappings().one()
    index = permute(row["used"], entries=row["entries"], key=row["permutation_key"])
    connection.execute(status_lists.update().where(status_lists.c.number == row["number"]).values(used=row["used"] + 1))
    return StatusReference(list_number=row["number"], index=index)


def live_passes(register: Register, settings: Settings, *, now: datetime, ref: str | None = None) -> Iterator[Issued]:
    """Yield the passes that were issued before and still count, in the order of issue.

    Args:
        register: open.
        settings: the agency's, for the prefix.
        now: the time, aware.
        ref: of this resident alone.

    Raises:
        RegisterError: the database refused, or there is no such resident.
    """
    with register.transaction() as connection:
        if ref is not None and connection.scalar(sql.select(residents.c.id).where(residents.c.ref == ref)) is None:
            raise RegisterError(f"{register.name}: there is no resident with the reference {ref!r}", ref=ref)
    last_id = 0
    while True:
        query = (
            sql.select(credentials.c.id, credentials.c.token, residents.c.ref)
            .join(residents, residents.c.id == credentials.c.resident_id)
            .where(
                credentials.c.id > last_id,
                credentials.c.status == int(Status.VALID),
                credentials.c.expires_at > int(now.timestamp()),
            )
            .where(residents.c.ref == ref if ref is not None else sql.true())
            .order_by(credentials.c.id)
            .limit(BATCH)
        )
        with register.transaction() as connection:
            batch = connection.execute(query).mappings().all()
        if not batch:
            return
        for row in batch:
            claims = read_claims(read_sign1(row["token"]).payload)
            yield Issued(ref=row["ref"], claims=claims, token=row["token"], text=write_pass(row["token"], prefix=settings.prefix))
        last_id = batch[-1]["id"]
