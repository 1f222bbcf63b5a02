"""The text in a QR code: a prefix, a frame of bytes as one decimal number, two check digits (specs/credential.md, section 5).

Of what the bytes mean it knows only the frame byte: a whole token, a part, a presentation, or a status delta.
"""

from __future__ import annotations

from dataclasses import dataclass

from nacl.bindings import crypto_hash_sha256 as sha256

from socpass_vc.errors import Incomplete, Misread, NotAPass

PREFIX = "SOCPASS:"
"""What precedes the digits, unless the agency has a web page for its passes."""

MAX_TEXT_CHARACTERS = 12_000
"""Longest text that is read (specs/credential.md, section 5)."""
MAX_TOKEN_BYTES = 4_096
"""Largest token (specs/credential.md, section 2)."""
MAX_PRESENTATION_BYTES = 4_608
"""Largest token with its holder's proof (specs/credential.md, section 5)."""
MAX_DELTA_BYTES = 65_535
"""Largest status delta for QR codes (specs/status-delta.md, section 5): two dozen of the largest codes."""
MIN_DIGITS = 157
"""A frame byte and a 64-byte signature have at least 155 digits; two check digits follow."""
MIN_PART_BYTES = 64
"""Smallest share of a part, so that a part too has 157 digits."""

WHOLE = 0x01
PART = 0x02
PRESENTATION = 0x03
DELTA = 0x04

# 00, 01 and 99 leave the same remainders as 97, 98 and 02; only the latter are written.
_SECOND_SPELLINGS = (b"00", b"01", b"99")
_OTHERS_TO_SPACES = bytes(byte if byte in b"0123456789" else 0x20 for byte in range(256))
_DIGITS_ONLY_BLOCK = 4_000
# CPython converts no more than 4,300 digits at once (its guard against quadratic time); longer runs go in blocks.
_BLOCK = 10**_DIGITS_ONLY_BLOCK
_PART_HEAD_BYTES = 11  # frame byte, index, count, 8 bytes of digest
_LARGEST = {WHOLE: MAX_TOKEN_BYTES, PRESENTATION: MAX_PRESENTATION_BYTES, DELTA: MAX_DELTA_BYTES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of several codes that make a whole (specs/credential.md, section 5).

    Attributes:
        index: from 0.
        count: how many there are, 2 to 255.
        digest: first 8 bytes of the SHA-256 of the whole frame.
        share: this code's bytes of it.
    """

    index: int
    count: int
    digest: bytes
    share: bytes


def write_armor(frame: bytes, *, prefix: str = PREFIX) -> str:
    """Return the text for *frame*: *prefix*, the frame as a decimal number, two check digits.

    Args:
        frame: a frame byte (never zero) and what follows it.
        prefix: ``SOCPASS:`` or the agency's ``HTTPS://HOST/PATH#``.
    """
    number = int.from_bytes(frame, "big") * 100
    return prefix + _to_digits(number + 98 - number % 97)


def read_armor(text: str) -> bytes:
    """Return the frame that *text* carries, its frame byte first.

    Args:
        text: what a scanner or a camera gave; at most 12,000 characters. All but the last run of digits is ignored.

    Raises:
        NotAPass: no run of digits is long enough for a signature, or the text is too long.
        Misread: the check digits do not match (ISO 7064, MOD 97-10), or there is no such frame byte or size.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise NotAPass("code_text_too_long", longest=MAX_TEXT_CHARACTERS)
    digits = _last_run(text)
    if len(digits) < MIN_DIGITS:
        raise NotAPass("too_few_digits", fewest=MIN_DIGITS)
    number = int(digits) if len(digits) <= _DIGITS_ONLY_BLOCK else _from_blocks(digits)
    if number % 97 != 1 or digits.startswith(b"0") or digits.endswith(_SECOND_SPELLINGS):
        raise Misread("check_digits_differ")
    number //= 100
    frame = number.to_bytes((number.bit_length() + 7) // 8, "big")
    if not _is_of_a_kind(frame):
        raise Misread("check_digits_by_chance")
    return frame


def _last_run(text: str) -> bytes:
    """Return the last run of ASCII digits."""
    runs = text.encode("ascii", "replace").translate(_OTHERS_TO_SPACES).split()
    return runs[-1] if runs else b""


def _is_of_a_kind(frame: bytes) -> bool:
    kind = frame[0]
    if kind == PART:
        share = len(frame) - _PART_HEAD_BYTES
        return share >= MIN_PART_BYTES and share <= MAX_TOKEN_BYTES and frame[2] >= 2 and frame[1] < frame[2]  # noqa: PLR2004 -- one part would be a whole
    return len(frame) - 1 <= _LARGEST.get(kind, -1)


def whole(frame: bytes) -> bytes:
    """Return *frame* if it is a whole one.

    Raises:
        Incomplete: it is one part of several.
    """
    if frame[0] == PART:
        part = read_part(frame)
        raise Incomplete("one_of_several_codes", index=part.index + 1, count=part.count)
    return frame


def split_frame(frame: bytes, *, count: int) -> tuple[bytes, ...]:
    """Return *frame* as *count* frames of parts, of lengths that differ by at most one byte.

    Args:
        frame: a frame byte and what follows it.
        count: 2 to 255, and few enough for 64 bytes a part.

    Raises:
        ValueError: the count is out of range.
    """
    if not 2 <= count <= 255 or len(frame) // count < MIN_PART_BYTES:  # noqa: PLR2004 -- one byte holds the count
        raise ValueError(f"{len(frame)} bytes cannot be split into {count} parts of at least {MIN_PART_BYTES} bytes")
    share, longer = divmod(len(frame), count)
    digest = sha256(frame)[:8]
    parts = []
    start = 0
    for index in range(count):
        end = start + share + (index < longer)
        parts.append(bytes((PART, index, count)) + digest + frame[start:end])
        start = end
    return tuple(parts)


def read_part(frame: bytes) -> Part:
    """Return the fields of a frame of kind 02, as :func:`read_armor` let it through."""
    return Part(index=frame[1], count=frame[2], digest=frame[3:_PART_HEAD_BYTES], share=frame[_PART_HEAD_BYTES:])


def join_parts(parts: tuple[Part, ...]) -> bytes:
    """Return the whole frame of *parts*, which may come in any order and more than once.

    Raises:
        Incomplete: some are missing, or they are not of one whole.
        Misread: all are there and do not make up the whole that they name.
    """
    shares = {part.index: part.share for part in parts}
    if not parts or len({(part.count, part.digest) for part in parts}) != 1:
        raise Incomplete("parts_of_different_passes")
    count = parts[0].count
    missing = [index + 1 for index in range(count) if index not in shares]
    if missing:
        raise Incomplete("parts_missing", missing=missing, count=count)
    frame = b"".join(shares[index] for index in range(count))
    longest = MAX_DELTA_BYTES if frame[0] == DELTA else MAX_PRESENTATION_BYTES
    if sha256(frame)[:8] != parts[0].digest or len(frame) - 1 > longest:
        raise Misread("parts_do_not_fit")
    return frame


def _to_digits(number: int) -> str:
    if number < _BLOCK:
        return str(number)
    blocks = []
    while number >= _BLOCK:
        number, low = divmod(number, _BLOCK)
        blocks.append(str(low).zfill(_DIGITS_ONLY_BLOCK))
    return str(number) + "".join(reversed(blocks))


def _from_blocks(digits: bytes) -> int:
    number = 0
    first = len(digits) % _DIGITS_ONLY_BLOCK
    if first:
        number = int(digits[:first])
    for start in range(first, len(digits), _DIGITS_ONLY_BLOCK):
        number = number * _BLOCK + int(digits[start : start + _DIGITS_ONLY_BLOCK])
    return number
