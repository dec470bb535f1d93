# SPDX-License-Identifier: MIT
"""The Markdown summary of a session, and summary.csv with a line per cell."""

import csv
import os

from . import stats
from .results import HIGH_LOAD, INVALID_FALLBACK, SHORT_SECONDS

LEGEND = f"""\
Medians; the best of a row is **bold**. ± is the median absolute deviation in
percent of the median. X*n*/*m*: *n* of *m* runs failed. Marks: s – the run
was shorter than {SHORT_SECONDS:g} s; ! – invalid, a fallback rate of
{INVALID_FALLBACK:g} % or more, so it did other work than was asked for; b –
at least half of its runs were not alone on the machine (before the run, or
more than {HIGH_LOAD:g} cores during it).
"""


def quantity(value):
    """Four digits and a suffix."""
    for unit, suffix in ((1e9, 'G'), (1e6, 'M'), (1e3, 'k')):
        if value >= 10 * unit:
            return f'{value / unit:.4g}{suffix}'
    return f'{value:.4g}'


def mib(kib):
    return f'{kib / 1024:.1f}'


def table(head, rows, words=1):
    """Lines of a Markdown table; the first columns are words."""
    yield '| ' + ' | '.join(head) + ' |'
    yield '|' + ' --- |' * words + ' ---: |' * (len(head) - words)
    for row in rows:
        yield '| ' + ' | '.join(row) + ' |'
    yield ''


def optional(value, form='{:.3f}'):
    return '–' if value is None else form.format(value)


class Report:
    def __init__(self, results, about):
        self.results = results
        self.about = about
        self.results.order(about.get('allocators', {}))

    def lines(self):
        yield f'# {self.about["title"]}'
        yield ''
        yield from self.session()
        yield from self.means()
        yield from self.versus()
        yield from self.scores()
        yield from self.ratios()
        yield from self.figure('Wall time, s', 'wall', '{:.2f}'.format)
        yield from self.figure('Peak RSS, MiB', 'peak_kib', mib)
        yield from self.figure('Page faults (minor)', 'minor_faults', quantity)
        yield from self.figure('User time, s', 'user', '{:.2f}'.format)
        yield from self.figure('System time, s', 'sys', '{:.2f}'.format)
        yield from self.remote()
        yield from self.warnings()

    def session(self):
        for word, text in self.about.get('machine', {}).items():
            yield f'- {word}: {text}'
        for word in ('reps', 'seed', 'revision', 'command'):
            if self.about.get(word):
                yield f'- {word}: `{self.about[word]}`'
        yield ''
        rows = [[name, a['identity'], f'`{a["library"]}`', a['note']]
                for name, a in self.about.get('allocators', {}).items()]
        yield from table(['allocator', 'says it is', 'library', 'note'], rows,
                         words=4)

    def _means(self, title, figure):
        results = self.results
        yield f'## {title}: geometric mean of the ratio to the best'
        yield ''
        rows = []
        for group, benches in results.groups().items():
            ratios = results.ratios(figure, benches)
            means = stats.geomeans(ratios, results.names)
            best = min((m for m in means.values() if m), default=None)
            row = [f'{group} ({len(benches)})']
            for name in results.names:
                text = optional(means[name])
                if means[name] is not None and means[name] == best:
                    text = f'**{text}**'
                failed = sum(name not in r for r in ratios.values())
                row.append(text + (f' X{failed}' if failed else ''))
            rows.append(row)
        ratios = results.ratios(figure)
        row = ['worst benchmark']
        for name in results.names:
            worst = stats.worst(ratios, name)
            row.append(f'{worst[0]:.2f} {worst[1]}' if worst else '–')
        rows.append(row)
        yield from table(['benchmarks', *results.names], rows)

    def means(self):
        yield from self._means('Score', 'score')
        yield from self._means('Peak RSS', 'peak_kib')
        yield ('1.000 is an allocator that is the best in every benchmark. '
               'X*n*: without *n* benchmarks that it failed.')
        yield ''

    def versus(self):
        results = self.results
        if not results.hz3 or not results.peers:
            return
        yield '## Against the best single peer'
        yield ''
        rows = []
        for group, benches in results.groups().items():
            ratios = results.ratios('score', benches)
            for name in results.hz3:
                v = stats.Versus(ratios, name, results.peers)
                rows.append([
                    f'{group} ({len(benches)})', name, v.peer or '–',
                    optional(v.speed),
                    f'{v.worst[0]:.2f} {v.worst[1]}' if v.worst else '–'])
        yield from table(['benchmarks', 'allocator', 'best single peer',
                          'speed against it',
                          "worst against a benchmark's best peer"], rows,
                         words=3)
        yield ('Speed: the geometric mean of our score over the peer\'s where '
               'both have one; above 1 we are faster.')
        yield ''

    def _cell(self, cell, text, best):
        if cell is None:
            return '–'
        if not cell.ok:
            return f'X{cell.failed}/{len(cell.runs)}'
        marks = ('s' if cell.short() else '') + \
            ('!' if cell.invalid() else '') + \
            ('b' if 2 * cell.disturbed() >= len(cell.runs) else '')
        text = f'**{text}**' if best else text
        return f'{text} {marks}' if marks else text

    def _rows(self, figure, form, higher=None):
        """A row for each benchmark, the best values in bold."""
        results = self.results
        for bench in results.benchmarks:
            medians = results.medians(bench, figure)
            best = None
            if medians:
                pick = max if higher and higher[bench] else min
                best = pick(medians.values())
            row = [bench]
            for name in results.names:
                cell = results.cells.get((bench, name))
                text = form(cell, medians[name]) if name in medians else '–'
                row.append(self._cell(cell, text, medians.get(name) == best))
            yield row

    def scores(self):
        results = self.results

        def form(cell, value):
            return f'{quantity(value)} ±{cell.spread():.0f}%'

        rows = []
        for row in self._rows('score', form, results.higher):
            unit = results.units[row[0]]
            arrow = '↑' if results.higher[row[0]] else '↓'
            rows.append([f'{row[0]} ({unit + " " if unit else ""}{arrow})',
                         *row[1:]])
        yield '## Score (↑ higher is better, ↓ lower is better)'
        yield ''
        yield from table(['benchmark', *results.names], rows)
        yield LEGEND

    def ratios(self):
        results = self.results
        ratios = results.ratios('score')
        rows = [[bench, *(optional(ratios[bench].get(name), '{:.2f}')
                          for name in results.names)]
                for bench in results.benchmarks]
        yield '## Score, ratio to the best (1.00 is the best)'
        yield ''
        yield from table(['benchmark', *results.names], rows)

    def figure(self, title, name, form):
        rows = self._rows(name, lambda _cell, value: form(value))
        yield f'## {title}'
        yield ''
        yield from table(['benchmark', *self.results.names], rows)

    def remote(self):
        """What the programs say about the frees that were remote."""
        results = self.results
        rows = []
        for bench in results.benchmarks:
            rates = results.medians(bench, 'actual_remote')
            if not any(rates.values()):
                continue
            falls = results.medians(bench, 'fallback_rate')
            rows.append([bench, *(
                f'{rates[name]:.1f} / {falls.get(name, 0):.2f}'
                if name in rates else '–' for name in results.names)])
        if rows:
            yield '## Effective remote rate / fallback rate, percent'
            yield ''
            yield from table(['benchmark', *results.names], rows)

    def warnings(self):
        cells = self.results.cells
        failed = {key: cell for key, cell in cells.items() if not cell.ok}
        counts = [
            ('failed', failed),
            (f'shorter than {SHORT_SECONDS:g} s',
             [key for key, cell in cells.items() if cell.short()]),
            (f'invalid (fallback rate of {INVALID_FALLBACK:g} % or more)',
             [key for key, cell in cells.items() if cell.invalid()]),
            ('measured on a machine that was not idle',
             [key for key, cell in cells.items()
              if cell.ok and 2 * cell.disturbed() >= len(cell.runs)]),
        ]
        yield '## Warnings'
        yield ''
        for title, which in counts:
            yield f'- cells {title}: {len(which)} of {len(cells)}'
        reasons = [
            f'- X {bench}, {name}: ' + ', '.join(
                sorted({run.status for run in cell.runs if not run.ok}))
            for (bench, name), cell in failed.items()]
        yield from reasons
        yield ''


def write_cells(results, folder):
    """summary.csv: for whoever wants to compute something else."""
    with open(os.path.join(folder, 'summary.csv'), 'w', newline='',
              encoding='utf-8') as file:
        out = csv.writer(file, lineterminator='\n')
        out.writerow(['benchmark', 'allocator', 'runs', 'failed', 'score',
                      'score_min', 'score_max', 'score_mad_percent', 'unit',
                      'better', 'wall', 'user', 'sys', 'peak_kib',
                      'minor_faults', 'major_faults', 'actual_remote',
                      'fallback_rate', 'short', 'invalid', 'disturbed'])
        for (bench, name), cell in results.cells.items():
            scores = cell.values('score')
            row = [bench, name, len(cell.runs), cell.failed,
                   cell.median('score'), min(scores, default=None),
                   max(scores, default=None),
                   round(cell.spread(), 2) if scores else None,
                   results.units[bench],
                   'higher' if results.higher[bench] else 'lower']
            row += [cell.median(f) for f in (
                'wall', 'user', 'sys', 'peak_kib', 'minor_faults',
                'major_faults', 'actual_remote', 'fallback_rate')]
            row += [int(cell.short()), int(cell.invalid()), cell.disturbed()]
            out.writerow(['' if v is None else v for v in row])


def write(results, about, folder):
    text = '\n'.join(Report(results, about).lines())
    with open(os.path.join(folder, 'summary.md'), 'w',
              encoding='utf-8') as file:
        file.write(text)
    write_cells(results, folder)
    return text
