// SPDX-License-Identifier: MIT
/*
 * Holes in spans: pages that lie under free objects alone, given back although
 * the span is in use.
 *
 *	page       |           |           |           |           |
 *	objects  free| out | free | free | free | free | free | out |
 *	hole                   |=======================|
 *
 * Nothing of ours is in a free object, so its pages may go; what is taken from
 * there later begins with a page fault. Holes are looked for when everything is
 * to be given back, as a page that serves again within seconds is cheaper kept.
 *
 * The lock of the owner is not held while the kernel works: meanwhile the
 * objects of the hole look as if they were out, so nobody takes one, nor can
 * the span become empty and go.
 */
#include <hz3/mm/os.h>
#include <hz3/mm/segment.h>

#include "internal.h"

static u32 unit_of(const struct span *sp, u32 i)
{
	return i * sp->size / OBJECT_ALIGN;
}

static bool is_free(const struct span *sp, u32 i)
{
	return i >= sp->carved || test_bit(span_words(sp), unit_of(sp, i));
}

/* The object behind those that are free from @i on. */
static u32 free_until(const struct span *sp, u32 i)
{
	while (i < sp->carved && is_free(sp, i))
		i++;
	return i < sp->carved ? i : sp->capacity;
}

/* Objects @first to @end are free: do they cover a page? */
static bool cover(const struct span *sp, u32 first, u32 end,
		  struct span_hole *h)
{
	uptr base = (uptr)span_base(sp);
	uptr start = ALIGN_UP(base + (uptr)first * sp->size, os_page_size);
	uptr stop = base + (uptr)end * sp->size;

	if (end == sp->capacity) /* what is left behind the last is nobody's */
		stop = base + sp->nr_granules * GRANULE_SIZE;
	if (end > sp->carved && sp->fresh)
		stop = min(stop, ALIGN_UP(base + (uptr)sp->carved * sp->size,
					  os_page_size));
	stop = ALIGN_DOWN(stop, os_page_size);
	if (start >= stop)
		return false;
	h->addr = (u8 *)start;
	h->bytes = stop - start;
	h->first = first;
	h->end = end;
	h->carved = sp->carved;
	return true;
}

static void take(struct span *sp, const struct span_hole *h)
{
	u32 i;

	for (i = h->first; i < h->end && i < h->carved; i++)
		clear_bit(span_words(sp), unit_of(sp, i));
	sp->carved = (u16)max((u32)h->carved, h->end);
	sp->used += (u16)(h->end - h->first);
}

/**
 * span_hole_begin() - take a hole's objects out, to give its pages back
 * @sp: the span, of a size class
 * @from: the first object to look at
 * @h: filled in; the next hole is behind h->end
 *
 * Return: whether there is one.
 */
bool span_hole_begin(struct span *sp, u32 from, struct span_hole *h)
{
	size_t room = (size_t)(sp->capacity - sp->used + 1) * sp->size;
	u32 end;
	u32 i;

	/* One object more: what is left at the span's end is shorter. */
	if (room < os_page_size)
		return false;
	for (i = from; i < sp->capacity; i = end) {
		end = i + 1;
		if (!is_free(sp, i))
			continue;
		end = free_until(sp, i);
		if (cover(sp, i, end, h)) {
			take(sp, h);
			return true;
		}
	}
	return false;
}

/**
 * span_hole_end() - put a hole's objects back
 * @sp: the span
 * @h: what span_hole_begin() has found
 *
 * Return: NULL, or an object of them that somebody has freed meanwhile.
 */
void *span_hole_end(struct span *sp, const struct span_hole *h)
{
	u32 i;

	for (i = h->first; i < h->end; i++) {
		if (test_bit(span_words(sp), unit_of(sp, i)))
			return (u8 *)span_base(sp) + (size_t)i * sp->size;
		if (i < h->carved)
			set_bit(span_words(sp), unit_of(sp, i));
	}
	/* Those never handed out are so again. */
	if (h->end > h->carved)
		sp->carved = h->carved;
	sp->used -= (u16)(h->end - h->first);
	return NULL;
}
