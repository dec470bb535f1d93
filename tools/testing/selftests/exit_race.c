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
	pthread_t thread;

	alarm(20);
	atexit(free_late);
	for (int i = 0; i < 50; i++)
		late[i] = malloc(100UL << (i % 12));
	for (unsigned long i = 0; i < 4; i++)
		start_thread(&thread, busy, (void *)(n * 4 + i + 1));
	sleep_ms(n % 4);
	exit(0);
}

int main(void)
{
	unsigned long n = scaled(400);
	int bad = 0;

	selftest_begin(55);
	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = fork();

		REQUIRE(pid >= 0);
		if (!pid)
			child(i);
		bad += child_status(pid) != 0;
	}
	CHECK(!bad, "%d of %lu", bad, n);
	return selftest_end();
}
