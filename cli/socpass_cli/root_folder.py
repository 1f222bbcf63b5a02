"""``socpass root init`` and what goes into the next root and the next list: keys and issuers, added, taken out and marked."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import click

from socpass_cli import shell
from socpass_cli.fingerprint_text import fingerprint_lines
from socpass_cli.issuer_keys import parse_key_id
from socpass_cli.language import tr
from socpass_cli.root_text import issuer_differences, show_issuer, show_root
from socpass_cli.signers import KeyName, Secrets, pin_option
from socpass_vc.errors import AuthorityError, KeyFileError
from socpass_vc.files import SECRET_MODE, make_folder, read_file, write_file
from socpass_vc.format import keyfile, keys
from socpass_vc.format.cbor import encode
from socpass_vc.format.issuers import MAX_ROOT_KEYS, KeyState, encode_issuer
from socpass_vc.format.keys import PublicKey
from socpass_vc.format.trust import read_root_token
from socpass_vc.issuer.authority import MAX_ROOT_TOKEN_BYTES
from socpass_vc.issuer.ceremony import Terms, carry_out, draft_root, sign_all
from socpass_vc.issuer.description import read_description
from socpass_vc.issuer.federation import SECRETS, Federation
from socpass_vc.issuer.holders import check_holder
from socpass_vc.issuer.members import Placed
from socpass_vc.issuer.pkcs11_uri import Pkcs11Uri
from socpass_vc.issuer.soundness import Allowances

FOLDER = click.Path(path_type=Path, file_okay=False)
NO_LIST = Terms(next_update=timedelta(days=1), valid=timedelta(days=1), allow=Allowances())
"""What a first root is drafted with: there is no list yet."""


def lifetime(years: int) -> timedelta:
    """Return so many years, leap days included."""
    return timedelta(days=365 * years + years // 4)


years_option = shell.option(
    "--years",
    type=click.IntRange(1, 30),
    default=10,
    show_default=True,
    en="How long the root is good for.",
    ru="Срок действия корня, лет.",
)
threshold_option = shell.option(
    "--threshold",
    metavar="K",
    type=click.IntRange(1, MAX_ROOT_KEYS),
    en="How many of the keys must sign; by default as many as before, in a first root more than half.",
    ru="Сколько ключей должны подписать; по умолчанию столько же, сколько прежде, в первом корне — больше половины.",
)


@click.command(
    "init",
    cls=shell.Command,
    help_texts=(
        "Begin a root in the new folder DIR. With --key, the public keys of holders on other machines, it asks them to sign the "
        "first root (requests/root-1.request); without, add them with 'add-key', then 'rotate'. With --keys N all keys are made "
        "here, under one passphrase, and the root is signed at once.",
        "Начать корень в новой папке DIR. С --key — открытыми ключами держателей на других машинах — создаётся запрос на подпись "
        "первого корня (requests/root-1.request); без него добавьте ключи: «add-key», затем «rotate». С --keys N все ключи "
        "создаются здесь под одной парольной фразой и корень подписывается сразу.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@shell.option(
    "--key",
    "named",
    metavar="KEY",
    multiple=True,
    type=KeyName(),
    en="A holder's public key: PEM, a key file or a pkcs11: URI; may be repeated.",
    ru="Открытый ключ держателя: PEM, файл ключа или URI pkcs11:; можно повторять.",
)
@shell.option(
    "--keys",
    "count",
    metavar="N",
    type=click.IntRange(1, MAX_ROOT_KEYS),
    en="Make so many keys here.",
    ru="Создать столько ключей здесь.",
)
@threshold_option
@years_option
@shell.passphrase_option
@pin_option
@shell.lang_option
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
    public: dict[str, PublicKey] = {}
    for key in named:  # whatever is wrong is refused before anything is written
        check_holder(_name_of(key), read_public_key(key, pin_file), public)
        public[_name_of(key)] = read_public_key(key, pin_file)
    passphrase = shell.passphrase(passphrase_file, confirm=True) if count is not None else ""
    federation = Federation.create(folder)
    for name, public_key in public.items():
        federation.add_key(name, public_key)
    secrets = [keys.generate() for _ in range(count or 0)]
    for number, secret in enumerate(secrets, start=1):
        make_folder(folder / SECRETS, error=AuthorityError)
        sealed = keyfile.seal(secret, passphrase)
        write_file(folder / SECRETS / f"{number}.json", sealed, error=AuthorityError, mode=SECRET_MODE)
        federation.add_key(str(number), secret.public_key)
    if not federation.keys():
        shell.say(f"{tr('Next', 'Дальше')}: socpass root add-key {folder} KEY.pem")
        return
    now = shell.now().replace(microsecond=0)
    opened = draft_root(federation, NO_LIST, threshold=threshold, lifetime=lifetime(years), now=now)
    request = sign_all(opened.request, secrets)
    names = {public_key: name for name, public_key in federation.keys().items()}
    if not secrets:
        draft = opened.request.root
        if draft is not None:
            show_root(draft.root, draft.fingerprint, names=names)
        shell.say(tr(f"To be signed by the holders: {opened.path}", f"На подпись держателям: {opened.path}"))
        return
    for path in carry_out(federation, request):
        signed = read_root_token(read_file(path, MAX_ROOT_TOKEN_BYTES, error=AuthorityError))
        show_root(signed.root, signed.fingerprint, names=names)
        shell.say(f"{path}")


@click.command(
    "add-key",
    cls=shell.Command,
    help_texts=(
        "Add the public key KEY to the next root: PEM, a key file, or a pkcs11: URI. It counts once that root is signed "
        "('rotate').",
        "Добавить открытый ключ KEY в следующий корень: PEM, файл ключа или URI pkcs11:. Действует после его подписи («rotate»).",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("key", metavar="KEY", type=KeyName())
@shell.option(
    "--name",
    callback=shell.parse_text,
    en="What its holder is called; by default as the file.",
    ru="Имя держателя; по умолчанию — как у файла.",
)
@pin_option
@shell.lang_option
def add_key(*, folder: Path, key: Path | Pkcs11Uri, name: str | None, pin_file: Path | None) -> None:
    """Add, and show the fingerprint to compare with the holder's."""
    federation = Federation.open(folder)
    public = read_public_key(key, pin_file)
    path = federation.add_key(name or _name_of(key), public)
    shell.say(f"{path}: {tr('key', 'ключ')} {public.key_id.hex()}")
    shell.say(
        tr(
            "Compare this fingerprint with the holder, who sees it with 'socpass root show' on the key:",
            "Сверьте отпечаток с держателем; у него его показывает «socpass root show» для ключа:",
        )
    )
    for line in fingerprint_lines(public.thumbprint.hex()):
        shell.say(line)


@click.command(
    "drop-key",
    cls=shell.Command,
    help_texts=(
        "Leave the key of HOLDER, a name or a key id, out of the next root. It counts until that root is signed ('rotate').",
        "Не включать ключ HOLDER (имя или идентификатор) в следующий корень. Он действует, пока тот не подписан («rotate»).",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("holder", metavar="HOLDER", callback=shell.parse_text)
@shell.lang_option
def drop_key(*, folder: Path, holder: str) -> None:
    """Drop, and say so."""
    name, key = Federation.open(folder).drop_key(holder)
    kid = key.key_id.hex()
    shell.say(
        tr(
            f"The key {kid} ({name}) will not be in the next root. Next: socpass root rotate {folder}",
            f"Ключа {kid} ({name}) не будет в следующем корне. Дальше: socpass root rotate {folder}",
        )
    )


@click.command(
    "add-issuer",
    cls=shell.Command,
    help_texts=(
        "Put the issuer that FILE describes into the next list, in place of one of the same id. FILE is from 'socpass issuer "
        "describe', or a file such as those in DIR/issuers. Compromised keys of the old description stay.",
        "Внести ведомство, описанное в FILE, в следующий список, заменив описание с тем же id. FILE — от «socpass issuer "
        "describe» или файл вида DIR/issuers/*.toml. Скомпрометированные ключи прежнего описания остаются.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@shell.lang_option
def add_issuer(*, folder: Path, file: Path) -> None:
    """Put in, and show what differs, and the fingerprint to compare with the issuer's."""
    issuer = read_description(file)
    say_placed(Federation.open(folder).put_issuer(issuer))
    shell.say(tr("Fingerprint of the description:", "Отпечаток описания:"))
    for line in fingerprint_lines(sha256(encode(encode_issuer(issuer))).hexdigest()):
        shell.say(line)


@click.command(
    "drop-issuer",
    cls=shell.Command,
    help_texts=(
        "Take the issuer ID out of the next list. If it has compromised keys, an entry with these alone stays.",
        "Исключить ведомство ID из следующего списка. Если у него есть скомпрометированные ключи, остаётся запись только с ними.",
    ),
)
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.argument("issuer_id", metavar="ID", callback=shell.parse_text)
@shell.lang_option
def drop_issuer(*, folder: Path, issuer_id: str) -> None:
    """Take out, and say what stays."""
    say_placed(Federation.open(folder).drop_issuer(issuer_id))


@click.command(
    "mark-key",
    cls=shell.Command,
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
@shell.lang_option
def mark_key(*, folder: Path, key_id: bytes, state: str) -> None:
    """Mark, and show what differs."""
    say_placed(Federation.open(folder).mark_key(key_id, KeyState[state.upper()]))


def say_placed(placed: Placed) -> None:
    """Say what became of an issuer's description in the next list."""
    for key in placed.kept:
        kid = key.public_key.key_id.hex()
        shell.say(
            tr(
                f"The compromised key {kid} stays in the list, so that tills go on refusing what it signs.",
                f"Скомпрометированный ключ {kid} остаётся в списке, чтобы кассы и дальше отвергали подписанное им.",
            )
        )
    if placed.after is None:
        if placed.before is not None:
            shell.say(tr(f"{placed.before.id}: out of the next list", f"{placed.before.id}: исключено из следующего списка"))
        return
    if placed.before is None:
        shell.say(tr("New in the next list:", "Новое в следующем списке:"))
        show_issuer(placed.after)
        return
    lines = list(issuer_differences(placed.before, placed.after)) or [tr("as it was", "без изменений")]
    shell.say(f"{placed.after.id}:")
    for line in lines:
        shell.say(f"  {line}")


def read_public_key(key: Path | Pkcs11Uri, pin_file: Path | None) -> PublicKey:
    """Return the public half of a key in PEM, in a key file or in a token; no passphrase is needed."""
    if isinstance(key, Pkcs11Uri):
        from socpass_vc.issuer import hsm  # noqa: PLC0415 -- only where a key lies in a token

        return hsm.read_public_key(key, Secrets(None, pin_file).pin_at_hand(key))
    content = read_file(key, keyfile.MAX_FILE_BYTES, error=KeyFileError)
    with shell.naming(key):
        if content.startswith(b"-----BEGIN"):
            return keyfile.read_public_pem(content)
        return keyfile.read_sealed(content).public_key


def _name_of(key: Path | Pkcs11Uri) -> str:
    return key.stem if isinstance(key, Path) else key.label or "token"
