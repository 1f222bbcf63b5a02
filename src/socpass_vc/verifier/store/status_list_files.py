"""The status lists in a till's store: each is an issuer's token, or what a delta made. It knows how such a file is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from socpass_vc.errors import OverQuota
from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.format.trust.issuers import Issuer
from socpass_vc.verifier.admit import AdmittedStatusList, HeldStatusList, admit, admit_terms
from socpass_vc.verifier.store.signed_files import SignedFiles

MAX_KEPT_BYTES = 2**22 + 2**17 + MAX_TOKEN_BYTES + 2**15
"""Largest file of a status list: a delta (specs/status-delta.md, section 1), the list that it made, and 1,000 digests."""

MAX_ISSUER_LISTS = 1_000
"""Lists that a till keeps of one issuer, the numbers 0 to 999: a billion passes. Eighteen million people whose passes are issued
anew each year fill 18 a year."""
MAX_ISSUER_BYTES = 256 * 2**20
"""Of all files of one issuer's lists: ten years of those eighteen million are 180 lists of 256 KiB, with a delta of 64 KiB beside
each 58 MB."""

_MADE_BY_DELTA = (b"\x82", b"\x83")  # the array of a delta, a list, perhaps digests; a list's own token begins with the tag 18


def status_list_files(folder: Path, trust: Callable[[], Trust]) -> SignedFiles[AdmittedStatusList]:
    """Return the status lists in *folder*, a ``StatusSource``.

    Args:
        folder: of the status lists.
        trust: gives the trust list of now.
    """
    return SignedFiles(folder, trust, read=_read, longest=MAX_KEPT_BYTES)


def held_list_files(folder: Path, trust: Callable[[], Trust]) -> SignedFiles[HeldStatusList]:
    """Return the same files, of which only what each says besides its entries is read: 1,620 lists inflated are half a gigabyte.

    Args:
        folder: of the status lists.
        trust: gives the trust list of now.
    """
    return SignedFiles(folder, trust, read=_read_terms, longest=MAX_KEPT_BYTES)


def _read_terms(kept: bytes, trust: Trust, uri_is: Callable[[str], bool]) -> HeldStatusList:
    if kept[:1] in _MADE_BY_DELTA:  # which are not compressed
        return _read(kept, trust, uri_is).without_entries()
    return admit_terms(kept, trust=trust)


def _read(kept: bytes, trust: Trust, uri_is: Callable[[str], bool]) -> AdmittedStatusList:
    if kept[:1] in _MADE_BY_DELTA:
        from socpass_vc.verifier.admit_delta import admit_kept  # noqa: PLC0415 -- only a till that met a delta

        return admit_kept(kept, uri_is, trust=trust)
    return admit(kept, trust=trust)


class ListQuota:
    """How many lists, and how many bytes of them, a till keeps of one issuer: its disk is for all.

    Args:
        files: the status lists at hand.
    """

    def __init__(self, files: SignedFiles[AdmittedStatusList]) -> None:
        self._files = files
        self._sizes: dict[str, dict[int, int]] = {}  # by status base and number, of those that were asked for

    def check(self, issuer: Issuer, sizes: Mapping[int, int]) -> None:
        """Return if lists of *issuer* may be written, by number, each with so many bytes; they count from now on.

        Raises:
            OverQuota: a number is too high, or all lists of the issuer would have too many bytes.
        """
        highest = max(sizes, default=0)
        if highest >= MAX_ISSUER_LISTS:
            raise OverQuota("issuer_lists", number=highest, most=MAX_ISSUER_LISTS, issuer=issuer.id)
        have = self._sizes.get(issuer.status_base)
        if have is None:
            have = {number: self._files.size_bytes(issuer.status_uri(number)) for number in range(MAX_ISSUER_LISTS)}
        then = {**have, **sizes}
        if sum(then.values()) > max(MAX_ISSUER_BYTES, sum(have.values())):
            raise OverQuota("issuer_bytes", limit_bytes=MAX_ISSUER_BYTES, issuer=issuer.id)
        self._sizes[issuer.status_base] = then


def number_of(uri: str) -> int:
    """Return the list number in the URI of an admitted list."""
    return int(uri[uri.rfind("/") + 1 :])
