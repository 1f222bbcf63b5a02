"""The catalogues in a till's store, each an issuer's token. It knows how such a file is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from socpass_vc.format.catalogue.signed_catalogue import MAX_TOKEN_BYTES
from socpass_vc.format.trust.bundle import Trust
from socpass_vc.verifier.admit import AdmittedCatalogue, admit_catalogue
from socpass_vc.verifier.store.signed_files import SignedFiles


def catalogue_files(folder: Path, trust: Callable[[], Trust]) -> SignedFiles[AdmittedCatalogue]:
    """Return the catalogues in *folder*, a ``CatalogueSource``; their pages are read where they are needed.

    Args:
        folder: of the catalogues.
        trust: gives the trust list of now.
    """
    return SignedFiles(folder, trust, read=_read, longest=MAX_TOKEN_BYTES, read_rest=read_pages)


def read_pages(found: AdmittedCatalogue) -> None:
    """Read both pages, so that a till never keeps a catalogue that it could not use.

    Raises:
        Malformed, Unsupported: one of them is none that this program can read.
    """
    found.content.names()
    found.content.measures()


def _read(token: bytes, trust: Trust, _: Callable[[str], bool]) -> AdmittedCatalogue:
    return admit_catalogue(token, trust=trust)
