# SPDX-License-Identifier: MIT
"""Medians, spread, ratios and geometric means; knows nothing of programs.

A table is {benchmark: {allocator: value}}. A pair that is missing failed.
Ratios say how many times worse than the best of the same benchmark a value
is: 1.0 is the best, whether more or less was better.
"""

import math
from statistics import median


def geomean(values):
    """The geometric mean; None of nothing."""
    values = list(values)
    if not values:
        return None
    return math.exp(math.fsum(map(math.log, values)) / len(values))


def mad_percent(values):
    """Median absolute deviation from the median, in percent of the median."""
    middle = median(values)
    if not middle:
        return 0.0
    return 100 * median(abs(v - middle) for v in values) / abs(middle)


def ratios(row, higher_is_better=False):
    """{name: value} to {name: how many times worse than the best}.

    Values that are not above zero have no ratio and are left out.
    """
    row = {name: v for name, v in row.items() if v > 0}
    if not row:
        return {}
    if higher_is_better:
        best = max(row.values())
        return {name: best / v for name, v in row.items()}
    best = min(row.values())
    return {name: v / best for name, v in row.items()}


def geomeans(table, names):
    """{name: geometric mean of its ratios}, None for one that has none."""
    return {name: geomean(row[name] for row in table.values() if name in row)
            for name in names}


def worst(table, name):
    """(ratio, benchmark) of the benchmark where this name does worst."""
    return max(((row[name], bench) for bench, row in table.items()
                if name in row), default=None)


class Versus:
    """One of our allocators against the peers, in a table of ratios.

    peer      the best single peer: the one with the smallest geometric mean
              among those that did most benchmarks
    speed     geometric mean of peer / ours over what both did: 1.10 says that
              ours is 10 % faster
    worst     (speed against that benchmark's best peer, benchmark), the least
    """

    def __init__(self, table, ours, peers):
        self.peer = best_single(table, peers)
        self.speed = None
        self.worst = None
        if self.peer is None:
            return
        self.speed = geomean(row[self.peer] / row[ours]
                             for row in table.values()
                             if self.peer in row and ours in row)
        self.worst = min(((min(row[p] for p in peers if p in row) / row[ours],
                           bench) for bench, row in table.items()
                          if ours in row and any(p in row for p in peers)),
                         default=None)


def best_single(table, names):
    """The name with the best geometric mean.

    Who failed somewhere is not compared with who did not: its mean lacks the
    benchmarks that it could not do.
    """
    done = {name: sum(name in row for row in table.values())
            for name in names}
    most = max(done.values(), default=0)
    if not most:
        return None
    means = geomeans(table, [n for n in names if done[n] == most])
    return min(means, key=means.get)
