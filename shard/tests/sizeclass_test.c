// SPDX-License-Identifier: MIT
/* Size classes, exhaustively: every size there is. */
#include <hz3/align.h>
#include <hz3/mm/pagetag.h>
#include <hz3/mm/segment.h>
#include <hz3/shard/sizeclass.h>

#include "hz3test.h"

static void every_size(struct hz3test *t)
{
	u32 last = 0;
	u32 size;

	for (size = 0; size <= BIN_SIZE_MAX; size++) {
		u32 bin = (u32)size_to_bin(size);

		ASSERT_LT(t, bin, NR_BINS);
		ASSERT_GE(t, bin_size(bin), size);
		/* The smallest that fits */
		if (bin)
			ASSERT_LT(t, bin_size(bin - 1), max(size, 1U));
		/* In order, none left out */
		ASSERT_TRUE(t, bin == last || bin == last + 1);
		last = bin;
	}
	EXPECT_EQ(t, last, NR_BINS - 1);
	EXPECT_EQ(t, bin_size(NR_BINS - 1), BIN_SIZE_MAX);
	EXPECT_EQ(t, bin_size(0), 16U);
}

static void waste_is_bounded(struct hz3test *t)
{
	u32 size;

	for (size = 1; size <= BIN_SIZE_MAX; size++) {
		u32 waste = bin_size((u32)size_to_bin(size)) - size;

		if (size <= BIN_LINEAR_MAX)
			ASSERT_LT(t, waste, 16U);
		else
			ASSERT_LE(t, waste * 8, size + 7);
	}
}

static void sizes_are_exact(struct hz3test *t)
{
	u32 bin;

	for (bin = 0; bin < NR_BINS; bin++) {
		EXPECT_EQ(t, size_to_bin(bin_size(bin)), (size_t)bin);
		EXPECT_EQ(t, bin_size(bin) % OBJECT_ALIGN, 0UL);
		if (bin)
			EXPECT_GT(t, bin_size(bin), bin_size(bin - 1));
	}
	EXPECT_EQ(t, bin_size(BIN_RUN), ~0U);
	EXPECT_EQ(t, bin_size(BIN_LARGE), ~0U);
}

static void aligned_sizes(struct hz3test *t)
{
	size_t align;
	size_t size;

	for (align = 1; align <= 2 * GRANULE_SIZE; align *= 2) {
		for (size = 0; size <= BIN_SIZE_MAX + 1; size++) {
			u32 bin = aligned_bin(size, align);

			if (bin == NR_BINS)
				continue; /* from a run, then */
			ASSERT_LT(t, bin, NR_BINS);
			ASSERT_GE(t, bin_size(bin), size);
			/* Objects are multiples of their size from a granule */
			ASSERT_EQ(t, bin_size(bin) % align, 0UL);
			ASSERT_LE(t, align, GRANULE_SIZE);
		}
	}
	EXPECT_EQ(t, aligned_bin(BIN_SIZE_MAX + 1, 16), NR_BINS);
	EXPECT_EQ(t, aligned_bin(1, 2 * GRANULE_SIZE), NR_BINS);
	EXPECT_LT(t, aligned_bin(100, 64), NR_BINS);
	EXPECT_LT(t, aligned_bin(100, 4096), NR_BINS);
}

static void spans_of_bins(struct hz3test *t)
{
	u32 bin;
	u32 nr;

	for (bin = 0; bin < NR_BINS; bin++) {
		u32 before = 0;

		for (nr = 0; nr < 100; nr++) {
			u32 n = bin_span_granules(bin, nr);
			u32 bytes = n * (u32)GRANULE_SIZE;
			u32 used = bytes / bin_size(bin) * bin_size(bin);

			ASSERT_GE(t, n, before);
			ASSERT_GE(t, bytes, bin_size(bin));
			ASSERT_LE(t, n,
				  SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES);
			/* What no object fits into */
			ASSERT_LT(t, bytes - used,
				  max((u32)GRANULE_SIZE, bin_size(bin)));
			before = n;
		}
		ASSERT_LE(t, before * GRANULE_SIZE,
			  max(1UL << CONFIG_HZ3_SPAN_MAX_SHIFT,
			      (size_t)bin_size(bin)) +
				  GRANULE_SIZE);
	}
}

static void cache_limits(struct hz3test *t)
{
	u32 bin;

	for (bin = 0; bin < NR_BINS; bin++) {
		EXPECT_GE(t, bin_cache_max(bin), 1U);
		EXPECT_GE(t, bin_cache_first(bin), 1U);
		EXPECT_LE(t, bin_cache_first(bin), 62U);
		EXPECT_LE(t, bin_cache_max(bin), 62U);
	}
}

static const struct hz3test_case cases[] = {
	HZ3TEST_CASE(every_size),
	HZ3TEST_CASE(waste_is_bounded),
	HZ3TEST_CASE(sizes_are_exact),
	HZ3TEST_CASE(aligned_sizes),
	HZ3TEST_CASE(spans_of_bins),
	HZ3TEST_CASE(cache_limits),
	{ 0 },
};

HZ3TEST_SUITE(.name = "sizeclass", .cases = cases);
