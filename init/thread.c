// SPDX-License-Identifier: MIT
/*
 * The one thread pointer in static TLS, and learning that a thread ends, so
 * that its caches go home.
 *
 * A pthread key with a destructor is the last thing in a thread's life that a
 * library can hang on to: thread_local destructors of C++ have run by then.
 * Destructors of other keys may run after ours and still allocate and free;
 * the heap serves them without a cache, because one that was built now would
 * stay behind for ever. Therefore the destructor acts in its first round and
 * does not come back.
 *
 * The key is made by the first thread that is attached, at the latest by the
 * constructor: with a low number, so that pthread_setspecific() never has to
 * allocate. Should no key be left, the C++ way of thread_local destructors is
 * tried; should that fail too, a thread's cache stays behind when it ends.
 */
#include <hz3/tls.h>

#include "internal.h"
#include "libc.h"

__thread struct thread *hz3_thread = (struct thread *)(uptr)&thread_unattached;

static void thread_ended(void *unused)
{
	(void)unused;
	heap_thread_exit();
}

/**
 * thread_attached() - the calling thread has got a cache
 *
 * Context: no locks held. May allocate: the thread is attached, so that does
 * not come back here.
 */
void thread_attached(void)
{
	u32 slot = key_make(thread_ended);

	/* Any value but NULL makes the destructor run. */
	if (slot && !libc_key_set(slot - 1, &thread_unattached))
		return;
	libc_at_thread_exit(thread_ended);
}

/**
 * thread_init() - prepare for threads, early
 *
 * The constructor's thread may have been attached before anybody listened.
 */
void thread_init(void)
{
	thread_attached();
}
