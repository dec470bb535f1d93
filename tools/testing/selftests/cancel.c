// SPDX-License-Identifier: MIT
/*
 * Cancellation and pthread_exit() between our calls; inside them there is no
 * cancellation point, also when they enter the system (TESTING.md class 14).
 * selftest: modes=preload,linked
 */
#include "selftest.h"

static void *last;

static void clean_up(void *arg)
{
	free(arg);
}

static void *cancelled(void *arg)
{
	void *p = malloc((unsigned long)arg % 5000 + 1);

	pthread_cleanup_push(clean_up, p);
	for (;;)
		pause();
	pthread_cleanup_pop(1);
	return NULL;
}

static void *exits(void *arg)
{
	void *p = malloc((unsigned long)arg % 90000 + 1);

	free(malloc(100));
	last = p;
	pthread_exit(p);
}

/* A cancellation is pending all the time: only our own point may act on it. */
static void *pending(void *arg)
{
	unsigned long seed = 99;

	pthread_cancel(pthread_self());
	for (int i = 0; i < 3000; i++)
		free(malloc(random_size(&seed, 4 * MIB)));
	for (int i = 0; i < 100; i++)
		free(realloc(malloc(3 * MIB), (size_t)i * MIB / 7 + 1));
	malloc_trim(0);
	*(int *)arg = 1;
	pthread_testcancel();
	*(int *)arg = 2;
	return NULL;
}

int main(void)
{
	unsigned long n = scaled(1200);
	size_t start = 0;
	pthread_t thread;
	void *result;
	int state = 0;

	selftest_begin(30);
	for (unsigned long i = 0; i < n; i++) {
		if (i == n / 10)
			start = rss();
		start_thread(&thread, i % 2 ? cancelled : exits, (void *)i);
		if (i % 2)
			pthread_cancel(thread);
		pthread_join(thread, &result);
		if (i % 2)
			CHECK(result == PTHREAD_CANCELED);
		else
			free(result);
	}
	CHECK(emulated() || rss() <= start + 16 * MIB, "%zu KiB after %zu",
	      rss() >> 10, start >> 10);
	start_thread(&thread, pending, &state);
	pthread_join(thread, &result);
	CHECK(state == 1 && result == PTHREAD_CANCELED, "state %d", state);
	return selftest_end();
}
