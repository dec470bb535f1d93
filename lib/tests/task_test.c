// SPDX-License-Identifier: MIT
/*
 * The thread of our own: runs, blocks signals, ends, and starts again. That a
 * child can start one is for selftests/background.c: emulators cannot do it.
 */
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <hz3/atomic.h>
#include <hz3/bits.h>
#include <hz3/syscall.h>
#include <hz3/task.h>
#include <hz3/tls.h>

#include <sys/syscall.h>

#include "hz3test.h"

static u32 stop;     /* how many are to have ended; (A) release, (B) acquire */
static u32 runs;     /* how many have begun; (A) release, (B) acquire */
static uptr pointer; /* of the thread that ran last; written before (A) */
static u64 blocked;  /* signals of it; written before (A) */

static void work(void)
{
	u32 nth = load_relaxed(&runs) + 1;

	pointer = thread_pointer();
	syscall6(SYS_rt_sigprocmask, 0, 0, (long)&blocked, 8, 0, 0);
	/* (A) pairs with (B) */
	store_release(&runs, nth);
	while (load_acquire(&stop) < nth) /* (B) pairs with (A) */
		task_sleep(1);
}

static void start(struct hz3test *t, u32 nth)
{
	ASSERT_TRUE(t, task_start(work));
	while (load_acquire(&runs) < nth) /* (B) pairs with (A) */
		sched_yield();
}

static void end(void)
{
	/* (A) pairs with (B) */
	store_release(&stop, load_relaxed(&runs));
}

/* Tasks of the process, as the kernel counts them. */
static int nr_tasks(void)
{
	DIR *dir = opendir("/proc/self/task");
	int n = -2; /* . and .. */

	while (dir && readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void runs_and_ends(struct hz3test *t)
{
	int before = nr_tasks();
	u32 first = load_relaxed(&runs);
	u32 i;

	/* Each waits for the one before it to be gone. */
	for (i = 1; i <= 100; i++) {
		start(t, first + i);
		ASSERT_NE(t, pointer, thread_pointer());
		end();
	}
	while (nr_tasks() != before)
		usleep(1000);
}

static void gets_no_signals(struct hz3test *t)
{
	sigset_t mask;

	start(t, load_relaxed(&runs) + 1);
	/* All but those that nobody can block; emulators keep high ones. */
	blocked |= 1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1);
	EXPECT_EQ(t, (u32)blocked, ~0U);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	EXPECT_TRUE(t, !sigismember(&mask, SIGUSR1));
	end();
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(runs_and_ends),
	HZ3TEST_CASE(gets_no_signals),
	{ 0 },
};

HZ3TEST_SUITE(.name = "task", .cases = cases);
