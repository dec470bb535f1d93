// SPDX-License-Identifier: MIT
/*
 * Memory that others free: the owner sleeps while another thread frees and
 * refills, or frees and does little else; and a thread that only frees
 * (TESTING.md classes 29 and 30).
 * selftest: modes=preload,linked timeout=90
 */
#include "selftest.h"

#define FILL (48 * MIB)

static void **block;
static size_t nr_blocks;
static size_t block_size;
static pthread_barrier_t barrier;

static void *sleeping_owner(void *arg)
{
	(void)arg;
	take_blocks(block, nr_blocks, block_size);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier); /* asleep until all is over */
	return NULL;
}

/* Returns when all blocks are there, and who owns them. */
static pthread_t start_owner(size_t size)
{
	pthread_t owner;

	block_size = size;
	nr_blocks = FILL / size;
	start_thread(&owner, sleeping_owner, NULL);
	pthread_barrier_wait(&barrier);
	return owner;
}

static void end_owner(pthread_t owner)
{
	pthread_barrier_wait(&barrier);
	pthread_join(owner, NULL);
}

static void owner_sleeps(size_t size)
{
	size_t base = rss();
	pthread_t owner = start_owner(size);
	size_t one = rss() - base;
	size_t peak = 0;

	for (int round = 0; round < 6; round++) {
		free_blocks(block, nr_blocks);
		take_blocks(block, nr_blocks, size);
		if (rss() - base > peak)
			peak = rss() - base;
	}
	free_blocks(block, nr_blocks);
	end_owner(owner);
	CHECK(peak <= one + one / 4, "size %zu: peak %zu MiB, one fill %zu MiB",
	      size, peak / MIB, one / MIB);
}

/*
 * Nobody refills: the owner sleeps, so what comes home to it is put away by
 * the thread that frees, all but a stash and an inbox at once and the rest
 * within a few reap intervals, and goes back to the system. That thread
 * allocates little.
 */
#define TRANSIT_MAX (2 * MIB) /* a stash, and an inbox with a message */

static void nobody_refills(size_t size)
{
	size_t used = in_use();
	size_t base = rss();
	pthread_t owner = start_owner(size);
	void *little[6400];
	size_t transit;
	size_t n = 0;

	free_blocks(block, nr_blocks);
	transit = above(in_use(), used);
	while (n < 6400 && (in_use() > used || rss() > base + 4 * MIB)) {
		for (size_t i = 0; i < 16; i++) {
			little[n] = malloc(500);
			used += malloc_usable_size(little[n++]);
		}
		sleep_ms(10);
	}
	say("size %zu: %zu KiB on their way, after %zu ms %zu, rss %zu KiB\n",
	    size, transit >> 10, n / 16 * 10, above(in_use(), used) >> 10,
	    above(rss(), base) >> 10);
	CHECK(transit <= TRANSIT_MAX, "size %zu: %zu KiB", size, transit >> 10);
	CHECK(n < 6400, "size %zu: %zu KiB, %zu resident", size,
	      above(in_use(), used) >> 10, above(rss(), base) >> 10);
	while (n)
		free(little[--n]);
	end_owner(owner);
}

/* Two producers, one that only frees, a fixed number of live blocks. */
#define NR_LIVE 16384
static void *mailbox[NR_LIVE];
static int producers_done;

static void *produce(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	unsigned long n = scaled(1500000);

	for (unsigned long i = 0; i < n; i++) {
		void **m = &mailbox[next_random(&seed) % NR_LIVE];
		void *expected = NULL;
		void *p;

		if (__atomic_load_n(m, __ATOMIC_RELAXED)) {
			if (i % 64 == 0)
				sched_yield();
			continue;
		}
		p = malloc(block_size);
		REQUIRE(p);
		*(char *)p = 1;
		if (!__atomic_compare_exchange_n(m, &expected, p, 0,
						 __ATOMIC_RELEASE,
						 __ATOMIC_RELAXED))
			free(p);
	}
	__atomic_fetch_add(&producers_done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void *only_free(void *arg)
{
	(void)arg;
	while (__atomic_load_n(&producers_done, __ATOMIC_ACQUIRE) < 2)
		for (size_t i = 0; i < NR_LIVE; i++)
			free(__atomic_exchange_n(&mailbox[i], NULL,
						 __ATOMIC_ACQUIRE));
	for (size_t i = 0; i < NR_LIVE; i++)
		free(mailbox[i]);
	return NULL;
}

static void free_only_thread(size_t size)
{
	size_t live = NR_LIVE * size;
	size_t base = rss();
	size_t peak = 0;
	pthread_t thread[3];

	block_size = size;
	producers_done = 0;
	memset(mailbox, 0, sizeof(mailbox));
	start_thread(&thread[0], only_free, NULL);
	start_threads(&thread[1], 2, produce, 1);
	while (__atomic_load_n(&producers_done, __ATOMIC_ACQUIRE) < 2) {
		size_t now = rss();

		if (now > base && now - base > peak)
			peak = now - base;
		sleep_ms(5);
	}
	join_threads(thread, 3);
	CHECK(peak <= live + live / 2 + 8 * MIB, "size %zu: %zu KiB for %zu",
	      size, peak >> 10, live >> 10);
}

int main(void)
{
	selftest_begin(80);
	block = map_pages(FILL);
	pthread_barrier_init(&barrier, NULL, 2);
	owner_sleeps(64);
	malloc_trim(0);
	owner_sleeps(2000);
	malloc_trim(0);
	owner_sleeps(30000);
	malloc_trim(0);
	owner_sleeps(300000);
	malloc_trim(0);
	nobody_refills(64);
	nobody_refills(1000);
	nobody_refills(30000);
	free_only_thread(64);
	malloc_trim(0);
	free_only_thread(2000);
	return selftest_end();
}
