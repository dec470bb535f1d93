// SPDX-License-Identifier: MIT
/*
 * What the C library's malloc cannot do, under our own names: see
 * <hz3/hz3.h>. free_sized() and free_aligned_sized() of C23 are among them.
 */
#include <hz3/shard/cache.h>

#include "internal.h"
#include "libc.h"

/**
 * hz3_zalloc() - see <hz3/hz3.h>
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_zalloc(size_t size)
{
	void *ptr = heap_zalloc(size);

	if (unlikely(!ptr))
		return init_no_memory();
	return ptr;
}

/**
 * hz3_rezalloc() - see <hz3/hz3.h>
 * @ptr: the block, or NULL
 * @old_size: bytes of it that count
 * @size: its new size
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_rezalloc(void *ptr, size_t old_size, size_t size)
{
	u8 *p;

	if (!ptr)
		return hz3_zalloc(size);
	p = hz3_realloc(ptr, size);
	if (likely(p) && size > old_size)
		__builtin_memset(p + old_size, 0, size - old_size);
	return p;
}

/**
 * hz3_good_size() - see <hz3/hz3.h>
 * @size: bytes
 *
 * Return: usable bytes; 0 when no request of that size can succeed.
 */
size_t hz3_good_size(size_t size)
{
	return heap_good_size(size);
}

/**
 * hz3_alloc_at_least() - see <hz3/hz3.h>
 * @size: bytes
 * @usable: set to how many there are
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *hz3_alloc_at_least(size_t size, size_t *usable)
{
	void *ptr = hz3_malloc(size);

	*usable = ptr ? heap_good_size(size) : 0;
	return ptr;
}

/**
 * hz3_expand() - see <hz3/hz3.h>
 * @ptr: a block, or NULL
 * @size: bytes wanted
 *
 * Return: 1 or 0.
 */
int hz3_expand(void *ptr, size_t size)
{
	return ptr && heap_expand(ptr, size);
}

/**
 * hz3_alloc_bulk() - see <hz3/hz3.h>
 * @size: bytes of each
 * @out: receives the blocks
 * @n: how many
 *
 * Return: how many there are; if less than @n, errno is ENOMEM.
 */
size_t hz3_alloc_bulk(size_t size, void **out, size_t n)
{
	size_t got = heap_malloc_bulk(size, out, n);

	if (unlikely(got < n))
		init_no_memory();
	return got;
}

/**
 * hz3_free_bulk() - see <hz3/hz3.h>
 * @ptr: blocks, NULLs among them perhaps
 * @n: how many
 */
void hz3_free_bulk(void *const *ptr, size_t n)
{
	heap_free_bulk(ptr, n);
}

/**
 * hz3_free_sized() - see <hz3/hz3.h>
 * @ptr: a block, or NULL
 * @size: the size it was allocated with; checked in debug builds
 */
void hz3_free_sized(void *ptr, size_t size)
{
	if (IS_ENABLED(CONFIG_HZ3_DEBUG) && ptr)
		heap_check_size(ptr, size, 0);
	heap_free(ptr);
}
libc_alias(free_sized, hz3_free_sized);

/**
 * hz3_free_aligned_sized() - see <hz3/hz3.h>
 * @ptr: a block with an alignment, or NULL
 * @alignment: its alignment; checked in debug builds
 * @size: the size it was allocated with; checked in debug builds
 */
void hz3_free_aligned_sized(void *ptr, size_t alignment, size_t size)
{
	if (IS_ENABLED(CONFIG_HZ3_DEBUG) && ptr)
		heap_check_size(ptr, size, alignment);
	heap_free(ptr);
}
libc_alias(free_aligned_sized, hz3_free_aligned_sized);

/**
 * hz3_owns() - see <hz3/hz3.h>
 * @ptr: any address
 *
 * Return: 1 or 0.
 */
int hz3_owns(const void *ptr)
{
	return heap_owns(ptr);
}

/**
 * hz3_block_of() - see <hz3/hz3.h>
 * @ptr: any address
 * @size: set to the block's usable bytes, 0 without one; may be NULL
 *
 * Return: the start of the block, or NULL.
 */
void *hz3_block_of(const void *ptr, size_t *size)
{
	size_t bytes = 0;
	void *block = heap_block_of(ptr, &bytes);

	if (size)
		*size = block ? bytes : 0;
	return block;
}
