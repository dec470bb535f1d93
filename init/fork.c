// SPDX-License-Identifier: MIT
/*
 * fork(2): the child must not inherit a lock that a thread held which does
 * not exist there.
 *
 * All locks are taken before the fork and given back after it, on both sides.
 * Handlers that were registered before ours run while we hold them, and may
 * allocate; see heap_fork_prepare(). Registering early makes these few: the
 * constructor runs before those of the program and of libraries that need us.
 *
 * A fork before the constructor may come from a process with threads already
 * (those of a library that is initialised before us): the handlers are
 * registered when the second thread gets its cache, then. With one thread
 * nobody is inside the allocator when it forks: no lock is held.
 */
#include <hz3/atomic.h>
#include <hz3/shard/thread.h>

#include "internal.h"
#include "libc.h"

static u32 is_registered; /* or about to be; relaxed */

/**
 * fork_init() - register the handlers, once
 *
 * On failure (no memory) forks of a process with several threads are unsafe,
 * as they are with any allocator that has no handlers; nothing is said.
 *
 * Context: no locks held. The C library may allocate meanwhile, with a lock of
 * its own held: the thread should be attached, so that this does not come back
 * here.
 */
void fork_init(void)
{
	u32 old = 0;

	if (cmpxchg_relaxed(&is_registered, &old, 1U))
		libc_at_fork(heap_fork_prepare, heap_fork_parent,
			     heap_fork_child);
}

/**
 * fork_attached() - the calling thread has got a cache
 *
 * Not before there is a second thread: the constructor's place in the order of
 * handlers is the better one. The first thread need not use us.
 *
 * Context: as fork_init().
 */
void fork_attached(void)
{
	if (likely(load_relaxed(&is_registered)))
		return;
	if (thread_count() > 1 || !libc_is_first_thread())
		fork_init();
}
