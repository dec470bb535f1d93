// SPDX-License-Identifier: MIT
/* The lock: mutual exclusion, sleeping, waking, fork. */
#include <time.h>
#include <unistd.h>

#include <hz3/lock.h>

#include "hz3test.h"

#define NR_THREADS 8
#define NR_ROUNDS  20000

static struct lock lock;
static unsigned long counter; /* guarded by lock; plain on purpose */
static int inside;            /* holders at this moment */
static int crowded;           /* times there was more than one */
static int taken;             /* threads that had the lock; guarded by it */

static void *count_up(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < NR_ROUNDS; i++) {
		lock_acquire(&lock);
		if (fetch_add_relaxed(&inside, 1))
			fetch_add_relaxed(&crowded, 1);
		counter++;
		fetch_sub_relaxed(&inside, 1);
		lock_release(&lock);
	}
	return NULL;
}

static void starts_free(struct hz3test *t)
{
	struct lock l = LOCK_INITIALIZER;

	EXPECT_TRUE(t, __lock_try_raw(&l));
	EXPECT_TRUE(t, !__lock_try_raw(&l));
	lock_unhold(&l);
	EXPECT_EQ(t, l.state, (u32)LOCK_FREE);
	EXPECT_TRUE(t, __lock_try_raw(&l));
	lock_reset(&l);
	EXPECT_TRUE(t, __lock_try_raw(&l));
	lock_unhold(&l);
}

static void excludes(struct hz3test *t)
{
	pthread_t thread[NR_THREADS];

	hz3test_start(t, thread, NR_THREADS, count_up);
	hz3test_join(thread, NR_THREADS);
	EXPECT_EQ(t, counter, (unsigned long)NR_THREADS * NR_ROUNDS);
	EXPECT_EQ(t, crowded, 0);
	EXPECT_EQ(t, lock.state, (u32)LOCK_FREE);
}

static u64 cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}

static void *take_once(void *arg)
{
	(void)arg;
	lock_acquire(&lock);
	taken++;
	lock_release(&lock);
	return NULL;
}

/*
 * The holder sleeps: waiters must not burn the CPU, and each of them must be
 * woken (a lost wakeup is a hang, which the runner ends).
 */
static void waiters_sleep(struct hz3test *t)
{
	pthread_t thread[NR_THREADS];
	u64 start;

	lock_hold(&lock);
	hz3test_start(t, thread, NR_THREADS, take_once);
	usleep(50000);
	start = cpu_ms();
	usleep(300000);
	EXPECT_LT(t, cpu_ms() - start, (u64)100);
	EXPECT_EQ(t, taken, 0);
	EXPECT_TRUE(t, !__lock_try_raw(&lock));
	lock_unhold(&lock);
	hz3test_join(thread, NR_THREADS);
	EXPECT_EQ(t, taken, NR_THREADS);
	EXPECT_EQ(t, lock.state, (u32)LOCK_FREE);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(starts_free),
	HZ3TEST_CASE(excludes),
	HZ3TEST_CASE(waiters_sleep),
	{ 0 },
};

HZ3TEST_SUITE(.name = "lock", .cases = cases);
