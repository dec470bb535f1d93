# SPDX-License-Identifier: MIT
"""python3 -m unittest: the arithmetic of the benchmark runner."""

import unittest

from benchlib import report, session, stats


class MeansTest(unittest.TestCase):
    def test_geomean(self):
        self.assertAlmostEqual(stats.geomean([1, 4]), 2)
        self.assertAlmostEqual(stats.geomean([3]), 3)
        self.assertIsNone(stats.geomean([]))

    def test_geomean_of_many_does_not_overflow(self):
        self.assertAlmostEqual(stats.geomean([1e300] * 9) / 1e300, 1)

    def test_mad(self):
        # median 10, deviations 0 1 1 2 90: their median is 1
        self.assertAlmostEqual(stats.mad_percent([10, 9, 11, 8, 100]), 10)
        self.assertEqual(stats.mad_percent([7]), 0)
        self.assertEqual(stats.mad_percent([0, 0]), 0)


class RatiosTest(unittest.TestCase):
    def test_lower_is_better(self):
        self.assertEqual(stats.ratios({'a': 2, 'b': 1, 'c': 3}),
                         {'a': 2, 'b': 1, 'c': 3})

    def test_higher_is_better(self):
        self.assertEqual(stats.ratios({'a': 50, 'b': 100}, True),
                         {'a': 2, 'b': 1})

    def test_what_is_not_above_zero_has_no_ratio(self):
        self.assertEqual(stats.ratios({'a': 0, 'b': 5}), {'b': 1})
        self.assertEqual(stats.ratios({'a': 0}), {})
        self.assertEqual(stats.ratios({}), {})

    def test_geomeans_skip_what_failed(self):
        table = {'x': {'a': 1, 'b': 4}, 'y': {'a': 1}}
        self.assertEqual(stats.geomeans(table, ['a', 'b', 'c']),
                         {'a': 1, 'b': 4, 'c': None})

    def test_worst(self):
        table = {'x': {'a': 1.5}, 'y': {'a': 1.2}, 'z': {'b': 9}}
        self.assertEqual(stats.worst(table, 'a'), (1.5, 'x'))
        self.assertIsNone(stats.worst(table, 'nobody'))


class VersusTest(unittest.TestCase):
    def test_speed_and_worst_benchmark(self):
        # x: ours best; y: q beats us by 1.5, p is as fast as we are
        table = {'x': {'ours': 1, 'p': 2, 'q': 4},
                 'y': {'ours': 1.5, 'p': 1.5, 'q': 1}}
        v = stats.Versus(table, 'ours', ['p', 'q'])
        self.assertEqual(v.peer, 'p')
        self.assertAlmostEqual(v.speed, 2 ** 0.5)
        self.assertEqual(v.worst[1], 'y')
        self.assertAlmostEqual(v.worst[0], 1 / 1.5)

    def test_a_peer_that_fails_is_not_the_best_single_one(self):
        table = {'x': {'ours': 2, 'p': 3, 'q': 1},
                 'y': {'ours': 1, 'p': 3}}
        v = stats.Versus(table, 'ours', ['p', 'q'])
        self.assertEqual(v.peer, 'p')
        # but where it works it counts
        self.assertEqual(v.worst, (0.5, 'x'))

    def test_what_we_fail_is_left_out(self):
        table = {'x': {'ours': 1, 'p': 2}, 'y': {'p': 1}}
        v = stats.Versus(table, 'ours', ['p'])
        self.assertAlmostEqual(v.speed, 2)
        self.assertEqual(v.worst, (2, 'x'))

    def test_no_peers(self):
        v = stats.Versus({'x': {'ours': 1}}, 'ours', [])
        self.assertIsNone(v.peer)
        self.assertIsNone(v.speed)
        self.assertIsNone(v.worst)


class CalibrateTest(unittest.TestCase):
    def test_a_program_of_constant_speed(self):
        n = session.calibrate(lambda n: n / 1e6, 2)
        self.assertEqual(n, 2000000)

    def test_a_program_with_a_slow_start(self):
        n = session.calibrate(lambda n: 0.3 + n / 1e6, 2)
        self.assertGreaterEqual(0.3 + n / 1e6, 1.9)
        self.assertLess(0.3 + n / 1e6, 3)

    def test_a_clock_that_says_nothing_for_few_iterations(self):
        n = session.calibrate(lambda n: 0 if n < 1e6 else n / 1e7, 1)
        self.assertEqual(n, 10000000)

    def test_a_disturbed_run(self):
        calls = []

        def measure(n):
            calls.append(n)
            return n / 1e6 + (5 if len(calls) == 1 else 0)

        self.assertEqual(session.calibrate(measure, 2), 2000000)

    def test_round_up(self):
        for n, rounded in ((1, 1), (99, 99), (101, 110), (123456, 130000),
                           (130000, 130000)):
            self.assertEqual(session.round_up(n), rounded)


class NumbersTest(unittest.TestCase):
    def test_quantity(self):
        for value, text in ((0.12345, '0.1235'), (9.5, '9.5'),
                            (12345, '12.35k'), (57.5e6, '57.5M'),
                            (2e10, '20G')):
            self.assertEqual(report.quantity(value), text)


if __name__ == '__main__':
    unittest.main()
