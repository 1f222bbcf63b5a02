"""What a pass says of its holder: the claims, as frozen records that cannot contradict themselves, and their bytes.

It knows nothing of signatures, of issuers or of what day it is (specs/credential.md, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from socpass_vc.errors import ClaimsError
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

_NULL = b"\xf6"
BODY_KEY = cbor.integer(BODY)
CONFIRMATION_OPENING = bytes.fromhex("08a101a30101200621")
"""CNF: {1: {1: 1, -1: 6, -2: up to the key: OKP, Ed25519, x (RFC 9053, section 7.2)."""


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
        opening = BODY_KEY + cbor.head(0xA0, len(body) + 1 + len(after))
        if self.holder_key is not None:
            opening = CONFIRMATION_OPENING + cbor.byte_string(self.holder_key.raw) + opening
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
