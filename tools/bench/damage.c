// SPDX-License-Identifier: MIT
/*
 * An allocator that spoils objects: libc's, but every other allocation of a
 * thread writes over the one before, and large ones by calloc are not clear.
 * The benchmarks must notice, or a broken allocator could win. selftest.sh
 * preloads it.
 */
#include <errno.h>
#include <stddef.h>

#define SMALL 8192 /* less than this libc itself asks calloc for */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t nr, size_t size);
void *__libc_realloc(void *ptr, size_t size);
void *__libc_memalign(size_t align, size_t size);
void __libc_free(void *ptr);

static __thread struct {
	unsigned char *object;
	size_t size;
	unsigned int count;
} last;

static void *spoil(void *ptr, size_t size)
{
	if (++last.count % 2 == 0 && last.object) {
		last.object[0] ^= 1;
		last.object[last.size - 1] ^= 1;
	}
	last.object = size ? ptr : NULL;
	last.size = size;
	return ptr;
}

void *malloc(size_t size)
{
	return spoil(__libc_malloc(size), size);
}

void *calloc(size_t nr, size_t size)
{
	unsigned char *ptr = __libc_calloc(nr, size);

	if (ptr && nr * size >= SMALL)
		ptr[0] = 1;
	return ptr;
}

void *realloc(void *ptr, size_t size)
{
	if (last.object == ptr)
		last.object = NULL;
	return spoil(__libc_realloc(ptr, size), size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return spoil(__libc_memalign(align, size), size);
}

void *memalign(size_t align, size_t size)
{
	return aligned_alloc(align, size);
}

int posix_memalign(void **ptr, size_t align, size_t size)
{
	*ptr = aligned_alloc(align, size);
	return *ptr ? 0 : ENOMEM;
}

void free(void *ptr)
{
	if (last.object == ptr)
		last.object = NULL;
	__libc_free(ptr);
}
