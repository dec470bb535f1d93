// SPDX-License-Identifier: MIT
/*
 * fork(2): the child must not inherit a lock that a thread held which does
 * not exist there.
 *
 * All locks are taken before the fork and given back after it, on both sides.
 * Handlers that were registered before ours run while we hold them, and may
 * allocate; see heap_fork_prepare(). Registering early makes these few.
 *
 * So the first thread that is about to get a cache registers them, before it
 * has taken a lock: with one thread there is nobody to fork meanwhile, and that
 * is when it happens in all but odd programs. The constructor is for programs
 * whose threads get no caches, but use contexts.
 */
#include <hz3/atomic.h>
#include <hz3/shard/heap.h>

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
 * its own held: that comes back here, and finds it done.
 */
void fork_init(void)
{
	u32 old = 0;

	if (cmpxchg_relaxed(&is_registered, &old, 1U))
		libc_at_fork(heap_fork_prepare, heap_fork_parent,
			     heap_fork_child);
}
