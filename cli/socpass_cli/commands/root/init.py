"""``socpass root init``: begins a root authority, with keys on several machines or all on this one."""

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
from socpass_vc.authority.signing_ceremony import ListTerms, carry_out, draft_root, sign_all
from socpass_vc.authority.trust_list_lint import Allowances
from socpass_vc.errors import AuthorityError
from socpass_vc.files import SECRET_MODE, make_folder, read_file, taken_back_on_failure, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.keys import PublicKey, SecretKey
from socpass_vc.format.trust.bundle import MAX_ROOT_TOKEN_BYTES, read_root_token
from socpass_vc.format.trust.issuers import MAX_ROOT_KEYS
from socpass_vc.hsm.uri import Pkcs11Uri

NO_LIST = ListTerms(next_update=timedelta(days=1), valid=timedelta(days=1), allow=Allowances())
"""What a first root is drafted with: there is no list yet."""


def lifetime(years: int) -> timedelta:
    """Return that many years, leap days included."""
    return timedelta(days=365 * years + years // 4)


years_option = options.option(
    "--years",
    type=click.IntRange(1, 30),
    default=10,
    show_default=True,
    help="cli.root.option_years",
)
threshold_option = options.option(
    "--threshold",
    metavar="K",
    type=click.IntRange(1, MAX_ROOT_KEYS),
    help="cli.root.option_threshold",
)


@click.command(
    "init",
    cls=click_classes.Command,
    help="cli.root.init.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@options.option(
    "--key",
    "named",
    metavar="KEY",
    multiple=True,
    type=KeyName(),
    help="cli.root.init.option_key",
)
@options.option(
    "--keys",
    "count",
    metavar="N",
    type=click.IntRange(1, MAX_ROOT_KEYS),
    help="cli.root.init.option_keys",
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
        raise click.UsageError(tr("cli.root.init.key_or_keys"))
    if threshold is not None and threshold > (count or len(named)):
        raise click.UsageError(tr("cli.root.init.threshold_too_high", threshold=threshold))
    if not environment.is_empty(folder, error=AuthorityError):
        raise AuthorityError("root_folder_not_empty").at(folder)
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
    """How many keys of the first root must sign, None for more than half, and how long it is valid."""

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
    """Make the folder, draft the first root if it has keys, and sign it if all of them are at hand.

    Args:
        folder: new, or empty.
        public: keys by their custodians' names.
        sealed: key files by name.
        secrets: their secret keys.
        plan: of the root.
        made: receives the files and folders that were made, so that they can be removed if this fails.
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
        output.say(tr("cli.root.init.next", folder=folder))
    elif not written:
        show_request(opened.request, (), (), names=names)
        output.say(tr("cli.root.to_be_signed", path=opened.path))
    for path in written:
        signed = read_root_token(read_file(path, MAX_ROOT_TOKEN_BYTES, error=AuthorityError))
        show_root(signed.root, signed.fingerprint, names=names)
        output.say(f"{path}")
