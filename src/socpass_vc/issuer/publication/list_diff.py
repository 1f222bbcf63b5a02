"""The changes between two publications of an issuer's status lists, as the content of a delta (specs/status-delta.md).

Pure: it knows lists and no file, and signs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from socpass_vc.errors import ClaimsError
from socpass_vc.format.status import golomb
from socpass_vc.format.status.list_change import ListChange, digest, widened
from socpass_vc.format.status.status_delta import StatusDelta
from socpass_vc.format.status.status_list import BITS, Status, StatusList

_PER_BYTE = 8 // BITS
_ENTRIES = [[entry for entry in range(_PER_BYTE) if byte >> entry * BITS & 3] for byte in range(256)]
"""The entries of a byte that differ, by the bits that do."""


def compare(status_base: str, old: Mapping[int, StatusList], new: Mapping[int, StatusList]) -> StatusDelta:
    """Return the delta from the lists *old* to the lists *new*.

    Args:
        status_base: the issuer's.
        old: by number; all signed at one time. Lists that are missing in it start as zeros; if it is empty, the result is the
            compact full form.
        new: by number; all signed at one time, with one expiry.

    Raises:
        ClaimsError: lists of one publication differ in their times, a list changed its length or has values other than 0, 1
            and 2, or there are more entries or changes than a delta holds.
    """
    times = {(listed.issued_at, listed.expires_at, listed.ttl) for listed in new.values()}
    base_times = {listed.issued_at for listed in old.values()}
    if len(times) != 1 or len(base_times) > 1:
        raise ClaimsError("lists_of_different_times")
    lists: list[ListChange] = []
    became: tuple[list[int], ...] = ([], [], [])
    start = 0
    for number, listed in sorted(new.items()):
        before = old.get(number)
        after = _two_bits(listed)
        base = bytes(len(after)) if before is None else _two_bits(before)
        if len(base) != len(after):
            raise ClaimsError("list_length_changed").at(listed.uri)
        lists.append(ListChange(number, len(listed), digest(after), None if before is None else digest(base)))
        _compare_raw(base, after, start, became)
        start += len(listed)
    issued_at, expires_at, ttl = times.pop()
    has_base = any(entry.base_digest is not None for entry in lists)
    digests = b"".join(entry.digest for entry in lists if entry.digest is not None)
    return StatusDelta(
        status_base=status_base,
        issued_at=issued_at,
        expires_at=expires_at,
        ttl=ttl,
        base_issued_at=base_times.pop() if has_base else None,
        lists=tuple(lists),
        counts=tuple(map(len, became)),
        coded=golomb.encode(became, start),
        combined=None if has_base else digest(digests),
    )


def _two_bits(listed: StatusList) -> bytes:
    raw = widened(listed)
    if raw is None:
        raise ClaimsError("list_bits_not_in_a_delta", bits=listed.bits).at(listed.uri)
    return raw


def _compare_raw(base: bytes, after: bytes, start: int, became: tuple[list[int], ...]) -> None:
    """Add the positions that differ, by new value; equal bytes are skipped by the regular expression engine."""
    differing = (int.from_bytes(base, "big") ^ int.from_bytes(after, "big")).to_bytes(len(base), "big")
    for found in re.finditer(rb"[^\0]", differing):
        at = found.start()
        for entry in _ENTRIES[differing[at]]:
            value = after[at] >> entry * BITS & 3
            if value > Status.SUSPENDED:
                raise ClaimsError("value_not_in_a_delta", value=value)
            became[value].append(start + at * _PER_BYTE + entry)
