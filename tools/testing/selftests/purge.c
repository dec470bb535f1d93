// SPDX-License-Identifier: MIT
/*
 * Freed memory leaves the resident set: within 2 s of going on with a little
 * work, and at once by malloc_trim() (TESTING.md class 25; figures "after
 * freeing everything").
 * selftest: modes=preload,linked needs=native
 */
#include "selftest.h"

#define TOTAL (96 * MIB)

static size_t base;

static void fill_and_free(size_t size)
{
	size_t n = TOTAL / size;
	void **p = map_pages(n * sizeof(*p));

	take_blocks(p, n, size);
	CHECK(rss() >= base + TOTAL - TOTAL / 8, "%zu", size);
	free_blocks(p, n);
	munmap(p, n * sizeof(*p));
}

/*
 * What a program does that has become quiet. One block is large: without a
 * thread of its own an allocator can only act when it is entered, and small
 * blocks that hit the cache do not enter it.
 */
static void little_work(void)
{
	void *p[300];

	for (size_t i = 0; i < 300; i++)
		p[i] = malloc(i * 17);
	for (size_t i = 0; i < 300; i++)
		free(p[i]);
	free(malloc(3 * MIB));
}

static void decays(size_t size)
{
	unsigned long lazy;

	fill_and_free(size);
	for (int i = 0; i < 20; i++) {
		sleep_ms(100);
		little_work();
	}
	lazy = proc_value("/proc/self/smaps_rollup", "LazyFree:") << 10;
	CHECK(rss() - lazy <= base + TOTAL / 10, "size %zu: %zu of %zu MiB",
	      size, (rss() - base) / MIB, TOTAL / MIB);
	if (!getenv("SELFTEST_PURGE_FREE"))
		CHECK(lazy < MIB, "%lu bytes only lazily free", lazy);
}

static void trims(size_t size)
{
	fill_and_free(size);
	malloc_trim(0);
	CHECK(rss() <= base + TOTAL / 10, "size %zu: %zu of %zu MiB", size,
	      (rss() - base) / MIB, TOTAL / MIB);
}

int main(void)
{
	static const size_t size[] = { 48,     500, 5000,   32768,
				       200000, MIB, 7 * MIB };

	selftest_begin(50);
	little_work();
	base = rss();
	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++)
		trims(size[i]);
	decays(48);
	decays(5000);
	decays(200000);
	decays(7 * MIB);
	return selftest_end();
}
