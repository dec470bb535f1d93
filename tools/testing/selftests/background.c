// SPDX-License-Identifier: MIT
/*
 * Option background: what was freed leaves the resident set though nobody
 * enters the allocator any more; the thread ends when that is done, comes back
 * with new work, exists in children of its own, gets no signals, and does not
 * keep a process alive. Each case is a child that starts this program again
 * with the option, or for comparison without it.
 * selftest: modes=preload,static needs=native,HZ3_BACKGROUND,HZ3_RUNTIME_CONF
 */
#include <sys/syscall.h>
#include <sys/time.h>

#include "selftest.h"

#define TOTAL (64 * MIB)

static void *block[TOTAL / 4000];
static int strange_signals;

/* Tasks of the process, by the kernel's count; does not allocate. */
static unsigned long nr_tasks(void)
{
	return proc_value("/proc/self/status", "\nThreads:");
}

/* Use much and free it; the last thing this does with the allocator. */
static void burst(void)
{
	size_t n = TOTAL / 2 / 4000;
	size_t large = TOTAL / 2 / (4 * MIB);

	take_blocks(block, n, 4000);
	take_blocks(block + n, large, 4 * MIB);
	free_blocks(block, n + large);
}

/* Wait until @done, 10 s at most. */
static bool comes_true(bool (*done)(size_t arg), size_t arg)
{
	for (int i = 0; i < 200; i++) {
		if (done(arg))
			return true;
		sleep_ms(50);
	}
	return false;
}

static bool is_small(size_t base)
{
	return rss() <= base + TOTAL / 10;
}

static bool is_alone(size_t unused)
{
	(void)unused;
	return nr_tasks() == 1;
}

/* Twice: the second time another thread does it. */
static void gives_back(void)
{
	size_t base = rss();

	for (int i = 0; i < 2; i++) {
		burst();
		CHECK(nr_tasks() == 2, "%lu tasks", nr_tasks());
		CHECK(comes_true(is_small, base), "%zu of %zu MiB left",
		      above(rss(), base) / MIB, TOTAL / MIB);
		CHECK(comes_true(is_alone, 0), "%lu tasks at rest", nr_tasks());
	}
}

/* Without it, all stays: the comparison that shows what the thread does. */
static void keeps(void)
{
	size_t base = rss();

	burst();
	sleep_ms(1500);
	CHECK(above(rss(), base) >= TOTAL / 2, "only %zu of %zu MiB left",
	      above(rss(), base) / MIB, TOTAL / MIB);
	CHECK(nr_tasks() == 1, "%lu tasks", nr_tasks());
}

static void child(unsigned long n)
{
	size_t base = rss();

	(void)n;
	alarm(20);
	burst();
	CHECK(nr_tasks() == 2, "%lu tasks in a child", nr_tasks());
	CHECK(comes_true(is_small, base), "%zu of %zu MiB left in a child",
	      above(rss(), base) / MIB, TOTAL / MIB);
	_exit(selftest_end());
}

/* A child of a process that has the thread, and a child of that. */
static void grandchild(unsigned long n)
{
	burst();
	CHECK(!fork_children(1, child));
	child(n);
}

static void forks(void)
{
	burst();
	CHECK(!fork_children(1, grandchild));
}

static void on_signal(int sig)
{
	(void)sig;
	if (syscall(SYS_gettid) != getpid())
		strange_signals++;
}

/* With the main thread's signals blocked the other one must not get them. */
static void signals(void)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	struct sigaction sa = { .sa_handler = on_signal };
	size_t base = rss();
	sigset_t set;

	sigaction(SIGALRM, &sa, NULL);
	burst();
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < 20; i++) {
		sigemptyset(&set);
		sigaddset(&set, SIGALRM);
		sigprocmask(i % 2 ? SIG_UNBLOCK : SIG_BLOCK, &set, NULL);
		sleep_ms(20);
	}
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	CHECK(!strange_signals, "%d signals", strange_signals);
	CHECK(comes_true(is_small, base));
}

static void *last_thread(void *unused)
{
	(void)unused;
	sleep_ms(50);
	burst();
	return NULL;
}

/* The last pthread ends the process, with the main one's exit status. */
static void main_leaves(void)
{
	pthread_t thread;

	start_thread(&thread, last_thread, NULL);
	pthread_exit(NULL);
}

static const struct option_case cases[] = {
	{ "background:true", gives_back },
	{ "background:true,decay_ms:0", gives_back },
	{ "background:false", keeps },
	{ "background:true", forks },
	{ "background:true", signals },
	{ "background:true", main_leaves },
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	selftest_begin(55);
	run_cases(argc, argv, cases);
	return selftest_end();
}
