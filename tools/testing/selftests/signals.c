// SPDX-License-Identifier: MIT
/*
 * Timer signals every 500 us interrupt every instruction of the fast path on
 * four threads; the handlers touch errno and the stack, not the allocator
 * (TESTING.md class 13).
 * selftest: modes=preload
 */
#include <sys/time.h>

#include "selftest.h"

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
	keep_busy((unsigned long)arg, 256, 300);
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
	start_threads(thread, 4, busy, 1);
	setitimer(ITIMER_PROF, &timer, NULL);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	sleep_ms(long_form() ? 20000 : 2000);
	stop_threads(thread, 4);
	CHECK(nr_signals > 100, "%lu", nr_signals);
	return selftest_end();
}
