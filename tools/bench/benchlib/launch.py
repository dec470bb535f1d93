# SPDX-License-Identifier: MIT
"""One measured run of a program with an allocator.

The tools are those of the real-program tests: runstat measures the program
(and kills what it leaves behind), whoami is preloaded with the allocator and
writes down, in every process, whose malloc answers.
"""

import dataclasses
import os
import re
import shutil
import subprocess
import tempfile

from . import BenchError

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), '../../..'))
REALPROGS = os.path.join(TOP, 'tools/testing/realprogs')
OUTPUT_LIMIT = 1 << 20

# Settings of allocators that somebody has in the environment would be
# measured with them; make's variables would reach the makes we start.
FOREIGN = re.compile(r'LD_PRELOAD$|LD_LIBRARY_PATH$|GLIBC_TUNABLES$|HZ3_|'
                     r'MALLOC_|_RJEM|JE_|MIMALLOC_|TCMALLOC_|SNMALLOC_|'
                     r'MAKEFLAGS$|MAKELEVEL$|MFLAGS$|MAKEOVERRIDES$|'
                     r'GNUMAKEFLAGS$|KBUILD_|O$|CC$|CXX$|ARCH$|SRCARCH$|'
                     r'CROSS_COMPILE$|srctree$|objtree$|srcprefix$|quiet$|Q$')


def clean_environment():
    env = {name: value for name, value in os.environ.items()
           if not FOREIGN.match(name)}
    env['LC_ALL'] = 'C'
    return env


@dataclasses.dataclass
class Outcome:
    """What one run did; the figures are 0 when it did not even start."""
    status: int
    output: str
    witnesses: list  # (program, path of the malloc that answered, version)
    wall: float = 0.0
    user: float = 0.0
    sys: float = 0.0
    peak_kib: int = 0
    minor_faults: int = 0
    major_faults: int = 0

    def failure(self):
        """None, or why this run is no result."""
        if self.status == 0:
            return None
        if self.status == 124:
            return 'timeout'
        if self.status == 127:
            return 'no such program'
        if self.status > 128:
            return f'signal {self.status - 128}'
        return f'exit {self.status}'


class Launcher:
    """Owns a temporary folder with the tools; use it in a with statement."""

    def __init__(self):
        self.work = tempfile.mkdtemp(prefix='hz3-bench.')
        # servers run as another user must get through
        os.chmod(self.work, 0o755)
        self.runstat = os.path.join(self.work, 'runstat')
        self.whoami = os.path.join(self.work, 'whoami.so')
        self.environment = clean_environment()

    def __enter__(self):
        script = f'. "{REALPROGS}/common.sh"; work=$1; build_tools'
        try:
            subprocess.run(['bash', '-c', script, 'bash', self.work],
                           check=True, env=self.environment,
                           capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as err:
            self.__exit__()
            raise BenchError('cannot build runstat and whoami: '
                             f'{err}\n{getattr(err, "stderr", "")}') from err
        return self

    def __exit__(self, *_exception):
        shutil.rmtree(self.work, ignore_errors=True)

    def run(self, command, library, env=None, stdin=None, cwd=None,
            timeout=0):
        """Runs a command with this library's malloc in all its processes.

        Without a cwd it gets an empty folder of its own.
        """
        witness = self._fresh('witness')
        figures = self._fresh('figures')
        os.chmod(witness, 0o666)
        scratch = tempfile.mkdtemp(dir=self.work)
        words = [self.runstat, '-o', figures, '-t', str(int(timeout)), '-p',
                 f'{self.whoami}:{library}', *command]
        env = {**self.environment, **(env or {}),
               'REALPROG_WITNESS': witness}
        try:
            with open(stdin or os.devnull, 'rb') as source, \
                    open(self._fresh('output'), 'w+b') as output:
                status = self._wait(words, stdin=source, stdout=output,
                                    stderr=subprocess.STDOUT, env=env,
                                    cwd=cwd or scratch)
                size = output.seek(0, os.SEEK_END)
                output.seek(max(0, size - OUTPUT_LIMIT))
                text = output.read().decode(errors='replace')
        except OSError as err:
            raise BenchError(f'cannot run {command[0]}: {err}') from err
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        outcome = Outcome(status, text, self._read_witness(witness))
        self._read_figures(figures, outcome)
        return outcome

    @staticmethod
    def _wait(words, **options):
        with subprocess.Popen(words, **options) as process:
            try:
                return process.wait()
            except BaseException:
                # runstat passes it on and lets nobody survive
                process.terminate()
                process.wait()
                raise

    def _fresh(self, name):
        path = os.path.join(self.work, name)
        with open(path, 'wb'):
            pass
        return path

    @staticmethod
    def _read_witness(path):
        with open(path, encoding='utf-8', errors='replace') as lines:
            return [tuple(line.rstrip('\n').rsplit(' ', 2))
                    for line in lines if line.count(' ') >= 2]

    @staticmethod
    def _read_figures(path, outcome):
        with open(path, encoding='ascii') as text:
            fields = text.read().split()
        if len(fields) != 6:
            return
        outcome.wall, outcome.user, outcome.sys = map(float, fields[:3])
        outcome.peak_kib, outcome.minor_faults, outcome.major_faults = \
            map(int, fields[3:])
