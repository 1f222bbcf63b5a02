"""Publishing: status lists signed anew, and the trust bundle beside them, as the files of a static site.

    trust.spt            the trust bundle
    status/NUMBER.cwt    a status list
    status/*.delta, *.gaps    if asked for: issuer/deltas.py

It knows the agency and its register. Each file is written whole or not at all; a till that reads in between sees an older file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sql

from socpass_vc.errors import AgencyError, SocpassError
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.issuers import Issuer, TrustList, Use
from socpass_vc.format.keys import Signer
from socpass_vc.format.statuslist import Status, StatusList, narrowest, pack, sign_status_list
from socpass_vc.format.trust import (
    MAX_BUNDLE_BYTES,
    UnverifiedBundle,
    read_bundle,
)
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.authority import MAX_ROOT_TOKEN_BYTES, sign_bundle
from socpass_vc.issuer.deltas import keep_publication, lay_compact, lay_deltas
from socpass_vc.issuer.register import BUSY_SECONDS, Register, credentials, meta, record, status_lists

BUNDLE_NAME = "trust.spt"
LOCK_NAME = ".publish.lock"
CLOCK_LEEWAY_SECONDS = 300
"""How far two honest clocks may differ (specs/credential.md, section 6)."""

_VERSION_NAME = "trust_list_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publication wrote.

    Attributes:
        bundle: path of the trust bundle.
        version: of its list.
        list_signed: whether the list was signed anew.
        status_lists: paths, by number.
        not_valid: how many passes the lists revoke or suspend.
        deltas: paths of the deltas on the site, and of the lists in their compact form.
        newest: tokens of what changed since the last publication.
    """

    bundle: Path
    version: int
    list_signed: bool
    status_lists: tuple[Path, ...]
    not_valid: int
    deltas: tuple[Path, ...] = ()
    newest: tuple[bytes, ...] = ()


def publish(
    agency: Agency,
    register: Register,
    site: Path,
    passphrase: str,
    *,
    now: datetime,
    actor: str,
    deltas: int = 0,
    compact: bool = False,
) -> Published:
    """Write the site.

    Args:
        agency: open.
        register: its register, open.
        site: the folder; made if it is not there.
        passphrase: of the agency's key files.
        now: the time, aware; fractions of a second are dropped.
        actor: who publishes.
        deltas: of how many last publications deltas are laid on the site; 0 leaves those that are there.
        compact: whether the lists are written in their compact form too.

    Raises:
        AgencyError: the site cannot be written, or the trust bundle at hand is damaged.
        RegisterError: the database refused.
        WrongPassphrase, KeyFileError: a key does not open.
    """
    now = now.replace(microsecond=0)
    make_folder(site / "status", error=AgencyError)
    signer = agency.signer(Use.STATUS, passphrase, now=now)
    with _alone(agency.folder):
        bundle, version, list_signed = _current_bundle(agency, register, passphrase, now)
        tokens, not_valid = _sign_lists(agency, register, signer, now, actor)
        newest = keep_publication(agency.folder, agency.issuer, tokens, signer)
        paths = []
        for number, token in tokens.items():
            path = site / "status" / f"{number}.cwt"
            write_file(path, token, error=AgencyError)
            paths.append(path)
        laid = lay_compact(site / "status", agency.issuer, tokens, signer) if compact else ()
        laid += lay_deltas(agency.folder, site / "status", deltas) if deltas else ()
        write_file(site / BUNDLE_NAME, bundle, error=AgencyError)
    return Published(
        bundle=site / BUNDLE_NAME,
        version=version,
        list_signed=list_signed,
        status_lists=tuple(paths),
        not_valid=not_valid,
        deltas=laid,
        newest=newest,
    )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second publication out until this one is written, or an older list could be laid over a newer one.

    The lock is SQLite's, which works alike on every system and ends with the process.
    """
    try:
        lock = sqlite3.connect(folder / LOCK_NAME, timeout=BUSY_SECONDS, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        raise AgencyError(
            f"{folder / LOCK_NAME}: another publication is under way, or the folder cannot be written: {error}"
        ) from error
    try:
        yield
    finally:
        lock.close()


def _sign_lists(agency: Agency, register: Register, signer: Signer, now: datetime, actor: str) -> tuple[dict[int, bytes], int]:
    """Sign every list within one transaction, so that what was revoked before is in it."""
    settings = agency.settings
    tokens: dict[int, bytes] = {}
    total = 0
    with register.transaction() as connection:
        rows = connection.execute(sql.select(status_lists).order_by(status_lists.c.number)).mappings().all()
        # iat rises even if the clock does not; and all lists of a publication have one, because one delta speaks of them all
        signed_at = max([int(now.timestamp()), *((row["signed_at"] or 0) + 1 for row in rows)])
        issued_at = datetime.fromtimestamp(signed_at, UTC)
        for row in rows:
            query = sql.select(credentials.c.list_index, credentials.c.status).where(
                credentials.c.list_number == row["number"], credentials.c.status != int(Status.VALID)
            )
            values = {index: Status(status) for index, status in connection.execute(query)}
            _check_clock(agency, row["signed_at"], now)
            bits = narrowest(values, entries=row["entries"])
            content = StatusList(
                uri=agency.issuer.status_uri(row["number"]),
                issued_at=issued_at,
                expires_at=issued_at + settings.list_validity,
                ttl=settings.list_ttl,
                bits=bits,
                raw=pack(values, entries=row["entries"], bits=bits),
            )
            tokens[row["number"]] = sign_status_list(content, signer)
            total += len(values)
            connection.execute(status_lists.update().where(status_lists.c.number == row["number"]).values(signed_at=signed_at))
        record(connection, at=now, actor=actor, act="publish", detail=f"{len(tokens)} status lists, {total} entries not valid")
    return tokens, total


def _check_clock(agency: Agency, signed_at: int | None, now: datetime) -> None:
    """Refuse to sign a time that is still to come: tills that believed it would take their own right clocks for wrong."""
    if signed_at is not None and signed_at > now.timestamp() + CLOCK_LEEWAY_SECONDS:
        before = datetime.fromtimestamp(signed_at, UTC)
        raise AgencyError(
            f"{agency.folder}: the last status list was signed at {before}, and the clock shows {now}: one of them is wrong. "
            "Set the clock; if that list was signed in the future, tills that took it need a new store"
        )


def _current_bundle(agency: Agency, register: Register, passphrase: str, now: datetime) -> tuple[bytes, int, bool]:
    """Return the trust bundle to publish, its list's version, and whether it was signed for this."""
    trust = agency.settings.trust
    if trust.bundle is not None:
        path = agency.folder / trust.bundle
        content, bundle = _read_bundle(path)
        if agency.issuer not in bundle.list.issuers:
            raise AgencyError(f"{path}: does not list {agency.issuer.id} as agency.toml describes it; ask the root for a new one")
        return content, bundle.list.version, False
    path = agency.folder / BUNDLE_NAME
    before = _read_bundle(path) if path.exists() else None
    if before is not None and _still_good(before[1].list, agency.issuer, now):
        return before[0], before[1].list.version, False
    version = max(_last_version(register), 0 if before is None else before[1].list.version) + 1
    roots = [read_file(agency.folder / name, MAX_ROOT_TOKEN_BYTES, error=AgencyError) for name in trust.roots]
    content = sign_bundle(
        [agency.issuer],
        roots,
        agency.root_signers(passphrase),
        version=version,
        now=now,
        next_update=trust.next_update,
        valid=trust.valid,
    )
    _note_version(register, version)  # first: a version is never used for two lists, even if the file is lost
    write_file(path, content, error=AgencyError)
    return content, version, True


def _last_version(register: Register) -> int:
    with register.transaction() as connection:
        found = connection.scalar(sql.select(meta.c.value).where(meta.c.name == _VERSION_NAME))
    return int(found or 0)


def _note_version(register: Register, version: int) -> None:
    with register.transaction() as connection:
        connection.execute(meta.delete().where(meta.c.name == _VERSION_NAME))
        connection.execute(meta.insert().values(name=_VERSION_NAME, value=str(version)))


def _read_bundle(path: Path) -> tuple[bytes, UnverifiedBundle]:
    content = read_file(path, MAX_BUNDLE_BYTES, error=AgencyError)
    try:
        return content, read_bundle(content)
    except SocpassError as error:
        raise AgencyError(f"{path}: damaged: {error}", path=str(path)) from error


def _still_good(trust_list: TrustList, issuer: Issuer, now: datetime) -> bool:
    """Tell whether a list says what is so now and tills will not warn for at least half its time."""
    half = trust_list.issued_at + (trust_list.next_update_at - trust_list.issued_at) / 2
    return trust_list.issuers == (issuer,) and trust_list.issued_at <= now < half
