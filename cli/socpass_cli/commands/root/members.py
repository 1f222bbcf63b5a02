"""What goes into the next root and the next list: ``socpass root add-key`` and the like, for keys and for issuers."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import click

from socpass_cli.app import click_classes, errors, options, output
from socpass_cli.app.key_options import KeyName, SigningSecrets, parse_key_id, pin_option
from socpass_cli.app.language import tr
from socpass_cli.commands.root.text import issuer_differences, show_issuer
from socpass_cli.words.fingerprint import fingerprint_lines
from socpass_vc.authority.federation_folder import Federation
from socpass_vc.authority.issuer_description import read_description
from socpass_vc.authority.issuer_folder import DescriptionChange
from socpass_vc.errors import KeyFileError
from socpass_vc.files import read_file
from socpass_vc.format import keyfile
from socpass_vc.format.cbor import encode
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust.issuers import KeyState, encode_issuer
from socpass_vc.hsm.uri import Pkcs11Uri

FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command(
    "add-key",
    cls=click_classes.Command,
    help="cli.root.add_key.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("key", metavar="KEY", type=KeyName())
@options.option(
    "--name",
    callback=options.parse_text,
    help="cli.root.add_key.option_name",
)
@pin_option
@options.lang_option
def add_key(*, folder: Path, key: Path | Pkcs11Uri, name: str | None, pin_file: Path | None) -> None:
    """Add, and show the fingerprint to compare with the custodian's."""
    federation = Federation.open(folder)
    public = read_public_key(key, pin_file)
    path = federation.add_key(name or name_of(key), public)
    output.say(tr("cli.root.add_key.done", path=path, key_id=public.key_id.hex()))
    output.say(tr("cli.root.add_key.compare"))
    for line in fingerprint_lines(public.thumbprint.hex()):
        output.say(line)


@click.command(
    "drop-key",
    cls=click_classes.Command,
    help="cli.root.drop_key.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("custodian", metavar="CUSTODIAN", callback=options.parse_text)
@options.lang_option
def drop_key(*, folder: Path, custodian: str) -> None:
    """Drop, and confirm it."""
    name, key = Federation.open(folder).drop_key(custodian)
    output.say(tr("cli.root.drop_key.done", key_id=key.key_id.hex(), custodian=name, folder=folder))


@click.command(
    "add-issuer",
    cls=click_classes.Command,
    help="cli.root.add_issuer.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.lang_option
def add_issuer(*, folder: Path, file: Path) -> None:
    """Put in, and show what differs, and the fingerprint to compare with the issuer's."""
    issuer = read_description(file)
    say_placed(Federation.open(folder).put_issuer(issuer))
    output.say(tr("cli.root.add_issuer.fingerprint"))
    for line in fingerprint_lines(sha256(encode(encode_issuer(issuer))).hexdigest()):
        output.say(line)


@click.command(
    "drop-issuer",
    cls=click_classes.Command,
    help="cli.root.drop_issuer.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("issuer_id", metavar="ID", callback=options.parse_text)
@options.lang_option
def drop_issuer(*, folder: Path, issuer_id: str) -> None:
    """Take out, and print what stays."""
    say_placed(Federation.open(folder).drop_issuer(issuer_id))


@click.command(
    "mark-key",
    cls=click_classes.Command,
    help="cli.root.mark_key.help",
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("key_id", metavar="KEYID", callback=parse_key_id)
@click.argument("state", metavar="retired|compromised", type=click.Choice(["retired", "compromised"]))
@options.lang_option
def mark_key(*, folder: Path, key_id: bytes, state: str) -> None:
    """Mark, and show what differs."""
    say_placed(Federation.open(folder).mark_key(key_id, KeyState[state.upper()]))


def say_placed(placed: DescriptionChange) -> None:
    """Print how an issuer's description in the next list has changed."""
    for key in placed.kept:
        output.say(tr("cli.root.issuer.compromised_key_stays", key_id=key.public_key.key_id.hex()))
    if placed.after is None:
        if placed.before is not None:
            output.say(tr("cli.root.issuer.out", issuer_id=placed.before.id))
        return
    if placed.before is None:
        output.say(tr("cli.root.issuer.new"))
        show_issuer(placed.after)
        return
    lines = list(issuer_differences(placed.before, placed.after)) or [tr("cli.root.issuer.unchanged")]
    output.say(f"{placed.after.id}:")
    for line in lines:
        output.say(f"  {line}")


def read_public_key(key: Path | Pkcs11Uri, pin_file: Path | None) -> PublicKey:
    """Return the public half of a key in PEM, in a key file or in a token; no passphrase is needed."""
    if isinstance(key, Pkcs11Uri):
        from socpass_vc.hsm import token_signer  # noqa: PLC0415 -- only where a key lies in a token

        return token_signer.read_public_key(key, SigningSecrets(None, pin_file).pin_at_hand(key))
    content = read_file(key, keyfile.MAX_FILE_BYTES, error=KeyFileError)
    with errors.naming(key):
        if content.startswith(b"-----BEGIN"):
            return keyfile.read_public_pem(content)
        return keyfile.read_sealed(content).public_key


def name_of(key: Path | Pkcs11Uri) -> str:
    """Return the default name of a key's custodian."""
    return key.stem if isinstance(key, Path) else key.label or "token"
