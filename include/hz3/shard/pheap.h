/* SPDX-License-Identifier: MIT */
/*
 * Heaps of the program's own (struct hz3_heap): blocks that can be counted,
 * limited, walked and freed all at once.
 *
 * None of these touches errno. Context: any thread, at any time, no locks
 * held; only destroy and reset want that nobody else is in the heap.
 */
#ifndef HZ3_SHARD_PHEAP_H
#define HZ3_SHARD_PHEAP_H

#include <hz3/types.h>

struct hz3_heap;
struct heap_stats;

/* What one heap has, or all of them; in bytes unless named nr_. */
struct pheap_stats {
	size_t nr_heaps;
	size_t nr_blocks;
	size_t used;       /* usable bytes of the blocks */
	size_t peak;       /* most of it there ever was; of one heap only */
	size_t limit;      /* SIZE_MAX: none; of one heap only */
	size_t held;       /* segments and large blocks: address space */
	size_t nr_refused; /* requests beyond the limit */
};

/* Returns false to end the walk. */
typedef bool pheap_visit_fn(void *arg, void *block, size_t size);

struct hz3_heap *pheap_create(void) __hidden __must_check;
void pheap_destroy(struct hz3_heap *heap) __hidden;
void pheap_reset(struct hz3_heap *heap) __hidden;
void pheap_set_limit(struct hz3_heap *heap, size_t limit) __hidden;
void *pheap_alloc(struct hz3_heap *heap, size_t size, size_t align,
		  bool *zeroed) __hidden __must_check;
struct hz3_heap *pheap_of(const void *ptr) __hidden;

/* pheap_walk.c; @heap is NULL for all heaps together */
bool pheap_walk(struct hz3_heap *heap, pheap_visit_fn *visit, void *arg)
	__hidden;
void pheap_get_stats(struct hz3_heap *heap, struct pheap_stats *out) __hidden;

/* What the functions of heap.h do with blocks of heaps; @tag is the block's. */
void pheap_free(void *ptr, u32 tag) __hidden;
void pheap_free_large(void *ptr, u32 tag) __hidden;
bool pheap_resize_run(void *ptr, u32 tag, size_t size) __hidden __must_check;
void *pheap_resize_large(void *ptr, u32 tag, size_t size, bool may_move)
	__hidden __must_check;
void *pheap_block_of(const void *ptr, u32 tag, size_t *size)
	__hidden __must_check;

/* All heaps: figures, purges, fork */
void pheaps_add_stats(struct heap_stats *out) __hidden;
size_t pheaps_purge(u32 now_ms, u32 decay_ms, bool all) __hidden;
void pheaps_lock_fork(void) __hidden;
void pheaps_unlock_fork(void) __hidden;
void pheaps_reset_fork(void) __hidden;

#endif
