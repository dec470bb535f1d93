// SPDX-License-Identifier: MIT
/*
 * Shards: spans and medium runs, under one lock each.
 *
 * A span is in one of its depot's lists while it has room. Objects are taken
 * from the dense ones first, those that have waited longest and so gathered
 * most, while the sparse ones become empty. An empty span goes back to its
 * segment unless it is the last with room of its bin or a quarter of what is
 * out would not be there as room without it; an empty segment goes
 * back to its arena unless it is the shard's last.
 *
 * Ordering: (A) publishes a shard's lists once, (B) sees them.
 */
#include <hz3/bits.h>
#include <hz3/bug.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/os.h>
#include <hz3/shard/shard.h>
#include <hz3/shard/sizeclass.h>

/* Segments of one class looked at before the next class, or growing. */
#define CLASS_TRIES 16

struct shard hz3_shard[NR_SHARDS + 1];

/**
 * shard_is_ready() - has anybody used this shard yet
 * @number: 1..NR_SHARDS
 *
 * Return: true when its lists may be walked.
 */
bool shard_is_ready(u8 number)
{
	return load_acquire(&hz3_shard[number].ready); /* (B), with (A) */
}

/**
 * shard_init() - set the lists up
 * @sh: a shard, or what a heap has of one; all else is zero
 */
void shard_init(struct shard *sh)
{
	u32 i;

	for (i = 0; i < NR_SEGMENT_CLASSES; i++)
		list_init(&sh->segments[i]);
	list_init(&sh->full);
	list_init(&sh->dirty);
	for (i = 0; i < NR_BINS; i++) {
		list_init(&sh->depot[i].dense);
		list_init(&sh->depot[i].sparse);
	}
}

/**
 * shard_get() - find a shard, set up on first use
 * @number: 1..NR_SHARDS
 *
 * Return: the shard.
 */
struct shard *shard_get(u8 number)
{
	struct shard *sh = &hz3_shard[number];

	if (likely(shard_is_ready(number)))
		return sh;
	lock_acquire(&sh->lock);
	if (!sh->ready) {
		sh->number = number;
		shard_init(sh);
		store_release(&sh->ready, (u8)1); /* (A) pairs with (B) */
	}
	lock_release(&sh->lock);
	return sh;
}

static struct list_head *segment_class(struct shard *sh, struct segment *s)
{
	return &sh->segments[fls64(s->run_limit | 1U)];
}

/* Something about its free granules changed: file it where it belongs. */
static void file_segment(struct shard *sh, struct segment *s)
{
	list_del(&s->link);
	list_add(&s->link, s->nr_free ? segment_class(sh, s) : &sh->full);
	if (!s->nr_dirty) {
		list_del(&s->dirty_link);
	} else if (list_is_empty(&s->dirty_link)) {
		s->aged_ms = (u32)os_now_ms();
		list_add_tail(&s->dirty_link, &sh->dirty);
	}
}

/**
 * shard_add_segment() - a new segment joins its owner
 * @sh: the shard
 * @s: the segment
 */
void shard_add_segment(struct shard *sh, struct segment *s)
{
	sh->nr_segments++;
	file_segment(sh, s);
}

/* Note how much others might borrow. */
static void use_granules(struct shard *sh, u32 n)
{
	u32 all = SEGMENT_GRANULES - SEGMENT_HEADER_GRANULES;

	store_relaxed(&sh->used_granules, sh->used_granules + n);
	store_relaxed(&sh->free_hint,
		      sh->nr_segments * all - sh->used_granules);
}

/* A run from the segments of one class, whose runs may be too short. */
static struct segment *take_from_class(struct shard *sh, u32 cls, u32 n,
				       u32 align, int *g, bool *zeroed)
{
	struct list_head *head = &sh->segments[cls];
	u32 tries = CLASS_TRIES;
	struct list_head *pos;
	struct list_head *next;

	list_for_each_safe(pos, next, head) {
		struct segment *s = list_entry(pos, struct segment, link);

		*g = segment_take(s, n, align, zeroed);
		if (*g >= 0)
			return s;
		/* Its limit may be lower now. Next time others come first. */
		list_del(&s->link);
		list_add_tail(&s->link, segment_class(sh, s));
		if (!--tries)
			break;
	}
	return NULL;
}

/* Granules from any segment of the shard, or from a new one. */
static struct segment *take_granules(struct shard *sh, u32 n, u32 align,
				     enum growth grow, unsigned int *g,
				     bool *zeroed) __must_hold(&sh->lock)
{
	struct segment *s = NULL;
	u32 cls;
	int ret = 0;

	for (cls = fls64(n); cls < NR_SEGMENT_CLASSES && !s; cls++)
		s = take_from_class(sh, cls, n, align, &ret, zeroed);
	if (!s) {
		s = grow == GROW_SEGMENT ? segment_create(sh->number, sh) :
					   NULL;
		if (!s)
			return NULL;
		shard_add_segment(sh, s);
		ret = segment_take(s, n, align, zeroed);
		if (ret < 0)
			return NULL;
	}
	*g = (unsigned int)ret;
	use_granules(sh, n);
	if (!s->nr_free) {
		list_del(&s->link);
		list_add(&s->link, &sh->full);
	}
	return s;
}

/* Granules came back to @s. */
static void settle_segment(struct shard *sh, struct segment *s)
{
	if (segment_is_empty(s) && sh->nr_segments > 1) {
		list_del(&s->link);
		list_del(&s->dirty_link);
		sh->nr_segments--;
		sh->nr_gone++;
		segment_destroy(s);
	} else {
		file_segment(sh, s);
	}
}

static struct span *new_span(struct shard *sh, u32 bin, enum growth grow)
	__must_hold(&sh->lock)
{
	struct depot *d = &sh->depot[bin];
	u32 n = bin_span_granules(bin, d->nr_out);
	struct segment *s;
	struct span *sp;
	unsigned int g;
	bool zeroed;

	s = take_granules(sh, n, 1, grow, &g, &zeroed);
	if (!s)
		return NULL;
	sp = span_create(s, g, n, (u8)bin, bin_size(bin));
	list_add(&sp->link, &d->sparse);
	d->nr_spans++;
	store_relaxed(&d->room, d->room + sp->capacity);
	sh->span_bytes += (size_t)sp->capacity * sp->size;
	return sp;
}

static void drop_span(struct shard *sh, struct span *sp)
{
	struct segment *s = segment_of(sp);

	DEBUG_BUG_ON(sp->used || sp->capacity > sh->depot[sp->bin].room);
	list_del(&sp->link);
	use_granules(sh, -sp->nr_granules);
	sh->depot[sp->bin].nr_spans--;
	store_relaxed(&sh->depot[sp->bin].room,
		      sh->depot[sp->bin].room - sp->capacity);
	sh->span_bytes -= (size_t)sp->capacity * sp->size;
	span_destroy(sp);
	settle_segment(sh, s);
}

/* The span to take from next, or NULL. */
static struct span *first_span(struct depot *d)
{
	if (!list_is_empty(&d->dense))
		return list_entry(d->dense.next, struct span, link);
	if (!list_is_empty(&d->sparse))
		return list_entry(d->sparse.next, struct span, link);
	return NULL;
}

/* Objects were taken out of @sp: is it still in the right list? */
static void file_span(struct depot *d, struct span *sp)
{
	if (!span_has_room(sp)) {
		list_del(&sp->link);
	} else if (!span_is_sparse(sp)) {
		list_del(&sp->link);
		list_add(&sp->link, &d->dense);
	}
}

/**
 * shard_take() - take objects of a bin out of spans
 * @sh: the shard
 * @bin: size class
 * @out: receives them; of each span the lowest addresses last
 * @n: how many at most
 * @grow: what to do when there is nothing at all
 *
 * Return: how many there were; with GROW_SEGMENT, 0 when memory is exhausted.
 */
u32 shard_take(struct shard *sh, u32 bin, void **out, u32 n, enum growth grow)
{
	struct depot *d = &sh->depot[bin];
	u32 got = 0;

	d->taken = DEPOT_TAKEN_REAP | DEPOT_TAKEN_GROWTH;
	while (got < n) {
		struct span *sp = first_span(d);

		if (!sp && !got && grow != GROW_NOT)
			sp = new_span(sh, bin, grow);
		if (!sp)
			break;
		got += span_take(sp, out + got, n - got);
		file_span(d, sp);
	}
	DEBUG_BUG_ON(got > d->room);
	store_relaxed(&d->room, d->room - got);
	store_relaxed(&d->nr_out, d->nr_out + got);
	return got;
}

/**
 * shard_put() - put objects back into their span
 * @sh: the shard that owns it
 * @slot: the objects; aborts when one is none
 * @n: how many
 * @tag: the first one's page tag
 *
 * Return: how many were of the same span, and are in it now; 1 at least.
 */
u32 shard_put(struct shard *sh, void *const *slot, u32 n, u32 tag)
{
	struct span *sp = span_of(slot[0], tag);
	struct depot *d = &sh->depot[sp->bin];
	bool had_room = span_has_room(sp);
	bool was_sparse = span_is_sparse(sp);
	u32 put = span_put(sp, slot, n);

	if (unlikely(put < n && span_contains(sp, slot[put])))
		shard_bad_pointer(span_check(sp, slot[put]), slot[put]);
	DEBUG_BUG_ON(put > d->nr_out);
	store_relaxed(&d->nr_out, d->nr_out - put);
	store_relaxed(&d->room, d->room + put);
	if (span_is_sparse(sp) != was_sparse) {
		list_del(&sp->link);
		list_add_tail(&sp->link, &d->sparse);
	} else if (!had_room) {
		list_add_tail(&sp->link, &d->dense);
	}
	/*
	 * Keep some room, for a bin in use would make it again at once: the
	 * last span, and beside it a quarter of what is out.
	 */
	if (!sp->used && d->room > sp->capacity + d->nr_out / 4)
		drop_span(sh, sp);
	return put;
}

/**
 * shard_drop_empty_spans() - give back what shard_put() kept
 * @sh: the shard
 * @bin: size class
 */
void shard_drop_empty_spans(struct shard *sh, u32 bin)
{
	struct list_head *pos;
	struct list_head *next;

	list_for_each_safe(pos, next, &sh->depot[bin].sparse) {
		struct span *sp = list_entry(pos, struct span, link);

		if (!sp->used)
			drop_span(sh, sp);
	}
}

/**
 * shard_run_alloc() - allocate a medium run
 * @sh: the shard
 * @size: bytes, at most RUN_SIZE_MAX
 * @align: a power of two, at most RUN_SIZE_MAX
 * @grow: what to do when there is no room
 * @zeroed: set to whether it is known to be zero
 *
 * Return: the run, or NULL.
 */
void *shard_run_alloc(struct shard *sh, size_t size, size_t align,
		      enum growth grow, bool *zeroed)
{
	u32 n = (u32)DIV_ROUND_UP(size, GRANULE_SIZE);
	u32 a = (u32)max(align >> GRANULE_SHIFT, 1UL);
	struct segment *s;
	struct span *sp;
	unsigned int g;

	if (grow == GROW_SEGMENT && arena_is_reserved(SEGMENT_SIZE))
		grow = GROW_SPAN;
	s = take_granules(sh, n, a, grow, &g, zeroed);
	if (!s)
		return NULL;
	sp = span_create(s, g, n, BIN_RUN, n << GRANULE_SHIFT);
	sp->used = 1;
	sp->carved = 1;
	sh->run_bytes += sp->size;
	sh->nr_runs++;
	return span_base(sp);
}

static struct span *run_span(const void *ptr, u32 tag)
{
	struct span *sp = span_of(ptr, tag);
	enum span_error err = span_check(sp, ptr);

	if (unlikely(err != SPAN_OK))
		shard_bad_pointer(err, ptr);
	return sp;
}

/**
 * shard_run_free() - free a medium run
 * @sh: the shard that owns it
 * @ptr: the run; aborts when it is not the start of one
 * @tag: its page tag
 */
void shard_run_free(struct shard *sh, void *ptr, u32 tag)
{
	struct span *sp = run_span(ptr, tag);

	sh->run_bytes -= sp->size;
	use_granules(sh, -sp->nr_granules);
	sh->nr_runs--;
	span_destroy(sp);
	settle_segment(sh, segment_of(sp));
}

/**
 * shard_run_resize() - change the length of a run in place
 * @sh: the shard that owns it
 * @ptr: the run
 * @tag: its page tag
 * @size: bytes wanted, at most RUN_SIZE_MAX
 *
 * Return: whether it could be done.
 */
bool shard_run_resize(struct shard *sh, void *ptr, u32 tag, size_t size)
{
	struct span *sp = run_span(ptr, tag);
	struct segment *s = segment_of(sp);
	u32 n = (u32)DIV_ROUND_UP(size, GRANULE_SIZE);

	if (n > sp->nr_granules &&
	    !segment_take_at(s, span_end(sp), n - sp->nr_granules))
		return false;
	sh->run_bytes -= sp->size;
	use_granules(sh, -sp->nr_granules);
	span_resize(sp, n);
	use_granules(sh, sp->nr_granules);
	sh->run_bytes += sp->size;
	file_segment(sh, s);
	return true;
}

/* One run at a time; the lock is not held while the kernel works. */
static size_t purge_segment(struct shard *sh, struct segment *s)
	__must_hold(&sh->lock)
{
	size_t done = 0;
	unsigned int g;
	unsigned int n;
	int ret;

	/* A fork waits for one system call, not for all of them. */
	while (gate_try_enter(&purge_gate)) {
		n = segment_purge_begin(s, &g);
		if (!n) {
			gate_leave(&purge_gate);
			break;
		}
		ret = shard_purge_pages(sh, granule_addr(s, g),
					n * GRANULE_SIZE);
		/* Refused (locked in memory): dirty still, but not aged. */
		segment_purge_end(s, g, n, ret >= 0);
		gate_leave(&purge_gate);
		if (ret >= 0)
			done += n * GRANULE_SIZE;
	}
	return done;
}

/**
 * shard_purge() - give the pages of free granules back to the system
 * @sh: the shard
 * @now_ms: os_now_ms()
 * @decay_ms: those that have been free for half of that at least, and all of it
 * at most; 0: all
 *
 * Context: drops and retakes the shard's lock around each system call.
 * Return: bytes given back.
 */
size_t shard_purge(struct shard *sh, u32 now_ms, u32 decay_ms)
{
	size_t done = 0;

	while (!list_is_empty(&sh->dirty)) {
		struct segment *s =
			list_entry(sh->dirty.next, struct segment, dirty_link);

		if (!os_have_passed(now_ms, s->aged_ms, decay_ms / 2))
			break;
		list_del(&s->dirty_link);
		if (!decay_ms)
			segment_age(s, now_ms);
		done += purge_segment(sh, s);
		/* Others may have filed it again while the lock was free. */
		list_del(&s->dirty_link);
		if (s->nr_dirty) {
			/* Not due again in this round, even without decay. */
			segment_age(s, now_ms + 1);
			list_add_tail(&s->dirty_link, &sh->dirty);
		}
		settle_segment(sh, s);
	}
	return done;
}
