"""The status lists in a till's store: each is an issuer's token, or what a delta made. It knows how such a file is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from socpass_vc.format.status.status_list import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.admit import AdmittedStatusList, HeldStatusList, admit, admit_terms
from socpass_vc.verifier.store.signed_files import SignedFiles

MAX_KEPT_BYTES = 2**22 + 2**17 + MAX_TOKEN_BYTES + 2**15
"""Largest file of a status list: a delta (specs/status-delta.md, section 1), the list that it made, and 1,000 digests."""

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
