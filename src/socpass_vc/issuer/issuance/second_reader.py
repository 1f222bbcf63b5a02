"""The second reader: a signed pass read back with another library and compared, field by field, with the register.

It shares no code with the writer of the pass, and follows specs/credential.md, sections 1 to 3, with cbor2, made strict here. It
knows rows and no database. What differs is named by its field, never by its value: errors are logged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, tzinfo
from hashlib import sha256
from typing import Any, NamedTuple

import cbor2

from socpass_vc.errors import PassDiffers
from socpass_vc.issuer.config.agency_toml import DocumentNumbers
from socpass_vc.issuer.register.person import GrantedEntitlement, Resident, mask_number

READ_ONE_IN = 100
"""Of the passes that are signed, so many are read back, chosen by their signatures."""

_SIGNATURE_BYTES = 64
_MOST_BYTES, _MOST_DEPTH = 4096, 8  # of a token (specs/credential.md, sections 1 and 2)
_PLAIN = (int, str, bytes, type(None))
_EXP, _IAT, _BODY = 4, 6, -65537
_NAME, _BORN_ON, _BORN_IN, _ENTITLEMENTS, _STATUS, _LATIN_NAME = 1, 2, 3, 4, 5, 7
_FIRST_DAY = date(1970, 1, 1)


class StoredPass(NamedTuple):
    """A row of the register's table of passes.

    Attributes:
        ref: the agency's reference of the person.
        list_number: of the status list.
        list_index: in that list.
        issued_at: seconds since 1970.
        expires_at: likewise.
        content: digest of what the pass says, without its times and its status reference; empty if its key is compromised.
        token: the signed bytes.
    """

    ref: str
    list_number: int
    list_index: int
    issued_at: int
    expires_at: int
    content: bytes
    token: bytes


def chosen(tokens: Iterable[bytes]) -> list[int]:
    """Return which of *tokens*, a batch in its order, are read back: the first, and one in 100.

    The hundredth is told by its signature: nobody without the key can tell which it will be, and the same pass is chosen again.
    """
    return [
        position
        for position, token in enumerate(tokens)
        if position == 0 or int.from_bytes(token[-_SIGNATURE_BYTES : -_SIGNATURE_BYTES + 8], "little") % READ_ONE_IN == 0
    ]


def check_pass(
    stored: StoredPass, person: Resident | None, *, zone: tzinfo, numbers: Iterable[DocumentNumbers] = tuple(DocumentNumbers)
) -> None:
    """Return if a pass is exactly what the register says.

    Args:
        stored: its row.
        person: to whom it belongs, as they were when it was issued; None if the register may have changed since.
        zone: the agency's, in whose days entitlements end.
        numbers: how much of a document's number a pass may show.

    Raises:
        PassDiffers: a field is another one, or the token is not spelled as specs/credential.md says.
    """
    claims = _read_claims(stored)
    body, status = claims[_BODY], claims[_BODY].get(_STATUS)
    _compare(stored, "issued_at", claims.get(_IAT), stored.issued_at)
    _compare(stored, "expires_at", claims.get(_EXP), stored.expires_at)
    _compare(stored, "list_number", status[:1] if type(status) is list else status, [stored.list_number])
    _compare(stored, "list_index", status[1:] if type(status) is list else status, [stored.list_index])
    if person is not None:
        _compare_with_person(stored, body, person, zone, numbers)
    if stored.content:
        lasting = {**claims, _EXP: 86_400, _IAT: 0, _BODY: {**body, _STATUS: [0, 0]}}
        _compare(stored, "content", sha256(cbor2.dumps(lasting, canonical=True)).digest(), stored.content)


def _read_claims(stored: StoredPass) -> dict[Any, Any]:
    """Return the claims of a pass, a plain value in its one spelling, with a body."""
    payload = _payload(stored)
    claims = _decoded(stored, payload)
    # All keys of a pass but the body's have one byte, so cbor2's length-first order is the bytewise one (RFC 8949, section 4.2).
    if not _is_plain(claims, len(payload)) or cbor2.dumps(claims, canonical=True) != payload:
        raise _differs(stored, "token")
    if type(claims) is not dict or list(claims) != [_EXP, _IAT, _BODY] or type(claims[_BODY]) is not dict:
        raise _differs(stored, "token")
    if not set(claims[_BODY]) <= {_NAME, _BORN_ON, _BORN_IN, _ENTITLEMENTS, _STATUS, _LATIN_NAME}:
        raise _differs(stored, "token")
    return claims


def _payload(stored: StoredPass) -> bytes:
    """Return the payload of a COSE_Sign1 with the two headers that a pass has (RFC 9052, section 4.2)."""
    envelope = _decoded(stored, stored.token)
    parts = tuple(envelope.value) if type(envelope) is cbor2.CBORTag and isinstance(envelope.value, Sequence) else ()
    if [type(part) for part in (*parts[:1], *parts[2:])] != [bytes, bytes, bytes]:
        raise _differs(stored, "token")
    protected, _, payload, signature = parts
    header = cbor2.dumps({1: -19, 4: protected[-8:]}, canonical=True)
    exact = cbor2.dumps(cbor2.CBORTag(18, [header, {}, payload, signature]), canonical=True)
    if len(signature) != _SIGNATURE_BYTES or exact != stored.token:
        raise _differs(stored, "token")
    return bytes(payload)


def _decoded(stored: StoredPass, encoded: bytes) -> Any:
    if len(encoded) > _MOST_BYTES:
        raise _differs(stored, "token")
    try:
        return cbor2.loads(encoded, max_depth=_MOST_DEPTH, allow_indefinite=False, allow_duplicate_keys=False)
    except Exception as error:  # what cbor2 makes of a tag may fail in any way
        raise _differs(stored, "token") from error


def _is_plain(value: Any, most: int) -> bool:
    """Tell whether a value is of the format's types and of no more items than *most*.

    cbor2 turns tags into objects, and shared references into values that hold one another thousands of times.
    """
    waiting = [value]
    for _ in range(most):
        if not waiting:
            return True
        item = waiting.pop()
        if type(item) is list:
            waiting += item
        elif type(item) is dict:
            waiting += item.keys()
            waiting += item.values()
        elif type(item) not in _PLAIN:
            return False
    return not waiting


def _compare_with_person(
    stored: StoredPass, body: dict[Any, Any], person: Resident, zone: tzinfo, numbers: Iterable[DocumentNumbers]
) -> None:
    today = datetime.fromtimestamp(stored.issued_at, UTC).astimezone(zone).date()
    granted = [row for row in person.granted if row.last_day is None or row.last_day >= today]
    _compare(stored, "name", body.get(_NAME), person.name)
    _compare(stored, "name_latin", body.get(_LATIN_NAME), person.name_latin)
    _compare(stored, "born_on", body.get(_BORN_ON), _days(person.born_on))
    _compare(stored, "born_in", body.get(_BORN_IN), person.born_in)
    found = body.get(_ENTITLEMENTS)
    if not any(_is_same(found, [_entitlement(row, shown) for row in granted]) for shown in numbers):
        raise _differs(stored, "entitlements")


def _entitlement(row: GrantedEntitlement, shown: DocumentNumbers) -> list[Any]:
    said: list[Any] = [row.category, _days(row.last_day)]
    if row.document_kind is None or row.document_number is None or shown is DocumentNumbers.NONE:
        return said if row.first_day is None else [*said, _days(row.first_day)]
    number = mask_number(row.document_number) if shown is DocumentNumbers.LAST_FOUR else row.document_number
    document: list[Any] = [row.document_kind, number]
    if row.document_issued_on is not None:
        document.append(_days(row.document_issued_on))
    return [*said, _days(row.first_day), document]


def _days(day: date | None) -> int | None:
    return None if day is None else (day - _FIRST_DAY).days


def _compare(stored: StoredPass, field: str, found: object, expected: object) -> None:
    if not _is_same(found, expected):
        raise _differs(stored, field)


def _is_same(found: object, expected: object) -> bool:
    """Tell whether two plain values are equal, types included: True is not 1."""
    if type(found) is not type(expected):
        return False
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_is_same, found, expected))
    return found == expected


def _differs(stored: StoredPass, field: str) -> PassDiffers:
    return PassDiffers("pass_differs", ref=stored.ref, field=field)
