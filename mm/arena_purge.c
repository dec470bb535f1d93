// SPDX-License-Identifier: MIT
/*
 * Walking all arenas: giving the pages of free segments back, finding the
 * large block an address is in, and statistics. And segments that are lost.
 *
 * Nobody is kept out meanwhile. A segment is claimed while it is decommitted,
 * like any user of it would; figures are a snapshot.
 */
#include <hz3/atomic.h>
#include <hz3/bits.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/os.h>

#include "internal.h"

struct gate purge_gate;

/*
 * Each change between committed and not, and each end of what was moved here,
 * is one more mapping of the process, which may have 65,530 (unless
 * vm.max_map_count says otherwise), also for its own use. Beyond an eighth of
 * that free segments lose their pages, but stay committed.
 */
#define NR_SPLITS_MAX 8192U

/* So many made since, and those that are gone meanwhile are worth a count. */
#define NR_SPLITS_UNSURE (NR_SPLITS_MAX / 8)

static u32 nr_splits;  /* at the last count, and since; relaxed */
static u32 nr_counted; /* at the last count; relaxed */

static size_t count_splits(const struct arena *a)
{
	u32 top = load_relaxed(&a->top);
	u8 before = 0;
	u32 n = 0;
	u32 j;

	for (j = 0; j < top; j++) {
		u8 flags = load_relaxed(&a->state[j].flags);

		n += (flags ^ before) & SEGMENT_COMMITTED;
		n += flags & SEGMENT_MOVED ? 2 : 0;
		n += flags & SEGMENT_GUARDED ? 2 : 0;
		before = flags;
	}
	return n;
}

/* Of all arenas but those of one block. */
static size_t sum_of_arenas(size_t (*of)(const struct arena *a))
{
	u32 nr = arena_count();
	size_t sum = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		const struct arena *a = arena_by_number(i);

		/* (F) pairs with (E) in arena_new() */
		if (!a->single && load_acquire(&a->nr_segments))
			sum += of(a);
	}
	return sum;
}

static void count_all_splits(void)
{
	u32 n = (u32)sum_of_arenas(count_splits);

	store_relaxed(&nr_splits, n);
	store_relaxed(&nr_counted, n);
}

static bool splits_used_up(void)
{
	return load_relaxed(&nr_splits) + 2 > NR_SPLITS_MAX;
}

/* What was lifted, refused or moved over is counted as made until then. */
static bool count_is_old(void)
{
	return load_relaxed(&nr_splits) >=
	       load_relaxed(&nr_counted) + NR_SPLITS_UNSURE;
}

/**
 * arena_may_split() - may a mapping be made of its own in an arena
 *
 * If so it is counted as made, until those there are get counted again: after
 * a purge, and here when there seem to be too many.
 *
 * Return: false when there are many already.
 */
bool arena_may_split(void)
{
	if (unlikely(splits_used_up()) && count_is_old())
		count_all_splits();
	if (splits_used_up())
		return false;
	fetch_add_relaxed(&nr_splits, 2U);
	return true;
}

/* Would decommitting a segment leave a hole between committed ones? */
static bool is_hole(const struct arena *a, u32 i)
{
	return i && i + 1 < a->nr_segments &&
	       load_relaxed(&a->state[i - 1].flags) &
		       load_relaxed(&a->state[i + 1].flags) & SEGMENT_COMMITTED;
}

/* What purges its claimed segment: how many bytes went. */
static size_t give_pages(struct arena *a, u32 i, u32 now_ms)
{
	struct segment_state *st = &a->state[i];
	void *addr = a->base + ((size_t)i << SEGMENT_SHIFT);
	int ret;

	if ((!is_hole(a, i) || arena_may_split()) &&
	    !os_decommit(addr, SEGMENT_SIZE)) {
		store_relaxed(&st->flags, (u8)0);
		limit_uncharge(SEGMENT_SIZE);
		return SEGMENT_SIZE;
	}
	if (!(st->flags & SEGMENT_DIRTY))
		return 0;
	ret = os_purge(addr, SEGMENT_SIZE);
	if (ret > 0)
		store_relaxed(&st->flags, (u8)(st->flags & ~SEGMENT_DIRTY));
	/* Not again in every round, when that is all that can be done. */
	store_relaxed(&st->freed_ms, now_ms);
	return ret < 0 ? 0 : SEGMENT_SIZE;
}

/* One segment, if it is free, committed and old enough. */
static size_t purge_one(struct arena *a, u32 i, u32 now_ms, u32 decay_ms)
{
	struct segment_state *st = &a->state[i];
	size_t done = 0;

	/* A look without the claim first: a young one stays claimable. */
	if ((s32)(now_ms - load_relaxed(&st->freed_ms)) < (s32)decay_ms)
		return 0;
	if (!gate_enter(&purge_gate))
		return 0;
	if (!arena_claim_run(a, i, 1)) {
		gate_leave(&purge_gate);
		return 0;
	}
	if ((st->flags & SEGMENT_COMMITTED) &&
	    (s32)(now_ms - st->freed_ms) >= (s32)decay_ms)
		done = give_pages(a, i, now_ms);
	arena_release_run(a, i, 1);
	gate_leave(&purge_gate);
	return done;
}

/* All of one arena. */
static size_t purge_arena(struct arena *a, u32 now_ms, u32 decay_ms)
{
	size_t done = 0;
	u32 j;

	for (j = 0; j < load_relaxed(&a->top); j++) {
		u64 w = load_relaxed(&a->free[j / BITS_PER_WORD]) >>
			(j % BITS_PER_WORD);

		if (!w)
			j |= BITS_PER_WORD - 1;
		else if ((w & 1) && load_relaxed(&a->state[j].flags))
			done += purge_one(a, j, now_ms, decay_ms);
	}
	return done;
}

/**
 * arena_abandon() - segments that nobody may get again
 * @a: their arena
 * @addr: the first one, claimed
 * @bytes: how much, rounded up to segments
 *
 * They stay claimed, but what is there is not memory of ours: it is not
 * counted any more.
 */
void arena_abandon(struct arena *a, void *addr, size_t bytes)
{
	struct segment_state *st = arena_segment_state(a, addr);
	size_t size = ALIGN_UP(bytes, SEGMENT_SIZE);
	size_t i;

	store_relaxed(&st->large_bytes, (size_t)0);
	if (a->single)
		size = (size_t)a->nr_segments << SEGMENT_SHIFT;
	else
		for (i = 0; i < size >> SEGMENT_SHIFT; i++)
			store_relaxed(&st[i].flags, (u8)0);
	limit_uncharge(size);
}

/**
 * arena_purge() - give the pages of free segments back to the system
 * @now_ms: os_now_ms()
 * @decay_ms: only those free for at least this long
 *
 * Context: any thread, no lock; a segment being purged cannot be claimed.
 * Return: bytes whose pages were given back.
 */
size_t arena_purge(u32 now_ms, u32 decay_ms)
{
	u32 n = arena_count();
	size_t done = 0;
	u32 i;

	for (i = 0; i < n; i++) {
		struct arena *a = arena_by_number(i);

		/* (F) pairs with (E) in arena_new() */
		if (!a->single && load_acquire(&a->nr_segments))
			done += purge_arena(a, now_ms, decay_ms);
	}
	/* Those that came and went; the next to be made are counted as made. */
	if (done)
		count_all_splits();
	return done;
}

/* Returns whether segment @j of @a is free, at this moment. */
static bool segment_is_free(const struct arena *a, u32 j)
{
	return load_relaxed(&a->free[j / BITS_PER_WORD]) >>
		       (j % BITS_PER_WORD) &
	       1;
}

/* The large block that holds the byte at @off of an arena. */
static void *large_at(struct arena *a, size_t off, size_t *bytes)
{
	u32 j = a->single ? 0 : (u32)(off >> SEGMENT_SHIFT);

	/* Only its first segment says how long it is. */
	for (;; j--) {
		size_t start = (size_t)j << SEGMENT_SHIFT;

		*bytes = load_relaxed(&a->state[j].large_bytes);
		if (*bytes)
			return off - start < *bytes ? a->base + start : NULL;
		if (!j || segment_is_free(a, j))
			return NULL;
	}
}

/* The arena an address lies in, and where in it; NULL: none. */
static struct arena *arena_at(const void *addr, size_t *off)
{
	u32 n = arena_count();
	u32 i;

	for (i = 0; i < n; i++) {
		struct arena *a = arena_by_number(i);
		/* (F) pairs with (E) in arena_new() */
		u32 nr = load_acquire(&a->nr_segments);

		*off = (uptr)addr - (uptr)a->base;
		if (*off >> SEGMENT_SHIFT < nr)
			return a;
	}
	return NULL;
}

/**
 * arena_contains() - does an address lie in what is reserved for us
 * @addr: any address
 *
 * Context: any thread.
 * Return: true when nobody else can have a block there.
 */
bool arena_contains(const void *addr)
{
	size_t off;

	return arena_at(addr, &off);
}

/**
 * arena_find_large() - the large block an address lies in
 * @addr: any address
 * @bytes: set to the block's size
 *
 * Context: any thread; a block that somebody frees meanwhile may be found.
 * Return: the start of the block, or NULL.
 */
void *arena_find_large(const void *addr, size_t *bytes)
{
	size_t off;
	struct arena *a = arena_at(addr, &off);

	return a ? large_at(a, off, bytes) : NULL;
}

/* Committed, but nobody's. */
static size_t free_bytes(const struct arena *a)
{
	size_t bytes = 0;
	u32 j;

	for (j = 0; j < load_relaxed(&a->top); j++)
		if (segment_is_free(a, j) &&
		    (load_relaxed(&a->state[j].flags) & SEGMENT_COMMITTED))
			bytes += SEGMENT_SIZE;
	return bytes;
}

/**
 * arena_is_reserved() - is a claim to be left to small objects
 * @bytes: of it
 *
 * What is committed and free may be had, and where it cannot be decommitted it
 * is all there ever is; but so much has to stay as the reserve is, of that or
 * of what the limit still allows. Found by walking, but only after a refusal.
 *
 * Context: any thread; a snapshot.
 * Return: true when it would take the reserve.
 */
bool arena_is_reserved(size_t bytes)
{
	size_t committed;

	if (likely(!limit_is_reserved()) || !bytes)
		return false;
	committed = limit_committed();
	committed -= min(committed, sum_of_arenas(free_bytes));
	return !limit_allows(committed + bytes);
}

static void add_stats(const struct arena *a, struct arena_stats *out)
{
	u32 j;

	for (j = 0; j < load_relaxed(&a->top); j++) {
		const struct segment_state *st = &a->state[j];
		size_t large = load_relaxed(&st->large_bytes);
		u8 flags = load_relaxed(&st->flags);

		if (flags & SEGMENT_COMMITTED)
			out->committed_bytes += SEGMENT_SIZE;
		if (segment_is_free(a, j)) {
			if (flags & SEGMENT_DIRTY)
				out->dirty_bytes += SEGMENT_SIZE;
		} else if (large) {
			out->large_bytes += large;
			out->nr_large++;
		}
	}
}

/**
 * arena_get_stats() - add up all arenas
 * @out: filled in; a snapshot that others may be changing
 */
void arena_get_stats(struct arena_stats *out)
{
	u32 n = arena_count();
	u32 i;

	*out = (struct arena_stats){ 0 };
	for (i = 0; i < n; i++) {
		struct arena *a = arena_by_number(i);
		/* (F) pairs with (E) in arena_new() */
		size_t bytes = (size_t)load_acquire(&a->nr_segments)
			       << SEGMENT_SHIFT;

		if (!bytes)
			continue;

		if (!a->single) {
			out->reserved_bytes += bytes;
			add_stats(a, out);
		} else if (load_relaxed(&a->state->large_bytes)) {
			out->reserved_bytes += bytes;
			out->committed_bytes += bytes;
			out->large_bytes +=
				load_relaxed(&a->state->large_bytes);
			out->nr_large++;
		}
	}
}
