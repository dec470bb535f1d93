// SPDX-License-Identifier: MIT
/*
 * What a thread costs that has allocated a little and sleeps: resident bytes
 * beyond those of a thread that never allocates, its blocks included, for 1000
 * threads (10,000 in the long form). At most 6.5 KiB when its blocks have one
 * size, 8 KiB with two, 11.5 KiB with four.
 * selftest: modes=preload timeout=60 needs=native
 */
#include "selftest.h"

#define STACK_BYTES (64UL << 10)
/* With blocks of one size, of two, and of four. */
#define COST_MAX_1 6656
#define COST_MAX_2 8192
#define COST_MAX_4 11776

static pthread_barrier_t barrier;
static pthread_t thread[10000];
static unsigned long nr;

static void *sleep_only(void *unused)
{
	(void)unused;
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* Sizes far apart, 48 bytes to 2 KiB; how many of them are used. */
static unsigned long nr_sizes;

static size_t size_of(size_t i)
{
	static const size_t size[] = { 48, 200, 80, 500, 120, 300, 1000, 2000 };

	return size[i];
}

/* As a worker at its start: of each size one block that is kept. */
static void *allocate_a_little(void *unused)
{
	void *kept[8];

	for (size_t i = 0; i < nr_sizes; i++) {
		void *p = malloc(size_of(i));

		kept[i] = malloc(size_of(i));
		REQUIRE(p && kept[i]);
		memset(kept[i], 1, size_of(i));
		free(p);
	}
	sleep_only(unused);
	for (size_t i = 0; i < nr_sizes; i++)
		free(kept[i]);
	return NULL;
}

/* Resident bytes with so many more threads; they have ended afterwards. */
static size_t with_threads(void *(*fn)(void *))
{
	pthread_attr_t attr;
	size_t bytes;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_BYTES);
	for (unsigned long i = 0; i < nr; i++) {
		int err = pthread_create(&thread[i], &attr, fn, NULL);

		if (err)
			selftest_skip(strerror(err));
	}
	pthread_barrier_wait(&barrier);
	bytes = rss();
	pthread_barrier_wait(&barrier);
	join_threads(thread, nr);
	return bytes;
}

int main(void)
{
	size_t cost[9];
	size_t base;

	nr = long_form() ? 10000 : 1000;
	selftest_begin(long_form() ? 500 : 55);
	memset(thread, 1, sizeof(thread));
	pthread_barrier_init(&barrier, NULL, (unsigned int)nr + 1);
	/* The C library keeps stacks for later: the second time is the base. */
	with_threads(sleep_only);
	base = with_threads(sleep_only);
	for (nr_sizes = 1; nr_sizes <= 8; nr_sizes *= 2) {
		cost[nr_sizes] =
			above(with_threads(allocate_a_little), base) / nr;
		say("%lu threads, %lu sizes: %zu bytes each\n", nr, nr_sizes,
		    cost[nr_sizes]);
	}
	CHECK(cost[1] <= COST_MAX_1, "%zu bytes a thread", cost[1]);
	CHECK(cost[2] <= COST_MAX_2, "%zu bytes a thread", cost[2]);
	CHECK(cost[4] <= COST_MAX_4, "%zu bytes a thread", cost[4]);
	return selftest_end();
}
