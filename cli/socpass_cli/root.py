"""``socpass root``: the keys above the issuers; making a root, signing trust lists, showing what a bundle says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from socpass_cli import shell
from socpass_cli.language import show_moment, tr
from socpass_cli.trust_text import say_state, say_uses
from socpass_vc.errors import AgencyError, ClaimsError, Malformed, SocpassError, SourceError
from socpass_vc.files import SECRET_MODE, make_folder, read_file, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.cbor import decode
from socpass_vc.format.issuers import Issuer, read_issuer
from socpass_vc.format.trust import MAX_BUNDLE_BYTES, SignedRoot, UnverifiedBundle, read_bundle, read_root_token
from socpass_vc.issuer.agency import open_key
from socpass_vc.issuer.authority import MAX_ROOT_TOKEN_BYTES, make_root, sign_bundle

BUNDLE_NAME = "trust.spt"
MAX_DESCRIPTION_BYTES = 65_536


@click.group(
    cls=shell.Group,
    name="root",
    help_texts=(
        "Run a root: make its keys, sign trust lists, show what a bundle says.",
        "Корень доверия: ключи, подпись списков, просмотр.",
    ),
)
@shell.lang_option
def command() -> None:
    """Hold the commands."""


@command.command(
    "init",
    help_texts=(
        "Make a root in the new folder DIR: its keys, sealed under one passphrase, and the file 1.root to hand out.",
        "Создать корень в новой папке DIR: ключи под парольной фразой и файл 1.root для раздачи.",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@shell.option(
    "--keys", "count", type=click.IntRange(1, 64), default=1, show_default=True, en="How many keys.", ru="Сколько ключей."
)
@shell.option(
    "--threshold",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    en="How many of them must sign a list.",
    ru="Сколько из них должны подписать список.",
)
@shell.option(
    "--years", type=click.IntRange(1, 30), default=10, show_default=True, en="How long it is good for.", ru="Срок действия, лет."
)
@shell.passphrase_option
@shell.lang_option
def init(*, folder: Path, count: int, threshold: int, years: int, passphrase_file: Path | None) -> None:
    """Generate, sign, write."""
    if not shell.is_empty(folder, error=AgencyError):
        raise AgencyError(tr(f"{folder}: not empty", f"{folder}: папка не пуста"))
    passphrase = shell.passphrase(passphrase_file, confirm=True)
    secrets = [keys.generate() for _ in range(count)]
    now = shell.now().replace(microsecond=0)
    token = make_root(secrets, threshold=threshold, now=now, lifetime=timedelta(days=365 * years + years // 4))
    make_folder(folder, error=AgencyError)
    for number, secret in enumerate(secrets, start=1):
        write_file(folder / f"{number}.key", keyfile.seal(secret, passphrase), error=AgencyError, mode=SECRET_MODE)
    write_file(folder / "1.root", token, error=AgencyError)
    _show_root(read_root_token(token))


@command.command(
    "sign",
    help_texts=(
        "Sign a new trust list of the issuers whose descriptions are given, with all keys in DIR, into DIR/trust.spt.",
        "Подписать всеми ключами из DIR новый список доверия из данных описаний ведомств в DIR/trust.spt.",
    ),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True, file_okay=False))
@shell.option(
    "--issuer",
    "descriptions",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    en="A file of 'socpass issuer describe'; may be repeated.",
    ru="Файл от «socpass issuer describe»; можно повторять.",
)
@shell.option(
    "--next-update",
    type=click.IntRange(1, 3660),
    default=30,
    show_default=True,
    metavar="DAYS",
    en="Tills warn after this.",
    ru="Через сколько дней кассы предупреждают.",
)
@shell.option(
    "--valid",
    type=click.IntRange(1, 3660),
    default=365,
    show_default=True,
    metavar="DAYS",
    en="Tills stop deciding after this.",
    ru="Через сколько дней кассы перестают принимать пропуска.",
)
@shell.passphrase_option
@shell.lang_option
def sign(*, folder: Path, descriptions: tuple[Path, ...], next_update: int, valid: int, passphrase_file: Path | None) -> None:
    """Sign the next version of the list."""
    roots = sorted(folder.glob("*.root"), key=lambda path: int(path.stem) if path.stem.isdigit() else 0)
    key_files = sorted(folder.glob("*.key"))
    if not roots or not key_files:
        raise AgencyError(
            tr(
                f"{folder}: no root here; make one with 'socpass root init'",
                f"{folder}: корня нет; создайте его: «socpass root init»",
            )
        )
    out = folder / BUNDLE_NAME
    version = _open_bundle(out).list.version + 1 if shell.is_there(out, error=AgencyError) else 1
    issuers = [_read_description(path) for path in descriptions]
    passphrase = shell.passphrase(passphrase_file)
    try:
        content = sign_bundle(
            issuers,
            [read_file(path, MAX_ROOT_TOKEN_BYTES, error=AgencyError) for path in roots],
            [open_key(path, passphrase) for path in key_files],
            version=version,
            now=shell.now().replace(microsecond=0),
            next_update=timedelta(days=min(next_update, valid)),
            valid=timedelta(days=valid),
        )
    except ClaimsError as error:
        raise AgencyError(tr(f"the list was not signed: {error}", f"список не подписан: {error}")) from error
    write_file(out, content, error=AgencyError)
    _show_bundle(read_bundle(content))


@command.command(
    "show",
    help_texts=(
        "Show a root or a trust bundle, with the fingerprints to compare; nothing is checked against a trusted root.",
        "Показать корень или список доверия с отпечатками для сверки; с доверенным корнем ничего не сверяется.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shell.lang_option
def show(*, file: Path) -> None:
    """Read either kind of file, and show it."""
    content = read_file(file, MAX_BUNDLE_BYTES, error=SourceError)
    try:
        bundle = read_bundle(content)
    except Malformed:
        with shell.naming(file):
            _show_root(read_root_token(content))
    else:
        _show_bundle(bundle)


@command.command(
    "check",
    help_texts=(
        "Check the trust bundle FILE against the root ROOT, as a till would.",
        "Проверить список доверия FILE по корню ROOT, как это делает касса.",
    ),
)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("root", metavar="ROOT", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shell.lang_option
def check(*, file: Path, root: Path) -> None:
    """Check signatures, thresholds and expiry."""
    with shell.naming(root):
        anchor = read_root_token(read_file(root, MAX_ROOT_TOKEN_BYTES, error=SourceError))
    with shell.naming(file):
        trust = _open_bundle(file).check(anchor.signed.payload)
    now = shell.now()
    if now >= min(trust.list.expires_at, trust.root.expires_at):
        raise SourceError(tr(f"{file}: rightly signed, but expired", f"{file}: подпись верна, но срок действия истёк"))
    shell.say(tr(f"{file}: good; trust list {trust.list.version}", f"{file}: верен; список доверия {trust.list.version}"))


def _open_bundle(path: Path) -> UnverifiedBundle:
    with shell.naming(path):
        return read_bundle(read_file(path, MAX_BUNDLE_BYTES, error=SourceError))


def _read_description(path: Path) -> Issuer:
    try:
        return read_issuer(decode(read_file(path, MAX_DESCRIPTION_BYTES, error=SourceError)))
    except SourceError:
        raise
    except SocpassError as error:
        raise SourceError(f"{path}: not the description of an issuer: {error}") from error


def _show_root(signed: SignedRoot) -> None:
    root = signed.root
    needed = tr(
        f"{root.threshold} of {len(root.keys)} keys must sign", f"подписывают {root.threshold} из {len(root.keys)} ключей"
    )
    shell.say(f"{tr('Root', 'Корень')} {root.version}: {needed}; {tr('expires', 'истекает')} {show_moment(root.expires_at)}")
    shell.say(f"{tr('Fingerprint', 'Отпечаток')}:\n    {signed.fingerprint}")
    for key in root.keys:
        shell.say(f"  {tr('key', 'ключ')} {key.key_id.hex()}")


def _show_bundle(bundle: UnverifiedBundle) -> None:
    for signed in bundle.roots:
        _show_root(signed)
    found = bundle.list
    signed_at = f"{tr('signed', 'подписан')} {show_moment(found.issued_at)}"
    expires = f"{tr('expires', 'истекает')} {show_moment(found.expires_at)}"
    shell.say(f"{tr('Trust list', 'Список доверия')} {found.version}: {signed_at}; {expires}")
    for issuer in found.issuers:
        shell.say(f"  {issuer.id}: {'; '.join(issuer.names.values())}")
        for key in issuer.keys:
            shell.say(f"    {tr('key', 'ключ')} {key.public_key.key_id.hex()} ({say_uses(key.uses)}), {say_state(key.state)}")
