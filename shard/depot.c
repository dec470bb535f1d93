// SPDX-License-Identifier: MIT
/*
 * Depots: full magazines by bin, empty ones in a pool.
 *
 * Objects in a depot may belong to any shard; their owner matters only when
 * they leave the thread caches for good, into a span.
 *
 * Working-set reaping (Bonwick & Adams, section 3.4): the least stock a bin
 * had during an interval was not needed, and returns to the spans.
 *
 * Empty magazines must flow back: one-way traffic carries them from the
 * sender's shard to the receiver's. A shard keeps some, whose lines are in the
 * caches of its processors: the more, the oftener it ran out of them. The rest
 * is in a pool common to all, moved in chains so that its lock is rarely taken.
 */
#include <hz3/mm/meta.h>
#include <hz3/remote/inbox.h>
#include <hz3/shard/depot.h>
#include <hz3/shard/sizeclass.h>

#define POOL_CHAIN      16U              /* magazines moved at a time */
#define SHARD_EMPTY_MIN (2 * POOL_CHAIN) /* a shard may keep */
#define SHARD_EMPTY_MAX 512U             /* when it often runs out: 256 KiB */
/* Kept of one bin; more only while it is the lesser part of what is out. */
#define DEPOT_BYTES_MAX  (2UL << 20)
#define DEPOT_PART_SHIFT 3

/* A leaf lock: taken with a shard's lock held, holding nothing inside. */
static struct lock pool_lock;
static struct magazine *pool; /* chains by slot[0]; guarded by pool_lock */

/* Take a chain of empty magazines from the pool, or make one. */
static void refill_empty(struct shard *sh) __must_hold(&sh->lock)
{
	struct magazine *m;
	u32 i;

	if (sh->empty_more < SHARD_EMPTY_MAX - SHARD_EMPTY_MIN)
		sh->empty_more += (u16)POOL_CHAIN;
	lock_acquire(&pool_lock);
	m = pool;
	if (m)
		pool = m->slot[0];
	lock_release(&pool_lock);
	if (m) {
		sh->empty = m;
		sh->nr_empty = POOL_CHAIN;
		return;
	}
	/* A page's worth at a time: untouched ones cost nothing. */
	for (i = 0; i < 8; i++) {
		m = meta_alloc(sizeof(*m), MAGAZINE_BYTES);
		if (!m)
			return;
		m->link = sh->empty;
		sh->empty = m;
		sh->nr_empty++;
	}
}

/* Half of what the shard has, to the common pool. */
static void spill_empty(struct shard *sh) __must_hold(&sh->lock)
{
	struct magazine *chain = sh->empty;
	struct magazine *last = chain;
	u32 i;

	for (i = 1; i < POOL_CHAIN; i++)
		last = last->link;
	sh->empty = last->link;
	sh->nr_empty -= POOL_CHAIN;
	last->link = NULL;
	lock_acquire(&pool_lock);
	chain->slot[0] = pool;
	pool = chain;
	lock_release(&pool_lock);
}

/**
 * magazine_get() - get an empty magazine
 * @sh: a shard whose lock the caller holds
 *
 * Return: a detached magazine without objects, or NULL.
 */
struct magazine *magazine_get(struct shard *sh)
{
	struct magazine *m;

	if (!sh->empty)
		refill_empty(sh);
	m = sh->empty;
	if (!m)
		return NULL;
	sh->empty = m->link;
	sh->nr_empty--;
	m->link = NULL;
	m->count = 0;
	m->bin = 0;
	return m;
}

/**
 * magazine_put() - return an empty magazine
 * @sh: a shard whose lock the caller holds
 * @m: the magazine
 */
void magazine_put(struct shard *sh, struct magazine *m)
{
	m->link = sh->empty;
	sh->empty = m;
	if (++sh->nr_empty > SHARD_EMPTY_MIN + sh->empty_more)
		spill_empty(sh);
}

/**
 * depot_get() - take a magazine with objects
 * @sh: the shard
 * @bin: size class
 *
 * Return: a magazine with at least one object, or NULL.
 */
struct magazine *depot_get(struct shard *sh, u32 bin)
{
	struct depot *d = &sh->depot[bin];
	struct magazine *m = d->head;

	if (!m)
		return NULL;
	d->head = m->link;
	store_relaxed(&d->nr_objects, d->nr_objects - m->count);
	d->min_objects = min(d->min_objects, d->nr_objects);
	m->link = NULL;
	return m;
}

/* The tag of an object in a magazine; without one it was freed twice. */
static u32 object_tag(void *ptr)
{
	u32 tag = pagetag_lookup(ptr);

	if (unlikely(!TAG_DST(tag) || TAG_BIN(tag) >= NR_BINS))
		shard_bad_pointer(SPAN_DOUBLE, ptr);
	return tag;
}

static void stock(struct depot *d, u32 bin, struct magazine *m)
{
	m->bin = bin;
	m->link = d->head;
	d->head = m;
	store_relaxed(&d->nr_objects, d->nr_objects + m->count);
}

/* Bring those objects of @m home that are ours; the others stay. */
static void put_own(struct shard *sh, struct magazine *m) __must_hold(&sh->lock)
{
	u32 kept = 0;
	u32 i = 0;

	while (i < m->count) {
		u32 tag = object_tag(m->slot[i]);

		if (TAG_DST(tag) == sh->number)
			i += shard_put(sh, &m->slot[i], m->count - i, tag);
		else
			m->slot[kept++] = m->slot[i++];
	}
	m->count = kept;
}

/* Move the objects of shard @dst from @m to @out, which is of one bin. */
static void pick(struct magazine *m, u8 dst, struct magazine *out)
{
	u32 kept = 0;
	u32 i;

	for (i = 0; i < m->count; i++) {
		void *ptr = m->slot[i];
		u32 tag = object_tag(ptr);

		if (TAG_DST(tag) == dst && TAG_BIN(tag) == out->bin)
			out->slot[out->count++] = ptr;
		else
			m->slot[kept++] = ptr;
	}
	m->count = kept;
}

/*
 * Bring the objects of @m, all of one bin, home: ours to their spans, others
 * to their owners' inboxes, one magazine per owner. Consumes @m.
 */
static void empty_magazine(struct shard *sh, struct magazine *m)
	__must_hold(&sh->lock)
{
	put_own(sh, m);
	while (HAS_OTHERS && m->count) {
		u32 tag = object_tag(m->slot[0]);
		struct magazine *out = magazine_get(sh);

		if (!out) {
			/* No memory for a magazine: wait for better days. */
			stock(&sh->depot[TAG_BIN(tag)], TAG_BIN(tag), m);
			return;
		}
		out->bin = TAG_BIN(tag);
		pick(m, TAG_DST(tag), out);
		inbox_post(TAG_DST(tag), out, out->count * bin_size(out->bin));
	}
	magazine_put(sh, m);
}

/* Would @n more be too many to wait here? */
static bool is_full(const struct depot *d, u32 bin, u32 n)
{
	u32 nr = d->nr_objects + n;

	return (size_t)nr * bin_size(bin) > DEPOT_BYTES_MAX &&
	       nr > d->nr_out >> DEPOT_PART_SHIFT &&
	       d->nr_objects > 2 * bin_cache_max(bin);
}

/**
 * depot_put() - stock a magazine
 * @sh: the shard
 * @bin: size class of every object in it
 * @m: the magazine; consumed
 */
void depot_put(struct shard *sh, u32 bin, struct magazine *m)
{
	struct depot *d = &sh->depot[bin];

	if (!m->count)
		magazine_put(sh, m);
	else if (is_full(d, bin, m->count))
		empty_magazine(sh, m);
	else
		stock(d, bin, m);
}

/* Stock an object of ours for which there is no magazine with room. */
static void put_one(struct shard *sh, void *ptr, u32 tag) __must_hold(&sh->lock)
{
	u32 bin = TAG_BIN(tag);
	struct depot *d = &sh->depot[bin];
	struct magazine *m = is_full(d, bin, 1) ? NULL : magazine_get(sh);

	if (m) {
		m->slot[m->count++] = ptr;
		stock(d, bin, m);
	} else {
		shard_put(sh, &ptr, 1, tag);
	}
}

/*
 * Stock the objects of a message, which are of any bins: neighbours often of
 * one. Consumes @m.
 */
static void take_in(struct shard *sh, struct magazine *m) __must_hold(&sh->lock)
{
	struct magazine *to = NULL;
	struct depot *d = NULL;
	u32 before = ~0U; /* nobody's tag: there is no such bin */
	u32 max_count = 0;
	u32 i;

	for (i = 0; i < m->count; i++) {
		void *ptr = m->slot[i];
		u32 tag = pagetag_lookup(ptr);

		if (!tag_is_alike(tag, before)) {
			/* Freed twice, it may be somebody else's by now. */
			if (unlikely(TAG_DST(tag) != sh->number) ||
			    unlikely(TAG_BIN(tag) >= NR_BINS))
				shard_bad_pointer(SPAN_DOUBLE, ptr);
			d = &sh->depot[TAG_BIN(tag)];
			max_count = bin_cache_max(TAG_BIN(tag));
			to = d->head;
			before = tag;
		}
		/* What is here anyway does not ask for another magazine. */
		if (to && likely(to->count < max_count)) {
			to->slot[to->count++] = ptr;
			store_relaxed(&d->nr_objects, d->nr_objects + 1);
		} else {
			put_one(sh, ptr, tag);
			to = d->head;
		}
	}
	magazine_put(sh, m);
}

/**
 * depot_drain_inbox() - take in what other threads sent home
 * @sh: the shard
 *
 * A magazine of one bin that is half full joins the depot whole. The objects of
 * others are put together: handed out as they came, a few at a time, they
 * would bring the next miss at once.
 */
void depot_drain_inbox(struct shard *sh)
{
	struct magazine *m = HAS_OTHERS ? inbox_take(sh->number) : NULL;
	struct magazine *next;

	for (; m; m = next) {
		next = m->link;
		if (next)
			prefetch(next);
		if (m->bin != BIN_MIXED &&
		    m->count * 2 >= bin_cache_max(m->bin))
			depot_put(sh, m->bin, m);
		else
			take_in(sh, m);
	}
}

/**
 * depot_reap() - return to the spans what was not needed
 * @sh: the shard
 * @all: everything, needed or not
 */
void depot_reap(struct shard *sh, bool all)
{
	u32 bin;

	for (bin = 0; bin < NR_BINS; bin++) {
		struct depot *d = &sh->depot[bin];
		u32 spare = all ? d->nr_objects : d->min_objects;

		while (spare && d->head && d->head->count <= spare) {
			struct magazine *m = depot_get(sh, bin);

			spare -= m->count;
			empty_magazine(sh, m);
		}
		d->min_objects = d->nr_objects;
		if (all || ++d->idle_rounds >= 2) {
			shard_drop_empty_spans(sh, bin);
			d->idle_rounds = 0;
		}
	}
}

/**
 * pool_lock_fork() - before fork: nobody is in the pool
 */
void pool_lock_fork(void)
{
	lock_hold(&pool_lock);
}

/**
 * pool_unlock_fork() - after fork, in the parent
 */
void pool_unlock_fork(void)
{
	lock_unhold(&pool_lock);
}

/**
 * pool_reset_fork() - after fork, in the child
 */
void pool_reset_fork(void)
{
	lock_reset(&pool_lock);
}
