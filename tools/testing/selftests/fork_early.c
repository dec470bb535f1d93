// SPDX-License-Identifier: MIT
/*
 * fork() before our constructor has run while threads allocate, here from
 * .preinit_array, otherwise from the constructor of a library: no child
 * inherits a lock that nobody will release (TESTING.md classes 2 and 10). The
 * moment of danger is when a thread allocates first: in each of many processes
 * the first forks come just then.
 * selftest: modes=preload,linked needs=native,HZ3_FORK timeout=60
 */
#include "selftest.h"

#define NR_THREADS   3
#define NR_PROCESSES 20

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

static void *some(void *arg)
{
	for (unsigned long i = 0; i < 200; i++)
		free(malloc((i + (unsigned long)arg) * 900));
	return NULL;
}

/* Its second thread has to be attached to a shard. */
static void child(unsigned long n)
{
	alarm(5);
	some((void *)n);
	run_threads(1, some, n);
}

static void early_forks(int argc, char **argv, char **envp)
{
	pthread_t thread[NR_THREADS];

	(void)argc;
	(void)argv;
	(void)envp;
	start_threads(thread, NR_THREADS, busy, 1);
	for (int i = 0; i < 3 && !bad; i++) {
		bad += fork_children(5, child);
		sched_yield();
	}
	stop_threads(thread, NR_THREADS);
}

__attribute__((section(".preinit_array"),
	       used)) static void (*hook)(int, char **, char **) = early_forks;

/* The argument counts the processes. */
int main(int argc, char **argv)
{
	char number[12];
	int n = argc > 1 ? atoi(argv[1]) : 1;

	selftest_begin(55);
	REQUIRE(!bad, "%d children hung or died in process %d", bad, n);
	if (n < (int)scaled(NR_PROCESSES)) {
		snprintf(number, sizeof(number), "%d", n + 1);
		execl("/proc/self/exe", argv[0], number, NULL);
		CHECK(0, "exec: %d", errno);
	}
	return selftest_end();
}
