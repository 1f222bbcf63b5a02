"""``socpass issuer init``: what an agency is to be, from the command line to its folder."""

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
from socpass_vc.authority.local_root import MAX_ROOT_TOKEN_BYTES
from socpass_vc.errors import AgencyError
from socpass_vc.files import read_file
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES
from socpass_vc.format.trust.bundle import read_root_token
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
            raise click.BadParameter(tr(f"{scope!r} is not a range such as 2001-2999", f"{scope!r} — не диапазон вида 2001-2999"))
        found.append((int(match[1]), int(match[2])))
    return tuple(sorted(found))


@click.command(
    "init",
    cls=click_classes.Command,
    help_texts=(
        "Set up an agency in the new folder DIR: agency.toml, keys, an empty register and its own root.",
        "Создать ведомство в новой папке DIR: agency.toml, ключи, пустой реестр и собственный корень доверия.",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@options.option(
    "--id",
    "agency_id",
    required=True,
    callback=options.parse_text,
    en="Short name in trust lists, such as RU-MOS.",
    ru="Краткое имя, например RU-MOS.",
)
@options.option(
    "--name",
    "names",
    multiple=True,
    required=True,
    callback=_parse_names,
    metavar="[LANG=]NAME",
    en="Name for people, such as 'en=Ministry of Labour'; may be repeated.",
    ru="Название для людей, например 'ru=Минсоцразвития'; можно повторять.",
)
@options.option(
    "--time-zone",
    default="Europe/Moscow",
    show_default=True,
    en="Time zone in which the days of passes are counted.",
    ru="Часовой пояс, по которому считаются дни.",
)
@options.option(
    "--scope",
    "scopes",
    multiple=True,
    callback=_parse_scopes,
    metavar="FIRST-LAST",
    en="Categories that the agency may grant, such as 2001-2999; may be repeated; by default all.",
    ru="Категории, которые ведомство вправе предоставлять, например 2001-2999; можно повторять; по умолчанию все.",
)
@options.option(
    "--status-base",
    metavar="URL",
    callback=options.parse_text,
    en="Address where the folder status/ will be published; ends with '/'.",
    ru="Адрес, по которому будет опубликована папка status/; оканчивается на «/».",
)
@options.option(
    "--prefix",
    default="SOCPASS:",
    callback=options.parse_text,
    show_default=True,
    en="Beginning of the text of a code, before the digits, such as HTTPS://HOST/P#.",
    ru="Начало текста кода, перед цифрами, например HTTPS://HOST/P#.",
)
@options.option(
    "--register",
    metavar="URL",
    callback=options.parse_text,
    en="PostgreSQL database for the register, as postgresql://USER@HOST/DATABASE; by default a file in DIR.",
    ru="База PostgreSQL для реестра: postgresql://USER@HOST/DATABASE; по умолчанию — файл в DIR.",
)
@options.option(
    "--bundle",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    en="The agency is to be in a federation: where its trust.spt will lie; no own root is made.",
    ru="Ведомство входит в федерацию: где будет лежать её trust.spt; собственный корень не создаётся.",
)
@options.option(
    "--signer",
    metavar="URI",
    type=KeyName(),
    en="The key for passes lies in a token: its pkcs11: URI; by default it is made in a file.",
    ru="Ключ для пропусков лежит в токене: его URI pkcs11:; по умолчанию он создаётся в файле.",
)
@options.option(
    "--status-signer",
    metavar="URI",
    type=KeyName(),
    en="Likewise the key for status lists.",
    ru="То же для ключа списков статусов.",
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
    """Set up, and say what comes next."""
    now = clock.now().replace(microsecond=0)
    places = {Use.PASS: signer, Use.STATUS: status_signer}
    tokens = {use: _key_in_token(place, secrets) for use, place in places.items() if place is not None}
    settings = starting_settings(agency_id, names, time_zone=time_zone, scopes=scopes, status_base=status_base, prefix=prefix)
    trust = replace(settings.trust, bundle=None if bundle is None else _seen_from(folder, bundle))
    settings = new_settings(now=now, own=replace(settings, register=register, trust=trust), tokens=tokens)
    agency = set_up(folder, settings, secrets.passphrase(confirm=True), now=now)
    output.say(tr(f"The agency {agency.issuer.id} is in {folder}.", f"Ведомство {agency.issuer.id} — в папке {folder}."))
    _say_next(folder, agency, status_base)


def _say_next(folder: Path, agency: Agency, status_base: str | None) -> None:
    """Say whose word tills will take for the agency, and what the operator does next."""
    if agency.settings.trust.bundle is None:
        _show_root(folder, agency)
    if status_base is None:
        output.say(
            tr(
                "Before the first pass, set status_base in agency.toml to where you will publish.",
                "До первого пропуска укажите в agency.toml status_base — адрес, где будете публиковать.",
            )
        )
    if agency.settings.trust.bundle is not None:
        output.say(
            tr(
                f"For the federation's root: socpass issuer describe FILE --agency {folder}",
                f"Для корня федерации: socpass issuer describe FILE --agency {folder}",
            )
        )
    output.say(f"{tr('Next', 'Дальше')}: socpass issuer import residents.csv --agency {folder}")


def _seen_from(folder: Path, file: Path) -> str:
    """Return the path of *file* from *folder*, so that both may be moved together."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # on another drive
        return file.absolute().as_posix()


def _show_root(folder: Path, agency: Agency) -> None:
    root = read_root_token(read_file(folder / agency.settings.trust.roots[0], MAX_ROOT_TOKEN_BYTES, error=AgencyError))
    output.say(f"{tr('Fingerprint of its root', 'Отпечаток его корня')}:")
    for line in fingerprint_lines(root.fingerprint):
        output.say(line)


def _key_in_token(uri: Path | Pkcs11Uri, secrets: SigningSecrets) -> tuple[Pkcs11Uri, PublicKey]:
    """Return a key in a token and its public half, once it has signed something on trial."""
    if isinstance(uri, Path):
        raise click.UsageError(
            tr(
                f"{uri} is no pkcs11: URI; without --signer and --status-signer, key files are made",
                f"{uri} — не URI pkcs11:; без --signer и --status-signer создаются файлы ключей",
            )
        )
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
    """Return the settings of a new agency, its keys and root aside."""
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
