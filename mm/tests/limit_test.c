// SPDX-License-Identifier: MIT
/* Limits: what is counted, and what is refused when. */
#include <hz3/atomic.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/large.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>
#include <hz3/mm/segment.h>

#include "hz3test.h"

static void setup(struct hz3test *t)
{
	(void)t;
	os_boot();
	arena_purge((u32)os_now_ms(), 0);
}

static void no_limits(struct hz3test *t)
{
	store_relaxed(&limits.hard, (size_t)0);
	store_relaxed(&limits.soft, (size_t)0);
	/* Closes a reserve that is open. */
	ASSERT_TRUE(t, limit_charge(1));
	limit_uncharge(1);
}

static void hard_limit(size_t segments)
{
	store_relaxed(&limits.hard,
		      limit_committed() + segments * SEGMENT_SIZE);
}

static size_t counted_by_arenas(void)
{
	struct arena_stats st;

	arena_get_stats(&st);
	return st.committed_bytes;
}

/* Claimed, extended, refused, purged, single: the counter agrees. */
static void counts_what_is_committed(struct hz3test *t)
{
	struct arena_claim c;
	struct arena_claim single;
	size_t huge = ((size_t)1 << CONFIG_HZ3_ARENA_SHIFT) + SEGMENT_SIZE;

	EXPECT_EQ(t, limit_committed(), counted_by_arenas());
	ASSERT_EQ(t, arena_claim(3 * SEGMENT_SIZE, 1, &c), 0);
	EXPECT_EQ(t, limit_committed(), counted_by_arenas());
	if (arena_extend(c.arena, c.addr, 3 * SEGMENT_SIZE, 5 * SEGMENT_SIZE))
		arena_give_back(c.arena, (u8 *)c.addr + 3 * SEGMENT_SIZE,
				2 * SEGMENT_SIZE);
	EXPECT_EQ(t, limit_committed(), counted_by_arenas());
	arena_give_back(c.arena, c.addr, 3 * SEGMENT_SIZE);
	EXPECT_EQ(t, limit_committed(), counted_by_arenas());
	if (!arena_claim(huge, 1, &single)) {
		arena_segment_state(single.arena, single.addr)->large_bytes =
			huge;
		EXPECT_EQ(t, limit_committed(), counted_by_arenas());
		arena_give_back(single.arena, single.addr, huge);
	}
	EXPECT_EQ(t, limit_committed(), counted_by_arenas());
	arena_purge((u32)os_now_ms(), 0);
	EXPECT_EQ(t, limit_committed(), counted_by_arenas());
}

static void refuses_beyond(struct hz3test *t)
{
	struct arena_claim c;
	size_t before = limit_committed();

	hard_limit(4); /* three and the reserve */
	EXPECT_NE(t, arena_claim(4 * SEGMENT_SIZE, 1, &c), 0);
	EXPECT_EQ(t, limit_committed(), before);
	ASSERT_EQ(t, arena_claim(3 * SEGMENT_SIZE, 1, &c), 0);
	EXPECT_TRUE(t, !arena_extend(c.arena, c.addr, 3 * SEGMENT_SIZE,
				     4 * SEGMENT_SIZE));
	/* What is free but committed serves again. */
	arena_give_back(c.arena, c.addr, 3 * SEGMENT_SIZE);
	ASSERT_EQ(t, arena_claim(3 * SEGMENT_SIZE, 1, &c), 0);
	arena_give_back(c.arena, c.addr, 3 * SEGMENT_SIZE);
	EXPECT_TRUE(t, !limit_allows(limits.hard));
	EXPECT_TRUE(t, limit_allows(limits.hard - SEGMENT_SIZE));
	no_limits(t);
	EXPECT_TRUE(t, limit_allows(SIZE_MAX));
}

static void keeps_a_reserve(struct hz3test *t)
{
	struct segment *s[3];
	bool zeroed;

	hard_limit(3);
	s[0] = segment_create(1, NULL);
	s[1] = segment_create(1, NULL);
	ASSERT_TRUE(t, s[0] && s[1]);
	EXPECT_TRUE(t, !segment_create(1, NULL));
	EXPECT_TRUE(t, !limit_is_reserved());
	limit_refused();
	EXPECT_TRUE(t, limit_is_reserved());
	/* Now the last one, but not for large blocks. */
	EXPECT_TRUE(t, !large_alloc(SEGMENT_SIZE, 1, &zeroed));
	s[2] = segment_create(1, NULL);
	ASSERT_TRUE(t, s[2]);
	EXPECT_TRUE(t, !segment_create(1, NULL));
	segment_destroy(s[2]);
	segment_destroy(s[1]);
	EXPECT_TRUE(t, limit_is_reserved());
	arena_purge((u32)os_now_ms(), 0);
	EXPECT_TRUE(t, !limit_is_reserved());
	segment_destroy(s[0]);
	no_limits(t);
}

/* Memory that is not decommitted when it is free serves again all the same. */
static void reserve_of_free_segments(struct hz3test *t)
{
	struct segment *s[3];
	bool zeroed;
	u8 *p;

	hard_limit(3);
	s[0] = segment_create(1, NULL);
	s[1] = segment_create(1, NULL);
	ASSERT_TRUE(t, s[0] && s[1]);
	limit_refused();
	s[2] = segment_create(1, NULL);
	ASSERT_TRUE(t, s[2]);
	/* As much as was the reserve: of no use to large blocks. */
	segment_destroy(s[2]);
	EXPECT_TRUE(t, !large_alloc(SEGMENT_SIZE, 1, &zeroed));
	/* One more. */
	segment_destroy(s[1]);
	EXPECT_TRUE(t, limit_is_reserved());
	p = large_alloc(SEGMENT_SIZE / 2, 1, &zeroed);
	ASSERT_TRUE(t, p);
	EXPECT_TRUE(t, !large_alloc(SEGMENT_SIZE, 1, &zeroed));
	/* No more than it has. */
	EXPECT_TRUE(t, large_extend(p, pagetag_lookup(p), SEGMENT_SIZE));
	EXPECT_TRUE(t, !large_extend(p, pagetag_lookup(p), 2 * SEGMENT_SIZE));
	s[1] = segment_create(1, NULL);
	EXPECT_TRUE(t, s[1]);
	EXPECT_EQ(t, large_free(p, pagetag_lookup(p)), 0);
	segment_destroy(s[1]);
	segment_destroy(s[0]);
	arena_purge((u32)os_now_ms(), 0);
	EXPECT_TRUE(t, !limit_is_reserved());
	no_limits(t);
}

/* A request that was too big by itself leaves room: no reserve is opened. */
static void far_from_the_limit(struct hz3test *t)
{
	hard_limit(8);
	limit_refused();
	EXPECT_TRUE(t, !limit_is_reserved());
	no_limits(t);
}

static void soft_limit(struct hz3test *t)
{
	EXPECT_TRUE(t, !limit_is_soft_passed());
	store_relaxed(&limits.soft, limit_committed() + 1);
	EXPECT_TRUE(t, !limit_is_soft_passed());
	ASSERT_TRUE(t, limit_charge(2));
	EXPECT_TRUE(t, limit_is_soft_passed());
	limit_uncharge(2);
	EXPECT_TRUE(t, !limit_is_soft_passed());
	no_limits(t);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(counts_what_is_committed),
	HZ3TEST_CASE(refuses_beyond),
	HZ3TEST_CASE(keeps_a_reserve),
	HZ3TEST_CASE(reserve_of_free_segments),
	HZ3TEST_CASE(far_from_the_limit),
	HZ3TEST_CASE(soft_limit),
	{ 0 },
};

HZ3TEST_SUITE(.name = "limit", .init = setup, .cases = cases);
