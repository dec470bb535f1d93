// SPDX-License-Identifier: MIT
/*
 * Timer signals every 500 us interrupt every instruction of the fast path on
 * four threads; the handlers touch errno and the stack, not the allocator
 * (TESTING.md class 13).
 * selftest: modes=preload
 */
#include <sys/time.h>

#include "selftest.h"

static int stop;
static unsigned long nr_signals;

static void on_timer(int sig)
{
	volatile char junk[2000];

	for (size_t i = 0; i < sizeof(junk); i++)
		junk[i] = (char)sig;
	__atomic_fetch_add(&nr_signals, 1, __ATOMIC_RELAXED);
}

static void *busy(void *arg)
{
	unsigned long seed = (unsigned long)arg;
	unsigned char *slot[256] = { 0 };
	size_t size[256] = { 0 };

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unsigned long i = next_random(&seed) % 256;

		if (slot[i])
			CHECK(intact(slot[i], size[i], i));
		free(slot[i]);
		size[i] = random_size(&seed, 300);
		slot[i] = malloc(size[i]);
		REQUIRE(slot[i]);
		fill(slot[i], size[i], i);
	}
	for (int i = 0; i < 256; i++)
		free(slot[i]);
	return NULL;
}

int main(void)
{
	struct itimerval timer = { { 0, 500 }, { 0, 500 } };
	struct sigaction action = { .sa_handler = on_timer,
				    .sa_flags = SA_RESTART };
	pthread_t thread[4];

	selftest_begin(30);
	sigaction(SIGPROF, &action, NULL);
	sigaction(SIGVTALRM, &action, NULL);
	for (unsigned long i = 0; i < 4; i++)
		start_thread(&thread[i], busy, (void *)(i + 1));
	setitimer(ITIMER_PROF, &timer, NULL);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	sleep_ms(long_form() ? 20000 : 2000);
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	CHECK(nr_signals > 100, "%lu", nr_signals);
	return selftest_end();
}
