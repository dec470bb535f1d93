// SPDX-License-Identifier: MIT
/*
 * Many threads recycle blocks of one size within microseconds, most of them
 * freed by another thread: each block carries a stamp that nobody else may
 * change (TESTING.md class 33).
 * selftest: modes=preload,linked timeout=90
 */
#include "selftest.h"

#define NR_SLOTS 64

static void *slot[NR_SLOTS];
static size_t block_size;
static unsigned long nr_rounds;

struct stamp {
	unsigned long owner;
	unsigned long serial;
};

static void *run(void *arg)
{
	unsigned long me = (unsigned long)arg + 1;
	unsigned long seed = me * 0x2545F491UL;
	struct stamp *own[8] = { 0 };

	for (unsigned long i = 0; i < nr_rounds; i++) {
		struct stamp **p = &own[i % 8];
		struct stamp s = { me, i };

		if (*p)
			CHECK((*p)->owner == me && (*p)->serial == i - 8,
			      "%p: %lu/%lu, not %lu/%lu", (void *)*p,
			      (*p)->owner, (*p)->serial, me, i - 8);
		/* Pass it on, free what somebody else left there. */
		if (*p && next_random(&seed) % 2)
			*p = __atomic_exchange_n(
				&slot[next_random(&seed) % NR_SLOTS], *p,
				__ATOMIC_ACQ_REL);
		if (*p)
			(*p)->owner = 0;
		free(*p);
		*p = malloc(block_size);
		REQUIRE(*p);
		**p = s;
	}
	for (int i = 0; i < 8; i++)
		free(own[i]);
	return NULL;
}

static void round_of(unsigned long threads, size_t size, unsigned long total)
{
	block_size = size;
	nr_rounds = total / threads;
	run_threads(threads, run, 0);
	for (int i = 0; i < NR_SLOTS; i++) {
		free(slot[i]);
		slot[i] = NULL;
	}
}

int main(void)
{
	unsigned long n = scaled(2000000);

	selftest_begin(80);
	round_of(2, 16, n);
	round_of(4, 64, n);
	round_of(16, 200, n);
	round_of(64, 2000, n);
	round_of(8, 40000, n / 20);
	round_of(8, 3 * MIB, n / 2000);
	return selftest_end();
}
