"""``socpass root init``: a root authority begun, with keys on several machines or all on this one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import click

from socpass_cli.app import click_classes, clock, environment, options, output, passphrases
from socpass_cli.app.key_options import KeyName, pin_option
from socpass_cli.app.language import tr
from socpass_cli.commands.root.members import FOLDER, name_of, read_public_key
from socpass_cli.commands.root.text import show_request, show_root
from socpass_vc.authority.federation_folder import SECRETS, SUBFOLDERS, Federation, OpenRequest
from socpass_vc.authority.key_custodians import check_custodian
from socpass_vc.authority.local_root import MAX_ROOT_TOKEN_BYTES
from socpass_vc.authority.signing_ceremony import ListTerms, carry_out, draft_root, sign_all
from socpass_vc.authority.trust_list_lint import Allowances
from socpass_vc.errors import AuthorityError
from socpass_vc.files import SECRET_MODE, make_folder, read_file, taken_back_on_failure, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.keys import PublicKey, SecretKey
from socpass_vc.format.trust.bundle import read_root_token
from socpass_vc.format.trust.issuers import MAX_ROOT_KEYS
from socpass_vc.hsm.uri import Pkcs11Uri

NO_LIST = ListTerms(next_update=timedelta(days=1), valid=timedelta(days=1), allow=Allowances())
"""What a first root is drafted with: there is no list yet."""


def lifetime(years: int) -> timedelta:
    """Return so many years, leap days included."""
    return timedelta(days=365 * years + years // 4)


years_option = options.option(
    "--years",
    type=click.IntRange(1, 30),
    default=10,
    show_default=True,
    en="How long the root is good for.",
    ru="Срок действия корня, лет.",
)
threshold_option = options.option(
    "--threshold",
    metavar="K",
    type=click.IntRange(1, MAX_ROOT_KEYS),
    en="How many of the keys must sign; by default as many as before, in a first root more than half.",
    ru="Сколько ключей должны подписать; по умолчанию столько же, сколько прежде, в первом корне — больше половины.",
)


@click.command(
    "init",
    cls=click_classes.Command,
    help_texts=(
        "Begin a root in the new folder DIR. With --key, the public keys of custodians on other machines, it asks them to sign "
        "the first root (requests/root-1.request); without, add them with 'add-key', then 'rotate'. With --keys N all keys are "
        "made here, under one passphrase, and the root is signed at once.",
        "Начать корень в новой папке DIR. С --key — открытыми ключами хранителей на других машинах — создаётся запрос на подпись "
        "первого корня (requests/root-1.request); без него добавьте ключи: «add-key», затем «rotate». С --keys N все ключи "
        "создаются здесь под одной парольной фразой и корень подписывается сразу.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@options.option(
    "--key",
    "named",
    metavar="KEY",
    multiple=True,
    type=KeyName(),
    en="A custodian's public key: PEM, a key file or a pkcs11: URI; may be repeated.",
    ru="Открытый ключ хранителя: PEM, файл ключа или URI pkcs11:; можно повторять.",
)
@options.option(
    "--keys",
    "count",
    metavar="N",
    type=click.IntRange(1, MAX_ROOT_KEYS),
    en="Make so many keys here.",
    ru="Создать столько ключей здесь.",
)
@threshold_option
@years_option
@options.passphrase_option
@pin_option
@options.lang_option
def init(
    *,
    folder: Path,
    named: tuple[Path | Pkcs11Uri, ...],
    count: int | None,
    threshold: int | None,
    years: int,
    passphrase_file: Path | None,
    pin_file: Path | None,
) -> None:
    """Make the folder, and the first root or the request for it."""
    if named and count is not None:
        raise click.UsageError(tr("say --key or --keys, not both", "укажите --key или --keys, но не оба"))
    if threshold is not None and threshold > (count or len(named)):
        raise click.UsageError(
            tr(f"--threshold {threshold} is more than the keys", f"--threshold {threshold} больше числа ключей")
        )
    if not environment.is_empty(folder, error=AuthorityError):
        raise AuthorityError(
            tr(f"{folder}: not empty; a root is made in a new folder", f"{folder}: папка не пуста; корень создаётся в новой")
        )
    public: dict[str, PublicKey] = {}
    for key in named:  # whatever is wrong, or takes long, comes before anything is written
        found = read_public_key(key, pin_file)
        check_custodian(name_of(key), found, public)
        public[name_of(key)] = found
    secrets = [keys.generate() for _ in range(count or 0)]
    sealed = _seal(secrets, passphrase_file) if secrets else {}
    public |= {name: secret.public_key for name, secret in zip(sealed, secrets, strict=True)}
    with taken_back_on_failure() as made:
        opened, written = _begin(folder, public, sealed, secrets, _Plan(threshold, lifetime(years)), made)
    _say_begun(folder, opened, written, {public_key: name for name, public_key in public.items()})


def _seal(secrets: list[SecretKey], passphrase_file: Path | None) -> dict[str, bytes]:
    """Return the key files of a root that is kept on one machine, by name."""
    passphrase = passphrases.obtain(passphrase_file, confirm=True)
    return {str(number): keyfile.seal(secret, passphrase) for number, secret in enumerate(secrets, start=1)}


class _Plan(NamedTuple):
    """How many keys of the first root must sign, None for more than half, and how long it is good for."""

    threshold: int | None
    lifetime: timedelta


def _begin(
    folder: Path,
    public: dict[str, PublicKey],
    sealed: dict[str, bytes],
    secrets: list[SecretKey],
    plan: _Plan,
    made: list[Path],
) -> tuple[OpenRequest | None, list[Path]]:
    """Make the folder, draft the first root if it has keys, and sign it where all of them are at hand.

    Args:
        folder: new, or empty.
        public: keys by their custodians' names.
        sealed: key files by name.
        secrets: what is in them.
        plan: of the root.
        made: is told of files and folders, for whoever takes them back if this fails.
    """
    made += [path for path in (folder, *(folder / name for name in (*SUBFOLDERS, SECRETS))) if not path.exists()]
    federation = Federation.create(folder)
    for name, public_key in public.items():
        made.append(federation.add_key(name, public_key))
    for name, content in sealed.items():
        path = folder / SECRETS / f"{name}.json"
        make_folder(path.parent, error=AuthorityError)
        write_file(path, content, error=AuthorityError, mode=SECRET_MODE)
        made.append(path)
    if not public:
        return None, []
    now = clock.now().replace(microsecond=0)
    opened = draft_root(federation, NO_LIST, threshold=plan.threshold, lifetime=plan.lifetime, now=now)
    made.append(opened.path)
    return opened, carry_out(federation, sign_all(opened.request, secrets)) if secrets else []


def _say_begun(folder: Path, opened: OpenRequest | None, written: list[Path], names: dict[PublicKey, str]) -> None:
    if opened is None:
        output.say(f"{tr('Next', 'Дальше')}: socpass root add-key {folder} KEY.pem")
    elif not written:
        show_request(opened.request, (), (), names=names)
        output.say(tr(f"To be signed by the custodians: {opened.path}", f"На подпись хранителям: {opened.path}"))
    for path in written:
        signed = read_root_token(read_file(path, MAX_ROOT_TOKEN_BYTES, error=AuthorityError))
        show_root(signed.root, signed.fingerprint, names=names)
        output.say(f"{path}")
