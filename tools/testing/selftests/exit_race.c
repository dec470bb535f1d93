// SPDX-License-Identifier: MIT
/*
 * exit() while four threads allocate and free, with handlers and destructors
 * that free late: 400 times (TESTING.md class 5).
 * selftest: modes=preload,linked timeout=60
 */
#include "selftest.h"

static void *late[50];

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	void *slot[64] = { 0 };

	for (;;) {
		void **p = &slot[next_random(&seed) % 64];

		free(*p);
		*p = malloc(random_size(&seed, 100000));
	}
	return NULL;
}

static void free_late(void)
{
	for (int i = 0; i < 50; i++)
		free(late[i]);
}

__attribute__((destructor)) static void free_later(void)
{
	free(malloc(100));
}

static void child(unsigned long n)
{
	pthread_t thread[4];

	alarm(20);
	atexit(free_late);
	for (int i = 0; i < 50; i++)
		late[i] = malloc(100UL << (i % 12));
	start_threads(thread, 4, busy, n * 4 + 1);
	sleep_ms(n % 4);
	exit(0);
}

int main(void)
{
	unsigned long n = scaled(400);
	int bad;

	selftest_begin(55);
	bad = fork_children(n, child);
	CHECK(!bad, "%d of %lu", bad, n);
	return selftest_end();
}
