// SPDX-License-Identifier: MIT
/*
 * A fixed region as the provider of all memory: for programs that set their
 * memory aside themselves, and for systems that cannot map any.
 *
 *	+------+-------+--------------------+---------------------+
 *	| bits | tags  | records            | arenas of segments  |
 *	+------+-------+--------------------+---------------------+
 *
 * One bit for each page says whether it is free; first fit by address. The
 * region is zero at first, and what comes back is made so, because whoever
 * gets it next expects that.
 *
 * Lock: region, a leaf.
 */
#include <errno.h>

#include <hz3/align.h>
#include <hz3/bits.h>
#include <hz3/lib/bitmap.h>
#include <hz3/lock.h>
#include <hz3/mm/os.h>
#include <hz3/mm/region.h>

static struct lock lock;
static u64 *free_pages; /* at the region's start; guarded by lock */
static u32 nr_pages;    /* set once */

static uptr page_shift(void)
{
	return ctz64(os_page_size);
}

static u32 page_of(const void *addr)
{
	return (u32)(((uptr)addr - (uptr)free_pages) >> page_shift());
}

static void *region_reserve(void *unused, size_t size, size_t align)
{
	size_t n = size >> page_shift();
	u32 phase = (u32)((uptr)free_pages >> page_shift()) &
		    (u32)((align >> page_shift()) - 1);
	s64 i = -1;

	(void)unused;
	if (n > nr_pages || align >> page_shift() > nr_pages)
		return NULL;
	lock_acquire(&lock);
	i = bitmap_find_run(free_pages, nr_pages, 0, (u32)n,
			    (u32)(align >> page_shift()), phase);
	if (i >= 0)
		bitmap_clear_run(free_pages, (u32)i, (u32)n);
	lock_release(&lock);
	return i < 0 ? NULL : (u8 *)free_pages + ((size_t)i << page_shift());
}

static void region_release(void *unused, void *addr, size_t size)
{
	(void)unused;
	__builtin_memset(addr, 0, size);
	lock_acquire(&lock);
	bitmap_set_run(free_pages, page_of(addr), (u32)(size >> page_shift()));
	lock_release(&lock);
}

/**
 * region_provide() - take all memory from a region
 * @start: its first byte; it is zero
 * @size: its length
 *
 * Context: before anything else.
 * Return: 0; -EINVAL: it is too small; -EBUSY: there is memory already.
 */
int region_provide(void *start, size_t size)
{
	static const struct os_provider provider = {
		.reserve = region_reserve,
		.release = region_release,
	};
	size_t skip;
	size_t bits;
	int err;

	os_boot();
	skip = ALIGN_UP((uptr)start, os_page_size) - (uptr)start;
	if (!start || size < skip || size - skip < 2 * os_page_size ||
	    (size - skip) >> page_shift() > UINT32_MAX)
		return -EINVAL;
	err = os_provide(&provider);
	if (err)
		return err;
	free_pages = (u64 *)((uptr)start + skip);
	nr_pages = (u32)((size - skip) >> page_shift());
	bits = BITS_TO_WORDS((size_t)nr_pages) * sizeof(u64);
	bitmap_set_run(free_pages, 0, nr_pages);
	bitmap_clear_run(free_pages, 0,
			 (u32)(ALIGN_UP(bits, os_page_size) >> page_shift()));
	return 0;
}

/**
 * region_lock() - for fork: nobody is inside while the process is copied
 */
void region_lock(void)
{
	lock_hold(&lock);
}

/**
 * region_unlock() - the parent, after fork
 */
void region_unlock(void)
{
	lock_unhold(&lock);
}

/**
 * region_reset_lock() - the child, after fork
 */
void region_reset_lock(void)
{
	lock_reset(&lock);
}
