// SPDX-License-Identifier: MIT
/*
 * Housekeeping: from time to time some thread, on a slow path of its own,
 * does it for all shards, so that nothing waits for a thread that sleeps.
 *
 * A shard whose lock is taken is skipped: its threads are awake.
 */
#include <hz3/atomic.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/limit.h>
#include <hz3/mm/os.h>
#include <hz3/shard/background.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/heap.h>
#include <hz3/shard/pheap.h>
#include <hz3/shard/thread.h>

#include "internal.h"

static_assert(CONFIG_HZ3_REAP_MS >= 10 && CONFIG_HZ3_REAP_MS <= 60000,
	      "an interval of milliseconds to a minute");
static_assert(CONFIG_HZ3_REAP_MS + 1 <= OS_AHEAD_MS, "what is due is ahead");

static_assert(CONFIG_HZ3_DECAY_MS >= 0 && CONFIG_HZ3_DECAY_MS <= 60000,
	      "at once to a minute");

u32 heap_decay_ms = CONFIG_HZ3_DECAY_MS;
u32 heap_purge_epoch;

u32 heap_reap_epoch;

/* When to reap, to mind the soft limit, to ask for all caches again. */
static u32 next_ms;
static u32 next_soft_ms;
static u32 next_ask_ms;

/* Operations of states without caches, about; relaxed. */
static u32 nr_seldom;

/* With @all, keep nothing and let nothing decay. */
static size_t reap_shard(struct shard *sh, u32 now, bool all)
	__must_hold(&sh->lock)
{
	u32 decay = all ? 0 : load_relaxed(&heap_decay_ms);
	size_t done;

	depot_drain_inbox(sh);
	depot_reap(sh, all);
	if (decay == MS_NEVER)
		return 0;
	done = all ? shard_purge_holes(sh) : shard_purge_quiet(sh, decay);
	return done + shard_purge(sh, now, decay);
}

static void reap_wait(struct shard *sh, u32 now, size_t *done)
{
	lock_acquire(&sh->lock);
	*done += reap_shard(sh, now, true);
	lock_release(&sh->lock);
}

static void reap_try(struct shard *sh, u32 now, size_t *done)
{
	if (lock_try(&sh->lock)) {
		*done += reap_shard(sh, now, false);
		lock_release(&sh->lock);
	}
}

/* With @all, wait for locks as well. */
static size_t reap_shards(u32 now, bool all)
{
	u32 decay = all ? 0 : load_relaxed(&heap_decay_ms);
	size_t done = 0;
	u32 i;

	for (i = 1; i <= NR_SHARDS; i++) {
		struct shard *sh = &hz3_shard[i];

		if (!shard_is_ready((u8)i))
			continue;
		if (all)
			reap_wait(sh, now, &done);
		else
			reap_try(sh, now, &done);
	}
	if (decay == MS_NEVER)
		return 0;
	if (has_heaps())
		done += PHEAP(pheaps_purge)(now, decay, all);
	return done + arena_purge(now, decay);
}

static void reap(u32 now)
{
	fetch_add_relaxed(&heap_reap_epoch, 1U);
	reap_shards(now, false);
}

/*
 * Is it time, for this thread? One of those who see it due wins, and sets the
 * next time, which is never 0; no data is handed over. @late: so much later.
 */
static bool claim_turn(u32 *next, u32 now, u32 late)
{
	u32 due = load_relaxed(next);

	if (likely(due && !os_have_passed(now, due, late)))
		return false;
	return cmpxchg_relaxed(next, &due, (now + CONFIG_HZ3_REAP_MS) | 1);
}

/**
 * reap_poll() - do the housekeeping if it is due
 *
 * Context: any slow path, no locks held.
 */
void reap_poll(void)
{
	u32 now = (u32)os_now_ms();
	/* The thread may not get to run: wait for a few turns, not for ever. */
	u32 late = background_wake() ? 4 * CONFIG_HZ3_REAP_MS : 0;

	if (limit_is_soft_passed() && claim_turn(&next_soft_ms, now, 0))
		heap_purge();
	if (claim_turn(&next_ms, now, late))
		reap(now);
}

/**
 * reap_poll_seldom() - reap_poll() once in so many operations
 *
 * For small ones that come to no other slow path.
 *
 * Context: as reap_poll().
 */
void reap_poll_seldom(void)
{
	u32 n = load_relaxed(&nr_seldom);

	store_relaxed(&nr_seldom, n + 1);
	if (n % OPS_PER_POLL == 0)
		reap_poll();
}

/**
 * reap_turn() - do the housekeeping if it is due, and nothing else
 *
 * Context: the background thread.
 */
void reap_turn(void)
{
	u32 now = (u32)os_now_ms();

	if (claim_turn(&next_ms, now, 0))
		reap(now);
}

/**
 * thread_give_back() - memory is exhausted: empty the caches, each of whose
 * objects keeps a span
 * @t: the state whose caches go at once
 *
 * Other threads empty theirs at their next miss, but not again and again when
 * the program lives at its limit.
 *
 * Return: whether @t held anything.
 */
bool thread_give_back(struct thread *t)
{
	bool held = t->mode == THREAD_ATTACHED && cache_holds(t);

	if (claim_turn(&next_ask_ms, (u32)os_now_ms(), 0))
		fetch_add_relaxed(&heap_purge_epoch, 1U);
	if (held) {
		t->purge_seen = load_relaxed(&heap_purge_epoch);
		cache_release(t);
	}
	return held;
}

/**
 * thread_purge() - give back everything that is not in use
 * @t: the state whose caches go at once
 *
 * Other threads empty their caches at their next miss.
 *
 * Return: bytes returned to the system.
 */
size_t thread_purge(struct thread *t)
{
	size_t done;

	fetch_add_relaxed(&heap_purge_epoch, 1U);
	if (t->mode == THREAD_ATTACHED) {
		t->purge_seen = load_relaxed(&heap_purge_epoch);
		cache_release(t);
	}
	/* The second round takes in what the first posted between shards. */
	done = reap_shards((u32)os_now_ms(), true);
	return done + reap_shards((u32)os_now_ms(), true);
}

/**
 * heap_purge() - the same for the current thread
 *
 * Return: bytes returned to the system.
 */
size_t heap_purge(void)
{
	return thread_purge(thread_current());
}
