// SPDX-License-Identifier: MIT
/*
 * Giving pages back: system calls that a shard's other threads do not wait
 * for, and the holes in its spans; see mm/hole.c.
 */
#include <hz3/mm/os.h>
#include <hz3/shard/sizeclass.h>
#include <hz3/shard/thread.h>

#include "internal.h"

/* Of one bin, a few system calls each: a few milliseconds. */
#define SPANS_A_TURN 256U

/* Before a new segment: about as much as it brings. */
#define SPANS_A_GROWTH 64U
/* A bin that had no part in so many segments is of no use for now. */
#define GROWTHS_QUIET 4U

static int purge_unlocked(struct shard *sh, void *addr, size_t bytes)
	__must_hold(&sh->lock)
{
	int ret;

	lock_release(&sh->lock);
	ret = os_purge(addr, bytes);
	lock_acquire(&sh->lock);
	return ret;
}

/**
 * shard_purge_pages() - give back pages that nobody can take meanwhile
 * @sh: the shard
 * @addr: start, page-aligned
 * @bytes: how many
 *
 * A heap is small, and its walk shows what is in use: it waits.
 *
 * Context: inside purge_gate; a shard's lock is dropped meanwhile.
 * Return: as os_purge().
 */
int shard_purge_pages(struct shard *sh, void *addr, size_t bytes)
{
	return sh->number ? purge_unlocked(sh, addr, bytes) :
			    os_purge(addr, bytes);
}

/* One hole at a time: a fork waits for one system call, not for all. */
static size_t purge_span(struct shard *sh, struct span *sp)
	__must_hold(&sh->lock)
{
	struct span_hole h = { .end = 0 };
	bool refused = false;
	size_t done = 0;
	void *freed;

	sp->purged = 1; /* what is put back meanwhile clears it */
	while (!refused && gate_try_enter(&purge_gate)) {
		if (!span_hole_begin(sp, h.end, &h)) {
			gate_leave(&purge_gate);
			return done;
		}
		/* While it looks full it is in no list, as if it were. */
		list_del(&sp->link);
		/* Refused (locked in memory): as it was, another time. */
		refused = shard_purge_pages(sh, h.addr, h.bytes) < 0;
		freed = span_hole_end(sp, &h);
		gate_leave(&purge_gate);
		if (unlikely(freed))
			shard_bad_pointer(SPAN_DOUBLE, freed);
		done += refused ? 0 : h.bytes;
	}
	sp->purged = 0; /* refused, or a fork: another time */
	return done;
}

/* Put a span where it belongs, behind those that have waited as long. */
static void file_last(struct depot *d, struct span *sp)
{
	list_del(&sp->link);
	if (span_has_room(sp))
		list_add_tail(&sp->link,
			      span_is_sparse(sp) ? &d->sparse : &d->dense);
}

/*
 * Each span of a list goes to its end once, so that they stay in order. @left:
 * of how many the pages may go.
 */
static size_t purge_list(struct shard *sh, struct depot *d,
			 struct list_head *head, u32 *left)
	__must_hold(&sh->lock)
{
	struct list_head *pos;
	size_t done = 0;
	u32 n = 0;

	list_for_each(pos, head)
		n++;
	for (; n && *left && !list_is_empty(head); n--) {
		struct span *sp = list_entry(head->next, struct span, link);

		if (!sp->purged) {
			done += purge_span(sh, sp);
			--*left;
		}
		file_last(d, sp);
	}
	return done;
}

static size_t purge_depot(struct shard *sh, struct depot *d, u32 *left)
	__must_hold(&sh->lock)
{
	size_t done = purge_list(sh, d, &d->dense, left);

	return done + purge_list(sh, d, &d->sparse, left);
}

/**
 * shard_purge_holes() - give back the free pages of spans in use
 * @sh: the shard
 *
 * Context: drops and retakes the shard's lock around each system call.
 * Return: bytes given back.
 */
size_t shard_purge_holes(struct shard *sh)
{
	u32 left = ~0U;
	size_t done = 0;
	u32 bin;

	if (!IS_ENABLED(CONFIG_HZ3_PURGE_HOLES))
		return 0;
	for (bin = 0; bin < NR_BINS; bin++)
		done += purge_depot(sh, &sh->depot[bin], &left);
	return done;
}

/*
 * One more reaping, or segment, without a take: is @n passed, for the first
 * time or with new holes? Who only frees what is left of a size makes these.
 */
static bool becomes_quiet(u8 *quiet, u8 n, bool taken, bool changed)
{
	if (taken)
		*quiet = 0;
	else if (changed)
		*quiet = min(*quiet, n);
	if (*quiet > n)
		return false;
	return ++*quiet > n;
}

/* Has nothing been taken for so many reapings, and one more? */
static bool has_become_quiet(struct depot *d, u8 rounds)
{
	bool taken = d->taken & DEPOT_TAKEN_REAP;
	bool changed = d->seen_out != (u16)d->nr_out;

	d->taken &= (u8)~DEPOT_TAKEN_REAP;
	d->seen_out = (u16)d->nr_out;
	return becomes_quiet(&d->quiet_rounds, rounds, taken, changed);
}

/**
 * shard_purge_quiet() - the same in bins that nobody uses any more
 * @sh: the shard
 * @decay_ms: for at least this long
 *
 * Some spans of each bin at a time: somebody waits for this.
 *
 * Context: drops and retakes the shard's lock around each system call.
 * Return: bytes given back.
 */
size_t shard_purge_quiet(struct shard *sh, u32 decay_ms)
{
	u8 rounds = (u8)min(decay_ms / CONFIG_HZ3_REAP_MS + 1, 250U);
	size_t done = 0;
	u32 bin;

	if (!IS_ENABLED(CONFIG_HZ3_PURGE_HOLES))
		return 0;
	for (bin = 0; bin < NR_BINS; bin++) {
		struct depot *d = &sh->depot[bin];
		u32 left = SPANS_A_TURN;
		size_t now = 0;

		if (has_become_quiet(d, rounds))
			now = purge_depot(sh, d, &left);
		done += now;
		if (!left && now)                 /* none: the system refuses */
			d->quiet_rounds = rounds; /* more the next time */
	}
	return done;
}

/* Could its spans do with three quarters of their memory? */
static bool has_much_room(const struct shard *sh) __must_hold(&sh->lock)
{
	size_t room = 0;
	u32 bin;

	for (bin = 0; bin < NR_BINS; bin++)
		room += (size_t)sh->depot[bin].room * bin_size(bin);
	return room > sh->span_bytes / 4;
}

/* Has the shard grown by some segments for others alone? Holes are left. */
static bool had_no_part(struct depot *d)
{
	bool taken = d->taken & DEPOT_TAKEN_GROWTH;
	bool changed = d->growth_out != (u16)d->nr_out;

	d->taken &= (u8)~DEPOT_TAKEN_GROWTH;
	d->growth_out = (u16)d->nr_out;
	return becomes_quiet(&d->growths, GROWTHS_QUIET, taken, changed);
}

/**
 * shard_purge_for_growth() - before a new segment: holes it can make up for
 * @sh: the shard, which needs one
 *
 * A program that has come to a phase of other sizes leaves few objects in many
 * spans. Its new memory comes faster than any decay, and the peak would be the
 * sum of both phases. So as it grows, the bins that had no part in the growth
 * give their holes back.
 *
 * Context: takes the shard's lock, and drops it around each system call.
 */
void shard_purge_for_growth(struct shard *sh)
{
	u32 left = SPANS_A_GROWTH;
	u32 bin;

	if (!IS_ENABLED(CONFIG_HZ3_PURGE_HOLES) ||
	    load_relaxed(&heap_decay_ms) == MS_NEVER)
		return;
	lock_acquire(&sh->lock);
	for (bin = has_much_room(sh) ? 0 : NR_BINS; bin < NR_BINS; bin++) {
		struct depot *d = &sh->depot[bin];

		if (!had_no_part(d))
			continue;
		purge_depot(sh, d, &left);
		if (!left)
			d->growths = GROWTHS_QUIET; /* more the next time */
	}
	lock_release(&sh->lock);
}
