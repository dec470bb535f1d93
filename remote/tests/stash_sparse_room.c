// SPDX-License-Identifier: MIT
/* The ring: so many slots, whatever is in them. */
#include "internal.h"

u32 room_alone(const struct dispatch *d, u32 bin)
{
	(void)d;
	(void)bin;
	return RING_SLOTS;
}

u32 room(const struct dispatch *d, u32 bin)
{
	(void)d;
	return bin == NR_BINS - 1 ? RING_SLOTS : 0;
}

size_t bytes_max(const struct dispatch *d, u32 nr_dst)
{
	(void)nr_dst;
	return RING_SLOTS * d->size(NR_BINS - 1);
}

bool hint_is_clear(const struct stash *st)
{
	return st->head == st->tail;
}

struct magazine *in_the_way(const struct stash *st, u8 bin)
{
	(void)st;
	(void)bin;
	return NULL;
}
