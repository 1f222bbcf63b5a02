"""What goes into the next root and the next list: ``socpass root add-key`` and its like for keys and for issuers."""

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
    help_texts=(
        "Add the public key KEY to the next root: PEM, a key file, or a pkcs11: URI. It counts once that root is signed "
        "('rotate').",
        "Добавить открытый ключ KEY в следующий корень: PEM, файл ключа или URI pkcs11:. Действует после его подписи («rotate»).",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("key", metavar="KEY", type=KeyName())
@options.option(
    "--name",
    callback=options.parse_text,
    en="What its custodian is called; by default as the file.",
    ru="Имя хранителя; по умолчанию — как у файла.",
)
@pin_option
@options.lang_option
def add_key(*, folder: Path, key: Path | Pkcs11Uri, name: str | None, pin_file: Path | None) -> None:
    """Add, and show the fingerprint to compare with the custodian's."""
    federation = Federation.open(folder)
    public = read_public_key(key, pin_file)
    path = federation.add_key(name or name_of(key), public)
    output.say(f"{path}: {tr('key', 'ключ')} {public.key_id.hex()}")
    output.say(
        tr(
            "Compare this fingerprint with the custodian, who sees it with 'socpass root show' on the key:",
            "Сверьте отпечаток с хранителем; у него его показывает «socpass root show» для ключа:",
        )
    )
    for line in fingerprint_lines(public.thumbprint.hex()):
        output.say(line)


@click.command(
    "drop-key",
    cls=click_classes.Command,
    help_texts=(
        "Leave the key of CUSTODIAN, a name or a key id, out of the next root. It counts until that root is signed ('rotate').",
        "Не включать ключ CUSTODIAN (имя или идентификатор) в следующий корень. Он действует, пока тот не подписан («rotate»).",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("custodian", metavar="CUSTODIAN", callback=options.parse_text)
@options.lang_option
def drop_key(*, folder: Path, custodian: str) -> None:
    """Drop, and say so."""
    name, key = Federation.open(folder).drop_key(custodian)
    kid = key.key_id.hex()
    output.say(
        tr(
            f"The key {kid} ({name}) will not be in the next root. Next: socpass root rotate {folder}",
            f"Ключа {kid} ({name}) не будет в следующем корне. Дальше: socpass root rotate {folder}",
        )
    )


@click.command(
    "add-issuer",
    cls=click_classes.Command,
    help_texts=(
        "Put the issuer that FILE describes into the next list, in place of one of the same id. FILE is from 'socpass issuer "
        "describe', or a file such as those in DIR/issuers. Compromised keys of the old description stay.",
        "Внести ведомство, описанное в FILE, в следующий список, заменив описание с тем же id. FILE — от «socpass issuer "
        "describe» или файл вида DIR/issuers/*.toml. Скомпрометированные ключи прежнего описания остаются.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.lang_option
def add_issuer(*, folder: Path, file: Path) -> None:
    """Put in, and show what differs, and the fingerprint to compare with the issuer's."""
    issuer = read_description(file)
    say_placed(Federation.open(folder).put_issuer(issuer))
    output.say(tr("Fingerprint of the description:", "Отпечаток описания:"))
    for line in fingerprint_lines(sha256(encode(encode_issuer(issuer))).hexdigest()):
        output.say(line)


@click.command(
    "drop-issuer",
    cls=click_classes.Command,
    help_texts=(
        "Take the issuer ID out of the next list. If it has compromised keys, an entry with these alone stays.",
        "Исключить ведомство ID из следующего списка. Если у него есть скомпрометированные ключи, остаётся запись только с ними.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("issuer_id", metavar="ID", callback=options.parse_text)
@options.lang_option
def drop_issuer(*, folder: Path, issuer_id: str) -> None:
    """Take out, and say what stays."""
    say_placed(Federation.open(folder).drop_issuer(issuer_id))


@click.command(
    "mark-key",
    cls=click_classes.Command,
    help_texts=(
        "Mark the key KEYID of an issuer in the next list: retired signs nothing new; compromised refuses all that it ever "
        "signed, for good.",
        "Пометить ключ ведомства KEYID в следующем списке: retired — нового не подписывает; compromised — всё, что он "
        "когда-либо подписал, отвергается навсегда.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("key_id", metavar="KEYID", callback=parse_key_id)
@click.argument("state", metavar="retired|compromised", type=click.Choice(["retired", "compromised"]))
@options.lang_option
def mark_key(*, folder: Path, key_id: bytes, state: str) -> None:
    """Mark, and show what differs."""
    say_placed(Federation.open(folder).mark_key(key_id, KeyState[state.upper()]))


def say_placed(placed: DescriptionChange) -> None:
    """Say what became of an issuer's description in the next list."""
    for key in placed.kept:
        kid = key.public_key.key_id.hex()
        output.say(
            tr(
                f"The compromised key {kid} stays in the list, so that tills go on refusing what it signs.",
                f"Скомпрометированный ключ {kid} остаётся в списке, чтобы кассы и дальше отвергали подписанное им.",
            )
        )
    if placed.after is None:
        if placed.before is not None:
            output.say(tr(f"{placed.before.id}: out of the next list", f"{placed.before.id}: исключено из следующего списка"))
        return
    if placed.before is None:
        output.say(tr("New in the next list:", "Новое в следующем списке:"))
        show_issuer(placed.after)
        return
    lines = list(issuer_differences(placed.before, placed.after)) or [tr("as it was", "без изменений")]
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
    """Return what the custodian of a key is called unless somebody says so."""
    return key.stem if isinstance(key, Path) else key.label or "token"
