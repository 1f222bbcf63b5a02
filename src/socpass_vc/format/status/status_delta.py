"""Status deltas: what changed in an issuer's status lists from one publication to the next, signed (specs/status-delta.md).

The compact full form is a delta from lists of zeros, with one digest for all of them. This module knows the token and how entries
change. The issuer works out what changed; the verifier decides, by the trust list, whether a delta may be believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from socpass_vc.errors import BaseMissing, ClaimsError, Malformed
from socpass_vc.format import cbor, cose, fields
from socpass_vc.format.credential.claims import MAX_LIST_NUMBER
from socpass_vc.format.keys import Signer
from socpass_vc.format.status import golomb
from socpass_vc.format.status.list_change import DIGEST_BYTES, Changes, EntryChanges, ListChange, changed, digest, widened
from socpass_vc.format.status.status_list import BITS, MAX_ENTRIES, MAX_TTL_SECONDS, MAX_URI_CHARACTERS, StatusList
from socpass_vc.messages import Message

TYP = "application/socpass-status-delta+cbor"
MAX_LISTS = 1_000
"""Lists per delta."""
MAX_ITEMS = 2**13
"""Items of CBOR per delta (specs/status-delta.md, section 1): so many lists have 5 each, and all around them 18."""
MAX_CODED_BYTES = 2**22
"""Largest coded changes: at 2^25 entries, with more than a third of them not valid."""
MAX_TOKEN_BYTES = MAX_CODED_BYTES + 2**17
"""Room for the digests of 1,000 lists beside the code."""

_SUB, _EXP, _IAT, _TTL, _BODY = 2, 4, 6, 65534, -65541
_LISTS, _CHANGES, _BASE_IAT, _COMBINED = 1, 2, 3, 4
_PER_BYTE = 8 // BITS
_WHAT = Message("field.delta")
_LIST_FIELDS = (3, 4)  # number, entries, digest, and the digest of the base where there is one
_FULL_FIELDS = (1, 2)  # number, and entries where they are not those of the list before


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDelta:
    """The content of a delta.

    Attributes:
        status_base: the issuer's; with a list number it is the list's URI.
        issued_at: when the new lists were signed; whole second, UTC.
        expires_at: the first second from which they are stale.
        ttl: how long after *issued_at* a newer publication should be fetched.
        base_issued_at: when the old lists were signed; None if no list has a base.
        lists: by number, ascending.
        counts: how many entries became 0, 1 and 2.
        coded: which ones, as positions in all lists laid end to end.
        combined: :func:`digest` of the digests of all lists, in order; None where a list has a base.
    """

    status_base: str
    issued_at: datetime
    expires_at: datetime
    ttl: timedelta
    base_issued_at: datetime | None
    lists: tuple[ListChange, ...]
    counts: tuple[int, ...]
    coded: bytes
    combined: bytes | None

    def __post_init__(self) -> None:
        if not self.issued_at < self.expires_at:
            raise ClaimsError("expires_before_issue", issued_at=self.issued_at, expires_at=self.expires_at).at(_WHAT)
        if self.ttl.microseconds or not 1 <= self.ttl.total_seconds() <= MAX_TTL_SECONDS:
            raise ClaimsError("ttl_out_of_range", ttl=self.ttl.total_seconds(), longest=MAX_TTL_SECONDS).at(_WHAT)
        if not (
            self.status_base.isascii() and self.status_base.isprintable() and 1 <= len(self.status_base) <= MAX_URI_CHARACTERS
        ):
            raise ClaimsError("uri_not_possible", longest=MAX_URI_CHARACTERS).at(_WHAT)
        if not 1 <= len(self.lists) <= MAX_LISTS or any(low.number >= high.number for low, high in pairwise(self.lists)):
            raise ClaimsError("delta_lists_out_of_order", most=MAX_LISTS)
        if self.span > MAX_ENTRIES or any(entry.entries % _PER_BYTE or not entry.entries for entry in self.lists):
            raise ClaimsError("delta_list_lengths", multiple_of=_PER_BYTE, most=MAX_ENTRIES)
        if self.is_full != all(entry.base_digest is None for entry in self.lists):
            raise ClaimsError("delta_base_contradicts")
        self._check_digests()
        if self.base_issued_at is not None and not self.base_issued_at < self.issued_at:
            raise ClaimsError("delta_not_after_base", issued_at=self.issued_at, base_issued_at=self.base_issued_at)
        if len(self.coded) > MAX_CODED_BYTES:
            raise ClaimsError("too_many_bytes", given=len(self.coded), longest=MAX_CODED_BYTES).at(Message("field.coded_changes"))

    def _check_digests(self) -> None:
        digests = [entry.digest for entry in self.lists if entry.digest is not None]
        if self.is_full:
            is_right = self.combined is not None and (not digests or digest(b"".join(digests)) == self.combined)
        else:
            is_right = self.combined is None and len(digests) == len(self.lists)
        if not is_right:
            raise ClaimsError("delta_digests")

    @property
    def is_full(self) -> bool:
        """Whether this is the compact full form: no list has a base, and there is one digest for all."""
        return self.base_issued_at is None

    @property
    def span(self) -> int:
        """How many entries all lists have together."""
        return sum(entry.entries for entry in self.lists)

    def uri(self, number: int) -> str:
        """Return the URI of one of the lists."""
        return f"{self.status_base}{number}"

    def changes(self) -> Changes:
        """Return the entries that changed, by list number; every list has an entry. They take twice the bytes of the lists.

        Raises:
            Malformed: the code is not what a writer writes, or an entry changes twice.
        """
        size = self.span // _PER_BYTE
        mask, values = bytearray(size), bytearray(size)
        for value, positions in golomb.decode(self.coded, self.counts, self.span):
            for position in positions:
                at, shift = position // _PER_BYTE, position % _PER_BYTE * BITS
                if mask[at] >> shift & 1:
                    raise Malformed("delta_entry_twice")
                mask[at] |= 3 << shift
                values[at] |= value << shift
        found: dict[int, EntryChanges] = {}
        start = 0
        for entry in self.lists:
            end = start + entry.entries // _PER_BYTE
            found[entry.number] = EntryChanges(memoryview(mask)[start:end], memoryview(values)[start:end])
            start = end
        return found

    def opened(self, changes: Changes) -> StatusDelta:
        """Return the delta with a digest for each list; a full form has one for all, so every list is built to get its own.

        Args:
            changes: from :meth:`changes`.

        Raises:
            Malformed: a change changes nothing, or the lists are not those that were signed.
        """
        if not self.is_full:
            return self
        made = (changed(bytes(entry.entries // _PER_BYTE), changes[entry.number]) for entry in self.lists)
        return self.with_digests(b"".join(map(digest, made)))

    def with_digests(self, digests: bytes) -> StatusDelta:
        """Return a full form with the digest of each list, if together they are the ones that were signed.

        Args:
            digests: of all lists, in order, concatenated; from any source.

        Raises:
            Malformed: they are not, or this is not a full form.
        """
        if digest(digests) != self.combined or len(digests) != DIGEST_BYTES * len(self.lists):
            raise Malformed("delta_lists_differ")
        each = (digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES))
        return replace(self, lists=tuple(entry._replace(digest=of) for entry, of in zip(self.lists, each, strict=True)))

    def state(self, entry: ListChange, raw: bytes) -> StatusList:
        """Return the list *entry* as this delta says it is now.

        Args:
            entry: one of the lists, with its digest.
            raw: its bytes, two bits per entry; from any source.

        Raises:
            Malformed: they are not the bytes that were signed.
        """
        if len(raw) != entry.entries // _PER_BYTE or digest(raw) != entry.digest:
            raise Malformed("delta_list_differs").at(self.uri(entry.number))
        return StatusList(
            uri=self.uri(entry.number),
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            ttl=self.ttl,
            bits=BITS,
            raw=raw,
        )

    def apply(self, entry: ListChange, base: StatusList | None, changes: EntryChanges) -> StatusList:
        """Return the list *entry* as it is now.

        Args:
            entry: one of the lists, with its digest.
            base: the list that the caller holds, or None.
            changes: of that list, from :meth:`changes`.

        Raises:
            BaseMissing: the delta was made from another version of the list.
            Malformed: a change changes nothing, or the result is not what was signed.
        """
        return self.state(entry, changed(self._base(entry, base), changes))

    def _base(self, entry: ListChange, base: StatusList | None) -> bytes:
        if entry.base_digest is None:
            return bytes(entry.entries // _PER_BYTE)
        raw = None if base is None or base.issued_at != self.base_issued_at else widened(base)
        if raw is None or digest(raw) != entry.base_digest:
            uri, times = self.uri(entry.number), {"base_issued_at": self.base_issued_at, "issued_at": self.issued_at}
            if base is None:
                raise BaseMissing("no_list_for_delta", uri=uri, **times).at(uri)
            raise BaseMissing("other_list_for_delta", uri=uri, **times, held_issued_at=base.issued_at).at(uri)
        return raw


class UnverifiedDelta(NamedTuple):
    """A delta of the right shape; its signature is not checked yet."""

    signed: cose.Signed1
    content: StatusDelta


def sign_delta(content: StatusDelta, signer: Signer) -> bytes:
    """Return the token of a delta.

    Raises:
        ClaimsError: a time is not a whole second.
    """
    try:
        body: dict[int | str, cbor.Value] = {_LISTS: _write_lists(content), _CHANGES: [*content.counts, content.coded]}
        if content.base_issued_at is not None:
            body[_BASE_IAT] = fields.to_seconds(content.base_issued_at)
        if content.combined is not None:
            body[_COMBINED] = content.combined
        payload = cbor.encode(
            {
                _SUB: content.status_base,
                _EXP: fields.to_seconds(content.expires_at),
                _IAT: fields.to_seconds(content.issued_at),
                _TTL: int(content.ttl.total_seconds()),
                _BODY: body,
            }
        )
    except fields.FieldError as error:
        raise error.as_kind(ClaimsError).at(_WHAT) from error
    return cose.sign1(payload, signer, typ=TYP)


def _write_lists(content: StatusDelta) -> list[cbor.Value]:
    if not content.is_full:
        return [[*(value for value in entry if value is not None)] for entry in content.lists]
    before = [0, *(entry.entries for entry in content.lists)]
    return [
        [entry.number, *([] if entry.entries == last else [entry.entries])]
        for entry, last in zip(content.lists, before, strict=False)
    ]


def read_delta(token: bytes) -> UnverifiedDelta:
    """Return the content of a delta, unchecked: steps 1 and 2 of specs/status-delta.md, section 3. The changes stay coded.

    Raises:
        Malformed: it is not one.
        Unsupported: it has a claim or a field that this program does not know.
    """
    if len(token) > MAX_TOKEN_BYTES:
        raise Malformed("too_many_bytes", given=len(token), longest=MAX_TOKEN_BYTES).at(_WHAT)
    signed = cose.read_sign1(token, typ=TYP)
    claims = fields.read_map(cbor.decode(signed.payload, items=MAX_ITEMS), "field.delta")
    fields.refuse_unknown(claims, {_SUB, _EXP, _IAT, _TTL, _BODY}, "field.delta")
    body = fields.read_numbered_map(
        fields.required(claims, _BODY, "field.body"), "field.body", frozenset((_LISTS, _CHANGES, _BASE_IAT, _COMBINED))
    )
    status_base = fields.read_text(fields.required(claims, _SUB, "field.sub"), "field.sub")
    entries = fields.read_list(fields.required(body, _LISTS, "field.delta_lists"), "field.delta_lists", 1, MAX_LISTS)
    lists = tuple(map(_read_list_change, entries)) if _BASE_IAT in body else _read_full(entries)
    *counts, coded = fields.read_list(fields.required(body, _CHANGES, "field.changes"), "field.changes", 4, 4)
    span = sum(entry.entries for entry in lists)
    try:
        content = StatusDelta(
            status_base=status_base,
            issued_at=fields.read_seconds(fields.required(claims, _IAT, "field.iat"), "field.iat"),
            expires_at=fields.read_seconds(fields.required(claims, _EXP, "field.exp"), "field.exp"),
            ttl=timedelta(seconds=fields.read_uint(fields.required(claims, _TTL, "field.ttl"), "field.ttl", 1, MAX_TTL_SECONDS)),
            base_issued_at=fields.read_seconds(body[_BASE_IAT], "field.base_iat") if _BASE_IAT in body else None,
            lists=lists,
            counts=tuple(fields.read_uint(count, "field.change_count", 0, span) for count in counts),
            coded=fields.read_bytes(coded, "field.coded_changes", 0, MAX_CODED_BYTES),
            combined=_read_digest(body[_COMBINED]) if _COMBINED in body else None,
        )
    except ClaimsError as error:
        raise error.as_kind(Malformed) from error
    return UnverifiedDelta(signed, content)


def _read_list_change(entry: cbor.Value) -> ListChange:
    number, entries, *digests = fields.read_list(entry, "field.delta_list", *_LIST_FIELDS)
    now, *base = map(_read_digest, digests)
    return ListChange(
        fields.read_uint(number, "field.list_number", 0, MAX_LIST_NUMBER),
        fields.read_uint(entries, "field.list_length", _PER_BYTE, MAX_ENTRIES),
        now,
        base[0] if base else None,
    )


def _read_full(entries: list[cbor.Value]) -> tuple[ListChange, ...]:
    lists: list[ListChange] = []
    before = 0
    for entry in entries:
        number, *said = fields.read_list(entry, "field.delta_list", *_FULL_FIELDS)
        length = fields.read_uint(said[0], "field.list_length", _PER_BYTE, MAX_ENTRIES) if said else before
        if length == (before if said else 0):
            raise Malformed("delta_length_repeated")
        lists.append(ListChange(fields.read_uint(number, "field.list_number", 0, MAX_LIST_NUMBER), length, None, None))
        before = length
    return tuple(lists)


def _read_digest(value: cbor.Value) -> bytes:
    return fields.read_bytes(value, "field.digest", DIGEST_BYTES, DIGEST_BYTES)
