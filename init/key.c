// SPDX-License-Identifier: MIT
/*
 * The one pthread key: what tells us that a thread ends, and in builds without
 * usable static TLS also where its state is.
 */
#include <hz3/atomic.h>

#include "internal.h"
#include "libc.h"

/* The key's number + 1, or 0; (A) release, (B) acquire. */
static u32 key_slot;

/**
 * key_get() - the key's number
 *
 * Return: the number + 1, or 0 when it has not been made.
 */
u32 key_get(void)
{
	/* (B) pairs with (A). */
	return load_acquire(&key_slot);
}

/**
 * key_make() - the key's number, made if need be
 * @destroy: its destructor, always the same
 *
 * Two threads may come here first; one key wins. No lock: a child forked at
 * that moment could not release it.
 *
 * Return: the number + 1, or 0 when no key is left.
 */
u32 key_make(void (*destroy)(void *))
{
	u32 slot = key_get();
	pthread_key_t key;

	if (likely(slot))
		return slot;
	if (libc_key_create(&key, destroy))
		return key_get(); /* of whoever took the last one, perhaps */
	/* (A) the key is complete; pairs with (B). */
	if (cmpxchg_release(&key_slot, &slot, key + 1))
		return key + 1;
	libc_key_delete(key);
	return key_get();
}
