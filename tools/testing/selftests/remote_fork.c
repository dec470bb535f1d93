// SPDX-License-Identifier: MIT
/*
 * fork() with full stashes: the forking thread and six others hold blocks that
 * they have freed for another thread. The parent loses nothing. In the
 * child the forking thread sends what it held; what the others held is lost to
 * it, and nothing else; it can free their blocks, allocate and start threads.
 * What was in their caches counts as cached until a thread of the child's has
 * such a record, then as used.
 * selftest: modes=preload,linked timeout=60 needs=native,HZ3_FORK
 */
#include "selftest.h"

#define NR_THREADS 6
#define NR_HELD    250 /* the sparse ring has 256 slots */
#define NR_BLOCKS  (2 * NR_HELD)
#define NR_FORKS   20
#define TOLERANCE  (64UL << 10) /* libc's own blocks */

static void *block[NR_THREADS + 1][NR_BLOCKS];
static pthread_barrier_t made;    /* the blocks, by their owner */
static pthread_barrier_t barrier; /* all; full stashes, forked */

static size_t hold(void **p)
{
	size_t bytes = 0;

	for (int i = 0; i < NR_HELD; i++) {
		bytes += malloc_usable_size(p[i]);
		free(p[i]);
	}
	return bytes;
}

static void *owner(void *arg)
{
	(void)arg;
	for (int i = 0; i <= NR_THREADS; i++) {
		for (int j = 0; j < NR_BLOCKS; j++) {
			block[i][j] = malloc(next_bin_size(j));
			REQUIRE(block[i][j]);
		}
	}
	pthread_barrier_wait(&made);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

static void *work(void *arg)
{
	unsigned long seed = (unsigned long)arg;

	for (int i = 0; i < 500; i++)
		free(malloc(random_size(&seed, 100000)));
	return NULL;
}

static void *holder(void *arg)
{
	unsigned long me = (unsigned long)arg;

	hold(block[me]);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	for (int i = NR_HELD; i < NR_BLOCKS; i++)
		free(block[me][i]);
	work((void *)(me + 1));
	return NULL;
}

/* @held bytes by this thread, @lost by those that the child has not. */
static void child(size_t used, size_t live, size_t held, size_t lost)
{
	pthread_t thread;
	size_t cached;

	alarm(10);
	selftest_failures = 0; /* the parent's are its own */
	CHECK(in_use() <= used + TOLERANCE);
	malloc_trim(0);
	cached = mallinfo2().fsmblks;
	CHECK(in_use() <= used - held + TOLERANCE, "%zu KiB, %zu less %zu",
	      in_use() >> 10, used >> 10, held >> 10);
	for (int i = 0; i <= NR_THREADS; i++)
		for (int j = NR_HELD; j < NR_BLOCKS; j++)
			free(block[i][j]);
	work((void *)1);
	start_thread(&thread, work, (void *)2);
	pthread_join(thread, NULL);
	malloc_trim(0);
	CHECK(in_use() + mallinfo2().fsmblks <=
		      used - live + lost + cached + TOLERANCE,
	      "%zu KiB, %zu of them lost", in_use() >> 10, lost >> 10);
	_exit(selftest_end());
}

/* Returns how much the forking thread held. */
static size_t round_of(void)
{
	pthread_t thread[NR_THREADS + 1];
	size_t before = in_use();
	size_t used;
	size_t held;
	size_t live;
	pid_t pid;

	start_thread(&thread[0], owner, NULL);
	pthread_barrier_wait(&made);
	live = in_use() - before;
	start_threads(&thread[1], NR_THREADS, holder, 1);
	pthread_barrier_wait(&barrier);
	held = hold(block[0]);
	used = in_use();
	pid = fork();
	REQUIRE(pid >= 0);
	if (!pid)
		child(used, live, held, NR_THREADS * held);
	pthread_barrier_wait(&barrier);
	CHECK(child_status(pid) == 0, "the child");
	for (int i = NR_HELD; i < NR_BLOCKS; i++)
		free(block[0][i]);
	join_threads(thread, NR_THREADS + 1);
	malloc_trim(0);
	CHECK(in_use() <= before + TOLERANCE, "%zu KiB lost in the parent",
	      (in_use() - before) >> 10);
	return held;
}

int main(void)
{
	size_t held = 0;

	selftest_begin(55);
	pthread_barrier_init(&made, NULL, 2);
	pthread_barrier_init(&barrier, NULL, NR_THREADS + 2);
	for (int i = 0; i < NR_FORKS; i++)
		held = round_of();
	say("%zu KiB held by each of %d threads\n", held >> 10, NR_THREADS + 1);
	return selftest_end();
}
