// SPDX-License-Identifier: MIT
/*
 * Thread caches, off the hot paths: what happens when a magazine is empty or
 * full, or an object belongs to somebody else.
 *
 * On a malloc miss: the spare magazine, then what the thread itself was about
 * to send home, then (under the home shard's lock) the inbox, the depot, the
 * spans. On a free overflow: the spare, then the depot. A magazine's limit
 * starts small and doubles while it keeps missing, within the thread's share
 * of a budget that all threads divide.
 */
#include <hz3/bug.h>
#include <hz3/remote/inbox.h>
#include <hz3/shard/cache.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/thread.h>

#include "internal.h"

#define BUDGET_BYTES    (1UL << CONFIG_HZ3_CACHE_BUDGET_SHIFT)
#define SHARE_BYTES_MIN (128UL << 10)
#define INBOX_BYTES_MAX (1UL << CONFIG_HZ3_REMOTE_INBOX_SHIFT)
#define STASH_BYTES_MAX (1U << CONFIG_HZ3_REMOTE_STASH_SHIFT)

static_assert(CONFIG_HZ3_REMOTE_FLUSH_BUDGET >= 1 &&
		      CONFIG_HZ3_REMOTE_FLUSH_BUDGET <= 1024,
	      "objects a miss may send home");
static_assert(CONFIG_HZ3_REMOTE_INBOX_SHIFT >= 12 &&
		      CONFIG_HZ3_REMOTE_INBOX_SHIFT <= 26,
	      "bytes an inbox may hold before others help");
static_assert(CONFIG_HZ3_REMOTE_STASH_SHIFT >= 16 &&
		      CONFIG_HZ3_REMOTE_STASH_SHIFT <= 26,
	      "bytes a stash may hold, an object of any size at least");

/* The dispatcher's view of us. */
struct cache_dispatch {
	struct dispatch d;
	struct thread *t;
};

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
	void **top = NO_TOP;
	void **limit = NO_TOP;

	t->limit_bytes -= 2UL * cache_cap(t, bin) * bin_size(bin);
	if (m) {
		top = m->slot + m->count;
		limit = m->slot + max(cap, m->count);
		m->count = 0;
		m->bin = 0;
		m->link = NULL;
	}
	t->limit[bin] = limit;
	store_relaxed(&t->top[bin], top);
	t->limit_bytes += 2UL * cache_cap(t, bin) * bin_size(bin);
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
	u32 cap = cache_cap(t, bin);
	u32 nr = max(thread_count(), 1U);
	size_t share = max(BUDGET_BYTES / nr, SHARE_BYTES_MIN);

	if (!cap)
		return bin_cache_first(bin);
	if (t->limit_bytes > share)
		return max(cap / 2, 2U);
	if (t->limit_bytes + 2UL * cap * bin_size(bin) > share)
		return cap;
	return min(cap * 2, bin_cache_max(bin));
}

static void *pop(struct thread *t, u32 bin)
{
	void **top = t->top[bin];
	void *obj = top[-1];

	if (obj)
		store_relaxed(&t->top[bin], top - 1);
	return obj;
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

/*
 * Keep an object of another shard while less than half of what may be here
 * is. A small one shares its cache line with its owner's: that one goes home,
 * or two threads would fight over the line. Without a magazine limit equals
 * top, and nothing is kept.
 */
static __always_inline bool absorb(struct thread *t, u32 bin, void *ptr)
{
	void **top = t->top[bin];

	if (!IS_ENABLED(CONFIG_HZ3_REMOTE_ABSORB) || bin < BIN_LINE ||
	    !magazine_is_low(top, t->limit[bin]))
		return false;
	*top = ptr;
	store_relaxed(&t->top[bin], top + 1);
	return true;
}

static bool cache_absorb(struct dispatch *d, u8 bin, void __remote *ptr)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;

	if (!absorb(t, bin, block_keep(ptr)))
		return false;
	t->stash_bytes -= (u32)bin_size(bin);
	return true;
}

static struct magazine *cache_get(struct dispatch *d)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	struct shard *sh = shard_get(t->shard);
	struct magazine *m;

	lock_acquire(&sh->lock);
	m = magazine_get(sh);
	lock_release(&sh->lock);
	return m;
}

static void cache_put(struct dispatch *d, struct magazine *m)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	struct shard *sh = shard_get(t->shard);

	lock_acquire(&sh->lock);
	magazine_put(sh, m);
	lock_release(&sh->lock);
}

/* Send; and when the owner does not seem to look, do its work. */
static void cache_post(struct dispatch *d, u8 dst, struct magazine *m,
		       size_t bytes)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	struct shard *sh = shard_get(dst);
	size_t waiting = inbox_post(dst, m, bytes);

	t->stash_bytes -= (u32)bytes;
	if (waiting < INBOX_BYTES_MAX)
		return;
	/* Whoever has the lock may be asleep: then wait rather than pile up. */
	if (waiting >= 4 * INBOX_BYTES_MAX)
		lock_acquire(&sh->lock);
	else if (!lock_try(&sh->lock))
		return;
	depot_drain_inbox(sh);
	lock_release(&sh->lock);
}

/* One object straight to its span: no memory, or no cache. */
static void put_home(void *ptr, u32 tag)
{
	struct shard *sh = shard_get(TAG_DST(tag));

	lock_acquire(&sh->lock);
	shard_put(sh, &ptr, 1, tag);
	lock_release(&sh->lock);
}

static void cache_deliver(struct dispatch *d, u8 dst __maybe_unused,
			  void __remote *ptr)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	void *obj = block_keep(ptr);
	u32 tag = pagetag_lookup(obj);

	t->stash_bytes -= (u32)bin_size(TAG_BIN(tag));
	put_home(obj, tag);
}

static size_t cache_size(u32 bin)
{
	return bin_size(bin);
}

static struct cache_dispatch dispatch_for(struct thread *t)
{
	return (struct cache_dispatch){
		.d = {
			.absorb = cache_absorb,
			.get = cache_get,
			.put = cache_put,
			.post = cache_post,
			.deliver = cache_deliver,
			.size = cache_size,
			.cap = bin_cache_max,
		},
		.t = t,
	};
}

static void flush_stash(struct thread *t, u32 budget)
{
	struct cache_dispatch cd = dispatch_for(t);

	stash_flush(&t->stash, budget, &cd.d);
}

/**
 * cache_release() - give everything a thread holds to its shard
 * @t: the current thread's state; stays attached, with nothing in it
 */
void cache_release(struct thread *t)
{
	struct shard *sh = shard_get(t->shard);
	u32 bin;

	flush_stash(t, STASH_FLUSH_ALL);
	lock_acquire(&sh->lock);
	for (bin = 0; bin < NR_BINS; bin++) {
		struct magazine *m = cache_detach(t, bin);

		if (m)
			depot_put(sh, bin, m);
		/* The block is gone: nothing of it may be looked at. */
		t->top[bin] = NO_TOP;
		t->limit[bin] = NO_TOP;
		if (t->spare[bin])
			depot_put(sh, bin, t->spare[bin]);
		t->spare[bin] = NULL;
	}
	lock_release(&sh->lock);
	t->limit_bytes = 0;
}

static struct thread *cache_thread(void)
{
	struct thread *t = thread_current();

	if (likely(t->mode == THREAD_ATTACHED))
		return t;
	return t->mode == THREAD_UNATTACHED ? thread_attach() : NULL;
}

/**
 * cache_poll() - do what has to be done from time to time
 *
 * Housekeeping for all, and what the current thread owes: the age bound of
 * its stash, and the caches that somebody else's heap_purge() asked for.
 *
 * Context: any slow path, no locks held.
 */
void cache_poll(void)
{
	struct thread *t = thread_current();

	reap_poll();
	if (t->mode != THREAD_ATTACHED)
		return;
	/* The age bound: nothing waits in a stash for longer than a reaping. */
	if (t->reap_seen != load_relaxed(&heap_reap_epoch)) {
		t->reap_seen = load_relaxed(&heap_reap_epoch);
		flush_stash(t, STASH_FLUSH_ALL);
	}
	if (t->purge_seen != load_relaxed(&heap_purge_epoch)) {
		t->purge_seen = load_relaxed(&heap_purge_epoch);
		cache_release(t);
	}
}

/**
 * cache_malloc() - allocate an object when the loaded magazine is empty
 * @bin: size class
 *
 * Return: the object, or NULL when memory is exhausted.
 */
void *cache_malloc(u32 bin)
{
	struct thread *t = cache_thread();
	void *obj;

	if (!t)
		return cache_take_direct(bin);
	obj = pop(t, bin);
	if (obj)
		return obj;
	if (t->spare[bin] && t->spare[bin]->count) {
		swap_spare(t, bin);
		return pop(t, bin);
	}
	if (stash_pending(&t->stash) >= CONFIG_HZ3_REMOTE_FLUSH_BUDGET) {
		flush_stash(t, CONFIG_HZ3_REMOTE_FLUSH_BUDGET);
		obj = pop(t, bin);
		if (obj)
			return obj;
	}
	cache_poll();
	/* It may have kept objects of this bin: a refill would lose them. */
	obj = pop(t, bin);
	if (obj)
		return obj;
	return cache_refill(t, bin) ? pop(t, bin) : cache_rescue(bin);
}

/* Make room in the loaded magazine; false when memory is exhausted. */
static bool make_room(struct thread *t, u32 bin)
{
	struct shard *sh = shard_get(t->shard);
	struct magazine *full;
	struct magazine *m;
	u32 cap;

	if (t->spare[bin] && !t->spare[bin]->count) {
		swap_spare(t, bin);
		return true;
	}
	lock_acquire(&sh->lock);
	m = magazine_get(sh);
	if (m) {
		cap = cache_next_cap(t, bin);
		full = t->spare[bin];
		t->spare[bin] = cache_detach(t, bin);
		cache_set_block(t, bin, m, cap);
		if (full)
			depot_put(sh, bin, full);
	}
	lock_release(&sh->lock);
	cache_poll();
	return m;
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
	u32 bin = TAG_BIN(tag);
	struct thread *t;

	if (bin >= NR_BINS || !TAG_DST(tag)) {
		heap_free_slow(ptr);
		return;
	}
	t = cache_thread();
	if (!t || t->shard != TAG_DST(tag)) {
		cache_free_remote(ptr, tag);
		return;
	}
	if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK) && t->top[bin][-1] == ptr)
		cache_double_free(ptr);
	if (push(t, bin, ptr))
		return;
	if (make_room(t, bin) && push(t, bin, ptr))
		return;
	put_home(ptr, tag);
}

/* Keep it for its owner; false when there is no room, or too much already. */
static __always_inline bool stash(struct thread *t, void *ptr, u32 tag)
{
	u32 bytes = t->stash_bytes + (u32)bin_size(TAG_BIN(tag));

	if (unlikely(bytes > STASH_BYTES_MAX) ||
	    unlikely(!stash_push(&t->stash, TAG_DST(tag), (u8)TAG_BIN(tag),
				 block_send(ptr))))
		return false;
	t->stash_bytes = bytes;
	return true;
}

/* The stash has no room: send what is in the way, then try again. */
static __noinline void free_stash_full(struct thread *t, void *ptr, u32 tag)
{
	struct cache_dispatch cd = dispatch_for(t);
	u8 dst = TAG_DST(tag);
	u8 bin = (u8)TAG_BIN(tag);

	if (t->stash_bytes + bin_size(bin) > STASH_BYTES_MAX)
		stash_flush(&t->stash, STASH_FLUSH_ALL, &cd.d);
	if (!stash(t, ptr, tag) &&
	    (!stash_make_room(&t->stash, dst, bin, &cd.d) ||
	     !stash(t, ptr, tag)))
		put_home(ptr, tag);
	/* A thread that only frees comes to no other slow path. */
	cache_poll();
}

/* A thread without a state: make one, or do without. */
static __noinline void free_unattached(void *ptr, u32 tag)
{
	if (cache_thread())
		heap_free(ptr);
	else
		put_home(ptr, tag);
}

/**
 * cache_free_remote() - free an object of another shard
 * @ptr: the object
 * @tag: its page tag
 */
void cache_free_remote(void *ptr, u32 tag)
{
	struct thread *t = thread_current();

	if (unlikely(TAG_BIN(tag) >= NR_BINS || !TAG_DST(tag)))
		heap_free_slow(ptr);
	else if (absorb(t, TAG_BIN(tag), ptr))
		return;
	else if (unlikely(t->mode != THREAD_ATTACHED))
		free_unattached(ptr, tag);
	else if (unlikely(!stash(t, ptr, tag)))
		free_stash_full(t, ptr, tag);
}

/**
 * cache_double_free() - the same pointer was freed twice in a row
 * @ptr: the pointer
 */
void cache_double_free(void *ptr)
{
	shard_bad_pointer(SPAN_DOUBLE, ptr);
}
