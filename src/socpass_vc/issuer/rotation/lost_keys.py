"""A key whose file is lost for good: its entry in agency.toml stays without the file, so that what it signed still verifies.

The public half comes from the trust list that tills have. The key signs nothing more; a rotation puts another in its place.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from socpass_vc.errors import AgencyError, SocpassError, damaged
from socpass_vc.files import read_file, write_file
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES, read_bundle
from socpass_vc.format.trust.issuers import IssuerKey, KeyState
from socpass_vc.issuer.agency import REGISTER_NAME, public_key_of
from socpass_vc.issuer.config.agency_toml import FILE_NAME, MAX_SETTINGS_BYTES, AgencySettings, parse_settings
from socpass_vc.issuer.config.key_entries import KeySettings
from socpass_vc.issuer.config.toml_edit import amend_keys
from socpass_vc.issuer.publication.trust_bundle import BUNDLE_NAME
from socpass_vc.issuer.register.database import Register
from socpass_vc.issuer.register.event_log import Event, append
from socpass_vc.issuer.rotation.rotate_key import mode_of
from socpass_vc.messages import Message


def retire_lost_key(folder: Path, name: str, *, now: datetime, actor: str) -> IssuerKey:
    """Write into agency.toml that the key file *name* is lost, and return its entry of the trust list.

    Args:
        folder: of the agency.
        name: the file as agency.toml has it, such as ``keys/pass.json``.
        now: the time.
        actor: who reports it.

    Raises:
        AgencyError: agency.toml names no such file, the file is there, or the trust list at hand does not tell which key it was.
        RegisterError: the database refused.
    """
    path = folder / FILE_NAME
    content = read_file(path, MAX_SETTINGS_BYTES, error=AgencyError)
    settings = parse_settings(content, path)
    lost = next((key for key in settings.keys if key.file == name), None)
    if lost is None:
        known = tuple(key.file for key in settings.keys if key.file is not None)
        raise AgencyError("no_such_key_file", file=name, known=known).at(path)
    if (folder / name).exists():
        raise AgencyError("key_file_not_lost").at(folder / name)
    if lost.public_key is not None:
        raise AgencyError("key_file_lost_already", file=name).at(path)
    found, public_key = _listed(folder, settings, lost)
    state = KeyState.RETIRED if lost.state is KeyState.ACTIVE else lost.state
    marked = replace(lost, public_key=public_key, state=state)
    keys = tuple(marked if key is lost else key for key in settings.keys)
    amended = amend_keys(content, keys, path)
    facts: dict[str, object] = {"key": public_key.key_id.hex()}
    register = Register.open(settings.register or folder / REGISTER_NAME)
    with register, register.alone(), register.transaction() as connection:
        append(connection, [Event("lose-key", facts=facts)], at=now.replace(microsecond=0), actor=actor)
        write_file(path, amended, error=AgencyError, mode=mode_of(path))
    return replace(found, state=state)


def _listed(folder: Path, settings: AgencySettings, lost: KeySettings) -> tuple[IssuerKey, PublicKey]:
    """Return the one key of the trust list at hand that can only be the lost one."""
    path = folder / (settings.trust.bundle or BUNDLE_NAME)
    try:
        issuers = read_bundle(read_file(path, MAX_BUNDLE_BYTES, error=AgencyError)).check_itself().list.issuers
    except AgencyError:
        raise
    except SocpassError as error:
        raise damaged(error, AgencyError).at(path) from error
    listed = next((issuer.keys for issuer in issuers if issuer.id == settings.id), ())
    others = {public_key_of(folder, key) for key in settings.keys if key is not lost and not _is_missing(folder, key)}
    candidates = [
        (key, public)
        for key in listed
        if isinstance(public := key.public_key, PublicKey)
        and public not in others
        and (key.uses, key.sign_from) == (lost.uses, lost.sign_from)
    ]
    if len(candidates) != 1:
        possible = tuple(public.raw.hex() for _, public in candidates) or Message("none")
        raise AgencyError("lost_key_not_in_list", file=lost.file, possible=possible).at(path)
    return candidates[0]


def _is_missing(folder: Path, key: KeySettings) -> bool:
    return key.public_key is None and not (folder / str(key.file)).exists()
