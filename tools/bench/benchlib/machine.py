# SPDX-License-Identifier: MIT
"""Is this machine idle, and which one is it?

The load is counted in cores: 1.0 is one core that is busy all the time. Time
that a hypervisor gave to somebody else counts as busy too.
"""

import os
import platform
import time

TICKS = os.sysconf('SC_CLK_TCK')
WINDOW = 0.25   # seconds; long against a tick, short against a run


def busy_seconds():
    """What all processors together have done since boot."""
    with open('/proc/stat', encoding='ascii') as stat:
        fields = [int(f) for f in stat.readline().split()[1:]]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / TICKS


class LoadMeter:
    """The load of other processes between start() and stop()."""

    def __init__(self):
        self.begin = self.busy = 0.0
        self.start()

    def start(self):
        self.begin = time.monotonic()
        self.busy = busy_seconds()

    def stop(self, own_seconds=0.0):
        """Own_seconds is the processor time that was ours."""
        seconds = time.monotonic() - self.begin
        others = busy_seconds() - self.busy - own_seconds
        return max(0.0, others / seconds) if seconds > 0 else 0.0


class IdleWait:
    """Waits for an idle machine, but not for ever.

    On a machine that never is, each vain wait halves the next one's limit;
    the first idle moment restores it.
    """

    def __init__(self, limit, load):
        self.limit = limit
        self.load = load
        self.vain = 0

    def wait(self):
        """Returns the load of the last window and whether that is idle."""
        end = time.monotonic() + self.limit / 2 ** self.vain
        while True:
            meter = LoadMeter()
            time.sleep(WINDOW)
            load = meter.stop()
            if load <= self.load:
                self.vain = 0
                return load, True
            if time.monotonic() >= end:
                self.vain = min(self.vain + 1, 16)
                return load, False


def _first(path, key, otherwise):
    try:
        with open(path, encoding='utf-8', errors='replace') as text:
            for line in text:
                if line.startswith(key):
                    return line.split(':', 1)[1].strip()
    except OSError:
        pass
    return otherwise


def describe():
    """What a reader of the figures must know, as {word: text}."""
    memory = _first('/proc/meminfo', 'MemTotal', '0 kB').split()[0]
    return {
        'processor': _first('/proc/cpuinfo', 'model name',
                            platform.machine()),
        'cores': str(os.cpu_count()),
        'memory': f'{int(memory) / 2 ** 20:.1f} GiB',
        'kernel': platform.release(),
        'libc': ' '.join(platform.libc_ver()),
        'huge pages': _huge_pages(),
        'date': time.strftime('%Y-%m-%d %H:%M:%S %z'),
    }


def _huge_pages():
    try:
        with open('/sys/kernel/mm/transparent_hugepage/enabled',
                  encoding='ascii') as text:
            return text.read().split('[')[1].split(']')[0]
    except (OSError, IndexError):
        return 'unknown'
