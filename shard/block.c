// SPDX-License-Identifier: MIT
/*
 * Questions about blocks that no program asks often: which block an address
 * lies in, what a request would get, whether a size is right, what is wrong
 * with a pointer.
 */
#include <hz3/address.h>
#include <hz3/align.h>
#include <hz3/bug.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/os.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>
#include <hz3/shard/shard.h>
#include <hz3/shard/sizeclass.h>

#include "internal.h"

/**
 * shard_bad_pointer() - report the program's mistake and abort
 * @err: what is wrong
 * @ptr: the pointer
 */
void shard_bad_pointer(enum span_error err, const void *ptr)
{
	switch (err) {
	case SPAN_INTERIOR:
		hz3_fatal("pointer into the middle of a block", ptr);
	case SPAN_DOUBLE:
		hz3_fatal("double free", ptr);
	case SPAN_NOT_CARVED:
	case SPAN_OK:
		break;
	}
	hz3_fatal("pointer was never allocated", ptr);
}

/**
 * heap_good_size() - what a request would get
 * @size: bytes
 *
 * Return: usable bytes; 0 when no request of that size can succeed.
 */
size_t heap_good_size(size_t size)
{
	if (size <= BIN_SIZE_MAX)
		return bin_size(size_to_bin(size));
	if (size > HEAP_SIZE_MAX - SEGMENT_SIZE)
		return 0;
	if (size <= RUN_SIZE_MAX)
		return ALIGN_UP(size, GRANULE_SIZE);
	return ALIGN_UP(size, os_page_size);
}

/**
 * shard_block_of() - the object or run an address lies in
 * @sh: the shard, or what a heap has of one, that its segment is of
 * @ptr: the address, a multiple of 16
 * @tag: its page tag
 * @size: set to its usable bytes
 *
 * Return: its start, or NULL.
 */
void *shard_block_of(struct shard *sh, const void *ptr, u32 tag, size_t *size)
{
	void *block = NULL;

	lock_acquire(&sh->lock);
	/* Under the lock: the span may just have become another, or none. */
	if (pagetag_lookup(ptr) == tag) {
		*size = span_of(ptr, tag)->size;
		block = span_block(span_of(ptr, tag), ptr);
	}
	lock_release(&sh->lock);
	return block;
}

/**
 * heap_block_of() - the block an address lies in
 * @ptr: any address
 * @size: set to the block's usable bytes
 *
 * An object that was freed may wait in a cache, and still be found.
 *
 * Return: the start of the block, or NULL.
 */
void *heap_block_of(const void *ptr, size_t *size)
{
	const void *unit;
	u32 tag;

	ptr = plain_address(ptr);
	unit = (void *)ALIGN_DOWN((uptr)ptr, OBJECT_ALIGN);
	tag = pagetag_lookup(unit);
	if (!tag || TAG_BIN(tag) == BIN_LARGE)
		return arena_find_large(ptr, size);
	if (tag_is_heap(tag))
		return pheap_block_of(unit, tag, size);
	return shard_block_of(shard_get(TAG_DST(tag)), unit, tag, size);
}

/**
 * heap_owns() - does an address lie in memory of ours
 * @ptr: any address
 *
 * Return: true if so, whether the block is live or free.
 */
bool heap_owns(const void *ptr)
{
	size_t size;

	ptr = plain_address(ptr);
	return pagetag_lookup((void *)ALIGN_DOWN((uptr)ptr, OBJECT_ALIGN)) ||
	       arena_find_large(ptr, &size);
}

/**
 * heap_check_size() - was the block allocated with this size
 * @ptr: a block, or NULL
 * @size: what the program says
 * @align: the alignment it says, or 0
 *
 * Debug builds abort when a request for @size could not have got this block.
 */
void heap_check_size(const void *ptr, size_t size, size_t align)
{
	size_t have;
	size_t good;

	if (!IS_ENABLED(CONFIG_HZ3_DEBUG) || !ptr)
		return;
	have = heap_usable_size(ptr);
	if (size > have)
		hz3_fatal("freed with a size bigger than the block", ptr);
	/* realloc() keeps an object down to half its size; others fit. */
	good = heap_good_size(size);
	if (!align && (have <= BIN_SIZE_MAX ? good < have / 2 : good != have))
		hz3_fatal("freed with a size smaller than the block", ptr);
	if (align && !IS_ALIGNED((uptr)ptr, align))
		hz3_fatal("freed with an alignment it does not have", ptr);
}
