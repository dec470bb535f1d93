// SPDX-License-Identifier: MIT
/*
 * pthread_atfork() handlers that allocate, registered before the allocator's
 * own (from .preinit_array) and after it (from main), while threads allocate:
 * prepare handlers run in reverse order, so one of the two runs while our
 * locks are held if we are careless (TESTING.md class 11).
 * selftest: modes=preload,linked needs=HZ3_FORK
 */
#include "selftest.h"

static int nr_handlers;
static void *kept[8];

static void work(void)
{
	for (int i = 0; i < 8; i++) {
		free(kept[i]);
		kept[i] = malloc(64UL << (i * 2));
	}
	free(calloc(10, 300000));
	nr_handlers++;
}

static void early_registration(int argc, char **argv, char **envp)
{
	(void)argc;
	(void)argv;
	(void)envp;
	pthread_atfork(work, work, work);
}

__attribute__((section(".preinit_array"),
	       used)) static void (*hook)(int, char **,
					  char **) = early_registration;

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	while (!threads_stopped())
		free(malloc(random_size(&seed, 100000)));
	return NULL;
}

static void child(unsigned long n)
{
	(void)n;
	alarm(20);
	work();
}

int main(void)
{
	unsigned long n = scaled(100);
	pthread_t thread[2];
	int bad;

	selftest_begin(30);
	pthread_atfork(work, work, work);
	start_threads(thread, 2, busy, 1);
	bad = fork_children(n, child);
	CHECK(!bad, "%d children", bad);
	CHECK(nr_handlers == (int)n * 4, "%d", nr_handlers);
	stop_threads(thread, 2);
	return selftest_end();
}
