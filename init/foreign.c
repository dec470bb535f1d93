// SPDX-License-Identifier: MIT
/*
 * Pointers that are not ours, in builds that hand them on: to the next
 * library that has a free(), normally the C library itself.
 *
 * Looked up in the constructor, or on the first such pointer if that is
 * earlier. dlsym() may itself allocate and free; a foreign pointer that it
 * frees meanwhile is left alone, which loses a few bytes once.
 */
#include <hz3/atomic.h>

#include "internal.h"
#include "libc.h"

/* Written before @ready (A); NULL: nobody has that function. */
static void (*next_free)(void *ptr);
static void *(*next_realloc)(void *ptr, size_t size);
static size_t (*next_usable_size)(void *ptr);
static u32 ready;     /* (A) release, (B) acquire */
static u32 resolving; /* thread that is in dlsym(), about; relaxed */

/* False: this very thread is at it, further up its stack. */
static bool resolve(void)
{
	u32 me = libc_thread_id();

	/* (B) pairs with (A). */
	if (load_acquire(&ready))
		return true;
	if (load_relaxed(&resolving) == me)
		return false;
	store_relaxed(&resolving, me);
	next_free = libc_next_symbol("free");
	next_realloc = libc_next_symbol("realloc");
	next_usable_size = libc_next_symbol("malloc_usable_size");
	/* (A) pairs with (B); two threads store the same values. */
	store_release(&ready, 1U);
	store_relaxed(&resolving, 0U);
	return true;
}

/**
 * foreign_free() - free somebody else's block
 * @ptr: not ours
 *
 * Return: false if there is nobody to give it to.
 */
bool foreign_free(void *ptr)
{
	if (!resolve())
		return true;
	if (!next_free)
		return false;
	next_free(ptr);
	return true;
}

/**
 * foreign_realloc() - change the size of somebody else's block
 * @ptr: not ours
 * @size: not 0
 *
 * Return: the block, still theirs, or NULL.
 */
void *foreign_realloc(void *ptr, size_t size)
{
	if (!resolve() || !next_realloc)
		return NULL;
	return next_realloc(ptr, size);
}

/**
 * foreign_usable_size() - size of somebody else's block
 * @ptr: not ours
 *
 * Return: bytes; 0 if nobody knows.
 */
size_t foreign_usable_size(const void *ptr)
{
	if (!resolve() || !next_usable_size)
		return 0;
	return next_usable_size((void *)ptr);
}

/**
 * foreign_init() - look the functions up early, while dlsym() is harmless
 */
void foreign_init(void)
{
	resolve();
}
