// SPDX-License-Identifier: MIT
/*
 * Many blocks at once. What the loaded magazine has, or has room for, is moved
 * in one go; the object after that goes the usual way, which loads the next
 * magazine. So nothing here knows where magazines come from.
 *
 * Context: as malloc() and free().
 */
#include <hz3/shard/cache.h>

#include "internal.h"

/* What free() has to know of an object of a shard: whose it is, and how big. */
#define TAG_KIND(tag) ((tag)&TAG_MAKE(0xFFU, 0xFFU, 0U))

/* Takes up to @n objects out of the loaded magazine; returns how many. */
static size_t take_loaded(struct thread *t, u32 bin, void **out, size_t n)
{
	void **top = t->top[bin];

	if (top == NO_TOP)
		return 0;
	n = min(n, (size_t)magazine_count(top));
	top -= n;
	__builtin_memcpy(out, top, n * sizeof(*out));
	store_relaxed(&t->top[bin], top);
	return n;
}

/**
 * heap_malloc_bulk() - allocate blocks of one size
 * @size: bytes of each; 0 counts as 1
 * @out: receives the blocks
 * @n: how many
 *
 * Return: how many there are; less than @n when memory is exhausted.
 */
size_t heap_malloc_bulk(size_t size, void **out, size_t n)
{
	size_t got = 0;

	while (got < n) {
		if (size <= BIN_SIZE_MAX)
			got += take_loaded(thread_current(), size_to_bin(size),
					   out + got, n - got);
		if (got == n)
			break;
		out[got] = heap_malloc_slow(size);
		if (!out[got])
			break;
		got++;
	}
	return got;
}

/*
 * Puts what the first of @ptr and those like it are into the loaded magazine,
 * until one is different or there is no more room; returns how many.
 */
static size_t put_loaded(struct thread *t, void *const *ptr, size_t n)
{
	u32 tag = pagetag_lookup(plain_address(*ptr));
	u32 bin = TAG_BIN(tag);
	void **limit = t->limit[bin];
	void **top = t->top[bin];
	size_t i;

	if (TAG_DST(tag) != t->shard || top == limit)
		return 0;
	for (i = 0; i < n && top != limit; i++) {
		void *p = plain_address(ptr[i]);

		if (TAG_KIND(pagetag_lookup(p)) != TAG_KIND(tag))
			break;
		/* heap_free() will find the same, and complain. */
		if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK) && top[-1] == p)
			break;
		*top++ = p;
	}
	store_relaxed(&t->top[bin], top);
	return i;
}

/**
 * heap_free_bulk() - free blocks
 * @ptr: the blocks, of any kind; NULL is none
 * @n: how many
 */
void heap_free_bulk(void *const *ptr, size_t n)
{
	size_t done;

	for (; n; n -= done, ptr += done) {
		done = put_loaded(thread_current(), ptr, n);
		if (!done) {
			heap_free(*ptr);
			done = 1;
		}
	}
}
