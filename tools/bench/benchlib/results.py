# SPDX-License-Identifier: MIT
"""The runs, one line of runs.csv each, and the cells they make together.

A cell is one benchmark with one allocator. One run that failed makes the whole
cell a failure: it is shown as X with the number of its failed runs, and has no
part in any mean.
"""

import csv
import dataclasses
import json
import os

from . import BenchError, stats

SHORT_SECONDS = 1.0         # of a shorter run not much can be said
INVALID_FALLBACK = 0.10     # percent; more is other work than was asked for
HIGH_LOAD = 0.25            # cores that others kept busy during the run


@dataclasses.dataclass
class Run:
    rep: int
    order: int              # which run of the session it was
    date: str
    benchmark: str
    tags: str
    allocator: str
    identity: str           # what the allocator says it is
    library: str            # the file whose malloc answered
    status: str             # ok, or what went wrong
    score: float
    unit: str
    better: str             # lower or higher
    wall: float
    user: float
    sys: float
    peak_kib: int
    minor_faults: int
    major_faults: int
    seconds: float          # of the measured part
    actual_remote: float    # percent; empty unless the program says it
    fallback_rate: float    # percent; the same
    idle: int               # was the machine idle before the run?
    load_before: float      # cores kept busy by others
    load_during: float
    command: str

    @property
    def ok(self):
        return self.status == 'ok'


FIELDS = {field.name: field.type for field in dataclasses.fields(Run)}


class Writer:
    """Writes runs.csv while they happen: an interrupted session is not lost.
    """

    def __init__(self, folder):
        # pylint: disable-next=consider-using-with
        self.file = open(os.path.join(folder, 'runs.csv'), 'w', newline='',
                         encoding='utf-8')
        self.csv = csv.DictWriter(self.file, FIELDS, lineterminator='\n')
        self.csv.writeheader()

    def write(self, run):
        row = dataclasses.asdict(run)
        self.csv.writerow({name: '' if value is None else value
                           for name, value in row.items()})
        self.file.flush()

    def close(self):
        self.file.close()


def _convert(row, where):
    try:
        values = {name: None if row[name] == '' and kind is not str
                  else kind(row[name]) for name, kind in FIELDS.items()}
    except (KeyError, TypeError, ValueError) as err:
        raise BenchError(f'{where}: {err!r}') from err
    return Run(**values)


def load(folder):
    """The runs and what else is known about the session."""
    file = os.path.join(folder, 'runs.csv')
    try:
        with open(file, newline='', encoding='utf-8') as text:
            runs = [_convert(row, file) for row in csv.DictReader(text)]
        with open(os.path.join(folder, 'session.json'),
                  encoding='utf-8') as text:
            about = json.load(text)
    except (OSError, ValueError) as err:
        raise BenchError(f'{folder}: {err}') from err
    if not runs:
        raise BenchError(f'{file}: no runs')
    return runs, about


def save_about(folder, about):
    with open(os.path.join(folder, 'session.json'), 'w',
              encoding='utf-8') as text:
        json.dump(about, text, indent=1)
        text.write('\n')


class Cell:
    """All runs of a benchmark with an allocator."""

    def __init__(self, runs):
        self.runs = runs
        self.good = [run for run in runs if run.ok]
        self.failed = len(runs) - len(self.good)
        self.ok = not self.failed

    def values(self, name):
        values = (getattr(run, name) for run in self.good)
        return [v for v in values if v is not None]

    def median(self, name):
        values = self.values(name)
        return stats.median(values) if values else None

    def spread(self):
        return stats.mad_percent(self.values('score'))

    def short(self):
        return self.ok and self.median('seconds') < SHORT_SECONDS

    def invalid(self):
        return any(rate >= INVALID_FALLBACK
                   for rate in self.values('fallback_rate'))

    def disturbed(self):
        """How many of its runs were not alone on the machine."""
        return sum(not run.idle or (run.load_during or 0) > HIGH_LOAD
                   for run in self.good)


class Results:
    """Cells by benchmark and allocator, in the order of the session."""

    def __init__(self, runs):
        grouped = {}
        self.tags = {}
        self.higher = {}
        self.units = {}
        self.names = []
        self.hz3 = []
        for run in runs:
            grouped.setdefault((run.benchmark, run.allocator), []).append(run)
            self.tags[run.benchmark] = run.tags.split()
            self.higher[run.benchmark] = run.better == 'higher'
            self.units[run.benchmark] = run.unit
            if run.allocator not in self.names:
                self.names.append(run.allocator)
                if run.identity.startswith('hz3 '):
                    self.hz3.append(run.allocator)
        self.peers = [name for name in self.names if name not in self.hz3]
        self.cells = {key: Cell(value) for key, value in grouped.items()}
        self.benchmarks = list(self.tags)

    def order(self, names):
        """The session shuffles the allocators; tables must not."""
        rank = {name: i for i, name in enumerate(names)}
        for some in (self.names, self.hz3, self.peers):
            some.sort(key=lambda name: rank.get(name, len(rank)))

    def groups(self):
        """{title: benchmarks}: all, and those of each tag.

        Of tags that mean the same benchmarks the first one is enough.
        """
        groups = {'all': self.benchmarks}
        for bench in self.benchmarks:
            for tag in self.tags[bench]:
                groups.setdefault(tag, []).append(bench)
        unique = {tuple(benches): title
                  for title, benches in reversed(groups.items())}
        return {title: benches for title, benches in groups.items()
                if unique[tuple(benches)] == title}

    def medians(self, bench, figure):
        """{allocator: median} of the cells without a failure."""
        row = {}
        for name in self.names:
            cell = self.cells.get((bench, name))
            if cell and cell.ok:
                row[name] = cell.median(figure)
        return {name: v for name, v in row.items() if v is not None}

    def ratios(self, figure, benches=None):
        """A table of ratios to the best of each benchmark, see stats."""
        return {bench: stats.ratios(self.medians(bench, figure),
                                    figure == 'score' and self.higher[bench])
                for bench in benches or self.benchmarks}
