// SPDX-License-Identifier: MIT
/* Arenas: claimed, given back, extended, purged, added when full. */
#include <string.h>

#include <hz3/mm/arena.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

#include "hz3test.h"

static void setup(struct hz3test *t)
{
	(void)t;
	os_boot();
}

static u8 *claim(struct hz3test *t, size_t bytes, size_t align,
		 struct arena_claim *c)
{
	ASSERT_EQ(t, arena_claim(bytes, align, c), 0);
	EXPECT_TRUE(t, IS_ALIGNED((uptr)c->addr, max(align, SEGMENT_SIZE)));
	return c->addr;
}

static bool reads_zero(const u8 *p, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes; i += 512)
		if (p[i])
			return false;
	return true;
}

static void claim_one(struct hz3test *t)
{
	struct arena_claim c;
	u8 *p = claim(t, 1, 1, &c);

	EXPECT_TRUE(t, !c.zeroed || reads_zero(p, SEGMENT_SIZE));
	memset(p, 1, SEGMENT_SIZE);
	EXPECT_TRUE(t, arena_by_number(c.arena->number) == c.arena);
	arena_give_back(c.arena, p, 1);
	/* Dirty pages are taken again first, and are not called zero. */
	EXPECT_TRUE(t, claim(t, 1, 1, &c) == p);
	EXPECT_TRUE(t, !c.zeroed);
	arena_give_back(c.arena, p, 1);
}

static void runs_do_not_overlap(struct hz3test *t)
{
	static struct arena_claim c[24];
	size_t i;
	size_t j;

	for (i = 0; i < 24; i++) {
		size_t n = (i % 3 + 1) * SEGMENT_SIZE;

		memset(claim(t, n, 1, &c[i]), (int)i + 1, n);
	}
	for (i = 0; i < 24; i++) {
		u8 *p = c[i].addr;

		for (j = 0; j < (i % 3 + 1) * SEGMENT_SIZE; j += 4096)
			ASSERT_EQ(t, p[j], (u8)(i + 1));
		arena_give_back(c[i].arena, p, (i % 3 + 1) * SEGMENT_SIZE);
	}
}

static void alignments(struct hz3test *t)
{
	struct arena_claim c;
	size_t align;

	for (align = SEGMENT_SIZE; align <= 1UL << 30; align *= 2) {
		u8 *p = claim(t, SEGMENT_SIZE, align, &c);

		p[0] = 1;
		arena_give_back(c.arena, p, SEGMENT_SIZE);
	}
}

static void extend(struct hz3test *t)
{
	struct arena_claim a;
	struct arena_claim b;
	u8 *p = claim(t, 2 * SEGMENT_SIZE, 1, &a);
	u8 *q;

	EXPECT_TRUE(t, arena_extend(a.arena, p, 2 * SEGMENT_SIZE,
				    2 * SEGMENT_SIZE));
	EXPECT_TRUE(t, arena_extend(a.arena, p, 2 * SEGMENT_SIZE,
				    5 * SEGMENT_SIZE));
	memset(p, 1, 5 * SEGMENT_SIZE);
	q = claim(t, SEGMENT_SIZE, 1, &b);
	EXPECT_TRUE(t, q >= p + 5 * SEGMENT_SIZE || q < p);
	if (q == p + 5 * SEGMENT_SIZE)
		EXPECT_TRUE(t, !arena_extend(a.arena, p, 5 * SEGMENT_SIZE,
					     6 * SEGMENT_SIZE));
	arena_give_back(b.arena, q, SEGMENT_SIZE);
	arena_give_back(a.arena, p, 5 * SEGMENT_SIZE);
}

/* Bigger than any arena: one of its own, gone when it is given back. */
static void single(struct hz3test *t)
{
	size_t bytes = ((size_t)1 << CONFIG_HZ3_ARENA_SHIFT) + SEGMENT_SIZE;
	struct arena_stats before;
	struct arena_stats after;
	struct arena_claim c;
	u8 *p;
	int i;

	arena_get_stats(&before);
	for (i = 0; i < 5; i++) {
		if (arena_claim(bytes, 1, &c))
			hz3test_skip(t, "the system has no room");
		p = c.addr;
		EXPECT_TRUE(t, c.zeroed);
		EXPECT_TRUE(t, c.arena->single);
		p[0] = 1;
		p[bytes - 1] = 1;
		arena_segment_state(c.arena, p)->large_bytes = bytes;
		arena_give_back(c.arena, p, bytes);
	}
	arena_get_stats(&after);
	EXPECT_EQ(t, after.reserved_bytes, before.reserved_bytes);
	EXPECT_EQ(t, after.nr_large, before.nr_large);
}

/* More than one ordinary arena holds: others are added. */
static void grows(struct hz3test *t)
{
	size_t chunk = (size_t)1 << (CONFIG_HZ3_ARENA_SHIFT - 2);
	static struct arena_claim c[12];
	u32 arenas = 0;
	size_t i;
	size_t j;

	for (i = 0; i < 12; i++) {
		if (arena_claim(chunk, 1, &c[i]))
			hz3test_skip(t, "the system has no room");
		*(u8 *)c[i].addr = (u8)i;
		((u8 *)c[i].addr)[chunk - 1] = (u8)i;
		/* Its tags are in some window. */
		pagetag_set(c[i].addr, 1, 1, 1);
		EXPECT_EQ(t, pagetag_lookup(c[i].addr), TAG_MAKE(1, 1, 0));
		pagetag_set(c[i].addr + chunk - GRANULE_SIZE, 1, 1, 2);
		EXPECT_EQ(t, pagetag_lookup(c[i].addr + chunk - 16),
			  TAG_MAKE(1, 2, 0));
	}
	for (i = 0; i < 12; i++) {
		for (j = 0; j < i && c[j].arena != c[i].arena; j++)
			;
		arenas += j == i;
		EXPECT_EQ(t, *(u8 *)c[i].addr, (u8)i);
		EXPECT_EQ(t, ((u8 *)c[i].addr)[chunk - 1], (u8)i);
		pagetag_clear(c[i].addr, 1);
		pagetag_clear(c[i].addr + chunk - GRANULE_SIZE, 1);
		arena_give_back(c[i].arena, c[i].addr, chunk);
	}
	EXPECT_GE(t, arenas, 3U);
}

static void purge(struct hz3test *t)
{
	struct arena_stats st;
	struct arena_claim c;
	u8 *p = claim(t, 8 * SEGMENT_SIZE, 1, &c);
	u32 now;

	memset(p, 1, 8 * SEGMENT_SIZE);
	arena_give_back(c.arena, p, 8 * SEGMENT_SIZE);
	now = (u32)os_now_ms();
	arena_get_stats(&st);
	EXPECT_GE(t, st.dirty_bytes, 8 * SEGMENT_SIZE);
	EXPECT_EQ(t, arena_purge(now, 100000), 0UL);
	EXPECT_GE(t, arena_purge(now + 200000, 100000), 8 * SEGMENT_SIZE);
	arena_get_stats(&st);
	EXPECT_EQ(t, st.dirty_bytes, 0UL);
	p = claim(t, 8 * SEGMENT_SIZE, 1, &c);
	EXPECT_TRUE(t, c.zeroed);
	EXPECT_TRUE(t, reads_zero(p, 8 * SEGMENT_SIZE));
	p[8 * SEGMENT_SIZE - 1] = 1;
	arena_give_back(c.arena, p, 8 * SEGMENT_SIZE);
}

/* Freed after the purger looked at the clock: young, not ancient. */
static void purge_with_an_old_clock(struct hz3test *t)
{
	struct arena_claim c;
	u8 *p = claim(t, SEGMENT_SIZE, 1, &c);

	p[0] = 1;
	arena_give_back(c.arena, p, SEGMENT_SIZE);
	EXPECT_EQ(t, arena_purge((u32)os_now_ms() - 50, 1000), 0UL);
}

static int nr_overlaps;

static void *claim_and_check(void *arg)
{
	unsigned long rnd = (unsigned long)arg * 999 + 1;
	int i;

	for (i = 0; i < 3000; i++) {
		size_t n = (hz3test_rand(&rnd) % 3 + 1) * SEGMENT_SIZE;
		struct arena_claim c;
		u8 *p;

		if (arena_claim(n, 1, &c))
			continue;
		p = c.addr;
		*(unsigned long *)p = rnd;
		*(unsigned long *)(p + n - 8) = rnd;
		if (i % 8 == 0)
			arena_purge((u32)os_now_ms(), 0);
		if (*(unsigned long *)p != rnd ||
		    *(unsigned long *)(p + n - 8) != rnd)
			fetch_add_relaxed(&nr_overlaps, 1);
		arena_give_back(c.arena, p, n);
	}
	return NULL;
}

static void threads(struct hz3test *t)
{
	pthread_t thread[6];
	struct arena_stats st;

	hz3test_start(t, thread, 6, claim_and_check);
	hz3test_join(thread, 6);
	EXPECT_EQ(t, nr_overlaps, 0);
	arena_purge((u32)os_now_ms(), 0);
	arena_get_stats(&st);
	EXPECT_EQ(t, st.dirty_bytes, 0UL);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(claim_one),  HZ3TEST_CASE(runs_do_not_overlap),
	HZ3TEST_CASE(alignments), HZ3TEST_CASE(extend),
	HZ3TEST_CASE(single),     HZ3TEST_CASE(grows),
	HZ3TEST_CASE(purge),      HZ3TEST_CASE(purge_with_an_old_clock),
	HZ3TEST_CASE(threads),    { 0 },
};

HZ3TEST_SUITE(.name = "arena", .init = setup, .cases = cases);
