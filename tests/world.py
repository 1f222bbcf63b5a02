"""A small made-up world for tests: an agency in Ufa, its keys, its trust list and status list, and a resident with a pass.

Everything is made anew from fixed seeds and fixed times, so that a test changes one thing and keeps the rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any

from socpass_vc.format import cose
from socpass_vc.format.armor import PREFIX, WHOLE, write_armor
from socpass_vc.format.catalogue.measures import Benefit, BenefitKind, Measure
from socpass_vc.format.catalogue.names import NamesPage
from socpass_vc.format.catalogue.signed_catalogue import Catalogue, sign_catalogue
from socpass_vc.format.credential.claims import Claims, Entitlement, StatusReference
from socpass_vc.format.credential.token import sign_pass, write_pass
from socpass_vc.format.keys import PublicKey, SecretKey, Signer, UnknownKey
from socpass_vc.format.status.status_list import Status, StatusList, pack, sign_status_list
from socpass_vc.format.trust.bundle import Trust, read_bundle, sign_root, sign_trust_list, write_bundle
from socpass_vc.format.trust.issuers import Issuer, IssuerKey, KeyState, Root, TrustList, Use
from socpass_vc.verifier.admit import AdmittedCatalogue, AdmittedStatusList, admit, admit_catalogue
from socpass_vc.verifier.decide import Policy, Verified
from socpass_vc.verifier.decide import verify as decide

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

SIGN_FROM = datetime(2025, 12, 1, tzinfo=UTC)
ISSUED_AT = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
STATUS_EXPIRES_AT = datetime(2026, 1, 15, tzinfo=UTC)
NEXT_UPDATE_AT = datetime(2026, 2, 1, tzinfo=UTC)
LIST_EXPIRES_AT = datetime(2026, 4, 1, tzinfo=UTC)
SIGN_UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
PASS_EXPIRES_AT = datetime(2028, 1, 1, tzinfo=UTC)
ROOT_EXPIRES_AT = datetime(2036, 1, 1, tzinfo=UTC)

STATUS_BASE = "https://pass.example.ru/status/"
STATUS_URI = STATUS_BASE + "0"
CATALOGUE_URI = STATUS_BASE + "catalogue"
INDEX = 1234
ENTRIES = 4096

PENSIONER, LABOUR_VETERAN, FEDERAL = 2545, 2521, 82


@lru_cache
def key(name: str) -> SecretKey:
    """Return the key with a name, the same each time."""
    return SecretKey(sha256(f"socpass tests: {name}".encode()).digest())


def ascending(keys: Iterable[SecretKey]) -> tuple[PublicKey, ...]:
    """Return the public keys in the order that roots have them."""
    return tuple(sorted((secret.public_key for secret in keys), key=lambda public: public.raw))


@lru_cache
def later_key(name: str) -> UnknownKey:
    """Return the public key with a name of an algorithm that nobody here knows: as many bytes as ML-DSA-44 has, of no meaning."""
    return UnknownKey(-48, sha256(f"socpass tests: later {name}".encode()).digest() * 41)


def issuer_key(name: str | UnknownKey, *uses: int, **changes: Any) -> IssuerKey:
    """Return an active key of the issuer that signs during the year; of another algorithm, where the key itself is given."""
    made = IssuerKey(
        public_key=name if isinstance(name, UnknownKey) else key(name).public_key,
        uses=uses,
        sign_from=SIGN_FROM,
        sign_until=SIGN_UNTIL,
        state=KeyState.ACTIVE,
    )
    return replace(made, **changes)


def issuer(*keys: IssuerKey, **changes: Any) -> Issuer:
    """Return the agency, with the keys "pass" and "status" unless there are others."""
    have = keys or (issuer_key("pass", Use.PASS), issuer_key("status", Use.STATUS))
    names = {"en": "Ministry of Labour of Bashkortostan", "ru": "Министерство труда Республики Башкортостан"}
    if "id" in changes:  # another agency has another name
        names = {language: f"{name}, {changes['id']}" for language, name in names.items()}
    made = Issuer(
        id="RU-BA",
        names=names,
        time_zone="Asia/Yekaterinburg",
        keys=tuple(sorted(have, key=lambda entry: entry.public_key.encoded)),
        scopes=((1, 999), (2000, 2999)),
        status_base=STATUS_BASE,
    )
    return replace(made, **changes)


def root(*keys: str, **changes: Any) -> Root:
    """Return the first root, with the key "root" unless there are others."""
    made = Root(version=1, expires_at=ROOT_EXPIRES_AT, threshold=1, keys=ascending(map(key, keys or ("root",))))
    return replace(made, **changes)


def trust_list(*issuers: Issuer, **changes: Any) -> TrustList:
    """Return the first list, of the one agency unless there are others."""
    made = TrustList(
        version=1,
        issued_at=ISSUED_AT,
        next_update_at=NEXT_UPDATE_AT,
        expires_at=LIST_EXPIRES_AT,
        issuers=issuers or (issuer(),),
    )
    return replace(made, **changes)


def root_token(of: Root | None = None, signers: Iterable[str] = ("root",)) -> bytes:
    """Return a root, signed."""
    return sign_root(of or root(), map(key, signers))


def bundle(of: TrustList | None = None, *, roots: Iterable[bytes] | None = None, signers: Iterable[str] = ("root",)) -> bytes:
    """Return the content of trust.spt."""
    tokens = [root_token()] if roots is None else list(roots)
    return write_bundle(tokens, sign_trust_list(of or trust_list(), map(key, signers)))


def trust(of: TrustList | None = None, *, over: Root | None = None) -> Trust:
    """Return the trust list, checked."""
    anchor = over or root()
    return read_bundle(bundle(of, roots=[root_token(anchor)])).check(anchor.encode())


def everlasting() -> Trust:
    """Return a trust list that was in force at all times, with one pass key and one status key that signed at all times."""
    always: dict[str, Any] = {"sign_from": BEGINNING, "sign_until": END_OF_TIME}
    agency = issuer(issuer_key("pass", Use.PASS, **always), issuer_key("status", Use.STATUS, **always), scopes=((1, 999_999),))
    listed = trust_list(agency, issued_at=BEGINNING, next_update_at=END_OF_TIME, expires_at=END_OF_TIME)
    return trust(listed, over=root(expires_at=END_OF_TIME))


def claims(**changes: Any) -> Claims:
    """Return what a pensioner's pass says."""
    made = Claims(
        name="Иванова Мария Петровна",
        born_on=date(1958, 3, 14),
        entitlements=(Entitlement(category=PENSIONER),),
        status=StatusReference(list_number=0, index=INDEX),
        issued_at=ISSUED_AT,
        expires_at=PASS_EXPIRES_AT,
    )
    return replace(made, **changes)


def text(of: Claims | None = None, *, signer: Signer | None = None) -> str:
    """Return the text of a pass."""
    return write_pass(sign_pass(of or claims(), signer or key("pass")))


def text_of_payload(payload: bytes) -> str:
    """Return the text of a pass whose claims are any bytes, well signed."""
    return text_of_token(cose.sign1(payload, key("pass")))


def text_of_token(token: bytes, *, kind: int = WHOLE, prefix: str = PREFIX) -> str:
    """Return the text that carries any bytes."""
    return write_armor(bytes((kind,)) + token, prefix=prefix)


def status_list(values: Mapping[int, Status] | None = None, **changes: Any) -> StatusList:
    """Return the agency's first status list."""
    made = StatusList(
        uri=STATUS_URI,
        issued_at=ISSUED_AT,
        expires_at=STATUS_EXPIRES_AT,
        ttl=DAY,
        bits=2,
        raw=pack(values or {}, entries=ENTRIES),
    )
    return replace(made, **changes)


def status_token(of: StatusList | None = None, *, signer: str = "status") -> bytes:
    """Return a status list, signed."""
    return sign_status_list(of or status_list(), key(signer))


def admitted(values: Mapping[int, Status] | None = None, *, under: Trust | None = None, **changes: Any) -> AdmittedStatusList:
    """Return a status list, checked."""
    return admit(status_token(status_list(values, **changes)), trust=under or trust())


def status(values: Mapping[int, Status] | None = None, **changes: Any) -> dict[str, AdmittedStatusList]:
    """Return the status lists at hand: the first one."""
    made = admitted(values, **changes)
    return {made.content.uri: made}


# --- Catalogues ---------------------------------------------------------------------------------------------


def publisher(**changes: Any) -> Issuer:
    """Return the agency with a key for catalogues besides."""
    keys = (issuer_key("pass", Use.PASS), issuer_key("status", Use.STATUS), issuer_key("catalogue", Use.CATALOGUE))
    return issuer(*keys, **changes)


def trust_with_catalogues() -> Trust:
    """Return a trust list of the agency that publishes a catalogue."""
    return trust(trust_list(publisher()))


def measure(**changes: Any) -> Measure:
    """Return a measure: free entry to museums for pensioners, with one companion."""
    made = Measure(
        id="museum-free",
        names={"en": "Museums", "ru": "Музеи"},
        categories=(PENSIONER,),
        places=("museum",),
        benefit=Benefit(kind=BenefitKind.FREE),
        companions=1,
    )
    return replace(made, **changes)


def names_page(**changes: Any) -> NamesPage:
    """Return a page of names: a category, a kind of document and a place."""
    made = NamesPage(
        categories={PENSIONER: {"en": "Elder", "ru": "Старший"}},
        document_kinds={3: {"ru": "книжка"}},
        places={"museum": {"en": "gallery"}, "zoo": {"en": "zoo"}},
    )
    return replace(made, **changes)


def catalogue(*measures: Measure, names: NamesPage | None = None, **changes: Any) -> Catalogue:
    """Return the agency's catalogue, with the one measure unless there are others."""
    made = Catalogue.of(
        names or names_page(), measures or (measure(),), uri=CATALOGUE_URI, issued_at=ISSUED_AT, expires_at=STATUS_EXPIRES_AT
    )
    return replace(made, **changes)


def catalogue_token(of: Catalogue | None = None, *, signer: str = "catalogue") -> bytes:
    """Return a catalogue, signed."""
    return sign_catalogue(of or catalogue(), key(signer))


def catalogues(of: Catalogue | None = None) -> dict[str, AdmittedCatalogue]:
    """Return the catalogues at hand: the agency's."""
    made = admit_catalogue(catalogue_token(of), trust=trust_with_catalogues())
    return {made.content.uri: made}


def verify(
    of: str | None = None,
    *,
    under: Trust | None = None,
    lists: Mapping[str, AdmittedStatusList] | None = None,
    now: datetime = NOW,
    policy: Policy | None = None,
    clock_floor: datetime | None = None,
    granted_by: Mapping[str, AdmittedCatalogue] | None = None,
) -> Verified:
    """Return what the till says of a text, by default of the good pass at noon of the day of issue."""
    return decide(
        text() if of is None else of,
        trust=trust() if under is None else under,
        status=status() if lists is None else lists,
        now=now,
        policy=policy or Policy(),
        clock_floor=clock_floor,
        catalogues=granted_by or {},
    )
