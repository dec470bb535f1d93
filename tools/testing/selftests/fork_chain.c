// SPDX-License-Identifier: MIT
/*
 * A chain of forks, each from a process with threads that have caches: their
 * records are used again by the child's threads, so that they do not become
 * more with each fork. What is in those caches is lost.
 * selftest: modes=preload,linked needs=native,HZ3_FORK timeout=60
 */
#include "selftest.h"

#define NR_FORKS   30
#define NR_THREADS 16
#define GROWTH_MAX (1UL << 20) /* 480 records would be 3 MiB */

static pthread_barrier_t attached;
static pthread_barrier_t never;

static void *work(void *arg)
{
	free(malloc(1000));
	pthread_barrier_wait(&attached);
	pthread_barrier_wait(&never);
	return arg;
}

/* Threads, and a fork in whose child this begins again; returns the status. */
static int link_of(int n, size_t first)
{
	pthread_t thread[NR_THREADS];
	pid_t pid;

	alarm(50);
	pthread_barrier_init(&attached, NULL, NR_THREADS + 1);
	pthread_barrier_init(&never, NULL, NR_THREADS + 1);
	start_threads(thread, NR_THREADS, work, 1);
	pthread_barrier_wait(&attached);
	CHECK(hz3_figure("threads") == NR_THREADS + 1, "%zu threads at fork %d",
	      hz3_figure("threads"), n);
	if (!first)
		first = hz3_figure("records");
	REQUIRE(first);
	if (n == NR_FORKS) {
		CHECK(hz3_figure("records") <= first + GROWTH_MAX,
		      "%zu KiB of records, %zu at first",
		      hz3_figure("records") >> 10, first >> 10);
		return selftest_end();
	}
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		_exit(link_of(n + 1, first));
	CHECK(!child_status(pid), "fork %d", n);
	return selftest_end();
}

int main(void)
{
	selftest_begin(50);
	_exit(link_of(0, 0));
}
