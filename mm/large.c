// SPDX-License-Identifier: MIT
/*
 * Large blocks: whole segments, straight from an arena.
 *
 * A freed block's segments stay dirty in the arena until the decay; a new
 * block of any size reuses them, split or joined as it needs, so there is no
 * separate cache to size. Only the first granule is tagged and only the pages
 * the program touches become resident: a sparse block of any size is free.
 *
 * The size stands in the first segment's record and belongs, like the block,
 * to whoever holds the pointer; freeing it twice finds the tag gone.
 */
#include <errno.h>

#include <hz3/atomic.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/large.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/os.h>
#include <hz3/mm/pagetag.h>

static struct segment_state *large_state(const void *ptr, u32 tag)
{
	return arena_segment_state(arena_by_number(TAG_OFFSET(tag)), ptr);
}

static size_t page_round(size_t size)
{
	return ALIGN_UP(size, os_page_size);
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
	struct arena_claim c;

	if (limit_is_reserved() || arena_claim(page_round(size), align, &c))
		return NULL;
	store_relaxed(&arena_segment_state(c.arena, c.addr)->large_bytes,
		      page_round(size));
	pagetag_set_large(c.addr, c.arena->number);
	*zeroed = c.zeroed;
	return c.addr;
}

/**
 * large_free() - free a large block
 * @ptr: what large_alloc() or large_resize() returned
 * @tag: its page tag
 *
 * Return: 0, or -EINVAL when @ptr is not the start of a large block.
 */
int large_free(void *ptr, u32 tag)
{
	struct arena *a = arena_by_number(TAG_OFFSET(tag));
	size_t size = large_size(ptr, tag);

	if (!size || !IS_ALIGNED((uptr)ptr, SEGMENT_SIZE))
		return -EINVAL;
	pagetag_clear(ptr, 1);
	arena_give_back(a, ptr, size);
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

/* Move to a bigger place by exchanging page tables. */
static void *large_move(void *ptr, size_t old, size_t size)
{
	bool zeroed;
	u8 *to = large_alloc(size, SEGMENT_SIZE, &zeroed);
	int err;

	if (!to)
		return NULL;
	err = os_move(ptr, old, to);
	if (err == -EFAULT) {
		/* Its segments stay claimed: nothing may be mapped there. */
		pagetag_clear(to, 1);
		return NULL;
	}
	if (err)
		__builtin_memcpy(to, ptr, old);
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

	size = page_round(size);
	if (limit_is_reserved() || !arena_extend(a, ptr, st->large_bytes, size))
		return false;
	store_relaxed(&st->large_bytes, size);
	return true;
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
	if (size <= old) {
		large_shrink(a, ptr, old, size);
		store_relaxed(&st->large_bytes, size);
		return ptr;
	}
	if (large_extend(ptr, tag, size))
		return ptr;
	to = large_move(ptr, old, size);
	if (!to)
		return NULL;
	pagetag_clear(ptr, 1);
	arena_give_back(a, ptr, old);
	return to;
}
