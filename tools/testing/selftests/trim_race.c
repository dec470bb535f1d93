// SPDX-License-Identifier: MIT
/*
 * Pages of free objects go while other threads put objects into the same
 * spans, which then look full: two threads trim, two replace blocks.
 * selftest: modes=preload,linked
 */
#include "selftest.h"

#define NR_BLOCKS 3000

static void *replace(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	static __thread unsigned char *block[NR_BLOCKS];

	while (!threads_stopped()) {
		size_t i = next_random(&seed) % NR_BLOCKS;

		if (block[i])
			CHECK(block[i][0] == (unsigned char)i &&
				      block[i][2999] == (unsigned char)i,
			      "block %zu is not what it was", i);
		free(block[i]);
		block[i] = NULL;
		if (next_random(&seed) % 4)
			continue;
		block[i] = malloc(3000 + next_random(&seed) % 400);
		REQUIRE(block[i]);
		block[i][0] = (unsigned char)i;
		block[i][2999] = (unsigned char)i;
	}
	for (size_t i = 0; i < NR_BLOCKS; i++)
		free(block[i]);
	return NULL;
}

static void *trim(void *arg)
{
	(void)arg;
	while (!threads_stopped())
		malloc_trim(0);
	return NULL;
}

int main(void)
{
	pthread_t thread[4];

	selftest_begin(30);
	start_threads(thread, 2, replace, 1);
	start_threads(thread + 2, 2, trim, 3);
	sleep_ms(scaled(2000));
	stop_threads(thread, 4);
	return selftest_end();
}
