// SPDX-License-Identifier: MIT
/* Page tags: what is ours, what is not, at every edge of a window. */
#include <hz3/mm/arena.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

#include "hz3test.h"

static u8 *segment; /* one of ours, its tags still 0 */

static void setup(struct hz3test *t)
{
	struct arena_claim c;

	os_boot();
	ASSERT_EQ(t, arena_claim(SEGMENT_SIZE, SEGMENT_SIZE, &c), 0);
	segment = c.addr;
}

static void fields(struct hz3test *t)
{
	u32 tag = TAG_MAKE(255, 254, 65535);

	EXPECT_EQ(t, TAG_DST(tag), 255);
	EXPECT_EQ(t, TAG_BIN(tag), 254);
	EXPECT_EQ(t, TAG_OFFSET(tag), 65535U);
	EXPECT_EQ(t, TAG_DST(TAG_MAKE(0, 254, 65535)), 0);
	EXPECT_EQ(t, TAG_BIN(TAG_MAKE(255, 0, 65535)), 0U);
	EXPECT_EQ(t, TAG_OFFSET(TAG_MAKE(255, 254, 0)), 0U);
	EXPECT_EQ(t, TAG_MAKE(0, 0, 0), 0U);
}

static void set_and_clear(struct hz3test *t)
{
	u32 i;

	EXPECT_EQ(t, pagetag_lookup(segment), 0U);
	pagetag_set(segment + GRANULE_SIZE, 3, 7, 9);
	EXPECT_EQ(t, pagetag_lookup(segment), 0U);
	for (i = 0; i < 3; i++) {
		u8 *p = segment + (i + 1) * GRANULE_SIZE;

		EXPECT_EQ(t, pagetag_lookup(p), TAG_MAKE(7, 9, i));
		EXPECT_EQ(t, pagetag_lookup(p + GRANULE_SIZE - 16),
			  TAG_MAKE(7, 9, i));
	}
	EXPECT_EQ(t, pagetag_lookup(segment + 4 * GRANULE_SIZE), 0U);
	pagetag_clear(segment + 2 * GRANULE_SIZE, 1);
	EXPECT_NE(t, pagetag_lookup(segment + GRANULE_SIZE), 0U);
	EXPECT_EQ(t, pagetag_lookup(segment + 2 * GRANULE_SIZE), 0U);
	EXPECT_NE(t, pagetag_lookup(segment + 3 * GRANULE_SIZE), 0U);
}

static void first_and_last_granule(struct hz3test *t)
{
	u32 n = (u32)(SEGMENT_SIZE >> GRANULE_SHIFT);

	pagetag_set(segment, n, 1, 2);
	EXPECT_EQ(t, pagetag_lookup(segment), TAG_MAKE(1, 2, 0));
	EXPECT_EQ(t, pagetag_lookup(segment + SEGMENT_SIZE - 16),
		  TAG_MAKE(1, 2, n - 1));
	pagetag_clear(segment, n);
	EXPECT_EQ(t, pagetag_lookup(segment + SEGMENT_SIZE - 16), 0U);
}

static void misaligned(struct hz3test *t)
{
	u32 i;

	pagetag_set(segment, 1, 3, 4);
	for (i = 0; i < 16; i++) {
		u32 tag = pagetag_lookup(segment + 64 + i);

		EXPECT_EQ(t, tag, i ? 0 : TAG_MAKE(3, 4, 0));
	}
}

static void large_tag(struct hz3test *t)
{
	pagetag_set_large(segment, 513);
	EXPECT_EQ(t, pagetag_lookup(segment), TAG_MAKE(0, BIN_LARGE, 513));
	EXPECT_EQ(t, pagetag_lookup(segment + GRANULE_SIZE), 0U);
	pagetag_clear(segment, 1);
}

static void foreign(struct hz3test *t)
{
	static const uptr wild[] = { 0,
				     8,
				     16,
				     4096,
				     ~(uptr)15,
				     ~(uptr)0,
				     (uptr)1 << 47,
				     ((uptr)1 << 47) - 16,
				     (uptr)1 << 63,
				     0x4141414141414140 };
	static char in_data[64];
	char on_stack[64];
	void *mapped = os_map(4096); /* of records, not of blocks */
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wild); i++)
		EXPECT_EQ(t, pagetag_lookup((void *)wild[i]), 0U);
	EXPECT_EQ(t, pagetag_lookup((void *)((uptr)in_data & ~15UL)), 0U);
	EXPECT_EQ(t, pagetag_lookup((void *)((uptr)on_stack & ~15UL)), 0U);
	EXPECT_EQ(t, pagetag_lookup(mapped), 0U);
	EXPECT_EQ(t, pagetag_lookup((void *)((uptr)&hz3_window & ~15UL)), 0U);
}

/* The edges of the first window, where one too many would be read. */
static void window_edges(struct hz3test *t)
{
	const struct tag_window *w = &hz3_window;
	u8 *base = (u8 *)w->base;
	u64 n = w->nr_units;

	ASSERT_GT(t, n, 0ULL);
	EXPECT_EQ(t, window_unit(w, base), 0ULL);
	EXPECT_EQ(t, window_unit(w, base + 16), 1ULL);
	EXPECT_EQ(t, window_unit(w, base + n * 16 - 16), n - 1);
	EXPECT_GE(t, window_unit(w, base + n * 16), n);
	EXPECT_GE(t, window_unit(w, base - 16), n);
	EXPECT_GE(t, window_unit(w, base + 1), n);
	EXPECT_GE(t, window_unit(w, base + n * 16 - 1), n);
	/* The whole array can be read, covered by an arena or not. */
	EXPECT_EQ(t, pagetag_lookup(base), 0U);
	EXPECT_EQ(t, pagetag_lookup(base + n * 16 - 16), 0U);
	EXPECT_EQ(t, pagetag_lookup(base + n * 16), 0U);
}

/*
 * User addresses have 39 to 52 bits; the number is nowhere in the code, since
 * windows go where the kernel puts arenas. Tags need no memory behind them.
 */
static void widths(struct hz3test *t)
{
	static const u32 bits[] = { 39, 42, 47, 48, 52, 56 };
	size_t size = 4 * SEGMENT_SIZE;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		u8 *top = (u8 *)((uptr)1 << bits[i]);
		u8 *p = top - size;

		EXPECT_EQ(t, pagetag_cover(p, size), 0);
		pagetag_set(p, 1, 5, 6);
		pagetag_set(top - GRANULE_SIZE, 1, 7, 8);
		EXPECT_EQ(t, pagetag_lookup(p - 16), 0U);
		EXPECT_EQ(t, pagetag_lookup(p), TAG_MAKE(5, 6, 0));
		EXPECT_EQ(t, pagetag_lookup(p + GRANULE_SIZE), 0U);
		EXPECT_EQ(t, pagetag_lookup(top - 16), TAG_MAKE(7, 8, 0));
		EXPECT_EQ(t, pagetag_lookup(top), 0U);
		/* The same low bits: none of the high ones is cut off. */
		EXPECT_EQ(t, pagetag_lookup(p - ((uptr)top >> 2)), 0U);
	}
}

/* The first and last granule of each segment can be tagged, and all read. */
static void check_covered(struct hz3test *t, u8 *start, size_t size)
{
	u8 *p;

	for (p = start; p < start + size; p += SEGMENT_SIZE) {
		u8 *last = p + SEGMENT_SIZE - GRANULE_SIZE;

		pagetag_set(p, 1, 1, 2);
		pagetag_set(last, 1, 3, 4);
		ASSERT_EQ(t, pagetag_lookup(p), TAG_MAKE(1, 2, 0));
		ASSERT_EQ(t, pagetag_lookup(last), TAG_MAKE(3, 4, 0));
	}
}

/* An earlier window in the middle of a range: three parts, three calls. */
static void over_another_window(struct hz3test *t)
{
	u8 *inside = (u8 *)((uptr)1 << 50);
	size_t size = 8 * SEGMENT_SIZE;
	size_t wide = 1024 * SEGMENT_SIZE;
	u8 *start = inside - wide / 2;

	ASSERT_EQ(t, pagetag_cover(inside, size), 0);
	check_covered(t, inside, size);
	os_fail_nth(0, false);
	ASSERT_EQ(t, pagetag_cover(start, wide), 0);
	/* With those for the window's own tags, and its record. */
	EXPECT_LE(t, os_fail_nth(0, false), 8UL);
	check_covered(t, start, wide);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(fields),
	HZ3TEST_CASE(set_and_clear),
	HZ3TEST_CASE(first_and_last_granule),
	HZ3TEST_CASE(misaligned),
	HZ3TEST_CASE(large_tag),
	HZ3TEST_CASE(foreign),
	HZ3TEST_CASE(window_edges),
	HZ3TEST_CASE(widths),
	HZ3TEST_CASE(over_another_window),
	{ 0 },
};

HZ3TEST_SUITE(.name = "pagetag", .init = setup, .cases = cases);
