"""``socpass key``: keys made and shown, in files and in tokens, and exchanged with other programs as PEM (RFC 8410)."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli.app import click_classes, environment, errors, options, output, passphrases
from socpass_cli.app.key_options import KeyName, SigningSecrets, pin_option, read_sealed
from socpass_cli.app.language import tr
from socpass_vc.errors import KeyFileError
from socpass_vc.files import PUBLIC_MODE, SECRET_MODE, read_file, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.hsm.uri import Pkcs11Uri

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(
    cls=click_classes.Group,
    name="key",
    help="cli.key.help",
)
@options.lang_option
def command() -> None:
    """Group the commands."""


@command.command(
    "make",
    help="cli.key.make.help",
)
@click.argument("key", metavar="KEY", type=KeyName())
@options.passphrase_option
@pin_option
@options.lang_option
def make(*, key: Path | Pkcs11Uri, passphrase_file: Path | None, pin_file: Path | None) -> None:
    """Generate, and seal or leave in the token."""
    if isinstance(key, Path):
        _write_new(key, keys.generate(), passphrase_file)
        return
    from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

    _show(token_signer.make_key(key, SigningSecrets(None, pin_file).pin(key)))


@command.command(
    "show",
    help="cli.key.show.help",
)
@click.argument("key", metavar="KEY", type=KeyName())
@pin_option
@options.lang_option
def show(*, key: Path | Pkcs11Uri, pin_file: Path | None) -> None:
    """Show the public half."""
    if isinstance(key, Pkcs11Uri):
        _show(_public_key_in_token(key, pin_file))
        return
    sealed = read_sealed(key)
    _show(sealed.public_key)
    memory = sealed.memory_bytes // 2**20
    output.say(tr("cli.key.seal", passes=sealed.passes, mebibytes=memory))


@command.command(
    "export",
    help="cli.key.export.help",
)
@click.argument("key", metavar="KEY", type=KeyName())
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@options.option("--secret", is_flag=True, help="cli.key.export.option_secret")
@options.passphrase_option
@pin_option
@options.lang_option
def export(*, key: Path | Pkcs11Uri, out: Path, secret: bool, passphrase_file: Path | None, pin_file: Path | None) -> None:
    """Write PEM."""
    if isinstance(key, Pkcs11Uri):
        if secret:
            raise click.UsageError(tr("cli.key.secret_stays_in_token"))
        pem = keyfile.write_public_pem(_public_key_in_token(key, pin_file))
    elif secret:
        sealed = read_sealed(key)
        passphrase = passphrases.obtain(passphrase_file)
        with errors.naming(key):
            pem = keyfile.write_secret_pem(sealed.open(passphrase))
    else:
        pem = keyfile.write_public_pem(read_sealed(key).public_key)
    if str(out) == "-":
        click.echo(pem, nl=False)
        return
    _refuse_existing(out)
    write_file(out, pem, error=KeyFileError, mode=SECRET_MODE if secret else PUBLIC_MODE)


@command.command(
    "import",
    help="cli.key.import.help",
)
@click.argument("pem", type=_FILE)
@click.argument("file", type=_FILE)
@options.passphrase_option
@options.lang_option
def import_(*, pem: Path, file: Path, passphrase_file: Path | None) -> None:
    """Read PEM, and seal."""
    with errors.naming(pem):
        secret = keyfile.read_secret_pem(read_file(pem, keyfile.MAX_FILE_BYTES, error=KeyFileError))
    _write_new(file, secret, passphrase_file)


def _public_key_in_token(uri: Pkcs11Uri, pin_file: Path | None) -> keys.PublicKey:
    from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

    return token_signer.read_public_key(uri, SigningSecrets(None, pin_file).pin_at_hand(uri))


def _write_new(file: Path, secret: keys.SecretKey, passphrase_file: Path | None) -> None:
    _refuse_existing(file)
    sealed = keyfile.seal(secret, passphrases.obtain(passphrase_file, confirm=True))
    write_file(file, sealed, error=KeyFileError, mode=SECRET_MODE)
    _show(secret.public_key)


def _refuse_existing(file: Path) -> None:
    if environment.is_there(file, error=KeyFileError):
        raise KeyFileError("key_file_exists").at(file)


def _show(public: keys.PublicKey) -> None:
    output.say(tr("cli.key.public_key", public_key=public.raw.hex()))
    output.say(tr("cli.key.key_id", key_id=public.key_id.hex()))
