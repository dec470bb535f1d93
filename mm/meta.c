// SPDX-License-Identifier: MIT
/*
 * Memory for the allocator's own records: magazines, thread states, arenas.
 *
 * A bump allocator over chunks from the OS. Nothing is returned: the records
 * are recycled by those who own them (pools of magazines, thread states), so
 * the total is bounded by their high-water mark.
 *
 * Lock: meta, a leaf; held for a few instructions, and across one mmap() per
 * 256 KiB of records.
 */
#include <hz3/align.h>
#include <hz3/lock.h>
#include <hz3/mm/meta.h>
#include <hz3/mm/os.h>

#define CHUNK_BYTES     (256UL << 10)
#define CHUNK_BYTES_MIN (16UL << 10)

static struct lock lock;
static uptr chunk_next;    /* guarded by lock */
static uptr chunk_end;     /* guarded by lock */
static size_t total_bytes; /* written under lock, read relaxed */

/* Start a new chunk; a small one when the kernel has no room for a big one. */
static bool meta_grow(size_t size)
{
	size_t bytes = max(ALIGN_UP(size, os_page_size), CHUNK_BYTES);
	void *p = os_map(bytes);

	if (!p) {
		bytes = max(ALIGN_UP(size, os_page_size), CHUNK_BYTES_MIN);
		p = os_map(bytes);
	}
	if (!p)
		return false;
	chunk_next = (uptr)p;
	chunk_end = chunk_next + bytes;
	return true;
}

/**
 * meta_alloc() - allocate a record
 * @size: bytes
 * @align: a power of two, at most the page size
 *
 * Context: takes the meta lock; may be called with any other lock held.
 * Return: zeroed memory that is never freed, or NULL.
 */
void *meta_alloc(size_t size, size_t align)
{
	uptr p;

	lock_acquire(&lock);
	p = ALIGN_UP(chunk_next, align);
	if (!chunk_next || p + size > chunk_end) {
		if (!meta_grow(size)) {
			lock_release(&lock);
			return NULL;
		}
		p = ALIGN_UP(chunk_next, align);
	}
	chunk_next = p + size;
	store_relaxed(&total_bytes, total_bytes + size);
	lock_release(&lock);
	return (void *)p;
}

/**
 * meta_bytes() - how much has been handed out
 *
 * Return: bytes.
 */
size_t meta_bytes(void)
{
	return load_relaxed(&total_bytes);
}

/**
 * meta_lock() - for fork: nobody is inside while we copy the process
 */
void meta_lock(void)
{
	lock_hold(&lock);
}

/**
 * meta_unlock() - the parent, after fork
 */
void meta_unlock(void)
{
	lock_unhold(&lock);
}

/**
 * meta_reset_lock() - the child, after fork
 */
void meta_reset_lock(void)
{
	lock_reset(&lock);
}
