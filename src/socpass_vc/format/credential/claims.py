"""What a pass says of its holder: the claims, as frozen records that cannot contradict themselves.

The rules are functions too, for an issuer who needs no record of each piece. It knows nothing of signatures, of issuers or of
today's date (specs/credential.md, section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from socpass_vc.errors import ClaimsError
from socpass_vc.format import characters, fields
from socpass_vc.format.credential import claims_writer
from socpass_vc.format.fields import MAX_STATUS_ENTRIES
from socpass_vc.format.keys import PublicKey
from socpass_vc.messages import Message

MAX_NAME_CHARACTERS = 120
MAX_ENTITLEMENTS = 32
MAX_CATEGORY = 999_999
MAX_DOCUMENT_KIND = 65_535
MAX_DOCUMENT_NUMBER_CHARACTERS = 40
MAX_LIST_NUMBER = 2**32 - 1
MAX_PHOTO_BYTES = 3_500
FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1800, 9999


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
        check_document(self.kind, self.number)


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
            raise _out_of_range("field.category", self.category, 1, MAX_CATEGORY)
        if self.first and self.last and self.last < self.first:
            raise ClaimsError("entitlement_ends_before_start", category=self.category, first=self.first, last=self.last)

    def covers(self, day: date) -> bool:
        """Tell whether *day* lies within the period."""
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReference:
    """The pass's entry in its issuer's status lists.

    Attributes:
        list_number: 0 to 2^32 - 1.
        index: from 0, below 2^25.
    """

    list_number: int
    index: int

    def __post_init__(self) -> None:
        if not 0 <= self.list_number <= MAX_LIST_NUMBER:
            raise _out_of_range("field.list_number", self.list_number, 0, MAX_LIST_NUMBER)
        if not 0 <= self.index < MAX_STATUS_ENTRIES:
            raise _out_of_range("field.index", self.index, 0, MAX_STATUS_ENTRIES - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """All that a pass says (specs/credential.md, section 3).

    Attributes:
        name: as in the identity document; NFC, 1 to 120 characters.
        entitlements: 1 to 32, categories ascending.
        status: the entry that says whether the pass still counts.
        issued_at: whole second, UTC; before *expires_at*.
        expires_at: the first second that no longer counts.
        born_on: the day of birth; at most one of this and *born_in*.
        born_in: the year of birth.
        latin_name: the name in Latin letters.
        photo: WebP or AVIF, at most 3,500 bytes.
        holder_key: the key that the holder must prove to have.

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
        check_holder(self.name, self.latin_name, self.born_on, self.born_in)
        # As check_categories does, without building a list: a till reads a pass for everyone in its queue.
        before = 0
        for entitlement in self.entitlements:
            if entitlement.category <= before:
                raise _out_of_order(entitlement.category, before)
            before = entitlement.category
        if not 1 <= len(self.entitlements) <= MAX_ENTITLEMENTS:
            raise _too_many(len(self.entitlements))
        if self.photo is not None:
            _check_photo(self.photo)
        if self.issued_at >= self.expires_at:
            raise ClaimsError("expires_before_issue", issued_at=self.issued_at, expires_at=self.expires_at)

    def encode(self) -> bytes:
        """Return the deterministic CBOR of the claims set.

        Raises:
            ClaimsError: a time is not a whole second, or a day lies before 1800.
        """
        try:
            content = claims_writer.encode_content(
                name=self.name,
                entitlements=[_encode_entitlement(entitlement) for entitlement in self.entitlements],
                born_on=self.born_on,
                born_in=self.born_in,
                latin_name=self.latin_name,
                photo=self.photo,
                holder_key=None if self.holder_key is None else self.holder_key.raw,
            )
            issued_at, expires_at = fields.to_seconds(self.issued_at), fields.to_seconds(self.expires_at)
        except fields.FieldError as error:
            raise error.as_kind(ClaimsError) from error
        times = claims_writer.encode_times(issued_at=issued_at, expires_at=expires_at)
        return content.join(times, claims_writer.encode_reference(self.status.list_number, self.status.index))


def check_document(kind: int, number: str) -> None:
    """Return if there may be such a document.

    Raises:
        ClaimsError: the kind is out of range, or the number cannot be written.
    """
    if not 1 <= kind <= MAX_DOCUMENT_KIND:
        raise _out_of_range("field.document_kind", kind, 1, MAX_DOCUMENT_KIND)
    try:
        characters.check_text(number, MAX_DOCUMENT_NUMBER_CHARACTERS)
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError).at(Message("field.document_number")) from error


def check_holder(name: str, latin_name: str | None, born_on: date | None, born_in: int | None) -> None:
    """Return if a pass may say this about its holder.

    Raises:
        ClaimsError: a name cannot be written, the year is out of range, or there are a day and a year of birth.
    """
    _check_name("field.name", name)
    if latin_name is not None:
        _check_name("field.latin_name", latin_name)
    if born_in is not None:
        if born_on is not None:
            raise ClaimsError("two_births")
        if not FIRST_BIRTH_YEAR <= born_in <= LAST_BIRTH_YEAR:
            raise _out_of_range("field.born_in", born_in, FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR)


def check_categories(categories: Sequence[int]) -> None:
    """Return if a pass may hold entitlements of these categories, in this order.

    Raises:
        ClaimsError: there are too few or too many, or they do not ascend.
    """
    before = 0
    for category in categories:
        if category <= before:
            raise _out_of_order(category, before)
        before = category
    if not 1 <= len(categories) <= MAX_ENTITLEMENTS:
        raise _too_many(len(categories))


def _encode_entitlement(entitlement: Entitlement) -> bytes:
    category, first, last, document = entitlement.category, entitlement.first, entitlement.last, entitlement.document
    if document is None:
        return claims_writer.encode_entitlement(category, first, last, documented=False)
    start = claims_writer.encode_entitlement(category, first, last, documented=True)
    return start + claims_writer.encode_document(document.kind, document.number, document.issued_on)


def _out_of_order(category: int, before: int) -> ClaimsError:
    return ClaimsError("categories_out_of_order", category=category, before=before)


def _too_many(count: int) -> ClaimsError:
    return ClaimsError("entitlement_count", count=count, most=MAX_ENTITLEMENTS)


def _out_of_range(field: str, number: int, lowest: int, highest: int) -> ClaimsError:
    return ClaimsError("number_out_of_range", given=number, lowest=lowest, highest=highest).at(Message(field))


def _check_name(field: str, name: str) -> None:
    try:
        characters.check_name(name, MAX_NAME_CHARACTERS)
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError).at(Message(field)) from error


def _check_photo(photo: bytes) -> None:
    is_webp = photo[:4] == b"RIFF" and photo[8:12] == b"WEBP"
    is_avif = photo[4:12] == b"ftypavif"
    if not 1 <= len(photo) <= MAX_PHOTO_BYTES or not (is_webp or is_avif):
        raise ClaimsError("photo_not_possible", longest=MAX_PHOTO_BYTES)
