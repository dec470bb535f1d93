// SPDX-License-Identifier: MIT
/*
 * Learning that a thread ends, so that its caches go home.
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
#include <hz3/atomic.h>

#include "internal.h"
#include "libc.h"

/* The key's number + 1, or 0; (A) release, (B) acquire. */
static u32 key_slot;

static void thread_ended(void *unused)
{
	(void)unused;
	heap_thread_exit();
}

/*
 * Two threads may come here first; one key wins. No lock: a child forked at
 * that moment could not release it.
 */
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
 * thread_attached() - the calling thread has got a cache
 *
 * Context: no locks held. May allocate: the thread is attached, so that does
 * not come back here.
 */
void thread_attached(void)
{
	/* (B) pairs with (A). */
	u32 slot = load_acquire(&key_slot);

	if (unlikely(!slot))
		slot = key_make();
	/* Any value but NULL makes the destructor run. */
	if (slot && !libc_key_set(slot - 1, &key_slot))
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
