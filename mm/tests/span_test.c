// SPDX-License-Identifier: MIT
/* Objects of a span: carved, put back, refused. */
#include <string.h>

#include <hz3/mm/os.h>
#include <hz3/mm/segment.h>

#include "hz3test.h"

static enum span_error put(struct span *sp, void *ptr)
{
	return span_put(sp, &ptr, 1) ? SPAN_OK : span_check(sp, ptr);
}

static struct segment *s;

static void setup(struct hz3test *t)
{
	os_boot();
	s = segment_create(3, NULL);
	ASSERT_TRUE(t, s);
}

static struct span *make(struct hz3test *t, u32 granules, u32 size)
{
	bool zeroed;
	int g = segment_take(s, granules, 1, &zeroed);

	ASSERT_GT(t, g, 0);
	return span_create(s, (u32)g, granules, 5, size);
}

static void geometry(struct hz3test *t)
{
	struct span *sp = make(t, 4, 48);
	u8 *base = span_base(sp);
	u32 i;

	EXPECT_EQ(t, sp->capacity, 4 * GRANULE_SIZE / 48);
	for (i = 0; i < 4; i++) {
		u8 *p = base + i * GRANULE_SIZE;

		EXPECT_EQ(t, pagetag_lookup(p), TAG_MAKE(3, 5, i));
		EXPECT_TRUE(t, span_of(p, pagetag_lookup(p)) == sp);
	}
	EXPECT_TRUE(t, span_has_room(sp));
	span_destroy(sp);
	EXPECT_EQ(t, pagetag_lookup(base), 0U);
	EXPECT_TRUE(t, segment_is_empty(s));
}

/* Every object of a span, of every kind of size, exactly once. */
static void carve_all(struct hz3test *t, u32 granules, u32 size)
{
	static void *obj[20000];
	struct span *sp = make(t, granules, size);
	u8 *base = span_base(sp);
	u32 got = 0;
	u32 n;
	u32 i;

	while ((n = span_take(sp, obj + got, 7)))
		got += n;
	EXPECT_EQ(t, got, sp->capacity);
	EXPECT_EQ(t, sp->used, got);
	EXPECT_TRUE(t, !span_has_room(sp));
	for (i = 0; i < got; i++) {
		EXPECT_EQ(t, ((uptr)obj[i] - (uptr)base) % size, 0UL);
		EXPECT_LE(t, (uptr)obj[i] + size,
			  (uptr)base + granules * GRANULE_SIZE);
		*(u32 *)obj[i] = i;
	}
	for (i = 0; i < got; i++)
		ASSERT_EQ(t, *(u32 *)obj[i], i);
	/* Back in an odd order, and out again: all of them, none twice. */
	for (i = 0; i < got; i++) {
		u32 k = (i * 7919) % got;

		if (got % 7919)
			EXPECT_EQ(t, put(sp, obj[k]), SPAN_OK);
		else
			EXPECT_EQ(t, put(sp, obj[i]), SPAN_OK);
	}
	EXPECT_EQ(t, sp->used, 0);
	memset(obj, 0, got * sizeof(*obj));
	EXPECT_EQ(t, span_take(sp, obj, sp->capacity), got);
	/* The lowest is last. */
	for (i = 1; i < got; i++)
		ASSERT_GT(t, (uptr)obj[i - 1], (uptr)obj[i]);
	for (i = 0; i < got; i++)
		*(u32 *)obj[i] = i;
	for (i = 0; i < got; i++)
		ASSERT_EQ(t, *(u32 *)obj[i], i);
	span_destroy(sp);
}

static void carve(struct hz3test *t)
{
	static const u32 size[] = { 16,   32,   48,    112,  128,  144,
				    240,  1024, 1792,  2048, 4096, 4608,
				    5120, 9216, 28672, 32768 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(size); i++) {
		carve_all(t, DIV_ROUND_UP(size[i], GRANULE_SIZE), size[i]);
		carve_all(t, 16, size[i]);
	}
}

/* Untouched objects are not written to by anything we do. */
static void lazy(struct hz3test *t)
{
	struct span *sp = make(t, 2, 64);
	void *obj[10];
	u32 i;

	EXPECT_EQ(t, span_take(sp, obj, 10), 10U);
	EXPECT_EQ(t, sp->carved, 10);
	for (i = 0; i < 10; i++)
		memset(obj[i], 0x77, 64);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(t, put(sp, obj[i]), SPAN_OK);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(t, *(u64 *)obj[i], 0x7777777777777777ULL);
	EXPECT_EQ(t, span_take(sp, obj, 10), 10U);
	/* Used ones first: fresh pages are dear. */
	EXPECT_EQ(t, sp->carved, 10);
	span_destroy(sp);
}

static void refuses(struct hz3test *t)
{
	struct span *sp = make(t, 4, 96);
	u8 *obj[20];
	u32 i;

	EXPECT_EQ(t, span_take(sp, (void **)obj, 20), 20U);
	for (i = 16; i < 96; i += 16) {
		EXPECT_EQ(t, span_check(sp, obj[3] + i), SPAN_INTERIOR);
		EXPECT_EQ(t, put(sp, obj[3] + i), SPAN_INTERIOR);
	}
	EXPECT_EQ(t, put(sp, (u8 *)span_base(sp) + 20 * 96), SPAN_NOT_CARVED);
	EXPECT_EQ(t, put(sp, (u8 *)span_base(sp) + 100 * 96), SPAN_NOT_CARVED);
	EXPECT_EQ(t, put(sp, obj[7]), SPAN_OK);
	EXPECT_EQ(t, span_check(sp, obj[7]), SPAN_DOUBLE);
	EXPECT_EQ(t, put(sp, obj[7]), SPAN_DOUBLE);
	EXPECT_EQ(t, sp->used, 19);
	EXPECT_EQ(t, sp->carved - sp->used, 1);
	/* Its neighbours are not affected. */
	EXPECT_EQ(t, put(sp, obj[6]), SPAN_OK);
	EXPECT_EQ(t, put(sp, obj[8]), SPAN_OK);
	span_destroy(sp);
}

/* The tail of a span is too short for an object: never handed out. */
static void tail(struct hz3test *t)
{
	struct span *sp = make(t, 1, 3072 / 2);
	void *obj[4];

	EXPECT_EQ(t, span_take(sp, obj, 4), 2U);
	EXPECT_NE(t, span_check(sp, (u8 *)span_base(sp) + 3072), SPAN_OK);
	span_destroy(sp);
}

/* Records are reused: nothing of the old span may be seen in the new one. */
static void reuse(struct hz3test *t)
{
	struct span *sp = make(t, 4, 16);
	static void *obj[1024];

	EXPECT_EQ(t, span_take(sp, obj, 1024), 1024U);
	EXPECT_EQ(t, put(sp, obj[5]), SPAN_OK);
	span_destroy(sp);
	sp = make(t, 4, 32);
	EXPECT_EQ(t, sp->used, 0);
	EXPECT_EQ(t, span_take(sp, obj, 1024), sp->capacity);
	EXPECT_EQ(t, sp->capacity, 512);
	EXPECT_EQ(t, put(sp, obj[2]), SPAN_OK);
	span_destroy(sp);
}

static void runs(struct hz3test *t)
{
	bool zeroed;
	int g = segment_take(s, 20, 1, &zeroed);
	struct span *sp;
	void *obj;

	ASSERT_GT(t, g, 0);
	sp = span_create(s, (u32)g, 20, BIN_RUN, 20 * GRANULE_SIZE);
	EXPECT_EQ(t, sp->capacity, 1);
	EXPECT_EQ(t, span_take(sp, &obj, 1), 1U);
	EXPECT_TRUE(t, obj == span_base(sp));
	EXPECT_EQ(t, span_check(sp, obj), SPAN_OK);
	EXPECT_EQ(t, span_check(sp, (u8 *)obj + GRANULE_SIZE), SPAN_INTERIOR);
	EXPECT_EQ(t, pagetag_lookup((u8 *)obj + 19 * GRANULE_SIZE),
		  TAG_MAKE(3, BIN_RUN, 19));
	span_resize(sp, 12);
	EXPECT_EQ(t, sp->nr_granules, 12);
	EXPECT_EQ(t, pagetag_lookup((u8 *)obj + 11 * GRANULE_SIZE),
		  TAG_MAKE(3, BIN_RUN, 11));
	EXPECT_EQ(t, pagetag_lookup((u8 *)obj + 12 * GRANULE_SIZE), 0U);
	ASSERT_TRUE(t, segment_take_at(s, (u32)g + 12, 3));
	span_resize(sp, 15);
	EXPECT_EQ(t, pagetag_lookup((u8 *)obj + 14 * GRANULE_SIZE),
		  TAG_MAKE(3, BIN_RUN, 14));
	span_destroy(sp);
	EXPECT_TRUE(t, segment_is_empty(s));
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(geometry), HZ3TEST_CASE(carve),
	HZ3TEST_CASE(lazy),     HZ3TEST_CASE(refuses),
	HZ3TEST_CASE(tail),     HZ3TEST_CASE(reuse),
	HZ3TEST_CASE(runs),     { 0 },
};

HZ3TEST_SUITE(.name = "span", .init = setup, .cases = cases);
