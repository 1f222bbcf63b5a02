"""The bytes of claims, put together from pieces that are already in the order of their keys (specs/credential.md, section 3).

It takes plain values and checks only days: :mod:`claims` says what a pass may hold. Sorting a dict again would cost as much
as half a signature; and an issuer that signs millions of passes needs no record of each piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from socpass_vc.format import cbor, fields

EXP, IAT, CNF, BODY = 4, 6, 8, -65537
"""Claim keys: RFC 8392, section 4; RFC 8747, section 3.1; the body's is from the private range."""

_NULL = b"\xf6"
BODY_KEY = cbor.integer(BODY)
_BODY_OPENINGS = {count: BODY_KEY + cbor.head(0xA0, count) + b"\x01" for count in range(3, 8)}
CONFIRMATION_OPENING = bytes.fromhex("08a101a30101200621")
"""CNF: {1: {1: 1, -1: 6, -2: up to the key: OKP, Ed25519, x (RFC 9053, section 7.2)."""


class EncodedClaims(NamedTuple):
    """What a pass says, encoded, without its times and its status reference, which an issuer settles last.

    Attributes:
        head: of the claims set, before exp and iat.
        before: from the times to the status reference.
        after: what follows the status reference.
    """

    head: bytes
    before: bytes
    after: bytes

    def join(self, times: bytes, reference: bytes) -> bytes:
        """Return the deterministic CBOR of the whole claims set.

        Args:
            times: as :func:`encode_times` gives them.
            reference: as :func:`encode_reference` gives it.
        """
        return self.head + times + self.before + reference + self.after


def encode_times(*, issued_at: int, expires_at: int) -> bytes:
    """Return exp and iat with their keys, from seconds since 1970."""
    return b"\x04" + cbor.integer(expires_at) + b"\x06" + cbor.integer(issued_at)


def encode_reference(list_number: int, index: int) -> bytes:
    """Return the two numbers of a status reference: the list and the index in it."""
    return cbor.integer(list_number) + cbor.integer(index)


def encode_content(
    *,
    name: str,
    entitlements: Sequence[bytes],
    born_on: date | None = None,
    born_in: int | None = None,
    latin_name: str | None = None,
    photo: bytes | None = None,
    holder_key: bytes | None = None,
) -> EncodedClaims:
    """Return all of a claims set but its times and its status reference.

    Args:
        name: as in the identity document.
        entitlements: each as :func:`encode_entitlement` and :func:`encode_document` give it.
        born_on: the day of birth.
        born_in: the year of birth.
        latin_name: the name in Latin letters.
        photo: an image.
        holder_key: 32 bytes.

    Raises:
        FieldError: the day of birth lies before 1800.
    """
    count = 3
    birth = photograph = latin = b""
    if born_on is not None:
        birth, count = b"\x02" + _day(born_on), count + 1
    if born_in is not None:
        birth, count = birth + b"\x03" + cbor.integer(born_in), count + 1
    if photo is not None:
        photograph, count = b"\x06" + cbor.byte_string(photo), count + 1
    if latin_name is not None:
        latin, count = b"\x07" + cbor.text(latin_name), count + 1
    head, opening = b"\xa3", _BODY_OPENINGS[count]
    if holder_key is not None:
        head, opening = b"\xa4", CONFIRMATION_OPENING + cbor.byte_string(holder_key) + opening
    granted = b"\x04" + cbor.head(0x80, len(entitlements)) + b"".join(entitlements)
    return EncodedClaims(head, opening + cbor.text(name) + birth + granted + b"\x05\x82", photograph + latin)


def encode_entitlement(category: int, first: date | None, last: date | None, *, documented: bool) -> bytes:
    """Return an entitlement; a *documented* one up to its document, which :func:`encode_document` gives.

    Args:
        category: its number.
        first: the first day, or None for no beginning.
        last: the last day, or None for no end.
        documented: whether a document follows.

    Raises:
        FieldError: a day lies before 1800.
    """
    start = cbor.integer(category) + _day_or_null(last)
    if documented:
        return b"\x84" + start + _day_or_null(first)
    return b"\x82" + start if first is None else b"\x83" + start + _day(first)


def encode_document(kind: int, number: str, issued_on: date | None) -> bytes:
    """Return a document.

    Raises:
        FieldError: the day lies before 1800.
    """
    if issued_on is None:
        return b"\x82" + cbor.integer(kind) + cbor.text(number)
    return b"\x83" + cbor.integer(kind) + cbor.text(number) + _day(issued_on)


def _day_or_null(day: date | None) -> bytes:
    return _NULL if day is None else _day(day)


@lru_cache(maxsize=65_536)  # a century and a half of days: births, and the ends of entitlements of millions
def _day(day: date) -> bytes:
    return cbor.integer(fields.to_day(day))
