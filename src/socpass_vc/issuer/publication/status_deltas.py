"""Deltas from publication to publication: made against the last one, kept in the agency's folder, put beside the lists.

    published/lists.cbor       the tokens of the last publication with deltas
    published/IAT-NUMBER.delta the changes from the publication signed at IAT to the next; NUMBER is the first of its lists

On the site they are status/IAT-NUMBER.delta, and the compact full form is status/NUMBER.gaps; NUMBER is the first of its lists.
It knows tokens and files, and no register. What it keeps is a copy: without it, tills get full lists.

Publications without deltas, which sign only some lists, are not part of the chain: a till that lives on deltas alone goes from
one publication with deltas to the next, whatever was published in between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from socpass_vc.errors import AgencyError, ClaimsError, SocpassError
from socpass_vc.files import make_folder, read_file, remove_file, write_file
from socpass_vc.format import cbor
from socpass_vc.format.fields import to_seconds
from socpass_vc.format.keys import Signer
from socpass_vc.format.status.status_delta import MAX_LISTS, MAX_TOKEN_BYTES, sign_delta
from socpass_vc.format.status.status_list import MAX_ENTRIES, StatusList, read_status_list
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.issuer.publication.list_diff import compare
from socpass_vc.issuer.publication.static_site import Site

FOLDER_NAME = "published"
LISTS_NAME = "lists.cbor"
COMPACT_SUFFIX = ".gaps"
MAX_KEPT = 366
"""Publications whose deltas are kept: a year of daily ones."""
MAX_LISTS_BYTES = 2**28

_NAME = re.compile(r"(\d+)-\d+\.delta")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedChanges:
    """What is written beside the full lists.

    Attributes:
        last: for how many of the last publications the site has deltas; 0 leaves those that are there.
        compact: whether to write the compact form of the lists too.
        told: called, once the site is shown, with the tokens of the deltas since the previous publication with deltas; with none
            if this is the first. It is called even if a wrong catalogue then makes the publication raise.
    """

    last: int = 0
    compact: bool = False
    told: Callable[[tuple[bytes, ...]], None] = lambda _: None

    def __post_init__(self) -> None:
        if not 0 <= self.last <= MAX_KEPT:
            raise AgencyError("deltas_not_kept", last=self.last, most=MAX_KEPT)


def keep_publication(folder: Path, issuer: Issuer, tokens: Mapping[int, bytes], signer: Signer) -> tuple[bytes, ...]:
    """Keep a copy of what is about to be published, and return the deltas from the last publication to it.

    There is more than one only beyond 2^25 entries, and none for a first publication.

    The deltas are written before the lists, so that if power is lost in between, the next publication overwrites them.

    Args:
        folder: the agency's.
        issuer: the agency.
        tokens: of all its status lists, by number, signed together.
        signer: of the status key.

    Raises:
        AgencyError: the folder cannot be written.
    """
    kept = folder / FOLDER_NAME
    make_folder(kept, error=AgencyError)
    old = {number: listed for number, listed in _read_lists(kept / LISTS_NAME).items() if listed.uri == issuer.status_uri(number)}
    new = {number: read_status_list(token).content for number, token in tokens.items()}
    deltas = _deltas_between(issuer, old, new, signer) if old else {}
    for name, token in deltas.items():
        write_file(kept / name, token, error=AgencyError)
    write_file(kept / LISTS_NAME, cbor.encode(list(tokens.values())), error=AgencyError)
    for path in _beyond(kept, MAX_KEPT):
        remove_file(path, error=AgencyError)
    return tuple(deltas.values())


def _deltas_between(
    issuer: Issuer, old: Mapping[int, StatusList], new: Mapping[int, StatusList], signer: Signer
) -> dict[str, bytes]:
    """Return the deltas by their file names; none where the changes fit no delta, which must not stop a publication."""
    begin = to_seconds(max(listed.issued_at for listed in old.values()))
    found: dict[str, bytes] = {}
    try:
        for numbers in _groups(new):
            before = {number: old[number] for number in numbers if number in old}
            delta = compare(issuer.status_base, before, {number: new[number] for number in numbers})
            found[f"{begin}-{numbers[0]}.delta"] = sign_delta(delta, signer)
    except ClaimsError:  # more changes than a delta holds, or the copy is not of an earlier time: tills get full lists
        return {}
    return found


def lay_deltas(folder: Path, site: Site, last: int) -> tuple[Path, ...]:
    """Put the deltas of the *last* publications on the site, and drop older ones.

    Raises:
        AgencyError: a file cannot be read or written.
    """
    kept = folder / FOLDER_NAME
    wanted = sorted(set(_deltas(kept)) - set(_beyond(kept, last)))
    laid = [site.put(f"status/{path.name}", read_file(path, MAX_TOKEN_BYTES, error=AgencyError)) for path in wanted]
    for path in sorted(set(_deltas(site.folder / "status")) - set(laid)):
        site.drop(path)
    return tuple(laid)


class CompactForm(NamedTuple):
    """The compact full form on a site.

    Attributes:
        paths: of its files.
        left_out: numbers of lists that it cannot hold; tills take their full tokens.
    """

    paths: tuple[Path, ...] = ()
    left_out: tuple[int, ...] = ()


def lay_compact(site: Site, issuer: Issuer, tokens: Mapping[int, bytes], signer: Signer) -> CompactForm:
    """Put all lists on the site in their compact full form, in as many files as it takes, and drop others.

    Raises:
        AgencyError: a file cannot be written.
    """
    lists = {number: read_status_list(token).content for number, token in tokens.items()}
    laid, left_out = [], []
    for numbers in _groups(lists):
        for group, token in _compact(issuer, lists, numbers, signer):
            if token is None:
                left_out += group
            else:
                laid.append(site.put(f"status/{group[0]}{COMPACT_SUFFIX}", token))
    for other in sorted(set((site.folder / "status").glob(f"*{COMPACT_SUFFIX}")) - set(laid)):
        site.drop(other)
    return CompactForm(tuple(laid), tuple(left_out))


def _compact(
    issuer: Issuer, lists: Mapping[int, StatusList], numbers: list[int], signer: Signer
) -> Iterator[tuple[list[int], bytes | None]]:
    """Yield the compact tokens, each with the lists that it holds; None with a list that no token can hold."""
    try:
        full = compare(issuer.status_base, {}, {number: lists[number] for number in numbers})
    except ClaimsError:  # they revoke or suspend more than a code can say
        if len(numbers) == 1:
            yield numbers, None
            return
        half = len(numbers) // 2
        yield from _compact(issuer, lists, numbers[:half], signer)
        yield from _compact(issuer, lists, numbers[half:], signer)
    else:
        yield numbers, sign_delta(full, signer)


def _read_lists(path: Path) -> dict[int, StatusList]:
    """Return the lists of the last publication; without a sound copy, none."""
    try:
        tokens = cbor.decode(read_file(path, MAX_LISTS_BYTES, error=AgencyError))
        if not isinstance(tokens, list):
            return {}
        lists = [read_status_list(token).content for token in tokens if isinstance(token, bytes)]
    except SocpassError:
        return {}
    return {int(listed.uri.rpartition("/")[2]): listed for listed in lists}


def _groups(lists: Mapping[int, StatusList]) -> Iterator[list[int]]:
    """Yield the numbers of lists, ascending, in groups that one delta can hold."""
    group: list[int] = []
    entries = 0
    for number, listed in sorted(lists.items()):
        if group and (entries + len(listed) > MAX_ENTRIES or len(group) == MAX_LISTS):
            yield group
            group, entries = [], 0
        group.append(number)
        entries += len(listed)
    if group:
        yield group


def _deltas(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]


def _begin(path: Path) -> int:
    return int(path.name.partition("-")[0])


def _beyond(folder: Path, last: int) -> list[Path]:
    """Return the deltas that begin before the *last* publications."""
    begins = sorted({_begin(path) for path in _deltas(folder)}, reverse=True)
    wanted = set(begins[:last])
    return [path for path in _deltas(folder) if _begin(path) not in wanted]
