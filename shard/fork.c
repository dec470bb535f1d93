// SPDX-License-Identifier: MIT
/*
 * fork(2): every lock there is, taken in lock order, so that the child
 * inherits none that somebody else holds. Concurrent forks wait for each other
 * at the first one. Between these functions the forking thread may allocate (in
 * the handlers of other libraries): see hz3_fork_owner.
 *
 * Context: the three functions run in the forking thread, by init/fork.c.
 */
#include <hz3/mm/arena.h>
#include <hz3/mm/meta.h>
#include <hz3/mm/region.h>
#include <hz3/shard/background.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>
#include <hz3/shard/thread.h>

/**
 * heap_fork_prepare() - before fork
 */
void heap_fork_prepare(void)
{
	u32 i;

	threads_lock_fork();
	/* Before the shards: a purge in flight needs its shard to end. */
	gate_close(&purge_gate);
	pheaps_lock_fork();
	for (i = 1; i <= NR_SHARDS; i++)
		lock_hold(&hz3_shard[i].lock);
	pool_lock_fork();
	arena_lock();
	meta_lock();
	region_lock();
	store_relaxed(&hz3_fork_owner, thread_pointer());
}

/**
 * heap_fork_parent() - after fork, in the parent
 */
void heap_fork_parent(void)
{
	u32 i;

	store_relaxed(&hz3_fork_owner, (uptr)0);
	region_unlock();
	meta_unlock();
	arena_unlock();
	pool_unlock_fork();
	/* First: who waits for a shard to find memory must not find it shut. */
	gate_open(&purge_gate);
	for (i = 1; i <= NR_SHARDS; i++)
		lock_unhold(&hz3_shard[i].lock);
	pheaps_unlock_fork();
	threads_unlock_fork();
}

/**
 * heap_fork_child() - after fork, in the child
 */
void heap_fork_child(void)
{
	u32 i;

	store_relaxed(&hz3_fork_owner, (uptr)0);
	region_reset_lock();
	meta_reset_lock();
	arena_reset_lock();
	pool_reset_fork();
	for (i = 1; i <= NR_SHARDS; i++)
		lock_reset(&hz3_shard[i].lock);
	pheaps_reset_fork();
	gate_open(&purge_gate);
	background_reset_fork();
	threads_reset_fork();
}
