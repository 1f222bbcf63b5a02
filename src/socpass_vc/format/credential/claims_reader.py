"""Reading a claims set: the payload of a pass taken apart piece by piece, in the order in which it was put together.

It accepts what :meth:`Claims.encode` writes, and takes a second look at anything else, which may be newer or malformed. It
knows nothing of signatures, of issuers or of today's date (specs/credential.md, section 3).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from struct import Struct

from socpass_vc.errors import BadKey, ClaimsError, Malformed
from socpass_vc.format import cbor, fields
from socpass_vc.format.credential.claims import Claims, Document, Entitlement, StatusReference
from socpass_vc.format.credential.claims_writer import BODY, BODY_KEY, CNF, CONFIRMATION_OPENING, EXP, IAT
from socpass_vc.format.fast_dataclass import maker
from socpass_vc.format.keys import PublicKey
from socpass_vc.messages import Message

_CLAIM_KEYS = frozenset({EXP, IAT, CNF, BODY})
_NAME, _BORN_ON, _BORN_IN, _ENTITLEMENTS, _STATUS, _PHOTO, _LATIN_NAME = _BODY_KEYS = range(1, 8)
_NULL = 0xF6
_UNSIGNED_OF_2_BYTES = 0x19
_ENDLESS_BYTES = 5
"""Of an entitlement of a category of two bytes and null."""
_ARRAY_OF_2, _ARRAY_OF_3, _ARRAY_OF_4 = 0x82, 0x83, 0x84
_UNBOUND, _BOUND = 0xA3, 0xA4  # maps: exp, iat and the body, and with cnf
_SMALLEST_BODY = 0xA3

# A time between the first day of 1970 and the year 2106 has four bytes; two such are read at once.
_TIMES = Struct(">xHIHI")  # behind the head of the map: exp's key and head, its seconds, iat's key and head, its seconds
_KEYS_OF_4_BYTES = 0x041A, 0x061A
_LEAST_OF_4_BYTES = 1 << 16

_make_entitlement, _make_reference, _make_claims = maker(Entitlement), maker(StatusReference), maker(Claims)


def read_claims(payload: bytes) -> Claims:
    """Return the claims that *payload* encodes.

    Raises:
        Malformed: it is not deterministic CBOR, or a field is missing, of another type or out of range.
        Unsupported: it has a claim or a field that this program does not know and may not ignore.
    """
    try:
        return _read(payload)
    except (Malformed, ClaimsError, IndexError, UnicodeDecodeError):
        # Only the whole tells what is wrong with it, or newer, and which of the two counts.
        known = _without_ignored(payload)
    try:
        return _read(known)
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error
    except IndexError as error:
        raise Malformed("claims_cut_off") from error


def _without_ignored(payload: bytes) -> bytes:
    """Return *payload* without those fields of a later version that may be ignored.

    Raises:
        Malformed: it is not deterministic CBOR, or not made of maps.
        Unsupported: it has a claim or a field that this program does not know and may not ignore.
    """
    claims = fields.read_map(cbor.decode(payload), "field.claims")
    fields.refuse_unknown(claims, _CLAIM_KEYS, "field.claims")
    body = fields.read_numbered_map(fields.required(claims, BODY, "field.body"), "field.body", frozenset(_BODY_KEYS))
    return cbor.encode({**claims, BODY: {key: value for key, value in body.items() if key in _BODY_KEYS}})


def _read(encoded: bytes) -> Claims:
    """Return the claims of a payload without ignored fields.

    Raises:
        Malformed, ClaimsError, IndexError, UnicodeDecodeError: it is anything else.
    """
    expires_at, issued_at, at = _read_times(encoded)
    holder_key = born_on = born_in = photo = latin_name = None
    if encoded[0] != _UNBOUND:
        holder_key, at = _read_confirmation(encoded, at)
    at = _behind(BODY_KEY, encoded, at, "field.body")
    optional = encoded[at] - _SMALLEST_BODY
    if encoded[at + 1] != _NAME:
        raise _missing("field.name")
    name, at = cbor.read_text(encoded, at + 2)
    if encoded[at] == _BORN_ON:
        born_on, at = _read_day(encoded, at + 1, "field.born_on")
        optional -= 1
    if encoded[at] == _BORN_IN:
        born_in, at = cbor.read_unsigned(encoded, at + 1)
        optional -= 1
    if encoded[at] != _ENTITLEMENTS:
        raise _missing("field.entitlements")
    entitlements, at = _read_entitlements(encoded, at + 1)
    if encoded[at] != _STATUS or encoded[at + 1] != _ARRAY_OF_2:
        raise _missing("field.status")
    list_number, at = cbor.read_unsigned(encoded, at + 2)
    index, at = cbor.read_unsigned(encoded, at)
    if optional and encoded[at] == _PHOTO:
        photo, at = cbor.read_byte_string(encoded, at + 1)
        optional -= 1
    if optional and encoded[at] == _LATIN_NAME:
        latin_name, at = cbor.read_text(encoded, at + 1)
        optional -= 1
    if at != len(encoded) or optional:
        raise Malformed("body_fields")
    return _make_claims(
        name=name,
        entitlements=entitlements,
        status=_make_reference(list_number=list_number, index=index),
        issued_at=issued_at,
        expires_at=expires_at,
        born_on=born_on,
        born_in=born_in,
        latin_name=latin_name,
        photo=photo,
        holder_key=holder_key,
    )


def _read_times(encoded: bytes) -> tuple[datetime, datetime, int]:
    """Return exp, iat, and where the claim behind them begins."""
    if len(encoded) >= _TIMES.size:
        exp_key, exp, iat_key, iat = _TIMES.unpack_from(encoded)
        if (exp_key, iat_key) == _KEYS_OF_4_BYTES and iat >= _LEAST_OF_4_BYTES:  # a later exp has four bytes too
            return datetime.fromtimestamp(exp, UTC), datetime.fromtimestamp(iat, UTC), _TIMES.size
    exp, at = cbor.read_unsigned(encoded, _behind(b"\x04", encoded, 1, "field.exp"))
    iat, at = cbor.read_unsigned(encoded, _behind(b"\x06", encoded, at, "field.iat"))
    return fields.read_seconds(exp, "field.exp"), fields.read_seconds(iat, "field.iat"), at


def _read_confirmation(encoded: bytes, at: int) -> tuple[PublicKey, int]:
    """Return the key of a cnf claim (RFC 8747, section 3.2), with which the claims set has four claims."""
    if encoded[0] != _BOUND:
        raise Malformed("claims_shape")
    raw, end = cbor.read_byte_string(encoded, _behind(CONFIRMATION_OPENING, encoded, at, "field.holder_key"))
    try:
        return PublicKey(raw), end
    except BadKey as error:
        raise error.as_kind(Malformed).at(Message("field.holder_key")) from error


def _read_entitlements(encoded: bytes, at: int) -> tuple[tuple[Entitlement, ...], int]:
    count, at = cbor.read_head(encoded, at, 0x80)
    entitlements = []
    for _ in range(count):
        entitlement, length = _endless(encoded[at : at + _ENDLESS_BYTES])
        if entitlement is None:
            entitlement, at = _read_entitlement(encoded, at)
        else:
            at += length
        entitlements.append(entitlement)
    return tuple(entitlements), at


@lru_cache(maxsize=256)  # most passes hold one, and thousands the same
def _endless(beginning: bytes) -> tuple[Entitlement | None, int]:
    """Return the entitlement with which *beginning* begins, and its length, if it is a category of one or two bytes alone."""
    if beginning[0] != _ARRAY_OF_2 or beginning[1] > _UNSIGNED_OF_2_BYTES:
        return None, 0
    category, end = cbor.read_unsigned(beginning, 1)
    return (Entitlement(category=category), end + 1) if beginning[end] == _NULL else (None, 0)


def _read_entitlement(encoded: bytes, at: int) -> tuple[Entitlement, int]:
    length = encoded[at]
    category, at = cbor.read_unsigned(encoded, at + 1)
    first = document = None
    last, at = _read_day_or_null(encoded, at)
    if length != _ARRAY_OF_2:
        first, at = _read_day_or_null(encoded, at)
        if length == _ARRAY_OF_4:
            document, at = _read_document(encoded, at)
        elif length != _ARRAY_OF_3 or first is None:
            raise Malformed("entitlement_shape")
    return _make_entitlement(category=category, first=first, last=last, document=document), at


def _read_document(encoded: bytes, at: int) -> tuple[Document, int]:
    length = encoded[at]
    kind, at = cbor.read_unsigned(encoded, at + 1)
    number, at = cbor.read_text(encoded, at)
    issued_on = None
    if length == _ARRAY_OF_3:
        issued_on, at = _read_day(encoded, at, "field.document_day")
    elif length != _ARRAY_OF_2:
        raise Malformed("document_shape")
    return Document(kind=kind, number=number, issued_on=issued_on), at


def _read_day_or_null(encoded: bytes, at: int) -> tuple[date | None, int]:
    if encoded[at] == _NULL:
        return None, at + 1
    return _read_day(encoded, at, "field.entitlement_day")


def _read_day(encoded: bytes, at: int, field: str) -> tuple[date, int]:
    number, at = cbor.read_integer(encoded, at)
    return fields.read_day(number, field), at


def _behind(opening: bytes, encoded: bytes, at: int, field: str) -> int:
    """Return where *opening*, which must stand at *at*, ends."""
    if not encoded.startswith(opening, at):
        raise _missing(field)
    return at + len(opening)


def _missing(field: str) -> Malformed:
    return Malformed("field_missing_here").at(Message(field))
