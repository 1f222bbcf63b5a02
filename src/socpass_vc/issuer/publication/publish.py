"""Publishing: status lists and the trust bundle beside them, as the files of a static site.

    trust.spt            the trust bundle
    status/NUMBER.cwt    a status list
    status/*.delta, *.gaps  changes, and all lists in the compact form, if asked for (status_deltas.py)
    status/catalogue.cwt the catalogue, if the agency has one
    status/log/          the head of the log of passes and its tiles, if the agency has a key for it (log_head.py)

It knows the agency and its register. All files are prepared before the first is shown, each is shown whole, and any mixture of
two publications that a till may meet is sound: each file is signed by itself, and the newer trust list comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from socpass_vc.errors import AgencyError
from socpass_vc.files import make_folder, read_file
from socpass_vc.format.keys import Signer
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES
from socpass_vc.format.trust.issuers import Use
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.publication.catalogue import publish_catalogue
from socpass_vc.issuer.publication.log_head import has_head_key, publish_head
from socpass_vc.issuer.publication.static_site import Site
from socpass_vc.issuer.publication.status_deltas import CompactForm, PublishedChanges, keep_publication, lay_compact, lay_deltas
from socpass_vc.issuer.publication.status_lists import list_numbers, next_time, sign_list
from socpass_vc.issuer.publication.trust_bundle import BUNDLE_NAME, check_not_older, current_bundle
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a publication wrote.

    Attributes:
        bundle: path of the trust bundle.
        version: of its list.
        list_signed: whether the list was signed again.
        status_lists: paths of the lists that were signed again.
        unchanged: how many lists were left as they are.
        not_valid: how many passes the lists revoke or suspend.
        deltas: paths of the deltas on the site, and of the lists in their compact form, if they were asked for.
        not_compact: numbers of the lists that the compact form cannot hold, if it was asked for.
        catalogue: its path, or None if the agency has no catalogue.toml.
        log_head: path of the head of the log of passes, or None if there is none.
        has_log_key: whether the agency has a key that signs such heads.
        awaits_root: whether the federation's list still differs from agency.toml.
    """

    bundle: Path
    version: int
    list_signed: bool
    status_lists: tuple[Path, ...]
    unchanged: int
    not_valid: int
    deltas: tuple[Path, ...]
    not_compact: tuple[int, ...]
    catalogue: Path | None
    log_head: Path | None
    has_log_key: bool
    awaits_root: bool


def publish(  # noqa: PLR0913 -- whose site, with which keys, when, and what else to write
    agency: Agency,
    register: Register,
    site_folder: Path,
    passphrase: str,
    *,
    now: datetime,
    actor: str,
    signer_for: Callable[[Use], Signer] | None = None,
    looked_at: Callable[[int], None] = lambda _: None,
    changes: PublishedChanges | None = None,
) -> Published:
    """Write the site: status lists that changed or that tills will soon want renewed, and the trust bundle.

    With *changes*, all status lists are signed again with one iat, since a delta covers them all.

    Args:
        agency: open.
        register: its register, open.
        site_folder: created if it does not exist.
        passphrase: of the agency's key files.
        now: the time, aware; fractions of a second are dropped.
        actor: who publishes.
        signer_for: returns the opened key that signs for a use; by default the current one, from its key file.
        looked_at: called with 1 after each status list.
        changes: what to write beside the lists for tills with a slow link or none; None for nothing.

    Raises:
        AgencyError: the site cannot be written and stays as it was; or the trust bundle at hand is damaged, older than the
            site's, or does not list our signer. Or the register does not continue the last head of the log; all else was written.
        RegisterError: the database refused, or another publication is under way.
        CatalogueError: catalogue.toml is wrong; the rest of the site was written.
        WrongPassphrase, KeyFileError: a key does not open.
    """
    now = now.replace(microsecond=0)
    opened = _Opened(agency, signer_for or (lambda use: agency.signer(use, passphrase, now=now)), now)
    signer = opened.signer(Use.STATUS)
    make_folder(site_folder / "status", error=AgencyError)
    with register.alone(), closing(Site(site_folder)) as site:
        bundle = current_bundle(agency, register, signer, passphrase, now=now)
        check_not_older(bundle.content, _read_if_there(site_folder / BUNDLE_NAME))
        bundle_path = site.put(BUNDLE_NAME, bundle.content)
        together_at = None if changes is None else next_time(register, now=now)
        paths, lists = [], []
        for number in list_numbers(register):
            name = f"status/{number}.cwt"
            before = _read_if_there(site_folder / name)
            listed = sign_list(register, agency.settings, signer, number, now=now, published=before, together_at=together_at)
            lists.append(listed)
            if listed.token is not None:
                paths.append(site.put(name, listed.token))
            looked_at(1)
        not_valid = sum(listed.not_valid for listed in lists)
        signed = [listed.number for listed in lists if listed.token is not None]
        if signed or bundle.list_signed:
            facts: dict[str, object] = {"trust_list": bundle.version, "lists": signed, "not_valid": not_valid}
            with register.transaction() as connection:
                append(connection, [Event("publish", facts=facts)], at=now, actor=actor)
        laid: tuple[Path, ...] = ()
        compact = CompactForm()
        if changes is not None:
            tokens = {listed.number: listed.token for listed in lists if listed.token is not None}
            newest = keep_publication(agency.folder, agency.issuer, tokens, signer)  # before tills can see what follows from it
            if changes.compact:
                compact = lay_compact(site, agency.issuer, tokens, signer)
            laid = lay_deltas(agency.folder, site, changes.last) if changes.last else ()
        site.show()
        if changes is not None:
            changes.told(newest)
        # Last: faults in these must not hold up a revocation.
        catalogue = publish_catalogue(agency, site_folder / "status", lambda: opened.signer(Use.CATALOGUE), now=now)
        log_head = publish_head(agency, register, site_folder / "status", lambda: opened.signer(Use.CHECKPOINTS), now=now)
    return Published(
        bundle=bundle_path,
        version=bundle.version,
        list_signed=bundle.list_signed,
        status_lists=tuple(paths),
        unchanged=len(lists) - len(signed),
        not_valid=not_valid,
        deltas=compact.paths + laid,
        not_compact=compact.left_out,
        catalogue=catalogue,
        log_head=log_head,
        has_log_key=has_head_key(agency),
        awaits_root=bundle.awaits_root,
    )


class _Opened:
    """The agency's keys for publishing, each opened once: nobody is asked twice for one passphrase or PIN."""

    def __init__(self, agency: Agency, signer_for: Callable[[Use], Signer], now: datetime) -> None:
        self._agency = agency
        self._signer_for = signer_for
        self._now = now
        self._open: list[Signer] = []

    def signer(self, use: Use) -> Signer:
        """Return a key that may sign for *use*, if possible one that is open already."""
        for signer in self._open:
            if self._agency.may_sign(signer.public_key, use, now=self._now):
                return signer
        self._open.append(self._signer_for(use))
        return self._open[-1]


def _read_if_there(path: Path) -> bytes | None:
    """Return what the site holds there; what cannot be read is overwritten."""
    try:
        return read_file(path, MAX_TOKEN_BYTES, error=AgencyError)
    except AgencyError:
        return None
