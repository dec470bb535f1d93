// SPDX-License-Identifier: MIT
/*
 * fork() before our constructor has run while threads allocate, here from
 * .preinit_array, otherwise from the constructor of a library: no child
 * inherits a lock that nobody will release (TESTING.md classes 2 and 10).
 * selftest: modes=preload,linked needs=native,HZ3_FORK timeout=60
 */
#include "selftest.h"

#define NR_THREADS 3

static int bad;

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	void *slot[64] = { 0 };

	while (!threads_stopped()) {
		void **p = &slot[next_random(&seed) % 64];

		free(*p);
		*p = malloc(random_size(&seed, 200000));
	}
	free_blocks(slot, 64);
	return NULL;
}

static void child(unsigned long n)
{
	alarm(1);
	for (unsigned long i = 0; i < 200; i++)
		free(malloc((i + n) * 900));
}

static void early_forks(int argc, char **argv, char **envp)
{
	pthread_t thread[NR_THREADS];

	(void)argc;
	(void)argv;
	(void)envp;
	start_threads(thread, NR_THREADS, busy, 1);
	for (int i = 0; i < 20 && !bad; i++) {
		bad += fork_children(scaled(20), child);
		sched_yield();
	}
	stop_threads(thread, NR_THREADS);
}

__attribute__((section(".preinit_array"),
	       used)) static void (*hook)(int, char **, char **) = early_forks;

int main(void)
{
	selftest_begin(55);
	CHECK(!bad, "%d children hung or died", bad);
	return selftest_end();
}
