// SPDX-License-Identifier: MIT
/*
 * Segments: granules handed out in runs, lowest address first.
 *
 * First fit by address keeps what is in use together and reuses pages that
 * are already in memory before fresh ones; a page fault costs as much as
 * hundreds of allocations.
 *
 * Two bit maps describe the granules: free ones, and among those the dirty
 * ones, which may hold old data and pages. A third marks those that were dirty
 * when it was last set and have been free since: what a decay later is still
 * marked is purged, whatever else is freed beside it. A purge takes a run out
 * of the free map, gives its pages back without the lock, and puts it back
 * clean.
 *
 * Everything is guarded by the lock of the owner.
 */
#include <errno.h>

#include <hz3/atomic.h>
#include <hz3/lib/bitmap.h>
#include <hz3/mm/os.h>
#include <hz3/mm/segment.h>

static_assert(SEGMENT_GRANULES <= 4096, "u16 counts, 16-bit tag offsets");

/* The records and bits behind the maps are set span by span. */
static void segment_init(struct segment *s, bool zeroed)
{
	u32 n = SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES;

	list_init(&s->link);
	list_init(&s->dirty_link);
	s->nr_free = (u16)n;
	s->run_limit = (u16)n;
	bitmap_set_run(s->free_map, SEGMENT_HEADER_GRANULES, n);
	if (!zeroed) {
		s->nr_dirty = (u16)n;
		bitmap_set_run(s->dirty_map, SEGMENT_HEADER_GRANULES, n);
	}
}

/**
 * segment_create() - get a segment from an arena
 * @shard: whom its tags will name
 * @owner: who will own it
 *
 * Context: takes no shard lock; may enter the OS.
 * Return: the segment, all granules free, or NULL.
 */
struct segment *segment_create(u8 shard, void *owner)
{
	struct arena_claim c;
	struct segment *s;

	if (arena_claim(SEGMENT_SIZE, SEGMENT_SIZE, &c))
		return NULL;
	s = c.addr;
	if (!c.zeroed)
		__builtin_memset(s, 0, offsetof(struct segment, span));
	s->arena = c.arena;
	s->owner = owner;
	s->shard = shard;
	segment_init(s, c.zeroed);
	return s;
}

/**
 * segment_reset() - free everything in a segment at once
 * @s: the segment, in no list
 *
 * Afterwards it is as segment_create() left it, but dirty.
 */
void segment_reset(struct segment *s)
{
	pagetag_clear(granule_addr(s, SEGMENT_HEADER_GRANULES),
		      SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES);
	__builtin_memset(s->aged_map, 0, sizeof(s->aged_map));
	segment_init(s, false);
}

/**
 * segment_destroy() - give an empty segment back to its arena
 * @s: the segment, in no list
 */
void segment_destroy(struct segment *s)
{
	arena_give_back(s->arena, s, SEGMENT_SIZE);
}

/**
 * segment_is_empty() - is nothing in use
 * @s: the segment
 *
 * Return: true when every granule is free.
 */
bool segment_is_empty(const struct segment *s)
{
	return s->nr_free == SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES;
}

static void take(struct segment *s, unsigned int g, unsigned int n)
{
	bitmap_clear_run(s->free_map, g, n);
	bitmap_clear_run(s->aged_map, g, n);
	s->nr_free -= (u16)n;
}

/**
 * segment_take() - take a run of granules
 * @s: the segment
 * @n: how many
 * @align: alignment in granules, a power of two
 * @zeroed: set to whether the run is known to be zero
 *
 * Return: number of the first granule, or -ENOMEM.
 */
int segment_take(struct segment *s, unsigned int n, unsigned int align,
		 bool *zeroed)
{
	s64 g;

	if (n > s->run_limit)
		return -ENOMEM;
	g = bitmap_find_run(s->free_map, SEGMENT_GRANULES,
			    SEGMENT_HEADER_GRANULES, n, align, 0);
	if (g < 0) {
		s->run_limit =
			(u16)bitmap_longest_run(s->free_map, SEGMENT_GRANULES);
		return -ENOMEM;
	}
	take(s, (unsigned int)g, n);
	*zeroed = true;
	if (s->nr_dirty) {
		u32 dirty = bitmap_clear_run(s->dirty_map, (u32)g, n);

		s->nr_dirty -= (u16)dirty;
		*zeroed = !dirty;
	}
	s->span[g].fresh = *zeroed; /* for a span made of it */
	if (IS_ENABLED(CONFIG_HZ3_PURGE_FREE))
		*zeroed = false; /* a purged page may still hold old data */
	return (int)g;
}

/**
 * segment_take_at() - take a given run of granules
 * @s: the segment
 * @g: first granule
 * @n: how many
 *
 * Return: whether all of them were free.
 */
bool segment_take_at(struct segment *s, unsigned int g, unsigned int n)
{
	if (g + n > SEGMENT_GRANULES ||
	    bitmap_next(s->free_map, g + n, g, false) != g + n)
		return false;
	take(s, g, n);
	s->nr_dirty -= (u16)bitmap_clear_run(s->dirty_map, g, n);
	return true;
}

/* A run became free: is it, with its neighbours, the longest now? */
static void put(struct segment *s, unsigned int g, unsigned int n)
{
	bitmap_set_run(s->free_map, g, n);
	s->nr_free += (u16)n;
	s->run_limit =
		(u16)max((u32)s->run_limit,
			 bitmap_run_around(s->free_map, SEGMENT_GRANULES, g));
}

/**
 * segment_put() - give a run back
 * @s: the segment
 * @g: first granule
 * @n: how many
 */
void segment_put(struct segment *s, unsigned int g, unsigned int n)
{
	put(s, g, n);
	bitmap_set_run(s->dirty_map, g, n);
	s->nr_dirty += (u16)n;
}

/**
 * segment_age() - what is dirty now has its decay begin, or end
 * @s: the segment
 * @now_ms: os_now_ms()
 */
void segment_age(struct segment *s, u32 now_ms)
{
	__builtin_memcpy(s->aged_map, s->dirty_map, sizeof(s->aged_map));
	s->aged_ms = now_ms;
}

/**
 * segment_purge_begin() - take an aged run out, to give its pages back
 * @s: the segment
 * @granule: set to the first one
 *
 * Only whole pages of the OS are of use, which may be bigger than granules.
 *
 * Return: granules to purge, 0 when there are none.
 */
unsigned int segment_purge_begin(struct segment *s, unsigned int *granule)
{
	u32 page = (u32)(os_page_size >> GRANULE_SHIFT);
	s64 g = bitmap_find_run(s->aged_map, SEGMENT_GRANULES,
				SEGMENT_HEADER_GRANULES, page, page, 0);
	u32 end;

	if (g < 0)
		return 0;
	end = bitmap_next(s->aged_map, SEGMENT_GRANULES, (u32)g, false);
	end = ALIGN_DOWN(end, page);
	take(s, (unsigned int)g, end - (u32)g);
	s->nr_dirty -=
		(u16)bitmap_clear_run(s->dirty_map, (u32)g, end - (u32)g);
	/* Whoever walks the segment meanwhile finds a record here. */
	s->span[g].nr_granules = (u16)(end - (u32)g);
	s->span[g].bin = BIN_PURGING;
	*granule = (unsigned int)g;
	return end - (u32)g;
}

/**
 * segment_purge_end() - put a run back after the purge
 * @s: the segment
 * @g: first granule
 * @n: how many
 * @clean: whether its pages are gone
 */
void segment_purge_end(struct segment *s, unsigned int g, unsigned int n,
		       bool clean)
{
	put(s, g, n);
	if (clean)
		return;
	bitmap_set_run(s->dirty_map, g, n);
	s->nr_dirty += (u16)n;
}
