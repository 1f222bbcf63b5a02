"""What a pass says of its holder: the claims, as frozen records that cannot contradict themselves, and their bytes.

It knows nothing of signatures, of issuers or of what day it is (specs/credential.md, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from socpass_vc.errors import BadKey, ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor, fields
from socpass_vc.format.keys import PublicKey

EXP, IAT, CNF, BODY = 4, 6, 8, -65537
"""Claim keys: RFC 8392, section 4; RFC 8747, section 3.1; the body's is from the private range."""

MAX_NAME_CHARACTERS = 120
MAX_ENTITLEMENTS = 32
MAX_CATEGORY = 999_999
MAX_DOCUMENT_KIND = 65_535
MAX_DOCUMENT_NUMBER_CHARACTERS = 40
MAX_LIST_NUMBER = 2**32 - 1
MAX_STATUS_ENTRIES = 2**25
"""Entries of a status list, and so one more than the highest index (specs/status-list.md, section 1)."""
MAX_PHOTO_BYTES = 3_500
FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1800, 9999

_BODY_KEYS = frozenset({1, 2, 3, 4, 5, 6, 7})
_CLAIM_KEYS = frozenset({EXP, IAT, CNF, BODY})
_BODY_KEY = cbor.integer(BODY)
_REQUIRED_FIELDS = 3
_NULL = b"\xf6"
_CONFIRMATION_HEAD = bytes.fromhex("a101a30101200621")
"""{1: {1: 1, -1: 6, -2: up to the key: OKP, Ed25519, x (RFC 9053, section 7.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document that confirms an entitlement; its number is masked by the issuer unless it decides otherwise.

    Attributes:
        kind: a number of the catalogue, 1 to 65535.
        number: 1 to 40 characters.
        issued_on: the day it was issued.
    """

    kind: int
    number: str
    issued_on: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.kind <= MAX_DOCUMENT_KIND:
            raise _out_of_range("the document's kind", self.kind, 1, MAX_DOCUMENT_KIND)
        _check_text("the document's number", self.number, MAX_DOCUMENT_NUMBER_CHARACTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """A benefit category and its days, both included, in the issuer's civil days (specs/credential.md, sections 3 and 4).

    Attributes:
        category: region x 1000 + code of its register; 1 to 999999.
        first: the first day, or None for no beginning.
        last: the last day, or None for no end.
        document: what confirms it.
    """

    category: int
    first: date | None = None
    last: date | None = None
    document: Document | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.category <= MAX_CATEGORY:
            raise _out_of_range("the category", self.category, 1, MAX_CATEGORY)
        if self.first and self.last and self.last < self.first:
            raise ClaimsError(f"category {self.category} ends {self.last}, before its start {self.first}")

    def covers(self, day: date) -> bool:
        """Tell whether *day* lies within the period."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReference:
    """Where the pass stands in its issuer's status lists.

    Attributes:
        list_number: 0 to 2^32 - 1.
        index: from 0, below 2^25.
    """

    list_number: int
    index: int

    def __post_init__(self) -> None:
        if not 0 <= self.list_number <= MAX_LIST_NUMBER:
            raise _out_of_range("the list number", self.list_number, 0, MAX_LIST_NUMBER)
        if not 0 <= self.index < MAX_STATUS_ENTRIES:
            raise _out_of_range("the status index", self.index, 0, MAX_STATUS_ENTRIES - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All that a pass says (specs/credential.md, section 3).

    Attributes:
        name: as in the identity document; NFC, 1 to 120 characters.
        entitlements: 1 to 32, categories ascending.
        status: where to look whether the pass still counts.
        issued_at: whole second, UTC; before *expires_at*.
        expires_at: the first second that no longer counts.
        born_on: the day of birth; at most one of this and *born_in*.
        born_in: the year of birth.
        latin_name: the name in Latin letters.
        photo: WebP or AVIF, at most 3,500 bytes.
        holder_key: the key whose holder must prove to have it.

    Raises:
        ClaimsError: a field is out of range or contradicts another.
    """

    name: str
    entitlements: tuple[Entitlement, ...]
    status: StatusReference
    issued_at: datetime
    expires_at: datetime
    born_on: date | None = None
    born_in: int | None = None
    latin_name: str | None = None
    photo: bytes | None = None
    holder_key: PublicKey | None = None

    def __post_init__(self) -> None:
        _check_text("the name", self.name, MAX_NAME_CHARACTERS)
        if self.latin_name is not None:
            _check_text("the Latin name", self.latin_name, MAX_NAME_CHARACTERS)
        if self.born_on is not None and self.born_in is not None:
            raise ClaimsError("both a date and a year of birth; a pass has at most one of them")
        if self.born_in is not None and not FIRST_BIRTH_YEAR <= self.born_in <= LAST_BIRTH_YEAR:
            raise _out_of_range("the year of birth", self.born_in, FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR)
        if not 1 <= len(self.entitlements) <= MAX_ENTITLEMENTS:
            raise ClaimsError(f"{len(self.entitlements)} entitlements; a pass has 1 to {MAX_ENTITLEMENTS}")
        before = 0
        for entitlement in self.entitlements:
            if entitlement.category <= before:
                raise ClaimsError(f"category {entitlement.category} after {before}; they ascend, each at most once")
            before = entitlement.category
        if self.photo is not None:
            _check_photo(self.photo)
        if self.issued_at >= self.expires_at:
            raise ClaimsError(f"issued at {self.issued_at}, not before its expiry at {self.expires_at}")

    def encode(self) -> bytes:
        """Return the deterministic CBOR of the claims set.

        Raises:
            ClaimsError: a time is not a whole second, or a day lies before 1800.
        """
        return self.content().encode(status=self.status, issued_at=self.issued_at, expires_at=self.expires_at)

    def content(self) -> Content:
        """Return the encoding of all but the times and the place in a status list, for an issuer who settles those last.

        Raises:
            ClaimsError: a day lies before 1800.
        """
        try:
            return self._content()
        except ValueError as error:
            raise ClaimsError(f"{error}") from error

    def _content(self) -> Content:
        # Put together from pieces in the order of the keys: a dict that is sorted again costs as much as half a signature.
        is_bound = self.holder_key is not None
        body = [b"\x01" + cbor.text(self.name)]
        if self.born_on is not None:
            body.append(b"\x02" + cbor.integer(fields.to_day(self.born_on)))
        if self.born_in is not None:
            body.append(b"\x03" + cbor.integer(self.born_in))
        body.append(b"\x04" + cbor.head(0x80, len(self.entitlements)) + b"".join(map(_encode_entitlement, self.entitlements)))
        after = []
        if self.photo is not None:
            after.append(b"\x06" + cbor.byte_string(self.photo))
        if self.latin_name is not None:
            after.append(b"\x07" + cbor.text(self.latin_name))
        opening = _BODY_KEY + cbor.head(0xA0, len(body) + 1 + len(after))
        if self.holder_key is not None:
            opening = b"\x08" + _CONFIRMATION_HEAD + cbor.byte_string(self.holder_key.raw) + opening
        return Content(b"\xa4" if is_bound else b"\xa3", opening + b"".join(body) + b"\x05\x82", b"".join(after))


class Content(NamedTuple):
    """What a pass says, encoded, but for its times and its place in a status list.

    Attributes:
        head: of the claims set, before exp and iat.
        before: from there to the place.
        after: the place.
    """

    head: bytes
    before: bytes
    after: bytes

    def encode(self, *, status: StatusReference, issued_at: datetime, expires_at: datetime) -> bytes:
        """Return the deterministic CBOR of the whole claims set.

        Raises:
            ClaimsError: a time is not a whole second.
        """
        try:
            return b"".join(
                (
                    self.head,
                    b"\x04",
                    cbor.integer(fields.to_seconds(expires_at)),
                    b"\x06",
                    cbor.integer(fields.to_seconds(issued_at)),
                    self.before,
                    cbor.integer(status.list_number),
                    cbor.integer(status.index),
                    self.after,
                )
            )
        except ValueError as error:
            raise ClaimsError(f"{error}") from error


def read_claims(payload: bytes) -> Claims:
    """Return the claims that *payload* encodes.

    Raises:
        Malformed: it is not deterministic CBOR, or a field is missing, of another type or out of range.
        Unsupported: it has a claim or a field that this program does not know and may not ignore.
    """
    try:
        return _read(payload)
    except (Malformed, ClaimsError, IndexError, UnicodeDecodeError):
        # What is wrong with it, or newer, and which of the two counts, only a look at the whole tells.
        known = _without_ignored(payload)
    try:
        return _read(known)
    except ClaimsError as error:
        raise Malformed(str(error)) from error
    except IndexError as error:
        raise Malformed("the claims set ends before its last field") from error


def _without_ignored(payload: bytes) -> bytes:
    """Return *payload* without the fields of a later version that may be ignored.

    Raises:
        Malformed: it is not deterministic CBOR, or its maps are none.
        Unsupported: it has a claim or a field that this program does not know and may not ignore.
    """
    claims = fields.read_map(cbor.decode(payload), "the claims set")
    unknown = [key for key in claims if key not in _CLAIM_KEYS]
    if unknown:
        raise Unsupported(f"the claim {unknown[0]} is newer than this program", field=unknown[0])
    body = fields.read_numbered_map(fields.required(claims, BODY, "the body"), "the body", _BODY_KEYS)
    return cbor.encode({**claims, BODY: {key: value for key, value in body.items() if key in _BODY_KEYS}})


def _read(encoded: bytes) -> Claims:
    """Return the claims of a payload without ignored fields, taken apart piece by piece as it was put together.

    Raises:
        Malformed, ClaimsError, IndexError, UnicodeDecodeError: it is anything else.
    """
    is_bound = encoded.startswith(b"\xa4")
    number, at = cbor.read_head(encoded, _after(b"\xa4\x04" if is_bound else b"\xa3\x04", encoded, 0, "exp"), 0)
    expires_at = fields.read_seconds(number, "exp")
    number, at = cbor.read_head(encoded, _after(b"\x06", encoded, at, "iat"), 0)
    issued_at = fields.read_seconds(number, "iat")
    holder_key = born_on = born_in = photo = latin_name = None
    if is_bound:
        holder_key, at = _read_confirmation(encoded, _after(b"\x08", encoded, at, "cnf"))
    count, at = cbor.read_head(encoded, _after(_BODY_KEY, encoded, at, "the body"), 0xA0)
    name, at = cbor.read_text(encoded, _after(b"\x01", encoded, at, "the name"))
    if encoded[at] == 2:  # noqa: PLR2004 -- section 3, and below
        number, at = cbor.read_integer(encoded, at + 1)
        born_on = fields.read_day(number, "the date of birth")
    if encoded[at] == 3:  # noqa: PLR2004
        born_in, at = cbor.read_head(encoded, at + 1, 0)
    entitlements, at = _read_entitlements(encoded, _after(b"\x04", encoded, at, "the entitlements"))
    list_number, at = cbor.read_head(encoded, _after(b"\x05\x82", encoded, at, "the status reference"), 0)
    index, at = cbor.read_head(encoded, at, 0)
    if encoded.startswith(b"\x06", at):
        photo, at = cbor.read_byte_string(encoded, at + 1)
    if encoded.startswith(b"\x07", at):
        latin_name, at = cbor.read_text(encoded, at + 1)
    optional = (born_on is not None) + (born_in is not None) + (photo is not None) + (latin_name is not None)
    if at != len(encoded) or count != _REQUIRED_FIELDS + optional:
        raise Malformed("the body is not of the fields that it says to have")
    return Claims(
        name=name,
        entitlements=entitlements,
        status=StatusReference(list_number=list_number, index=index),
        issued_at=issued_at,
        expires_at=expires_at,
        born_on=born_on,
        born_in=born_in,
        latin_name=latin_name,
        photo=photo,
        holder_key=holder_key,
    )


def _after(key: bytes, encoded: bytes, at: int, what: str) -> int:
    """Return where the value of *key* begins, which must stand at *at*."""
    if not encoded.startswith(key, at):
        raise Malformed(f"{what} is missing, or the field before it is of another type")
    return at + len(key)


def _encode_entitlement(entitlement: Entitlement) -> bytes:
    document = entitlement.document
    last = _NULL if entitlement.last is None else cbor.integer(fields.to_day(entitlement.last))
    start = cbor.integer(entitlement.category) + last
    if document is None and entitlement.first is None:
        return b"\x82" + start
    first = _NULL if entitlement.first is None else cbor.integer(fields.to_day(entitlement.first))
    if document is None:
        return b"\x83" + start + first
    confirmed = cbor.integer(document.kind) + cbor.text(document.number)
    if document.issued_on is None:
        return b"\x84" + start + first + b"\x82" + confirmed
    return b"\x84" + start + first + b"\x83" + confirmed + cbor.integer(fields.to_day(document.issued_on))


def _read_entitlements(encoded: bytes, at: int) -> tuple[tuple[Entitlement, ...], int]:
    count, at = cbor.read_head(encoded, at, 0x80)
    entitlements = []
    for _ in range(count):
        entitlement, at = _read_entitlement(encoded, at)
        entitlements.append(entitlement)
    return tuple(entitlements), at


def _read_entitlement(encoded: bytes, at: int) -> tuple[Entitlement, int]:
    count, at = cbor.read_head(encoded, at, 0x80)
    category, at = cbor.read_head(encoded, at, 0)
    last, at = _read_day_or_null(encoded, at)
    first = document = None
    if count != 2:  # noqa: PLR2004 -- section 3: [category, until, ?from, ?document]
        first, at = _read_day_or_null(encoded, at)
        if count == 4:  # noqa: PLR2004 -- as above
            document, at = _read_document(encoded, at)
        elif count != 3 or first is None:  # noqa: PLR2004 -- as above
            raise Malformed("an entitlement is not of 2 to 4 items, or ends with null, which is to be left out")
    return Entitlement(category=category, last=last, first=first, document=document), at


def _read_day_or_null(encoded: bytes, at: int) -> tuple[date | None, int]:
    if encoded[at] == _NULL[0]:
        return None, at + 1
    number, at = cbor.read_integer(encoded, at)
    return fields.read_day(number, "a day of an entitlement"), at


def _read_document(encoded: bytes, at: int) -> tuple[Document, int]:
    count, at = cbor.read_head(encoded, at, 0x80)
    kind, at = cbor.read_head(encoded, at, 0)
    number, at = cbor.read_text(encoded, at)
    issued_on = None
    if count != 2:  # noqa: PLR2004 -- section 3: [kind, number, ?issued on]
        if count != 3:  # noqa: PLR2004 -- as above
            raise Malformed("a document is not of 2 or 3 items")
        day, at = cbor.read_integer(encoded, at)
        issued_on = fields.read_day(day, "a document's day")
    return Document(kind=kind, number=number, issued_on=issued_on), at


def _read_confirmation(encoded: bytes, at: int) -> tuple[PublicKey, int]:
    """Return the key of a cnf claim (RFC 8747, section 3.2)."""
    raw, end = cbor.read_byte_string(encoded, _after(_CONFIRMATION_HEAD, encoded, at, "the holder's Ed25519 key"))
    try:
        return PublicKey(raw), end
    except BadKey as error:
        raise Malformed(f"the holder's key is {error}") from error


def _out_of_range(what: str, number: int, lowest: int, highest: int) -> ClaimsError:
    return ClaimsError(f"{what} is {number}, not {lowest} to {highest}")


def _check_text(what: str, text: str, longest: int) -> None:
    try:
        fields.check_text(text, longest)
    except ValueError as error:
        raise ClaimsError(f"{what} {error}") from error


def _check_photo(photo: bytes) -> None:
    is_webp = photo[:4] == b"RIFF" and photo[8:12] == b"WEBP"
    is_avif = photo[4:12] == b"ftypavif"
    if not 1 <= len(photo) <= MAX_PHOTO_BYTES or not (is_webp or is_avif):
        raise ClaimsError(f"the photo is not WebP or AVIF of at most {MAX_PHOTO_BYTES} bytes")
