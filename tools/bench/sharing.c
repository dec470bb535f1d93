// SPDX-License-Identifier: MIT
/*
 * sharing - do threads get objects of one cache line, which then travels
 * between their processors at each write? (known as cache-thrash and
 * cache-scratch)
 *
 * Every thread allocates a small object, writes to it many times, frees it,
 * and begins again. The allocator shares lines actively if it deals
 * neighbours out to different threads, passively if a thread that freed such
 * a neighbour gets it again.
 *
 *   --passive=0   1: each thread begins by freeing one of the objects that
 *                 the main thread had allocated side by side
 *   --size=8      bytes of an object
 *   --writes=1000 to each object
 */
#include "program.h"

#define COUNTED 4 /* the byte that is written to */

static unsigned long passive, size = 8, writes = 1000;
static void *given[MAX_THREADS];

static void setup(void)
{
	unsigned int i;

	for (i = 0; passive && i < threads; i++)
		given[i] = take(size);
}

static void work(struct worker *w)
{
	uint64_t rounds = share(30000), n;
	unsigned long i;

	drop(given[w->id]);
	for (n = rounds; n; n--) {
		volatile unsigned char *object = take(size);

		object[COUNTED] = 0;
		for (i = 0; i < writes; i++)
			object[COUNTED]++;
		if (object[COUNTED] != (unsigned char)writes)
			fail("an object has two owners");
		drop((void *)object);
	}
	w->ops = rounds * writes;
}

static const struct setting settings[] = {
	{ "passive", &passive, 0, 1 },
	{ "size", &size, MIN_OBJECT, 1 << 20 },
	{ "writes", &writes, 1, 1 << 30 },
	{ NULL, NULL, 0, 0 },
};

static const struct program self = {
	.name = "sharing",
	.threads = 2,
	.settings = settings,
	.setup = setup,
	.work = work,
};
