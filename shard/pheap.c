// SPDX-License-Identifier: MIT
/*
 * Heaps of the program's own: a lock, segments and spans as a shard has them,
 * no magazines. An allocation takes the heap's lock and an object of a span;
 * a free finds in the page tag that nobody owns the object, leaves the hot
 * path for that, and finds the heap in the segment.
 *
 *	segment #1                          segment #2
 *	+--------+------+-----------+       +--------+-----------+
 *	| header | heap | spans ... |       | header | spans ... |
 *	+--------+------+-----------+       +--------+-----------+
 *
 * So a small heap is one segment of which a few pages are touched, and to
 * destroy one clears its tags and gives its segments to the arena, where the
 * next heap finds them.
 *
 * Locks: the heap list, then a heap's own (that of its struct shard).
 */
#include <hz3/address.h>
#include <hz3/align.h>
#include <hz3/bug.h>
#include <hz3/mm/large.h>
#include <hz3/mm/os.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/sizeclass.h>

#include "internal.h"

#define PHEAP_GRANULES \
	((u32)DIV_ROUND_UP(sizeof(struct hz3_heap), GRANULE_SIZE))

struct list_head pheaps = { &pheaps, &pheaps };
struct lock pheaps_lock;

static const struct pheap_ops ops = {
	.pheap_alloc = pheap_alloc,
	.pheap_free = pheap_free,
	.pheap_free_large = pheap_free_large,
	.pheap_resize_run = pheap_resize_run,
	.pheap_resize_large = pheap_resize_large,
	.pheaps_purge = pheaps_purge,
};
const struct pheap_ops *pheap_ops;

/**
 * pheap_poll() - do the housekeeping if it is due
 * @heap: the heap, in which something was just done; not locked
 */
void pheap_poll(struct hz3_heap *heap)
{
	u32 n = load_relaxed(&heap->nr_ops);

	store_relaxed(&heap->nr_ops, n + 1);
	if (n % OPS_PER_POLL == 0)
		cache_poll();
}

/**
 * pheap_charge() - count bytes of a block against the limit
 * @heap: the heap
 * @bytes: how many more there would be
 *
 * Return: false when there may not be as many.
 */
bool pheap_charge(struct hz3_heap *heap, size_t bytes)
{
	if (heap->used > heap->limit || bytes > heap->limit - heap->used) {
		heap->nr_refused++;
		return false;
	}
	heap->used += bytes;
	heap->peak = max(heap->peak, heap->used);
	return true;
}

/* The heap's place in its first segment: nothing that a walk would report. */
static struct hz3_heap *move_in(struct segment *s)
{
	bool zeroed;
	int g = segment_take(s, PHEAP_GRANULES, 1, &zeroed);

	BUG_ON(g < 0);
	return granule_addr(s, (unsigned int)g);
}

/* A heap as good as new, in its first segment, which is empty but for it. */
static void set_up(struct hz3_heap *heap)
{
	struct shard *sh = &heap->shard;

	shard_init(sh);
	list_init(&heap->large);
	segment_of(heap)->owner = sh;
	sh->used_granules = PHEAP_GRANULES;
	lock_acquire(&sh->lock);
	shard_add_segment(sh, segment_of(heap));
	lock_release(&sh->lock);
}

/**
 * pheap_create() - make a heap
 *
 * Return: the heap, or NULL.
 */
struct hz3_heap *pheap_create(void)
{
	struct hz3_heap *heap;
	struct segment *s;

	if (IS_ENABLED(CONFIG_CC_OPTIMIZE_FOR_SIZE))
		store_relaxed(&pheap_ops, &ops);
	cache_thread(
		thread_current()); /* who comes first finds the machine out */
	s = segment_create(0, NULL);
	if (!s && heap_purge())
		s = segment_create(0, NULL);
	if (!s)
		return NULL;
	heap = move_in(s);
	__builtin_memset(heap, 0, sizeof(*heap));
	heap->limit = SIZE_MAX;
	heap->shard.ready = 1;
	set_up(heap);
	lock_acquire(&pheaps_lock);
	list_add(&heap->link, &pheaps);
	lock_release(&pheaps_lock);
	cache_poll();
	return heap;
}

static void drop_segments(struct hz3_heap *heap, struct list_head *head)
{
	struct list_head *pos;
	struct list_head *next;

	list_for_each_safe(pos, next, head) {
		struct segment *s = list_entry(pos, struct segment, link);

		segment_reset(s);
		if (s != segment_of(heap))
			segment_destroy(s);
	}
}

/* Give everything back but the first segment, which is then empty. */
static void drop_all(struct hz3_heap *heap)
{
	struct shard *sh = &heap->shard;
	u32 i;

	pheap_drop_large(heap);
	for (i = 0; i < NR_SEGMENT_CLASSES; i++)
		drop_segments(heap, &sh->segments[i]);
	drop_segments(heap, &sh->full);
}

/* Nobody may find the heap any more, or purge it. */
static void unlist(struct hz3_heap *heap)
{
	lock_acquire(&pheaps_lock);
	lock_acquire(&heap->shard.lock);
	pheap_check(heap);
	list_del(&heap->link);
	lock_release(&heap->shard.lock);
	lock_release(&pheaps_lock);
}

/**
 * pheap_destroy() - free a heap and every block in it
 * @heap: the heap, in which nobody else is at work
 */
void pheap_destroy(struct hz3_heap *heap)
{
	unlist(heap);
	drop_all(heap);
	heap->shard.ready = 0;
	segment_destroy(segment_of(heap));
	cache_poll();
}

/**
 * pheap_reset() - free every block in a heap
 * @heap: the heap, in which nobody else is at work; keeps limit and peak
 */
void pheap_reset(struct hz3_heap *heap)
{
	struct shard *sh = &heap->shard;

	unlist(heap);
	drop_all(heap);
	/* First fit: the same granules again. */
	BUG_ON(move_in(segment_of(heap)) != heap);
	heap->used = 0;
	heap->nr_blocks = 0;
	sh->nr_gone += sh->nr_segments;
	sh->nr_segments = 0;
	sh->nr_runs = 0;
	sh->run_bytes = 0;
	sh->span_bytes = 0;
	__builtin_memset(sh->depot, 0, sizeof(sh->depot));
	set_up(heap);
	lock_acquire(&pheaps_lock);
	list_add(&heap->link, &pheaps);
	lock_release(&pheaps_lock);
	cache_poll();
}

/**
 * pheap_set_limit() - how much a heap may have in use
 * @heap: the heap
 * @limit: usable bytes of all blocks; SIZE_MAX: no limit
 */
void pheap_set_limit(struct hz3_heap *heap, size_t limit)
{
	lock_acquire(&heap->shard.lock);
	pheap_check(heap);
	heap->limit = limit;
	lock_release(&heap->shard.lock);
}

/* An object or run, or NULL; @rq->refused when there may be none. */
static void *take(struct hz3_heap *heap, struct request *rq)
{
	void *p = NULL;

	lock_acquire(&heap->shard.lock);
	pheap_check(heap);
	rq->refused = !pheap_charge(heap, rq->size);
	if (!rq->refused) {
		p = shard_take_one(&heap->shard, rq);
		if (p)
			heap->nr_blocks++;
		else
			heap->used -= rq->size;
	}
	lock_release(&heap->shard.lock);
	pheap_poll(heap);
	return p;
}

/**
 * pheap_alloc() - allocate a block of a heap
 * @heap: the heap
 * @size: bytes; 0 counts as 1
 * @align: a power of two
 * @zeroed: set to whether it is known to be zero
 *
 * Return: the block, or NULL.
 */
void *pheap_alloc(struct hz3_heap *heap, size_t size, size_t align,
		  bool *zeroed)
{
	struct request rq = { .bin = aligned_bin(size, align), .align = align };
	void *p;

	if (align > HEAP_SIZE_MAX || size > HEAP_SIZE_MAX - align)
		return NULL;
	if (rq.bin < NR_BINS)
		rq.size = bin_size(rq.bin);
	else if (is_run(size, align))
		rq.size = ALIGN_UP(max(size, 1UL), GRANULE_SIZE);
	else
		return pheap_alloc_large(heap, max(size, 1UL), align, zeroed);
	do {
		p = take(heap, &rq);
		if (!p && !rq.refused && heap_purge())
			p = take(heap, &rq);
	} while (!p && !rq.refused && heap_refused(thread_current(), rq.size));
	*zeroed = rq.zeroed;
	return p;
}

/**
 * pheap_of() - the heap of a block
 * @ptr: a block, or NULL
 *
 * Return: the heap, or NULL.
 */
struct hz3_heap *pheap_of(const void *ptr)
{
	u32 tag;

	ptr = plain_address(ptr);
	tag = pagetag_lookup(ptr);
	if (tag_is_heap(tag))
		return pheap_of_segment(ptr);
	if (TAG_BIN(tag) == BIN_LARGE) {
		struct pheap_large *b = large_owner(ptr, tag);

		return b ? b->heap : NULL;
	}
	return NULL;
}

/**
 * pheap_free() - free an object or run of a heap's
 * @ptr: what it seems to be
 * @tag: its page tag
 */
void pheap_free(void *ptr, u32 tag)
{
	struct hz3_heap *heap = pheap_of_segment(ptr);
	struct span *sp = span_of(ptr, tag);

	lock_acquire(&heap->shard.lock);
	/* Under the lock: another free of it may just have happened. */
	if (unlikely(pagetag_lookup(ptr) != tag ||
		     pheap_of_segment(ptr) != heap))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	heap->used -= sp->size;
	heap->nr_blocks--;
	if (sp->bin == BIN_RUN)
		shard_run_free(&heap->shard, ptr, tag);
	else
		shard_put(&heap->shard, &ptr, 1, tag);
	lock_release(&heap->shard.lock);
	pheap_poll(heap);
}

/**
 * pheap_resize_run() - change the length of a heap's run in place
 * @ptr: a block of the heap
 * @tag: its page tag
 * @size: bytes wanted, at most RUN_SIZE_MAX
 *
 * Return: whether it is a run and could be changed.
 */
bool pheap_resize_run(void *ptr, u32 tag, size_t size)
{
	struct hz3_heap *heap = pheap_of_segment(ptr);
	struct span *sp = span_of(ptr, tag);
	size_t want = ALIGN_UP(size, GRANULE_SIZE);
	bool ok = false;
	size_t old;

	lock_acquire(&heap->shard.lock);
	if (unlikely(pagetag_lookup(ptr) != tag ||
		     pheap_of_segment(ptr) != heap))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	old = sp->size;
	if (sp->bin == BIN_RUN &&
	    (want <= old || pheap_charge(heap, want - old))) {
		ok = shard_run_resize(&heap->shard, ptr, tag, size);
		if (ok && want < old)
			heap->used -= old - want;
		if (!ok && want > old)
			heap->used -= want - old;
	}
	lock_release(&heap->shard.lock);
	return ok;
}
