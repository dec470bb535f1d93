// SPDX-License-Identifier: MIT
/*
 * Looking at the program's heaps: their blocks, their figures, and the
 * housekeeping and fork for all of them.
 *
 * A walk goes by address and holds the heap's lock only to find the next
 * block, so that the visitor may do what it likes, also free the block.
 */
#include <hz3/lib/bitmap.h>
#include <hz3/mm/os.h>
#include <hz3/shard/heap.h>

#include "internal.h"

/* Where a walk is. */
struct walk {
	struct hz3_heap *heap;
	struct segment *s; /* the segment of @at, while nr_gone is the same */
	u32 nr_gone;
	uptr at; /* all below has been visited */
};

static void lowest_in(struct list_head *head, uptr from, struct segment **best)
{
	struct list_head *pos;

	list_for_each(pos, head) {
		struct segment *s = list_entry(pos, struct segment, link);

		if ((uptr)s >= from && (!*best || s < *best))
			*best = s;
	}
}

/* The segment with the lowest address from @from on, or NULL. */
static struct segment *segment_from(struct hz3_heap *heap, uptr from)
{
	struct segment *s = NULL;
	u32 i;

	for (i = 0; i < NR_SEGMENT_CLASSES; i++)
		lowest_in(&heap->shard.segments[i], from, &s);
	lowest_in(&heap->shard.full, from, &s);
	return s;
}

/* The first block of a segment from @at on, or NULL. */
static void *block_from(struct segment *s, uptr at, size_t *size)
{
	uptr end = (uptr)s + SEGMENT_SIZE;

	at = max(at, (uptr)granule_addr(s, SEGMENT_HEADER_GRANULES));
	while (at < end) {
		uptr granule = ALIGN_DOWN(at, GRANULE_SIZE);
		u32 tag = pagetag_lookup((void *)granule);
		struct span *sp;
		void *block;

		if (!tag) {
			at = granule + GRANULE_SIZE;
			continue;
		}
		sp = span_of((void *)granule, tag);
		block = span_next(sp, at);
		*size = sp->size;
		if (block)
			return block;
		at = (uptr)granule_addr(s, span_end(sp));
	}
	return NULL;
}

/* The next object or run, or NULL when there is none any more. */
static void *next_block(struct walk *w, size_t *size)
	__must_hold(&w->heap->shard.lock)
{
	struct hz3_heap *heap = w->heap;
	void *block = NULL;

	if (!w->s || w->nr_gone != heap->shard.nr_gone)
		w->s = segment_from(heap, ALIGN_DOWN(w->at, SEGMENT_SIZE));
	w->nr_gone = heap->shard.nr_gone;
	while (w->s) {
		block = block_from(w->s, w->at, size);
		if (block)
			break;
		w->s = segment_from(heap, (uptr)w->s + 1);
	}
	w->at = (uptr)block + 1;
	return block;
}

/* The same for large blocks. */
static void *next_large(struct walk *w, size_t *size)
	__must_hold(&w->heap->shard.lock)
{
	struct pheap_large *best = NULL;
	struct list_head *pos;

	list_for_each(pos, &w->heap->large) {
		struct pheap_large *b =
			list_entry(pos, struct pheap_large, link);

		if ((uptr)b->block >= w->at &&
		    (!best || b->block < best->block))
			best = b;
	}
	if (!best)
		return NULL;
	*size = best->size;
	w->at = (uptr)best->block + 1;
	return best->block;
}

static bool walk_some(struct hz3_heap *heap,
		      void *(*next)(struct walk *w, size_t *size),
		      pheap_visit_fn *visit, void *arg)
{
	struct walk w = { .heap = heap };
	void *block;
	size_t size;

	for (;;) {
		lock_acquire(&heap->shard.lock);
		pheap_check(heap);
		block = next(&w, &size);
		lock_release(&heap->shard.lock);
		if (!block)
			return true;
		if (!visit(arg, block, size))
			return false;
	}
}

/**
 * pheap_walk() - visit every live block of a heap
 * @heap: the heap
 * @visit: called for each, by address, the large ones last
 * @arg: handed through
 *
 * Return: false when the visitor ended it.
 */
bool pheap_walk(struct hz3_heap *heap, pheap_visit_fn *visit, void *arg)
{
	return walk_some(heap, next_block, visit, arg) &&
	       walk_some(heap, next_large, visit, arg);
}

static void add_stats(struct hz3_heap *heap, struct pheap_stats *out)
{
	lock_acquire(&heap->shard.lock);
	pheap_check(heap);
	out->nr_heaps++;
	out->nr_blocks += heap->nr_blocks;
	out->used += heap->used;
	out->held += (size_t)heap->shard.nr_segments * SEGMENT_SIZE +
		     heap->large_bytes;
	out->nr_refused += heap->nr_refused;
	out->peak = heap->peak;
	out->limit = heap->limit;
	lock_release(&heap->shard.lock);
}

/**
 * pheap_get_stats() - figures of a heap, or the sums of all
 * @heap: the heap; NULL: all
 * @out: filled in
 */
void pheap_get_stats(struct hz3_heap *heap, struct pheap_stats *out)
{
	struct list_head *pos;

	*out = (struct pheap_stats){ 0 };
	if (heap) {
		add_stats(heap, out);
		return;
	}
	lock_acquire(&pheaps_lock);
	list_for_each(pos, &pheaps)
		add_stats(list_entry(pos, struct hz3_heap, link), out);
	lock_release(&pheaps_lock);
	out->peak = 0;
	out->limit = SIZE_MAX;
}

/**
 * pheap_block_of() - the block of a heap's that an address lies in
 * @ptr: an address, a multiple of 16
 * @tag: its page tag
 * @size: set to the block's usable bytes
 *
 * Return: the start of the block, or NULL.
 */
void *pheap_block_of(const void *ptr, u32 tag, size_t *size)
{
	void *block = NULL;

	/* While the list is locked no heap is destroyed. */
	lock_acquire(&pheaps_lock);
	if (pagetag_lookup(ptr) == tag)
		block = shard_block_of(segment_of(ptr)->owner, ptr, tag, size);
	lock_release(&pheaps_lock);
	return block;
}

/**
 * pheaps_add_stats() - what heaps have, in the figures of all
 * @out: added to
 */
void pheaps_add_stats(struct heap_stats *out)
{
	struct list_head *pos;

	lock_acquire(&pheaps_lock);
	list_for_each(pos, &pheaps)
		shard_add_stats(&list_entry(pos, struct hz3_heap, link)->shard,
				out);
	lock_release(&pheaps_lock);
}

static size_t purge(struct shard *sh, u32 now_ms, u32 decay_ms, bool all)
	__must_hold(&sh->lock)
{
	size_t done = 0;
	u32 bin;

	for (bin = 0; all && bin < NR_BINS; bin++)
		shard_drop_empty_spans(sh, bin);
	if (all)
		done = shard_purge_holes(sh);
	return done + shard_purge(sh, now_ms, decay_ms);
}

static void purge_all(u32 now_ms, u32 decay_ms, bool all, size_t *done)
	__must_hold(&pheaps_lock)
{
	struct list_head *pos;

	list_for_each(pos, &pheaps) {
		struct shard *sh =
			&list_entry(pos, struct hz3_heap, link)->shard;

		if (lock_try(&sh->lock)) {
			*done += purge(sh, now_ms, decay_ms, all);
			lock_release(&sh->lock);
		}
	}
}

/**
 * pheaps_purge() - give free pages of heaps back to the system
 * @now_ms: os_now_ms()
 * @decay_ms: those that have been free for half of that at least
 * @all: also what is kept for the next allocations
 *
 * A heap in which somebody is at work is left out.
 *
 * Return: bytes given back.
 */
size_t pheaps_purge(u32 now_ms, u32 decay_ms, bool all)
{
	size_t done = 0;

	if (lock_try(&pheaps_lock)) {
		purge_all(now_ms, decay_ms, all, &done);
		lock_release(&pheaps_lock);
	}
	return done;
}

/**
 * pheaps_lock_fork() - before fork: nobody is in a heap
 */
void pheaps_lock_fork(void)
{
	struct list_head *pos;

	lock_hold(&pheaps_lock);
	list_for_each(pos, &pheaps)
		lock_hold(&list_entry(pos, struct hz3_heap, link)->shard.lock);
}

/**
 * pheaps_unlock_fork() - after fork, in the parent
 */
void pheaps_unlock_fork(void)
{
	struct list_head *pos;

	list_for_each(pos, &pheaps)
		lock_unhold(
			&list_entry(pos, struct hz3_heap, link)->shard.lock);
	lock_unhold(&pheaps_lock);
}

/**
 * pheaps_reset_fork() - after fork, in the child
 */
void pheaps_reset_fork(void)
{
	struct list_head *pos;

	list_for_each(pos, &pheaps)
		lock_reset(&list_entry(pos, struct hz3_heap, link)->shard.lock);
	lock_reset(&pheaps_lock);
}
