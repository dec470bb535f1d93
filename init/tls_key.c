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
#include <hz3/tls.h>

#include "internal.h"
#include "libc.h"

static void thread_ended(void *thread)
{
	thread_set_current(thread);
	heap_thread_exit();
}

/**
 * __thread_get() - the calling thread's state
 *
 * Return: what was set last, or the state of a thread that is not attached.
 */
struct thread *__thread_get(void)
{
	u32 slot = key_get();
	void *thread = slot ? libc_key_get(slot - 1) : NULL;

	return thread ? thread : (struct thread *)&thread_unattached;
}

/**
 * __thread_set() - set the calling thread's state
 * @t: the state; not attached is kept as NULL, which runs no destructor
 *
 * When no key is left the thread stays unattached: it works without a cache.
 */
void __thread_set(struct thread *t)
{
	u32 slot = key_make(thread_ended);

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
	(void)key_make(thread_ended);
}
