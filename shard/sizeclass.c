// SPDX-License-Identifier: MIT
/*
 * Size classes: 16, 32, ... 128, then eight geometric steps per doubling.
 *
 * The table from sizes to bins has one byte per 16 bytes up to 32 KiB: 2 KiB
 * of read-only data, of which a program touches the lines of the sizes it
 * uses. One table for both ranges saves the hot path a branch. Where code is to
 * be small nobody refers to it, see size_to_bin().
 */
#include <hz3/align.h>
#include <hz3/magazine.h>
#include <hz3/mm/pagetag.h>
#include <hz3/shard/sizeclass.h>

static_assert(CONFIG_HZ3_SPAN_FIRST_SHIFT >= 12 &&
		      CONFIG_HZ3_SPAN_FIRST_SHIFT <= 16,
	      "a first span of 4 to 64 KiB");
static_assert(CONFIG_HZ3_SPAN_MAX_SHIFT >= 16 &&
		      CONFIG_HZ3_SPAN_MAX_SHIFT <= 17,
	      "at least one object of the largest bin, counted in 16 bits");

/* Step @j of doubling @d: sizes above 128 << d, in steps of 16 << d. */
#define UNITS(d, j) ((8 << (d)) + (j) * (1 << (d)))
#define STEP(d, j)  [UNITS(d, j) + 1 ... UNITS(d, (j) + 1)] = 8 + 8 * (d) + (j)
#define DOUBLING(d)                                                 \
	STEP(d, 0), STEP(d, 1), STEP(d, 2), STEP(d, 3), STEP(d, 4), \
		STEP(d, 5), STEP(d, 6), STEP(d, 7)

const u8 hz3_bin_of_units[BIN_SIZE_MAX / 16 + 1] = {
	0,           0,           1,           2,           3,
	4,           5,           6,           7,           DOUBLING(0),
	DOUBLING(1), DOUBLING(2), DOUBLING(3), DOUBLING(4), DOUBLING(5),
	DOUBLING(6), DOUBLING(7),
};

/* @of every size of a doubling, and of all bins. */
#define SIZE(of, d, j) of(UNITS(d, (j) + 1) * 16)
#define SIZES(of, d)                                                    \
	SIZE(of, d, 0), SIZE(of, d, 1), SIZE(of, d, 2), SIZE(of, d, 3), \
		SIZE(of, d, 4), SIZE(of, d, 5), SIZE(of, d, 6), SIZE(of, d, 7)
#define ALL_SIZES(of)                                                     \
	of(16), of(32), of(48), of(64), of(80), of(96), of(112), of(128), \
		SIZES(of, 0), SIZES(of, 1), SIZES(of, 2), SIZES(of, 3),   \
		SIZES(of, 4), SIZES(of, 5), SIZES(of, 6), SIZES(of, 7)

#define ITSELF(size) (size)
const u32 hz3_bin_size[NR_TAG_BINS] = { ALL_SIZES(ITSELF), ~0U, ~0U };

#define FIT(size) ((1U << CONFIG_HZ3_BIN_CACHE_SHIFT) / (size))
#define CACHE_MAX(size)                                    \
	(u8)(FIT(size) < 2              ? 2 :              \
	     FIT(size) > MAGAZINE_SLOTS ? MAGAZINE_SLOTS : \
					  FIT(size))
const u8 hz3_bin_cache_max[NR_BINS] = { ALL_SIZES(CACHE_MAX) };

/**
 * aligned_bin() - the bin for a size and an alignment
 * @size: bytes
 * @align: a power of two
 *
 * Spans begin at a granule and objects follow one another, so every object of
 * a bin whose size is a multiple of @align is aligned, up to a granule.
 *
 * Return: the smallest such bin, or NR_BINS when there is none.
 */
u32 aligned_bin(size_t size, size_t align)
{
	u32 bin;

	if (size > BIN_SIZE_MAX || align > GRANULE_SIZE)
		return NR_BINS;
	for (bin = size_to_bin(size); bin < NR_BINS; bin++)
		if (IS_ALIGNED(bin_size(bin), (u32)align))
			break;
	return bin;
}

/**
 * bin_span_granules() - how long the next span of a bin should be
 * @bin: the bin
 * @nr_out: objects of the bin in use
 *
 * A quarter of what is in use, within limits, so that the last span of a bin,
 * half empty, is little beside the others. Rounded to whole objects, so that
 * little is lost at the end.
 *
 * Return: granules.
 */
u32 bin_span_granules(u32 bin, u32 nr_out)
{
	u32 size = bin_size(bin);
	u32 n = clamp(nr_out / 4, (1U << CONFIG_HZ3_SPAN_FIRST_SHIFT) / size,
		      (1U << CONFIG_HZ3_SPAN_MAX_SHIFT) / size);

	return (u32)DIV_ROUND_UP(max(n, 1U) * size, GRANULE_SIZE);
}

/**
 * bin_cache_first() - how many objects it may hold at first
 * @bin: the bin
 *
 * Few, so that a thread that allocates little touches few pages.
 *
 * Return: objects.
 */
u32 bin_cache_first(u32 bin)
{
	return clamp(1024U / bin_size(bin), 2U, 16U);
}
