// SPDX-License-Identifier: MIT
/*
 * Heaps of the program's own, under our names: see <hz3/hz3.h>.
 */
#include <hz3/align.h>
#include <hz3/mm/pagetag.h>
#include <hz3/shard/pheap.h>

#include "internal.h"
#include "libc.h"

/* The version of struct hz3_heap_stats that we fill in. */
#define STATS_VERSION 1

/**
 * hz3_heap_create() - see <hz3/hz3.h>
 *
 * Return: the heap, or NULL with errno ENOMEM.
 */
struct hz3_heap *hz3_heap_create(void)
{
	struct hz3_heap *heap = pheap_create();

	return heap ? heap : init_no_memory();
}

/**
 * hz3_heap_destroy() - see <hz3/hz3.h>
 * @heap: the heap, or NULL
 */
void hz3_heap_destroy(struct hz3_heap *heap)
{
	if (heap)
		pheap_destroy(heap);
}

/**
 * hz3_heap_reset() - see <hz3/hz3.h>
 * @heap: the heap
 */
void hz3_heap_reset(struct hz3_heap *heap)
{
	pheap_reset(heap);
}

/**
 * hz3_heap_malloc() - see <hz3/hz3.h>
 * @heap: the heap
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_heap_malloc(struct hz3_heap *heap, size_t size)
{
	return hz3_heap_aligned_alloc(heap, OBJECT_ALIGN, size);
}

/**
 * hz3_heap_calloc() - see <hz3/hz3.h>
 * @heap: the heap
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_heap_calloc(struct hz3_heap *heap, size_t nmemb, size_t size)
{
	bool zeroed;
	size_t bytes;
	void *ptr;

	if (unlikely(__builtin_mul_overflow(nmemb, size, &bytes)))
		return init_no_memory();
	ptr = pheap_alloc(heap, bytes, OBJECT_ALIGN, &zeroed);
	if (unlikely(!ptr))
		return init_no_memory();
	if (!zeroed)
		__builtin_memset(ptr, 0, bytes);
	return ptr;
}

/**
 * hz3_heap_realloc() - see <hz3/hz3.h>
 * @heap: the heap
 * @ptr: a block of it, or NULL
 * @size: its new size; 0 frees it
 *
 * Return: the block, or NULL with errno ENOMEM, or NULL after a size of 0.
 */
void *hz3_heap_realloc(struct hz3_heap *heap, void *ptr, size_t size)
{
	return ptr ? hz3_realloc(ptr, size) : hz3_heap_malloc(heap, size);
}

/**
 * hz3_heap_aligned_alloc() - see <hz3/hz3.h>
 * @heap: the heap
 * @alignment: a power of two
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM or EINVAL.
 */
void *hz3_heap_aligned_alloc(struct hz3_heap *heap, size_t alignment,
			     size_t size)
{
	bool zeroed;
	void *ptr;

	if (unlikely(!is_power_of_2(alignment)))
		return init_bad_align();
	ptr = pheap_alloc(heap, size, alignment, &zeroed);
	return likely(ptr) ? ptr : init_no_memory();
}

/**
 * hz3_heap_set_limit() - see <hz3/hz3.h>
 * @heap: the heap
 * @limit: bytes; 0: none
 */
void hz3_heap_set_limit(struct hz3_heap *heap, size_t limit)
{
	pheap_set_limit(heap, limit ? limit : SIZE_MAX);
}

/**
 * hz3_heap_of() - see <hz3/hz3.h>
 * @ptr: a block, or NULL
 *
 * Return: its heap, or NULL.
 */
struct hz3_heap *hz3_heap_of(const void *ptr)
{
	return pheap_of(ptr);
}

/**
 * hz3_heap_get_stats() - see <hz3/hz3.h>
 * @heap: the heap, or NULL
 * @stats: filled in, as much as its size says
 */
void hz3_heap_get_stats(struct hz3_heap *heap, struct hz3_heap_stats *stats)
{
	struct pheap_stats st;
	struct hz3_heap_stats out = { .version = STATS_VERSION };

	pheap_get_stats(heap, &st);
	out.nr_heaps = st.nr_heaps;
	out.nr_blocks = st.nr_blocks;
	out.used_bytes = st.used;
	out.peak_bytes = st.peak;
	out.limit_bytes = st.limit == SIZE_MAX ? 0 : st.limit;
	out.held_bytes = st.held;
	out.nr_refused = st.nr_refused;
	copy_figures(stats, &out, sizeof(out));
}

/* The program's visitor, as the layer below calls it. */
struct visitor {
	int (*visit)(void *arg, void *block, size_t size);
	void *arg;
	int status;
};

static bool visit(void *arg, void *block, size_t size)
{
	struct visitor *v = arg;

	v->status = v->visit(v->arg, block, size);
	return !v->status;
}

/**
 * hz3_heap_walk() - see <hz3/hz3.h>
 * @heap: the heap
 * @cb: called for each block
 * @arg: handed through
 *
 * Return: 0, or what @cb returned to end the walk.
 */
int hz3_heap_walk(struct hz3_heap *heap,
		  int (*cb)(void *arg, void *block, size_t size), void *arg)
{
	struct visitor v = { .visit = cb, .arg = arg };

	pheap_walk(heap, visit, &v);
	return v.status;
}
