"""``socpass key``: key files made, shown, and exchanged with other programs as PEM (RFC 8410)."""

from __future__ import annotations

from pathlib import Path

import click

from socpass_cli import shell
from socpass_cli.language import tr
from socpass_vc.errors import KeyFileError
from socpass_vc.files import PUBLIC_MODE, SECRET_MODE, read_file, write_file
from socpass_vc.format import keyfile, keys

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group(
    cls=shell.Group,
    name="key",
    help_texts=(
        "Make, show, import and export Ed25519 keys.",
        "Создать, показать, импортировать и экспортировать ключи Ed25519.",
    ),
)
@shell.lang_option
def command() -> None:
    """Hold the commands."""


@command.command(
    "make",
    help_texts=(
        "Make a new key in FILE, sealed under a passphrase.",
        "Создать новый ключ в FILE, зашифрованный парольной фразой.",
    ),
)
@click.argument("file", type=_FILE)
@shell.passphrase_option
@shell.lang_option
def make(*, file: Path, passphrase_file: Path | None) -> None:
    """Generate and seal."""
    _write_new(file, keys.generate(), passphrase_file)


@command.command(
    "show",
    help_texts=("Show which key is in FILE; needs no passphrase.", "Показать, какой ключ в FILE; парольная фраза не нужна."),
)
@click.argument("file", type=_FILE)
@shell.lang_option
def show(*, file: Path) -> None:
    """Show the public half."""
    sealed = _read_sealed(file)
    _show(sealed.public_key)
    memory = sealed.memory_bytes // 2**20
    shell.say(f"Argon2id, {sealed.passes} x {memory} MiB; XSalsa20-Poly1305")


@command.command(
    "export",
    help_texts=(
        "Write the public key of FILE as PEM to OUT ('-' is standard output); with --secret the secret one, unprotected.",
        "Записать открытый ключ из FILE в PEM (OUT, «-» — стандартный вывод); с --secret — секретный, без защиты.",
    ),
)
@click.argument("file", type=_FILE)
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@shell.option("--secret", is_flag=True, en="Export the secret key, unprotected.", ru="Экспортировать секретный ключ без защиты.")
@shell.passphrase_option
@shell.lang_option
def export(*, file: Path, out: Path, secret: bool, passphrase_file: Path | None) -> None:
    """Write PEM."""
    sealed = _read_sealed(file)
    if secret:
        passphrase = shell.passphrase(passphrase_file)
        with shell.naming(file):
            pem = keyfile.write_secret_pem(sealed.open(passphrase))
    else:
        pem = keyfile.write_public_pem(sealed.public_key)
    if str(out) == "-":
        click.echo(pem, nl=False)
        return
    _refuse_existing(out)
    write_file(out, pem, error=KeyFileError, mode=SECRET_MODE if secret else PUBLIC_MODE)


@command.command(
    "import",
    help_texts=(
        "Seal the secret key in PEM (unencrypted PKCS#8) into the key file FILE.",
        "Зашифровать секретный ключ из PEM (PKCS#8 без шифрования) парольной фразой и записать в файл ключа FILE.",
    ),
)
@click.argument("pem", type=_FILE)
@click.argument("file", type=_FILE)
@shell.passphrase_option
@shell.lang_option
def import_(*, pem: Path, file: Path, passphrase_file: Path | None) -> None:
    """Read PEM, and seal."""
    with shell.naming(pem):
        secret = keyfile.read_secret_pem(read_file(pem, keyfile.MAX_FILE_BYTES, error=KeyFileError))
    _write_new(file, secret, passphrase_file)


def _read_sealed(file: Path) -> keyfile.SealedKey:
    with shell.naming(file):
        return keyfile.read_sealed(read_file(file, keyfile.MAX_FILE_BYTES, error=KeyFileError))


def _write_new(file: Path, secret: keys.SecretKey, passphrase_file: Path | None) -> None:
    _refuse_existing(file)
    sealed = keyfile.seal(secret, shell.passphrase(passphrase_file, confirm=True))
    write_file(file, sealed, error=KeyFileError, mode=SECRET_MODE)
    _show(secret.public_key)


def _refuse_existing(file: Path) -> None:
    if shell.is_there(file, error=KeyFileError):
        raise KeyFileError(
            tr(f"{file}: is there already; a key is never written over", f"{file}: уже есть; ключ не перезаписывается")
        )


def _show(public: keys.PublicKey) -> None:
    shell.say(f"{tr('Public key', 'Открытый ключ')}: {public.raw.hex()}")
    shell.say(f"{tr('Key id', 'Идентификатор ключа')}: {public.key_id.hex()}")
