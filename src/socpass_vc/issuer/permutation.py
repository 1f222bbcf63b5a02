"""A keyed permutation of the indexes of a status list (specs/status-list.md, section 3).

A Feistel network with cycle walking (the construction of NIST SP 800-38G, keyed BLAKE2s as round function): every counter below
the length gives another index below it, and without the key nobody can tell which counter an index came from. It knows no
register.
"""

from __future__ import annotations

from hashlib import blake2s

KEY_BYTES = 32
_ROUNDS = 8


def permute(counter: int, *, entries: int, key: bytes) -> int:
    """Return the index for *counter*.

    Args:
        counter: from 0, below *entries*.
        entries: the length of the list, at least 2.
        key: 32 secret bytes.

    Raises:
        ValueError: the counter is out of range.
    """
    if not 0 <= counter < entries:
        raise ValueError(f"counter {counter} of {entries}")
    half_bits = ((entries - 1).bit_length() + 1) // 2
    index = _feistel(counter, half_bits, key)
    while index >= entries:  # the network permutes a power of four, at most four times as many; walk until within
        index = _feistel(index, half_bits, key)
    return index


def _feistel(value: int, half_bits: int, key: bytes) -> int:
    mask = (1 << half_bits) - 1
    left, right = value >> half_bits, value & mask
    for number in range(_ROUNDS):
        digest = blake2s(bytes((number,)) + right.to_bytes(8, "big"), key=key, digest_size=8).digest()
        left, right = right, left ^ int.from_bytes(digest, "big") & mask
    return left << half_bits | right
