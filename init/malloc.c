// SPDX-License-Identifier: MIT
/*
 * malloc, calloc, realloc and free, under our names and under the C library's;
 * and giving back what they leave.
 *
 * malloc() and free() are straight line code for the case that the thread's
 * magazine answers; everything else is a tail call, so that no register is
 * saved for it. errno is set out there, where memory was refused, and nowhere
 * below: the layers under us do not know it.
 *
 * Context: any thread, at any time after the loader has relocated us: before
 * constructors, after destructors, without TLS of our own set up.
 */
#include <hz3/shard/cache.h>

#include "internal.h"
#include "libc.h"

/**
 * init_no_memory() - say that there is no memory
 *
 * Return: NULL, errno is ENOMEM.
 */
void *init_no_memory(void)
{
	libc_set_errno(ENOMEM);
	return NULL;
}

/**
 * init_bad_align() - say that an alignment makes no sense
 *
 * Return: NULL, errno is EINVAL.
 */
void *init_bad_align(void)
{
	libc_set_errno(EINVAL);
	return NULL;
}

/* malloc() when the magazine is empty: takes locks, may enter the kernel. */
static __noinline void *malloc_slow(size_t size)
{
	void *ptr = heap_malloc_slow(size);

	if (unlikely(!ptr))
		return init_no_memory();
	return ptr;
}

/**
 * hz3_malloc() - see <hz3/hz3.h>
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_malloc(size_t size)
{
	return heap_malloc(size, malloc_slow);
}
libc_alias(malloc, hz3_malloc);
libc_alias(__malloc, hz3_malloc);
libc_alias(__libc_malloc, hz3_malloc);

/**
 * hz3_free() - see <hz3/hz3.h>
 * @ptr: a block, or NULL
 *
 * Context: keeps errno; takes locks at times.
 */
void hz3_free(void *ptr)
{
	heap_free(ptr);
}
libc_alias(free, hz3_free);
libc_alias(__free, hz3_free);
libc_alias(__libc_free, hz3_free);
libc_alias(cfree, hz3_free);

/**
 * hz3_calloc() - see <hz3/hz3.h>
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_calloc(size_t nmemb, size_t size)
{
	size_t bytes;
	void *ptr;

	if (unlikely(__builtin_mul_overflow(nmemb, size, &bytes)))
		return init_no_memory();
	ptr = heap_zalloc(bytes);
	if (unlikely(!ptr))
		return init_no_memory();
	return ptr;
}
libc_alias(calloc, hz3_calloc);
libc_alias(__calloc, hz3_calloc);
libc_alias(__libc_calloc, hz3_calloc);

/**
 * hz3_realloc() - see <hz3/hz3.h>
 * @ptr: a block, or NULL
 * @size: its new size; 0 frees it, as in the C library
 *
 * Return: the block, or NULL with errno ENOMEM, or NULL after a size of 0.
 */
void *hz3_realloc(void *ptr, size_t size)
{
	if (unlikely(!ptr))
		return heap_malloc(size, malloc_slow);
	if (unlikely(!size)) {
		heap_free(ptr);
		return NULL;
	}
	ptr = heap_realloc(ptr, size);
	if (unlikely(!ptr))
		return init_no_memory();
	return ptr;
}
libc_alias(realloc, hz3_realloc);
libc_alias(__realloc, hz3_realloc);
libc_alias(__libc_realloc, hz3_realloc);

/**
 * hz3_purge_all() - see <hz3/hz3.h>
 *
 * Return: bytes given back to the system.
 */
size_t hz3_purge_all(void)
{
	return heap_purge();
}
