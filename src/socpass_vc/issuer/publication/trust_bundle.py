"""The trust bundle that an agency publishes: its federation's as it is, or its own root's, signed again when necessary.

It knows the agency's folder and the versions used so far. :mod:`publish` decides where a bundle is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sql

from socpass_vc.authority.local_root import sign_bundle
from socpass_vc.errors import AgencyError, SocpassError, damaged
from socpass_vc.files import read_file, write_file
from socpass_vc.format.keys import Signer
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, MAX_ROOT_TOKEN_BYTES, UnverifiedBundle, read_bundle
from socpass_vc.format.trust.issuers import Issuer, KeyState, TrustList, Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.schema import meta

BUNDLE_NAME = "trust.spt"

_VERSION_NAME = "trust_list_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBundle:
    """A trust bundle to publish.

    Attributes:
        content: its bytes.
        version: of its list.
        list_signed: whether the list was signed for this.
        awaits_root: whether the federation's list still differs from agency.toml.
    """

    content: bytes
    version: int
    list_signed: bool
    awaits_root: bool


def current_bundle(agency: Agency, register: Register, signer: Signer, passphrase: str, *, now: datetime) -> PublishedBundle:
    """Return the trust bundle to publish.

    Args:
        agency: open.
        register: its register, open.
        signer: of the status lists.
        passphrase: of the key files of the agency's own root, if it has one.
        now: whole second.

    Raises:
        AgencyError: the bundle at hand is damaged, or a federation's does not list the signer.
        WrongPassphrase, KeyFileError: a key of the own root does not open.
    """
    trust = agency.settings.trust
    if trust.bundle is not None:
        path = agency.folder / trust.bundle
        content, bundle = _read_bundle(path)
        listed = next((issuer for issuer in bundle.list.issuers if issuer.id == agency.issuer.id), None)
        if listed is None or not _lets_sign(listed, agency, signer, now):
            raise AgencyError("agency_not_listed", issuer=agency.issuer.id).at(path)
        return PublishedBundle(
            content=content, version=bundle.list.version, list_signed=False, awaits_root=listed != agency.issuer
        )
    path = agency.folder / BUNDLE_NAME
    before = _read_bundle(path) if path.exists() else None
    if before is not None and _still_good(before[1].list, agency.issuer, now):
        return PublishedBundle(content=before[0], version=before[1].list.version, list_signed=False, awaits_root=False)
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
    return PublishedBundle(content=content, version=version, list_signed=True, awaits_root=False)


def check_not_older(content: bytes, shown: bytes | None) -> None:
    """Return if the bundle *content* is no older than the one on the site; another federation's is not compared.

    Args:
        content: to be published.
        shown: on the site now; None, or what cannot be read, gives way to anything.

    Raises:
        AgencyError: it is older: tills that have seen the other refuse it, and new ones would believe outdated facts.
    """
    try:
        before = read_bundle(shown or b"")
    except SocpassError:
        return
    after = read_bundle(content)
    if before.roots[0].signed.payload != after.roots[0].signed.payload:
        return
    had, have = ((bundle.roots[-1].root.version, bundle.list.version) for bundle in (before, after))
    if have < had:
        raise AgencyError(
            "trust_list_older_than_published", root=have[0], version=have[1], published_root=had[0], published_version=had[1]
        )


def _lets_sign(listed: Issuer, agency: Agency, signer: Signer, now: datetime) -> bool:
    """Tell whether a federation's list matches the agency except for its keys, and lists the one that signs status lists.

    A key rotation waits for the root; until its list comes, revocations must still reach the tills.
    """
    known = [key.public_key for key in listed.keys if key.covers(Use.STATUS, now) and key.state is not KeyState.COMPROMISED]
    return replace(listed, keys=agency.issuer.keys) == agency.issuer and signer.public_key in known


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
        return content, read_bundle(content).check_itself()
    except SocpassError as error:
        raise damaged(error, AgencyError, "bundle_damaged").at(path) from error


def _still_good(trust_list: TrustList, issuer: Issuer, now: datetime) -> bool:
    """Tell whether a list is up to date and less than half of the time before tills warn has passed."""
    half = trust_list.issued_at + (trust_list.next_update_at - trust_list.issued_at) / 2
    return trust_list.issuers == (issuer,) and trust_list.issued_at <= now < half
