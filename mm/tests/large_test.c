// SPDX-License-Identifier: MIT
/* Large blocks: contents survive every resize, fresh ones are zero. */
#include <string.h>

#include <hz3/mm/large.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

#include "hz3test.h"

#define MIB (1UL << 20)

static void setup(struct hz3test *t)
{
	(void)t;
	os_boot();
}

static u8 *alloc(struct hz3test *t, size_t size)
{
	bool zeroed;
	u8 *p = large_alloc(size, 4096, &zeroed);
	size_t i;

	ASSERT_TRUE(t, p);
	EXPECT_GE(t, large_size(p, pagetag_lookup(p)), size);
	for (i = 0; zeroed && i < size; i += 1024)
		ASSERT_EQ(t, p[i], 0);
	return p;
}

static void release(struct hz3test *t, u8 *p)
{
	EXPECT_EQ(t, large_free(p, pagetag_lookup(p)), 0);
	EXPECT_EQ(t, pagetag_lookup(p), 0U);
}

static void mark(u8 *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 256)
		p[i] = (u8)(i >> 8);
}

static bool marked(const u8 *p, size_t size)
{
	size_t i;

	for (i = 0; i < size; i += 256)
		if (p[i] != (u8)(i >> 8))
			return false;
	return true;
}

static void sizes(struct hz3test *t)
{
	size_t size;

	for (size = 1; size < 40 * MIB; size = size * 3 + 1) {
		u8 *p = alloc(t, size);

		EXPECT_TRUE(t, IS_ALIGNED((uptr)p, 4096));
		memset(p, 0xAA, size);
		release(t, p);
	}
}

static void alignments(struct hz3test *t)
{
	size_t align;
	bool zeroed;

	for (align = 4096; align <= 512 * MIB; align *= 2) {
		u8 *p = large_alloc(3 * MIB, align, &zeroed);

		ASSERT_TRUE(t, p);
		EXPECT_TRUE(t, IS_ALIGNED((uptr)p, align));
		memset(p, 1, 3 * MIB);
		release(t, p);
	}
}

/* Every pair of sizes around the segment, with and without a neighbour. */
static void resize(struct hz3test *t, bool crowded)
{
	static const size_t size[] = { 4096,     MIB,         2 * MIB - 1,
				       2 * MIB,  2 * MIB + 1, 7 * MIB,
				       16 * MIB, 33 * MIB };
	size_t i;
	size_t j;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		for (j = 0; j < ARRAY_SIZE(size); j++) {
			u8 *p = alloc(t, size[i]);
			u8 *q = crowded ? alloc(t, MIB) : NULL;
			size_t kept = min(size[i], size[j]);
			u8 *n;

			mark(p, size[i]);
			n = large_resize(p, pagetag_lookup(p), size[j]);
			ASSERT_TRUE(t, n);
			EXPECT_TRUE(t, marked(n, kept));
			EXPECT_GE(t, large_size(n, pagetag_lookup(n)), size[j]);
			memset(n, 0x55, size[j]);
			if (n != p)
				EXPECT_EQ(t, pagetag_lookup(p), 0U);
			release(t, n);
			if (q)
				release(t, q);
		}
	}
}

static void resize_alone(struct hz3test *t)
{
	resize(t, false);
}

static void resize_crowded(struct hz3test *t)
{
	resize(t, true);
}

/* After a move the old place is ours and usable, not a hole. */
static void place_left_is_usable(struct hz3test *t)
{
	u8 *p[10];
	int i;
	int round;

	for (round = 0; round < 4; round++) {
		for (i = 0; i < 10; i++) {
			p[i] = alloc(t, 3 * MIB);
			mark(p[i], 3 * MIB);
		}
		for (i = 0; i < 10; i++) {
			p[i] = large_resize(p[i], pagetag_lookup(p[i]),
					    (5 + (size_t)i) * MIB);
			ASSERT_TRUE(t, p[i]);
			EXPECT_TRUE(t, marked(p[i], 3 * MIB));
		}
		for (i = 0; i < 10; i++)
			memset(p[i], 3, (5 + (size_t)i) * MIB);
		for (i = 0; i < 10; i++)
			release(t, p[i]);
		if (round % 2)
			arena_purge((u32)os_now_ms(), 0);
	}
}

/* Each system call of a move fails: contents stay, and nothing is leaked. */
static void resize_with_failures(struct hz3test *t, bool guard)
{
	size_t before = limit_committed();
	unsigned long nth;
	u8 *p;
	u8 *q;
	u8 *n;

	if (!IS_ENABLED(CONFIG_HZ3_FAULT_INJECTION))
		hz3test_skip(t, "needs CONFIG_HZ3_FAULT_INJECTION");
	store_relaxed(&large_guard, guard);
	for (nth = 1; nth <= 8; nth++) {
		release(t, alloc(t, 31 * MIB)); /* committed, for all of it */
		p = alloc(t, 3 * MIB);
		q = alloc(t, MIB);
		mark(p, 3 * MIB);
		os_fail_nth(nth, false);
		n = large_resize(p, pagetag_lookup(p), 15 * MIB);
		os_fail_nth(0, false);
		ASSERT_TRUE(t, n);
		EXPECT_TRUE(t, marked(n, 3 * MIB));
		memset(n, 0x55, 15 * MIB);
		release(t, n);
		release(t, q);
		arena_purge((u32)os_now_ms(), 0);
		EXPECT_LE(t, limit_committed(), before);
	}
	store_relaxed(&large_guard, false);
}

static void resize_refused(struct hz3test *t)
{
	resize_with_failures(t, false);
}

static void resize_refused_guarded(struct hz3test *t)
{
	resize_with_failures(t, true);
}

static void bad_frees(struct hz3test *t)
{
	u8 *p = alloc(t, 9 * MIB);
	u32 tag = pagetag_lookup(p);

	EXPECT_EQ(t, TAG_BIN(tag), BIN_LARGE);
	EXPECT_EQ(t, pagetag_lookup(p + 4096), 0U);
	EXPECT_EQ(t, pagetag_lookup(p + SEGMENT_SIZE), 0U);
	EXPECT_NE(t, large_free(p + 16, tag), 0);
	EXPECT_NE(t, large_free(p + SEGMENT_SIZE, tag), 0);
	EXPECT_EQ(t, pagetag_lookup(p), tag);
	release(t, p);
}

/* Another thread that frees the block has looked at its tag as well. */
static void freed_by_two(struct hz3test *t)
{
	struct arena_claim c;
	u8 *p = alloc(t, 3 * MIB);
	u32 tag = pagetag_lookup(p);
	u8 *q;

	EXPECT_TRUE(t, pagetag_take(p, tag));
	EXPECT_TRUE(t, !pagetag_take(p, tag));
	EXPECT_NE(t, large_free(p, tag), 0);
	/* Its segments are not free: that is the first one's to do. */
	ASSERT_EQ(t, arena_claim(4 * MIB, 1, &c), 0);
	q = c.addr;
	EXPECT_TRUE(t, q + 4 * MIB <= p || q >= p + 3 * MIB);
	arena_give_back(c.arena, q, 4 * MIB);
}

static bool has_flag(const u8 *p, u8 flag)
{
	struct arena *a = arena_by_number(TAG_OFFSET(pagetag_lookup(p)));

	return arena_segment_state(a, p)->flags & flag;
}

/* Guard pages that are gone take none of the mappings, nor what was refused. */
static void guard_after_guard(struct hz3test *t)
{
	u8 *p;
	int i;

	for (i = 0; i < 10000; i++)
		ASSERT_TRUE(t, arena_may_split());
	store_relaxed(&large_guard, true);
	for (i = 0; i < 10000; i++) {
		p = alloc(t, 1);
		ASSERT_TRUE(t, has_flag(p, SEGMENT_GUARDED));
		release(t, p);
	}
	store_relaxed(&large_guard, false);
}

static void figures(struct hz3test *t)
{
	struct arena_stats a;
	struct arena_stats b;
	u8 *p;

	arena_get_stats(&a);
	p = alloc(t, 10 * MIB);
	arena_get_stats(&b);
	EXPECT_EQ(t, b.nr_large, a.nr_large + 1);
	EXPECT_EQ(t, b.large_bytes, a.large_bytes + 10 * MIB);
	release(t, p);
	arena_get_stats(&b);
	EXPECT_EQ(t, b.nr_large, a.nr_large);
	EXPECT_EQ(t, b.large_bytes, a.large_bytes);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(sizes),
	HZ3TEST_CASE(alignments),
	HZ3TEST_CASE(resize_alone),
	HZ3TEST_CASE(resize_crowded),
	HZ3TEST_CASE(place_left_is_usable),
	HZ3TEST_CASE(resize_refused),
	HZ3TEST_CASE(resize_refused_guarded),
	HZ3TEST_CASE(bad_frees),
	HZ3TEST_CASE(freed_by_two),
	HZ3TEST_CASE(guard_after_guard),
	HZ3TEST_CASE(figures),
	{ 0 },
};

HZ3TEST_SUITE(.name = "large", .init = setup, .cases = cases);
