"""``socpass issuer init``: sets up an agency from what the command line says."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, options, output
from socpass_cli.app.key_options import KeyName, SigningSecrets, secrets_options
from socpass_cli.app.language import chosen, tr
from socpass_cli.words.fingerprint import fingerprint_lines
from socpass_vc.errors import AgencyError
from socpass_vc.files import read_file
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES
from socpass_vc.format.trust.bundle import MAX_ROOT_TOKEN_BYTES, read_root_token
from socpass_vc.format.trust.issuers import MAX_CATEGORY, Use
from socpass_vc.hsm.uri import Pkcs11Uri
from socpass_vc.issuer.agency import Agency, new_settings, set_up
from socpass_vc.issuer.config.agency_toml import AgencySettings, DocumentNumbers, TrustSettings

_SCOPE = re.compile("([0-9]{1,6})-([0-9]{1,6})")


def _parse_names(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for name in names:
        options.parse_text(context, parameter, name)
        language, equals, text = name.partition("=")
        if not (equals and re.fullmatch("[a-z]{2,3}", language)):
            language, text = chosen(), name
        found[language] = text
    return found


def _parse_scopes(_: click.Context, __: click.Parameter, scopes: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    found = []
    for scope in scopes:
        match = _SCOPE.fullmatch(scope)
        if match is None:
            raise click.BadParameter(tr("cli.issuer.init.not_a_range", text=scope))
        found.append((int(match[1]), int(match[2])))
    return tuple(sorted(found))


@click.command(
    "init",
    cls=click_classes.Command,
    help="cli.issuer.init.help",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@options.option(
    "--id",
    "agency_id",
    required=True,
    callback=options.parse_text,
    help="cli.issuer.init.option_id",
)
@options.option(
    "--name",
    "names",
    multiple=True,
    required=True,
    callback=_parse_names,
    metavar="[LANG=]NAME",
    help="cli.issuer.init.option_name",
)
@options.option(
    "--time-zone",
    default="Europe/Moscow",
    show_default=True,
    help="cli.issuer.init.option_time_zone",
)
@options.option(
    "--scope",
    "scopes",
    multiple=True,
    callback=_parse_scopes,
    metavar="FIRST-LAST",
    help="cli.issuer.init.option_scope",
)
@options.option(
    "--status-base",
    metavar="URL",
    callback=options.parse_text,
    help="cli.issuer.init.option_status_base",
)
@options.option(
    "--prefix",
    default="SOCPASS:",
    callback=options.parse_text,
    show_default=True,
    help="cli.issuer.init.option_prefix",
)
@options.option(
    "--register",
    metavar="URL",
    callback=options.parse_text,
    help="cli.issuer.init.option_register",
)
@options.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="cli.issuer.init.option_bundle",
)
@options.option(
    "--signer",
    metavar="URI",
    type=KeyName(),
    help="cli.issuer.init.option_signer",
)
@options.option(
    "--status-signer",
    metavar="URI",
    type=KeyName(),
    help="cli.issuer.init.option_status_signer",
)
@secrets_options
@options.lang_option
def init(
    *,
    folder: Path,
    agency_id: str,
    names: dict[str, str],
    time_zone: str,
    scopes: tuple[tuple[int, int], ...],
    status_base: str | None,
    prefix: str,
    register: str | None,
    bundle: Path | None,
    signer: Path | Pkcs11Uri | None,
    status_signer: Path | Pkcs11Uri | None,
    secrets: SigningSecrets,
) -> None:
    """Set up, and print what comes next."""
    now = clock.now().replace(microsecond=0)
    signers = {Use.PASS: signer, Use.STATUS: status_signer}
    tokens = {use: _key_in_token(uri, secrets) for use, uri in signers.items() if uri is not None}
    settings = starting_settings(agency_id, names, time_zone=time_zone, scopes=scopes, status_base=status_base, prefix=prefix)
    trust = replace(settings.trust, bundle=None if bundle is None else _seen_from(folder, bundle))
    settings = new_settings(now=now, own=replace(settings, register=register, trust=trust), tokens=tokens)
    agency = set_up(folder, settings, secrets.passphrase(confirm=True), now=now)
    output.say(tr("cli.issuer.init.done", issuer_id=agency.issuer.id, folder=folder))
    _say_next(folder, agency, status_base)


def _say_next(folder: Path, agency: Agency, status_base: str | None) -> None:
    """Print the root that tills will trust the agency by, and what the operator does next."""
    if agency.settings.trust.bundle is None:
        _show_root(folder, agency)
    if status_base is None:
        output.say(tr("cli.issuer.init.set_status_base"))
    if agency.settings.trust.bundle is not None:
        output.say(tr("cli.issuer.init.for_the_root", folder=folder))
    output.say(tr("cli.issuer.init.next", folder=folder))


def _seen_from(folder: Path, file: Path) -> str:
    """Return the path of *file* from *folder*, so that both may be moved together."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # on another drive
        return file.absolute().as_posix()


def _show_root(folder: Path, agency: Agency) -> None:
    root = read_root_token(read_file(folder / agency.settings.trust.roots[0], MAX_ROOT_TOKEN_BYTES, error=AgencyError))
    output.say(tr("cli.issuer.init.fingerprint"))
    for line in fingerprint_lines(root.fingerprint):
        output.say(line)


def _key_in_token(uri: Path | Pkcs11Uri, secrets: SigningSecrets) -> tuple[Pkcs11Uri, PublicKey]:
    """Return a key in a token and its public half, after a trial signature."""
    if isinstance(uri, Path):
        raise click.UsageError(tr("cli.issuer.init.not_a_uri", text=uri))
    from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

    return uri, token_signer.open_key(uri, secrets.pin(uri)).public_key


def starting_settings(
    agency_id: str,
    names: dict[str, str],
    *,
    time_zone: str,
    scopes: tuple[tuple[int, int], ...],
    status_base: str | None,
    prefix: str,
) -> AgencySettings:
    """Return the settings of a new agency, without keys and root."""
    return AgencySettings(
        id=agency_id,
        names=names,
        time_zone=time_zone,
        scopes=scopes or ((1, MAX_CATEGORY),),
        status_base=status_base or f"https://{agency_id.lower()}.invalid/status/",
        documents_url=None,
        prefix=prefix,
        pass_validity=timedelta(days=365),
        document_numbers=DocumentNumbers.LAST_FOUR,
        list_entries=DEFAULT_ENTRIES,
        list_validity=timedelta(days=14),
        list_ttl=timedelta(hours=24),
        register=None,
        keys=(),
        trust=TrustSettings(root_keys=(), roots=(), bundle=None, next_update=timedelta(days=30), valid=timedelta(days=365)),
    )
