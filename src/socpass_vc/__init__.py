"""socpass: social-benefit passes that verify offline. The public face: names of the library, and nothing else.

Names are imported when they are first used, so that a till does not pay for what an agency needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socpass_vc.errors import Rejected, SocpassError, TrustError, Undecided, Unreadable
    from socpass_vc.format.catalogue.measures import Benefit, BenefitKind, Measure
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.format.catalogue.signed_catalogue import Catalogue, sign_catalogue
    from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
    from socpass_vc.format.credential.token import UnverifiedPass, read_pass, sign_pass, write_pass
    from socpass_vc.format.keys import PublicKey, SecretKey, Signer, generate
    from socpass_vc.format.status.status_list import Status, StatusList, sign_status_list
    from socpass_vc.format.trust.bundle import Trust, UnverifiedBundle, read_bundle, sign_root, sign_trust_list, write_bundle
    from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Root, TrustList, Use
    from socpass_vc.holder.present import present
    from socpass_vc.qr.read import read_codes
    from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, admit, admit_catalogue
    from socpass_vc.verifier.decide import FreshnessWarning, OnStale, Policy, StatusSource, Verified, verify
    from socpass_vc.verifier.grants import CatalogueSource, catalogue_of, measures_of, open_measures
    from socpass_vc.verifier.store.till_store import Store
    from socpass_vc.verifier.sync.client import Client, ClientLimits
    from socpass_vc.verifier.sync.issuer_files import FetchedFile, FetchOutcome
    from socpass_vc.verifier.sync.published_site import PublishedSite

__version__ = "0.1.0"

_HOMES = {
    "errors": ("Rejected", "SocpassError", "TrustError", "Undecided", "Unreadable"),
    "format.catalogue.signed_catalogue": ("Catalogue", "sign_catalogue"),
    "format.credential.claims": ("Claims", "Document", "Entitlement", "StatusReference"),
    "format.credential.token": ("UnverifiedPass", "read_pass", "sign_pass", "write_pass"),
    "format.trust.issuers": ("Issuer", "IssuerKey", "KeyState", "Root", "TrustList", "Use"),
    "format.keys": ("PublicKey", "SecretKey", "Signer", "generate"),
    "format.catalogue.measures": ("Benefit", "BenefitKind", "Measure"),
    "format.catalogue.names": ("NamesPage",),
    "format.status.status_list": ("Status", "StatusList", "sign_status_list"),
    "format.trust.bundle": ("Trust", "UnverifiedBundle", "read_bundle", "sign_root", "sign_trust_list", "write_bundle"),
    "holder.present": ("present",),
    "qr.read": ("read_codes",),
    "verifier.admit": ("AdmittedCatalogue", "AdmittedStatusList", "admit", "admit_catalogue"),
    "verifier.decide": ("FreshnessWarning", "OnStale", "Policy", "StatusSource", "Verified", "verify"),
    "verifier.grants": ("CatalogueSource", "catalogue_of", "measures_of", "open_measures"),
    "verifier.sync.issuer_files": ("FetchOutcome", "FetchedFile"),
    "verifier.sync.published_site": ("PublishedSite",),
    "verifier.sync.client": ("Client", "ClientLimits"),
    "verifier.store.till_store": ("Store",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AdmittedCatalogue",
    "AdmittedStatusList",
    "Benefit",
    "BenefitKind",
    "Catalogue",
    "CatalogueSource",
    "Claims",
    "Client",
    "ClientLimits",
    "Document",
    "Entitlement",
    "FetchOutcome",
    "FetchedFile",
    "FreshnessWarning",
    "Issuer",
    "IssuerKey",
    "KeyState",
    "Measure",
    "NamesPage",
    "OnStale",
    "Policy",
    "PublicKey",
    "PublishedSite",
    "Rejected",
    "Root",
    "SecretKey",
    "Signer",
    "SocpassError",
    "Status",
    "StatusList",
    "StatusReference",
    "StatusSource",
    "Store",
    "Trust",
    "TrustError",
    "TrustList",
    "Undecided",
    "Unreadable",
    "UnverifiedBundle",
    "UnverifiedPass",
    "Use",
    "Verified",
    "__version__",
    "admit",
    "admit_catalogue",
    "catalogue_of",
    "generate",
    "measures_of",
    "open_measures",
    "present",
    "read_bundle",
    "read_codes",
    "read_pass",
    "sign_catalogue",
    "sign_pass",
    "sign_root",
    "sign_status_list",
    "sign_trust_list",
    "verify",
    "write_bundle",
    "write_pass",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
