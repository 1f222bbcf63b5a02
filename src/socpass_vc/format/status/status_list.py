"""Status lists: one or two bits per pass, compressed and signed; the IETF Token Status List in CWT form (specs/status-list.md).

It knows the list's bytes and how to look an entry up. The verifier decides, by the trust list, whether a list may be believed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from socpass_vc.errors import ClaimsError, Malformed
from socpass_vc.format import cbor, cose, fields
from socpass_vc.format.keys import Signer
from socpass_vc.messages import Message

TYP = "application/statuslist+cwt"
DEFAULT_TTL = timedelta(days=1)
DEFAULT_VALIDITY = timedelta(days=14)
BITS = 2
"""Bits per entry that hold every status; socpass writes 1 where no entry is suspended, and reads 1, 2, 4 and 8."""
DEFAULT_ENTRIES = 2**20
MAX_ENTRIES = fields.MAX_STATUS_ENTRIES
"""Entries of the longest list (specs/status-list.md, section 1)."""
MAX_TOKEN_BYTES = 2**23 + 2**16
MAX_URI_CHARACTERS = 300
MAX_TTL_SECONDS = 2**31 - 1

_SUB, _EXP, _IAT, _STATUS_LIST, _TTL = 2, 4, 6, 65533, 65534
_BITS_POSSIBLE = (1, 2, 4, 8)
_WHAT = Message("field.status_list")
_DEEPEST = 12  # of libdeflate's levels


class Status(IntEnum):
    """What an entry says (draft-ietf-oauth-status-list, section 7.1)."""

    VALID = 0
    INVALID = 1
    SUSPENDED = 2


class ListTerms(NamedTuple):
    """What a status list says besides its entries; the attributes are those of :class:`StatusList`."""

    uri: str
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta

    def check(self) -> None:
        """Return if a list can have these terms; raises ClaimsError if not."""
        if not self.issued_at < self.expires_at:
            raise ClaimsError("expires_before_issue", issued_at=self.issued_at, expires_at=self.expires_at).at(_WHAT)
        if self.ttl.microseconds or not 1 <= self.ttl.total_seconds() <= MAX_TTL_SECONDS:
            raise ClaimsError("ttl_out_of_range", ttl=self.ttl.total_seconds(), longest=MAX_TTL_SECONDS).at(_WHAT)
        if not (self.uri.isascii() and self.uri.isprintable() and 1 <= len(self.uri) <= MAX_URI_CHARACTERS):
            raise ClaimsError("uri_not_possible", longest=MAX_URI_CHARACTERS).at(_WHAT)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusList:
    """The content of a status list.

    Attributes:
        uri: the issuer's status base and the list number; what ``sub`` says.
        issued_at: whole second, UTC.
        expires_at: the first second from which the list is stale.
        ttl: how long after *issued_at* a newer one should be fetched; whole seconds.
        bits: 1, 2, 4 or 8 per entry.
        raw: the packed entries, least significant bits first.
    """

    uri: str
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta
    bits: int
    raw: bytes

    def __post_init__(self) -> None:
        self.terms.check()
        if self.bits not in _BITS_POSSIBLE or not 1 <= len(self) <= MAX_ENTRIES:
            raise ClaimsError("status_list_size", size=len(self.raw), bits=self.bits, most=MAX_ENTRIES).at(_WHAT)

    @property
    def terms(self) -> ListTerms:
        """What the list says besides its entries."""
        return ListTerms(self.uri, self.issued_at, self.expires_at, self.ttl)

    def __len__(self) -> int:
        return len(self.raw) * 8 // self.bits

    def __getitem__(self, index: int) -> int:
        """Return the value of the entry *index*, from 0; IndexError beyond the list."""
        if index < 0:
            raise IndexError(index)
        position = index * self.bits
        return self.raw[position >> 3] >> (position & 7) & (1 << self.bits) - 1

    def set_entries(self) -> Iterator[tuple[int, int]]:
        """Yield index and value of all entries that are not 0, ascending."""
        per_byte = 8 // self.bits
        for at, byte in enumerate(self.raw):
            if byte:
                for index in range(at * per_byte, (at + 1) * per_byte):
                    if self[index]:
                        yield index, self[index]


class PackedStatusList(NamedTuple):
    """A status list of the right shape; its signature is not checked yet, and its entries are not inflated.

    Attributes:
        signed: the token's parts.
        terms: what it says besides its entries.
        bits: 1, 2, 4 or 8 per entry.
        stream: the packed entries, compressed.
    """

    signed: cose.Signed1
    terms: ListTerms
    bits: int
    stream: bytes

    def inflated(self) -> StatusList:
        """Return the list; 8 MiB of a stream may become 32 MiB, so whose it is should be known before.

        Raises:
            Malformed: the stream is damaged, truncated, followed by more, or too long.
        """
        raw = inflate(self.stream, MAX_ENTRIES * self.bits // 8)
        try:
            return StatusList(**self.terms._asdict(), bits=self.bits, raw=raw)
        except ClaimsError as error:
            raise error.as_kind(Malformed) from error


class UnverifiedStatusList(NamedTuple):
    """A status list of the right shape; its signature is not checked yet."""

    signed: cose.Signed1
    content: StatusList


def narrowest(values: Mapping[int, Status], *, entries: int) -> int:
    """Return how many bits per entry a list of *values* needs: 1 where none is suspended and the bits fill bytes, else 2."""
    return 1 if entries % 8 == 0 and Status.SUSPENDED not in values.values() else BITS


def make_status_list(
    values: Mapping[int, Status],
    *,
    uri: str,
    issued_at: datetime,
    entries: int = DEFAULT_ENTRIES,
    ttl: timedelta = DEFAULT_TTL,
    valid: timedelta = DEFAULT_VALIDITY,
) -> StatusList:
    """Return the list in which *values* are no longer valid, and all other passes are.

    Args:
        values: index to what it is now, such as ``{4711: Status.INVALID}``; the work grows with these alone.
        uri: the issuer's status base and the list's number (:meth:`.Issuer.status_uri`).
        issued_at: the time, a whole second; later than that of the list before.
        entries: the length of the list, the same for ever.
        ttl: how soon a till should ask for the next list.
        valid: how long a till decides by this one.

    Raises:
        ClaimsError: an index lies beyond the list, or a value or time is not possible.
    """
    bits = narrowest(values, entries=entries)
    raw = pack(values, entries=entries, bits=bits)
    return StatusList(uri=uri, issued_at=issued_at, expires_at=issued_at + valid, ttl=ttl, bits=bits, raw=raw)


def pack(values: Mapping[int, Status], *, entries: int, bits: int = BITS) -> bytes:
    """Return the packed bytes of a list of *entries* values.

    Args:
        values: index to value, of the entries that are not valid; only these cost time.
        entries: the length of the list; its bits fill bytes.
        bits: per entry, 1 or 2; enough for every value.

    Raises:
        ClaimsError: the length is not possible, an index lies beyond it, or a value needs more bits.
    """
    per_byte = 8 // bits
    if not 1 <= entries <= MAX_ENTRIES or entries % per_byte:
        raise ClaimsError("status_list_length", entries=entries, multiple_of=per_byte, most=MAX_ENTRIES)
    packed = bytearray(entries // per_byte)
    for index, value in values.items():
        if not 0 <= index < entries or value >> bits:
            raise ClaimsError("status_not_possible", index=index, value=int(value), entries=entries, bits=bits)
        packed[index // per_byte] |= value << index % per_byte * bits
    return bytes(packed)


def sign_status_list(content: StatusList, signer: Signer) -> bytes:
    """Return the token of a status list: a COSE_Sign1 (specs/status-list.md, section 1).

    Args:
        content: the list.
        signer: a key with the use STATUS in the trust list.

    Raises:
        ClaimsError: a time is not a whole second.
    """
    try:
        payload = cbor.encode(
            {
                _SUB: content.uri,
                _EXP: fields.to_seconds(content.expires_at),
                _IAT: fields.to_seconds(content.issued_at),
                _STATUS_LIST: {"bits": content.bits, "lst": compress(content.raw)},
                _TTL: int(content.ttl.total_seconds()),
            }
        )
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError).at(_WHAT) from error
    return cose.sign1(payload, signer, typ=TYP)


def read_status_list(token: bytes) -> UnverifiedStatusList:
    """Return the content of a status list, unchecked: steps 1, 2 and 7 of specs/status-list.md, section 2.

    Raises:
        Malformed: it is not one, or the stream is truncated, trailed or too long.
        Unsupported: it has a claim that this program does not know.
    """
    packed = read_packed(token)
    return UnverifiedStatusList(packed.signed, packed.inflated())


def read_packed(token: bytes) -> PackedStatusList:
    """Return a status list, unchecked and not inflated: steps 1 and 2 of specs/status-list.md, section 2.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a claim that this program does not know.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise Malformed("too_many_bytes", given=len(token), longest=MAX_TOKEN_BYTES).at(_WHAT)
    signed = cose.read_sign1(token, typ=TYP)
    claims = fields.read_map(cbor.decode(signed.payload), "field.status_list")
    fields.refuse_unknown(claims, {_SUB, _EXP, _IAT, _STATUS_LIST, _TTL}, "field.status_list")
    packed = fields.read_map(fields.required(claims, _STATUS_LIST, "field.status_list_claim"), "field.status_list_claim")
    fields.refuse_unknown(packed, {"bits", "lst"}, "field.status_list_claim")
    bits = packed.get("bits")
    stream = packed.get("lst")
    uri = fields.required(claims, _SUB, "field.sub")
    if bits.__class__ is not int or bits not in _BITS_POSSIBLE or not isinstance(stream, bytes) or not isinstance(uri, str):
        raise Malformed("status_list_fields")
    terms = ListTerms(
        uri=uri,
        expires_at=fields.read_seconds(fields.required(claims, _EXP, "field.exp"), "field.exp"),
        issued_at=fields.read_seconds(fields.required(claims, _IAT, "field.iat"), "field.iat"),
        ttl=timedelta(seconds=fields.read_uint(fields.required(claims, _TTL, "field.ttl"), "field.ttl", 1, MAX_TTL_SECONDS)),
    )
    try:
        terms.check()
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error
    return PackedStatusList(signed, terms, bits, stream)


def compress(raw: bytes) -> bytes:
    """Return the shortest of three zlib streams (RFC 1950) of *raw*; any reader inflates it.

    libdeflate's search for matches wins almost everywhere; where nearly all bytes are literals, or nearly all are zero, zlib
    without a search is slightly better, in a hundredth of the time.
    """
    from deflate import zlib_compress  # noqa: PLC0415 -- only publishing needs it, and a till starts sooner

    searched = bytes(zlib_compress(raw, _DEEPEST))
    return min(searched, _deflated(raw, zlib.Z_HUFFMAN_ONLY), _deflated(raw, zlib.Z_RLE), key=len)


def _deflated(raw: bytes, strategy: int) -> bytes:
    deflater = zlib.compressobj(strategy=strategy)
    return deflater.compress(raw) + deflater.flush()


def inflate(stream: bytes, longest: int) -> bytes:
    """Return what the zlib *stream* (RFC 1950) holds, inflating no more than *longest* + 1 bytes.

    Raises:
        Malformed: it is damaged, truncated, followed by more, or longer.
    """
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(stream, longest + 1)
    except zlib.error as error:
        raise Malformed("status_list_damaged") from error
    if len(inflated) > longest:
        raise Malformed("status_list_inflates_too_far", longest=longest)
    if not inflater.eof or inflater.unused_data:
        raise Malformed("status_list_stream_end")
    return inflated
