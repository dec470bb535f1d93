// SPDX-License-Identifier: MIT
/*
 * The one thread pointer in a pthread key, for systems without usable static
 * TLS; in place of thread.c, because the key's destructor also tells that a
 * thread ends.
 *
 * The C library has set the key to NULL when it calls the destructor. The
 * pointer is put back first, so that the heap finds the caches it is to give
 * back.
 */
#include <hz3/atomic.h>
#include <hz3/tls.h>

#include "internal.h"
#include "libc.h"

/* The key's number + 1, or 0; (A) release, (B) acquire. */
static u32 key_slot;

static void thread_ended(void *thread)
{
	thread_set_current(thread);
	heap_thread_exit();
}

static u32 key_make(void)
{
	pthread_key_t key;
	u32 none = 0;

	if (libc_key_create(&key, thread_ended))
		return 0;
	/* (A) the key is complete; pairs with (B). */
	if (cmpxchg_release(&key_slot, &none, key + 1))
		return key + 1;
	libc_key_delete(key);
	/* (B) pairs with (A) of the thread that was first. */
	return load_acquire(&key_slot);
}

/**
 * __tls_key_get() - the calling thread's state
 *
 * Return: what was set last, or the state of a thread that is not attached.
 */
struct thread *__tls_key_get(void)
{
	/* (B) pairs with (A). */
	u32 slot = load_acquire(&key_slot);
	void *thread = slot ? libc_key_get(slot - 1) : NULL;

	return thread ? thread : (struct thread *)&thread_unattached;
}

/**
 * __tls_key_set() - set the calling thread's state
 * @t: the state; not attached is kept as NULL, which runs no destructor
 *
 * When no key is left the thread stays unattached: it works without a cache.
 */
void __tls_key_set(struct thread *t)
{
	/* (B) pairs with (A). */
	u32 slot = load_acquire(&key_slot);

	if (unlikely(!slot))
		slot = key_make();
	if (slot)
		libc_key_set(slot - 1, t == &thread_unattached ? NULL : t);
}

/**
 * thread_attached() - the calling thread has got a cache
 *
 * Setting the pointer has armed the destructor already.
 */
void thread_attached(void)
{
}

/**
 * thread_init() - prepare for threads, early
 *
 * Takes the key while numbers are low: then setting it never allocates.
 */
void thread_init(void)
{
	/* (B) pairs with (A). */
	if (!load_acquire(&key_slot))
		key_make();
}
