# SPDX-License-Identifier: MIT
"""What Python takes with its own allocator, with hz3, and on a heap."""

import os
import threading
import time


def work():
    """Objects of all sizes, from four threads, freed in another order."""

    def fill(kept):
        for i in range(100000):
            text = b"x" * (i % 1000)
            kept[i % 5000] = {"name": f"n{i}", "sub": [i, i + 1], "text": text}

    dicts = [{} for _ in range(4)]
    threads = [threading.Thread(target=fill, args=(d,)) for d in dicts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(d) == 5000 and len(d[7]["text"]) == 7 for d in dicts)


def work_in_hz3():
    import hz3python

    work()


def work_in_heap():
    """What the work frees must be gone from the heap's figures."""
    import hz3python

    hz3python.use_heap()
    blocks, used = hz3python.stats()
    work()
    # Caches of the interpreter may have grown a little.
    assert hz3python.stats()[0] < blocks + 2000
    assert hz3python.stats()[1] < used + (1 << 20)
    kept = [bytearray(1000) for _ in range(10000)]
    assert hz3python.stats()[1] > used + len(kept) * 1000


def work_limited():
    """A script that wants too much gets a MemoryError, and no harm is done."""
    import hz3python

    hz3python.use_heap()
    hz3python.set_limit(16 << 20)
    try:
        greedy = []
        while True:
            greedy.append(bytearray(100000))
    except MemoryError:
        assert 100 < len(greedy) < 200
        del greedy
    hz3python.set_limit(0)
    assert len(bytearray(32 << 20)) == 32 << 20


def measure(what, run):
    """Run it in a process of its own, and say what it took."""
    begin = time.monotonic()
    pid = os.fork()
    if not pid:
        run()
        os._exit(0)
    _, status, usage = os.wait4(pid, 0)
    assert status == 0, status
    took = (time.monotonic() - begin) * 1e3
    print(f"{what:<16} {took:8.1f} ms {usage.ru_maxrss:8} KiB", flush=True)


measure("Python, own", work)
measure("Python, hz3", work_in_hz3)
measure("Python, a heap", work_in_heap)
measure("Python, limited", work_limited)
