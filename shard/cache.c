// SPDX-License-Identifier: MIT
/*
 * Thread caches, off the hot paths: what happens when a magazine is empty or
 * full. Objects of somebody else are remote.c's.
 *
 * On a malloc miss: the spare magazine, then what the thread itself was about
 * to send home, then (under the home shard's lock) the inbox, the depot, the
 * spans. On a free overflow: the spare, then the depot. A magazine's limit
 * starts small and doubles while it keeps missing, within the thread's share
 * of a budget that all threads divide.
 */
#include <hz3/bug.h>
#include <hz3/shard/cache.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/thread.h>

#include "internal.h"

#define FREE_RUN 4U /* overflows without a miss: it only frees */

static_assert(CONFIG_HZ3_REMOTE_FLUSH_BUDGET >= 1 &&
		      CONFIG_HZ3_REMOTE_FLUSH_BUDGET <= 1024,
	      "objects a miss may send home");

/**
 * cache_set_block() - load a magazine
 * @t: the current thread, or one that is being set up
 * @bin: size class
 * @m: a detached magazine, whose objects become available; NULL: none
 * @cap: how many objects it may hold; at least what it holds
 *
 * The magazine loaded before must have been detached.
 */
void cache_set_block(struct thread *t, u32 bin, struct magazine *m, u32 cap)
{
	u32 old_cap = cache_cap(t, bin);
	u32 new_cap = 0;
	void **top = NO_TOP;
	void **limit = NO_TOP;

	if (m) {
		new_cap = max(cap, m->count);
		top = m->slot + m->count;
		limit = m->slot + new_cap;
		m->count = 0;
		m->bin = 0;
		m->link = NULL;
	}
	t->limit[bin] = limit;
	store_relaxed(&t->top[bin], top);
	if (new_cap != old_cap) {
		t->limit_bytes -= 2UL * old_cap * bin_size(bin);
		t->limit_bytes += 2UL * new_cap * bin_size(bin);
	}
}

/* Exchange loaded and spare. */
static void swap_spare(struct thread *t, u32 bin)
{
	u32 cap = cache_cap(t, bin);
	struct magazine *m = cache_detach(t, bin);

	cache_set_block(t, bin, t->spare[bin], cap);
	t->spare[bin] = m;
}

/**
 * cache_next_cap() - how much a magazine may hold that missed or overflowed
 * @t: the current thread's state
 * @bin: size class
 *
 * Return: objects.
 */
u32 cache_next_cap(const struct thread *t, u32 bin)
{
	size_t share = load_relaxed(&thread_cache_bytes);
	u32 cap = cache_cap(t, bin);

	if (!cap)
		return bin_cache_first(bin);
	if (t->limit_bytes > share)
		return max(cap / 2, 2U);
	if (t->limit_bytes + 2UL * cap * bin_size(bin) > share)
		return cap;
	return min(cap * 2, bin_cache_max(bin));
}

static bool push(struct thread *t, u32 bin, void *ptr)
{
	void **top = t->top[bin];

	if (top == t->limit[bin])
		return false;
	*top = ptr;
	store_relaxed(&t->top[bin], top + 1);
	return true;
}

static void release_bin(struct thread *t, struct shard *sh, u32 bin)
	__must_hold(&sh->lock)
{
	u32 cap = cache_cap(t, bin);
	struct magazine *m = cache_detach(t, bin);

	if (m)
		depot_put(sh, bin, m);
	/* The block is gone: nothing of it may be looked at. */
	t->top[bin] = NO_TOP;
	t->limit[bin] = NO_TOP;
	t->limit_bytes -= 2UL * cap * bin_size(bin);
	if (t->spare[bin])
		depot_put(sh, bin, t->spare[bin]);
	t->spare[bin] = NULL;
}

/* Are as many objects loaded as when this was last asked? Then it was idle. */
static bool is_quiet(struct thread *t, u32 bin)
{
	void **top = t->top[bin];
	u8 now = top == NO_TOP ? 0 : (u8)magazine_count(top);
	u8 before = t->seen[bin];

	t->seen[bin] = now;
	return now && now == before;
}

/*
 * Magazines of sizes that the thread does not use any more. Their objects lie
 * in as many spans, and keep these from becoming empty.
 */
static void release_quiet(struct thread *t)
{
	struct shard *sh = shard_of(t->shard);
	u32 bin;

	lock_acquire(&sh->lock);
	for (bin = 0; bin < NR_BINS; bin++)
		if (is_quiet(t, bin))
			release_bin(t, sh, bin);
	lock_release(&sh->lock);
}

/**
 * cache_holds() - is there an object in a thread's caches
 * @t: the current thread's state
 *
 * Return: false when cache_release() would find none.
 */
bool cache_holds(const struct thread *t)
{
	u32 bin;

	for (bin = 0; bin < NR_BINS; bin++) {
		if (t->top[bin][-1])
			return true;
		if (t->spare[bin] && t->spare[bin]->count)
			return true;
	}
	return HAS_OTHERS && stash_pending(&t->stash);
}

/**
 * cache_release() - give everything a thread holds to its shard
 * @t: the current thread's state; stays attached, with nothing in it
 */
void cache_release(struct thread *t)
{
	struct shard *sh = shard_of(t->shard);
	u32 bin;

	remote_flush(t, STASH_FLUSH_ALL);
	lock_acquire(&sh->lock);
	remote_put_empty(t, sh);
	for (bin = 0; bin < NR_BINS; bin++)
		release_bin(t, sh, bin);
	lock_release(&sh->lock);
}

/**
 * thread_flush() - send home what was freed for others
 * @t: the state that is at work
 */
void thread_flush(struct thread *t)
{
	if (t->mode == THREAD_ATTACHED)
		remote_flush(t, STASH_FLUSH_ALL);
}

/**
 * thread_idle() - nothing will be allocated or freed for a while
 * @t: the state that is at work; what it holds goes to its owners
 */
void thread_idle(struct thread *t)
{
	if (t->mode == THREAD_ATTACHED)
		cache_release(t);
	reap_poll();
}

/**
 * cache_thread() - a state with caches, made if need be
 * @t: thread_current(), or a state that belongs to no thread
 *
 * Return: the state, or NULL: the thread works without caches.
 */
struct thread *cache_thread(struct thread *t)
{
	if (likely(t->mode == THREAD_ATTACHED))
		return t;
	return t->mode == THREAD_UNATTACHED ? thread_attach() : NULL;
}

/**
 * thread_poll() - do what has to be done from time to time
 * @t: the state that is at work
 *
 * Housekeeping for all, and what @t owes: the age bound of its stash, and the
 * caches that somebody else's heap_purge() asked for.
 *
 * Context: any slow path, no locks held.
 */
void thread_poll(struct thread *t)
{
	reap_poll();
	if (t->mode != THREAD_ATTACHED)
		return;
	/* The age bound: nothing waits in a stash for longer than a reaping. */
	if (t->reap_seen != load_relaxed(&heap_reap_epoch)) {
		t->reap_seen = load_relaxed(&heap_reap_epoch);
		remote_flush(t, STASH_FLUSH_ALL);
		release_quiet(t);
	}
	if (t->purge_seen != load_relaxed(&heap_purge_epoch)) {
		t->purge_seen = load_relaxed(&heap_purge_epoch);
		cache_release(t);
	}
}

/**
 * cache_poll() - the same for the current thread
 */
void cache_poll(void)
{
	thread_poll(thread_current());
}

/**
 * cache_malloc() - allocate an object when the loaded magazine is empty
 * @caller: thread_current(), or a state that belongs to no thread
 * @bin: size class
 *
 * Return: the object, or NULL when memory is exhausted.
 */
void *cache_malloc(struct thread *caller, u32 bin)
{
	struct thread *t = cache_thread(caller);
	void *obj;

	if (!t)
		return cache_take_direct(caller, bin);
	obj = cache_pop(t, bin);
	if (obj)
		return obj;
	if (t->spare[bin] && t->spare[bin]->count) {
		swap_spare(t, bin);
		return cache_pop(t, bin);
	}
	if (HAS_OTHERS && stash_pending(&t->stash) >= STASH_FLUSH_BUDGET) {
		remote_flush(t, STASH_FLUSH_BUDGET);
		obj = cache_pop(t, bin);
		if (obj)
			return obj;
	}
	thread_poll(t);
	/* It may have kept objects of this bin: a refill would lose them. */
	obj = cache_pop(t, bin);
	if (obj)
		return obj;
	return cache_refill(t, bin) ? cache_pop(t, bin) : cache_rescue(t, bin);
}

/*
 * The spare goes to the depot and the loaded one takes its place. A thread that
 * has been freeing only will not want them back at once, and may go to sleep
 * with what it has: then it has no spare.
 */
static bool store(struct thread *t, struct shard *sh, u32 bin)
	__must_hold(&sh->lock)
{
	struct magazine *m = magazine_get(sh);
	u32 cap = cache_next_cap(t, bin);
	struct magazine *full = t->spare[bin];

	if (!m)
		return false;
	t->spare[bin] = cache_detach(t, bin);
	cache_set_block(t, bin, m, cap);
	if (full)
		depot_put(sh, bin, full);
	if (t->overflows[bin] < FREE_RUN) {
		t->overflows[bin]++;
	} else if (t->spare[bin]) {
		depot_put(sh, bin, t->spare[bin]);
		t->spare[bin] = NULL;
	}
	return true;
}

/* Make room in the loaded magazine; false when memory is exhausted. */
static bool make_room(struct thread *t, u32 bin)
{
	struct shard *sh = shard_of(t->shard);
	bool ok;

	if (t->spare[bin] && !t->spare[bin]->count) {
		swap_spare(t, bin);
		return true;
	}
	lock_acquire(&sh->lock);
	ok = store(t, sh, bin);
	lock_release(&sh->lock);
	thread_poll(t);
	return ok;
}

/* Free an object of the state's own shard. */
static void free_own(struct thread *t, void *ptr, u32 tag)
{
	u32 bin = TAG_BIN(tag);

	if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK) && t->top[bin][-1] == ptr)
		cache_double_free(ptr);
	if (push(t, bin, ptr))
		return;
	if (make_room(t, bin) && push(t, bin, ptr))
		return;
	remote_put_home(ptr, tag);
}

/* Not an object that a shard owns: a run, a large block, a heap's, NULL. */
static bool is_special(u32 tag)
{
	return TAG_BIN(tag) >= NR_BINS || !TAG_DST(tag);
}

/**
 * cache_free_full() - free an own object when the loaded magazine is full
 * @ptr: the object
 *
 * Also where frees of medium runs end up, whose pseudo bin is always full,
 * and the first free of an unattached thread.
 */
void cache_free_full(void *ptr)
{
	u32 tag = pagetag_lookup(ptr);
	struct thread *t;

	if (is_special(tag)) {
		heap_free_slow(ptr);
		return;
	}
	t = cache_thread(thread_current());
	if (!t || t->shard != TAG_DST(tag))
		cache_free_remote(ptr, tag, thread_current());
	else
		free_own(t, ptr, tag);
}

/**
 * thread_free() - free any block, through a given state
 * @t: the state; not unattached
 * @ptr: the block, or NULL
 */
void thread_free(struct thread *t, void *ptr)
{
	u32 tag;

	ptr = plain_address(ptr);
	tag = pagetag_lookup(ptr);
	if (unlikely(is_special(tag)))
		heap_free_slow(ptr);
	else if (likely(TAG_DST(tag) == t->shard))
		free_own(t, ptr, tag);
	else
		thread_free_remote(t, ptr, tag);
}

/**
 * cache_double_free() - the same pointer was freed twice in a row
 * @ptr: the pointer
 */
void cache_double_free(void *ptr)
{
	shard_bad_pointer(SPAN_DOUBLE, ptr);
}
