# SPDX-License-Identifier: MIT
"""Which libraries are measured, and the proof that they are what they claim.

An allocator is given as a word the runner knows (fast, scale, system,
jemalloc, mimalloc, tcmalloc) or as NAME=/path/to/library.so. Nothing is
measured on trust: before the first run each library is asked who it is, by a
symbol only that allocator has, and in each run every process says which file
its malloc came from. A name that belongs to an allocator (fast=..., mimalloc3=
...) must be answered by that allocator; fast and scale must be the lanes with
these names, by the configuration inside the library.
"""

import dataclasses
import glob
import os
import re
import subprocess
import sys

from . import BenchError
from .launch import TOP

DEBIAN = {
    'jemalloc': 'libjemalloc.so.2',
    'mimalloc': 'libmimalloc.so.2',
    'tcmalloc': 'libtcmalloc_minimal.so.4',
}
LIBRARY_DIRS = ('/usr/lib/*-linux-gnu', '/usr/lib64', '/usr/lib',
                '/usr/local/lib')
LANES = {
    os.path.basename(path)[:-len('_defconfig')]: path
    for path in glob.glob(f'{TOP}/arch/{os.uname().machine}/configs/'
                          '*_defconfig')
}
# a name that begins so must be answered by the allocator
IDENTITIES = {
    **{lane: 'hz3' for lane in LANES}, 'hz3': 'hz3', 'system': 'glibc',
    'jemalloc': 'jemalloc', 'mimalloc': 'mimalloc', 'tcmalloc': 'tcmalloc',
    'snmalloc': 'snmalloc', 'rpmalloc': 'rpmalloc',
}
# options that make a build no subject of a benchmark
SLOW_OPTIONS = re.compile(r'CONFIG_(HZ3_DEBUG\w*|SANITIZE_(?!NONE)\w+|GCOV|'
                          r'\w*FAULT_INJECTION)$')

PROBE = 'bench_random_mixed_malloc_args'
ASK_CONFIG = '''
import ctypes
call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_char_p,
                        ctypes.c_char_p)
def show(_arg, name, value):
    print(name.decode(), value.decode(), sep='=')
ctypes.CDLL(None).hz3_config(call(show), None)
'''


@dataclasses.dataclass
class Allocator:
    name: str
    library: str            # the file that must define malloc
    env: dict = dataclasses.field(default_factory=dict)
    identity: str = ''      # what it says: "hz3 0.1.0", "jemalloc 5.3.0-..."
    config: dict = dataclasses.field(default_factory=dict)

    @property
    def is_hz3(self):
        return self.identity.startswith('hz3 ')

    def answered(self, witnesses):
        """None when all processes used this malloc, or what was wrong."""
        if not witnesses:
            return 'no process said whose malloc it uses'
        for program, provider, version in witnesses:
            # half an allocator is worse than none
            if provider.startswith('mixed:'):
                return f'{program}: {provider[6:]} is of another library'
            if not same_file(provider, self.library):
                return f'{program}: malloc is of {provider}'
            if (version != '-') != self.is_hz3:
                return f'{program}: hz3_version() says {version}'
        return None


def same_file(one, other):
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def find_libc():
    with open('/proc/self/maps', encoding='utf-8') as maps:
        for line in maps:
            path = line.split()[-1]
            if re.search(r'/libc\.so|/libc-[\d.]+\.so', path):
                return path
    raise BenchError('cannot find the C library')


def find_debian(name):
    for folder in LIBRARY_DIRS:
        for path in glob.glob(f'{folder}/{DEBIAN[name]}'):
            return path
    raise BenchError(f'{name}: there is no {DEBIAN[name]} here; '
                     'scripts/install-deps.sh bench installs it')


def resolve(spec, tree):
    """The allocator of a word; the lanes are those built in this tree."""
    name, equals, path = spec.partition('=')
    if not re.fullmatch(r'[\w.+-]+', name):
        raise BenchError(f'{spec}: a name has letters, digits and .+-_')
    if not equals:
        if name in LANES:
            path = os.path.join(tree, f'libhakozuna_hz3_{name}.so')
        elif name == 'system':
            path = find_libc()
        elif name in DEBIAN:
            path = find_debian(name)
        else:
            words = ', '.join([*LANES, 'system', *DEBIAN])
            raise BenchError(f'{spec}: neither NAME=LIBRARY nor one of '
                             f'{words}')
    path = os.path.abspath(os.path.expanduser(path))
    if not os.path.isfile(path):
        raise BenchError(f'{name}: there is no file {path}')
    if re.search(r'[\s:]', path):
        raise BenchError(f'{name}: LD_PRELOAD cannot hold {path!r}')
    return Allocator(name, path)


def set_environment(allocators, words):
    """NAME:VARIABLE=VALUE: this allocator's runs get this variable."""
    by_name = {a.name: a for a in allocators}
    for word in words:
        match = re.fullmatch(r'([^:]+):(\w+)=(.*)', word)
        if not match or match[1] not in by_name:
            raise BenchError(f'{word}: must be NAME:VARIABLE=VALUE with the '
                             'name of an allocator')
        by_name[match[1]].env[match[2]] = match[3]


def prove(allocator, launcher, tree):
    """Asks the library who it is; refuses one that claims to be another."""
    name = allocator.name
    probe = os.path.join(tree, 'out', PROBE)
    outcome = launcher.run([probe, '1', '1', '16', '16'], allocator.library,
                           env=allocator.env, timeout=20)
    said = re.search(r'^\[ALLOCATOR\] (.*) \((.*)\)$', outcome.output, re.M)
    if outcome.failure() or not said:
        raise BenchError(f'{name}: {allocator.library} does not work: '
                         f'{outcome.failure()}\n{outcome.output[-1000:]}')
    allocator.identity = said[1]
    wrong = allocator.answered(outcome.witnesses)
    if wrong:
        raise BenchError(f'{name}: {allocator.library} does not answer: '
                         f'{wrong}')
    prove_identity(allocator)
    if allocator.is_hz3:
        allocator.config = ask_config(allocator, launcher)
    if name in LANES:
        prove_lane(name, allocator.config)


def prove_identity(allocator):
    known = re.match('|'.join(sorted(IDENTITIES, key=len, reverse=True)),
                     allocator.name)
    claim = IDENTITIES[known[0]] if known else None
    if claim and not allocator.identity.startswith(claim):
        raise BenchError(f'{allocator.name}: {allocator.library} is not '
                         f'{claim}, it says that it is '
                         f'{allocator.identity}')


def ask_config(allocator, launcher):
    """{option: value}, from hz3_config() of the preloaded library."""
    env = {**launcher.environment, **allocator.env,
           'LD_PRELOAD': allocator.library}
    answer = subprocess.run([sys.executable, '-I', '-S', '-c', ASK_CONFIG],
                            env=env, capture_output=True, text=True,
                            timeout=60, check=False)
    if answer.returncode:
        raise BenchError(f'{allocator.name}: hz3_config() fails:\n'
                         f'{answer.stderr[-1000:]}')
    return dict(line.split('=', 1) for line in answer.stdout.splitlines()
                if '=' in line)


def _differs(lane, config):
    """The first option of the lane's defconfig that is another here."""
    with open(LANES[lane], encoding='ascii') as lines:
        for line in lines:
            option, equals, value = line.strip().partition('=')
            value = value.strip('"')
            if equals and config.get(option, 'n') != value:
                return f'{option} is {config.get(option, "not set")}, ' \
                       f'not {value}'
    return None


def prove_lane(lane, config):
    wrong = _differs(lane, config)
    if wrong:
        raise BenchError(f'{lane}: this library is another lane: {wrong}')
    # a defconfig without lines fits everything
    for other, path in LANES.items():
        if other != lane and os.path.getsize(path) > \
                os.path.getsize(LANES[lane]) and not _differs(other, config):
            raise BenchError(f'{lane}: this library is the {other} lane')


def slow_options(config):
    return [option for option, value in config.items()
            if value == 'y' and SLOW_OPTIONS.match(option)]
