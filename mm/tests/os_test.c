// SPDX-License-Identifier: MIT
/*
 * The clock: what has passed, also when nobody has looked for weeks.
 */
#include <unistd.h>

#include <hz3/mm/os.h>

#include "hz3test.h"

#define DAY_MS (24U * 3600 * 1000)

static void passed(struct hz3test *t)
{
	static const u32 start[] = { 0, 1, 1U << 31, ~0U - 50, ~0U };
	u32 day;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(start); i++) {
		u32 then = start[i];

		EXPECT_TRUE(t, os_have_passed(then, then, 0));
		EXPECT_TRUE(t, !os_have_passed(then, then, 1));
		EXPECT_TRUE(t, !os_have_passed(then + 99, then, 100));
		EXPECT_TRUE(t, os_have_passed(then + 100, then, 100));
		/* Ahead: the next turn, or somebody else's later look. */
		EXPECT_TRUE(t, !os_have_passed(then, then + 1, 0));
		EXPECT_TRUE(t, !os_have_passed(then, then + 60001, 0));
		EXPECT_TRUE(t, !os_have_passed(then, then + 60001, 1U << 30));
		for (day = 1; day < 49; day++)
			EXPECT_TRUE(t, os_have_passed(then + day * DAY_MS, then,
						      60000));
	}
}

static void goes_on(struct hz3test *t)
{
	u64 then = os_now_ms();
	u64 now;

	EXPECT_GT(t, then, 0UL);
	usleep(100000);
	now = os_now_ms();
	EXPECT_GE(t, now, then + 80);
	EXPECT_LT(t, now, then + 60000);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(passed),
	HZ3TEST_CASE(goes_on),
	{ 0 },
};

HZ3TEST_SUITE(.name = "os", .cases = cases);
