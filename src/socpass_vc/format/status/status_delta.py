"""Status deltas: what changed in an issuer's status lists from one publication to the next, signed (specs/status-delta.md).

The compact full form is a delta from lists of zeros, with one digest for all of them. It knows the token, and how entries
change; what changed is worked out by the issuer, and whether a delta may be believed is decided in the verifier, by the trust
list.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from socpass_vc.errors import BaseMissing, ClaimsError, Malformed, Unsupported
from socpass_vc.format import cbor, cose, fields
from socpass_vc.format.credential.claims import MAX_LIST_NUMBER
from socpass_vc.format.keys import Signer
from socpass_vc.format.status import golomb
from socpass_vc.format.status.list_change import DIGEST_BYTES, Changes, ListChange, changed, digest, widened
from socpass_vc.format.status.status_list import BITS, MAX_ENTRIES, MAX_TTL_SECONDS, MAX_URI_CHARACTERS, StatusList

TYP = "application/socpass-status-delta+cbor"
MAX_LISTS = 1_000
"""Lists of one delta."""
MAX_CODED_BYTES = 2**22
"""Largest code of changes: at 2^25 entries, more than a third of them not valid."""
MAX_TOKEN_BYTES = MAX_CODED_BYTES + 2**16

_SUB, _EXP, _IAT, _TTL, _BODY = 2, 4, 6, 65534, -65541
_LISTS, _CHANGES, _BASE_IAT, _COMBINED = 1, 2, 3, 4
_PER_BYTE = 8 // BITS
_LIST_FIELDS = (3, 4)  # number, entries, digest, and the digest of the base where there is one
_FULL_FIELDS = (1, 2)  # number, and entries where they are not those of the list before


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDelta:
    """The content of a delta.

    Attributes:
        status_base: the issuer's; with a list number it is the list's URI.
        issued_at: when the lists as they are now were signed; whole second, UTC.
        expires_at: the first second from which they are stale.
        ttl: how long after *issued_at* a newer publication is worth having.
        base_issued_at: when the lists as they were had been signed; None if no list has a base.
        lists: by number, ascending.
        counts: how many entries became 0, 1 and 2.
        coded: which, as positions in all lists laid end to end.
        combined: :func:`digest` of the digests of all lists, in their order; None where a list has a base.
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
            raise ClaimsError(f"the delta is issued at {self.issued_at}, not before its expiry at {self.expires_at}")
        if self.ttl.microseconds or not 1 <= self.ttl.total_seconds() <= MAX_TTL_SECONDS:
            raise ClaimsError(f"the delta's ttl is {self.ttl}, not 1 to {MAX_TTL_SECONDS} whole seconds")
        if not (
            self.status_base.isascii() and self.status_base.isprintable() and 1 <= len(self.status_base) <= MAX_URI_CHARACTERS
        ):
            raise ClaimsError(f"the delta's sub is not 1 to {MAX_URI_CHARACTERS} printable ASCII characters")
        if not 1 <= len(self.lists) <= MAX_LISTS or any(low.number >= high.number for low, high in pairwise(self.lists)):
            raise ClaimsError(f"the delta's lists are not 1 to {MAX_LISTS}, ascending by number")
        if self.span > MAX_ENTRIES or any(entry.entries % _PER_BYTE or not entry.entries for entry in self.lists):
            raise ClaimsError(f"the delta's lists are not of multiples of {_PER_BYTE} entries, {MAX_ENTRIES} in all at most")
        if self.is_full != all(entry.base_digest is None for entry in self.lists):
            raise ClaimsError("the delta says when its base was issued and has none, or the other way round")
        self._check_digests()
        if self.base_issued_at is not None and not self.base_issued_at < self.issued_at:
            raise ClaimsError(f"the delta is issued at {self.issued_at}, not after its base at {self.base_issued_at}")
        if len(self.coded) > MAX_CODED_BYTES:
            raise ClaimsError(f"the delta's changes take {len(self.coded)} bytes; {MAX_CODED_BYTES} are possible")

    def _check_digests(self) -> None:
        digests = [entry.digest for entry in self.lists if entry.digest is not None]
        if self.is_full:
            is_right = self.combined is not None and (not digests or digest(b"".join(digests)) == self.combined)
        else:
            is_right = self.combined is None and len(digests) == len(self.lists)
        if not is_right:
            raise ClaimsError("the delta has a base and not a digest for each list alone, or no base and not one for all of them")

    @property
    def is_full(self) -> bool:
        """Whether this is the compact full form: no list has a base, and one digest stands for all."""
        return self.base_issued_at is None

    @property
    def span(self) -> int:
        """How many entries all lists have together."""
        return sum(entry.entries for entry in self.lists)

    def uri(self, number: int) -> str:
        """Return the URI of one of the lists."""
        return f"{self.status_base}{number}"

    def changes(self) -> Changes:
        """Return index and new value of the entries that changed, in no order, by list number; each list is there.

        Raises:
            Malformed: the code is not what a writer writes, or an entry changes twice.
        """
        sets = golomb.decode(self.coded, self.counts, self.span)
        if len(set[int]().union(*sets)) != sum(self.counts):
            raise Malformed("an entry of the delta changes twice")
        found: dict[int, list[tuple[int, int]]] = {}
        start = 0
        for entry in self.lists:
            end = start + entry.entries
            found[entry.number] = [
                (position - start, value)
                for value, positions in enumerate(sets)
                for position in positions[bisect_left(positions, start) : bisect_left(positions, end)]
            ]
            start = end
        return found

    def opened(self, changes: Changes) -> StatusDelta:
        """Return the delta with a digest for each list; a full form says them of all together, so all are made, one by one.

        Args:
            changes: from :meth:`changes`.

        Raises:
            Malformed: a change changes nothing, or what the code makes is not what was signed.
        """
        if not self.is_full:
            return self
        made = (changed(bytes(entry.entries // _PER_BYTE), changes[entry.number]) for entry in self.lists)
        return self.with_digests(b"".join(map(digest, made)))

    def with_digests(self, digests: bytes) -> StatusDelta:
        """Return a full form with the digest of each list, if they are those that were signed together.

        Args:
            digests: of all lists, in their order, one behind the other, from wherever.

        Raises:
            Malformed: they are not, or this is no full form.
        """
        if digest(digests) != self.combined or len(digests) != DIGEST_BYTES * len(self.lists):
            raise Malformed("the lists are not those that the delta was signed over")
        each = (digests[at : at + DIGEST_BYTES] for at in range(0, len(digests), DIGEST_BYTES))
        return replace(self, lists=tuple(entry._replace(digest=of) for entry, of in zip(self.lists, each, strict=True)))

    def state(self, entry: ListChange, raw: bytes) -> StatusList:
        """Return the list *entry* as this delta says it is now.

        Args:
            entry: one of the lists, with its digest.
            raw: its bytes, two bits an entry, from wherever.

        Raises:
            Malformed: they are not the bytes that were signed.
        """
        if len(raw) != entry.entries // _PER_BYTE or digest(raw) != entry.digest:
            raise Malformed(f"the entries of {self.uri(entry.number)} are not those that the delta was signed over")
        return StatusList(
            uri=self.uri(entry.number),
            issued_at=self.issued_at,
            expires_at=self.expires_at,
            ttl=self.ttl,
            bits=BITS,
            raw=raw,
        )

    def apply(self, entry: ListChange, base: StatusList | None, changes: list[tuple[int, int]]) -> StatusList:
        """Return the list *entry* as it is now.

        Args:
            entry: one of the lists, with its digest.
            base: that list as it is at hand, or None.
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
            raise BaseMissing(
                f"{self.uri(entry.number)}: the delta goes from {self.base_issued_at} to {self.issued_at}, and the list at hand "
                f"is {'missing' if base is None else f'of {base.issued_at}'}; get the full list",
                uri=self.uri(entry.number),
                base_issued_at=self.base_issued_at,
            )
        return raw


class UnverifiedDelta(NamedTuple):
    """A delta whose shape is right and whose signature nobody has checked yet."""

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
    except ValueError as error:
        raise ClaimsError(f"the delta: {error}") from error
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
        raise Malformed(f"the delta has {len(token)} bytes; {MAX_TOKEN_BYTES} are possible")
    signed = cose.read_sign1(token, typ=TYP)
    claims = fields.read_map(cbor.decode(signed.payload), "the delta")
    unknown = [key for key in claims if key not in {_SUB, _EXP, _IAT, _TTL, _BODY}]
    if unknown:
        raise Unsupported(f"the delta has the entry {unknown[0]!r}, which is newer than this program", field=unknown[0])
    body = fields.read_numbered_map(
        fields.required(claims, _BODY, "the body"), "the body", frozenset((_LISTS, _CHANGES, _BASE_IAT, _COMBINED))
    )
    status_base = fields.required(claims, _SUB, "sub")
    if not isinstance(status_base, str):
        raise Malformed("the delta's sub is not text")
    entries = fields.read_list(fields.required(body, _LISTS, "lists"), "lists", 1, MAX_LISTS)
    lists = tuple(map(_read_list_change, entries)) if _BASE_IAT in body else _read_full(entries)
    *counts, coded = fields.read_list(fields.required(body, _CHANGES, "changes"), "changes", 4, 4)
    span = sum(entry.entries for entry in lists)
    try:
        content = StatusDelta(
            status_base=status_base,
            issued_at=fields.read_seconds(fields.required(claims, _IAT, "iat"), "iat"),
            expires_at=fields.read_seconds(fields.required(claims, _EXP, "exp"), "exp"),
            ttl=timedelta(seconds=fields.read_uint(fields.required(claims, _TTL, "ttl"), "ttl", 1, MAX_TTL_SECONDS)),
            base_issued_at=fields.read_seconds(body[_BASE_IAT], "the base's iat") if _BASE_IAT in body else None,
            lists=lists,
            counts=tuple(fields.read_uint(count, "a count", 0, span) for count in counts),
            coded=fields.read_bytes(coded, "the changes", 0, MAX_CODED_BYTES),
            combined=_read_digest(body[_COMBINED]) if _COMBINED in body else None,
        )
    except ClaimsError as error:
        raise Malformed(str(error)) from error
    return UnverifiedDelta(signed, content)


def _read_list_change(entry: cbor.Value) -> ListChange:
    number, entries, *digests = fields.read_list(entry, "a list", *_LIST_FIELDS)
    now, *base = map(_read_digest, digests)
    return ListChange(
        fields.read_uint(number, "a list number", 0, MAX_LIST_NUMBER),
        fields.read_uint(entries, "a list's length", _PER_BYTE, MAX_ENTRIES),
        now,
        base[0] if base else None,
    )


def _read_full(entries: list[cbor.Value]) -> tuple[ListChange, ...]:
    lists: list[ListChange] = []
    before = 0
    for entry in entries:
        number, *said = fields.read_list(entry, "a list without a base", *_FULL_FIELDS)
        length = fields.read_uint(said[0], "a list's length", _PER_BYTE, MAX_ENTRIES) if said else before
        if length == (before if said else 0):
            raise Malformed("a list's length is there exactly where it is not that of the list before")
        lists.append(ListChange(fields.read_uint(number, "a list number", 0, MAX_LIST_NUMBER), length, None, None))
        before = length
    return tuple(lists)


def _read_digest(value: cbor.Value) -> bytes:
    return fields.read_bytes(value, "a digest", DIGEST_BYTES, DIGEST_BYTES)
