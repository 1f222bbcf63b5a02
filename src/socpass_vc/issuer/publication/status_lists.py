"""Status lists: signed again if something changed or tills will soon want a newer one, and left alone otherwise.

It knows the register and a key. Files are :mod:`static_site`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sql
from sqlalchemy.engine import Connection, RowMapping

from socpass_vc.errors import AgencyError, SocpassError
from socpass_vc.format.keys import Signer
from socpass_vc.format.status.status_list import Status, StatusList, narrowest, pack, read_status_list, sign_status_list
from socpass_vc.issuer.config.agency_toml import AgencySettings
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.schema import credentials, status_lists

CLOCK_LEEWAY_SECONDS = 300
"""How far two honest clocks may differ (specs/credential.md, section 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStatusList:
    """A status list as it is to be published.

    Attributes:
        number: of the list.
        not_valid: how many of its entries are revoked or suspended.
        token: the signed list; None if what is published already says the same and is new enough.
    """

    number: int
    not_valid: int
    token: bytes | None


def list_numbers(register: Register) -> list[int]:
    """Return the numbers of all status lists, ascending."""
    with register.transaction() as connection:
        return list(connection.scalars(sql.select(status_lists.c.number).order_by(status_lists.c.number)))


def next_time(register: Register, *, now: datetime) -> datetime:
    """Return an iat that all status lists can share: now, or later if one of them was signed this very second.

    It holds until lists are signed, so the caller holds :meth:`Register.alone`.

    Raises:
        AgencyError: a list was signed at a time still to come.
        RegisterError: the database refused.
    """
    with register.transaction() as connection:
        before = [signed_at for signed_at in connection.scalars(sql.select(status_lists.c.signed_at)) if signed_at is not None]
    for signed_at in before:
        _check_clock(register, signed_at, now)
    return datetime.fromtimestamp(max([int(now.timestamp()), *(signed_at + 1 for signed_at in before)]), UTC)


def sign_list(
    register: Register,
    settings: AgencySettings,
    signer: Signer,
    number: int,
    *,
    now: datetime,
    published: bytes | None,
    together_at: datetime | None = None,
) -> DraftStatusList:
    """Return a status list with everything committed until now, signed if it has to be.

    One transaction reads the entries and takes the list's iat, which rises with each signature even if the clock does not. The
    signature itself, and whatever else takes time, comes after it, so that issuing goes on meanwhile.

    Args:
        register: open.
        settings: the agency's.
        signer: its key for status lists.
        number: of the list.
        now: whole second.
        published: the token that the site holds now, whatever it is, or None.
        together_at: the iat of all lists, from :func:`next_time`; with it the list is signed in any case.

    Raises:
        AgencyError: the last list was signed at a time still to come.
        RegisterError: the database refused.
    """
    with register.transaction() as connection:
        query = sql.select(status_lists).where(status_lists.c.number == number).with_for_update()
        row = connection.execute(query).mappings().one()
        _check_clock(register, row["signed_at"], now)
        values = _not_valid(connection, number)
        bits = narrowest(values, entries=row["entries"])
        raw = pack(values, entries=row["entries"], bits=bits)
        digest = _digest(settings, signer, raw)
        is_good = published is not None and digest == row["published"] and _is_young(settings, row, now) and _is(published, row)
        if is_good and together_at is None:
            return DraftStatusList(number=number, not_valid=len(values), token=None)
        issued_at = together_at or datetime.fromtimestamp(max(int(now.timestamp()), (row["signed_at"] or 0) + 1), UTC)
        expires_at = issued_at + settings.list_validity
        connection.execute(
            status_lists.update()
            .where(status_lists.c.number == number)
            .values(signed_at=int(issued_at.timestamp()), expires_at=int(expires_at.timestamp()), published=digest)
        )
    content = StatusList(
        uri=f"{settings.status_base}{number}",
        issued_at=issued_at,
        expires_at=expires_at,
        ttl=settings.list_ttl,
        bits=bits,
        raw=raw,
    )
    return DraftStatusList(number=number, not_valid=len(values), token=sign_status_list(content, signer))


def _not_valid(connection: Connection, number: int) -> dict[int, Status]:
    query = sql.select(credentials.c.list_index, credentials.c.status).where(
        credentials.c.list_number == number, credentials.c.status != int(Status.VALID)
    )
    return {index: Status(status) for index, status in connection.execute(query)}


def _digest(settings: AgencySettings, signer: Signer, raw: bytes) -> bytes:
    """Return a digest of a list's content and its signer, without its times."""
    terms = f"{settings.status_base} {settings.list_ttl} {settings.list_validity} ".encode()
    return sha256(terms + signer.public_key.raw + raw).digest()


def _is_young(settings: AgencySettings, row: RowMapping, now: datetime) -> bool:
    """Tell whether less than half of the time has passed after which tills look for a newer list, or stop deciding."""
    age = now - datetime.fromtimestamp(row["signed_at"], UTC)
    return age < min(settings.list_ttl, settings.list_validity) / 2


def _is(token: bytes, row: RowMapping) -> bool:
    """Tell whether *token* is the newest that was signed; the site's file may be older, or somebody else's."""
    try:
        content = read_status_list(token).content
    except SocpassError:
        return False
    return bool(content.issued_at.timestamp() == row["signed_at"])


def _check_clock(register: Register, signed_at: int | None, now: datetime) -> None:
    """Refuse to sign a time still to come: tills that believed it would take their own correct clocks for wrong."""
    if signed_at is not None and signed_at > now.timestamp() + CLOCK_LEEWAY_SECONDS:
        before = datetime.fromtimestamp(signed_at, UTC)
        raise AgencyError("status_list_signed_later", signed_at=before, now=now).at(register.name)
