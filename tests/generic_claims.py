"""A plain reader of claims, by the letter of specs/credential.md, section 3: the oracle of the tuned one.

It decodes the whole payload into generic values and looks at one field after another. It is slow, short, and knows none of the
shortcuts of socpass_vc.format.credential.claims_reader.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from socpass_vc.errors import BadKey, ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.keys import PublicKey

EXP, IAT, CNF, BODY = 4, 6, 8, -65537
FIRST_DAY = date(1970, 1, 1)
NEWEST_SECOND = 253_402_300_799


class NotSo(Exception):
    """A field that is missing, of another type or out of range."""


def read_claims(payload: bytes) -> Claims:
    """Return the claims of *payload*, or raise Malformed or Unsupported."""
    claims = cbor.decode(payload)
    if not isinstance(claims, dict):
        raise Malformed("-")
    if not claims.keys() <= {EXP, IAT, CNF, BODY}:
        raise Unsupported("-")
    body = claims.get(BODY)
    if not isinstance(body, dict):
        raise Malformed("-")
    strange = [key for key in body if key not in range(1, 8)]
    if not all(isinstance(key, int) and key >= 0 for key in strange):
        raise Malformed("-")
    if any(isinstance(key, int) and key < 64 for key in strange):
        raise Unsupported("-")
    try:
        return Claims(
            name=text(body[1]),
            entitlements=tuple(map(entitlement, array(body[4], range(1, 33)))),
            status=reference(body[5]),
            issued_at=moment(claims[IAT]),
            expires_at=moment(claims[EXP]),
            born_on=day(body[2]) if 2 in body else None,
            born_in=number(body[3], range(1800, 10_000)) if 3 in body else None,
            latin_name=text(body[7]) if 7 in body else None,
            photo=octets(body[6]) if 6 in body else None,
            holder_key=confirmed(claims[CNF]) if CNF in claims else None,
        )
    except (KeyError, NotSo, ClaimsError, BadKey) as error:
        raise Malformed("-") from error


def entitlement(value: Any) -> Entitlement:
    category, last, *more = array(value, range(2, 5))
    if more and more[0] is None and len(more) == 1:
        raise NotSo
    return Entitlement(
        category=number(category, range(1, 1_000_000)),
        last=None if last is None else day(last),
        first=None if not more or more[0] is None else day(more[0]),
        document=document(more[1]) if len(more) == 2 else None,
    )


def document(value: Any) -> Document:
    kind, said, *issued = array(value, range(2, 4))
    return Document(kind=number(kind, range(1, 65_536)), number=text(said), issued_on=day(issued[0]) if issued else None)


def reference(value: Any) -> StatusReference:
    list_number, index = array(value, range(2, 3))
    return StatusReference(list_number=number(list_number, range(2**32)), index=number(index, range(2**25)))


def confirmed(value: Any) -> PublicKey:
    match value:
        case {1: {1: 1, -1: 6, -2: bytes(raw)} as key} if len(value) == 1 and len(key) == 3 and type(key[1]) is int:
            return PublicKey(raw)
    raise NotSo


def moment(value: Any) -> datetime:
    return datetime.fromtimestamp(number(value, range(NEWEST_SECOND + 1)), UTC)


def day(value: Any) -> date:
    return FIRST_DAY + timedelta(days=number(value, range(-62_091, 2_932_897)))


def number(value: Any, possible: range) -> int:
    if type(value) is not int or value not in possible:
        raise NotSo
    return value


def text(value: Any) -> str:
    if type(value) is not str:
        raise NotSo
    return value


def octets(value: Any) -> bytes:
    if type(value) is not bytes:
        raise NotSo
    return value


def array(value: Any, lengths: range) -> list[Any]:
    if type(value) is not list or len(value) not in lengths:
        raise NotSo
    return value
