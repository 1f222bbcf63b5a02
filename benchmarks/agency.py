"""An agency for the benchmarks: keys from fixed seeds, a trust list, a status list of 2^20 entries, made-up residents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import islice, product
from random import Random

import socpass_vc
from socpass_vc import (
    AdmittedStatusList,
    Claims,
    Entitlement,
    Issuer,
    IssuerKey,
    Root,
    SecretKey,
    Status,
    StatusList,
    StatusReference,
    TrustList,
    Use,
)
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES, narrowest, pack

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RESIDENTS = 500
REVOKED_SHARE = 0.01
NAME = "Константинопольский Ян"
"""22 characters, as many as "Иванова Мария Петровна": what a Cyrillic name in an identity document has."""

_SURNAMES = ("Иванова", "Галиуллина", "Константинопольская", "Ким", "Ахметшина", "Щербакова", "Ёлкина", "Мухаметзянова")
_GIVEN_NAMES = ("Мария", "Гульназ", "Александра", "Ия", "Екатерина", "Флюра", "Любовь", "Светлана")
_PATRONYMICS = ("Петровна", "Ильдаровна", "Константиновна", "Львовна", "Рашитовна", "Юрьевна", "Фёдоровна", "Ильинична")


def _key(name: str) -> SecretKey:
    return SecretKey(sha256(f"socpass benchmark: {name}".encode()).digest())


ROOT_KEY, PASS_KEY, STATUS_KEY = map(_key, ("root", "pass", "status"))


def _issuer_key(key: SecretKey, use: Use) -> IssuerKey:
    year = timedelta(days=365)
    return IssuerKey(public_key=key.public_key, uses=(use,), sign_from=NOW - year, sign_until=NOW + year)


ISSUER = Issuer(
    id="RU-BA",
    names={"ru": "Республика Башкортостан"},
    time_zone="Asia/Yekaterinburg",
    keys=tuple(
        sorted((_issuer_key(PASS_KEY, Use.PASS), _issuer_key(STATUS_KEY, Use.STATUS)), key=lambda key: key.public_key.raw)
    ),
    scopes=((1, 999), (2001, 2999)),
    status_base="https://pass.example.ru/status/",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The two files of an agency.

    Attributes:
        anchor: the payload of its root.
        bundle: trust.spt.
        status_list: the token of list 0.
    """

    anchor: bytes
    bundle: bytes
    status_list: bytes

    def till(self) -> tuple[socpass_vc.Trust, dict[str, AdmittedStatusList]]:
        """Return what a till has of them in memory."""
        trust = socpass_vc.read_bundle(self.bundle).check(self.anchor)
        admitted = socpass_vc.admit(self.status_list, trust=trust)
        return trust, {admitted.content.uri: admitted}


def publish() -> Published:
    """Return the files of the agency, with 1 % of its 2^20 passes revoked; no resident's is."""
    root = Root(version=1, expires_at=NOW + timedelta(days=1000), threshold=1, keys=(ROOT_KEY.public_key,))
    trust_list = TrustList(
        version=1,
        issued_at=NOW - timedelta(days=1),
        next_update_at=NOW + timedelta(days=1),
        expires_at=NOW + timedelta(days=10),
        issuers=(ISSUER,),
    )
    bundle = socpass_vc.write_bundle([socpass_vc.sign_root(root, [ROOT_KEY])], socpass_vc.sign_trust_list(trust_list, [ROOT_KEY]))
    content = status_list(round(DEFAULT_ENTRIES * REVOKED_SHARE))
    return Published(anchor=root.encode(), bundle=bundle, status_list=socpass_vc.sign_status_list(content, STATUS_KEY))


def status_list(revoked: int, number: int = 0) -> StatusList:
    """Return the status list *number* of 2^20 entries, *revoked* of them, strewn evenly behind the residents'."""
    indexes = Random(number + 1).sample(range(RESIDENTS, DEFAULT_ENTRIES), revoked)  # noqa: S311 -- the same list in each run
    values = dict.fromkeys(indexes, Status.INVALID)
    bits = narrowest(values, entries=DEFAULT_ENTRIES)
    return StatusList(
        uri=ISSUER.status_uri(number),
        issued_at=NOW - timedelta(hours=1),
        expires_at=NOW + timedelta(days=14),
        ttl=timedelta(days=1),
        bits=bits,
        raw=pack(values, entries=DEFAULT_ENTRIES, bits=bits),
    )


def resident(name: str, number: int) -> Claims:
    """Return the claims of one resident, with three categories."""
    return Claims(
        name=name,
        born_on=date(1940, 1, 1) + timedelta(days=17 * number),
        entitlements=(
            Entitlement(category=30),
            Entitlement(category=2521, last=date(2027, 1, 1) + timedelta(days=number)),
            Entitlement(category=2545),
        ),
        status=StatusReference(list_number=0, index=number),
        issued_at=NOW - timedelta(days=3, seconds=number),
        expires_at=NOW + timedelta(days=300),
    )


def residents() -> list[Claims]:
    """Return the claims of 500 residents, all different."""
    names = islice(product(_SURNAMES, _GIVEN_NAMES, _PATRONYMICS), RESIDENTS)
    return [resident(" ".join(parts), number) for number, parts in enumerate(names)]
