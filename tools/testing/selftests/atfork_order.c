// SPDX-License-Identifier: MIT
/*
 * pthread_atfork() handlers that allocate, registered before the allocator's
 * own (from .preinit_array) and after it (from main), while threads allocate:
 * prepare handlers run in reverse order, so one of the two runs while our
 * locks are held if we are careless (TESTING.md class 11).
 * selftest: modes=preload,linked
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

static int stop;

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED))
		free(malloc(random_size(&seed, 100000)));
	return NULL;
}

int main(void)
{
	unsigned long n = scaled(200);
	pthread_t thread[2];
	int bad = 0;

	selftest_begin(30);
	pthread_atfork(work, work, work);
	for (unsigned long i = 0; i < 2; i++)
		start_thread(&thread[i], busy, (void *)(i + 1));
	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid) {
			alarm(20);
			work();
			_exit(0);
		}
		bad += child_status(pid) != 0;
	}
	CHECK(!bad, "%d children", bad);
	CHECK(nr_handlers == (int)n * 4, "%d", nr_handlers);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return selftest_end();
}
