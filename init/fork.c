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
 * A fork before the constructor comes from a process with one thread, which
 * is not inside the allocator at that moment: no lock is held.
 */
#include "internal.h"
#include "libc.h"

/**
 * fork_init() - register the handlers
 *
 * On failure (no memory) forks of a process with several threads are unsafe,
 * as they are with any allocator that has no handlers; nothing is said.
 */
void fork_init(void)
{
	libc_at_fork(heap_fork_prepare, heap_fork_parent, heap_fork_child);
}
