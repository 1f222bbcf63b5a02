"""socpass: social-benefit passes that verify offline. The public face: names of the library, and nothing else.

Names are imported when they are first used, so that a till does not pay for what an agency needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socpass_vc.authority.local_root import make_root, sign_bundle
    from socpass_vc.catalogue.names import read_category, show_category
    from socpass_vc.errors import (
        BadCertificate,
        BadKey,
        BaseMissing,
        CatalogueError,
        CatalogueStale,
        CatalogueUnknown,
        ClaimsError,
        ClockWrong,
        CodeTooLarge,
        Contradicted,
        Expired,
        Forged,
        HolderProofBad,
        HolderProofMissing,
        Incomplete,
        KeyCompromised,
        KeyFileError,
        LaxLibrary,
        Malformed,
        Misread,
        NoCodeFound,
        NoEntitlement,
        NotAPass,
        NotFound,
        NotYetValid,
        OutOfScope,
        RedirectRefused,
        Rejected,
        Revoked,
        RolledBack,
        SocpassError,
        SourceError,
        StatusStale,
        StatusUnknown,
        StoreError,
        Suspended,
        ThresholdNotMet,
        TrustError,
        TrustExpired,
        Undecided,
        UnknownIssuer,
        Unreachable,
        Unreadable,
        Unsupported,
        UntrustedRoot,
        WrongPassphrase,
    )
    from socpass_vc.format.catalogue.measures import Benefit, BenefitKind, Measure
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.format.catalogue.signed_catalogue import Catalogue, sign_catalogue
    from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
    from socpass_vc.format.credential.token import UnverifiedPass, read_pass, sign_pass, write_pass
    from socpass_vc.format.keyfile import SealedKey, read_sealed, seal
    from socpass_vc.format.keys import PublicKey, SecretKey, Signer, UnknownKey, generate
    from socpass_vc.format.status.status_list import Status, StatusList, make_status_list, sign_status_list
    from socpass_vc.format.trust.bundle import Trust, UnverifiedBundle, read_bundle, sign_root, sign_trust_list, write_bundle
    from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Root, TrustList, Use
    from socpass_vc.holder.present import present
    from socpass_vc.issuer.issuance.index_sequence import IndexSequence
    from socpass_vc.messages import Speaker, languages
    from socpass_vc.qr.keyboard import as_coded
    from socpass_vc.qr.read import read_codes
    from socpass_vc.qr.write import QrCode, draw_code
    from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, admit, admit_catalogue
    from socpass_vc.verifier.decide import FreshnessWarning, OnStale, Policy, StatusSource, Verified, verify, verify_pass
    from socpass_vc.verifier.grants import CatalogueSource, catalogue_of, measures_of, open_measures
    from socpass_vc.verifier.store.file_kind import FileKind
    from socpass_vc.verifier.store.root_file import RootFile, read_root_file
    from socpass_vc.verifier.store.till_store import Store, UpdateOutcome, confirm_root
    from socpass_vc.verifier.sync.client import Client, ClientLimits
    from socpass_vc.verifier.sync.issuer_files import FetchedFile, FetchOutcome
    from socpass_vc.verifier.sync.published_site import PublishedSite
    from socpass_vc.verifier.verdict.check import Decide, check_picture, check_texts
    from socpass_vc.verifier.verdict.codes import PartCollector
    from socpass_vc.verifier.verdict.json_object import verdict_as_dict
    from socpass_vc.verifier.verdict.name_book import NameBook
    from socpass_vc.verifier.verdict.sentences import VerdictSentences, say_verdict
    from socpass_vc.verifier.verdict.till import Till
    from socpass_vc.verifier.verdict.verdict import ConsultedList, Family, Verdict, worst_family

__version__ = "0.1.0"

_HOMES = {
    "authority.local_root": ("make_root", "sign_bundle"),
    "format.keyfile": ("SealedKey", "read_sealed", "seal"),
    "issuer.issuance.index_sequence": ("IndexSequence",),
    "qr.write": ("QrCode", "draw_code"),
    "catalogue.names": ("read_category", "show_category"),
    "errors": (
        "BadCertificate",
        "BadKey",
        "BaseMissing",
        "CatalogueError",
        "CatalogueStale",
        "CatalogueUnknown",
        "ClaimsError",
        "ClockWrong",
        "CodeTooLarge",
        "Contradicted",
        "Expired",
        "Forged",
        "HolderProofBad",
        "HolderProofMissing",
        "Incomplete",
        "KeyCompromised",
        "KeyFileError",
        "LaxLibrary",
        "Malformed",
        "Misread",
        "NoCodeFound",
        "NoEntitlement",
        "NotAPass",
        "NotFound",
        "NotYetValid",
        "OutOfScope",
        "RedirectRefused",
        "Rejected",
        "Revoked",
        "RolledBack",
        "SocpassError",
        "SourceError",
        "StatusStale",
        "StatusUnknown",
        "StoreError",
        "Suspended",
        "ThresholdNotMet",
        "TrustError",
        "TrustExpired",
        "Undecided",
        "UnknownIssuer",
        "Unreachable",
        "Unreadable",
        "Unsupported",
        "UntrustedRoot",
        "WrongPassphrase",
    ),
    "format.catalogue.measures": ("Benefit", "BenefitKind", "Measure"),
    "format.catalogue.names": ("NamesPage",),
    "format.catalogue.signed_catalogue": ("Catalogue", "sign_catalogue"),
    "format.credential.claims": ("Claims", "Document", "Entitlement", "StatusReference"),
    "format.credential.token": ("UnverifiedPass", "read_pass", "sign_pass", "write_pass"),
    "format.keys": ("PublicKey", "SecretKey", "Signer", "UnknownKey", "generate"),
    "format.status.status_list": ("Status", "StatusList", "make_status_list", "sign_status_list"),
    "format.trust.bundle": ("Trust", "UnverifiedBundle", "read_bundle", "sign_root", "sign_trust_list", "write_bundle"),
    "format.trust.issuers": ("Issuer", "IssuerKey", "KeyState", "Root", "TrustList", "Use"),
    "holder.present": ("present",),
    "messages": ("Speaker", "languages"),
    "qr.keyboard": ("as_coded",),
    "qr.read": ("read_codes",),
    "verifier.admit": ("AdmittedCatalogue", "AdmittedStatusList", "admit", "admit_catalogue"),
    "verifier.decide": ("FreshnessWarning", "OnStale", "Policy", "StatusSource", "Verified", "verify", "verify_pass"),
    "verifier.grants": ("CatalogueSource", "catalogue_of", "measures_of", "open_measures"),
    "verifier.store.root_file": ("RootFile", "read_root_file"),
    "verifier.store.file_kind": ("FileKind",),
    "verifier.store.till_store": ("Store", "UpdateOutcome", "confirm_root"),
    "verifier.sync.client": ("Client", "ClientLimits"),
    "verifier.sync.issuer_files": ("FetchOutcome", "FetchedFile"),
    "verifier.sync.published_site": ("PublishedSite",),
    "verifier.verdict.check": ("Decide", "check_picture", "check_texts"),
    "verifier.verdict.codes": ("PartCollector",),
    "verifier.verdict.json_object": ("verdict_as_dict",),
    "verifier.verdict.name_book": ("NameBook",),
    "verifier.verdict.sentences": ("VerdictSentences", "say_verdict"),
    "verifier.verdict.till": ("Till",),
    "verifier.verdict.verdict": ("ConsultedList", "Family", "Verdict", "worst_family"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "AdmittedCatalogue",
    "AdmittedStatusList",
    "BadCertificate",
    "BadKey",
    "BaseMissing",
    "Benefit",
    "BenefitKind",
    "Catalogue",
    "CatalogueError",
    "CatalogueSource",
    "CatalogueStale",
    "CatalogueUnknown",
    "Claims",
    "ClaimsError",
    "Client",
    "ClientLimits",
    "ClockWrong",
    "CodeTooLarge",
    "ConsultedList",
    "Contradicted",
    "Decide",
    "Document",
    "Entitlement",
    "Expired",
    "Family",
    "FetchOutcome",
    "FetchedFile",
    "FileKind",
    "Forged",
    "FreshnessWarning",
    "HolderProofBad",
    "HolderProofMissing",
    "Incomplete",
    "IndexSequence",
    "Issuer",
    "IssuerKey",
    "KeyCompromised",
    "KeyFileError",
    "KeyState",
    "LaxLibrary",
    "Malformed",
    "Measure",
    "Misread",
    "NameBook",
    "NamesPage",
    "NoCodeFound",
    "NoEntitlement",
    "NotAPass",
    "NotFound",
    "NotYetValid",
    "OnStale",
    "OutOfScope",
    "PartCollector",
    "Policy",
    "PublicKey",
    "PublishedSite",
    "QrCode",
    "RedirectRefused",
    "Rejected",
    "Revoked",
    "RolledBack",
    "Root",
    "RootFile",
    "SealedKey",
    "SecretKey",
    "Signer",
    "SocpassError",
    "SourceError",
    "Speaker",
    "Status",
    "StatusList",
    "StatusReference",
    "StatusSource",
    "StatusStale",
    "StatusUnknown",
    "Store",
    "StoreError",
    "Suspended",
    "ThresholdNotMet",
    "Till",
    "Trust",
    "TrustError",
    "TrustExpired",
    "TrustList",
    "Undecided",
    "UnknownIssuer",
    "UnknownKey",
    "Unreachable",
    "Unreadable",
    "Unsupported",
    "UntrustedRoot",
    "UnverifiedBundle",
    "UnverifiedPass",
    "UpdateOutcome",
    "Use",
    "Verdict",
    "VerdictSentences",
    "Verified",
    "WrongPassphrase",
    "__version__",
    "admit",
    "admit_catalogue",
    "as_coded",
    "catalogue_of",
    "check_picture",
    "check_texts",
    "confirm_root",
    "draw_code",
    "generate",
    "languages",
    "make_root",
    "make_status_list",
    "measures_of",
    "open_measures",
    "present",
    "read_bundle",
    "read_category",
    "read_codes",
    "read_pass",
    "read_root_file",
    "read_sealed",
    "say_verdict",
    "seal",
    "show_category",
    "sign_bundle",
    "sign_catalogue",
    "sign_pass",
    "sign_root",
    "sign_status_list",
    "sign_trust_list",
    "verdict_as_dict",
    "verify",
    "verify_pass",
    "worst_family",
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
