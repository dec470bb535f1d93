// SPDX-License-Identifier: MIT
/*
 * Large blocks: whole segments, straight from an arena.
 *
 * A freed block's segments stay dirty in the arena until the decay; a new
 * block of any size reuses them, split or joined as it needs, so there is no
 * separate cache to size. Only the first granule is tagged and only the pages
 * the program touches become resident: a sparse block of any size is free.
 *
 * With option guard_large the page behind a block is inaccessible, so that
 * running over its end stops the program there. The page belongs to the block
 * until that is freed; where it cannot be protected the block has none.
 *
 * The size stands in the first segment's record and belongs, like the block,
 * to whoever holds the pointer; freeing it twice finds the tag gone, also when
 * both happen at the same time.
 */
#include <errno.h>

#include <hz3/atomic.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/large.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

static struct segment_state *large_state(const void *ptr, u32 tag)
{
	return arena_segment_state(arena_by_number(TAG_OFFSET(tag)), ptr);
}

bool large_guard;

static size_t page_round(size_t size)
{
	return ALIGN_UP(size, os_page_size);
}

/* The block and its guard page. */
static size_t whole_size(const struct segment_state *st)
{
	return st->large_bytes +
	       (st->flags & SEGMENT_GUARDED ? os_page_size : 0);
}

/* False: the page stays as it is, and cannot be used again. */
static bool lift_guard(struct segment_state *st, u8 *ptr)
{
	if (!(st->flags & SEGMENT_GUARDED))
		return true;
	if (os_commit(ptr + st->large_bytes, os_page_size))
		return false;
	store_relaxed(&st->flags, (u8)(st->flags & ~SEGMENT_GUARDED));
	return true;
}

/**
 * large_owner() - the record of the heap that a large block is of
 * @ptr: the block
 * @tag: its page tag
 *
 * Return: what large_set_owner() said; NULL: a block of no heap.
 */
void *large_owner(const void *ptr, u32 tag)
{
	return large_state(ptr, tag)->owner;
}

/**
 * large_set_owner() - a large block is a heap's
 * @ptr: the block, which nobody else knows yet
 * @owner: the heap's record of it
 */
void large_set_owner(const void *ptr, void *owner)
{
	large_state(ptr, pagetag_lookup(ptr))->owner = owner;
}

/* Give the tail beyond @size back; the first segment always stays. */
static void large_shrink(struct arena *a, u8 *ptr, size_t old, size_t size)
{
	size_t keep = ALIGN_UP(size, SEGMENT_SIZE);
	size_t have = ALIGN_UP(old, SEGMENT_SIZE);

	/* What is cut off is not likely to be wanted again: no decay. */
	if (min(old, keep) > size)
		os_purge(ptr + size, min(old, keep) - size);
	if (have > keep && a->single)
		os_purge(ptr + keep, have - keep);
	else if (have > keep)
		arena_give_back(a, ptr + keep, have - keep);
}

/*
 * There is a page to spare behind the block: protect it. If that cannot be
 * done the block has none, nor the segment that may be there for it alone.
 */
static void set_guard(struct arena *a, struct segment_state *st, u8 *ptr)
{
	size_t size = st->large_bytes;

	if (arena_may_split() && !os_guard(ptr + size, os_page_size))
		store_relaxed(&st->flags, (u8)(st->flags | SEGMENT_GUARDED));
	else
		large_shrink(a, ptr, size + os_page_size, size);
}

/**
 * large_alloc() - allocate a large block
 * @size: bytes, at most PTRDIFF_MAX
 * @align: a power of two
 * @zeroed: set to whether every byte is known to be 0
 *
 * Context: any thread, no locks held.
 * Return: the block, or NULL.
 */
void *large_alloc(size_t size, size_t align, bool *zeroed)
{
	size_t guard = load_relaxed(&large_guard) ? os_page_size : 0;
	struct segment_state *st;
	struct arena_claim c;

	size = page_round(size);
	if (arena_is_reserved(ALIGN_UP(size + guard, SEGMENT_SIZE)) ||
	    arena_claim(size + guard, align, &c))
		return NULL;
	st = arena_segment_state(c.arena, c.addr);
	store_relaxed(&st->large_bytes, size);
	st->owner = NULL;
	if (guard)
		set_guard(c.arena, st, c.addr);
	pagetag_set_large(c.addr, c.arena->number);
	*zeroed = c.zeroed;
	return c.addr;
}

static void give_back(struct arena *a, struct segment_state *st, void *ptr)
{
	size_t size = whole_size(st);

	if (lift_guard(st, ptr)) {
		arena_give_back(a, ptr, size);
	} else {
		/* Addresses are lost: nobody may get one with a guard in it. */
		os_purge(ptr, st->large_bytes);
		arena_abandon(a, ptr, size);
	}
}

/**
 * large_free() - free a large block
 * @ptr: what large_alloc() or large_resize() returned
 * @tag: its page tag
 *
 * Return: 0; -EINVAL when @ptr is not the start of a large block; -ENOENT
 * when another free of it was faster.
 */
int large_free(void *ptr, u32 tag)
{
	if (!IS_ALIGNED((uptr)ptr, SEGMENT_SIZE))
		return -EINVAL;
	/* Before anything of its record, which is then ours alone. */
	if (!pagetag_take(ptr, tag))
		return -ENOENT;
	give_back(arena_by_number(TAG_OFFSET(tag)), large_state(ptr, tag), ptr);
	return 0;
}

/**
 * large_size() - how big a large block is
 * @ptr: the block
 * @tag: its page tag
 *
 * Return: usable bytes.
 */
size_t large_size(const void *ptr, u32 tag)
{
	return load_relaxed(&large_state(ptr, tag)->large_bytes);
}

static bool extend(struct arena *a, void *ptr, size_t old, size_t size)
{
	size_t more =
		ALIGN_UP(size, SEGMENT_SIZE) - ALIGN_UP(old, SEGMENT_SIZE);

	return !arena_is_reserved(more) && arena_extend(a, ptr, old, size);
}

static bool resize_here(struct arena *a, struct segment_state *st, u8 *ptr,
			size_t size)
{
	bool guarded = st->flags & SEGMENT_GUARDED;
	size_t guard = guarded ? os_page_size : 0;
	size_t old = st->large_bytes;
	bool ok;

	/* Longer than need be, if it can only stay as it is. */
	if (!lift_guard(st, ptr))
		return size <= old;
	if (size <= old)
		large_shrink(a, ptr, old + guard, size + guard);
	ok = size <= old || extend(a, ptr, old + guard, size + guard);
	if (ok)
		store_relaxed(&st->large_bytes, size);
	if (guarded)
		set_guard(a, st, ptr);
	return ok;
}

static bool is_crowded; /* a move ended half way; relaxed, only set */

/*
 * Nobody knows what is mapped at @to now. That is lost once: the process is at
 * its limit on mappings, so nothing is moved any more.
 */
static void abandon_place(void *to)
{
	u32 tag = pagetag_lookup(to);
	struct segment_state *st = large_state(to, tag);

	store_relaxed(&is_crowded, true);
	pagetag_clear(to, 1);
	arena_abandon(arena_by_number(TAG_OFFSET(tag)), to, whole_size(st));
}

/* Move to a bigger place by exchanging page tables, or copy. */
static void *large_move(void *ptr, size_t old, size_t size)
{
	bool zeroed;
	u8 *to = large_alloc(size, SEGMENT_SIZE, &zeroed);
	struct segment_state *st;
	int err = -ENOMEM;

	if (!to)
		return NULL;
	if (!load_relaxed(&is_crowded) && arena_may_split())
		err = os_move(ptr, old, to);
	if (err == -EFAULT) {
		abandon_place(to);
		to = large_alloc(size, SEGMENT_SIZE, &zeroed);
		if (!to)
			return NULL;
	}
	if (err) {
		__builtin_memcpy(to, ptr, old);
		return to;
	}
	st = large_state(to, pagetag_lookup(to));
	store_relaxed(&st->flags, (u8)(st->flags | SEGMENT_MOVED));
	return to;
}

/**
 * large_extend() - grow a large block where it is
 * @ptr: the block
 * @tag: its page tag
 * @size: bytes wanted, at most PTRDIFF_MAX
 *
 * Return: whether the segments behind it were free, or not needed.
 */
bool large_extend(void *ptr, u32 tag, size_t size)
{
	struct arena *a = arena_by_number(TAG_OFFSET(tag));
	struct segment_state *st = large_state(ptr, tag);

	return resize_here(a, st, ptr, page_round(size));
}

/**
 * large_resize() - realloc() within the large sizes
 * @ptr: the block
 * @tag: its page tag
 * @size: bytes wanted, at most PTRDIFF_MAX
 *
 * In place when it shrinks or the segments behind it are free; otherwise the
 * pages move, not their contents.
 *
 * Return: the block, perhaps elsewhere; NULL with @ptr unchanged.
 */
void *large_resize(void *ptr, u32 tag, size_t size)
{
	struct arena *a = arena_by_number(TAG_OFFSET(tag));
	struct segment_state *st = large_state(ptr, tag);
	size_t old = st->large_bytes;
	void *to;

	size = page_round(size);
	if (resize_here(a, st, ptr, size))
		return ptr;
	to = large_move(ptr, old, size);
	if (!to)
		return NULL;
	pagetag_clear(ptr, 1);
	give_back(a, st, ptr);
	return to;
}
