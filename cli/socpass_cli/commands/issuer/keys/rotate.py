"""``socpass issuer rotate-key`` and ``compromise-key``: keys that come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import click

from socpass_cli.app import click_classes, clock, environment, options
from socpass_cli.app.key_options import KeyName, SigningSecrets, parse_key_id, secrets_options
from socpass_cli.app.language import tr
from socpass_cli.commands.issuer.keys.rotation_text import say_begun, say_compromised, say_lost, say_retired, say_rotation
from socpass_vc.config.issuer_identity import USES
from socpass_vc.format.trust.issuers import KeyState, Use
from socpass_vc.hsm.uri import Pkcs11Uri
from socpass_vc.issuer.agency import KEY_LIFETIME, Agency
from socpass_vc.issuer.config.key_entries import KeySettings
from socpass_vc.issuer.rotation.rotate_key import (
    OVERLAP,
    AgencyKey,
    all_uses,
    begin_planned,
    make_file_key,
    mark_compromised,
    retire,
    rotate,
)

_MAX_DAYS = 3_660
NOW = "now"


def _parse_from(_: click.Context, __: click.Parameter, text: str | None) -> Callable[[datetime], datetime] | None:
    """Return what gives the time that is meant, once now is known."""
    if text is None:
        return None
    if text == NOW:
        return lambda now: now
    moment = clock.parse_moment(text).replace(microsecond=0)
    return lambda _: moment


@click.command(
    "rotate-key",
    cls=click_classes.Command,
    help_texts=(
        "Add a new key to agency.toml, end the old one after an overlap, and say what to publish when. The key is made in a new "
        "file, or is one that lies in a token (--signer).",
        "Добавить в agency.toml новый ключ, завершить старый через заданный срок и сказать, что и когда публиковать. Ключ "
        "создаётся в новом файле либо уже лежит в токене (--signer).",
    ),
)
@options.option(
    "--use",
    "uses",
    multiple=True,
    type=click.Choice(list(USES)),
    en="What the new key signs, with whatever else the key signs that it replaces; may be repeated.",
    ru="Что подписывает новый ключ, вместе с остальным, что подписывает заменяемый; можно повторять.",
)
@options.option(
    "--signer",
    metavar="URI",
    type=KeyName(),
    en="The new key lies in a token: its pkcs11: URI.",
    ru="Новый ключ лежит в токене: его URI pkcs11:.",
)
@options.option(
    "--from",
    "sign_from",
    metavar="TIME",
    callback=_parse_from,
    en="When the new key begins to sign, such as 2026-12-31 or 'now'; by default next_update_days of agency.toml from now.",
    ru="С какого времени подписывает новый ключ, например 2026-12-31 или now; по умолчанию через next_update_days (agency.toml).",
)
@options.option(
    "--overlap",
    metavar="DAYS",
    type=click.IntRange(0, _MAX_DAYS),
    default=OVERLAP.days,
    show_default=True,
    en="How long after that the old key still may sign.",
    ru="Сколько дней после этого ещё может подписывать старый ключ.",
)
@options.option(
    "--lifetime",
    metavar="DAYS",
    type=click.IntRange(1, _MAX_DAYS),
    default=KEY_LIFETIME.days,
    show_default=True,
    en="How long the new key signs.",
    ru="Сколько дней подписывает новый ключ.",
)
@options.option(
    "--retire",
    "only_retire",
    is_flag=True,
    en="Add no key; mark those whose time to sign has ended as retired.",
    ru="Не добавлять ключ; пометить завершённые ключи как выведенные из работы.",
)
@options.option(
    "--planned-now",
    is_flag=True,
    en="Add no key; let the one that is planned begin now, such as when the old one was stolen.",
    ru="Не добавлять ключ; ввести уже запланированный в действие сейчас, например если прежний украден.",
)
@options.agency_option
@secrets_options
@options.lang_option
def rotate_key(
    *,
    uses: tuple[str, ...],
    signer: Path | Pkcs11Uri | None,
    sign_from: Callable[[datetime], datetime] | None,
    overlap: int,
    lifetime: int,
    only_retire: bool,
    planned_now: bool,
    agency_folder: Path | None,
    secrets: SigningSecrets,
) -> None:
    """Rotate, or retire, and say what comes next."""
    if bool(uses) + only_retire + planned_now != 1:
        raise click.UsageError(
            tr(
                "say --use pass or --use status, or --retire alone, or --planned-now alone",
                "укажите --use pass или --use status, либо --retire, либо --planned-now",
            )
        )
    if isinstance(signer, Path):
        raise click.UsageError(
            tr(
                "--signer takes a pkcs11: URI; without it, a key file is made",
                "--signer — это URI pkcs11:; без него создаётся файл ключа",
            )
        )
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    now = clock.now().replace(microsecond=0)
    with agency.register() as register:
        if only_retire:
            say_retired(agency, retire(agency, register, now=now, actor=environment.actor()))
            return
        if planned_now:
            say_begun(agency, begin_planned(agency, register, now=now, actor=environment.actor()))
            return
        start = sign_from(now) if sign_from is not None else now + agency.settings.trust.next_update
        end = start + timedelta(days=lifetime)
        for_uses = all_uses(agency, [Use(USES[use]) for use in uses], now=now)
        sealed = None
        if signer is None:
            new, sealed = make_file_key(agency, for_uses, secrets.passphrase(), sign_from=start, sign_until=end)
        else:
            new = _key_in_token(signer, for_uses, secrets, sign_from=start, sign_until=end)
        done = rotate(agency, register, new, sealed=sealed, now=now, actor=environment.actor(), overlap=timedelta(days=overlap))
    say_rotation(agency, done)


def _key_in_token(
    uri: Pkcs11Uri, uses: list[Use], secrets: SigningSecrets, *, sign_from: datetime, sign_until: datetime
) -> AgencyKey:
    from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

    public_key = token_signer.open_key(uri, secrets.pin(uri)).public_key
    settings = KeySettings(
        token=uri,
        public_key=public_key,
        uses=tuple(map(int, uses)),
        sign_from=sign_from,
        sign_until=sign_until,
        state=KeyState.ACTIVE,
    )
    return AgencyKey(settings=settings, public_key=public_key)


@click.command(
    "compromise-key",
    cls=click_classes.Command,
    help_texts=(
        "Mark the key KEYID as compromised: once tills know, they refuse everything that it ever signed.",
        "Пометить ключ KEYID как скомпрометированный: узнав об этом, кассы отвергают всё, что он когда-либо подписал.",
    ),
)
@click.argument("key_id", metavar="KEYID", callback=parse_key_id)
@options.agency_option
@options.lang_option
def compromise_key(*, key_id: bytes, agency_folder: Path | None) -> None:
    """Mark, and say what comes next."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    with agency.register() as register:
        key = mark_compromised(agency, register, key_id, now=clock.now(), actor=environment.actor())
    say_compromised(agency, key)


@click.command(
    "lost-key",
    cls=click_classes.Command,
    help_texts=(
        "Say that the key file FILE, as agency.toml names it (keys/pass.json), is gone for good: what it signed goes on "
        "verifying, and another key can take its place. A key that somebody else may have is no lost one: 'compromise-key'.",
        "Сообщить, что файл ключа FILE, как он назван в agency.toml (keys/pass.json), безвозвратно утрачен: подписанное им "
        "действует, на его место можно поставить другой. Если ключ мог попасть к другому, это не утрата: «compromise-key».",
    ),
)
@click.argument("file", metavar="FILE", callback=options.parse_text)
@options.agency_option
@options.lang_option
def lost_key(*, file: str, agency_folder: Path | None) -> None:
    """Mark, and say what comes next."""
    from socpass_vc.issuer.rotation.lost_keys import retire_lost_key  # noqa: PLC0415 -- trust bundles, which no other command here needs

    folder = agency_folder or environment.user_folder("agency")
    key = retire_lost_key(folder, file, now=clock.now(), actor=environment.actor())
    say_lost(Agency.open(folder), key)
