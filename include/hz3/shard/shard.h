/* SPDX-License-Identifier: MIT */
/*
 * Shard: an owner of spans. Threads are unlimited, shards are not; any thread
 * may do a shard's work under its lock, so nothing waits for one thread.
 *
 * Lock order: thread list > heap list > shard, or heap > arena > meta. No two
 * shards' or heaps' locks are held at once, except by fork, in ascending order.
 */
#ifndef HZ3_SHARD_SHARD_H
#define HZ3_SHARD_SHARD_H

#include <hz3/list.h>
#include <hz3/lock.h>
#include <hz3/magazine.h>
#include <hz3/mm/segment.h>

/*
 * A shard's stock of one bin. Guarded by the shard's lock; others read
 * @nr_objects, @nr_out and @room, relaxed.
 */
struct depot {
	struct magazine *head;   /* magazines, each with at least one object */
	u32 nr_objects;          /* in all of them */
	u32 min_objects;         /* least since the last reaping */
	u32 nr_out;              /* objects of its spans that are not in them */
	u32 room;                /* objects in its spans */
	struct list_head dense;  /* spans with room, at most half of it */
	struct list_head sparse; /* spans with more */
	u32 nr_spans;            /* spans of this bin, full ones included */
	u8 idle_rounds;          /* reapings since an empty span was left */
	u8 quiet_rounds;         /* reapings since spans were taken from */
	u8 growths;              /* the same: segments that the shard got */
	u8 taken;                /* DEPOT_TAKEN bits, set by a take */
	u16 seen_out;            /* nr_out at the last reaping, cut off */
	u16 growth_out;          /* the same when the shard last grew */
};

/* Not seen yet by a reaping; when the shard grew. */
#define DEPOT_TAKEN_REAP   1U
#define DEPOT_TAKEN_GROWTH 2U

struct shard {
	struct lock lock __cacheline_aligned; /* guards all below */
	u8 number;
	u8 ready;               /* set up; store (A), load (B): shard.c */
	u16 empty_more;         /* may be kept in empty beside a few */
	u32 nr_threads;         /* attached to it; thread list lock */
	u32 nr_empty;           /* in empty */
	struct magazine *empty; /* empty magazines, by link */
	/* Segments with free granules, by fls of their longest run at most. */
	struct list_head segments[NR_SEGMENT_CLASSES];
	struct list_head full;  /* segments without */
	struct list_head dirty; /* those with dirty ones, oldest first */
	u32 used_granules;      /* in all segments; read relaxed by others */
	u32 free_hint;          /* free ones, about; read relaxed by others */
	u32 nr_segments;        /* all of them */
	u32 nr_gone;            /* segments given back, ever */
	size_t run_bytes;       /* in medium runs */
	size_t span_bytes;      /* capacity of all spans */
	u32 nr_runs;
	struct depot depot[NR_BINS];
};

/* What may be done about it when there is nothing. */
enum growth {
	GROW_NOT,
	GROW_SPAN,    /* a new span or run in a segment there is */
	GROW_SEGMENT, /* a new segment */
};

extern struct shard hz3_shard[NR_SHARDS + 1] __hidden; /* [0] is unused */

/* One that owns something or has a thread, and so is set up. */
static inline struct shard *shard_of(u8 number)
{
	return &hz3_shard[number];
}

struct shard *shard_get(u8 number) __hidden;
bool shard_is_ready(u8 number) __hidden;
void shard_init(struct shard *sh) __hidden;

/* shard.c: all with the shard's lock held */
void shard_add_segment(struct shard *sh, struct segment *s)
	__hidden __must_hold(&sh->lock);
u32 shard_take(struct shard *sh, u32 bin, void **out, u32 n, enum growth grow)
	__hidden __must_check __must_hold(&sh->lock);
u32 shard_put(struct shard *sh, void *const *slot, u32 n, u32 tag)
	__hidden __must_hold(&sh->lock);
void *shard_run_alloc(struct shard *sh, size_t size, size_t align,
		      enum growth grow, bool *zeroed)
	__hidden __must_check __must_hold(&sh->lock);
void shard_run_free(struct shard *sh, void *ptr, u32 tag)
	__hidden __must_hold(&sh->lock);
bool shard_run_resize(struct shard *sh, void *ptr, u32 tag, size_t size)
	__hidden __must_check __must_hold(&sh->lock);
void shard_drop_empty_spans(struct shard *sh, u32 bin)
	__hidden __must_hold(&sh->lock);
/* May drop the lock meanwhile. */
size_t shard_purge(struct shard *sh, u32 now_ms, u32 decay_ms)
	__hidden __must_hold(&sh->lock);

/* hole.c: the same */
int shard_purge_pages(struct shard *sh, void *addr, size_t bytes)
	__hidden __must_hold(&sh->lock);
size_t shard_purge_holes(struct shard *sh) __hidden __must_hold(&sh->lock);
size_t shard_purge_quiet(struct shard *sh, u32 decay_ms)
	__hidden __must_hold(&sh->lock);
void shard_purge_for_growth(struct shard *sh) __hidden;

/* Abort with the reason a pointer is bad. */
void shard_bad_pointer(enum span_error err, const void *ptr)
	__hidden __noreturn __cold;

#endif
