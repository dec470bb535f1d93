# SPDX-License-Identifier: MIT
"""The benchmark runner: what tools/bench/matrix and tools/bench/compare share.

    suite       which programs are run and how their score is read
    allocators  which libraries they are run with, and the proof that they are
    machine     is this machine idle, and which one is it?
    launch      one measured run
    session     all runs, interleaved; writes runs.csv
    results     runs.csv read and brought together, a cell for each pair
    stats       medians, spread, ratios, geometric means
    report      the Markdown summary
    plot        bars, by gnuplot
    readme      the table for README.rst
    cli         the options that both front ends have
"""


class BenchError(Exception):
    """What the user must hear: the front end prints it and exits with 2."""
