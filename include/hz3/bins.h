/* SPDX-License-Identifier: MIT */
/*
 * How many bins there are, and the two bin numbers that are not size classes.
 *
 * A page tag carries a bin; the pseudo bins mark pages whose blocks never go
 * through magazines. A thread's arrays have room for them, permanently full
 * and empty, so that the hot paths need no range test.
 */
#ifndef HZ3_BINS_H
#define HZ3_BINS_H

#include <hz3/types.h>

/*
 * Sizes 16, 32, ... 128, then eight steps per doubling up to 32 KiB: at most
 * 12.5 % of a block above 128 bytes is rounding.
 */
#define BIN_LINEAR_MAX     128U
#define BIN_SIZE_SHIFT_MAX 15U
#define BIN_SIZE_MAX       (1U << BIN_SIZE_SHIFT_MAX)
#define NR_BINS            72U

/* The first bin whose objects are a cache line at least (to 256: 16 apart). */
#define BIN_LINE ((1U << CONFIG_CACHELINE_SHIFT) / 16 - 1)

#define BIN_RUN     NR_BINS       /* a medium run of granules */
#define BIN_LARGE   (NR_BINS + 1) /* a large block: whole segments */
#define NR_TAG_BINS (NR_BINS + 2)
#define BIN_PURGING 254U /* in a span record only: pages on their way out */

static_assert(NR_TAG_BINS <= 255, "a bin is one byte of the page tag");

/* Shard numbers are 1..NR_SHARDS; 0 is nobody. */
#define NR_SHARDS ((unsigned int)CONFIG_HZ3_NUM_SHARDS)
static_assert(CONFIG_HZ3_NUM_SHARDS >= 1 && CONFIG_HZ3_NUM_SHARDS <= 255,
	      "a shard number is one byte of the page tag, 0 is reserved");

/* With one shard there is nothing to send: the compiler drops that code. */
#define HAS_OTHERS (NR_SHARDS > 1)

#endif
