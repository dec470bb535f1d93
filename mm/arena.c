// SPDX-License-Identifier: MIT
/*
 * Arenas: the address space, claimed in whole segments.
 *
 *	arenas[] ── #0 ─ free bits, one per segment ─ state per segment
 *	          └ #1 ...                            (large size, flags, age)
 *
 * Claiming is lock-free: a search finds a run of free bits and clears them
 * word by word with compare-and-swap; who loses a word gives back what it had
 * and searches on. Whoever cleared a segment's bit owns its pages and its
 * state record until it sets the bit again.
 *
 * Ordering: (C) setting the bit releases the state record and the pages, (D)
 * clearing it acquires them; (E) publishes a new arena, (F) finds it.
 *
 * Lock: arena, taken only to add or remove an arena; it may be held while
 * taking meta. The mappings of a new arena are made under it, or two threads
 * that find the arena full would add two.
 */
#include <errno.h>

#include <hz3/atomic.h>
#include <hz3/bits.h>
#include <hz3/lib/bitmap.h>
#include <hz3/lock.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/meta.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

#include "internal.h"

#define ARENA_SIZE ((size_t)1 << CONFIG_HZ3_ARENA_SHIFT)

static struct arena *arenas[NR_ARENAS_MAX]; /* (E) release, (F) acquire */
static u32 nr_arenas;                       /* (E) release, (F) acquire */
static struct lock lock;
static size_t next_size = ARENA_SIZE; /* lowered under lock, read relaxed */
static struct arena *vacant;          /* emptied records; guarded by lock */

/**
 * arena_count() - how many arenas there have been
 *
 * Return: one more than the highest number.
 */
u32 arena_count(void)
{
	return load_acquire(&nr_arenas); /* (F) pairs with (E) */
}

/**
 * arena_by_number() - find an arena
 * @number: as in the tag of a large block
 *
 * Return: the arena, or NULL.
 */
struct arena *arena_by_number(u32 number)
{
	return load_acquire(&arenas[number]); /* (F) pairs with (E) */
}

/**
 * arena_segment_state() - the record of a segment
 * @a: its arena
 * @addr: any address in it
 *
 * Return: the record, which belongs to the segment's claimant.
 */
struct segment_state *arena_segment_state(struct arena *a, const void *addr)
{
	if (a->single)
		return a->state;
	return &a->state[((uptr)addr - (uptr)a->base) >> SEGMENT_SHIFT];
}

/**
 * arena_release_run() - set bits: give segments away
 * @a: the arena
 * @first: first segment, the caller's
 * @n: how many
 */
void arena_release_run(struct arena *a, u32 first, u32 n)
{
	u32 w;

	for (w = first / BITS_PER_WORD; w * BITS_PER_WORD < first + n; w++)
		/* (C) gives pages and records away; pairs with (D) */
		fetch_or_release(&a->free[w], bitmap_word_mask(w, first, n));
}

/**
 * arena_claim_run() - clear bits: take given segments, all or nothing
 * @a: the arena
 * @first: first segment
 * @n: how many
 *
 * Return: whether all of them were free.
 */
bool arena_claim_run(struct arena *a, u32 first, u32 n)
{
	u32 w;

	if (n > a->nr_segments || first > a->nr_segments - n)
		return false;
	for (w = first / BITS_PER_WORD; w * BITS_PER_WORD < first + n; w++) {
		u64 mask = bitmap_word_mask(w, first, n);
		u64 old = load_relaxed(&a->free[w]);

		do {
			if ((old & mask) != mask) {
				u32 got = w * BITS_PER_WORD;

				if (got > first)
					arena_release_run(a, first,
							  got - first);
				return false;
			}
			/* (D) makes pages and records ours; pairs with (C) */
		} while (!cmpxchg_acquire(&a->free[w], &old, old & ~mask));
	}
	return true;
}

/* First free run of @n segments at or after @from, at @align segments. */
static s64 run_search(const struct arena *a, u32 from, u32 n, u32 align)
{
	u32 phase = (u32)((uptr)a->base >> SEGMENT_SHIFT) & (align - 1);

	return bitmap_find_run(a->free, a->nr_segments, from, n, align, phase);
}

/* A hint for those who walk all segments; it may lag behind for a moment. */
static void raise_top(struct arena *a, u32 top)
{
	u32 old = load_relaxed(&a->top);

	while (old < top && !cmpxchg_relaxed(&a->top, &old, top))
		;
}

static bool commit(void *addr, size_t bytes)
{
	if (!limit_charge(bytes))
		return false;
	if (!os_commit(addr, bytes))
		return true;
	limit_uncharge(bytes);
	return false;
}

/* Commit what of [first, first + n) is not; on failure nothing changes. */
static bool run_commit(struct arena *a, u32 first, u32 n, bool *zeroed)
{
	u32 i = first;
	u32 j;

	raise_top(a, first + n);
	*zeroed = true;
	while (i < first + n) {
		for (j = i; j < first + n; j++)
			if (a->state[j].flags & SEGMENT_COMMITTED)
				break;
		if (j > i && !commit(a->base + ((size_t)i << SEGMENT_SHIFT),
				     (size_t)(j - i) << SEGMENT_SHIFT))
			return false;
		for (; i < j; i++)
			store_relaxed(&a->state[i].flags,
				      (u8)SEGMENT_COMMITTED);
		for (; i < first + n; i++) {
			if (!(a->state[i].flags & SEGMENT_COMMITTED))
				break;
			if (a->state[i].flags & SEGMENT_DIRTY)
				*zeroed = false;
		}
	}
	for (i = first; i < first + n; i++)
		store_relaxed(&a->state[i].flags,
			      (u8)(a->state[i].flags | SEGMENT_COMMITTED |
				   SEGMENT_DIRTY));
	return true;
}

static int claim_in(struct arena *a, u32 n, u32 align, struct arena_claim *out)
{
	s64 i = -1;

	while ((i = run_search(a, (u32)(i + 1), n, align)) >= 0) {
		if (!arena_claim_run(a, (u32)i, n))
			continue;
		if (!run_commit(a, (u32)i, n, &out->zeroed)) {
			arena_release_run(a, (u32)i, n);
			return -ENOMEM;
		}
		out->arena = a;
		out->addr = a->base + ((size_t)i << SEGMENT_SHIFT);
		return 0;
	}
	return -EAGAIN; /* full: try another */
}

/* Bits and states of an ordinary arena, touched only as it fills. */
static bool arena_map_records(struct arena *a, size_t n)
{
	size_t states = n * sizeof(*a->state);
	u8 *p;

	if (a->single) {
		if (!a->state)
			a->state = meta_alloc(sizeof(*a->state), 8);
		return a->state;
	}
	p = os_map(states + BITS_TO_WORDS(n) * sizeof(u64));
	if (!p)
		return false;
	a->state = (struct segment_state *)p;
	a->free = (u64 *)(p + states);
	return true;
}

static void arena_unmap_records(struct arena *a, size_t n)
{
	if (!a->single)
		os_unmap(a->state,
			 ALIGN_UP(n * sizeof(*a->state) +
					  BITS_TO_WORDS(n) * sizeof(u64),
				  os_page_size));
}

/* An unused record, left by an arena that is gone or could not be made. */
static struct arena *arena_record(bool single) __must_hold(&lock)
{
	struct arena **link = &vacant;
	struct arena *a;

	while (*link && (*link)->single != single)
		link = &(*link)->vacant;
	a = *link;
	if (a) {
		*link = a->vacant;
		return a;
	}
	if (nr_arenas == NR_ARENAS_MAX)
		return NULL;
	a = meta_alloc(sizeof(*a), sizeof(void *));
	if (!a)
		return NULL;
	a->single = single;
	a->number = nr_arenas;
	/* (E) pairs with (F); it has no segments yet */
	store_release(&arenas[a->number], a);
	store_release(&nr_arenas, nr_arenas + 1); /* (E) pairs with (F) */
	return a;
}

static void put_record(struct arena *a) __must_hold(&lock)
{
	a->vacant = vacant;
	vacant = a;
}

/* Reserve @size bytes, whose segments start as claimed. */
static struct arena *arena_new(size_t size, size_t align, bool single)
	__must_hold(&lock)
{
	u8 *base = os_reserve(size, align);
	struct arena *a;

	if (!base)
		return NULL;
	a = arena_record(single);
	if (!a)
		goto out_unmap;
	if (!arena_map_records(a, size >> SEGMENT_SHIFT))
		goto out_record;
	if (pagetag_cover(base, size))
		goto out_records;
	a->base = base;
	/* (E) pairs with (F): from now on there is something to walk */
	store_release(&a->nr_segments, (u32)(size >> SEGMENT_SHIFT));
	return a;

out_records:
	arena_unmap_records(a, size >> SEGMENT_SHIFT);
out_record:
	put_record(a);
out_unmap:
	os_unmap(base, size);
	return NULL;
}

/*
 * An ordinary arena. When the kernel has no room for the usual size the
 * process is limited: take a small part of what there is, not all of it.
 */
static bool arena_add(u32 seen)
{
	struct arena *a = NULL;
	size_t size;

	lock_acquire(&lock);
	if (nr_arenas != seen) { /* somebody else was here first */
		lock_release(&lock);
		return true;
	}
	for (size = next_size; size >= SEGMENT_SIZE && !a; size /= 4) {
		a = arena_new(size, SEGMENT_SIZE, false);
		if (!a)
			store_relaxed(&next_size,
				      max(size / 16, SEGMENT_SIZE * 4));
	}
	if (a)
		arena_release_run(a, 0, a->nr_segments);
	lock_release(&lock);
	return a;
}

/* The block of a single arena is gone, and the addresses with it. */
static void arena_remove(struct arena *a)
{
	store_relaxed(&a->state->large_bytes, 0UL);
	os_unmap(a->base, (size_t)a->nr_segments << SEGMENT_SHIFT);
	lock_acquire(&lock);
	put_record(a);
	lock_release(&lock);
}

static int claim_single(size_t size, size_t align, struct arena_claim *out)
{
	struct arena *a;

	lock_acquire(&lock);
	a = arena_new(size, align, true);
	lock_release(&lock);
	if (!a)
		return -ENOMEM;
	if (!commit(a->base, size)) {
		arena_remove(a);
		return -ENOMEM;
	}
	out->arena = a;
	out->addr = a->base;
	out->zeroed = true;
	return 0;
}

static int claim_in_any(u32 nr, size_t size, size_t align,
			struct arena_claim *out)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct arena *a = arena_by_number(i);
		int err;

		/* (F) pairs with (E) in arena_new() */
		if (a->single ||
		    size >> SEGMENT_SHIFT > load_acquire(&a->nr_segments))
			continue;
		err = claim_in(a, (u32)(size >> SEGMENT_SHIFT),
			       (u32)(align >> SEGMENT_SHIFT), out);
		if (err != -EAGAIN)
			return err;
	}
	return -EAGAIN;
}

/**
 * arena_claim() - take segments, committed and ready to use
 * @bytes: how much, rounded up to segments
 * @align: alignment, a power of two
 * @out: receives arena, address and whether the pages are known to be zero
 *
 * Context: any thread; takes no lock while an arena has room.
 * Return: 0, or -ENOMEM.
 */
int arena_claim(size_t bytes, size_t align, struct arena_claim *out)
{
	size_t size = ALIGN_UP(bytes, SEGMENT_SIZE);
	u32 seen;
	int err;

	align = max(align, SEGMENT_SIZE);
	do {
		seen = arena_count();
		err = claim_in_any(seen, size, align, out);
		if (err != -EAGAIN)
			return err;
		/* Big for an arena: one of its own, returned with it. */
		if (size > load_relaxed(&next_size) / 2 ||
		    align > load_relaxed(&next_size) / 2)
			break;
	} while (arena_add(seen));
	return claim_single(size, align, out);
}

/**
 * arena_extend() - grow a claim in place
 * @a: its arena
 * @addr: its first byte
 * @old_bytes: its size now
 * @new_bytes: the size wanted
 *
 * Return: whether the segments behind it were free and could be committed.
 */
bool arena_extend(struct arena *a, void *addr, size_t old_bytes,
		  size_t new_bytes)
{
	u32 first = (u32)(((uptr)addr - (uptr)a->base) >> SEGMENT_SHIFT);
	size_t have = DIV_ROUND_UP(old_bytes, SEGMENT_SIZE);
	size_t want = DIV_ROUND_UP(new_bytes, SEGMENT_SIZE);
	u32 at = first + (u32)have;
	u32 n = (u32)(want - have);
	bool zeroed;

	if (want <= have)
		return true;
	if (a->single)
		return want <= a->nr_segments;
	if (want > a->nr_segments - first)
		return false;
	if (!arena_claim_run(a, at, n))
		return false;
	if (run_commit(a, at, n, &zeroed))
		return true;
	arena_release_run(a, at, n);
	return false;
}

/**
 * arena_give_back() - return segments
 * @a: their arena
 * @addr: the first one
 * @bytes: how much, rounded up to segments
 *
 * Their pages stay until arena_purge() finds them old enough; the tags must
 * have been cleared.
 */
void arena_give_back(struct arena *a, void *addr, size_t bytes)
{
	u32 first = (u32)(((uptr)addr - (uptr)a->base) >> SEGMENT_SHIFT);
	u32 n = (u32)DIV_ROUND_UP(bytes, SEGMENT_SIZE);
	u32 now = (u32)os_now_ms();
	u32 i;

	if (a->single) {
		limit_uncharge((size_t)a->nr_segments << SEGMENT_SHIFT);
		arena_remove(a);
		return;
	}
	for (i = first; i < first + n; i++) {
		store_relaxed(&a->state[i].freed_ms, now);
		store_relaxed(&a->state[i].large_bytes, (size_t)0);
	}
	arena_release_run(a, first, n);
}

/**
 * arena_lock() - for fork: no arena is half made while the process is copied
 */
void arena_lock(void)
{
	lock_hold(&lock);
}

/**
 * arena_unlock() - the parent, after fork
 */
void arena_unlock(void)
{
	lock_unhold(&lock);
}

/**
 * arena_reset_lock() - the child, after fork
 */
void arena_reset_lock(void)
{
	lock_reset(&lock);
}
