// SPDX-License-Identifier: MIT
/*
 * Blocks with an alignment, and the size of blocks, under our own names. What
 * only the C library's names need is in libc_names.c.
 */
#include <hz3/align.h>

#include "internal.h"
#include "libc.h"

/**
 * hz3_aligned_alloc() - see <hz3/hz3.h>
 * @alignment: a power of two
 * @size: bytes, any number of them
 *
 * aligned_alloc() is the same: it takes any size, as C17 and C23 and every
 * C library do, and refuses what is not a power of two, as glibc does from
 * 2.38 on (earlier ones round it up).
 *
 * Return: the block, or NULL with errno ENOMEM or EINVAL.
 */
void *hz3_aligned_alloc(size_t alignment, size_t size)
{
	void *ptr;

	if (unlikely(!is_power_of_2(alignment)))
		return init_bad_align();
	ptr = heap_memalign(alignment, size);
	if (unlikely(!ptr))
		return init_no_memory();
	return ptr;
}
libc_alias(aligned_alloc, hz3_aligned_alloc);

/**
 * hz3_usable_size() - see <hz3/hz3.h>
 * @ptr: a block, or NULL
 *
 * Return: bytes the program may use; 0 for NULL.
 */
size_t hz3_usable_size(const void *ptr)
{
	return ptr ? heap_usable_size(ptr) : 0;
}
libc_alias(malloc_usable_size, hz3_usable_size);
libc_alias(__malloc_usable_size, hz3_usable_size);
