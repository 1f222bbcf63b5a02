"""Indexes in status lists for an agency that keeps its own database: a secret, a counter, and nothing else to store.

The register allocates by lists and keys that it stores (:mod:`index_allocation`). Here every counter has its index once and for
all: list *n* holds the counters from *n* times the length on, in the order of a permutation whose key follows from the secret
and the list's number. Whoever issues keeps one counter that only rises, such as a database sequence. Pure: it knows no database.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b

from socpass_vc.format.credential.claims import StatusReference
from socpass_vc.format.fast_dataclass import maker
from socpass_vc.format.status.status_list import DEFAULT_ENTRIES, MAX_ENTRIES
from socpass_vc.issuer.issuance.index_permutation import KEY_BYTES, permutation

SECRET_BYTES = 32

_PER_BYTE = 8  # entries of a list whose entries have one bit; its bits fill bytes

_PURPOSE = b"socpass indexes"  # blake2b's personalisation: the same secret used elsewhere gives other bytes
_make_reference = maker(StatusReference)


class IndexSequence:
    """The index of every counter, so that nobody can tell from an index who was issued before whom.

    Args:
        secret: 32 random bytes, kept as a signing key is kept. Another secret gives other indexes: it is never replaced while
            passes with indexes of the old one count.
        entries: the length of each list, a multiple of 8 (specs/status-list.md, section 3).

    Raises:
        ValueError: the secret has another length, or no list can be that long.
    """

    def __init__(self, secret: bytes, *, entries: int = DEFAULT_ENTRIES) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"the secret has {len(secret)} bytes, not {SECRET_BYTES}")
        if not _PER_BYTE <= entries <= MAX_ENTRIES or entries % _PER_BYTE:
            raise ValueError(f"a status list of {entries} entries; a multiple of 8 up to {MAX_ENTRIES} is possible")
        self._secret = secret
        self.entries = entries

    def reference(self, counter: int) -> StatusReference:
        """Return the list and index of one counter, from 0."""
        return next(self.references(counter, 1))

    def references(self, first: int, count: int) -> Iterator[StatusReference]:
        """Yield the list and index of *count* counters from *first* on; a million take a second or two.

        Args:
            first: the first counter, from 0; reserve *count* of them in the database before any pass is signed. A counter that
                was reserved and not used is lost, and none is ever used twice.
            count: how many.

        Raises:
            ValueError: a counter is negative.
        """
        if first < 0 or count < 0:
            raise ValueError(f"{count} counters from {first} on")
        while count:
            number, at = divmod(first, self.entries)
            taken = min(count, self.entries - at)
            index = permutation(entries=self.entries, key=self._key(number)).index
            for counter in range(at, at + taken):
                yield _make_reference(list_number=number, index=index(counter))
            first, count = first + taken, count - taken

    def _key(self, list_number: int) -> bytes:
        return blake2b(list_number.to_bytes(8, "big"), key=self._secret, person=_PURPOSE, digest_size=KEY_BYTES).digest()
