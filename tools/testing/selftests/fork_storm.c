// SPDX-License-Identifier: MIT
/*
 * fork() while four threads allocate: 800 children, each frees blocks of its
 * parent's threads, allocates, starts a thread and forks again, with an alarm
 * of 20 s for a lock that nobody will release (TESTING.md class 10).
 * selftest: modes=preload,linked timeout=90 needs=native,HZ3_FORK
 */
#include "selftest.h"

#define NR_THREADS 4
#define NR_SHARED  256

/* Blocks the busy threads leave for the children to free. */
static char *shared[NR_SHARED];
static size_t shared_size[NR_SHARED];

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	void *slot[128] = { 0 };

	while (!threads_stopped()) {
		void **p = &slot[next_random(&seed) % 128];
		size_t max = next_random(&seed) % 200 ? 5000 : 3 * MIB;

		free(*p);
		*p = malloc(random_size(&seed, max));
		REQUIRE(*p);
		if (next_random(&seed) % 64 == 0)
			sched_yield();
	}
	for (int i = 0; i < 128; i++)
		free(slot[i]);
	return NULL;
}

static void *make_shared(void *arg)
{
	unsigned long seed = 42;

	(void)arg;
	for (int i = 0; i < NR_SHARED; i++) {
		shared_size[i] = random_size(&seed, 30000);
		shared[i] = malloc(shared_size[i]);
		REQUIRE(shared[i]);
		fill(shared[i], shared_size[i], (unsigned long)i);
	}
	return NULL;
}

static void *in_child(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	for (int i = 0; i < 100; i++)
		free(malloc(random_size(&seed, 200000)));
	return NULL;
}

static void child(unsigned long n)
{
	pthread_t thread;
	pid_t pid;

	alarm(20);
	for (unsigned long i = n % 8; i < NR_SHARED; i += 8) {
		CHECK(intact(shared[i], shared_size[i], i));
		free(shared[i]);
	}
	in_child((void *)(n + 1));
	start_thread(&thread, in_child, (void *)(n + 2));
	pthread_join(thread, NULL);
	if (n % 4 == 0) {
		pid = fork();
		if (!pid) {
			in_child((void *)(n + 3));
			_exit(selftest_end());
		}
		CHECK(child_status(pid) == 0);
	}
	if (n % 2)
		exit(selftest_end());
	_exit(selftest_end());
}

int main(void)
{
	unsigned long n = scaled(800);
	pthread_t thread[NR_THREADS];
	pthread_t once;
	int bad;

	selftest_begin(80);
	start_thread(&once, make_shared, NULL);
	pthread_join(once, NULL);
	start_threads(thread, NR_THREADS, busy, 1);
	bad = fork_children(n, child);
	CHECK(!bad, "%d of %lu children", bad, n);
	stop_threads(thread, NR_THREADS);
	return selftest_end();
}
