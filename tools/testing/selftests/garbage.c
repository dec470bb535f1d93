// SPDX-License-Identifier: MIT
/*
 * Writes into freed blocks and past the end of blocks cannot reach the
 * allocator: fill every freed block with garbage and run on; nothing may
 * crash, and no block is handed out twice (TESTING.md class 39).
 * selftest: modes=preload,linked
 */
#include "selftest.h"

#define NR 2000

static unsigned char *block[NR];
static size_t size[NR];

static int by_address(const void *a, const void *b)
{
	const unsigned char *x = block[*(const int *)a];
	const unsigned char *y = block[*(const int *)b];

	return x < y ? -1 : x > y;
}

static void no_overlap(void)
{
	static int order[NR];

	for (int i = 0; i < NR; i++)
		order[i] = i;
	qsort(order, NR, sizeof(*order), by_address);
	for (int i = 1; i < NR; i++)
		REQUIRE(block[order[i - 1]] + size[order[i - 1]] <=
				block[order[i]],
			"%p and %p", (void *)block[order[i - 1]],
			(void *)block[order[i]]);
}

static void one_round(unsigned long *seed, unsigned char junk)
{
	for (int i = 0; i < NR; i++) {
		size[i] = random_size(seed, 30000);
		block[i] = malloc(size[i]);
		REQUIRE(block[i]);
	}
	no_overlap();
	for (int i = 0; i < NR; i++) {
		memset(block[i], junk, size[i]);
		free(block[i]);
		/* Small blocks only: their pages stay mapped for a while. */
		memset(block[i], junk ^ (unsigned char)i, size[i]);
	}
}

static void *run(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	for (int i = 0; i < 200; i++) {
		size_t n = random_size(&seed, 5000);
		unsigned char *p = malloc(n);

		free(p);
		memset(p, 0xFF, n);
	}
	return NULL;
}

int main(void)
{
	unsigned long seed = 815;
	pthread_t thread;

	selftest_begin(30);
	for (int i = 0; i < 30; i++) {
		one_round(&seed, (unsigned char)(i * 41));
		start_thread(&thread, run, (void *)seed);
		pthread_join(thread, NULL);
	}
	return selftest_end();
}
