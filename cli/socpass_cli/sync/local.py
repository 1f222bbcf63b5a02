"""Where ``sync`` takes files from on this machine: folders, zips, single files, bulletins; and a single file at a URL.

It knows files and how much of them may be read. What becomes of them is :mod:`apply`'s.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from socpass_cli.sync.bulletin_codes import is_bulletin, read_bulletin
from socpass_cli.verdict.inputs import mode_of
from socpass_vc.errors import SourceError, system_reason
from socpass_vc.files import read_file
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import MAX_BUNDLE_BYTES
from socpass_vc.messages import Message

Found = TypeVar("Found")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)  # no path begins so, on Windows neither

ENDINGS = (".spt", ".cwt", ".gaps", ".delta")
"""What a site is made of, in the order in which it is offered: whoever has a full list needs no delta."""
DELTA_ENDINGS = ENDINGS[2:]
MAX_FILES = 10_000
"""Most files taken from one source: ninety regions, each with its lists and the deltas of two weeks, are some 2,000."""
MAX_SOURCE_BYTES = 256 * 2**20
"""Most that the files of one source may hold in all, unpacked."""
MAX_MEMBERS_BYTES = 8 * 2**20
"""Longest list of a zip's members: 800 bytes for each of so many files. Python makes ten times as much of it in memory."""


@dataclass(slots=True)
class ByteBudget:
    """How many bytes of one source may still be read."""

    source: str
    left: int

    def spend(self, count: int) -> None:
        """Note that so many bytes were read; raises SourceError if the source has had more than it may have."""
        self.left -= count
        if self.left < 0:
            raise SourceError("too_many_bytes_in_all", limit_bytes=MAX_SOURCE_BYTES).at(self.source)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source: its name for people, and how its content is read, up to a number of bytes."""

    name: str
    read_up_to: Callable[[int], bytes]
    budget: ByteBudget

    size_bytes: int = 0
    is_code: bool = False
    is_remote: bool = False

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
        self.budget.spend(0)  # of a source that is too large, no further file is unpacked
        content = self.read_up_to(MAX_BUNDLE_BYTES if self.is_bundle else MAX_TOKEN_BYTES)
        self.budget.spend(len(content))
        return content


def is_url(source: str) -> bool:
    """Tell whether a source is a URL, of whatever kind."""
    return _URL.match(source) is not None


def find_offers(sources: Sequence[str], opened: ExitStack) -> list[SourceFile]:
    """Return the files that matter of all *sources*, trust first; zips stay open in *opened*, for one file is read at a time.

    Raises:
        SourceError: a source is none, or cannot be read.
    """
    pictured = [source for source in sources if is_bulletin(source)]
    found = [offer for source in sources if source not in pictured for offer in _offers_of(source, opened)]
    if pictured:
        budget = ByteBudget(pictured[0], MAX_SOURCE_BYTES)
        found += [
            SourceFile(", ".join(pictured), lambda _, token=token: token, budget, is_code=True)  # type: ignore[misc]  # mypy takes the default for an argument
            for token in read_bulletin(pictured)
        ]
    return trust_first(found)


def trust_first(offers: Sequence[SourceFile]) -> list[SourceFile]:
    """Return the offers, trust bundles before all others, and short lists before long ones.

    A source may hold so many bytes and no more: whoever's files are long uses up what the others leave over. Deltas stay in the
    order of their names, which is that of their times.
    """
    return sorted(offers, key=lambda offer: (not offer.is_bundle, 0 if offer.is_bundle or offer.is_delta else offer.size_bytes))


def _offers_of(source: str, opened: ExitStack) -> list[SourceFile]:
    path, mode, budget = Path(source), mode_of(source), ByteBudget(source, MAX_SOURCE_BYTES)
    if stat.S_ISDIR(mode):
        try:
            folders = (path, path / "status", *sorted(path.glob("*/status")))  # the last are those of a mirror of several issuers
            files = [file for ending in ENDINGS for folder in folders for file in sorted(folder.glob(f"*{ending}"))]
        except OSError as error:
            raise SourceError("cannot_be_read", why=system_reason(error)).at(error.filename or source) from error
        return [_offer_of_file(file, budget) for file in _bounded(files, source)]
    if not stat.S_ISREG(mode):
        raise SourceError("not_a_regular_file").at(source)
    if path.suffix in ENDINGS:
        return [_offer_of_file(path, budget)]
    with _errors_of_zip(source):
        if not zipfile.is_zipfile(path):
            raise SourceError("cli.sync.no_source", endings=ENDINGS).at(source)
        if path.stat().st_size > MAX_SOURCE_BYTES:
            raise SourceError("file_too_large", longest=MAX_SOURCE_BYTES).at(source)
        file = opened.enter_context(_ZipFile(path))
        archive = opened.enter_context(zipfile.ZipFile(file))
        file.is_listed = True
    wanted = [member for ending in ENDINGS for member in archive.infolist() if member.filename.endswith(ending)]
    return [_offer_of_member(archive, member, budget) for member in _bounded(wanted, source)]


class _ZipFile(io.FileIO):
    """The file of a zip, whose list of members is read at once, and as far as is bearable."""

    is_listed = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return so many bytes."""
        if not self.is_listed and size is not None and size > MAX_MEMBERS_BYTES:
            raise SourceError("cli.sync.too_many_members", limit_bytes=MAX_MEMBERS_BYTES).at(str(self.name))
        return super().read(size)


def _offer_of_file(path: Path, budget: ByteBudget) -> SourceFile:
    def read_up_to(longest: int) -> bytes:
        if not stat.S_ISREG(mode_of(str(path))):
            raise SourceError("not_a_regular_file").at(path)
        return read_file(path, longest, error=SourceError)

    with suppress(OSError):  # what is wrong with it is said when it is read
        return SourceFile(str(path), read_up_to, budget, path.stat().st_size)
    return SourceFile(str(path), read_up_to, budget)


def _offer_of_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: ByteBudget) -> SourceFile:
    """Return the offer of a zip's member; nothing is unpacked to disk, and no name of a member becomes a path."""
    name = f"{budget.source}: {member.filename}"
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:  # others inflate further, and fail in more ways
        raise SourceError("cli.sync.packed_otherwise").at(name)

    def read_up_to(longest: int) -> bytes:
        if member.file_size > longest:  # what the zip says; what is unpacked is counted too
            raise SourceError("file_too_large", longest=longest).at(name)
        with _errors_of_zip(name), archive.open(member) as file:
            content = file.read(longest + 1)
        if len(content) > longest:
            raise SourceError("file_too_large", longest=longest).at(name)
        return content

    return SourceFile(name, read_up_to, budget, member.file_size)


@contextmanager
def _errors_of_zip(name: str) -> Iterator[None]:
    try:
        yield
    # zipfile raises RuntimeError for an encrypted member and NotImplementedError for a kind of zip that it does not read
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
        why = system_reason(error) if isinstance(error, OSError) else Message("system.other", said=str(error))
        raise SourceError("cli.sync.bad_zip", why=why).at(name) from error


def _bounded(found: list[Found], source: str) -> list[Found]:
    if len(found) > MAX_FILES:
        raise SourceError("cli.sync.too_many_files", most=MAX_FILES).at(source)
    return found
