# SPDX-License-Identifier: MIT
"""What both front ends do around their list of benchmarks."""

import argparse
import os
import shlex
import subprocess
import sys
import time

from . import (BenchError, allocators, launch, machine, plot, readme, report,
               results, session)

DEFAULT = ['fast', 'scale', 'system', 'jemalloc', 'mimalloc', 'tcmalloc']
# make goals, and what they leave in out/
PROGRAMS = {
    'bench_mt_remote_malloc': 'bench_random_mixed_mt_remote_malloc',
    'bench_malloc_args': 'bench_random_mixed_malloc_args',
    'bench_malloc_dist': 'bench_random_mixed_malloc_dist',
}
# of the machine's work that is not ours, and of a run that never ends
IDLE_WAIT, IDLE_LOAD, TIMEOUT = 10, 0.15, 300


def parser(description, epilog=None):
    p = argparse.ArgumentParser(
        description=description, epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('allocators', nargs='*', metavar='ALLOCATOR',
                   help='fast, scale, system, jemalloc, mimalloc, tcmalloc '
                   'or NAME=/path/library.so; default: '
                   f'{" ".join(DEFAULT)}')
    p.add_argument('--reps', type=positive, default=5, metavar='N',
                   help='repetitions (5)')
    p.add_argument('--out', metavar='DIR',
                   help='where the results go; default: a new folder in '
                   'out/ of the tree')
    p.add_argument('--report', metavar='DIR',
                   help='run nothing, write the summary and the pictures of '
                   'the results in DIR again')
    p.add_argument('--readme', metavar='FILE',
                   help='with --report: put the table into this text too')
    p.add_argument('--command', metavar='TEXT',
                   help='what the summary gives as the command; default: '
                   'this one')
    p.add_argument('--tree', default=launch.TOP, metavar='DIR',
                   help='where the lanes and the programs are built, as in '
                   'make O=DIR; default: the sources')
    p.add_argument('--no-build', action='store_true',
                   help='take what is in the tree as it is')
    p.add_argument('--env', action='append', default=[],
                   metavar='NAME:VAR=VALUE',
                   help='a variable for the runs of one allocator')
    p.add_argument('--seed', type=int, default=1, metavar='N',
                   help='of the order of the allocators (1)')
    p.add_argument('--timeout', type=float, default=TIMEOUT, metavar='S',
                   help=f'seconds after which a run has failed ({TIMEOUT})')
    p.add_argument('--idle-wait', type=float, default=IDLE_WAIT, metavar='S',
                   help='seconds to wait for an idle machine before each '
                   f'run; then the run is marked ({IDLE_WAIT})')
    p.add_argument('--idle-load', type=float, default=IDLE_LOAD,
                   metavar='CORES', help='cores that others may keep busy on '
                   f'an idle machine ({IDLE_LOAD})')
    return p


def positive(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError('must be at least 1')
    return number


def comma_list(convert):
    """A type for argparse: words with commas, or with blanks."""
    def parse(text):
        return [convert(word) for word in text.replace(',', ' ').split()]
    return parse


class Tree:
    """The folder where make puts what it builds."""

    def __init__(self, options):
        self.path = os.path.abspath(options.tree)
        self.may_build = not options.no_build

    def program(self, goal):
        return os.path.join(self.path, 'out', PROGRAMS[goal])

    def build(self, goals):
        if not goals or not self.may_build:
            return
        session.say(f'make {" ".join(goals)}')
        words = ['make', f'-j{os.cpu_count()}', '-C', launch.TOP, *goals]
        if not os.path.samefile(self.path, launch.TOP):
            words.append(f'O={self.path}')
        done = subprocess.run(words, env=launch.clean_environment(),
                              capture_output=True, text=True, check=False)
        if done.returncode:
            raise BenchError(f'{shlex.join(words)} failed:\n'
                             f'{done.stdout[-1000:]}{done.stderr[-3000:]}')

    def prepare(self, specs, goals):
        """Builds the lanes that were asked for and these goals."""
        os.makedirs(self.path, exist_ok=True)
        # whatever is measured, this one asks the allocators who they are
        goals = list(dict.fromkeys(['bench_malloc_args', *goals]))
        lanes = [f'all_ldpreload_{spec}' for spec in specs
                 if spec in allocators.LANES]
        self.build(lanes + goals)
        for goal in PROGRAMS.keys() & set(goals):
            if not os.access(self.program(goal), os.X_OK):
                raise BenchError(f'{self.program(goal)} is missing: make '
                                 f'{goal} builds it')


def result_folder(options, word, tree):
    folder = options.out or os.path.join(
        tree.path, 'out', f'{word}-{time.strftime("%Y%m%d-%H%M%S")}')
    os.makedirs(folder, exist_ok=True)
    if os.path.exists(os.path.join(folder, 'runs.csv')):
        raise BenchError(f'{folder} has results already')
    return folder


def choose(options, tree, launcher):
    """The allocators of the command line, each one proven."""
    chosen = [allocators.resolve(spec, tree.path)
              for spec in options.allocators]
    names = [a.name for a in chosen]
    if len(set(names)) != len(names):
        raise BenchError(f'a name is given twice: {" ".join(names)}')
    allocators.set_environment(chosen, options.env)
    for allocator in chosen:
        allocators.prove(allocator, launcher, tree.path)
        session.say(f'{allocator.name}: {allocator.identity} '
                    f'({allocator.library})')
        for option in allocators.slow_options(allocator.config):
            session.say(f'{allocator.name}: warning: {option} is on')
    return chosen


def note(allocator):
    """What distinguishes this allocator beside its name."""
    words = [f'{name}={value}' for name, value in allocator.env.items()]
    config = allocator.config
    if config:
        stash = 'sparse' if config.get('CONFIG_HZ3_REMOTE_STASH_SPARSE') == \
            'y' else 'dense'
        words.append(f'{config.get("CONFIG_HZ3_NUM_SHARDS")} shards, {stash}')
        words += allocators.slow_options(config)
    return ' '.join(words)


def revision():
    try:
        done = subprocess.run(
            ['git', '-C', launch.TOP, 'describe', '--always', '--dirty'],
            capture_output=True, text=True, check=False)
    except OSError:
        return ''
    return done.stdout.strip() if done.returncode == 0 else ''


def describe(options, title, chosen):
    return {
        'title': title,
        'machine': machine.describe(),
        'reps': options.reps,
        'seed': options.seed,
        'revision': revision(),
        'command': options.command or shlex.join(
            [os.path.basename(sys.argv[0]), *sys.argv[1:]]),
        'allocators': {a.name: {'identity': a.identity, 'library': a.library,
                                'note': note(a)} for a in chosen},
    }


def summarise(runs, about, folder, pictures=True):
    """Writes everything that is made of the runs; returns the results."""
    found = results.Results(runs)
    text = report.write(found, about, folder)
    if not pictures:
        return found
    print(text)
    drawn, message = plot.draw(found, about['title'], folder)
    if message:
        session.say(message)
    session.say(f'results: {folder} (runs.csv, summary.csv, summary.md'
                f'{", plots/" + ", plots/".join(drawn) if drawn else ""})')
    return found


def measure(options, word, tree, plan_benchmarks):
    """A whole session; plan_benchmarks(launcher, chosen) gives the title and
    the benchmarks. Returns the exit status."""
    with launch.Launcher() as launcher:
        chosen = choose(options, tree, launcher)
        folder = result_folder(options, word, tree)
        title, benchmarks = plan_benchmarks(launcher, chosen)
        if not benchmarks:
            raise BenchError('no benchmarks')
        about = describe(options, title, chosen)
        results.save_about(folder, about)
        current = session.Session(
            session.Plan(benchmarks, chosen, options.reps, options.seed,
                         options.timeout, options.idle_wait,
                         options.idle_load), launcher, folder)
        interrupted = False
        try:
            current.execute(lambda: summarise(current.runs, about, folder,
                                              pictures=False))
        except KeyboardInterrupt:
            interrupted = True
    if not current.runs:
        return 130
    found = summarise(current.runs, about, folder)
    if interrupted:
        session.say('interrupted: not all runs were made')
        return 130
    # a peer that fails is a result; when we do, something is wrong
    return int(any(not run.ok and run.allocator in found.hz3
                   for run in current.runs))


def main(front_end):
    """Runs front_end(), which returns an exit status."""
    try:
        return front_end()
    except BenchError as err:
        session.say(f'{os.path.basename(sys.argv[0])}: {err}')
        return 2
    except KeyboardInterrupt:
        return 130


def report_again(options):
    runs, about = results.load(options.report)
    found = summarise(runs, about, options.report)
    if options.readme:
        readme.update(options.readme, found, about)
    return 0
