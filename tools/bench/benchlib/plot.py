# SPDX-License-Identifier: MIT
"""Bars for the figures of a session: data and script files, SVG by gnuplot.

The .dat and .gp files stay beside the pictures, so that a picture can be made
again, or another one, without this program.
"""

import os
import shutil
import subprocess

ROWS = 12   # groups of bars in one picture

OURS = ('#0b4f8a', '#4fa3d8', '#1f9e9e', '#8fc7ef')
THEIRS = ('#8c8c8c', '#d1495b', '#edae49', '#66a182', '#8d6a9f', '#a0522d',
          '#c7b299', '#c08497')

SCRIPT = '''\
set terminal svg size {width},480 noenhanced font "sans,11" background "white"
set output "{name}.svg"
set title "{title}"
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.9 border -1
set boxwidth 0.9
set grid ytics
set ylabel "{label}"
set yrange [{low}:*]
{scale}
set xtics rotate by -25
set key outside right top
set datafile missing "?"
plot {bars}
'''


def write_data(path, names, rows):
    """Rows is [(benchmark, {name: value})]; a failed cell is a "?"."""
    with open(path, 'w', encoding='utf-8') as data:
        print('# benchmark', *(f'"{name}"' for name in names), file=data)
        for bench, values in rows:
            print(f'"{bench}"', *(f'{values[name]:.6g}' if name in values
                                  else '?' for name in names), file=data)


def colours(results):
    """Blues for us, others for the peers."""
    return {name: shades[i % len(shades)]
            for names, shades in ((results.hz3, OURS),
                                  (results.peers, THEIRS))
            for i, name in enumerate(names)}


def write_script(folder, name, title, label, shades, rows, log):
    """Shades is {allocator: colour}, in the order of the bars."""
    names = list(shades)
    bars = ', '.join(
        f'"{name}.dat" using {i + 2}{":xtic(1)" if i == 0 else ""} '
        f'title "{n}" linecolor rgb "{shades[n]}"'
        for i, n in enumerate(names))
    width = 260 + 16 * len(rows) * (len(names) + 1)
    write_data(os.path.join(folder, f'{name}.dat'), names, rows)
    with open(os.path.join(folder, f'{name}.gp'), 'w',
              encoding='utf-8') as script:
        script.write(SCRIPT.format(
            name=name, title=title, label=label, bars=bars,
            width=max(640, width), low='*' if log else '0',
            scale='set logscale y' if log else ''))


def pictures(results):
    """Yields (name, title, label, {benchmark: {allocator: value}}, log)."""
    benches = results.benchmarks
    units = {results.units[bench] for bench in benches}
    if len(units) == 1 and len({results.higher[b] for b in benches}) == 1:
        unit = units.pop()
        factor = 1e-6 if unit == 'ops/s' else 1
        label = 'Mops/s' if unit == 'ops/s' else unit or 'score'
        arrow = 'higher' if results.higher[benches[0]] else 'lower'
        yield 'score', f'Score, {arrow} is better', label, {
            bench: {name: v * factor for name, v in
                    results.medians(bench, 'score').items()}
            for bench in benches}, False
    yield 'ratio', 'Ratio to the best, lower is better', 'ratio', \
        results.ratios('score'), False
    yield 'rss', 'Peak resident set, lower is better', 'MiB', {
        bench: {name: v / 1024 for name, v in
                results.medians(bench, 'peak_kib').items()}
        for bench in benches}, True


def draw(results, title, folder):
    """Returns the names of the pictures, and a message if there are none."""
    folder = os.path.join(folder, 'plots')
    os.makedirs(folder, exist_ok=True)
    scripts = []
    palette = colours(results)
    shades = {name: palette[name] for name in results.names}
    for name, what, label, data, log in pictures(results):
        rows = list(data.items())
        for i in range(0, len(rows), ROWS):
            page = f'{name}-{i // ROWS + 1}'
            write_script(folder, page, f'{title}: {what}', label,
                         shades, rows[i:i + ROWS], log)
            scripts.append(page)
    gnuplot = shutil.which('gnuplot')
    if not gnuplot:
        return [], ('gnuplot is missing, so there are no pictures; their '
                    f'data is in {folder} (gnuplot-nox has it, '
                    'scripts/install-deps.sh bench installs it)')
    drawn, errors = [], []
    for page in scripts:
        done = subprocess.run([gnuplot, f'{page}.gp'], cwd=folder,
                              capture_output=True, text=True, check=False)
        if done.returncode:
            errors.append(f'gnuplot {page}.gp: {done.stderr.strip()[-300:]}')
        else:
            drawn.append(f'{page}.svg')
    return drawn, '\n'.join(errors)
