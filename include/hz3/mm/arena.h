/* SPDX-License-Identifier: MIT */
/*
 * Arenas: reserved address ranges, handed out in whole segments.
 *
 * The first arena has the configured size; more are added when it is full,
 * smaller ones when the kernel refuses, and one of exactly the right size for
 * a block that fits no ordinary arena. Segments are claimed and given back by
 * compare-and-swap on a bit map, so that no shard waits for another; the
 * record of a segment belongs to whoever has claimed it.
 *
 * A free segment may still be *dirty*: committed, with pages in memory. It is
 * preferred for reuse, and decommitted when it has been free for the decay.
 */
#ifndef HZ3_MM_ARENA_H
#define HZ3_MM_ARENA_H

#include <hz3/align.h>
#include <hz3/gate.h>
#include <hz3/types.h>

#define SEGMENT_SHIFT CONFIG_HZ3_SEGMENT_SHIFT
#define SEGMENT_SIZE  (1UL << SEGMENT_SHIFT)
static_assert(CONFIG_HZ3_SEGMENT_SHIFT >= 20 && CONFIG_HZ3_SEGMENT_SHIFT <= 23,
	      "span offsets and record numbers are 16 bits");
static_assert(CONFIG_HZ3_ARENA_SHIFT >= 26 && CONFIG_HZ3_ARENA_SHIFT <= 40,
	      "an arena holds at least a few segments");

#define NR_ARENAS_MAX 65536U /* times the smallest arena: more than any VA */

enum segment_flags {
	SEGMENT_COMMITTED = 1, /* readable and writable */
	SEGMENT_DIRTY = 2,     /* may have pages that are not zero */
	SEGMENT_MOVED = 4,     /* a mapping from elsewhere begins here */
	SEGMENT_GUARDED = 8,   /* first of a large block with a guard page */
};

/* What an arena knows of one segment; written by the segment's claimant. */
struct segment_state {
	size_t large_bytes; /* first segment of a large block: its size */
	void *owner;        /* of that block: its heap's record, or NULL */
	u32 freed_ms;       /* when it became free (os_now_ms()) */
	u8 flags;           /* enum segment_flags */
};

/*
 * An arena's record is never unmapped: those who walk the table without a
 * lock may look at one that has just been emptied.
 */
struct arena {
	u8 *base;
	u32 nr_segments; /* 0: not there yet; (E), (F) in arena.c */
	u32 number;      /* its index in the table of arenas */
	u32 top;     /* segments ever claimed lie below; relaxed, only grows */
	bool single; /* made for one block and unmapped with it: no bits */
	u64 *free;   /* bit set: segment is free; (C) in arena.c */
	struct segment_state *state; /* of a single arena: one, for all */
	struct arena *vacant;        /* next emptied record; arena lock */
};

/* What arena_claim() found out about the segments it returns. */
struct arena_claim {
	struct arena *arena;
	void *addr;
	bool zeroed; /* every byte reads as 0 */
};

struct arena_stats {
	size_t reserved_bytes;
	size_t committed_bytes;
	size_t dirty_bytes; /* free, but not given back yet */
	size_t large_bytes;
	size_t nr_large;
};

int arena_claim(size_t bytes, size_t align, struct arena_claim *out)
	__hidden __must_check;
bool arena_extend(struct arena *a, void *addr, size_t old_bytes,
		  size_t new_bytes) __hidden __must_check;
void arena_give_back(struct arena *a, void *addr, size_t bytes) __hidden;
void arena_abandon(struct arena *a, void *addr, size_t bytes) __hidden;
struct arena *arena_by_number(u32 number) __hidden;
struct segment_state *arena_segment_state(struct arena *a, const void *addr)
	__hidden;
/* Purges of free pages are inside: fork must not copy some on their way. */
extern struct gate purge_gate __hidden;

size_t arena_purge(u32 now_ms, u32 decay_ms) __hidden;
bool arena_contains(const void *addr) __hidden;
void *arena_find_large(const void *addr, size_t *bytes) __hidden __must_check;
bool arena_may_split(void) __hidden;
bool arena_is_reserved(size_t bytes) __hidden;
void arena_get_stats(struct arena_stats *out) __hidden;
void arena_lock(void) __hidden;
void arena_unlock(void) __hidden;
void arena_reset_lock(void) __hidden;

#endif
