// SPDX-License-Identifier: MIT
/* The gate: closing waits for those inside, and keeps the others out. */
#include <sched.h>

#include <hz3/atomic.h>
#include <hz3/gate.h>

#include "hz3test.h"

#define NR_THREADS 4
#define NR_CLOSES  300

static struct gate gate;
static u32 inside;  /* threads between enter and leave */
static u32 entries; /* how often any was */
static bool stop;

static void open_and_closed(struct hz3test *t)
{
	EXPECT_TRUE(t, gate_enter(&gate));
	EXPECT_TRUE(t, gate_try_enter(&gate));
	gate_leave(&gate);
	gate_leave(&gate);
	gate_close(&gate);
	EXPECT_TRUE(t, !gate_try_enter(&gate));
	gate_open(&gate);
	EXPECT_TRUE(t, gate_enter(&gate));
	gate_leave(&gate);
}

/* Every other thread waits at the gate. */
static void *visit(void *arg)
{
	bool (*enter)(struct gate *) = (uptr)arg % 2 ? gate_enter :
						       gate_try_enter;

	while (!load_relaxed(&stop)) {
		if (!enter(&gate)) {
			sched_yield();
			continue;
		}
		fetch_add_relaxed(&inside, 1U);
		fetch_add_relaxed(&entries, 1U);
		sched_yield();
		fetch_sub_relaxed(&inside, 1U);
		gate_leave(&gate);
	}
	return NULL;
}

static void nobody_is_inside(struct hz3test *t)
{
	pthread_t thread[NR_THREADS];
	u32 i;

	hz3test_start(t, thread, NR_THREADS, visit);
	for (i = 0; i < NR_CLOSES; i++) {
		u32 before = load_relaxed(&entries);

		gate_close(&gate);
		EXPECT_EQ(t, load_relaxed(&inside), 0U);
		sched_yield();
		EXPECT_EQ(t, load_relaxed(&inside), 0U);
		gate_open(&gate);
		/* They come in again. */
		while (load_relaxed(&entries) == before)
			sched_yield();
	}
	store_relaxed(&stop, true);
	hz3test_join(thread, NR_THREADS);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(open_and_closed),
	HZ3TEST_CASE(nobody_is_inside),
	{ 0 },
};

HZ3TEST_SUITE(.name = "gate", .cases = cases);
