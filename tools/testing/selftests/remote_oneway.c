// SPDX-License-Identifier: MIT
/*
 * One-way traffic: a producer that goes on allocating, and a consumer that
 * never allocates and frees everything. What is on its way home stays below a
 * bound that does not depend on how much went through; so do the records,
 * because the magazines that carried it come back to the consumer.
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

#define WINDOW 1024 /* blocks between the two, a power of two */

/* A stash: at most 256 blocks, or a magazine of 128 KiB for each bin. */
#define STASH_BLOCKS 256
/* An inbox and what is posted to it while its owner is at work; see KiB. */
#define INBOX_BYTES     (1 * MIB)
#define RECORD_BYTES    (256UL << 10)
#define EVERYTHING_ELSE (4 * MIB)

static void *volatile ring[WINDOW];
static unsigned long head; /* written by the producer */
static unsigned long tail; /* written by the consumer */
static size_t block_size;
static unsigned long nr_blocks;
static int done;

static void *produce(void *arg)
{
	(void)arg;
	for (unsigned long i = 0; i < nr_blocks; i++) {
		char *p = malloc(block_size);

		REQUIRE(p);
		p[0] = 1;
		p[block_size - 1] = 1;
		while (i - __atomic_load_n(&tail, __ATOMIC_ACQUIRE) >= WINDOW)
			sched_yield();
		ring[i % WINDOW] = p;
		__atomic_store_n(&head, i + 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void *consume(void *arg)
{
	(void)arg;
	for (unsigned long i = 0; i < nr_blocks; i++) {
		while (__atomic_load_n(&head, __ATOMIC_ACQUIRE) == i)
			sched_yield();
		free(ring[i % WINDOW]);
		__atomic_store_n(&tail, i + 1, __ATOMIC_RELEASE);
	}
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void one_way(size_t size, unsigned long blocks)
{
	size_t records = hz3_figure("records");
	size_t used = in_use();
	size_t base = rss();
	size_t bound = (WINDOW + STASH_BLOCKS) * size + INBOX_BYTES;
	size_t peak_used = 0;
	size_t peak = 0;
	pthread_t thread[2];

	block_size = size;
	nr_blocks = scaled(blocks);
	head = 0;
	tail = 0;
	done = 0;
	start_thread(&thread[0], produce, NULL);
	start_thread(&thread[1], consume, NULL);
	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		size_t now = above(in_use(), used);

		if (now > peak_used)
			peak_used = now;
		now = above(rss(), base);
		if (now > peak)
			peak = now;
		sleep_ms(2);
	}
	join_threads(thread, 2);
	records = hz3_figure("records") - records;
	say("size %zu: %zu KiB in use, %zu KiB resident, %zu KiB of records\n",
	    size, peak_used >> 10, peak >> 10, records >> 10);
	CHECK(peak_used <= bound, "size %zu: %zu KiB, not %zu", size,
	      peak_used >> 10, bound >> 10);
	CHECK(emulated() || peak <= bound + EVERYTHING_ELSE,
	      "size %zu: %zu KiB resident", size, peak >> 10);
	CHECK(records <= RECORD_BYTES, "size %zu: %zu KiB of records", size,
	      records >> 10);
}

int main(void)
{
	selftest_begin(55);
	one_way(64, 4000000);
	one_way(1000, 2000000);
	one_way(20000, 200000);
	return selftest_end();
}
