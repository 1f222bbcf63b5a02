"""The text in the QR code and its frames (specs/credential.md, section 5)."""

import hashlib
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "SOCPASS:"
WHOLE, PART, PRESENTATION, DELTA = b"\x01", b"\x02", b"\x03", b"\x04"  # frame bytes
DIGEST_BYTES: Final = 8
MODULUS: Final = 97
_CHUNK_DIGITS: Final = 4000  # below the interpreter's bound for turning a number into text


def armor(frame: bytes, prefix: str = PREFIX) -> str:
    """Return the text that carries *frame*."""
    return prefix + with_check_digits(decimal(int.from_bytes(frame, "big")))


def with_check_digits(digits: str) -> str:
    """Append the two check digits of ISO 7064, MOD 97-10: 98 minus the remainder of the number followed by 00."""
    remainder = 0
    for digit in digits + "00":
        remainder = (remainder * 10 + int(digit)) % MODULUS
    return f"{digits}{MODULUS + 1 - remainder:02d}"


def decimal(number: int) -> str:
    """Write a number of any size in decimal."""
    chunks: list[str] = []
    while number >= 10**_CHUNK_DIGITS:
        number, low = divmod(number, 10**_CHUNK_DIGITS)
        chunks.append(f"{low:0{_CHUNK_DIGITS}d}")
    return "".join([str(number), *reversed(chunks)])


def parts(whole: bytes, count: int) -> list[bytes]:
    """Cut a frame into *count* frames of parts; their lengths differ by at most one, the longer first."""
    short, longer = divmod(len(whole), count)
    sizes = [short + 1] * longer + [short] * (count - longer)
    return part_frames(whole, sizes)


def part_frames(whole: bytes, sizes: Sequence[int]) -> list[bytes]:
    """Cut a frame into frames of parts of the given sizes."""
    digest = hashlib.sha256(whole).digest()[:DIGEST_BYTES]
    frames = []
    start = 0
    for index, size in enumerate(sizes):
        frames.append(PART + bytes([index, len(sizes)]) + digest + whole[start : start + size])
        start += size
    return frames
