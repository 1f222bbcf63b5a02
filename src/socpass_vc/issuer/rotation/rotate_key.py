"""A new key for an old one, in time for tills to learn of it; and keys put out of use, by plan or because they were stolen.

It changes agency.toml, adds key files, and records both in the register. What is published, and when, is up to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, count
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import Connection

from socpass_vc.errors import AgencyError, ClaimsError, system_reason
from socpass_vc.files import SECRET_MODE, read_file, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.cose import KEY_ID_AT
from socpass_vc.format.status.status_list import Status
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.issuer.agency import Agency, describe, open_key, public_key_of
from socpass_vc.issuer.config.agency_toml import FILE_NAME, MAX_SETTINGS_BYTES, parse_settings
from socpass_vc.issuer.config.key_entries import KeySettings
from socpass_vc.issuer.config.toml_edit import amend_keys
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append
from socpass_vc.issuer.register.schema import credentials, events, residents

OVERLAP = timedelta(days=30)
"""How long the old key may by default still sign beside the new one: time to fix a new one that fails."""

_COMPROMISE = "compromise-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyKey:
    """A key as agency.toml has it, and its public half."""

    settings: KeySettings
    public_key: keys.PublicKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """What a rotation changed.

    Attributes:
        new: the key that was added.
        old: keys for the same uses that may still sign until their windows end, as they are now.
        retired: keys whose windows had ended, and which are now marked so.
        gap_from: the end of the last old key, or now if it has ended, if the new one begins only later: nothing can be signed
            in between; else None.
    """

    new: AgencyKey
    old: tuple[AgencyKey, ...]
    retired: tuple[AgencyKey, ...]
    gap_from: datetime | None


def all_uses(agency: Agency, uses: Sequence[Use], *, now: datetime) -> list[Use]:
    """Return *uses* and all other uses of the keys that now sign for one of them: what a key needs that replaces them."""
    replaced = [key for key in _keys_of(agency) if _still_signs(key, now) and set(key.settings.uses) & set(uses)]
    return sorted({Use(use) for key in replaced for use in key.settings.uses} | set(uses))


def make_file_key(
    agency: Agency,
    uses: Sequence[Use],
    passphrase: str,
    *,
    sign_from: datetime,
    sign_until: datetime,
    cost: keyfile.SealingCost = keyfile.SealingCost.MODERATE,
) -> tuple[AgencyKey, bytes]:
    """Return a new key under a file name that is free, and the content of that file; nothing is written.

    Args:
        agency: open.
        uses: what the key is for.
        passphrase: of the agency's other key files: commands ask for only one.
        sign_from: when it begins to sign.
        sign_until: the first second that it no longer covers.
        cost: of opening the file.

    Raises:
        WrongPassphrase, KeyFileError: another key file does not open with it.
    """
    others = [key.file for key in agency.settings.keys if key.file is not None and key.public_key is None]
    others += agency.settings.trust.root_keys
    if others:
        open_key(agency.folder / others[0], passphrase)
    stem = uses[0].name.lower()
    taken = {key.file for key in agency.settings.keys}  # among them, files that are lost
    names = chain([f"keys/{stem}.json"], (f"keys/{stem}-{number}.json" for number in count(2)))
    settings = KeySettings(
        file=next(name for name in names if name not in taken and not (agency.folder / name).exists()),
        uses=tuple(sorted(map(int, uses))),
        sign_from=sign_from,
        sign_until=sign_until,
        state=KeyState.ACTIVE,
    )
    secret = keys.generate()
    return AgencyKey(settings=settings, public_key=secret.public_key), keyfile.seal(secret, passphrase, cost=cost)


def rotate(
    agency: Agency,
    register: Register,
    new: AgencyKey,
    *,
    sealed: bytes | None,
    now: datetime,
    actor: str,
    overlap: timedelta = OVERLAP,
) -> Rotation:
    """Add a key to the agency, end those that sign for the same uses, and mark as retired those that had ended before.

    Args:
        agency: open.
        register: its register, open.
        new: it begins to sign late enough for tills to have it in their trust list by then.
        sealed: the content of its file; None for a key in a token.
        now: the time, aware.
        actor: who rotates.
        overlap: how long old keys may still sign after the new one begins; one that ends earlier is left as it is.

    Raises:
        AgencyError: an old key has other uses too, a later key is planned already, the key is the agency's already, or
            agency.toml cannot be changed; nothing was.
        RegisterError: the database refused; nothing was changed.
    """
    now, begins_at = now.replace(microsecond=0), new.settings.sign_from
    have = _keys_of(agency)
    same_use = [key for key in have if set(new.settings.uses) & set(key.settings.uses)]
    old = [key for key in same_use if _still_signs(key, now)]
    _check_order(agency, have, old, new, now)
    last_end = max((key.settings.sign_until for key in old), default=now)
    changed = {key: _change(key, sign_until=min(key.settings.sign_until, begins_at + overlap)) for key in old}
    retired = {key: _change(key, state=KeyState.RETIRED) for key in have if _has_ended(key, now)}
    after = [{**changed, **retired}.get(key, key) for key in have]

    def add_file() -> None:
        if sealed is not None:
            write_file(agency.folder / new.settings.location, sealed, error=AgencyError, mode=SECRET_MODE)

    facts: dict[str, object] = {"key": new.public_key.key_id.hex(), "from": int(begins_at.timestamp())}
    _amend(agency, register, [*after, new], first=add_file, now=now, actor=actor, act="rotate-key", facts=facts)
    return Rotation(
        new=new,
        old=tuple(changed.values()),
        retired=tuple(retired.values()),
        gap_from=last_end if same_use and last_end < begins_at else None,
    )


def retire(agency: Agency, register: Register, *, now: datetime, actor: str) -> tuple[AgencyKey, ...]:
    """Mark every active key whose window has ended as retired, and return those keys; what they signed still verifies.

    Raises:
        AgencyError: agency.toml cannot be changed.
        RegisterError: the database refused.
    """
    have = _keys_of(agency)
    ended = {key: _change(key, state=KeyState.RETIRED) for key in have if _has_ended(key, now)}
    if ended:
        after = [ended.get(key, key) for key in have]
        facts: dict[str, object] = {"keys": [key.public_key.key_id.hex() for key in ended]}
        _amend(agency, register, after, now=now, actor=actor, act="retire-key", facts=facts)
    return tuple(ended.values())


def begin_planned(agency: Agency, register: Register, *, now: datetime, actor: str) -> tuple[AgencyKey, ...]:
    """Let every active key whose window has not begun begin now, and return those keys: the old one was stolen, or failed.

    Keys that sign for the same uses may do so beside them for OVERLAP, as after any rotation.

    Raises:
        AgencyError: no key is planned, or agency.toml cannot be changed.
        RegisterError: the database refused.
    """
    now, have = now.replace(microsecond=0), _keys_of(agency)
    begun = {
        key: replace(key, settings=replace(key.settings, sign_from=now))
        for key in have
        if key.settings.state is KeyState.ACTIVE and key.settings.sign_from > now
    }
    if not begun:
        raise AgencyError("no_key_planned").at(agency.folder / FILE_NAME)
    uses = {use for key in begun for use in key.settings.uses}
    ending = {
        key: _change(key, sign_until=min(key.settings.sign_until, now + OVERLAP))
        for key in have
        if key not in begun and _still_signs(key, now) and uses & set(key.settings.uses)
    }
    after = [{**begun, **ending}.get(key, key) for key in have]
    facts: dict[str, object] = {"keys": [key.public_key.key_id.hex() for key in begun]}
    _amend(agency, register, after, now=now, actor=actor, act="begin-key", facts=facts)
    return tuple(begun.values())


def mark_compromised(agency: Agency, register: Register, key_id: bytes, *, now: datetime, actor: str) -> AgencyKey:
    """Mark the key *key_id* as compromised, and return it: once tills know, they refuse whatever it ever signed.

    If it was cut off between agency.toml and the register, it can be repeated, and then makes due what the key signed.

    Raises:
        AgencyError: the agency has no such key, or it is marked already; or agency.toml cannot be changed.
        RegisterError: the database refused.
    """
    have = _keys_of(agency)
    marked = {key: _change(key, state=KeyState.COMPROMISED) for key in have if key.public_key.key_id == key_id}
    if not marked:
        known = tuple(key.public_key.key_id.hex() for key in have)
        raise AgencyError("no_such_agency_key", key_id=key_id.hex(), known=known).at(agency.folder / FILE_NAME)
    if all(key.settings.state is KeyState.COMPROMISED for key in marked) and _is_noted(register, key_id):
        raise AgencyError("key_compromised_already", key_id=key_id.hex()).at(agency.folder / FILE_NAME)
    after = [marked.get(key, key) for key in have]
    facts: dict[str, object] = {"key": key_id.hex()}
    _amend(agency, register, after, now=now, actor=actor, act=_COMPROMISE, facts=facts, beside=partial(_make_due, key_id))
    return next(iter(marked.values()))


def _is_noted(register: Register, key_id: bytes) -> bool:
    """Tell whether the register knows that this key is compromised; agency.toml is written before its transaction ends."""
    of_key = sql.and_(events.c.act == _COMPROMISE, events.c.facts.contains(key_id.hex()))
    with register.transaction() as connection:
        return connection.scalar(sql.select(events.c.id).where(of_key).limit(1)) is not None


def _make_due(key_id: bytes, connection: Connection) -> None:
    """Make due every pass that a key signed: they count for nothing now, and the next issue replaces and revokes them."""
    signed = sql.func.substr(credentials.c.token, KEY_ID_AT + 1, len(key_id)) == key_id
    theirs = sql.and_(signed, credentials.c.status != int(Status.INVALID))
    holders = residents.c.id.in_(sql.select(credentials.c.resident_id).where(theirs))
    connection.execute(residents.update().where(holders).values(check_at=0))
    connection.execute(credentials.update().where(theirs).values(content=b""))


def _keys_of(agency: Agency) -> list[AgencyKey]:
    return [AgencyKey(settings=key, public_key=public_key_of(agency.folder, key)) for key in agency.settings.keys]


def _still_signs(key: AgencyKey, now: datetime) -> bool:
    return key.settings.state is KeyState.ACTIVE and now < key.settings.sign_until


def _has_ended(key: AgencyKey, now: datetime) -> bool:
    return key.settings.state is KeyState.ACTIVE and key.settings.sign_until <= now


def _change(key: AgencyKey, *, sign_until: datetime | None = None, state: KeyState | None = None) -> AgencyKey:
    settings = replace(key.settings, sign_until=sign_until or key.settings.sign_until)
    return replace(key, settings=settings if state is None else replace(settings, state=state))


def _check_order(agency: Agency, have: Sequence[AgencyKey], old: Sequence[AgencyKey], new: AgencyKey, now: datetime) -> None:
    """Refuse what would leave a use without a key, begin in the past, or is planned already."""
    path, begins_at = agency.folder / FILE_NAME, new.settings.sign_from
    if any(key.public_key == new.public_key for key in have):
        raise AgencyError("key_of_agency_already", key_id=new.public_key.key_id.hex()).at(path)
    if begins_at < now:
        raise AgencyError("new_key_begins_in_past", begins_at=begins_at).at(path)
    for key in old:
        key_id, further = key.public_key.key_id.hex(), sorted(set(key.settings.uses) - set(new.settings.uses))
        if further:
            uses = tuple(Use(use).name.lower() for use in further)
            raise AgencyError("old_key_has_further_uses", key_id=key_id, uses=uses).at(path)
        if key.settings.sign_from > now:
            raise AgencyError("key_planned_already", key_id=key_id, begins_at=key.settings.sign_from).at(path)


def _amend(  # noqa: PLR0913 -- what is done, in the register and beside it, and what is noted of it
    agency: Agency,
    register: Register,
    after: Sequence[AgencyKey],
    *,
    now: datetime,
    actor: str,
    act: str,
    facts: dict[str, object],
    first: Callable[[], None] = lambda: None,
    beside: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Write agency.toml with the keys *after*, within the transaction that records it: if one is refused, neither is kept.

    If the power fails in between, agency.toml has what the register does not know yet.

    Args:
        agency: open.
        register: its register.
        after: all keys, as they shall be.
        now: the time.
        actor: who.
        act: for the register's events.
        facts: likewise.
        beside: done in the register in the same transaction.
        first: done once all is known to be right, and before agency.toml names it.
    """
    path = agency.folder / FILE_NAME
    settings = tuple(key.settings for key in after)
    try:
        describe(replace(agency.settings, keys=settings), [key.public_key for key in after])
    except ClaimsError as error:
        raise AgencyError("keys_not_for_a_trust_list", why=error).at(path) from error
    with register.alone(), register.transaction() as connection:  # alone: no publication sees half of it, on any machine
        content = read_file(path, MAX_SETTINGS_BYTES, error=AgencyError)
        if parse_settings(content, path) != agency.settings:
            raise AgencyError("agency_toml_changed_meanwhile").at(path)
        amended = amend_keys(content, settings, path)
        beside(connection)
        append(connection, [Event(act, facts=facts)], at=now, actor=actor)
        first()
        write_file(path, amended, error=AgencyError, mode=mode_of(path))


def mode_of(path: Path) -> int:
    """Return the permissions of the file, which its owner may have narrowed."""
    try:
        return path.stat().st_mode & 0o777
    except OSError as error:
        reason = system_reason(error)
        raise AgencyError(reason.key, **reason.facts).at(path) from error
