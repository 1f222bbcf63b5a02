"""Changes of status lists, packed as the library holds them, from and to numbers that a test can name."""

from collections.abc import Iterable, Mapping

from socpass_vc.format.status import golomb
from socpass_vc.format.status.list_change import EntryChanges


def packed(changes: Mapping[int, int], entries: int) -> EntryChanges:
    """Return the changes of a list of so many *entries*, from index to new value."""
    mask, values = bytearray(entries // 4), bytearray(entries // 4)
    for index, value in changes.items():
        mask[index // 4] |= 3 << index % 4 * 2
        values[index // 4] |= value << index % 4 * 2
    return EntryChanges(bytes(mask), bytes(values))


def unpacked(changes: EntryChanges) -> dict[int, int]:
    """Return index and new value of the entries that changed."""
    places = [(index, index // 4, index % 4 * 2) for index in range(4 * len(changes.mask))]
    return {index: changes.values[at] >> shift & 3 for index, at, shift in places if changes.mask[at] >> shift & 3}


def positions_in(coded: bytes, counts: Iterable[int], span: int) -> list[list[int]]:
    """Return all positions of a code, by set."""
    wanted = list(counts)
    sets: list[list[int]] = [[] for _ in wanted]
    for number, some in golomb.decode(coded, wanted, span):
        sets[number] += some
    return sets
