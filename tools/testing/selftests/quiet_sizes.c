// SPDX-License-Identifier: MIT
/*
 * A thread that has turned to another size does not keep what it has cached of
 * the first ones, although it never ends and is never asked: each such object
 * holds a span. 64 MiB of 40 sizes, one after the other, then work with one.
 * selftest: modes=preload timeout=60 needs=native,HZ3_PURGE_HOLES
 */
#include "selftest.h"

#define NR_SIZES 40
#define PER_SIZE (64 * MIB / NR_SIZES)
#define LEFT_MAX (3 * MIB)

static void **block;

/* Blocks that end up in magazines come from all over the spans. */
static void use_size(size_t size, unsigned long *seed)
{
	size_t n = PER_SIZE / size;

	take_blocks(block, n, size);
	for (size_t i = n; i > 1; i--) {
		size_t k = next_random(seed) % i;
		void *p = block[k];

		block[k] = block[i - 1];
		free(p);
	}
	free(block[0]);
}

/* For two seconds: misses of one size, nothing else. */
static void go_on(void)
{
	void *p[200];

	for (int round = 0; round < 200; round++) {
		take_blocks(p, 200, 40000);
		free_blocks(p, 200);
		sleep_ms(10);
	}
}

int main(void)
{
	unsigned long seed = 3;
	size_t full;
	size_t left;
	size_t base;

	selftest_begin(50);
	block = map_pages(PER_SIZE / 64 * sizeof(*block));
	memset(block, 0, PER_SIZE / 64 * sizeof(*block));
	go_on();
	base = rss();
	for (unsigned int i = 0; i < NR_SIZES; i++)
		use_size(next_bin_size(i), &seed);
	full = above(rss(), base);
	go_on();
	left = above(rss(), base);
	say("%zu KiB, then %zu KiB\n", full >> 10, left >> 10);
	CHECK(left <= LEFT_MAX, "%zu KiB left", left >> 10);
	return selftest_end();
}
