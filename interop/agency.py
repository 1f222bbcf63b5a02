"""An agency for the proof: published keys, a trust list, passes of every shape, and what specs/ says their claims are.

The claims that the peer must read are written down here from the fields, by specs/credential.md, section 3, and
specs/status-list.md, section 1: nothing here asks the library under test how it encodes.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import socpass_vc
from socpass_vc import Claims, Document, Entitlement, Issuer, IssuerKey, SecretKey, StatusList, StatusReference, Trust, Use

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
# The peer knows no time but its own clock's, so what it is to accept lives long.
EXPIRES_AT = datetime(2199, 1, 1, tzinfo=UTC)
ISSUED_AT = NOW - timedelta(days=3)
BODY = -65537
INDEX = 3
"""The entry of every pass; the lists below have four."""


def _key(name: str) -> SecretKey:
    return SecretKey(sha256(f"socpass interop: {name}".encode()).digest())


ROOT_KEY, PASS_KEY, STATUS_KEY, HOLDER_KEY = map(_key, ("root", "pass", "status", "holder"))


def _issuer_key(key: SecretKey, use: Use) -> IssuerKey:
    return IssuerKey(public_key=key.public_key, uses=(use,), sign_from=NOW - timedelta(days=365), sign_until=EXPIRES_AT)


_KEYS = sorted((_issuer_key(PASS_KEY, Use.PASS), _issuer_key(STATUS_KEY, Use.STATUS)), key=lambda key: key.public_key.raw)
ISSUER = Issuer(
    id="RU-BA",
    names={"ru": "Республика Башкортостан"},
    time_zone="Asia/Yekaterinburg",
    keys=tuple(_KEYS),
    scopes=((1, 999), (2001, 2999)),
    status_base="https://pass.example.ru/status/",
)


def trust() -> Trust:
    """Return a trust list of the one issuer, as a till has it once a person confirmed the root."""
    root = socpass_vc.Root(version=1, expires_at=EXPIRES_AT, threshold=1, keys=(ROOT_KEY.public_key,))
    trust_list = socpass_vc.TrustList(
        version=1, issued_at=ISSUED_AT, next_update_at=NOW + timedelta(days=1), expires_at=EXPIRES_AT, issuers=(ISSUER,)
    )
    signed_root = socpass_vc.sign_root(root, [ROOT_KEY])
    bundle = socpass_vc.write_bundle([signed_root], socpass_vc.sign_trust_list(trust_list, [ROOT_KEY]))
    return socpass_vc.read_bundle(bundle).check(root.encode())


def status_list(raw: bytes) -> StatusList:
    """Return a list of the packed entries *raw*."""
    return StatusList(
        uri=ISSUER.status_uri(0), issued_at=ISSUED_AT, expires_at=EXPIRES_AT, ttl=timedelta(days=1), bits=2, raw=raw
    )


_STATUS = StatusReference(list_number=0, index=INDEX)
PASSES = {
    "the least": Claims(
        name="Ян", entitlements=(Entitlement(category=1),), status=_STATUS, issued_at=ISSUED_AT, expires_at=EXPIRES_AT
    ),
    "three categories": Claims(
        name="Константинопольский Ян",
        born_on=date(1950, 3, 4),
        entitlements=(
            Entitlement(category=30),
            Entitlement(category=2521, last=date(2099, 12, 31)),
            Entitlement(category=2545, first=date(2020, 2, 29)),
        ),
        status=_STATUS,
        issued_at=ISSUED_AT,
        expires_at=EXPIRES_AT,
    ),
    "documents and a photo": Claims(
        name="Ёлкина-Щукина Ыйя Ъевна",
        latin_name="Elkina-Shchukina Yiya",
        born_in=1931,
        entitlements=(
            Entitlement(category=20, document=Document(kind=1, number="…4321")),
            Entitlement(
                category=2580,
                first=date(1969, 12, 31),
                last=date(9999, 12, 31),
                document=Document(kind=65535, number="№ 7", issued_on=date(1801, 1, 1)),
            ),
        ),
        status=_STATUS,
        photo=b"RIFF\xff\xff\x00\x00WEBP" + bytes(range(256)),
        issued_at=ISSUED_AT,
        expires_at=EXPIRES_AT,
    ),
    "bound to a holder's key": Claims(
        name="Иванова Мария Петровна",
        born_on=date(1800, 1, 1),
        entitlements=(Entitlement(category=999),),
        status=_STATUS,
        holder_key=HOLDER_KEY.public_key,
        issued_at=ISSUED_AT,
        expires_at=EXPIRES_AT,
    ),
}


def expected_pass(claims: Claims) -> dict[object, object]:
    """Return the claims set that *claims* are to be, by specs/credential.md, section 3."""
    body: dict[object, object] = {1: claims.name}
    if claims.born_on is not None:
        body[2] = _day(claims.born_on)
    if claims.born_in is not None:
        body[3] = claims.born_in
    body[4] = [_expected_entitlement(entitlement) for entitlement in claims.entitlements]
    body[5] = [claims.status.list_number, claims.status.index]
    if claims.photo is not None:
        body[6] = claims.photo
    if claims.latin_name is not None:
        body[7] = claims.latin_name
    expected: dict[object, object] = {4: _seconds(claims.expires_at), 6: _seconds(claims.issued_at)}
    if claims.holder_key is not None:
        expected[8] = {1: cose_key(claims.holder_key.raw)}
    return {**expected, BODY: body}


def expected_status_list(content: StatusList, stream: object) -> dict[object, object]:
    """Return the claims set that *content* is to be, by specs/status-list.md, section 1, around a compressed *stream*."""
    return {
        2: content.uri,
        4: _seconds(content.expires_at),
        6: _seconds(content.issued_at),
        65533: {"lst": stream, "bits": content.bits},
        65534: int(content.ttl.total_seconds()),
    }


def cose_key(public: bytes) -> dict[object, object]:
    """Return an Ed25519 public key as a COSE_Key (RFC 9053, section 7.2)."""
    return {1: 1, -1: 6, -2: public}


def _expected_entitlement(entitlement: Entitlement) -> list[object]:
    items: list[object] = [entitlement.category, None if entitlement.last is None else _day(entitlement.last)]
    if entitlement.first is not None or entitlement.document is not None:
        items.append(None if entitlement.first is None else _day(entitlement.first))
    if entitlement.document is not None:
        confirmed: list[object] = [entitlement.document.kind, entitlement.document.number]
        if entitlement.document.issued_on is not None:
            confirmed.append(_day(entitlement.document.issued_on))
        items.append(confirmed)
    return items


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _seconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
