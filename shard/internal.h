/* SPDX-License-Identifier: MIT */
/* What the files of this folder share beside its public headers. */
#ifndef SHARD_INTERNAL_H
#define SHARD_INTERNAL_H

#include <hz3/atomic.h>
#include <hz3/bug.h>
#include <hz3/shard/pheap.h>
#include <hz3/shard/shard.h>
#include <hz3/shard/thread.h>

/* How many objects the loaded magazine of a bin may hold; 0: there is none. */
static inline u32 cache_cap(const struct thread *t, u32 bin)
{
	if (t->top[bin] == NO_TOP)
		return 0;
	return (u32)(t->limit[bin] - magazine_of(t->top[bin])->slot);
}

/* Detach the loaded magazine; cache_set_block() must follow. */
static inline struct magazine *cache_detach(struct thread *t, u32 bin)
{
	void **top = t->top[bin];
	struct magazine *m;

	if (top == NO_TOP)
		return NULL;
	m = magazine_of(top);
	m->count = (u32)(top - m->slot);
	m->bin = bin;
	return m;
}

/*
 * Who has no caches looks at the clock, for the housekeeping, once in so many
 * operations.
 */
#define OPS_PER_POLL 64

/* What is wanted of any shard. */
struct request {
	struct thread *t; /* who wants it */
	u32 bin;          /* an object of it, or BIN_RUN */
	size_t size;
	size_t align; /* of a run */
	bool zeroed;  /* a run is known to be zero: out */
	bool refused; /* by a heap's limit, not for want of memory: out */
};

static inline bool is_run(size_t size, size_t align)
{
	return size <= RUN_SIZE_MAX && align <= RUN_SIZE_MAX;
}

/* heap.c */
bool heap_refused(struct thread *t, size_t size) __hidden __cold;
void *heap_large_alloc(struct thread *t, size_t size, size_t align,
		       bool *zeroed) __hidden __must_check;

/* block.c */
void *shard_block_of(struct shard *sh, const void *ptr, u32 tag, size_t *size)
	__hidden __must_check;

/* heap_stats.c */
struct heap_stats;
void shard_add_stats(struct shard *sh, struct heap_stats *out) __hidden;

/* refill.c */
void *heap_rescue(struct request *rq) __hidden __must_check;
void *shard_take_one(struct shard *sh, struct request *rq)
	__hidden __must_check __must_hold(&sh->lock);

/* cache.c */
u32 cache_next_cap(const struct thread *t, u32 bin) __hidden;
bool cache_refill(struct thread *t, u32 bin) __hidden __must_check;
void *cache_rescue(struct thread *t, u32 bin) __hidden __must_check;
void *cache_take_direct(struct thread *t, u32 bin) __hidden __must_check;

/* remote.c */
void remote_flush(struct thread *t, u32 budget) __hidden;
void remote_put_empty(struct thread *t, struct shard *sh)
	__hidden __must_hold(&sh->lock);
void remote_put_home(void *ptr, u32 tag) __hidden;

/*
 * A heap lies in the first granules of its first segment, and goes with it.
 * Its tags' owner is 0, so that its objects never come into a magazine.
 */
struct hz3_heap {
	/* Lock, segments and spans; of the depots, what is about spans. */
	struct shard shard;
	struct list_head link; /* all heaps; heap list lock */
	/* Below: the shard's lock. */
	struct list_head large; /* struct pheap_large */
	size_t used;
	size_t peak;
	size_t limit;
	size_t large_bytes;
	size_t nr_blocks;
	size_t nr_refused;
	u32 nr_ops; /* about; relaxed */
};

/* A large block of a heap's; the block's owner in its arena's record. */
struct pheap_large {
	struct list_head link; /* in the heap, or of unused ones by next */
	struct hz3_heap *heap;
	void *block;
	size_t size;
};

static inline struct hz3_heap *pheap_of_segment(const void *ptr)
{
	return container_of((struct shard *)segment_of(ptr)->owner,
			    struct hz3_heap, shard);
}

/* Under its lock: a heap that was destroyed may still be seen to be one. */
static inline void pheap_check(struct hz3_heap *heap)
{
	if (unlikely(!heap->shard.ready))
		hz3_fatal("heap was destroyed", heap);
}

/*
 * What all blocks have to do with heaps. Optimised for size this is found in a
 * table that the first heap sets: a program that makes none is not linked with
 * the code of heaps.
 */
struct pheap_ops {
	void *(*pheap_alloc)(struct hz3_heap *heap, size_t size, size_t align,
			     bool *zeroed);
	void (*pheap_free)(void *ptr, u32 tag);
	void (*pheap_free_large)(void *ptr, u32 tag);
	bool (*pheap_resize_run)(void *ptr, u32 tag, size_t size);
	void *(*pheap_resize_large)(void *ptr, u32 tag, size_t size,
				    bool may_move);
	size_t (*pheaps_purge)(u32 now_ms, u32 decay_ms, bool all);
};

extern const struct pheap_ops *pheap_ops __hidden; /* relaxed */

static inline bool has_heaps(void)
{
	return !IS_ENABLED(CONFIG_CC_OPTIMIZE_FOR_SIZE) ||
	       load_relaxed(&pheap_ops);
}

/* For who has seen a heap, or has_heaps(). */
#define PHEAP(op) (IS_ENABLED(CONFIG_CC_OPTIMIZE_FOR_SIZE) ? pheap_ops->op : op)

/* pheap.c */
void pheap_poll(struct hz3_heap *heap) __hidden;
bool pheap_charge(struct hz3_heap *heap, size_t bytes)
	__hidden __must_check __must_hold(&heap->shard.lock);
extern struct list_head pheaps __hidden; /* all heaps, by link */
extern struct lock pheaps_lock __hidden;

/* pheap_large.c */
void *pheap_alloc_large(struct hz3_heap *heap, size_t size, size_t align,
			bool *zeroed) __hidden __must_check;
void pheap_drop_large(struct hz3_heap *heap) __hidden;

#endif
