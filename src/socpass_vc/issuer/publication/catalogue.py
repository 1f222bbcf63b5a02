"""Publishing the catalogue: catalogue.toml, if the agency has one, signed anew beside the status lists.

    status/catalogue.cwt    the catalogue

It knows the agency's folder, where the last catalogue lies too: the iat of the next one must be later (specs/catalogue.md,
section 5).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from socpass_vc.errors import AgencyError, ClaimsError, Malformed, Unsupported
from socpass_vc.files import read_file, write_file
from socpass_vc.format.catalogue.signed_catalogue import MAX_TOKEN_BYTES, Catalogue, read_catalogue, sign_catalogue
from socpass_vc.format.keys import Signer
from socpass_vc.issuer.agency import Agency
from socpass_vc.issuer.catalogue.load import FILE_NAME, read_catalogue_file

PUBLISHED_NAME = "catalogue.cwt"
CLOCK_LEEWAY = timedelta(seconds=300)
"""How far two honest clocks may differ (specs/credential.md, section 6)."""


def known_measures(agency: Agency) -> frozenset[str] | None:
    """Return the names of the measures in the agency's catalogue.toml; None where there is no such file.

    Raises:
        CatalogueError: the file is wrong.
    """
    source = agency.folder / FILE_NAME
    if not source.exists():
        return None
    return frozenset(measure.id for measure in read_catalogue_file(source, agency.issuer).measures)


def publish_catalogue(agency: Agency, folder: Path, opened: Callable[[], Signer], *, now: datetime) -> Path | None:
    """Sign the agency's catalogue, write it into *folder* and return its path; None where the agency has no catalogue.toml.

    Nobody else may publish for the agency meanwhile.

    Args:
        agency: open.
        folder: status/ of the site; it is there.
        opened: gives the key that signs catalogues, opened; called only if there is a catalogue.
        now: whole second.

    Raises:
        CatalogueError: the file is wrong.
        AgencyError: no key may sign it, the last one is damaged or was signed later than now, or nothing can be written.
        WrongPassphrase, KeyFileError: the key does not open.
    """
    source = agency.folder / FILE_NAME
    if not source.exists():
        return None
    draft = read_catalogue_file(source, agency.issuer)
    issued_at = _next_issued_at(agency.folder / PUBLISHED_NAME, now)
    signer = opened()
    try:
        content = Catalogue.of(
            draft.names,
            draft.measures,
            uri=agency.issuer.catalogue_uri,
            issued_at=issued_at,
            expires_at=issued_at + agency.settings.list_validity,
        )
        token = sign_catalogue(content, signer)
    except ClaimsError as error:
        raise AgencyError(f"{source}: {error}", path=str(source)) from error
    write_file(agency.folder / PUBLISHED_NAME, token, error=AgencyError)  # first: a till must never have seen a later one than we
    path = folder / PUBLISHED_NAME
    write_file(path, token, error=AgencyError)
    return path


def _next_issued_at(last: Path, now: datetime) -> datetime:
    """Return *now*, or the second after the last catalogue's iat: it rises even if the clock does not."""
    if not last.exists():
        return now
    try:
        before = read_catalogue(read_file(last, MAX_TOKEN_BYTES, error=AgencyError)).content.issued_at
    except (Malformed, Unsupported) as error:
        raise AgencyError(f"{last}: damaged: {error}; remove it and publish again", path=str(last)) from error
    if before - now > CLOCK_LEEWAY:
        raise AgencyError(
            f"{last}: the last catalogue was signed at {before}, and the clock shows {now}: one of them is wrong. Set the clock"
        )
    return max(now, before + timedelta(seconds=1))
