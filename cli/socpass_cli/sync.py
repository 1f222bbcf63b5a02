"""``socpass sync``: newer trust and status lists from a folder, a file or a zip into the till's store."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from socpass_cli import shell
from socpass_cli.language import tr
from socpass_vc.errors import SocpassError, SourceError, StoreError, UntrustedRoot
from socpass_vc.files import read_file
from socpass_vc.format.statuslist import MAX_TOKEN_BYTES
from socpass_vc.format.trust import MAX_BUNDLE_BYTES, read_bundle, read_root_token
from socpass_vc.verifier.store import Outcome, Store, confirm_root, same_digits

Found = TypeVar("Found")

MAX_ROOT_FILE_BYTES = 16_384
MAX_LISTS = 10_000
"""Most status lists taken from one source."""


@dataclass(frozen=True, slots=True)
class _Offer:
    """A file of a source: its name for people, and its content."""

    name: str
    content: bytes

    @property
    def is_bundle(self) -> bool:
        """Whether it calls itself a trust bundle."""
        return self.name.endswith(".spt")


@click.command(
    cls=shell.Command,
    help_texts=(
        "Bring newer trust and status lists from SOURCE to this till.\n\nSOURCE is a published folder (with trust.spt and "
        "status/), a zip of one, or a single file of it. A new store needs the root that it shall trust: a file from a person "
        "(--root), or the fingerprint that a person read out (--fingerprint).",
        "Перенести на кассу новые списки доверия и статусов из SOURCE.\n\nSOURCE — опубликованная папка (trust.spt и status/), "
        "её zip-архив или отдельный файл. Новому хранилищу нужен корень доверия: файл от ответственного (--root) или отпечаток, "
        "который он назвал (--fingerprint).",
    ),
)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True)
@shell.store_option
@shell.option(
    "--root",
    "root_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    en="For a new store: the root to trust, as the issuer handed it out.",
    ru="Для нового хранилища: файл корня, полученный от ведомства.",
)
@shell.option(
    "--fingerprint",
    metavar="HEX",
    en="For a new store: the fingerprint of the root to trust.",
    ru="Для нового хранилища: отпечаток корня.",
)
@shell.lang_option
def command(*, sources: tuple[str, ...], store_folder: Path | None, root_file: Path | None, fingerprint: str | None) -> None:
    """Offer every file to the store; good ones are kept even if others are not."""
    folder = store_folder or shell.user_folder("till")
    offers = [offer for source in sources for offer in _offers(source)]
    if not offers:
        raise SourceError(
            tr("the sources hold no trust.spt and no status list", "в источниках нет ни trust.spt, ни списков статусов")
        )
    bundles = [offer for offer in offers if offer.is_bundle]
    store = _open_or_create(folder, bundles, root_file, fingerprint)
    if not _offer_all(store, offers, shell.say):
        raise click.exceptions.Exit(shell.EXIT_FAILED)


def offer_all(store: Store, sources: Sequence[str], *, said: Callable[[str], None]) -> bool:
    """Offer every file of *sources* to *store*, trust first, and tell whether it could use them all.

    Args:
        store: open.
        sources: folders, zips or files.
        said: told a line a file.
    """
    return _offer_all(store, [offer for source in sources for offer in _offers(source)], said)


def _offer_all(store: Store, offers: list[_Offer], said: Callable[[str], None]) -> bool:
    good = True
    for offer in sorted(offers, key=lambda offer: not offer.is_bundle):
        good &= _take(offer, store.offer_bundle if offer.is_bundle else store.offer_status_list, said)
    return good


def _take(offer: _Offer, keep: Callable[[bytes], Outcome], said: Callable[[str], None]) -> bool:
    """Tell whether the store could use *offer*, and say what came of it."""
    name = shell.printable(offer.name)
    try:
        outcome = keep(offer.content)
    except StoreError:
        raise
    except SocpassError as error:
        label = click.style(tr("refused", "отклонено"), fg="red", bold=True)
        said(f"{label}  {name}: [{error.code}] {shell.printable(str(error))}")
        return False
    said(f"{tr('new', 'новое') if outcome is Outcome.NEW else tr('as it was', 'без изменений')}  {name}")
    return True


def _open_or_create(folder: Path, bundles: list[_Offer], root_file: Path | None, fingerprint: str | None) -> Store:
    """Return the store; a new one only for a confirmed root that stands behind a bundle at hand."""
    if (folder / "root.cbor").exists():
        store = Store.open(folder)
        if root_file is not None or fingerprint is not None:
            _check_same_root(store, root_file, fingerprint)
        return store
    if not bundles:
        raise SourceError(tr("a new store begins with a trust.spt", "новое хранилище начинается с trust.spt"))
    bundle = read_bundle(bundles[0].content)
    if root_file is not None:
        anchor = _read_root(root_file)
    elif fingerprint is not None:
        anchor = confirm_root(bundle, fingerprint)
    else:
        raise UntrustedRoot(_ask_for_root(bundle.roots[-1].fingerprint))
    bundle.check(anchor)  # before anything is written
    return Store.create(folder, anchor)


def _check_same_root(store: Store, root_file: Path | None, fingerprint: str | None) -> None:
    same_file = root_file is None or _read_root(root_file) == store.anchor
    same_fingerprint = fingerprint is None or same_digits(fingerprint, store.fingerprint)
    if not (same_file and same_fingerprint):
        raise UntrustedRoot(
            tr(
                f"{store.folder}: this store trusts another root, {store.fingerprint}; to trust a new one, make a new store",
                f"{store.folder}: это хранилище доверяет другому корню, {store.fingerprint}; для нового корня создайте новое",
            )
        )


def _read_root(path: Path) -> bytes:
    return read_root_token(read_file(path, MAX_ROOT_FILE_BYTES, error=SourceError)).signed.payload


def _ask_for_root(found: str) -> str:
    return tr(
        "this till trusts no root yet. The source offers the root\n\n"
        f"    {found}\n\n"
        "Compare this fingerprint with the one that the issuer told you by another way (paper, telephone). If they are the same, "
        "run the command again with --fingerprint and these digits.",
        "эта касса ещё не доверяет ни одному корню. Источник предлагает корень\n\n"
        f"    {found}\n\n"
        "Сравните отпечаток с тем, что ведомство сообщило другим путём (на бумаге, по телефону). Если они совпадают, повторите "
        "команду с --fingerprint и этими цифрами.",
    )


def _offers(source: str) -> Iterator[_Offer]:
    """Yield the files that matter of a folder, a zip or a single file, each read within its bound."""
    path = Path(source)
    if source.startswith(("http://", "https://")):
        raise SourceError(
            tr(
                f"{source}: fetch the site with another program, and give the folder or a zip of it",
                f"{source}: скачайте сайт другой программой и укажите папку или zip-архив",
            )
        )
    if path.is_dir():
        files = [*path.glob("*.spt"), *path.glob("*.cwt"), *(path / "status").glob("*.cwt")]
        for file in _bounded(sorted(files), source):
            yield _Offer(str(file), read_file(file, _longest(file.name), error=SourceError))
    elif zipfile.is_zipfile(path):
        yield from _offers_of_zip(path)
    else:
        content = read_file(path, MAX_TOKEN_BYTES, error=SourceError)
        if path.suffix not in {".spt", ".cwt"}:
            raise SourceError(
                tr(f"{source}: neither a folder, a zip, .spt nor .cwt", f"{source}: не папка, не zip, не .spt и не .cwt")
            )
        yield _Offer(source, content)


def _offers_of_zip(path: Path) -> Iterator[_Offer]:
    """Yield members of a zip by their endings; nothing is unpacked, and no name of a member becomes a path."""
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [member for member in archive.infolist() if member.filename.endswith((".spt", ".cwt"))]
            for member in _bounded(wanted, str(path)):
                longest = _longest(member.filename)
                with archive.open(member) as file:
                    content = file.read(longest + 1)
                if len(content) > longest:
                    raise SourceError(f"{path}: {member.filename}: larger than {longest} bytes")
                yield _Offer(f"{path}: {member.filename}", content)
    except (OSError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise SourceError(f"{path}: damaged, or not a zip that can be read: {error}") from error


def _bounded(found: list[Found], source: str) -> list[Found]:
    if len(found) > MAX_LISTS:
        raise SourceError(f"{source}: more than {MAX_LISTS} files")
    return found


def _longest(name: str) -> int:
    return MAX_BUNDLE_BYTES if name.endswith(".spt") else MAX_TOKEN_BYTES
