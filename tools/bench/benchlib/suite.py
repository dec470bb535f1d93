# SPDX-License-Identifier: MIT
"""Which programs are run: benchmarks and the files that list them.

A suite file is an INI file. Section [suite] is about all of them:

    [suite]
    title = what the summary calls it
    path = folders of the programs, before those of $PATH
    goals = make goals that build the programs
    score = time=([\\d.]+)  a key of benchmarks: for all that have it not
    scale = 100             any other word: a variable, used as $scale;
                            compare --set scale=10 gives it another value

Every other section is a benchmark, its name the name of the section:

    [larson8]
    command = larson 1 8 1000 5000 100 4141 8
    score = relative time: ([\\d.]+)s      found in the output; default: the
                                          wall time, in seconds
    better = lower                        or higher
    unit = s
    seconds = time=([\\d.]+)               how long it ran, if not all the time
    tags = threads8 server                rows of the geometric means
    stdin = $dir/input                    default: nothing
    env = A=1 B=2
    cwd = $dir                            default: an empty folder
    timeout = 60

Variables are those of [suite], $dir (the folder of the file), $top (the
sources), $tree (what was built), $cores, and $$ for a dollar. There is no
shell: write "sh -c '...'" for one.
"""

import configparser
import dataclasses
import os
import re
import shlex
import shutil
import string

from . import BenchError
from .launch import TOP

# what a program may say beside its score
FIGURES = ('seconds', 'actual_remote', 'fallback_rate')
KEYS = {'command', 'score', 'better', 'unit', 'tags', 'stdin', 'env', 'cwd',
        'timeout', *FIGURES}
SUITE_KEYS = {'title', 'path', 'goals'}


def read_number(pattern, text):
    """The number of the last match, or None."""
    found = None
    for found in re.finditer(pattern, text, re.M):
        pass
    if not found:
        return None
    try:
        return float(found[1].replace(',', ''))
    except ValueError:
        return None


@dataclasses.dataclass
class Benchmark:
    name: str
    command: list
    score: str = ''             # regular expression; empty: the wall time
    higher: bool = False        # more is better
    unit: str = 's'
    tags: list = dataclasses.field(default_factory=list)
    stdin: str = None
    env: dict = dataclasses.field(default_factory=dict)
    cwd: str = None
    timeout: float = 0          # 0: the session's
    path: str = os.defpath      # where the program is looked for
    figures: dict = dataclasses.field(default_factory=dict)  # like score

    def locate(self):
        """Finds the program; to be called before it is run."""
        found = shutil.which(self.command[0], path=self.path)
        if not found:
            raise BenchError(f'{self.name}: there is no {self.command[0]}')
        self.command[0] = os.path.abspath(found)

    def read_score(self, outcome):
        if self.score:
            return read_number(self.score, outcome.output)
        return outcome.wall

    def read_figures(self, outcome):
        found = {name: read_number(self.figures[name], outcome.output)
                 if name in self.figures else None for name in FIGURES}
        if found['seconds'] is None:
            found['seconds'] = outcome.wall
        return found


@dataclasses.dataclass
class Suite:
    title: str
    benchmarks: list
    goals: list


class _Section:
    """One section, with its variables filled in."""

    def __init__(self, where, values, variables):
        self.where = where
        self.values = values
        self.variables = variables

    def get(self, key, otherwise=''):
        text = self.values.get(key, otherwise)
        try:
            return string.Template(text).substitute(self.variables)
        except (KeyError, ValueError) as err:
            raise BenchError(f'{self.where}: {key}: {err}') from err

    def raw(self, key, otherwise=''):
        return self.values.get(key, otherwise)

    def pattern(self, key):
        """A regular expression, with one group, taken as it is written."""
        text = self.raw(key)
        try:
            groups = re.compile(text).groups
        except re.error as err:
            raise BenchError(f'{self.where}: {key}: {err}') from err
        if text and groups != 1:
            raise BenchError(f'{self.where}: {key}: needs one (group)')
        return text

    def words(self, key):
        try:
            return shlex.split(self.get(key))
        except ValueError as err:
            raise BenchError(f'{self.where}: {key}: {err}') from err


def _benchmark(name, section, path):
    unknown = set(section.values) - KEYS
    if unknown:
        raise BenchError(f'{section.where}: no such key: '
                         f'{", ".join(sorted(unknown))}')
    command = section.words('command')
    if not command:
        raise BenchError(f'{section.where}: no command')
    score = section.pattern('score')
    figures = {key: section.pattern(key) for key in FIGURES
               if section.raw(key)}
    better = section.raw('better', 'lower')
    if better not in ('lower', 'higher'):
        raise BenchError(f'{section.where}: better: lower or higher')
    try:
        timeout = float(section.raw('timeout', '0'))
        env = dict(word.split('=', 1) for word in section.words('env'))
    except ValueError as err:
        raise BenchError(f'{section.where}: {err}') from err
    return Benchmark(name, command, score, better == 'higher',
                     section.raw('unit', '' if score else 's'),
                     section.words('tags'), section.get('stdin') or None, env,
                     section.get('cwd') or None, timeout, path, figures)


def _variables(head, file, tree, values):
    """Our own, and those of the section [suite] in their order."""
    variables = {'dir': os.path.dirname(os.path.abspath(file)), 'top': TOP,
                 'tree': tree, 'cores': str(os.cpu_count())}
    own = [key for key in head if key not in SUITE_KEYS]
    unknown = set(values) - set(own)
    if unknown:
        raise BenchError(f'{file}: no such variable: {unknown.pop()}')
    section = _Section(f'{file}: [suite]', {**head, **values}, variables)
    for key in own:
        variables[key] = section.get(key)
    return variables


def read(file, tree, values=None):
    """The suite in this file; values replace those of its variables."""
    parser = configparser.ConfigParser(interpolation=None, strict=True,
                                       default_section='',
                                       comment_prefixes=('#', ';'),
                                       inline_comment_prefixes=None,
                                       delimiters=('=',))
    try:
        with open(file, encoding='utf-8') as text:
            parser.read_file(text)
    except (OSError, UnicodeDecodeError, configparser.Error) as err:
        raise BenchError(f'{file}: {err}') from err
    head = dict(parser['suite']) if parser.has_section('suite') else {}
    defaults = {key: head.pop(key) for key in KEYS & head.keys()}
    variables = _variables(head, file, tree, values or {})
    section = _Section(f'{file}: [suite]', head, variables)
    path = os.pathsep.join([*section.words('path'),
                            os.environ.get('PATH', os.defpath)])
    benchmarks = [
        _benchmark(name, _Section(f'{file}: [{name}]',
                                  {**defaults, **parser[name]}, variables),
                   path)
        for name in parser.sections() if name != 'suite']
    title = section.get('title', os.path.basename(file))
    return Suite(title, benchmarks, section.words('goals'))
