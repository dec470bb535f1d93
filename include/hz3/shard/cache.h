/* SPDX-License-Identifier: MIT */
/*
 * The hot paths: malloc and free through a thread's magazines.
 *
 * Straight line, no call, no lock, no atomic read-modify-write, no division.
 * Everything else is out of line and reached by a tail call, so that no
 * register is saved here; Documentation/design/hot-paths.rst counts the
 * instructions.
 */
#ifndef HZ3_SHARD_CACHE_H
#define HZ3_SHARD_CACHE_H

#include <hz3/address.h>
#include <hz3/mm/pagetag.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/sizeclass.h>
#include <hz3/shard/thread.h>

/*
 * remote.c, cache.c: the ends of free's branches. cache_free_full() looks the
 * tag up again: passing it would keep one more register alive here, and that
 * one would be saved.
 */
void cache_free_remote(void *ptr, u32 tag, struct thread *t)
	__hidden __noinline;
void cache_free_full(void *ptr) __hidden __noinline;
void cache_double_free(void *ptr) __hidden __noinline;

/* The same for any state, whether or not a thread has it. */
void thread_free_remote(struct thread *t, void *ptr, u32 tag) __hidden;
void thread_free(struct thread *t, void *ptr) __hidden;
void *thread_alloc(struct thread *t, size_t align, size_t size, bool *zeroed)
	__hidden __must_check;
void *thread_realloc(struct thread *t, void *ptr, size_t size)
	__hidden __must_check;

/* The object that is on top of the loaded magazine, or NULL. */
static __always_inline void *cache_pop(struct thread *t, size_t bin)
{
	void **top = t->top[bin];
	void *obj = top[-1];

	if (likely(obj))
		store_relaxed(&t->top[bin], top - 1);
	return obj;
}

/*
 * Allocate @size bytes. @slow is what the caller makes of heap_malloc_slow(),
 * with errno or an exception; a constant, so that it is reached by a jump.
 */
static __always_inline void *heap_malloc(size_t size, void *(*slow)(size_t))
{
	void *obj;

	if (unlikely(size > BIN_SIZE_MAX))
		return slow(size);
	obj = cache_pop(thread_current(), size_to_bin(size));
	return likely(obj) ? obj : slow(size);
}

/* Allocate, every byte of [0, size) zero. */
static __always_inline void *heap_zalloc(size_t size)
{
	void *p;

	if (unlikely(size > BIN_SIZE_MAX))
		return heap_zalloc_big(size);
	p = heap_malloc(size, heap_malloc_slow);
	if (likely(p))
		__builtin_memset(p, 0, size);
	return p;
}

/* Free @ptr, which may be NULL, of any thread, or not ours. */
static __always_inline void heap_free(void *ptr)
{
	struct thread *t;
	void **top;
	size_t bin;
	u64 unit;
	u32 tag;

	ptr = plain_address(ptr);
	unit = window_unit(&hz3_window, ptr);
	if (unlikely(unit >= hz3_window.nr_units)) {
		heap_free_slow(ptr);
		return;
	}
	tag = window_tag(&hz3_window, unit);
	t = thread_current();
	if (unlikely(TAG_DST(tag) != t->shard)) {
		cache_free_remote(ptr, tag, t);
		return;
	}
	bin = TAG_BIN(tag);
	top = t->top[bin];
	if (unlikely(top == t->limit[bin])) {
		cache_free_full(ptr);
		return;
	}
	/* The word below an empty magazine is NULL, which @ptr is not. */
	if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK) && unlikely(top[-1] == ptr)) {
		cache_double_free(ptr);
		return;
	}
	*top = ptr;
	store_relaxed(&t->top[bin], top + 1);
}

#endif
