// SPDX-License-Identifier: MIT
/*
 * Threads that die with a full stash: 64 at the same time, each with 255
 * blocks of another thread's, too few of each size to be sent before.
 * When they are gone it waits in an inbox for whoever comes next: nothing is
 * left after that.
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

#define NR_THREADS  64
#define NR_BLOCKS   255 /* the sparse ring has 256 slots */
#define GENERATIONS 5
#define LIBC_BYTES  (32UL << 10) /* stacks that libc keeps */

/* Four times what is the sign to empty it, and a message of each thread. */
#define INBOX_BYTES (MIB + NR_THREADS * (32UL << 10))

static void *block[NR_THREADS][NR_BLOCKS];
static pthread_barrier_t barrier;

static void *free_and_die(void *arg)
{
	void **p = arg;

	for (int i = 0; i < NR_BLOCKS; i++)
		free(p[i]);
	pthread_barrier_wait(&barrier); /* all are full */
	pthread_barrier_wait(&barrier); /* and looked at */
	return NULL;
}

static void generation(void)
{
	pthread_t thread[NR_THREADS];
	size_t used = in_use();
	size_t live;
	size_t held;
	size_t left;

	for (int i = 0; i < NR_THREADS; i++) {
		for (int j = 0; j < NR_BLOCKS; j++) {
			block[i][j] = malloc(next_bin_size(j));
			REQUIRE(block[i][j]);
		}
	}
	live = in_use() - used;
	for (int i = 0; i < NR_THREADS; i++)
		start_thread(&thread[i], free_and_die, block[i]);
	pthread_barrier_wait(&barrier);
	held = above(in_use(), used);
	pthread_barrier_wait(&barrier);
	join_threads(thread, NR_THREADS);
	left = above(in_use(), used);
	malloc_trim(0);
	say("%zu KiB freed, %zu KiB held, %zu KiB after the threads' end\n",
	    live >> 10, held >> 10, left >> 10);
	CHECK(held >= live / 2, "only %zu of %zu KiB were held", held >> 10,
	      live >> 10);
	CHECK(left <= INBOX_BYTES, "%zu KiB left", left >> 10);
	CHECK(in_use() <= used + LIBC_BYTES, "%zu KiB lost",
	      (in_use() - used) >> 10);
}

int main(void)
{
	selftest_begin(55);
	pthread_barrier_init(&barrier, NULL, NR_THREADS + 1);
	for (int i = 0; i < GENERATIONS; i++)
		generation();
	return selftest_end();
}
