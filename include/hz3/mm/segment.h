/* SPDX-License-Identifier: MIT */
/*
 * Segments and the spans in them.
 *
 * A segment is 2 MiB of an arena, owned by one shard or by one heap of the
 * program's (shard 0). Its first granules hold
 * the records of everything in it, out of line, so that a page handed to the
 * program contains nothing of ours and free pages stay clean:
 *
 *	+--------+-------------------+-----------------+---------------------+
 *	| header | span[granule]     | free bits, one  | granules for spans  |
 *	|        | (the first one's) | per 16 bytes    | and medium runs     |
 *	+--------+-------------------+-----------------+---------------------+
 *
 * Everything here is guarded by the lock of the shard or heap that owns the
 * segment.
 */
#ifndef HZ3_MM_SEGMENT_H
#define HZ3_MM_SEGMENT_H

#include <hz3/bits.h>
#include <hz3/list.h>
#include <hz3/mm/arena.h>
#include <hz3/mm/pagetag.h>

#define SEGMENT_GRANULES   (1U << (SEGMENT_SHIFT - GRANULE_SHIFT))
#define SEGMENT_MAP_WORDS  (SEGMENT_GRANULES / BITS_PER_WORD)
#define SEGMENT_FREE_WORDS (SEGMENT_SIZE / OBJECT_ALIGN / BITS_PER_WORD)

/*
 * A span: consecutive granules carved lazily into objects of one bin, or one
 * medium run. Lives at the index of its first granule.
 */
struct span {
	struct list_head link; /* in the shard's list of spans with room */
	u32 size : 23;         /* bytes of an object; of a run: all of it */
	u32 purged : 1;        /* no hole left, and nothing put back since */
	u32 bin : 8;
	u32 inverse : 31; /* 2^32 / size, rounded up; a run: not used */
	u32 fresh : 1;    /* pages behind what was carved were never touched */
	u16 nr_granules;
	u16 capacity; /* objects that fit; a run: 1 */
	u16 used;     /* objects not here: live, cached or in transit */
	u16 carved;   /* objects ever handed out; the rest is untouched */
};

static_assert(sizeof(struct span) == 32, "512 records in 16 KiB");
static_assert(SEGMENT_SHIFT <= 23, "a run's size has 23 bits");

struct segment {
	struct list_head link; /* in one of the shard's, when it has room */
	struct list_head dirty_link; /* in the shard's list of dirty ones */
	struct arena *arena;
	void *owner;                      /* whose lock guards it */
	u8 shard;                         /* its tags' owner; 0: a heap's */
	u16 nr_free;                      /* free granules */
	u16 nr_dirty;                     /* of those, with pages in memory */
	u16 run_limit;                    /* no free run is longer than this */
	u32 aged_ms;                      /* when aged_map was last set */
	u64 free_map[SEGMENT_MAP_WORDS];  /* granule is free */
	u64 dirty_map[SEGMENT_MAP_WORDS]; /* granule may not be zero */
	u64 aged_map[SEGMENT_MAP_WORDS];  /* dirty, and free since aged_ms */
	struct span span[SEGMENT_GRANULES];
	u64 free_bits[SEGMENT_FREE_WORDS]; /* object is back in its span */
};

/* Classes of free runs: 1, 2..3, 4..7 ... granules. */
#define NR_SEGMENT_CLASSES (SEGMENT_SHIFT - GRANULE_SHIFT + 1)

#define SEGMENT_HEADER_GRANULES \
	((unsigned int)DIV_ROUND_UP(sizeof(struct segment), GRANULE_SIZE))
/* The longest run a segment can hold, in bytes. */
#define RUN_SIZE_MAX (SEGMENT_SIZE / 2)

static inline struct segment *segment_of(const void *ptr)
{
	return (struct segment *)((uptr)ptr & ~(SEGMENT_SIZE - 1));
}

static inline unsigned int granule_of(const void *ptr)
{
	return ((uptr)ptr & (SEGMENT_SIZE - 1)) >> GRANULE_SHIFT;
}

static inline void *granule_addr(const struct segment *s, unsigned int g)
{
	return (void *)((uptr)s + ((uptr)g << GRANULE_SHIFT));
}

/* The span @ptr lies in, according to its tag. */
static inline struct span *span_of(const void *ptr, u32 tag)
{
	return &segment_of(ptr)->span[granule_of(ptr) - TAG_OFFSET(tag)];
}

static inline void *span_base(const struct span *sp)
{
	struct segment *s = segment_of(sp);

	return granule_addr(s, (unsigned int)(sp - s->span));
}

/* The granule behind a span; granule 0 is the segment's header. */
static inline unsigned int span_end(const struct span *sp)
{
	return granule_of(span_base(sp)) + sp->nr_granules;
}

static inline bool span_contains(const struct span *sp, const void *ptr)
{
	return (uptr)ptr - (uptr)span_base(sp) < (uptr)sp->nr_granules
							 << GRANULE_SHIFT;
}

static inline bool span_has_room(const struct span *sp)
{
	return sp->used < sp->capacity;
}

/* Is more than half of its objects here? */
static inline bool span_is_sparse(const struct span *sp)
{
	return 2U * sp->used < sp->capacity;
}

struct segment *segment_create(u8 shard, void *owner) __hidden __must_check;
void segment_reset(struct segment *s) __hidden;
void segment_destroy(struct segment *s) __hidden;
bool segment_is_empty(const struct segment *s) __hidden;
int segment_take(struct segment *s, unsigned int n, unsigned int align,
		 bool *zeroed) __hidden __must_check;
bool segment_take_at(struct segment *s, unsigned int g, unsigned int n)
	__hidden __must_check;
void segment_put(struct segment *s, unsigned int g, unsigned int n) __hidden;
void segment_age(struct segment *s, u32 now_ms) __hidden;
unsigned int segment_purge_begin(struct segment *s, unsigned int *granule)
	__hidden;
void segment_purge_end(struct segment *s, unsigned int g, unsigned int n,
		       bool clean) __hidden;

/* What is wrong with a pointer. */
enum span_error {
	SPAN_OK,
	SPAN_INTERIOR,   /* not the start of an object */
	SPAN_NOT_CARVED, /* never handed out */
	SPAN_DOUBLE,     /* already free */
};

/*
 * A hole: whole pages of the system in a span that is in use, covered by free
 * objects alone. While its pages go, these count as used.
 */
struct span_hole {
	u8 *addr;
	size_t bytes;
	u32 first;  /* object it lies in, with those up to the next one */
	u32 end;    /* the object behind */
	u16 carved; /* of the span, before */
};

struct span *span_create(struct segment *s, unsigned int g, unsigned int n,
			 u8 bin, u32 size) __hidden;
void span_destroy(struct span *sp) __hidden;
void span_resize(struct span *sp, unsigned int n) __hidden;
unsigned int span_take(struct span *sp, void **out, unsigned int n)
	__hidden __must_check;
unsigned int span_put(struct span *sp, void *const *slot, unsigned int n)
	__hidden __must_check;
void *span_next(const struct span *sp, uptr at) __hidden __must_check;
void *span_block(const struct span *sp, const void *ptr) __hidden __must_check;
enum span_error span_check(const struct span *sp, const void *ptr) __hidden;
bool span_hole_begin(struct span *sp, u32 from, struct span_hole *h)
	__hidden __must_check;
void *span_hole_end(struct span *sp, const struct span_hole *h)
	__hidden __must_check;

#endif
