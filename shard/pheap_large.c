// SPDX-License-Identifier: MIT
/*
 * Large blocks of the program's heaps. They come from the arenas like all
 * others; the arena's record of the block leads to ours, and that to the heap.
 *
 * Our records are never given back but used again: there are as many as there
 * were ever such blocks, of a mebibyte at least, at the same time.
 */
#include <hz3/align.h>
#include <hz3/bug.h>
#include <hz3/mm/large.h>
#include <hz3/mm/meta.h>
#include <hz3/mm/os.h>
#include <hz3/shard/heap.h>

#include "internal.h"

static struct list_head unused = { &unused, &unused }; /* heap list lock */

static struct pheap_large *get_record(struct hz3_heap *heap)
{
	struct pheap_large *b = NULL;

	lock_acquire(&pheaps_lock);
	if (!list_is_empty(&unused)) {
		b = list_entry(unused.next, struct pheap_large, link);
		list_del(&b->link);
	}
	lock_release(&pheaps_lock);
	if (!b)
		b = meta_alloc(sizeof(*b), sizeof(void *));
	if (b) {
		list_init(&b->link);
		b->heap = heap;
	}
	return b;
}

static void put_record(struct pheap_large *b)
{
	lock_acquire(&pheaps_lock);
	list_add(&b->link, &unused);
	lock_release(&pheaps_lock);
}

static bool charge(struct hz3_heap *heap, size_t bytes)
{
	bool ok;

	lock_acquire(&heap->shard.lock);
	pheap_check(heap);
	ok = pheap_charge(heap, bytes);
	lock_release(&heap->shard.lock);
	pheap_poll(heap);
	return ok;
}

static void uncharge(struct hz3_heap *heap, size_t bytes)
{
	lock_acquire(&heap->shard.lock);
	heap->used -= bytes;
	lock_release(&heap->shard.lock);
}

/* The block is there for others: they may walk to it. */
static void list_large(struct pheap_large *b, void *block, size_t size)
{
	struct hz3_heap *heap = b->heap;

	large_set_owner(block, b);
	b->block = block;
	b->size = size;
	lock_acquire(&heap->shard.lock);
	list_add(&b->link, &heap->large);
	heap->large_bytes += size;
	heap->nr_blocks++;
	lock_release(&heap->shard.lock);
}

/* Returns false when it was not listed: freed twice. */
static bool unlist_large(struct pheap_large *b)
{
	struct hz3_heap *heap = b->heap;
	bool listed;

	lock_acquire(&heap->shard.lock);
	listed = !list_is_empty(&b->link);
	if (listed) {
		list_del(&b->link);
		heap->large_bytes -= b->size;
		heap->nr_blocks--;
	}
	lock_release(&heap->shard.lock);
	return listed;
}

/**
 * pheap_alloc_large() - allocate a large block of a heap
 * @heap: the heap
 * @size: bytes, at most HEAP_SIZE_MAX - @align
 * @align: a power of two
 * @zeroed: set to whether it is known to be zero
 *
 * Return: the block, or NULL.
 */
void *pheap_alloc_large(struct hz3_heap *heap, size_t size, size_t align,
			bool *zeroed)
{
	size_t bytes = ALIGN_UP(size, os_page_size);
	struct pheap_large *b;
	void *p = NULL;

	if (!charge(heap, bytes))
		return NULL;
	b = get_record(heap);
	if (b)
		p = heap_large_alloc(thread_current(), size, align, zeroed);
	if (p) {
		list_large(b, p, bytes);
		return p;
	}
	uncharge(heap, bytes);
	if (b)
		put_record(b);
	return NULL;
}

/**
 * pheap_free_large() - free a large block of a heap's
 * @ptr: what it seems to be
 * @tag: its page tag
 */
void pheap_free_large(void *ptr, u32 tag)
{
	struct pheap_large *b = large_owner(ptr, tag);

	if (unlikely(ptr != b->block))
		shard_bad_pointer(SPAN_INTERIOR, ptr);
	if (unlikely(!unlist_large(b)))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	uncharge(b->heap, b->size);
	BUG_ON(large_free(ptr, tag));
	put_record(b);
}

/**
 * pheap_resize_large() - change the size of a heap's large block
 * @ptr: the block
 * @tag: its page tag
 * @size: bytes wanted, more than RUN_SIZE_MAX
 * @may_move: to another place, if need be
 *
 * Return: the block, perhaps elsewhere; NULL with @ptr unchanged.
 */
void *pheap_resize_large(void *ptr, u32 tag, size_t size, bool may_move)
{
	struct pheap_large *b = large_owner(ptr, tag);
	size_t most = max(ALIGN_UP(size, os_page_size), b->size);
	size_t now;
	void *to;

	if (most > b->size && !charge(b->heap, most - b->size))
		return NULL;
	/* A walk must not see it on its way. */
	if (unlikely(!unlist_large(b)))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	if (may_move)
		to = large_resize(ptr, tag, size);
	else
		to = large_extend(ptr, tag, size) ? ptr : NULL;
	/* As it was, or as wanted, or longer: with a guard page that stays. */
	ptr = to ? to : ptr;
	now = large_size(ptr, pagetag_lookup(ptr));
	list_large(b, ptr, now);
	uncharge(b->heap, most - now);
	return to;
}

/**
 * pheap_drop_large() - free all large blocks of a heap
 * @heap: the heap, in which nobody else is at work
 */
void pheap_drop_large(struct hz3_heap *heap)
{
	while (!list_is_empty(&heap->large)) {
		struct pheap_large *b =
			list_entry(heap->large.next, struct pheap_large, link);

		pheap_free_large(b->block, pagetag_lookup(b->block));
	}
}
