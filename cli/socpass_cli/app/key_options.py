"""How a user names a key, in a file or in a token, and where its passphrase or PIN comes from; each is asked for once.

It knows options and prompts. What a key may sign, the agency knows.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from socpass_cli.app import errors, options, passphrases
from socpass_cli.app.language import tr
from socpass_vc.errors import KeyFileError
from socpass_vc.files import read_file
from socpass_vc.format import keyfile
from socpass_vc.format.keys import KEY_ID_BYTES, Signer
from socpass_vc.format.trust.issuers import Use
from socpass_vc.hsm.uri import Pkcs11Uri, is_uri, read_uri
from socpass_vc.issuer.agency import Agency
from socpass_vc.messages import Message

Function = TypeVar("Function", bound=Callable[..., Any])


class KeyName(click.Path):
    """The name of a key: the path of a key file, or a ``pkcs11:`` URI."""

    name = "key"

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(  # type: ignore[override]  # a click.Path says that it gives paths alone
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | Pkcs11Uri:
        """Return the path, or what the URI says; a wrong URI is an error of ours, which says what is wrong."""
        if isinstance(value, str) and is_uri(value):
            return read_uri(value)
        path: Path = super().convert(value, param, ctx)  # type: ignore[assignment]  # as path_type has it
        return path


def signer_option(function: Function) -> Function:
    """Add ``--signer``, the key of the agency that signs."""
    return options.option(
        "--signer",
        metavar="KEY",
        type=KeyName(),
        help="cli.option.signer",
    )(function)


def pin_option(function: Function) -> Function:
    """Add ``--pin-file``; a PIN, like a passphrase, is never an argument."""
    return options.option(
        "--pin-file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="SOCPASS_PIN_FILE",
        show_envvar=True,
        help="cli.option.pin_file",
    )(function)


def secrets_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--passphrase-file`` and ``--pin-file``, which come to the command as one argument, *secrets*."""

    @wraps(function)
    def with_secrets(*, passphrase_file: Path | None, pin_file: Path | None, **arguments: object) -> None:
        function(secrets=SigningSecrets(passphrase_file, pin_file), **arguments)

    return options.passphrase_option(pin_option(with_secrets))


class SigningSecrets:
    """The passphrase and the PINs of one command, each asked for when it is first needed."""

    def __init__(self, passphrase_file: Path | None, pin_file: Path | None) -> None:
        self._passphrase_file = passphrase_file
        self._pin_file = pin_file
        self._passphrase: str | None = None
        self._pins: dict[Message, str] = {}

    def passphrase(self, *, confirm: bool = False) -> str:
        """Return the passphrase of the key files; *confirm* asks twice, for a new one."""
        if self._passphrase is None:
            self._passphrase = passphrases.obtain(self._passphrase_file, confirm=confirm)
        return self._passphrase

    def pin(self, uri: Pkcs11Uri) -> str:
        """Return the PIN of the token: from the file that its URI names, else from ``--pin-file``, else from the user."""
        file = uri.pin_file or self._pin_file
        if file is not None:
            return passphrases.first_line(file, empty="cli.error.pin_empty")
        if uri.token_name not in self._pins:
            self._pins[uri.token_name] = _ask_pin(uri)
        return self._pins[uri.token_name]

    def pin_at_hand(self, uri: Pkcs11Uri) -> str | None:
        """Return the PIN if a file holds it; nobody is asked."""
        return self.pin(uri) if uri.pin_file or self._pin_file else None


def open_signer(agency: Agency, use: Use, secrets: SigningSecrets, *, now: datetime, named: Path | Pkcs11Uri | None) -> Signer:
    """Return the agency's key for *use*, opened.

    Args:
        agency: open.
        use: what it is to sign.
        secrets: where passphrase and PIN come from.
        now: the time.
        named: which key; None for the one that signs now.

    Raises:
        AgencyError: no key may sign now, or the one that is named is not the agency's.
        KeyFileError, WrongPassphrase, TokenError, WrongPin: it does not open.
    """
    if isinstance(named, Pkcs11Uri):
        from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

        signer = token_signer.open_key(named, secrets.pin(named))
        agency.key_with(signer.public_key, use, now=now)
        return signer
    key = agency.key_for(use, now=now) if named is None else agency.key_with(read_sealed(named).public_key, use, now=now)
    return agency.open_signer(key, secrets.passphrase() if key.token is None else secrets.pin(key.token))


def read_sealed(file: Path) -> keyfile.SealedKey:
    """Return the key file *file*, closed."""
    with errors.naming(file):
        return keyfile.read_sealed(read_file(file, keyfile.MAX_FILE_BYTES, error=KeyFileError))


def parse_key_id(_: click.Context, __: click.Parameter, text: str) -> bytes:
    """Return the key id that a user wrote."""
    try:
        key_id = bytes.fromhex(text)
    except ValueError:
        key_id = b""
    if len(key_id) != KEY_ID_BYTES:
        raise click.BadParameter(tr("cli.usage.not_a_key_id"))
    return key_id


def _ask_pin(uri: Pkcs11Uri) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(tr("cli.usage.pin_needed", token=uri.token_name))
    asked: str = click.prompt(tr("cli.prompt.pin", token=uri.token_name), hide_input=True, err=True)
    return asked
