"""Timing contenders side by side; standard library only, because the peers' environment runs it too.

Machines are noisy in ways that last for seconds. So contenders take turns call by call, whoever comes first changes, and the
figure is the median: what disturbs one disturbs all, and their ratio stays.

It does not stay where a neighbour has half of the core: an interpreter suffers more than arithmetic does from threads that share
its caches and its units. Whether it was so, the floor tells: it is slower by half then. :func:`beside` leaves such turns out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median, quantiles
from time import perf_counter_ns
from typing import NamedTuple

WARM_UP_ROUNDS = 200
IN_A_ROW = 20
"""Calls that make a turn of :func:`beside`: an agency signs pass after pass, and a gate checks one after another."""
DISTURBED = 1.1
"""Times its fastest turn (2nd percentile) from which on a floor was disturbed."""


class Beside(NamedTuple):
    """A contender beside its floor.

    Attributes:
        ours_us: its median in the rounds that were not disturbed, in microseconds a call.
        floor_us: the same, of the floor.
        ratio: median of the ratios of these rounds.
        undisturbed: their share of all rounds.
        ratio_of_all: median of the ratios of all rounds.
    """

    ours_us: float
    floor_us: float
    ratio: float
    undisturbed: float
    ratio_of_all: float


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


def beside(ours: Callable[[int], object], floor: Callable[[int], object], *, rounds: int, warm_up: int) -> Beside:
    """Return how *ours* does beside its *floor*; each round is a turn of the floor, one of ours, and one of the floor again.

    The rounds count in which neither turn of the floor was disturbed. Ours is not asked, so that none of its turns can be left
    out for being slow; and where the floor was fast by chance, the ratio is the greater for it.

    Args:
        ours: called with the number of the call, from 0.
        floor: likewise.
        rounds: how many are measured.
        warm_up: how many go before them.
    """
    measured = [(_turn(floor, number), _turn(ours, number), _turn(floor, number)) for number in range(warm_up + rounds)][warm_up:]
    limit = quantiles([min(before, after) for before, _, after in measured], n=50)[0] * DISTURBED
    every = [(time, (before + after) / 2) for before, time, after in measured]
    counting = [(time, (before + after) / 2) for before, time, after in measured if max(before, after) <= limit]
    return Beside(
        ours_us=median(time for time, _ in counting) / 1000,
        floor_us=median(below for _, below in counting) / 1000,
        ratio=median(time / below for time, below in counting),
        undisturbed=len(counting) / rounds,
        ratio_of_all=median(time / below for time, below in every),
    )


def _turn(call: Callable[[int], object], number: int) -> float:
    taken = []
    for which in range(number * IN_A_ROW, (number + 1) * IN_A_ROW):
        start = perf_counter_ns()
        call(which)
        taken.append(perf_counter_ns() - start)
    return median(taken)
