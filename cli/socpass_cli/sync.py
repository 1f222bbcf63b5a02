"""``socpass sync``: newer trust, status lists and catalogues from a folder, a file, a zip or a bulletin into the till's store."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from socpass_cli import shell
from socpass_cli.bulletin_codes import is_bulletin, read_bulletin
from socpass_cli.faults import say_error
from socpass_cli.language import tr
from socpass_cli.sources import mode_of
from socpass_vc.errors import BaseMissing, Contradicted, RolledBack, SocpassError, SourceError, StoreError, UntrustedRoot
from socpass_vc.files import read_file
from socpass_vc.format.catalogue import is_catalogue
from socpass_vc.format.statuslist import MAX_TOKEN_BYTES
from socpass_vc.format.trust import MAX_BUNDLE_BYTES, read_bundle, read_root_token
from socpass_vc.verifier.store import Outcome, Store, confirm_root, same_digits

Found = TypeVar("Found")

ENDINGS = (".spt", ".cwt", ".gaps", ".delta")
"""What a site is made of, in the order in which it is offered: whoever has a full list needs no delta."""
DELTA_ENDINGS = ENDINGS[2:]
MAX_ROOT_FILE_BYTES = 16_384
MAX_LISTS = 1_000
"""Most files taken from one source."""
MAX_SOURCE_BYTES = 256 * 2**20
"""Most that the files of one source may hold in all, unpacked."""


@dataclass(slots=True)
class _Budget:
    """How many bytes of one source may still be read."""

    source: str
    left: int


@dataclass(frozen=True, slots=True)
class _Offer:
    """A file of a source: its name for people, and how its content is read, up to a number of bytes."""

    name: str
    read_up_to: Callable[[int], bytes]
    budget: _Budget

    is_code: bool = False

    @property
    def is_bundle(self) -> bool:
        """Whether it calls itself a trust bundle."""
        return self.name.endswith(".spt")

    @property
    def is_delta(self) -> bool:
        """Whether it calls itself a status delta, or comes from the codes of a bulletin."""
        return self.is_code or self.name.endswith(DELTA_ENDINGS)

    def read(self) -> bytes:
        """Return its content.

        Raises:
            SourceError: it cannot be read, is too large, or the source is.
        """
        content = self.read_up_to(MAX_BUNDLE_BYTES if self.is_bundle else MAX_TOKEN_BYTES)
        self.budget.left -= len(content)
        if self.budget.left < 0:
            raise SourceError(f"{self.budget.source}: more than {MAX_SOURCE_BYTES} bytes in all")
        return content


@click.command(
    cls=shell.Command,
    help_texts=(
        "Bring newer trust, status lists and catalogues from SOURCE to this till.\n\nSOURCE is a published folder (with "
        "trust.spt and status/), a zip of one, a single file of it, or photographs or texts of all the QR codes of a bulletin. "
        "A new store needs the root that it shall trust: a file from a person (--root), or the fingerprint that a person read "
        "out (--fingerprint).",
        "Перенести на кассу новые списки доверия и статусов и справочники из SOURCE.\n\nSOURCE — опубликованная папка "
        "(trust.spt и status/), её zip-архив, отдельный файл или снимки либо тексты всех QR-кодов бюллетеня. Новому хранилищу "
        "нужен корень доверия: файл от ответственного (--root) или отпечаток, который он продиктовал (--fingerprint).",
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
    with ExitStack() as opened:
        offers = _offers(sources, opened)
        if not offers:
            raise SourceError(
                tr("the sources hold no trust.spt and no status list", "в источниках нет ни trust.spt, ни списков статусов")
            )
        store = _open_or_create(folder, [offer for offer in offers if offer.is_bundle], root_file, fingerprint)
        good = _take_all(store, offers, shell.say)
    if not good:
        raise click.exceptions.Exit(shell.EXIT_FAILED)


def offer_all(store: Store, sources: Sequence[str], *, said: Callable[[str], None]) -> bool:
    """Offer every file of *sources* to *store*, trust first, and tell whether it could use them all.

    Args:
        store: open.
        sources: folders, zips or files.
        said: told a line a file that was taken; of one that was refused, standard error is told.
    """
    with ExitStack() as opened:
        return _take_all(store, _offers(sources, opened), said)


def _take_all(store: Store, offers: Sequence[_Offer], said: Callable[[str], None]) -> bool:
    """Tell whether the store could use all *offers*; deltas that go on from one another may stand in any order."""
    taken = [_take(store, offer, said) for offer in offers if not offer.is_delta]
    waiting = [offer for offer in offers if offer.is_delta]
    while waiting:
        refused: list[tuple[_Offer, BaseMissing]] = []
        for offer in waiting:
            try:
                taken.append(_take(store, offer, said))
            except BaseMissing as error:
                refused.append((offer, error))
        if len(refused) == len(waiting):  # nothing that came since can help them
            for offer, refusal in refused:
                _complain(offer, refusal)
            return False
        waiting = [offer for offer, _ in refused]
    return all(taken)


def _take(store: Store, offer: _Offer, said: Callable[[str], None]) -> bool:
    """Tell whether the store could use *offer*, and say what came of it.

    Raises:
        BaseMissing: it is a delta that goes on from a list that is not at hand, perhaps not yet.
    """
    try:
        outcome = _keep(store, offer)
    except (StoreError, BaseMissing):
        raise
    except SocpassError as error:
        _complain(offer, error)
        return False
    said(f"{tr('new', 'новое') if outcome is Outcome.NEW else tr('as it was', 'без изменений')}  {shell.printable(offer.name)}")
    return True


def _keep(store: Store, offer: _Offer) -> Outcome:
    content, now = offer.read(), shell.now()
    if offer.is_bundle:
        return store.offer_bundle(content, now=now, source=offer.name)
    if offer.is_delta:
        return store.offer_delta(content, now=now, source=offer.name)
    take = store.offer_catalogue if is_catalogue(content) else store.offer_status_list
    return take(content, now=now, source=offer.name)


def _complain(offer: _Offer, error: SocpassError) -> None:
    is_alarm = isinstance(error, Contradicted)
    label = click.style(tr("ALARM", "ТРЕВОГА") if is_alarm else tr("refused", "отклонено"), fg="red", bold=True)
    detail = say_error(error) if isinstance(error, BaseMissing | RolledBack) else str(error)
    lines = "\n".join(shell.printable(line) for line in detail.split("\n"))
    shell.complain(f"{label}  {shell.printable(offer.name)}: [{error.code}] {lines}")


def _open_or_create(folder: Path, bundles: list[_Offer], root_file: Path | None, fingerprint: str | None) -> Store:
    """Return the store; a new one only for a confirmed root that stands behind a bundle at hand."""
    if shell.is_there(folder / "root.cbor", error=StoreError):
        store = Store.open(folder)
        if root_file is not None or fingerprint is not None:
            _check_same_root(store, root_file, fingerprint)
        return store
    if not bundles:
        raise SourceError(tr("a new store begins with a trust.spt", "новое хранилище начинается с trust.spt"))
    with shell.naming(Path(bundles[0].name)):
        bundle = read_bundle(bundles[0].read())
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
    with shell.naming(path):
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


def _offers(sources: Sequence[str], opened: ExitStack) -> list[_Offer]:
    """Return the files that matter of all *sources*, trust first; zips stay open, for one file is read at a time."""
    pictured = [source for source in sources if is_bulletin(source)]
    found = [offer for source in sources if source not in pictured for offer in _offers_of(source, opened)]
    if pictured:
        budget = _Budget(pictured[0], MAX_SOURCE_BYTES)
        found += [
            _Offer(", ".join(pictured), lambda _, token=token: token, budget, is_code=True)  # type: ignore[misc]  # mypy takes the default for an argument
            for token in read_bulletin(pictured)
        ]
    return sorted(found, key=lambda offer: not offer.is_bundle)


def _offers_of(source: str, opened: ExitStack) -> list[_Offer]:
    if source.startswith(("http://", "https://")):
        raise SourceError(
            tr(
                f"{source}: fetch the site with another program, and give the folder or a zip of it",
                f"{source}: скачайте сайт другой программой и укажите папку или zip-архив",
            )
        )
    path, mode, budget = Path(source), mode_of(source), _Budget(source, MAX_SOURCE_BYTES)
    if stat.S_ISDIR(mode):
        files = [file for ending in ENDINGS for place in (path, path / "status") for file in sorted(place.glob(f"*{ending}"))]
        return [_offer_of_file(file, budget) for file in _bounded(files, source)]
    if not stat.S_ISREG(mode):
        raise SourceError(f"{source}: not a regular file", path=source)
    if path.suffix in ENDINGS:
        return [_offer_of_file(path, budget)]
    with _errors_of_zip(source):
        if not zipfile.is_zipfile(path):
            raise SourceError(
                tr(
                    f"{source}: neither a folder, a zip, {', '.join(ENDINGS)}, nor a picture or text of codes",
                    f"{source}: не папка, не zip, не {', '.join(ENDINGS)} и не снимок или текст кодов",
                )
            )
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise SourceError(f"{source}: larger than {MAX_SOURCE_BYTES} bytes", path=source)
        archive = opened.enter_context(zipfile.ZipFile(path))
    wanted = [member for ending in ENDINGS for member in archive.infolist() if member.filename.endswith(ending)]
    return [_offer_of_member(archive, member, budget) for member in _bounded(wanted, source)]


def _offer_of_file(path: Path, budget: _Budget) -> _Offer:
    def read_up_to(longest: int) -> bytes:
        if not stat.S_ISREG(mode_of(str(path))):
            raise SourceError(f"{path}: not a regular file", path=str(path))
        return read_file(path, longest, error=SourceError)

    return _Offer(str(path), read_up_to, budget)


def _offer_of_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> _Offer:
    """Return the offer of a zip's member; nothing is unpacked to disk, and no name of a member becomes a path."""
    name = f"{budget.source}: {member.filename}"
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # others inflate further, and fail in more ways
        raise SourceError(f"{name}: packed in another way than zip's usual one (deflate)")

    def read_up_to(longest: int) -> bytes:
        with _errors_of_zip(name), archive.open(member) as file:
            content = file.read(longest + 1)
        if len(content) > longest:
            raise SourceError(f"{name}: larger than {longest} bytes")
        return content

    return _Offer(name, read_up_to, budget)


@contextmanager
def _errors_of_zip(name: str) -> Iterator[None]:
    try:
        yield
    # zipfile raises RuntimeError for an encrypted member and NotImplementedError for a kind of zip that it does not read
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        raise SourceError(f"{name}: damaged, or not a zip that can be read: {error}") from error


def _bounded(found: list[Found], source: str) -> list[Found]:
    if len(found) > MAX_LISTS:
        raise SourceError(f"{source}: more than {MAX_LISTS} files")
    return found
