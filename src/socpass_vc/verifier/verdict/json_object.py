"""A verdict as the object that ``socpass verify --json`` prints (specs/cli.md, section 4). Keys are only ever added."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from socpass_vc.catalogue.names import show_category
from socpass_vc.errors import NoCodeFound, NotAPass
from socpass_vc.format.fields import write_instant
from socpass_vc.messages import ENGLISH, Speaker
from socpass_vc.verifier.verdict.name_book import NameBook, name_of_issuer
from socpass_vc.verifier.verdict.sentences import say_advice, say_reason

if TYPE_CHECKING:
    from socpass_vc.errors import SocpassError
    from socpass_vc.format.catalogue.names import NamesPage
    from socpass_vc.format.credential.claims import Claims, Entitlement
    from socpass_vc.verifier.verdict.verdict import Verdict

_SEEN = ("hints", "pixels_per_module", "found")


def verdict_as_dict(
    verdict: Verdict, *, checked_at: datetime, speaker: Speaker = ENGLISH, names: NamesPage | None = None
) -> dict[str, object]:
    """Return the object of specs/cli.md, section 4, ready for ``json.dumps``; keys that do not apply are left out.

    Args:
        verdict: as :func:`check_picture` gave it.
        checked_at: the time that was decided for, aware.
        speaker: of the language of ``reason``, ``advice`` and the names.
        names: what the pass's issuer calls things (:meth:`Till.names_for`); None for the built-in names.
    """
    book = NameBook(names, speaker.language)
    found: dict[str, object] = {
        "source": verdict.source,
        "verdict": verdict.family,
        "code": verdict.code,
        "reason": say_reason(verdict, speaker),
        "advice": say_advice(verdict, speaker),
        "checked_at": write_instant(checked_at),
    }
    if verdict.error is not None:
        found["detail"] = str(verdict.error)
        found |= seen_as_dict(verdict.error)
        floor = verdict.error.facts.get("floor")
        if isinstance(floor, datetime):
            found["clock_floor"] = write_instant(floor)
    if verdict.issuer is not None:
        found["issuer"] = {"id": verdict.issuer.id, "name": name_of_issuer(verdict.issuer, speaker.language)}
    if verdict.claims is not None:
        found["pass"] = claims_as_dict(verdict.claims, book)
    consulted = verdict.consulted
    if consulted is not None:
        found["status_list"] = {
            "issued_at": write_instant(consulted.issued_at),
            "age_seconds": int(consulted.age.total_seconds()),
        }
    if verdict.verified is not None:
        verified = verdict.verified
        found["key_id"] = verified.key.public_key.key_id.hex()
        found["counts_today"] = [entitlement.category for entitlement in verified.entitlements]
        found["today"] = verified.today.isoformat()
        found["warnings"] = [str(warning) for warning in verified.warnings]
        if verified.measures:
            from socpass_vc.verifier.verdict.measure_words import measure_as_dict  # noqa: PLC0415 -- most tills ask for no place

            found["grants"] = [measure_as_dict(measure, book, speaker) for measure in verified.measures]
    return found


def seen_as_dict(error: SocpassError) -> dict[str, object]:
    """Return what was seen of a picture without a pass: ``hints``, ``pixels_per_module`` and ``found``."""
    if not isinstance(error, NoCodeFound | NotAPass):  # of others a fact of such a name means something else
        return {}
    seen = {name: error.facts[name] for name in _SEEN if name in error.facts}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in seen.items()}


def claims_as_dict(claims: Claims, names: NameBook) -> dict[str, object]:
    """Return what a pass says as the object ``pass``."""
    found: dict[str, object] = {
        "name": claims.name,
        "issued_at": write_instant(claims.issued_at),
        "expires_at": write_instant(claims.expires_at),
        "status": {"list": claims.status.list_number, "index": claims.status.index},
        "entitlements": [_entitlement_as_dict(entitlement, names) for entitlement in claims.entitlements],
        "bound_to_holder": claims.holder_key is not None,
    }
    optional = {
        "latin_name": claims.latin_name,
        "born_on": claims.born_on.isoformat() if claims.born_on else None,
        "born_in": claims.born_in,
        "photo_bytes": len(claims.photo) if claims.photo else None,
    }
    return found | {name: value for name, value in optional.items() if value is not None}


def _entitlement_as_dict(entitlement: Entitlement, names: NameBook) -> dict[str, object]:
    found: dict[str, object] = {
        "category": entitlement.category,
        "code": show_category(entitlement.category),
        "name": names.category(entitlement.category),
        "from": entitlement.first.isoformat() if entitlement.first else None,
        "until": entitlement.last.isoformat() if entitlement.last else None,
    }
    document = entitlement.document
    if document is not None:
        found["document"] = {
            "kind": document.kind,
            "name": names.document_kind(document.kind),
            "number": document.number,
            "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        }
    return found
