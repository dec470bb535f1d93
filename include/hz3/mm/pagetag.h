/* SPDX-License-Identifier: MIT */
/*
 * Page tags: who owns an address, found with one load.
 *
 * A *window* is a range of addresses with a flat array of tags, one u32 per
 * 4 KiB granule. The first window is placed around the first arena and is the
 * one the hot path of free() knows; arenas that the kernel places outside it
 * bring windows of their own, found by pagetag_lookup(). The array is mapped
 * read-only (so that it costs neither memory nor commit charge, and any
 * address in the window may be looked up) and made writable below the arenas.
 *
 *	31     24 23            8 7       0
 *	+---------+--------------+---------+
 *	|   bin   | granule in   |  owner  |	0: not ours
 *	|         | its span     |  shard  |
 *	+---------+--------------+---------+
 *
 * The bin stands on top so that one shift extracts it. What lies in a heap of
 * the program's has owner 0 and BIN_RUN, whatever it is: the hot paths know it
 * for nobody's, its span's record says the rest. A large block tags its
 * first granule only: owner 0, BIN_LARGE, and the number of its arena in the
 * middle.
 */
#ifndef HZ3_MM_PAGETAG_H
#define HZ3_MM_PAGETAG_H

#include <hz3/align.h>
#include <hz3/atomic.h>
#include <hz3/bins.h>

#define GRANULE_SHIFT 12
#define GRANULE_SIZE  (1UL << GRANULE_SHIFT)

/* Every object is aligned to this; a pointer that is not was never ours. */
#define OBJECT_ALIGN_SHIFT 4
#define OBJECT_ALIGN       (1UL << OBJECT_ALIGN_SHIFT)

/*
 * One window. @base and @nr_units are written before any of its addresses is
 * handed out, and never change: the program's own synchronisation in passing
 * the pointer orders them.
 */
struct tag_window {
	uptr base;               /* first address, a multiple of 4 KiB */
	u64 nr_units;            /* length in 16-byte units; 0: not set up */
	u32 *tags;               /* one per granule */
	struct tag_window *next; /* (A) release, pairs with the acquire (B) */
};

extern struct tag_window hz3_window __hidden;

#define TAG_DST(tag)    ((u8)((tag)&0xFFU))
#define TAG_BIN(tag)    ((u32)(tag) >> 24)
#define TAG_OFFSET(tag) ((u16)((u32)(tag) >> 8 & 0xFFFFU))
#define TAG_MAKE(dst, bin, offset) \
	((u32)(dst) | (u32)(offset) << 8 | (u32)(bin) << 24)

/* An object or run of a heap of the program's. */
static inline bool tag_is_heap(u32 tag)
{
	return TAG_BIN(tag) == BIN_RUN && !TAG_DST(tag);
}

/* Of one owner and one bin. */
static inline bool tag_is_alike(u32 a, u32 b)
{
	return !((a ^ b) & TAG_MAKE(0xFFU, 0xFFU, 0));
}

/*
 * Index of @ptr in 16-byte units from the window's base. The rotation moves
 * the low bits of a misaligned pointer to the top, so that one comparison
 * with nr_units refuses both misaligned and foreign addresses.
 */
static __always_inline u64 window_unit(const struct tag_window *w,
				       const void *ptr)
{
	u64 off = (u64)(uptr)ptr - w->base;

	return off >> OBJECT_ALIGN_SHIFT | off << (64 - OBJECT_ALIGN_SHIFT);
}

static __always_inline u32 window_tag(const struct tag_window *w, u64 unit)
{
	return load_relaxed(
		&w->tags[unit >> (GRANULE_SHIFT - OBJECT_ALIGN_SHIFT)]);
}

u32 __pagetag_lookup(const void *ptr) __hidden;
int pagetag_cover(const void *addr, size_t size) __hidden __must_check;
void pagetag_set(const void *addr, u32 nr_granules, u8 dst, u8 bin) __hidden;
void pagetag_set_large(const void *addr, u32 arena) __hidden;
bool pagetag_take(const void *addr, u32 tag) __hidden __must_check;
void pagetag_clear(const void *addr, u32 nr_granules) __hidden;

/* The tag of any address; 0 when it is not ours or is misaligned. */
static __always_inline u32 pagetag_lookup(const void *ptr)
{
	u64 unit = window_unit(&hz3_window, ptr);

	if (likely(unit < hz3_window.nr_units))
		return window_tag(&hz3_window, unit);
	return __pagetag_lookup(ptr);
}

#endif
