# SPDX-License-Identifier: MIT
"""The table of a session in a text for readers, as README.rst is one.

It stands between two lines that are comments in reStructuredText; what is
between them is replaced, everything else stays as it is.
"""

import textwrap

from . import BenchError, report, stats

BEGIN = '.. benchmarks begin (make bench-readme writes what follows)'
END = '.. benchmarks end'
WIDTH = 80


def cell(results, bench, name):
    """Three digits, with a mark for the best of the row; X: it failed."""
    medians = results.medians(bench, 'score')
    if name not in medians:
        return 'X '
    pick = max if results.higher[bench] else min
    best = medians[name] == pick(medians.values())
    three_digits = float(f'{medians[name]:.3g}')
    return report.quantity(three_digits) + ('*' if best else ' ')


def rows(results):
    for bench in results.benchmarks:
        unit = results.units[bench]
        yield [f'{bench} ({unit})' if unit not in ('', 's') else bench,
               *(cell(results, bench, name) for name in results.names)]


def means(results):
    """The two lines at the end; an allocator that failed has none."""
    for what, figure in (('time', 'score'), ('peak memory', 'peak_kib')):
        ratios = {bench: row for bench, row in
                  results.ratios(figure).items() if row}
        complete = [name for name in results.names
                    if all(name in row for row in ratios.values())]
        found = stats.geomeans(ratios, complete)
        best = min(found.values(), default=None)
        yield [what, *('X ' if name not in found else
                       f'{found[name]:.2f}' +
                       ('*' if found[name] == best else ' ')
                       for name in results.names)]


def columns(lines):
    """Lines of one width: words to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    for first, *others in lines:
        yield '  '.join([first.ljust(widths[0]),
                         *(text.rjust(width) for text, width
                           in zip(others, widths[1:]))]).rstrip()


def conditions(results, about):
    """A sentence on what was measured where, as a reader must know it."""
    machine = about.get('machine', {})
    allocators = about.get('allocators', {})
    cells = [c for c in results.cells.values() if c.ok]
    disturbed = sum(2 * c.disturbed() >= len(c.runs) for c in cells)
    words = [f'Seconds, medians of {about["reps"]} runs, * the best; the '
             'means are geometric, of the ratio to the best of each row.',
             'X: it failed.' if len(cells) < len(results.cells) else '',
             '; '.join(f'{name}: {a["identity"].split("-")[0]}'
                       for name, a in allocators.items()) + '.',
             f'{machine.get("processor")}, {machine.get("cores")} cores, '
             f'{machine.get("memory")}, Linux {machine.get("kernel")}, '
             f'{machine.get("date", "").split(" ")[0]}, '
             f'revision {about.get("revision")}.',
             f'{disturbed} of {len(cells)} figures were taken while others '
             'used the machine.' if disturbed else '']
    return textwrap.wrap(' '.join(filter(None, words)), WIDTH - 2)


def block(results, about):
    """The lines between the marks."""
    head = [['', *(name + ' ' for name in results.names)]]
    *table, time, memory = columns([*head, *rows(results), *means(results)])
    text = [f'$ {about["command"]}', *table, '', 'mean of ratios', time,
            memory, '', *conditions(results, about)]
    return ['', '::', '', *(f'  {line}'.rstrip() for line in text), '']


def update(file, results, about):
    """Replaces what is between the marks of this file."""
    results.order(about.get('allocators', {}))
    try:
        with open(file, encoding='utf-8') as text:
            lines = text.read().splitlines()
        begin, end = lines.index(BEGIN), lines.index(END)
    except (OSError, ValueError) as err:
        raise BenchError(f'{file}: {err}') from err
    if begin > end:
        raise BenchError(f'{file}: the marks are in the wrong order')
    lines[begin + 1:end] = block(results, about)
    with open(file, 'w', encoding='utf-8') as text:
        text.write('\n'.join(lines) + '\n')
