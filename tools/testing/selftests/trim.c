// SPDX-License-Identifier: MIT
/*
 * malloc_trim() from one thread while all others sleep: the resident set is
 * then what is live and 10 %, and what the sleeping threads hold in their
 * caches, whose budget is 64 MiB; and without that when each of them has been
 * in the allocator once more.
 *
 * Each thread fills, frees three quarters of what its neighbour has, large and
 * small, and sleeps.
 * selftest: modes=preload,linked needs=native
 */
#include "selftest.h"

#define NR_THREADS 8
#define PER_THREAD (32 * MIB)
#define NR_BLOCKS  200000
#define CACHES     (64 * MIB)
#define REMAINDER  (2 * MIB) /* partly used segments and spans, our records */

static pthread_barrier_t barrier;
static void *block[NR_THREADS][NR_BLOCKS];
static unsigned long nr_blocks[NR_THREADS];
static size_t live;

static void fill_own(unsigned long n)
{
	unsigned long seed = n + 1;
	size_t sum = 0;

	while (sum < PER_THREAD && nr_blocks[n] < NR_BLOCKS) {
		size_t size =
			random_size(&seed, nr_blocks[n] % 64 ? 9000 : 3 * MIB);
		void *p = malloc(size);

		REQUIRE(p);
		memset(p, 1, size);
		block[n][nr_blocks[n]++] = p;
		sum += size;
	}
}

/* All of some neighbourhoods: no allocator moves what stays. */
static void free_neighbours(unsigned long n)
{
	unsigned long i;

	for (i = nr_blocks[n] / 4; i < nr_blocks[n]; i++)
		free(block[n][i]);
	for (i = 0; i < nr_blocks[n] / 4; i++)
		__atomic_fetch_add(&live, malloc_usable_size(block[n][i]),
				   __ATOMIC_RELAXED);
}

static void *run(void *arg)
{
	unsigned long n = (unsigned long)arg;

	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	fill_own(n);
	pthread_barrier_wait(&barrier);
	free_neighbours((n + 1) % NR_THREADS);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	free(malloc(3 * MIB));
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void check(size_t base, size_t more, const char *what)
{
	size_t have = above(rss(), base);

	say("%s: %zu KiB for %zu KiB live\n", what, have >> 10, live >> 10);
	CHECK(have <= live + live / 10 + more, "%s", what);
}

int main(void)
{
	pthread_t thread[NR_THREADS];
	size_t base;

	selftest_begin(50);
	pthread_barrier_init(&barrier, NULL, NR_THREADS + 1);
	/* These tables are resident as well. */
	memset(block, 1, sizeof(block));
	start_threads(thread, NR_THREADS, run, 0);
	pthread_barrier_wait(&barrier);
	base = rss();
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	check(base, SIZE_MAX / 2, "before");
	malloc_trim(0);
	check(base, CACHES + REMAINDER, "the others asleep");
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	malloc_trim(0);
	check(base, REMAINDER, "the others awake");
	pthread_barrier_wait(&barrier);
	join_threads(thread, NR_THREADS);
	return selftest_end();
}
