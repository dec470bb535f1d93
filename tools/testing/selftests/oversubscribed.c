// SPDX-License-Identifier: MIT
/*
 * 64 threads on few processors, the holder of a lock may be preempted or of
 * idle priority: no call may take long (TESTING.md class 36).
 * selftest: modes=preload needs=native serial
 */
#include <sched.h>

#include "selftest.h"

#define NR_THREADS 64
#define NR_BUCKETS 64

static unsigned long bucket[NR_BUCKETS]; /* by log2 of nanoseconds */

static void *run(void *arg)
{
	unsigned long seed = (unsigned long)arg + 1;
	struct sched_param none = { 0 };
	void *slot[32] = { 0 };

	if ((unsigned long)arg < 4)
		sched_setscheduler(0, SCHED_IDLE, &none);
	while (!threads_stopped()) {
		void **p = &slot[next_random(&seed) % 32];
		size_t size = random_size(&seed, 30000);
		unsigned long start;

		free(*p);
		start = now_ns();
		*p = malloc(size);
		start = now_ns() - start;
		REQUIRE(*p);
		if ((unsigned long)arg >= 4)
			__atomic_fetch_add(
				&bucket[63 - __builtin_clzl(start | 1)], 1,
				__ATOMIC_RELAXED);
	}
	for (int i = 0; i < 32; i++)
		free(slot[i]);
	return NULL;
}

int main(void)
{
	pthread_t thread[NR_THREADS];
	unsigned long total = 0;
	unsigned long slow = 0;

	selftest_begin(40);
	start_threads(thread, NR_THREADS, run, 0);
	sleep_ms(long_form() ? 20000 : 2500);
	stop_threads(thread, NR_THREADS);
	for (int i = 0; i < NR_BUCKETS; i++) {
		total += bucket[i];
		if (i >= 23) /* 8.4 ms */
			slow += bucket[i];
	}
	CHECK(total > 10000, "%lu calls", total);
	CHECK(slow <= total / 1000, "%lu of %lu above 8 ms", slow, total);
	return selftest_end();
}
