// SPDX-License-Identifier: MIT
/*
 * Spans: objects of one bin in consecutive granules.
 *
 * Objects are carved lazily, so that a page is not touched before somebody
 * needs it, and come back as set bits in the segment's header: one bit per 16
 * bytes, found by address without a division. A bit that is already set is a
 * double free; an address that is no multiple of the object size, or was
 * never carved, is a bad pointer.
 *
 * Guarded by the lock of the owning shard.
 */
#include <hz3/mm/segment.h>

#include "internal.h"

/* To the hot paths everything of a heap's is a run that nobody owns. */
static u8 tag_bin(const struct segment *s, u8 bin)
{
	return s->shard ? bin : BIN_RUN;
}

/**
 * span_create() - turn granules into a span
 * @s: the segment
 * @g: first granule, taken by segment_take()
 * @n: how many granules
 * @bin: size class, or BIN_RUN for one object as long as the span
 * @size: bytes of an object
 *
 * Return: the span, empty and in no list.
 */
struct span *span_create(struct segment *s, unsigned int g, unsigned int n,
			 u8 bin, u32 size)
{
	struct span *sp = &s->span[g];

	list_init(&sp->link);
	sp->size = size & 0x7fffff;
	sp->inverse = bin == BIN_RUN ? 0 :
				       (u32)(((1UL << 32) + size - 1) / size) &
					       0x7fffffff;
	sp->nr_granules = (u16)n;
	sp->capacity = (u16)(bin == BIN_RUN ? 1 : n * GRANULE_SIZE / size);
	sp->used = 0;
	sp->carved = 0;
	sp->purged = 0;
	sp->bin = bin;
	if (bin != BIN_RUN)
		__builtin_memset(span_words(sp), 0,
				 n * WORDS_PER_GRANULE * sizeof(u64));
	pagetag_set(span_base(sp), n, s->shard, tag_bin(s, bin));
	return sp;
}

/**
 * span_destroy() - give the granules of an empty span back
 * @sp: the span, in no list
 */
void span_destroy(struct span *sp)
{
	pagetag_clear(span_base(sp), sp->nr_granules);
	segment_put(segment_of(sp), granule_of(span_base(sp)), sp->nr_granules);
}

/**
 * span_resize() - change the length of a medium run
 * @sp: the run; when it grows, the granules behind it are already taken
 * @n: its new length in granules
 */
void span_resize(struct span *sp, unsigned int n)
{
	struct segment *s = segment_of(sp);
	unsigned int g = granule_of(span_base(sp));
	unsigned int old = sp->nr_granules;

	if (n < old) {
		pagetag_clear(granule_addr(s, g + n), old - n);
		segment_put(s, g + n, old - n);
	} else {
		pagetag_set(span_base(sp), n, s->shard, tag_bin(s, sp->bin));
	}
	sp->nr_granules = (u16)n;
	sp->size = (n * GRANULE_SIZE) & 0x7fffff;
}

/* Objects that came back, lowest address first, stored downwards from @end. */
static void **take_freed(struct span *sp, void **end, unsigned int n)
{
	u64 *words = span_words(sp);
	uptr base = (uptr)span_base(sp);
	unsigned int i;

	for (i = 0; n; i++) {
		u64 w = words[i];

		for (; w && n; n--) {
			unsigned int bit = i * BITS_PER_WORD + ctz64(w);

			*--end = (void *)(base + bit * OBJECT_ALIGN);
			w &= w - 1;
		}
		words[i] = w;
	}
	return end;
}

/**
 * span_take() - take objects out of a span
 * @sp: the span
 * @out: receives their addresses, the lowest last: where a top pops first
 * @n: how many at most
 *
 * Return: how many there were.
 */
unsigned int span_take(struct span *sp, void **out, unsigned int n)
{
	unsigned int got = min(n, (unsigned int)(sp->capacity - sp->used));
	/* What was carved and is not out has its bit set. */
	unsigned int freed = min(got, (unsigned int)(sp->carved - sp->used));
	void **end = out + got;
	u32 size = sp->size;
	uptr next;

	if (freed)
		end = take_freed(sp, end, freed);
	next = (uptr)span_base(sp) + (uptr)sp->carved * size;
	sp->carved += (u16)(got - freed);
	sp->used += (u16)got;
	while (end > out) {
		*--end = (void *)next;
		next += size;
	}
	return got;
}

/*
 * offset / size by multiplication (Granlund & Montgomery, PLDI 1994). The
 * inverse is too large by less than one part in 2^32 / size; so the quotient
 * is right while offset * size < 2^32.
 */
static u32 quotient(u32 offset, u32 inverse)
{
	return (u32)((u64)offset * inverse >> 32);
}

static u32 index_of(const struct span *sp, u32 offset)
{
	return quotient(offset, sp->inverse);
}
static_assert(CONFIG_HZ3_SPAN_MAX_SHIFT + BIN_SIZE_SHIFT_MAX <= 32,
	      "index_of() is exact");

/**
 * span_check() - is this the address of an object that is out
 * @sp: the span its tag leads to
 * @ptr: the address
 *
 * Return: SPAN_OK, or what is wrong with it.
 */
enum span_error span_check(const struct span *sp, const void *ptr)
{
	u32 offset = (u32)((uptr)ptr - (uptr)span_base(sp));
	u32 unit = offset / OBJECT_ALIGN;

	if (sp->bin == BIN_RUN)
		return offset ? SPAN_INTERIOR : SPAN_OK;
	if (index_of(sp, offset) * sp->size != offset)
		return SPAN_INTERIOR;
	if (offset >= (u32)sp->carved * sp->size)
		return SPAN_NOT_CARVED;
	if (test_bit(span_words(sp), unit))
		return SPAN_DOUBLE;
	return SPAN_OK;
}

/**
 * span_block() - the object an address lies in
 * @sp: the span its tag leads to
 * @ptr: the address
 *
 * Return: the object's start, or NULL when it is not out.
 */
void *span_block(const struct span *sp, const void *ptr)
{
	u32 offset = (u32)((uptr)ptr - (uptr)span_base(sp));
	u8 *obj = span_base(sp);

	if (sp->bin != BIN_RUN)
		obj += index_of(sp, offset) * sp->size;
	return span_check(sp, obj) == SPAN_OK ? obj : NULL;
}

/**
 * span_next() - the first object that is out, from an address on
 * @sp: the span
 * @at: an address in it
 *
 * Return: the object's start, at or above @at, or NULL.
 */
void *span_next(const struct span *sp, uptr at)
{
	u32 offset = (u32)(at - (uptr)span_base(sp));
	u32 i = sp->bin == BIN_RUN ? 0 : index_of(sp, offset);

	if (i * sp->size < offset)
		i++;
	for (; i < sp->carved; i++) {
		u8 *obj = (u8 *)span_base(sp) + (size_t)i * sp->size;

		if (span_check(sp, obj) == SPAN_OK)
			return obj;
	}
	return NULL;
}

/**
 * span_put() - put objects back
 * @sp: the span, of a size class
 * @slot: addresses, the first of which lies in it
 * @n: how many
 *
 * Stops at an address elsewhere or at one that span_check() refuses.
 *
 * Return: how many were put back.
 */
unsigned int span_put(struct span *sp, void *const *slot, unsigned int n)
{
	u64 *words = span_words(sp);
	uptr base = (uptr)span_base(sp);
	u32 size = sp->size; /* not read again after each store to words */
	u32 inverse = sp->inverse;
	u32 end = (u32)sp->carved * size;
	u32 word = 0;
	u64 bits = words[0]; /* of that word: neighbours share it */
	unsigned int i;

	for (i = 0; i < n; i++) {
		uptr offset = (uptr)slot[i] - base;
		u32 unit = (u32)offset / OBJECT_ALIGN;

		if (offset >= end ||
		    quotient((u32)offset, inverse) * size != offset)
			break;
		if (unit / BITS_PER_WORD != word) {
			words[word] = bits;
			word = unit / BITS_PER_WORD;
			bits = words[word];
		}
		if (bits & BIT64(unit % BITS_PER_WORD))
			break;
		bits |= BIT64(unit % BITS_PER_WORD);
	}
	words[word] = bits;
	sp->used -= (u16)i;
	sp->purged = 0;
	return i;
}
