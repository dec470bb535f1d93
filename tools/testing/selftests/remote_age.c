// SPDX-License-Identifier: MIT
/*
 * How long a thread holds back what it has freed for others: too few blocks
 * to be sent for their number stay while it does nothing, and are home soon
 * after its cache runs out or over now and then, or it allocates what is too
 * big for caches. At the latest after two reap
 * intervals of 250 ms: one until they are sent, one until the owner's inbox,
 * whose threads sleep, is emptied by somebody else.
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

#define NR_BLOCKS 40
#define NR_OWN    20000
#define LATE_MS   1500

static void *block[NR_BLOCKS];
static void *own[NR_OWN];
static size_t nr_own;

/* What the thread does now and then; they return how much more is in use. */
static long runs_out(void)
{
	long bytes = 0;

	for (int i = 0; i < 100 && nr_own < NR_OWN; i++) {
		own[nr_own] = malloc(200);
		REQUIRE(own[nr_own]);
		bytes += (long)malloc_usable_size(own[nr_own++]);
	}
	return bytes;
}

static long runs_over(void)
{
	long bytes = 0;

	for (int i = 0; i < 100 && nr_own; i++) {
		bytes -= (long)malloc_usable_size(own[--nr_own]);
		free(own[nr_own]);
	}
	return bytes;
}

static long big_blocks(void)
{
	free(malloc(100000));
	return 0;
}

static long (*now_and_then)(void);

static void *hold_back(void *arg)
{
	size_t size = *(size_t *)arg;
	unsigned long start;
	size_t held = 0;
	long bytes = 0;
	size_t before;

	for (int i = 0; i < NR_OWN / 100 / 2; i++)
		runs_out();
	before = in_use();
	for (int i = 0; i < NR_BLOCKS; i++) {
		held += malloc_usable_size(block[i]);
		free(block[i]);
	}
	/* They are on their way, and will not move by themselves. */
	sleep_ms(600);
	CHECK(in_use() + held / 2 >= before, "size %zu: nothing held back",
	      size);
	start = now_ms();
	do {
		bytes += now_and_then();
		sleep_ms(5);
	} while (in_use() > before - held + (size_t)bytes &&
		 now_ms() - start < 5000);
	CHECK(in_use() <= before - held + (size_t)bytes,
	      "size %zu: %zu of %zu left", size,
	      in_use() - (before - held + (size_t)bytes), held);
	CHECK(now_ms() - start <= LATE_MS, "size %zu: after %lu ms", size,
	      now_ms() - start);
	say("size %zu: home after %lu ms\n", size, now_ms() - start);
	return NULL;
}

static void round_of(size_t size, long (*slow)(void))
{
	pthread_t thread;

	for (int i = 0; i < NR_BLOCKS; i++) {
		block[i] = malloc(size);
		REQUIRE(block[i]);
	}
	nr_own = 0;
	now_and_then = slow;
	start_thread(&thread, hold_back, &size);
	pthread_join(thread, NULL);
	while (nr_own)
		free(own[--nr_own]);
}

int main(void)
{
	selftest_begin(50);
	/* Fewer than a magazine of it holds, and than a flush looks for. */
	round_of(16, runs_out);
	round_of(1000, runs_over);
	round_of(3000, big_blocks);
	return selftest_end();
}
