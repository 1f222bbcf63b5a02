"""Timing contenders side by side; standard library only, because the peers' environment runs it too.

Machines are noisy in ways that last for seconds. So contenders take turns call by call, whoever comes first changes, and the
figure is the median: what disturbs one disturbs all, and their ratio stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter_ns

WARM_UP_ROUNDS = 200


def medians(contenders: Mapping[str, Callable[[int], object]], *, rounds: int, warm_up: int = WARM_UP_ROUNDS) -> dict[str, float]:
    """Return the median time of a call of each contender, in microseconds.

    Args:
        contenders: name to function; each is called once a round, with the number of the round, from 0.
        rounds: how many count.
        warm_up: how many go before them and do not count.
    """
    turns = list(contenders.items())
    taken: dict[str, list[int]] = {name: [] for name in contenders}
    for number in range(warm_up + rounds):
        for name, call in turns:
            start = perf_counter_ns()
            call(number)
            end = perf_counter_ns()
            if number >= warm_up:
                taken[name].append(end - start)
        turns.append(turns.pop(0))
    return {name: median(nanoseconds) / 1000 for name, nanoseconds in taken.items()}
