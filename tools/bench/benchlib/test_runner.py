# SPDX-License-Identifier: MIT
"""python3 -m unittest: what the benchmark runner believes and what it tells.
"""

import dataclasses
import os
import tempfile
import unittest
from unittest import mock

from benchlib import (BenchError, allocators, readme, report, results,
                      session, suite)
from benchlib.allocators import Allocator
from benchlib.launch import Outcome

LIBRARY = os.path.realpath(__file__)    # any file will do
STRANGER = os.path.realpath(session.__file__)


def run_of(bench, name, score, **others):
    values = {f.name: None if f.type is not str else ''
              for f in dataclasses.fields(results.Run)}
    values.update(rep=1, order=1, benchmark=bench, allocator=name,
                  identity=f'{name} 1', score=score, status='ok', idle=1,
                  better='lower', unit='s', wall=2.0, user=1.0, sys=0.5,
                  peak_kib=1000, minor_faults=1, major_faults=0, seconds=2.0,
                  load_before=0.0, load_during=0.0)
    values.update(others)
    return results.Run(**values)


def failed(bench, name, status='exit 1'):
    return run_of(bench, name, None, status=status)


class ProofTest(unittest.TestCase):
    def setUp(self):
        self.hz3 = Allocator('fast', LIBRARY, identity='hz3 0.1.0')
        self.peer = Allocator('jemalloc', LIBRARY, identity='jemalloc 5')

    def test_the_library_itself(self):
        self.assertIsNone(self.hz3.answered([('p', LIBRARY, '0.1.0')]))
        self.assertIsNone(self.peer.answered([('p', LIBRARY, '-')]))

    def test_nobody_answered(self):
        self.assertIn('no process', self.hz3.answered([]))

    def test_one_process_of_two_used_another(self):
        wrong = self.hz3.answered([('p', LIBRARY, '0.1.0'),
                                   ('child', STRANGER, '-')])
        self.assertIn('child', wrong)

    def test_half_an_allocator(self):
        self.assertIn('memalign',
                      self.hz3.answered([('p', 'mixed:memalign', '0.1.0')]))

    def test_a_peer_that_is_hz3(self):
        self.assertIn('hz3_version',
                      self.peer.answered([('p', LIBRARY, '0.1.0')]))

    def test_names_must_be_true(self):
        allocators.prove_identity(self.hz3)
        allocators.prove_identity(Allocator('mine', LIBRARY, identity='x'))
        for name, identity in (('fast', 'glibc 2.36'), ('scale2', 'unknown'),
                               ('mimalloc3', 'jemalloc 5'),
                               ('hz3-new', 'mimalloc 209')):
            with self.assertRaises(BenchError, msg=name):
                allocators.prove_identity(Allocator(name, LIBRARY,
                                                    identity=identity))

    def test_lanes_must_be_true(self):
        config = {}
        with open(allocators.LANES['scale'], encoding='ascii') as lines:
            for line in lines:
                option, equals, value = line.strip().partition('=')
                if equals:
                    config[option] = value
        allocators.prove_lane('scale', config)
        allocators.prove_lane('fast', {})
        with self.assertRaises(BenchError):
            allocators.prove_lane('fast', config)
        with self.assertRaises(BenchError):
            allocators.prove_lane('scale', {})

    def test_unusable_words(self):
        for word in ('nobody', 'x=/no/such/file', 'x=', 'a b=/bin/sh'):
            with self.assertRaises(BenchError, msg=word):
                allocators.resolve(word, '/')

    def test_judge(self):
        good = [('p', LIBRARY, '-')]
        for outcome, score, word in (
                (Outcome(0, '', good), 1.0, 'ok'),
                (Outcome(1, '', good), 1.0, 'exit 1'),
                (Outcome(139, '', good), 1.0, 'signal 11'),
                (Outcome(124, '', good), 1.0, 'timeout'),
                (Outcome(0, '', good), None, 'no score in the output'),
                (Outcome(0, '', good), 0.0, 'the score is 0.0'),
                (Outcome(0, '', [('p', STRANGER, '-')]), 1.0,
                 f'p: malloc is of {STRANGER}')):
            self.assertEqual(session.judge(outcome, self.peer, score, ''),
                             word)

    def test_more_seconds_than_there_were(self):
        outcome = Outcome(0, '', [('p', LIBRARY, '-')], wall=2.0)
        for score, unit, word in (
                (2.0, 's', 'ok'), (2.5, '', 'ok'),
                (2.5, 's', '2.5 s are more than the whole run took')):
            self.assertEqual(session.judge(outcome, self.peer, score, unit),
                             word)


class ScheduleTest(unittest.TestCase):
    def test_every_pair_once_per_repetition_and_nobody_always_first(self):
        plan = session.Plan(['x', 'y'], ['a', 'b', 'c'], 20, 1, 0, 0, 0)
        runs = list(session.Session(plan, None, None).schedule())
        self.assertEqual(len(set(runs)), 2 * 3 * 20)
        self.assertEqual(len(runs), 2 * 3 * 20)
        self.assertEqual({run[2] for run in runs[::3]}, {'a', 'b', 'c'})
        # the allocators of a benchmark follow one another
        self.assertEqual([run[1] for run in runs[:6]],
                         ['x'] * 3 + ['y'] * 3)


class ResultsTest(unittest.TestCase):
    def setUp(self):
        self.runs = [run_of('b', 'hz3', s) for s in (1.0, 2.0, 9.0)]
        self.runs += [run_of('b', 'peer', 4.0), failed('b', 'peer'),
                      run_of('b', 'other', 4.0, fallback_rate=0.1,
                             actual_remote=40.0, seconds=0.5, idle=0)]
        self.results = results.Results(self.runs)
        self.about = {'title': 't'}

    def text(self):
        return '\n'.join(report.Report(self.results, self.about).lines())

    def test_one_failure_fails_the_cell(self):
        self.assertEqual(self.results.medians('b', 'score'),
                         {'hz3': 2.0, 'other': 4.0})
        self.assertEqual(self.results.ratios('score')['b'],
                         {'hz3': 1.0, 'other': 2.0})
        self.assertIn('X1/2', self.text())
        self.assertIn('- X b, peer: exit 1', self.text())

    def test_marks(self):
        cell = self.results.cells['b', 'other']
        self.assertTrue(cell.short() and cell.invalid())
        self.assertEqual(cell.disturbed(), 1)
        self.assertIn('s!b', self.text())

    def test_ours_and_theirs(self):
        self.assertEqual(self.results.hz3, ['hz3'])
        self.assertEqual(self.results.peers, ['peer', 'other'])
        self.assertIn('| other | 2.000 |', self.text())

    def test_all_failed(self):
        self.results = results.Results([failed('b', 'hz3'),
                                        failed('b', 'peer')])
        self.assertIn('X1/1', self.text())

    def test_groups(self):
        found = results.Results([run_of('x', 'a', 1.0, tags='t all2'),
                                 run_of('y', 'a', 1.0, tags='all2 u t2'),
                                 run_of('z', 'a', 1.0, tags='all2 t2')])
        self.assertEqual(found.groups(), {
            'all': ['x', 'y', 'z'], 't': ['x'], 'u': ['y'],
            't2': ['y', 'z']})

    def test_csv_and_back(self):
        with tempfile.TemporaryDirectory() as folder:
            writer = results.Writer(folder)
            for run in self.runs:
                writer.write(run)
            writer.close()
            results.save_about(folder, self.about)
            self.assertEqual(results.load(folder), (self.runs, self.about))


class ReadmeTest(unittest.TestCase):
    about = {'command': 'make bench', 'reps': 2, 'machine': {},
             'allocators': {'hz3': {'identity': 'hz3 1-2'},
                            'peer': {'identity': 'peer 3'}}}

    def update(self, runs, text):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, 'README')
            with open(file, 'w', encoding='utf-8') as out:
                out.write(text)
            readme.update(file, results.Results(runs), self.about)
            with open(file, encoding='utf-8') as written:
                return written.read()

    def test_between_the_marks_and_nowhere_else(self):
        runs = [run_of('b', 'peer', 4.0), run_of('b', 'hz3', 2.0),
                run_of('long', 'peer', 1.0, peak_kib=500),
                run_of('long', 'hz3', 2.0)]
        marks = f'{readme.BEGIN}\n%s{readme.END}\nlast\n'
        text = self.update(runs, 'first\n' + marks % 'old\n')
        self.assertTrue(text.startswith(f'first\n{readme.BEGIN}\n\n::\n\n'
                                        '  $ make bench\n'))
        self.assertTrue(text.endswith(f'\n\n{readme.END}\nlast\n'))
        self.assertNotIn('old', text)
        self.assertIn('  b               2*     4\n'
                      '  long            2      1*\n', text)
        self.assertIn('  time         1.41*  1.41*\n'
                      '  peak memory  1.41   1.00*\n', text)
        self.assertEqual(self.update(runs, text), text)

    def test_failures_have_no_mean(self):
        text = self.update([failed('b', 'peer'), run_of('b', 'hz3', 2.0),
                            failed('c', 'peer'), failed('c', 'hz3')],
                           f'{readme.BEGIN}\n{readme.END}\n')
        for line in ('  b               2*     X\n',
                     '  c               X      X\n',
                     '  time         1.00*     X\n', 'X: it failed.'):
            self.assertIn(line, text)

    def test_refuses_a_text_without_marks(self):
        for text in ('', f'{readme.END}\n{readme.BEGIN}\n'):
            with self.assertRaises(BenchError):
                self.update([run_of('b', 'hz3', 2.0)], text)


class SuiteTest(unittest.TestCase):
    @staticmethod
    def read(text, **values):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, 'x.suite')
            with open(file, 'w', encoding='utf-8') as out:
                out.write(text)
            return suite.read(file, '/tree', values)

    def test_all_keys(self):
        found = self.read('[suite]\ntitle = T\nwhere = /bin\npath = $where\n'
                          '[b]\ncommand = sh -c "echo $$HOME" $tree\n'
                          'score = ops=([\\d.]+)$\nbetter = higher\n'
                          'unit = ops\nseconds = t=(\\d+)\ntags = u v\n'
                          'env = A=1 B=2\ntimeout = 5\nstdin = $where/x\n')
        self.assertEqual(found.title, 'T')
        bench = found.benchmarks[0]
        self.assertEqual(bench.command[1:], ['-c', 'echo $HOME', '/tree'])
        self.assertTrue(bench.higher)
        self.assertEqual(bench.env, {'A': '1', 'B': '2'})
        self.assertEqual(bench.stdin, '/bin/x')
        outcome = Outcome(0, 'ops=1\nt=3\nops=1,000.5\n', [])
        self.assertEqual(bench.read_figures(outcome)['seconds'], 3)

    def test_score_with_thousands_and_the_last_one_counts(self):
        self.assertEqual(suite.read_number(r'(\S+) ops', '1 ops\n2,000 ops'),
                         2000)
        self.assertIsNone(suite.read_number(r'(\S+) ops', 'no ops'))

    def test_the_wall_time_is_the_default(self):
        bench = self.read('[b]\ncommand = sh\n').benchmarks[0]
        self.assertEqual(bench.read_score(Outcome(0, '', [], wall=2.5)), 2.5)
        self.assertEqual((bench.unit, bench.higher), ('s', False))

    def test_defaults_and_variables(self):
        text = ('[suite]\na = 1\nb = $a$a\nscore = t=(\\d+)$\nunit = ms\n'
                '[x]\ncommand = sh $a $b\n[y]\ncommand = sh\nunit = us\n')
        x, y = self.read(text).benchmarks
        self.assertEqual(x.command, ['sh', '1', '11'])
        self.assertEqual((x.unit, y.unit), ('ms', 'us'))
        self.assertEqual(y.score, 't=(\\d+)$')
        x, _ = self.read(text, a='2').benchmarks
        self.assertEqual(x.command, ['sh', '2', '22'])
        with self.assertRaises(BenchError):
            self.read(text, c='2')

    def test_locate(self):
        bench = self.read('[b]\ncommand = sh\n').benchmarks[0]
        bench.locate()
        self.assertTrue(os.path.isabs(bench.command[0]))
        bench.command[0] = 'no-such-program'
        with self.assertRaises(BenchError):
            bench.locate()

    def test_mistakes(self):
        for text in ('[b]\n', '[b]\ncommand = sh\nscroe = x\n',
                     '[b]\ncommand = sh\nscore = no group\n',
                     '[b]\ncommand = sh\nscore = (\n',
                     '[b]\ncommand = sh\nbetter = more\n',
                     '[b]\ncommand = sh $nothing\n',
                     '[b]\ncommand = sh\n[b]\ncommand = sh\n', 'b\n'):
            with self.assertRaises(BenchError, msg=text):
                self.read(text)


class IdleTest(unittest.TestCase):
    def test_vain_waits_become_shorter(self):
        clock = [0.0]

        def sleep(seconds):
            clock[0] += seconds

        with mock.patch('time.sleep', sleep), \
                mock.patch('time.monotonic', lambda: clock[0]), \
                mock.patch('benchlib.machine.busy_seconds',
                           lambda: clock[0]):
            idle = session.machine.IdleWait(8, 0.5)
            spans = []
            for _ in range(3):
                before = clock[0]
                self.assertEqual(idle.wait(), (1.0, False))
                spans.append(clock[0] - before)
            self.assertEqual(spans, [8, 4, 2])


if __name__ == '__main__':
    unittest.main()
