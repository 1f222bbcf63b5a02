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
    """Return a function from now to the time that is meant."""
    if text is None:
        return None
    if text == NOW:
        return lambda now: now
    moment = clock.parse_moment(text).replace(microsecond=0)
    return lambda _: moment


@click.command(
    "rotate-key",
    cls=click_classes.Command,
    help="cli.issuer.rotate_key.help",
)
@options.option(
    "--use",
    "uses",
    multiple=True,
    type=click.Choice(list(USES)),
    help="cli.issuer.rotate_key.option_use",
)
@options.option(
    "--signer",
    metavar="URI",
    type=KeyName(),
    help="cli.issuer.rotate_key.option_signer",
)
@options.option(
    "--from",
    "sign_from",
    metavar="TIME",
    callback=_parse_from,
    help="cli.issuer.rotate_key.option_from",
)
@options.option(
    "--overlap",
    metavar="DAYS",
    type=click.IntRange(0, _MAX_DAYS),
    default=OVERLAP.days,
    show_default=True,
    help="cli.issuer.rotate_key.option_overlap",
)
@options.option(
    "--lifetime",
    metavar="DAYS",
    type=click.IntRange(1, _MAX_DAYS),
    default=KEY_LIFETIME.days,
    show_default=True,
    help="cli.issuer.rotate_key.option_lifetime",
)
@options.option(
    "--retire",
    "only_retire",
    is_flag=True,
    help="cli.issuer.rotate_key.option_retire",
)
@options.option(
    "--planned-now",
    is_flag=True,
    help="cli.issuer.rotate_key.option_planned_now",
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
    """Rotate, or retire, and print what comes next."""
    if bool(uses) + only_retire + planned_now != 1:
        raise click.UsageError(tr("cli.issuer.rotate_key.one_of"))
    if isinstance(signer, Path):
        raise click.UsageError(tr("cli.issuer.rotate_key.not_a_uri"))
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    now = clock.now().replace(microsecond=0)
    with agency.register() as register:
        if only_retire:
            say_retired(agency, retire(agency, register, now=now, actor=environment.actor()))
            return
        if planned_now:
            say_begun(agency, begin_planned(agency, register, now=now, actor=environment.actor()))
            return
        for_uses = all_uses(agency, [Use(USES[use]) for use in uses], now=now)
        start = (sign_from or _usual_start(agency, for_uses))(now)
        end = start + timedelta(days=lifetime)
        sealed = None
        if signer is None:
            new, sealed = make_file_key(agency, for_uses, secrets.passphrase(), sign_from=start, sign_until=end)
        else:
            new = _key_in_token(signer, for_uses, secrets, sign_from=start, sign_until=end)
        done = rotate(agency, register, new, sealed=sealed, now=now, actor=environment.actor(), overlap=timedelta(days=overlap))
    say_rotation(agency, done)


def _usual_start(agency: Agency, uses: list[Use]) -> Callable[[datetime], datetime]:
    """Return when a new key begins if nobody says: once tills have it in their trust list; a first one for heads at once."""
    if uses == [Use.CHECKPOINTS] and not any(Use.CHECKPOINTS in key.uses for key in agency.settings.keys):
        return lambda now: now
    return lambda now: now + agency.settings.trust.next_update


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
    help="cli.issuer.compromise_key.help",
)
@click.argument("key_id", metavar="KEYID", callback=parse_key_id)
@options.agency_option
@options.lang_option
def compromise_key(*, key_id: bytes, agency_folder: Path | None) -> None:
    """Mark, and print what comes next."""
    agency = Agency.open(agency_folder or environment.user_folder("agency"))
    with agency.register() as register:
        key = mark_compromised(agency, register, key_id, now=clock.now(), actor=environment.actor())
    say_compromised(agency, key)


@click.command(
    "lost-key",
    cls=click_classes.Command,
    help="cli.issuer.lost_key.help",
)
@click.argument("file", metavar="FILE", callback=options.parse_text)
@options.agency_option
@options.lang_option
def lost_key(*, file: str, agency_folder: Path | None) -> None:
    """Mark, and print what comes next."""
    from socpass_vc.issuer.rotation.lost_keys import retire_lost_key  # noqa: PLC0415 -- trust bundles, which no other command here needs

    folder = agency_folder or environment.user_folder("agency")
    key = retire_lost_key(folder, file, now=clock.now(), actor=environment.actor())
    say_lost(Agency.open(folder), key)
