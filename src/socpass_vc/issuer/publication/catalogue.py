"""Publishing the catalogue: catalogue.toml, if the agency has one, is signed again with each publication.

    status/catalogue.cwt    the catalogue

It knows the agency's folder, where the last catalogue is kept too: the next one needs a later iat (specs/catalogue.md,
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
    """Return the ids of the measures in the agency's catalogue.toml, or None if there is no such file.

    Raises:
        CatalogueError: the file is wrong.
    """
    source = agency.folder / FILE_NAME
    if not source.exists():
        return None
    return frozenset(measure.id for measure in read_catalogue_file(source, agency.issuer).measures)


def publish_catalogue(agency: Agency, folder: Path, opened: Callable[[], Signer], *, now: datetime) -> Path | None:
    """Sign the agency's catalogue, write it into *folder* and return its path, or None if the agency has no catalogue.toml.

    The caller sees to it that nobody else publishes for the agency meanwhile.

    Args:
        agency: open.
        folder: status/ of the site; it exists.
        opened: gives the key that signs catalogues, opened; called only if there is a catalogue.
        now: whole second.

    Raises:
        CatalogueError: the file is wrong.
        AgencyError: no key may sign it, the last catalogue is damaged or signed later than now, or a file cannot be written.
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
        raise AgencyError(error.reason, **error.facts).at(source) from error
    write_file(agency.folder / PUBLISHED_NAME, token, error=AgencyError)  # first: no till may have seen a later one than we have
    path = folder / PUBLISHED_NAME
    write_file(path, token, error=AgencyError)
    return path


def _next_issued_at(last: Path, now: datetime) -> datetime:
    """Return *now*, or the second after the last catalogue's iat: iat rises even if the clock does not."""
    if not last.exists():
        return now
    try:
        before = read_catalogue(read_file(last, MAX_TOKEN_BYTES, error=AgencyError)).content.issued_at
    except (Malformed, Unsupported) as error:
        raise AgencyError("last_catalogue_damaged", why=error).at(last) from error
    if before - now > CLOCK_LEEWAY:
        raise AgencyError("catalogue_signed_later", signed_at=before, now=now).at(last)
    return max(now, before + timedelta(seconds=1))
