// SPDX-License-Identifier: MIT
/*
 * Where a thread's objects come from: its shard's inbox, depot and spans; then
 * another shard that has plenty; then a new span; at last, whatever any
 * shard can be made to give up.
 *
 * One shard lock at a time is held.
 */
#include <hz3/mm/arena.h>
#include <hz3/mm/os.h>
#include <hz3/remote/inbox.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/sizeclass.h>
#include <hz3/shard/thread.h>

#include "internal.h"

/* Less than this of another shard's is not worth going there. */
#define BORROW_BYTES_MIN (64UL << 10)

/* Bins of which a magazine holds no more than this have the spare filled. */
#define SPARE_CAP_MAX 16U

/* A magazine with up to @cap objects of @sh; @m is an empty one, or NULL. */
static struct magazine *fill(struct shard *sh, u32 bin, struct magazine *m,
			     u32 cap, enum growth grow) __must_hold(&sh->lock)
{
	struct magazine *full = depot_get(sh, bin);

	if (full) {
		if (m)
			magazine_put(sh, m);
		return full;
	}
	if (!m)
		m = magazine_get(sh);
	if (m)
		m->count = shard_take(sh, bin, m->slot, cap, grow);
	return m;
}

/*
 * Load something of @sh, which need not be the thread's own, under its lock.
 * False when there is nothing, or nothing without growing. Of big objects the
 * spare gets as many: an atomic operation waits for all the stores before it,
 * and those to cold lines of big objects take long.
 */
static bool refill(struct thread *t, struct shard *sh, u32 bin,
		   enum growth grow) __must_hold(&sh->lock)
{
	bool big = bin_cache_max(bin) <= SPARE_CAP_MAX;
	u32 cap = cache_next_cap(t, bin);
	struct magazine *old;
	struct magazine *m;

	depot_drain_inbox(sh);
	m = fill(sh, bin, NULL, cap, grow);
	if (!m)
		return false;
	if (!m->count) {
		magazine_put(sh, m);
		return false;
	}
	old = cache_detach(t, bin);
	cache_set_block(t, bin, m, cap);
	if (old && big && !t->spare[bin])
		t->spare[bin] = old;
	else if (old)
		magazine_put(sh, old);
	/* The spare is empty here, or it would have been loaded. */
	if (big && t->spare[bin] && !t->spare[bin]->count)
		t->spare[bin] = fill(sh, bin, t->spare[bin], cap, GROW_NOT);
	return true;
}

static bool refill_from(struct thread *t, u8 shard, u32 bin, enum growth grow)
{
	struct shard *sh = shard_of(shard);
	bool ok;

	lock_acquire(&sh->lock);
	ok = refill(t, sh, bin, grow);
	lock_release(&sh->lock);
	return ok;
}

/*
 * Has another shard plenty of just this bin, and not more spans of it than we
 * have? Who has more will need less: our thread took over from one of its, or
 * is new. With spans of its own, all it frees later is its own.
 */
static bool has_plenty(const struct shard *own, const struct shard *other,
		       u32 bin)
{
	const struct depot *d = &own->depot[bin];
	const struct depot *o = &other->depot[bin];
	u32 room = load_relaxed(&o->room);
	u32 stock = room + load_relaxed(&o->nr_objects);

	return (size_t)stock * bin_size(bin) >= BORROW_BYTES_MIN &&
	       load_relaxed(&d->nr_out) + load_relaxed(&d->room) >=
		       load_relaxed(&o->nr_out) + room;
}

/*
 * Could it do with half of its memory? Then a new segment of our own would
 * only be its twin. Room in its spans of other bins is not counted.
 */
static bool is_half_empty(const struct shard *other, u32 bin)
{
	const struct depot *o = &other->depot[bin];
	size_t stock = load_relaxed(&o->room) + load_relaxed(&o->nr_objects);
	size_t free = load_relaxed(&other->free_hint) * GRANULE_SIZE;
	size_t used = load_relaxed(&other->used_granules) * GRANULE_SIZE;

	return free + used > SEGMENT_SIZE &&
	       free + stock * bin_size(bin) >= (free + used) / 2;
}

/*
 * Before the own shard gets a new span (GROW_NOT: another is not to get one
 * either) or a new segment (GROW_SPAN): what is freed remotely piles up with
 * owners that do not allocate any more, and each owner's peak comes at another
 * time. Not for objects that would share a line with the owner's.
 */
static bool refill_from_others(struct thread *t, u32 bin, enum growth grow)
{
	const struct shard *own = shard_of(t->shard);
	u32 i;

	if (!HAS_OTHERS || bin < BIN_LINE)
		return false;
	for (i = 1; i <= NR_SHARDS; i++) {
		const struct shard *other = shard_of((u8)i);

		if (other == own || !shard_is_ready((u8)i))
			continue;
		if (grow == GROW_NOT ? has_plenty(own, other, bin) :
				       is_half_empty(other, bin))
			if (refill_from(t, (u8)i, bin, grow))
				return true;
	}
	return false;
}

/**
 * cache_refill() - load a magazine with objects
 * @t: the current thread's state
 * @bin: size class, whose loaded magazine is empty
 *
 * Return: false when there is no memory.
 */
bool cache_refill(struct thread *t, u32 bin)
{
	t->overflows[bin] = 0;
	if (refill_from(t, t->shard, bin, GROW_NOT) ||
	    refill_from_others(t, bin, GROW_NOT) ||
	    refill_from(t, t->shard, bin, GROW_SPAN) ||
	    refill_from_others(t, bin, GROW_SPAN))
		return true;
	shard_purge_for_growth(shard_of(t->shard));
	return refill_from(t, t->shard, bin, GROW_SEGMENT);
}

/**
 * shard_take_one() - an object or run of a shard, or of a heap
 * @sh: the shard, which may grow for it
 * @rq: what is wanted
 *
 * Return: the object or run, or NULL.
 */
void *shard_take_one(struct shard *sh, struct request *rq)
{
	void *obj;

	if (rq->bin == BIN_RUN)
		return shard_run_alloc(sh, rq->size, rq->align, GROW_SEGMENT,
				       &rq->zeroed);
	return shard_take(sh, rq->bin, &obj, 1, GROW_SEGMENT) ? obj : NULL;
}

/* What waits in inbox and depots is returned to the spans on the way. */
static void *rescue_from(struct shard *sh, struct request *rq)
{
	void *obj;

	lock_acquire(&sh->lock);
	depot_drain_inbox(sh);
	depot_reap(sh, true);
	obj = shard_take_one(sh, rq);
	lock_release(&sh->lock);
	return obj;
}

static void *rescue_once(struct request *rq)
{
	void *obj = NULL;
	u32 i;

	for (i = 1; i <= NR_SHARDS && !obj; i++)
		if (shard_is_ready((u8)i))
			obj = rescue_from(shard_of((u8)i), rq);
	/* What later depots had of earlier shards has been sent to these. */
	for (i = 1; HAS_OTHERS && i <= NR_SHARDS && !obj; i++)
		if (!inbox_is_empty((u8)i))
			obj = rescue_from(shard_of((u8)i), rq);
	return obj;
}

static void *rescue(struct request *rq)
{
	void *obj = rescue_once(rq);

	/* What is free but committed may be all there may be. */
	if (!obj && arena_purge((u32)os_now_ms(), 0))
		obj = rescue_once(rq);
	return obj;
}

/**
 * heap_rescue() - the last resort before NULL: any shard's memory will do
 * @rq: an object of a bin, or a run
 *
 * Return: the object or run, or NULL.
 */
void *heap_rescue(struct request *rq)
{
	void *obj;

	do {
		obj = rescue(rq);
		if (!obj && thread_give_back(rq->t))
			obj = rescue(rq);
	} while (!obj && heap_refused(rq->t, rq->size));
	return obj;
}

/**
 * cache_rescue() - one object from wherever there is one
 * @t: the state that wants it
 * @bin: size class
 *
 * Return: the object, or NULL.
 */
void *cache_rescue(struct thread *t, u32 bin)
{
	return heap_rescue(
		&(struct request){ .t = t, .bin = bin, .size = bin_size(bin) });
}

/**
 * cache_take_direct() - one object for a thread without a cache
 * @t: its state
 * @bin: size class
 *
 * Return: the object, or NULL.
 */
void *cache_take_direct(struct thread *t, u32 bin)
{
	struct shard *sh = shard_get(1);
	void *obj = NULL;

	lock_acquire(&sh->lock);
	if (!shard_take(sh, bin, &obj, 1, GROW_SEGMENT))
		obj = NULL;
	lock_release(&sh->lock);
	reap_poll_seldom();
	return obj ? obj : cache_rescue(t, bin);
}
