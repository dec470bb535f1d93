/* SPDX-License-Identifier: MIT */
/* Size <-> bin, by one table load each way, or computed. */
#ifndef HZ3_SHARD_SIZECLASS_H
#define HZ3_SHARD_SIZECLASS_H

#include <hz3/bins.h>
#include <hz3/bits.h>

/*
 * One is computed where code is to be small: steps of a doubling are numbered
 * by the four highest bits.
 */
#define BIN_IS_COMPUTED IS_ENABLED(CONFIG_CC_OPTIMIZE_FOR_SIZE)

/* Indexed by 16-byte units, rounded up; one table serves all bins. */
extern const u8 hz3_bin_of_units[BIN_SIZE_MAX / 16 + 1] __hidden;

/* Object size of each bin; no room is enough for the pseudo bins. */
extern const u32 hz3_bin_size[NR_TAG_BINS] __hidden;

/* Most objects a thread's magazine of each bin may hold. */
extern const u8 hz3_bin_cache_max[NR_BINS] __hidden;

/* @size is at most BIN_SIZE_MAX; 0 counts as 1. */
static __always_inline size_t size_to_bin(size_t size)
{
	size_t unit = (size - !!size) >> 4;
	size_t doubling = fls64(unit | 8) - 3;

	if (BIN_IS_COMPUTED)
		return 8 * doubling + (unit >> doubling);
	return hz3_bin_of_units[(size + 15) >> 4];
}

static inline size_t bin_size(u32 bin)
{
	return hz3_bin_size[bin];
}

static inline u32 bin_cache_max(u32 bin)
{
	return hz3_bin_cache_max[bin];
}

u32 aligned_bin(size_t size, size_t align) __hidden;
u32 bin_span_granules(u32 bin, u32 nr_out) __hidden;
u32 bin_cache_first(u32 bin) __hidden;

#endif
