"""Publishing: status lists and the trust bundle beside them, as the files of a static site.

    trust.spt            the trust bundle
    status/NUMBER.cwt    a status list
    status/catalogue.cwt the catalogue, if the agency has one

It knows the agency and its register. All files are made ready before the first is shown, each is shown whole, and any mixture
of two publications that a till may meet is sound: each file is signed by itself, and the newer trust list comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sql

from socpass_vc.errors import AgencyError, SocpassError
from socpass_vc.files import make_folder, read_file, write_file
from socpass_vc.format.issuers import Issuer, TrustList, Use
from socpass_vc.format.statuslist import MAX_TOKEN_BYTES
from socpass_vc.format.trust import (
    MAX_BUNDLE_BYTES,
    UnverifiedBundle,
    read_bundle,
)
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.authority import MAX_ROOT_TOKEN_BYTES, sign_bundle
from socpass_vc.issuer.cataloguing import publish_catalogue
from socpass_vc.issuer.eventlog import Event, append
from socpass_vc.issuer.listing import list_numbers, sign_list
from socpass_vc.issuer.register import Register
from socpass_vc.issuer.schema import meta
from socpass_vc.issuer.site import Site

BUNDLE_NAME = "trust.spt"

_VERSION_NAME = "trust_list_version"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publication wrote.

    Attributes:
        bundle: path of the trust bundle.
        version: of its list.
        list_signed: whether the list was signed anew.
        status_lists: paths of the lists that were signed anew.
        unchanged: how many lists were left as they are.
        not_valid: how many passes the lists revoke or suspend.
        catalogue: its path, or None where the agency has no catalogue.toml.
    """

    bundle: Path
    version: int
    list_signed: bool
    status_lists: tuple[Path, ...]
    unchanged: int
    not_valid: int
    catalogue: Path | None = None


def publish(
    agency: Agency,
    register: Register,
    site_folder: Path,
    passphrase: str,
    *,
    now: datetime,
    actor: str,
    looked_at: Callable[[int], None] = lambda _: None,
) -> Published:
    """Write the site: a status list that changed, or that tills would soon want anew, and the trust bundle.

    Args:
        agency: open.
        register: its register, open.
        site_folder: made if it is not there.
        passphrase: of the agency's key files.
        now: the time, aware; fractions of a second are dropped.
        actor: who publishes.
        looked_at: told how many status lists are done, list by list.

    Raises:
        AgencyError: the site cannot be written, and is as it was; or the trust bundle at hand is damaged.
        RegisterError: the database refused, or another publication is under way.
        CatalogueError: catalogue.toml is wrong; the rest of the site is written.
        WrongPassphrase, KeyFileError: a key does not open.
    """
    now = now.replace(microsecond=0)
    signer = agency.signer(Use.STATUS, passphrase, now=now)
    make_folder(site_folder / "status", error=AgencyError)
    with register.alone(), closing(Site(site_folder)) as site:
        bundle, version, list_signed = _current_bundle(agency, register, passphrase, now)
        bundle_path = site.put(BUNDLE_NAME, bundle)
        paths, lists = [], []
        for number in list_numbers(register):
            name = f"status/{number}.cwt"
            before = _read_if_there(site_folder / name)
            listed = sign_list(register, agency.settings, signer, number, now=now, published=before)
            lists.append(listed)
            if listed.token is not None:
                paths.append(site.put(name, listed.token))
            looked_at(1)
        not_valid = sum(listed.not_valid for listed in lists)
        signed = [listed.number for listed in lists if listed.token is not None]
        if signed or list_signed:
            facts: dict[str, object] = {"trust_list": version, "lists": signed, "not_valid": not_valid}
            with register.transaction() as connection:
                append(connection, [Event("publish", facts=facts)], at=now, actor=actor)
        site.show()
        # Last: no fault in it holds a revocation up.
        catalogue = publish_catalogue(agency, site_folder / "status", passphrase, now=now)
    return Published(
        bundle=bundle_path,
        version=version,
        list_signed=list_signed,
        status_lists=tuple(paths),
        unchanged=len(lists) - len(signed),
        not_valid=not_valid,
        catalogue=catalogue,
    )


def _read_if_there(path: Path) -> bytes | None:
    """Return what the site holds there; what cannot be read is written anew."""
    try:
        return read_file(path, MAX_TOKEN_BYTES, error=AgencyError)
    except AgencyError:
        return None


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
