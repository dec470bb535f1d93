// SPDX-License-Identifier: MIT
/*
 * The rest of the family: functions that exist under the C library's names
 * only. Linked in when we replace its malloc; see Makefile.
 *
 * All names that glibc's own malloc.o defines and a program may refer to are
 * here or beside the code they share (libc_alias() in the other files). One
 * missing name is enough to pull glibc's malloc.o into a static program, and
 * then malloc is defined twice.
 */
#include <hz3/align.h>
#include <hz3/shard/cache.h>

#include "internal.h"
#include "libc.h"
#include "libc_names.h"

/* glibc's smallest chunk: memalign() never aligned to less than this. */
#define MEMALIGN_MIN 32

/*
 * The power of two that memalign() takes for an odd alignment: the next one.
 * 0: there is none.
 */
static size_t memalign_round(size_t align)
{
	if (align <= MEMALIGN_MIN)
		return align <= MEMALIGN_MIN / 2 ? 1 : MEMALIGN_MIN;
	if (align > SIZE_MAX / 2 + 1)
		return 0;
	return (size_t)1 << (64 - __builtin_clzl(align - 1));
}

/**
 * memalign() - allocate with an alignment
 * @align: rounded up to a power of two
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM, or EINVAL when no power of
 * two is as large as @align.
 */
void *memalign(size_t align, size_t size)
{
	align = memalign_round(align);
	if (!align)
		return init_bad_align();
	return hz3_aligned_alloc(align, size);
}
libc_alias(__memalign, memalign);
libc_alias(__libc_memalign, memalign);

/**
 * __posix_memalign() - posix_memalign(), allocate with an alignment
 * @memptr: where to put the block; untouched on failure
 * @align: a power of two and a multiple of the size of a pointer
 * @size: bytes
 *
 * Return: 0, EINVAL or ENOMEM; errno stays as it is.
 */
int __posix_memalign(void **memptr, size_t align, size_t size)
{
	void *ptr;

	if (align < sizeof(void *) || !is_power_of_2(align))
		return EINVAL;
	ptr = heap_memalign(align, size);
	if (!ptr)
		return ENOMEM;
	*memptr = ptr;
	return 0;
}
libc_alias(posix_memalign, __posix_memalign);

/**
 * valloc() - allocate whole pages' worth of alignment
 * @size: bytes
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *valloc(size_t size)
{
	return hz3_aligned_alloc(libc_page_size(), size);
}
libc_alias(__valloc, valloc);
libc_alias(__libc_valloc, valloc);

/**
 * pvalloc() - allocate whole pages
 * @size: bytes, rounded up to pages
 *
 * Return: the block, or NULL with errno ENOMEM.
 */
void *pvalloc(size_t size)
{
	size_t page = libc_page_size();
	size_t rounded;

	if (__builtin_add_overflow(size, page - 1, &rounded))
		return init_no_memory();
	return hz3_aligned_alloc(page, ALIGN_DOWN(rounded, page));
}
libc_alias(__pvalloc, pvalloc);
libc_alias(__libc_pvalloc, pvalloc);

/**
 * reallocarray() - realloc() for an array
 * @ptr: the block, or NULL
 * @nmemb: how many
 * @size: of how many bytes
 *
 * Return: as realloc(); NULL with errno ENOMEM when the product overflows.
 */
void *reallocarray(void *ptr, size_t nmemb, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(nmemb, size, &bytes))
		return init_no_memory();
	return hz3_realloc(ptr, bytes);
}
libc_alias(__libc_reallocarray, reallocarray);
