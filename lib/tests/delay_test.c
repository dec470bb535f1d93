// SPDX-License-Identifier: MIT
/* Delays: the same seed does the same, at the rate that was asked for. */
#include <errno.h>

#include <hz3/atomic.h>

#include "hz3test.h"

#define NR_POINTS 100000

/* A number that says what a generator did at its next points. */
static u64 print_of(u32 seed, u32 number)
{
	struct delay_state st;
	u64 print = 0;
	int i;

	delay_begin(&st, seed, number);
	for (i = 0; i < 1000; i++) {
		struct delay d = delay_next(&st, 3);

		print = print * 1000003 + (u64)d.kind * 65536 + d.amount;
	}
	return print;
}

static void repeats(struct hz3test *t)
{
	EXPECT_EQ(t, print_of(7, 1), print_of(7, 1));
	EXPECT_NE(t, print_of(7, 1), print_of(7, 2));
	EXPECT_NE(t, print_of(7, 1), print_of(8, 1));
	EXPECT_NE(t, print_of(0, 0), print_of(0, 1));
}

/* How many of NR_POINTS are of each kind. */
static void count(u32 every, u32 *nr)
{
	struct delay_state st;
	int i;

	delay_begin(&st, 1, every);
	for (i = 0; i < NR_POINTS; i++)
		nr[delay_next(&st, every).kind]++;
}

static void keeps_the_rate(struct hz3test *t)
{
	u32 nr[DELAY_SLEEP + 1] = { 0 };
	u32 none[DELAY_SLEEP + 1] = { 0 };
	u32 all[DELAY_SLEEP + 1] = { 0 };

	count(10, nr);
	EXPECT_GT(t, NR_POINTS - nr[DELAY_NONE], NR_POINTS / 11);
	EXPECT_LT(t, NR_POINTS - nr[DELAY_NONE], NR_POINTS / 9);
	EXPECT_GT(t, nr[DELAY_SPIN], NR_POINTS / 40);
	EXPECT_GT(t, nr[DELAY_YIELD], NR_POINTS / 40);
	EXPECT_GT(t, nr[DELAY_SLEEP], NR_POINTS / 120);
	count(0, none);
	EXPECT_EQ(t, none[DELAY_NONE], NR_POINTS);
	count(1, all);
	EXPECT_EQ(t, all[DELAY_NONE], 0);
}

/* Each kind happens, the access is made once and errno stays as it is. */
static void delays_accesses(struct hz3test *t)
{
	u32 word = 0;
	int i;

	store_relaxed(&debug_delay_every, 1U);
	errno = 4711;
	for (i = 0; i < 2000; i++)
		fetch_add_relaxed(&word, 1U);
	EXPECT_EQ(t, errno, 4711);
	EXPECT_EQ(t, word, 2000U);
	store_release(&word, 5U); /* alone: pairs with nothing */
	EXPECT_EQ(t, load_acquire(&word), 5U);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(repeats),
	HZ3TEST_CASE(keeps_the_rate),
	HZ3TEST_CASE(delays_accesses),
	{ 0 },
};

HZ3TEST_SUITE(.name = "delay", .cases = cases);
