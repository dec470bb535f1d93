// SPDX-License-Identifier: MIT
/*
 * A thread's frees of other shards' objects: kept, stashed, sent home.
 *
 * Here the stash (remote/) meets the magazines: this is what the dispatcher
 * asks for when it flushes.
 */
#include <hz3/remote/inbox.h>
#include <hz3/shard/cache.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/thread.h>

#include "internal.h"

#define INBOX_BYTES_MAX (1UL << CONFIG_HZ3_REMOTE_INBOX_SHIFT)

static_assert(CONFIG_HZ3_REMOTE_INBOX_SHIFT >= 12 &&
		      CONFIG_HZ3_REMOTE_INBOX_SHIFT <= 26,
	      "bytes an inbox may hold before others help");
static_assert(CONFIG_HZ3_REMOTE_STASH_SHIFT >= 16 &&
		      CONFIG_HZ3_REMOTE_STASH_SHIFT <= 26,
	      "bytes a stash may hold, an object of any size at least");

/* Empty magazines that a thread keeps at most. */
#define EMPTY_MAX 4U

/* The dispatcher's view of us. */
struct cache_dispatch {
	struct dispatch d;
	struct thread *t;
};

/*
 * Keep an object of another shard while less than half of what may be here
 * is. A small one shares its cache line with its owner's: that one goes home,
 * or two threads would fight over the line. Without a magazine limit equals
 * top, and nothing is kept.
 */
static __always_inline bool is_wanted(struct thread *t, u32 bin)
{
	return IS_ENABLED(CONFIG_HZ3_REMOTE_ABSORB) && bin >= BIN_LINE &&
	       magazine_is_low(t->top[bin], t->limit[bin]);
}

static __always_inline void absorb(struct thread *t, u32 bin, void *ptr)
{
	void **top = t->top[bin];

	/* A tail call, which costs the other case no saved register. */
	if (IS_ENABLED(CONFIG_HZ3_FREE_CHECK) && unlikely(top[-1] == ptr)) {
		cache_double_free(ptr);
		return;
	}
	*top = ptr;
	store_relaxed(&t->top[bin], top + 1);
}

static bool cache_absorb(struct dispatch *d, u8 bin, void __remote *ptr)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;

	if (!is_wanted(t, bin))
		return false;
	absorb(t, bin, block_keep(ptr));
	t->stash_room += bin_size(bin);
	return true;
}

/* Empty magazines come and go a few at a time: a lock for each is too much. */
static bool get_empty(struct thread *t)
{
	struct shard *sh = shard_of(t->shard);

	lock_acquire(&sh->lock);
	while (t->nr_empty < EMPTY_MAX) {
		struct magazine *m = magazine_get(sh);

		if (!m)
			break;
		m->link = t->empty;
		t->empty = m;
		t->nr_empty++;
	}
	lock_release(&sh->lock);
	return t->nr_empty;
}

/**
 * remote_put_empty() - return the empty magazines a thread keeps for messages
 * @t: the current thread's state
 * @sh: its shard, whose lock the caller holds
 */
void remote_put_empty(struct thread *t, struct shard *sh)
{
	while (HAS_OTHERS && t->nr_empty) {
		struct magazine *m = t->empty;

		t->empty = m->link;
		t->nr_empty--;
		magazine_put(sh, m);
	}
}

static struct magazine *cache_get(struct dispatch *d)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	struct magazine *m;

	if (!t->nr_empty && !get_empty(t))
		return NULL;
	m = t->empty;
	t->empty = m->link;
	t->nr_empty--;
	m->link = NULL;
	return m;
}

static void cache_put(struct dispatch *d, struct magazine *m)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	struct shard *sh = shard_of(t->shard);

	if (t->nr_empty == EMPTY_MAX) {
		lock_acquire(&sh->lock);
		remote_put_empty(t, sh);
		lock_release(&sh->lock);
	}
	m->link = t->empty;
	t->empty = m;
	t->nr_empty++;
}

/* Send; and when the owner does not seem to look, do its work. */
static void cache_post(struct dispatch *d, u8 dst, struct magazine *m,
		       size_t bytes)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	struct shard *sh = shard_of(dst);
	size_t waiting = inbox_post(dst, m, bytes);

	t->stash_room += bytes;
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

/**
 * remote_put_home() - free an object straight to its span
 * @ptr: the object
 * @tag: its page tag
 *
 * Without memory for a magazine, or without a cache.
 */
void remote_put_home(void *ptr, u32 tag)
{
	struct shard *sh = shard_of(TAG_DST(tag));

	lock_acquire(&sh->lock);
	/* Freed twice, it may be something else by now. */
	if (unlikely(pagetag_lookup(ptr) != tag))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	shard_put(sh, &ptr, 1, tag);
	lock_release(&sh->lock);
}

static void cache_deliver(struct dispatch *d, u8 dst __maybe_unused,
			  void __remote *ptr)
{
	struct thread *t = container_of(d, struct cache_dispatch, d)->t;
	void *obj = block_keep(ptr);
	u32 tag = pagetag_lookup(obj);

	t->stash_room += bin_size(TAG_BIN(tag));
	remote_put_home(obj, tag);
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

/**
 * remote_flush() - send home what a thread has stashed
 * @t: the current thread's state
 * @budget: about how many objects; STASH_FLUSH_ALL for all
 *
 * Context: no locks held.
 */
void remote_flush(struct thread *t, u32 budget)
{
	struct cache_dispatch cd = dispatch_for(t);

	if (HAS_OTHERS)
		stash_flush(&t->stash, budget, &cd.d);
}

/*
 * Keep it for its owner; false when there is no room. A state without a thread
 * has none, and blocks that are in no bin are larger than any room.
 */
static __always_inline bool stash(struct thread *t, void *ptr, u32 tag)
{
	size_t size = bin_size(TAG_BIN(tag));

	if (!HAS_OTHERS)
		return false;
	if (unlikely(size > t->stash_room) ||
	    unlikely(!stash_push(&t->stash, TAG_DST(tag), (u8)TAG_BIN(tag),
				 block_send(ptr))))
		return false;
	t->stash_room -= size;
	return true;
}

/* The stash has no room: send what is in the way, then try again. */
static void free_stash_full(struct thread *t, void *ptr, u32 tag)
{
	struct cache_dispatch cd = dispatch_for(t);
	u8 dst = TAG_DST(tag);
	u8 bin = (u8)TAG_BIN(tag);

	if (bin_size(bin) > t->stash_room)
		stash_flush(&t->stash, STASH_FLUSH_ALL, &cd.d);
	if (!stash(t, ptr, tag) &&
	    (!stash_make_room(&t->stash, dst, bin, &cd.d) ||
	     !stash(t, ptr, tag)))
		remote_put_home(ptr, tag);
	/* A thread that only frees comes to no other slow path. */
	thread_poll(t);
}

/* The free of a state without caches. */
static void free_direct(void *ptr, u32 tag)
{
	remote_put_home(ptr, tag);
	reap_poll_seldom();
}

/* Keep it for ourselves or for its owner, if there is room. */
static __always_inline bool keep(struct thread *t, void *ptr, u32 tag)
{
	/* Who has caches has them for this shard, then. */
	if (!HAS_OTHERS)
		return false;
	if (is_wanted(t, TAG_BIN(tag))) {
		absorb(t, TAG_BIN(tag), ptr);
		return true;
	}
	return likely(tag) && stash(t, ptr, tag);
}

/**
 * thread_free_remote() - free an object of another shard, through a given state
 * @t: the state; not unattached
 * @ptr: the object
 * @tag: its page tag
 */
void thread_free_remote(struct thread *t, void *ptr, u32 tag)
{
	if (keep(t, ptr, tag))
		return;
	if (HAS_OTHERS && t->mode == THREAD_ATTACHED)
		free_stash_full(t, ptr, tag);
	else
		free_direct(ptr, tag);
}

static __noinline void free_remote_slow(void *ptr, u32 tag, struct thread *t)
{
	if (TAG_BIN(tag) >= NR_BINS || !TAG_DST(tag))
		heap_free_slow(ptr);
	else if (HAS_OTHERS && t->mode == THREAD_ATTACHED)
		free_stash_full(t, ptr, tag);
	else if (cache_thread(t))
		heap_free(ptr);
	else
		free_direct(ptr, tag);
}

/**
 * cache_free_remote() - free an object of another shard
 * @ptr: the object, or none of ours
 * @tag: its page tag
 * @t: thread_current(), which the caller has in the third register
 */
void cache_free_remote(void *ptr, u32 tag, struct thread *t)
{
	if (!keep(t, ptr, tag))
		free_remote_slow(ptr, tag, t);
}
