// SPDX-License-Identifier: MIT
/* Granules of a segment: taken, given back, joined, purged. */
#include <string.h>

#include <hz3/mm/os.h>
#include <hz3/mm/segment.h>

#include "hz3test.h"

#define ALL (SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES)

static struct segment *s;

static void setup(struct hz3test *t)
{
	os_boot();
	s = segment_create(1, NULL);
	ASSERT_TRUE(t, s);
}

static u32 count(const u64 *map)
{
	u32 n = 0;
	u32 i;

	for (i = 0; i < SEGMENT_GRANULES; i++)
		n += test_bit(map, i);
	return n;
}

static void expect_consistent(struct hz3test *t)
{
	u32 i;

	EXPECT_EQ(t, count(s->free_map), s->nr_free);
	EXPECT_EQ(t, count(s->dirty_map), s->nr_dirty);
	for (i = 0; i < SEGMENT_GRANULES; i++)
		if (test_bit(s->dirty_map, i))
			EXPECT_TRUE(t, test_bit(s->free_map, i));
	for (i = 0; i < SEGMENT_HEADER_GRANULES; i++)
		EXPECT_TRUE(t, !test_bit(s->free_map, i));
}

static void starts_empty(struct hz3test *t)
{
	EXPECT_TRUE(t, IS_ALIGNED((uptr)s, SEGMENT_SIZE));
	EXPECT_TRUE(t, segment_is_empty(s));
	EXPECT_EQ(t, s->nr_free, ALL);
	EXPECT_EQ(t, s->shard, 1);
	expect_consistent(t);
	EXPECT_TRUE(t, segment_of((u8 *)s + SEGMENT_SIZE - 1) == s);
	EXPECT_EQ(t, granule_of(granule_addr(s, 17)), 17U);
}

/* Everything in runs of one: each granule once, none of the header. */
static void take_one_by_one(struct hz3test *t)
{
	u64 seen[SEGMENT_MAP_WORDS] = { 0 };
	bool zeroed;
	u32 i;

	for (i = 0; i < ALL; i++) {
		int g = segment_take(s, 1, 1, &zeroed);

		ASSERT_GE(t, g, (int)SEGMENT_HEADER_GRANULES);
		ASSERT_LT(t, g, (int)SEGMENT_GRANULES);
		ASSERT_TRUE(t, !test_bit(seen, (u32)g));
		set_bit(seen, (u32)g);
		memset(granule_addr(s, (u32)g), 1, GRANULE_SIZE);
	}
	EXPECT_LT(t, segment_take(s, 1, 1, &zeroed), 0);
	EXPECT_EQ(t, s->nr_free, 0);
	expect_consistent(t);
}

static void joins_neighbours(struct hz3test *t)
{
	bool zeroed;
	int a = segment_take(s, 3, 1, &zeroed);
	int b = segment_take(s, 4, 1, &zeroed);
	int c = segment_take(s, 5, 1, &zeroed);
	int rest = segment_take(s, ALL - 12, 1, &zeroed);

	ASSERT_TRUE(t, a > 0 && b > 0 && c > 0 && rest > 0);
	EXPECT_LT(t, segment_take(s, 1, 1, &zeroed), 0);
	segment_put(s, (u32)a, 3);
	segment_put(s, (u32)c, 5);
	EXPECT_LT(t, segment_take(s, 6, 1, &zeroed), 0);
	segment_put(s, (u32)b, 4);
	expect_consistent(t);
	EXPECT_EQ(t, segment_take(s, 12, 1, &zeroed), a);
	segment_put(s, (u32)a, 12);
	segment_put(s, (u32)rest, ALL - 12);
	EXPECT_TRUE(t, segment_is_empty(s));
	expect_consistent(t);
}

static void aligned_runs(struct hz3test *t)
{
	bool zeroed;
	u32 align;

	for (align = 1; align <= SEGMENT_GRANULES / 2; align *= 2) {
		int odd = segment_take(s, 1, 1, &zeroed);
		int g = segment_take(s, 3, align, &zeroed);

		ASSERT_GT(t, odd, 0);
		if (g >= 0) {
			EXPECT_EQ(t, (u32)g % align, 0U);
			segment_put(s, (u32)g, 3);
		} else {
			EXPECT_GT(t, align, ALL / 4);
		}
		segment_put(s, (u32)odd, 1);
	}
	EXPECT_TRUE(t, segment_is_empty(s));
	expect_consistent(t);
}

/* An aligned search that fails must not hide runs from a plain one. */
static void aligned_failure_forgets_nothing(struct hz3test *t)
{
	bool zeroed;
	int g = segment_take(s, ALL, 1, &zeroed);

	ASSERT_GT(t, g, 0);
	segment_put(s, SEGMENT_HEADER_GRANULES | 1, 2);
	EXPECT_LT(t, segment_take(s, 2, 64, &zeroed), 0);
	EXPECT_GE(t, segment_take(s, 2, 1, &zeroed), 0);
}

static void take_at(struct hz3test *t)
{
	bool zeroed;
	int g = segment_take(s, 10, 1, &zeroed);

	ASSERT_GT(t, g, 0);
	EXPECT_TRUE(t, !segment_take_at(s, (u32)g + 9, 2));
	EXPECT_TRUE(t, segment_take_at(s, (u32)g + 10, 5));
	EXPECT_TRUE(t, !segment_take_at(s, (u32)g + 10, 1));
	EXPECT_TRUE(t, !segment_take_at(s, SEGMENT_GRANULES - 1, 2));
	EXPECT_TRUE(t, segment_take_at(s, SEGMENT_GRANULES - 1, 1));
	EXPECT_TRUE(t, !segment_take_at(s, SEGMENT_GRANULES - 4, 4));
	EXPECT_EQ(t, s->nr_free, ALL - 16);
	expect_consistent(t);
}

/* "zeroed" may be false for clean pages, never true for dirty ones. */
static void zeroed_is_true(struct hz3test *t)
{
	bool zeroed;
	int g = segment_take(s, 4, 1, &zeroed);
	u8 *p = granule_addr(s, (u32)g);
	u32 i;

	ASSERT_GT(t, g, 0);
	for (i = 0; zeroed && i < 4 * GRANULE_SIZE; i++)
		ASSERT_EQ(t, p[i], 0);
	memset(p, 0xEE, 4 * GRANULE_SIZE);
	segment_put(s, (u32)g + 2, 1);
	/* Alone, and as a part of a run whose rest is clean. */
	EXPECT_EQ(t, segment_take(s, 1, 1, &zeroed), g + 2);
	EXPECT_TRUE(t, !zeroed);
	segment_put(s, (u32)g + 3, 1);
	EXPECT_EQ(t, segment_take(s, 4, 1, &zeroed), g + 3);
	EXPECT_TRUE(t, !zeroed);
}

static void purge(struct hz3test *t)
{
	u32 page = (u32)(os_page_size >> GRANULE_SHIFT);
	u32 n = 16 * page;
	u32 total = 0;
	u32 granule;
	bool zeroed;
	int g = segment_take(s, n, page, &zeroed);
	u32 got;

	ASSERT_GT(t, g, 0);
	memset(granule_addr(s, (u32)g), 1, n * GRANULE_SIZE);
	EXPECT_EQ(t, segment_purge_begin(s, &granule), 0U);
	segment_put(s, (u32)g, n);
	/* Freed just now: its decay has not begun. */
	EXPECT_EQ(t, segment_purge_begin(s, &granule), 0U);
	segment_age(s, 1);
	while ((got = segment_purge_begin(s, &granule))) {
		void *addr = granule_addr(s, granule);
		int rc = os_purge(addr, got * GRANULE_SIZE);

		EXPECT_EQ(t, granule % page, 0U);
		EXPECT_EQ(t, got % page, 0U);
		/* Nobody else gets pages that are being purged. */
		EXPECT_TRUE(t, !segment_take_at(s, granule, 1));
		segment_purge_end(s, granule, got, rc == 1 || rc == 0);
		total += got;
	}
	EXPECT_EQ(t, total, n);
	expect_consistent(t);
	EXPECT_TRUE(t, segment_is_empty(s));
	EXPECT_EQ(t, segment_take(s, n, page, &zeroed), g);
	if (zeroed)
		for (got = 0; got < n * GRANULE_SIZE; got++)
			ASSERT_EQ(t, ((u8 *)granule_addr(s, (u32)g))[got], 0);
}

static void failed_purge_stays_dirty(struct hz3test *t)
{
	u32 page = (u32)(os_page_size >> GRANULE_SHIFT);
	u32 granule;
	bool zeroed;
	int g = segment_take(s, page, page, &zeroed);
	u32 got;

	ASSERT_GT(t, g, 0);
	segment_put(s, (u32)g, page);
	segment_age(s, 1);
	got = segment_purge_begin(s, &granule);
	ASSERT_GT(t, got, 0U);
	segment_purge_end(s, granule, got, false);
	EXPECT_EQ(t, s->nr_dirty, got);
	expect_consistent(t);
}

static void random_walk(struct hz3test *t)
{
	static struct {
		int g;
		u32 n;
	} run[64];
	unsigned long rnd = 20240229;
	u32 held = 0;
	u32 i;

	for (i = 0; i < 40000; i++) {
		u32 k = (u32)(hz3test_rand(&rnd) % 64);
		bool zeroed;

		if (run[k].n) {
			u8 *p = granule_addr(s, (u32)run[k].g);

			EXPECT_EQ(t, p[0], (u8)k);
			EXPECT_EQ(t, p[run[k].n * GRANULE_SIZE - 1], (u8)k);
			segment_put(s, (u32)run[k].g, run[k].n);
			held -= run[k].n;
			run[k].n = 0;
			continue;
		}
		run[k].n = (u32)(hz3test_rand(&rnd) % 20 + 1);
		run[k].g = segment_take(s, run[k].n,
					1U << hz3test_rand(&rnd) % 4, &zeroed);
		if (run[k].g < 0) {
			run[k].n = 0;
			continue;
		}
		held += run[k].n;
		memset(granule_addr(s, (u32)run[k].g), (int)k,
		       run[k].n * GRANULE_SIZE);
		EXPECT_EQ(t, s->nr_free + held, ALL);
	}
	expect_consistent(t);
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(starts_empty),
	HZ3TEST_CASE(take_one_by_one),
	HZ3TEST_CASE(joins_neighbours),
	HZ3TEST_CASE(aligned_runs),
	HZ3TEST_CASE(aligned_failure_forgets_nothing),
	HZ3TEST_CASE(take_at),
	HZ3TEST_CASE(zeroed_is_true),
	HZ3TEST_CASE(purge),
	HZ3TEST_CASE(failed_purge_stays_dirty),
	HZ3TEST_CASE(random_walk),
	{ 0 },
};

HZ3TEST_SUITE(.name = "segment", .init = setup, .cases = cases);
