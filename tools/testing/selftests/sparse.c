// SPDX-License-Identifier: MIT
/*
 * Huge sparse blocks: calloc of 8 GiB touches nothing and takes no time, and
 * our records do not grow with addresses nobody touched (TESTING.md classes
 * 23b and 27).
 * selftest: modes=preload,linked needs=native
 */
#include "selftest.h"

#define GIB (1UL << 30)

int main(void)
{
	size_t before = rss();
	size_t total = 0;
	unsigned long start;
	char *p[60];
	char *q;

	selftest_begin(30);
	start = now_ns();
	q = calloc(8, GIB);
	start = now_ns() - start;
	if (!q)
		selftest_skip("no 8 GiB of address space to promise");
	CHECK(start < 10000000UL, "%lu us", start / 1000);
	CHECK(rss() < before + 4 * MIB, "%zu KiB", (rss() - before) >> 10);
	CHECK(!q[0] && !q[4 * GIB] && !q[8 * GIB - 1]);
	q = realloc(q, 12 * GIB);
	if (q) {
		CHECK(!q[0] && !q[8 * GIB - 1]);
		CHECK(rss() < before + 8 * MIB);
	}
	free(q);

	before = rss();
	for (int i = 0; i < 60; i++) {
		p[i] = malloc(128 * GIB);
		if (!p[i])
			p[i] = malloc(GIB);
		if (!p[i])
			continue;
		total += malloc_usable_size(p[i]);
		*p[i] = 1;
	}
	/* 60 first pages are the program's. */
	CHECK(rss() < before + 4 * MIB, "%zu KiB for %zu GiB",
	      (rss() - before) >> 10, total / GIB);
	say("%zu KiB resident for %zu GiB\n", (rss() - before) >> 10,
	    total / GIB);
	for (int i = 0; i < 60; i++)
		free(p[i]);
	CHECK((p[0] = malloc(100)) != NULL);
	return selftest_end();
}
