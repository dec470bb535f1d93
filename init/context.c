// SPDX-License-Identifier: MIT
/*
 * Threads and contexts, for runtimes with schedulers of their own: see
 * <hz3/embed.h>.
 *
 * A context is the state of a thread that no thread has: the same magazines
 * and stash, found by the pointer that is handed in and not in TLS.
 */
#include <hz3/shard/cache.h>

#include "internal.h"
#include "libc.h"

static struct thread *state_of(struct hz3_context *context)
{
	return (struct thread *)context;
}

/**
 * hz3_thread_attach() - see <hz3/embed.h>
 *
 * Return: 0 or ENOMEM.
 */
int hz3_thread_attach(void)
{
	return cache_thread(thread_current()) ? 0 : ENOMEM;
}

/**
 * hz3_thread_detach() - see <hz3/embed.h>
 */
void hz3_thread_detach(void)
{
	heap_thread_detach();
}

/**
 * hz3_thread_flush() - see <hz3/embed.h>
 */
void hz3_thread_flush(void)
{
	thread_flush(thread_current());
}

/**
 * hz3_thread_idle() - see <hz3/embed.h>
 */
void hz3_thread_idle(void)
{
	thread_idle(thread_current());
}

/**
 * hz3_context_create() - see <hz3/embed.h>
 *
 * Return: the context, or NULL with errno ENOMEM.
 */
struct hz3_context *hz3_context_create(void)
{
	struct thread *t = thread_create(true);

	return t ? (struct hz3_context *)t : init_no_memory();
}

/**
 * hz3_context_destroy() - see <hz3/embed.h>
 * @context: the context, or NULL
 */
void hz3_context_destroy(struct hz3_context *context)
{
	if (context)
		thread_destroy(state_of(context));
}

/* Any block, when the magazine is empty or not asked. */
static __noinline void *alloc(struct thread *t, size_t align, size_t size)
{
	bool zeroed;
	void *ptr = thread_alloc(t, align, size, &zeroed);

	return likely(ptr) ? ptr : init_no_memory();
}

/**
 * hz3_context_malloc() - see <hz3/embed.h>
 * @context: the context
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_context_malloc(struct hz3_context *context, size_t size)
{
	struct thread *t = state_of(context);
	void *ptr = NULL;

	if (likely(size <= BIN_SIZE_MAX))
		ptr = cache_pop(t, size_to_bin(size));
	return likely(ptr) ? ptr : alloc(t, OBJECT_ALIGN, size);
}

/**
 * hz3_context_calloc() - see <hz3/embed.h>
 * @context: the context
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_context_calloc(struct hz3_context *context, size_t nmemb, size_t size)
{
	size_t bytes;
	bool zeroed;
	void *ptr;

	if (unlikely(__builtin_mul_overflow(nmemb, size, &bytes)))
		return init_no_memory();
	ptr = thread_alloc(state_of(context), OBJECT_ALIGN, bytes, &zeroed);
	if (unlikely(!ptr))
		return init_no_memory();
	if (!zeroed)
		__builtin_memset(ptr, 0, bytes);
	return ptr;
}

/**
 * hz3_context_realloc() - see <hz3/embed.h>
 * @context: the context
 * @ptr: a block, or NULL
 * @size: its new size; 0 frees it
 *
 * Return: the block, or NULL with errno ENOMEM, or NULL after a size of 0.
 */
void *hz3_context_realloc(struct hz3_context *context, void *ptr, size_t size)
{
	if (!ptr)
		return hz3_context_malloc(context, size);
	if (!size) {
		hz3_context_free(context, ptr);
		return NULL;
	}
	ptr = thread_realloc(state_of(context), ptr, size);
	return likely(ptr) ? ptr : init_no_memory();
}

/**
 * hz3_context_aligned_alloc() - see <hz3/embed.h>
 * @context: the context
 * @alignment: a power of two
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM or EINVAL.
 */
void *hz3_context_aligned_alloc(struct hz3_context *context, size_t alignment,
				size_t size)
{
	if (unlikely(!is_power_of_2(alignment)))
		return init_bad_align();
	return alloc(state_of(context), alignment, size);
}

/**
 * hz3_context_free() - see <hz3/embed.h>
 * @context: the context
 * @ptr: a block, or NULL
 */
void hz3_context_free(struct hz3_context *context, void *ptr)
{
	thread_free(state_of(context), ptr);
}

/**
 * hz3_context_flush() - see <hz3/embed.h>
 * @context: the context
 */
void hz3_context_flush(struct hz3_context *context)
{
	thread_flush(state_of(context));
}

/**
 * hz3_context_idle() - see <hz3/embed.h>
 * @context: the context
 */
void hz3_context_idle(struct hz3_context *context)
{
	thread_idle(state_of(context));
}
