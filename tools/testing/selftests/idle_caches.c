// SPDX-License-Identifier: MIT
/*
 * Threads that freed everything and sleep: others get the memory, the system
 * gets it back. 8 threads of 32 MiB, at most 25 % is left after 11 s in which
 * another thread does a little (TESTING.md class 32).
 * selftest: modes=preload timeout=60 needs=native
 */
#include "selftest.h"

#define PER_THREAD (32 * MIB)

static pthread_barrier_t barrier;

static void *run(void *arg)
{
	static const size_t sizes[] = { 64,   300,   1000,  4000,
					9000, 20000, 30000, 200000 };
	size_t size = sizes[(size_t)arg];
	size_t n = PER_THREAD / size;
	void **p = map_pages(n * sizeof(*p));

	take_blocks(p, n, size);
	pthread_barrier_wait(&barrier);
	free_blocks(p, n);
	munmap(p, n * sizeof(*p));
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

int main(void)
{
	size_t base = rss();
	pthread_t thread[8];
	size_t full;
	size_t left;
	void *p[200];

	selftest_begin(50);
	pthread_barrier_init(&barrier, NULL, 9);
	start_threads(thread, 8, run, 0);
	pthread_barrier_wait(&barrier);
	full = rss() - base;
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < 110; i++) {
		for (size_t j = 0; j < 200; j++)
			p[j] = malloc(j * 50);
		for (size_t j = 0; j < 200; j++)
			free(p[j]);
		free(malloc(3 * MIB));
		sleep_ms(100);
		if (rss() <= base + full / 8)
			break;
	}
	left = rss() - base;
	CHECK(left <= full / 4, "%zu of %zu MiB", left / MIB, full / MIB);
	say("%zu of %zu MiB left\n", left / MIB, full / MIB);
	pthread_barrier_wait(&barrier);
	join_threads(thread, 8);
	return selftest_end();
}
