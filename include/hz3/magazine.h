/* SPDX-License-Identifier: MIT */
/*
 * The magazine: an array of object pointers in a 512-byte block.
 *
 * After Bonwick & Adams, "Magazines and Vmem" (USENIX 2001). Nothing is ever
 * written into a freed object: what the allocator knows about free objects
 * stands in magazines and in the segments' bit maps.
 *
 *	        +------+-----------+--------+--------+-----+---------+
 *	        | link | count bin | slot 0 | slot 1 | ... | slot 61 |
 *	        +------+-----------+--------+--------+-----+---------+
 *	        0      8           16       24                     512
 *
 * A *loaded* magazine belongs to one thread and is addressed by its top: a
 * pointer to the first empty slot. The word below slot 0 is then 0, so that
 * reading the slot below the top of an empty magazine yields NULL: the hot
 * path of malloc needs no count. A *detached* one carries its count and bin.
 */
#ifndef HZ3_MAGAZINE_H
#define HZ3_MAGAZINE_H

#include <hz3/bins.h>

#define MAGAZINE_SHIFT 9
#define MAGAZINE_BYTES (1U << MAGAZINE_SHIFT)
#define MAGAZINE_SLOTS ((MAGAZINE_BYTES - 16) / sizeof(void *))

/* In magazine.bin: objects of several bins (a message). */
#define BIN_MIXED 255U

struct magazine {
	struct magazine *link; /* next in a depot, pool, inbox or thread */
	u32 count;             /* detached: objects held; loaded: 0 */
	u32 bin;               /* detached: bin or BIN_MIXED; loaded: 0 */
	void *slot[MAGAZINE_SLOTS];
} __aligned(MAGAZINE_BYTES);

static_assert(sizeof(struct magazine) == MAGAZINE_BYTES, "one block");
static_assert(offsetof(struct magazine, slot) == 16, "sentinel below slot 0");

/*
 * A block on its way to another shard may be carried but not dereferenced;
 * sparse refuses to. Only these two turn it around: when it is sent off, and
 * when it is kept for reuse or has come home.
 */
static inline void __remote *block_send(void *ptr)
{
	return (__force void __remote *)ptr;
}

static inline void *block_keep(void __remote *ptr)
{
	return (__force void *)ptr;
}

/* The block a top points into; valid from empty (slot 0) to full (the end). */
static inline struct magazine *magazine_of(void **top)
{
	return (struct magazine *)((uptr)(top - 1) &
				   ~(uptr)(MAGAZINE_BYTES - 1));
}

static inline u32 magazine_count(void **top)
{
	return (u32)(top - magazine_of(top)->slot);
}

/*
 * Is there more room below the limit than there are objects? In bytes, and
 * without the block's address; where top and limit are no block's, there is
 * no room.
 */
static inline bool magazine_is_low(void **top, void **limit)
{
	uptr used = ((uptr)(top - 1) & (MAGAZINE_BYTES - 1)) - sizeof(*top);

	return (uptr)limit - (uptr)top > used;
}

#endif
