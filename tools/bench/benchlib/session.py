# SPDX-License-Identifier: MIT
"""All runs of a session, interleaved.

The order: every repetition runs every benchmark with every allocator, the
allocators of a benchmark one after another, shuffled anew each time. So a
slow minute of the machine, or the cold cache after another program, meets all
of them alike and the median forgets it.
"""

import dataclasses
import json
import os
import random
import shlex
import sys
import time

from . import machine
from .results import Run, Writer

CLOCK_ERROR = 0.02  # seconds; figures are rounded


@dataclasses.dataclass
class Plan:
    benchmarks: list
    allocators: list
    reps: int
    seed: int
    timeout: float
    idle_wait: float        # seconds to wait for an idle machine, at most
    idle_load: float        # cores; less is idle


def say(text):
    print(text, file=sys.stderr, flush=True)


class Session:
    def __init__(self, plan, launcher, folder):
        self.plan = plan
        self.launcher = launcher
        self.folder = folder
        self.runs = []
        self.idle = machine.IdleWait(plan.idle_wait, plan.idle_load)

    def schedule(self):
        """Yields (repetition, benchmark, allocator)."""
        rng = random.Random(self.plan.seed)
        for rep in range(1, self.plan.reps + 1):
            for bench in self.plan.benchmarks:
                order = list(self.plan.allocators)
                rng.shuffle(order)
                for allocator in order:
                    yield rep, bench, allocator

    def execute(self, after_rep):
        """Runs everything; after_rep() is called after each repetition."""
        writer = Writer(self.folder)
        last = 1
        try:
            for rep, bench, allocator in self.schedule():
                if rep != last:
                    after_rep()
                    last = rep
                run = self.one(rep, bench, allocator)
                self.runs.append(run)
                writer.write(run)
                self.progress(run)
        finally:
            writer.close()

    def one(self, rep, bench, allocator):
        before, idle = self.idle.wait()
        meter = machine.LoadMeter()
        outcome = launch(self.launcher, bench, allocator, self.plan.timeout)
        during = meter.stop(outcome.user + outcome.sys)
        score = bench.read_score(outcome)
        status = judge(outcome, allocator, score, bench.unit)
        if status != 'ok':
            self.keep_output(bench, allocator, rep, outcome)
        return Run(rep=rep, order=len(self.runs) + 1,
                   date=time.strftime('%Y-%m-%dT%H:%M:%S'),
                   benchmark=bench.name, tags=' '.join(bench.tags),
                   allocator=allocator.name, identity=allocator.identity,
                   library=provider(outcome), status=status,
                   score=score if status == 'ok' else None, unit=bench.unit,
                   better='higher' if bench.higher else 'lower',
                   wall=outcome.wall, user=outcome.user, sys=outcome.sys,
                   peak_kib=outcome.peak_kib,
                   minor_faults=outcome.minor_faults,
                   major_faults=outcome.major_faults,
                   idle=int(idle), load_before=round(before, 3),
                   load_during=round(during, 3),
                   command=shlex.join(bench.command),
                   **bench.read_figures(outcome))

    def keep_output(self, bench, allocator, rep, outcome):
        """What a failed run said goes to a file of its own."""
        name = f'{bench.name} {allocator.name} {rep}.log'
        folder = os.path.join(self.folder, 'failed')
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, name.replace('/', '_')), 'w',
                  encoding='utf-8') as log:
            log.write(outcome.output)
            log.write(f'\n[WITNESSES] {json.dumps(outcome.witnesses)}\n')

    def progress(self, run):
        total = (self.plan.reps * len(self.plan.benchmarks) *
                 len(self.plan.allocators))
        result = f'{run.score:14.6g} {run.unit:6s}' if run.ok \
            else f'X {run.status[:60]}'
        say(f'{run.order:4d}/{total} {run.benchmark:32s} '
            f'{run.allocator:12s} {result} {run.peak_kib / 1024:8.1f} MiB '
            f'{run.wall:7.2f} s{"" if run.idle else "  (busy)"}')


def launch(launcher, bench, allocator, timeout):
    return launcher.run(bench.command, allocator.library,
                        env={**bench.env, **allocator.env},
                        stdin=bench.stdin, cwd=bench.cwd,
                        timeout=bench.timeout or timeout)


def judge(outcome, allocator, score, unit):
    """'ok', or why this run is no result."""
    if outcome.failure():
        return outcome.failure()
    wrong = allocator.answered(outcome.witnesses)
    if wrong:
        return wrong
    if score is None:
        return 'no score in the output'
    if score <= 0:
        return f'the score is {score}'
    if unit == 's' and score > outcome.wall + CLOCK_ERROR:
        return f'{score} s are more than the whole run took'
    return 'ok'


def provider(outcome):
    """The file whose malloc answered, of the last process."""
    return outcome.witnesses[-1][1] if outcome.witnesses else ''


def calibrate(measure, seconds, begin=10000):
    """How many iterations take so long? Measure(n) says the seconds n take.

    A short run tells little about a long one (first touches, growth), so the
    last step is at most to twice of what was measured. It is measured twice: a
    run that somebody disturbed would make all others too short.
    """
    n = begin
    while True:
        took = max(measure(n), 1e-4)
        if took >= seconds / 2:
            took = max(min(took, measure(n)), 1e-4)
        if took >= seconds / 2:
            return round_up(n * seconds / took)
        n = int(n * min(max(1.05 * seconds / took, 2), 50))


def round_up(n):
    """To two digits, for commands that people can read."""
    unit = 10 ** max(0, len(str(int(n))) - 2)
    return -int(-n // unit) * unit
