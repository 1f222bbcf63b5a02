"""A keyed permutation of the indexes of a status list (specs/status-list.md, section 3).

A Feistel network with cycle walking (the construction of NIST SP 800-38G, with keyed BLAKE2s as the round function): each counter
below the length maps to its own index below the length, and without the key nobody can tell which counter an index came from. It
knows no register.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2s

KEY_BYTES = 32
_ROUNDS = 8
_KEPT = 8  # permutations cached at once; one list is filled at a time, and each permutation takes 64 KiB to 4 MiB


class Permutation:
    """The permutation of one list.

    Half of an index has few values (1,024 in a list of 2^20 entries), so the rounds are tabulated first, in a few milliseconds.

    Args:
        entries: the length of the list, at least 2.
        key: 32 secret bytes.
    """

    def __init__(self, *, entries: int, key: bytes) -> None:
        self._entries = entries
        self._half_bits = ((entries - 1).bit_length() + 1) // 2
        self._mask = (1 << self._half_bits) - 1
        self._rounds = [_round(number, key, self._mask) for number in range(_ROUNDS)]

    def index(self, counter: int) -> int:
        """Return the index for *counter*.

        Raises:
            ValueError: it is not from 0, below the length.
        """
        if not 0 <= counter < self._entries:
            raise ValueError(f"counter {counter} of {self._entries}")
        index = self._feistel(counter)
        while index >= self._entries:  # the network permutes a power of four up to four times the length; walk until within it
            index = self._feistel(index)
        return index

    def _feistel(self, value: int) -> int:
        left, right = value >> self._half_bits, value & self._mask
        for scrambled in self._rounds:
            left, right = right, left ^ scrambled[right]
        return left << self._half_bits | right


def _round(number: int, key: bytes, mask: int) -> list[int]:
    """Return the table of one round: its output for each half of an index."""
    heads = blake2s(bytes((number,)), key=key, digest_size=8)
    made = []
    for half in range(mask + 1):
        scrambled = heads.copy()
        scrambled.update(half.to_bytes(8, "big"))
        made.append(int.from_bytes(scrambled.digest(), "big") & mask)
    return made


@lru_cache(maxsize=_KEPT)
def permutation(*, entries: int, key: bytes) -> Permutation:
    """Return the permutation of a list, cached from earlier calls."""
    return Permutation(entries=entries, key=key)


def permute(counter: int, *, entries: int, key: bytes) -> int:
    """Return the index for *counter*.

    Args:
        counter: from 0, below *entries*.
        entries: the length of the list, at least 2.
        key: 32 secret bytes.

    Raises:
        ValueError: the counter is out of range.
    """
    return permutation(entries=entries, key=key).index(counter)
