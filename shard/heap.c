// SPDX-License-Identifier: MIT
/*
 * The heap: which of the three kinds of block a request is, and the ends of
 * the hot paths that are neither.
 *
 *	up to 32 KiB	an object of a bin		cache.c
 *	up to 1 MiB	a run of granules, under the owner's lock
 *	beyond		whole segments			mm/large.c
 */
#include <errno.h>

#include <hz3/address.h>
#include <hz3/align.h>
#include <hz3/bug.h>
#include <hz3/mm/large.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/os.h>
#include <hz3/shard/cache.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>

#include "internal.h"

/* No kernel gives more to those who do not ask for an address. */
#define ADDRESS_BITS 48

/* A block of the program's to work on: its address and what the tag says. */
static u32 block_tag(const void *ptr)
{
	return pagetag_lookup(ptr);
}

/* Of a run; in a heap also of an object. */
static size_t run_size(const void *ptr, u32 tag)
{
	return span_of(ptr, tag)->size;
}

static void *run_from(u32 shard, size_t size, size_t align, enum growth grow,
		      bool *zeroed)
{
	struct shard *sh = shard_get((u8)shard);
	void *p;

	lock_acquire(&sh->lock);
	p = shard_run_alloc(sh, size, align, grow, zeroed);
	lock_release(&sh->lock);
	return p;
}

/*
 * Before the own shard grows: a place between what others have in use. A
 * segment has four times the room or is too likely to have it in pieces.
 */
static void *run_from_others(u32 own, size_t size, size_t align, bool *zeroed)
{
	u32 want = (u32)(4 * size / GRANULE_SIZE);
	void *p = NULL;
	u32 i;

	for (i = 1; i <= NR_SHARDS && !p; i++) {
		u32 *hint = &hz3_shard[i].free_hint;

		if (i == own || load_relaxed(hint) < want)
			continue;
		p = run_from(i, size, align, GROW_SPAN, zeroed);
		if (!p)
			store_relaxed(hint, 0U); /* until it is counted again */
	}
	return p;
}

static void *run_rescue(struct thread *t, size_t size, size_t align,
			bool *zeroed)
{
	struct request rq = {
		.t = t, .bin = BIN_RUN, .size = size, .align = align
	};
	void *p = heap_rescue(&rq);

	*zeroed = rq.zeroed;
	return p;
}

/* A medium run from the thread's shard, or from whichever has room. */
static void *run_alloc(struct thread *t, size_t size, size_t align,
		       bool *zeroed)
{
	u32 own = t->shard ? t->shard : 1;
	void *p;

	p = run_from(own, size, align, GROW_SPAN, zeroed);
	if (!p)
		p = run_from_others(own, size, align, zeroed);
	if (!p) {
		shard_purge_for_growth(shard_get((u8)own));
		p = run_from(own, size, align, GROW_SEGMENT, zeroed);
	}
	if (!p)
		p = run_rescue(t, size, align, zeroed);
	return p;
}

/* Could there be a block of so much, if everything else were free? */
static bool is_possible(size_t size)
{
	return size >> ADDRESS_BITS == 0 && limit_allows(size);
}

/**
 * heap_refused() - the last moment before NULL
 * @t: the state that is at work
 * @size: bytes that were asked for
 *
 * Context: no locks held; the program may allocate and free meanwhile.
 * Return: whether to try again.
 */
bool heap_refused(struct thread *t, size_t size)
{
	limit_refused();
	if (!heap_ops.out_of_memory || !is_possible(size) ||
	    !heap_ops.out_of_memory(size))
		return false;
	/* What was freed meanwhile may be in caches. */
	thread_purge(t);
	return true;
}

/**
 * heap_large_alloc() - a large block, for which others may have to give back
 * @t: the state that is at work
 * @size: bytes, at most HEAP_SIZE_MAX - @align
 * @align: a power of two
 * @zeroed: set to whether every byte is known to be 0
 *
 * Return: the block, or NULL.
 */
void *heap_large_alloc(struct thread *t, size_t size, size_t align,
		       bool *zeroed)
{
	void *p;

	/* Beyond any address, and beyond what counts segments. */
	if (align >> ADDRESS_BITS)
		return NULL;
	do {
		p = large_alloc(size, align, zeroed);
		/* Giving back helps against a limit, not the impossible. */
		if (!p && is_possible(size) && thread_purge(t))
			p = large_alloc(size, align, zeroed);
	} while (!p && heap_refused(t, size));
	return p;
}

/* Anything above the bins. */
static void *big_alloc(struct thread *caller, size_t size, size_t align,
		       bool *zeroed)
{
	struct thread *t;

	if (size > HEAP_SIZE_MAX - align)
		return NULL;
	t = cache_thread(caller);
	t = t ? t : caller;
	thread_poll(t);
	if (is_run(size, align))
		return run_alloc(t, size, align, zeroed);
	return heap_large_alloc(t, size, align, zeroed);
}

/**
 * heap_malloc_slow() - allocate when the hot path cannot
 * @size: bytes; 0 counts as 1
 *
 * Return: the block, or NULL.
 */
void *heap_malloc_slow(size_t size)
{
	bool zeroed;

	if (size <= BIN_SIZE_MAX)
		return cache_malloc(thread_current(), size_to_bin(size));
	return big_alloc(thread_current(), size, OBJECT_ALIGN, &zeroed);
}

/**
 * heap_zalloc_big() - allocate zeroed memory above the bins
 * @size: bytes
 *
 * Return: the block, or NULL.
 */
void *heap_zalloc_big(size_t size)
{
	bool zeroed = false;
	void *p = big_alloc(thread_current(), size, OBJECT_ALIGN, &zeroed);

	if (p && !zeroed)
		__builtin_memset(p, 0, size);
	return p;
}

/**
 * thread_alloc() - allocate any block, through a given state
 * @t: thread_current(), or a state that belongs to no thread
 * @align: a power of two, any size
 * @size: bytes; 0 counts as 1
 * @zeroed: set to whether every byte is known to be 0
 *
 * Return: the block, or NULL when memory is exhausted or @size + @align
 * exceeds HEAP_SIZE_MAX.
 */
void *thread_alloc(struct thread *t, size_t align, size_t size, bool *zeroed)
{
	u32 bin = aligned_bin(size, align);

	*zeroed = false;
	if (bin < NR_BINS)
		return cache_malloc(t, bin);
	if (align > HEAP_SIZE_MAX)
		return NULL;
	return big_alloc(t, max(size, 1UL), align, zeroed);
}

/**
 * heap_memalign() - allocate with an alignment
 * @align: a power of two, any size
 * @size: bytes; 0 counts as 1
 *
 * Return: as thread_alloc().
 */
void *heap_memalign(size_t align, size_t size)
{
	bool zeroed;

	return thread_alloc(thread_current(), align, size, &zeroed);
}

static void free_run(void *ptr, u32 tag)
{
	struct shard *sh = shard_get(TAG_DST(tag));

	lock_acquire(&sh->lock);
	/* Under the lock: another free of it may just have happened. */
	if (block_tag(ptr) != tag)
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	shard_run_free(sh, ptr, tag);
	lock_release(&sh->lock);
	cache_poll();
}

static void free_large(void *ptr, u32 tag)
{
	int err = 0;

	if (large_owner(ptr, tag))
		PHEAP(pheap_free_large)(ptr, tag);
	else
		err = large_free(ptr, tag);
	if (err)
		shard_bad_pointer(err == -ENOENT ? SPAN_DOUBLE : SPAN_INTERIOR,
				  ptr);
	cache_poll();
}

/*
 * May somebody else be asked about a pointer without a tag? One into our own
 * memory was freed before, or never was a block's: others must not see it.
 */
static bool is_foreign(const void *ptr)
{
	return IS_ENABLED(CONFIG_HZ3_FOREIGN_LIBC) && heap_ops.foreign_free &&
	       !arena_contains(ptr);
}

/**
 * heap_free_slow() - free what does not go through magazines
 * @ptr: NULL, a medium or large block, an object outside the first window, or
 * nothing of ours
 */
void heap_free_slow(void *ptr)
{
	u32 tag = block_tag(ptr);

	if (!ptr)
		return;
	if (!tag) {
		if (is_foreign(ptr) && heap_ops.foreign_free(ptr))
			return;
		hz3_fatal("pointer was never allocated", ptr);
	}
	if (tag_is_heap(tag)) {
		PHEAP(pheap_free)(ptr, tag);
	} else if (TAG_BIN(tag) == BIN_RUN) {
		free_run(ptr, tag);
	} else if (TAG_BIN(tag) == BIN_LARGE) {
		free_large(ptr, tag);
	} else if (TAG_DST(tag) == thread_current()->shard) {
		cache_free_full(ptr);
	} else {
		cache_free_remote(ptr, tag, thread_current());
	}
}

/* Usable bytes of a block that starts at @ptr; fatal when it does not. */
static size_t size_of_block(const void *ptr, u32 tag)
{
	u32 bin = TAG_BIN(tag);
	size_t size = 0;

	if (bin < NR_BINS)
		return bin_size(bin);
	if (tag_is_heap(tag) && span_of(ptr, tag)->bin != BIN_RUN)
		return run_size(ptr, tag);
	if (bin == BIN_RUN && !TAG_OFFSET(tag) &&
	    IS_ALIGNED((uptr)ptr, GRANULE_SIZE))
		size = run_size(ptr, tag);
	else if (bin == BIN_LARGE && IS_ALIGNED((uptr)ptr, SEGMENT_SIZE))
		size = large_size(ptr, tag);
	if (!size)
		hz3_fatal("pointer into the middle of a block", ptr);
	return size;
}

/**
 * heap_usable_size() - how much of a block may be used
 * @ptr: a block, not NULL
 *
 * Return: bytes; 0 when it is not ours and the policy tolerates that.
 */
size_t heap_usable_size(const void *ptr)
{
	u32 tag;

	ptr = plain_address(ptr);
	tag = block_tag(ptr);
	if (tag)
		return size_of_block(ptr, tag);
	if (is_foreign(ptr))
		return heap_ops.foreign_usable_size(ptr);
	hz3_fatal("pointer was never allocated", ptr);
}

/* A run stays a run and a large block large: can it be done in place? */
static void *resize_in_place(void *ptr, u32 tag, size_t size)
{
	struct shard *sh;
	bool ok;

	if (TAG_BIN(tag) == BIN_LARGE) {
		if (size <= RUN_SIZE_MAX)
			return NULL;
		if (large_owner(ptr, tag))
			return PHEAP(pheap_resize_large)(ptr, tag, size, true);
		return large_resize(ptr, tag, size);
	}
	if (TAG_BIN(tag) != BIN_RUN || size <= BIN_SIZE_MAX ||
	    size > RUN_SIZE_MAX)
		return NULL;
	if (tag_is_heap(tag))
		return PHEAP(pheap_resize_run)(ptr, tag, size) ? ptr : NULL;
	sh = shard_get(TAG_DST(tag));
	lock_acquire(&sh->lock);
	/* Under the lock: it may just have been freed. */
	if (unlikely(block_tag(ptr) != tag))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	ok = shard_run_resize(sh, ptr, tag, size);
	lock_release(&sh->lock);
	return ok ? ptr : NULL;
}

/**
 * heap_expand() - make a block bigger where it is
 * @ptr: a block, not NULL
 * @size: bytes wanted
 *
 * Return: whether @size bytes of it may be used now.
 */
bool heap_expand(void *ptr, size_t size)
{
	u32 tag;

	ptr = plain_address(ptr);
	tag = block_tag(ptr);
	if (size <= heap_usable_size(ptr))
		return true;
	if (!tag || size > HEAP_SIZE_MAX - SEGMENT_SIZE)
		return false;
	if (TAG_BIN(tag) == BIN_LARGE && large_owner(ptr, tag))
		return PHEAP(pheap_resize_large)(ptr, tag, size, false);
	if (TAG_BIN(tag) == BIN_LARGE)
		return large_extend(ptr, tag, size);
	return resize_in_place(ptr, tag, size);
}

/* Keep a block whose bin would change by little. */
static bool fits(size_t old, size_t size)
{
	return size <= old && size >= old / 2 && old <= BIN_SIZE_MAX;
}

static __cold void *realloc_foreign(void *ptr, size_t size)
{
	if (is_foreign(ptr))
		return heap_ops.foreign_realloc(ptr, size);
	hz3_fatal("pointer was never allocated", ptr);
}

/* Resize a block where it is; NULL: it has to move, if it has a tag. */
static __always_inline void *resize(void *ptr, u32 tag, size_t size)
{
	if (unlikely(!tag))
		return realloc_foreign(ptr, size);
	if (fits(size_of_block(ptr, tag), size))
		return ptr;
	if (size > HEAP_SIZE_MAX - SEGMENT_SIZE)
		return NULL;
	return resize_in_place(ptr, tag, size);
}

/* Move a block, in its heap if it is of one; NULL: it is as it was. */
static void *move(struct thread *t, void *ptr, u32 tag, size_t size)
{
	struct hz3_heap *heap = pheap_of(ptr);
	struct thread *attached;
	bool zeroed;
	void *to;

	if (size > HEAP_SIZE_MAX - SEGMENT_SIZE)
		return NULL;
	attached = cache_thread(t);
	t = attached ? attached : thread_current();
	to = heap ? PHEAP(pheap_alloc)(heap, size, OBJECT_ALIGN, &zeroed) :
		    thread_alloc(t, OBJECT_ALIGN, size, &zeroed);
	if (!to)
		return NULL;
	__builtin_memcpy(to, ptr, min(size_of_block(ptr, tag), size));
	thread_free(t, ptr);
	return to;
}

/**
 * thread_realloc() - change the size of a block, through a given state
 * @t: thread_current(), or a state that belongs to no thread
 * @ptr: the block, not NULL
 * @size: bytes, not 0
 *
 * A block of a heap's stays in its heap.
 *
 * Return: the block, perhaps elsewhere; NULL with @ptr unchanged.
 */
void *thread_realloc(struct thread *t, void *ptr, size_t size)
{
	u32 tag;
	void *to;

	ptr = plain_address(ptr);
	tag = block_tag(ptr);
	to = resize(ptr, tag, size);
	return to || !tag ? to : move(t, ptr, tag, size);
}

/**
 * heap_realloc() - change the size of a block
 * @ptr: the block, not NULL
 * @size: bytes, not 0
 *
 * Return: as thread_realloc().
 */
void *heap_realloc(void *ptr, size_t size)
{
	u32 tag;
	void *to;

	ptr = plain_address(ptr);
	tag = block_tag(ptr);
	to = resize(ptr, tag, size);
	return to || !tag ? to : move(thread_current(), ptr, tag, size);
}
